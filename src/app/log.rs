//! The log lines of the serving process, on one page: what is said, at which level, with which
//! fields. Never bodies, names or tokens.

use std::path::Path;

use consultant_core::{
    ConversationId, InboundKey, OutboxId, PlaybookVersion, Proof, ReleaseEvent,
    engine::TurnReport,
    ports::{EncoderError, StoreError},
};
use consultant_store::VectorFileError;

use crate::{
    diagnostics::Diagnostic,
    goods::{FeedError, Fetched},
    release::told,
};

/// Documents that look wrong and are told one by one.
const DOCUMENTS_TOLD: usize = 10;

/// `info`: a channel set serves.
pub(crate) fn serving(resumed: usize, channels: &[String]) {
    tracing::info!(resumed, ?channels, "serving");
}

/// `info`: customers are understood by their words alone.
pub(crate) fn without_encoder() {
    tracing::info!(
        "no sentence encoder: questions are understood by their words alone \
         (`consultant model fetch` fetches one)"
    );
}

/// `warn`: what the company states is encoded anew at each start, which takes longer.
pub(crate) fn vectors_not_kept(file: &Path, error: &VectorFileError) {
    tracing::warn!(error = %error, file = %file.display(),
        "vectors cannot be kept in this file; if it is broken, delete it and they are made anew");
}

/// `warn`: the encoder failed; until it works again, customers are understood by their words alone.
pub(crate) fn message_not_encoded(error: &EncoderError) {
    tracing::warn!(cause = %error.cause, "a message cannot be encoded");
}

/// `warn`: the encoder failed; customers are understood by their words alone.
pub(crate) fn not_encoded(error: &EncoderError) {
    tracing::warn!(cause = %error.cause, "the reviewed answers cannot be encoded");
}

/// `warn`: the playbook serves, and something in it looks wrong.
pub(crate) fn playbook_warned(warnings: usize) {
    tracing::warn!(
        warnings,
        "`consultant check` has warnings about the playbook"
    );
}

/// `warn`: what lies in the folder is not what customers get.
pub(crate) fn files_not_published(files: &PlaybookVersion, live: &PlaybookVersion) {
    tracing::warn!(%files, %live,
        "the scripts differ from what is live; `consultant playbook publish` brings them");
}

/// `info`: catalogue or FAQ were changed, and serve.
pub(crate) fn facts_renewed((products, answers): (usize, usize), documents: usize) {
    tracing::info!(
        products,
        answers,
        documents,
        "catalogue, FAQ or documents were changed and serve"
    );
}

/// `error` where a document cannot be read and a manager must act, else `warn`; the others serve, and
/// of one that was read before, what it said then.
pub(crate) fn documents_look_wrong(problems: &[consultant_knowledge::Problem]) {
    let (wrong, doubtful): (Vec<_>, Vec<_>) = problems.iter().partition(|it| !it.is_warning);
    wrong
        .into_iter()
        .take(DOCUMENTS_TOLD)
        .for_each(document_wrong);
    doubtful
        .into_iter()
        .take(DOCUMENTS_TOLD)
        .for_each(document_doubtful);
}

fn document_wrong(problem: &consultant_knowledge::Problem) {
    let (file, line, wrong) = (&problem.file, problem.line, &problem.message);
    tracing::error!(
        file,
        line,
        wrong,
        "a document cannot be used; all others serve (`consultant check` names every such one)"
    );
}

fn document_doubtful(problem: &consultant_knowledge::Problem) {
    let (file, line, wrong) = (&problem.file, problem.line, &problem.message);
    tracing::warn!(
        file,
        line,
        wrong,
        "a document looks wrong (`consultant check` names every such one)"
    );
}

/// `info`: other goods came from elsewhere, and whoever takes them in says so; `error` where they are
/// not right and a person must act: the goods that were fetched last serve.
pub(crate) fn goods_came(from: &str, fetched: &Fetched) {
    match fetched {
        Fetched::Kept => tracing::info!(from, "other goods were fetched"),
        Fetched::Same => {}
        Fetched::Wrong(problems) => goods_wrong(from, problems),
    }
}

fn goods_wrong(from: &str, problems: &[Diagnostic]) {
    let first = problems.first();
    let line = first.and_then(|problem| problem.line);
    let first = first.map(|problem| problem.message.as_str());
    tracing::error!(
        from,
        errors = problems.len(),
        line,
        first,
        "the goods that were fetched are not right; those before serve (`consultant catalog refresh`)"
    );
}

/// `warn`: tried again later; the goods that were fetched last serve.
pub(crate) fn goods_not_fetched(from: &str, error: &FeedError) {
    tracing::warn!(from, error = %error, "goods could not be fetched; those before serve");
}

/// `error`: a changed catalogue or FAQ is taken in once the store can be asked whether it fits.
pub(crate) fn facts_wait(error: &StoreError) {
    tracing::error!(error = %error,
        "a changed catalogue or FAQ waits: whether the playbook fits it cannot be told");
}

/// `error`: reading catalogue and FAQ broke off; the last good facts serve.
pub(crate) fn facts_not_read(error: &tokio::task::JoinError) {
    tracing::error!(error = %error, "reading catalogue and FAQ broke off; what they held before serves");
}

/// `error`: a manager must act; the last good facts serve.
pub(crate) fn facts_broken(problems: &[Diagnostic]) {
    let first = problems.first();
    let file = first.map(|problem| problem.file.as_str());
    let line = first.and_then(|problem| problem.line);
    let first = first.map(|problem| problem.message.as_str());
    tracing::error!(
        errors = problems.len(),
        file,
        line,
        first,
        "catalogue or FAQ are broken; what they held before serves (`consultant check`)"
    );
}

/// `error`: a manager must act; the last good facts serve.
pub(crate) fn facts_do_not_fit(misfits: &[Diagnostic], live: &PlaybookVersion) {
    let first = misfits.first().map(|problem| problem.message.as_str());
    tracing::error!(errors = misfits.len(), first, %live,
        "catalogue or FAQ lack what the live playbook needs; what they held before serves \
         (publish a playbook that fits them: `consultant playbook publish`)");
}

/// `error`: a manager must act; what was published last serves.
pub(crate) fn files_broken(problems: &[Diagnostic], live: &PlaybookVersion) {
    let first = problems.first();
    let file = first.map(|problem| problem.file.as_str());
    let first = first.map(|problem| problem.message.as_str());
    tracing::error!(errors = problems.len(), file, first, %live,
        "the scripts or their conversations are broken; the version that was published last serves (`consultant check`)");
}

/// `warn`: the first start found no conversation that could speak for the playbook.
pub(crate) fn published_unplayed(version: &PlaybookVersion) {
    tracing::warn!(%version,
        "published at the first start; no conversation of scripts/tests was played");
}

/// `info`: a changed script, and how it came out.
pub(crate) fn version_offered(version: &PlaybookVersion, proof: &Proof) {
    tracing::info!(%version, played = proof.tests_played, failed = proof.tests_failed,
        warnings = proof.warnings,
        "the scripts were changed; `consultant playbook publish` brings them to customers");
}

/// `warn`: what lies there is not published by itself, because somebody decided otherwise.
pub(crate) fn left_to_people(version: &PlaybookVersion, why: &str) {
    tracing::warn!(%version, why,
        "the changed scripts were not published; `consultant playbook publish` does it");
}

/// `warn`: a changed script was not fit to be published.
pub(crate) fn not_published(reason: &str) {
    tracing::warn!(reason, "the changed scripts were not published");
}

/// `info`: what was decided about versions, here or elsewhere.
pub(crate) fn decided(event: &ReleaseEvent) {
    let (number, author) = (event.number, event.author.as_str());
    let what = told(&event.what);
    tracing::info!(number, author, what, "decided about the playbook");
}

/// `warn`: the history lacks that somebody was refused.
pub(crate) fn attempt_not_noted(error: &dyn std::error::Error) {
    tracing::warn!(error = %error, "that a version was refused could not be noted");
}

/// `error`: what served goes on serving.
pub(crate) fn decisions_unread(error: &dyn std::error::Error) {
    tracing::error!(error = %error,
        "what was decided about the playbook cannot be read; what is live stays live");
}

/// `error`: conversations that began with it go on with another one.
pub(crate) fn version_unread(version: &PlaybookVersion, error: &dyn std::error::Error) {
    tracing::error!(%version, error = %error,
        "this version of the playbook cannot be read (`consultant store verify`)");
}

/// `error`: what served goes on serving.
pub(crate) fn version_does_not_fit(version: &PlaybookVersion, problems: &[Diagnostic]) {
    let first = problems.first().map(|problem| problem.message.as_str());
    tracing::error!(%version, errors = problems.len(), first,
        "this version of the playbook does not fit the catalogue and the FAQ that serve; the one \
         before serves on until they fit");
}

/// `error`: conversations that began with it go on with another one.
pub(crate) fn version_not_kept(version: &PlaybookVersion) {
    tracing::error!(%version, "this version of the playbook is not kept");
}

/// `error`: conversations that began with it go on with another one.
pub(crate) fn version_does_not_run(version: &PlaybookVersion, problems: &[Diagnostic]) {
    let first = problems.first().map(|problem| problem.message.as_str());
    tracing::error!(%version, errors = problems.len(), first,
        "this version of the playbook does not run with this program");
}

/// `error`: a channel ended by itself.
pub(crate) fn channel_ended(channel: &str, error: &str) {
    tracing::error!(channel, error, "a channel ended");
}

/// `error`: a bug; the process stops.
pub(crate) fn broken(what: &str) {
    tracing::error!(
        what,
        "a part of the process broke (a bug, please report it); stopping"
    );
}

/// `error`: a bug; the conversation goes on with the next sweep of the store.
pub(crate) fn lane_broken(conversation: ConversationId) {
    tracing::error!(conversation.id = %conversation,
        "the work of a conversation broke (a bug, please report it); it is taken up again");
}

/// `error`: the stop's deadline passed.
pub(crate) fn stopped_late(tasks: usize) {
    if tasks > 0 {
        tracing::error!(
            tasks,
            "some tasks did not end in time; their work is stored"
        );
    }
}

/// `warn`: the next delivery to the old name finds out again.
pub(crate) fn not_moved(entry: &OutboxId, error: &dyn std::error::Error) {
    tracing::warn!(outbox.id = %entry, error = %error, "that a place has moved was not noted");
}

/// `error`: a person must look at it.
pub(crate) fn buried(conversation: ConversationId, key: &InboundKey, reason: &str) {
    tracing::error!(conversation.id = %conversation, inbound.key = %key, reason,
        "a message could not be answered; it lies with the dead letters (`consultant inbox list`)");
}

/// `warn`: a turn failed and will be tried again.
pub(crate) fn failed(conversation: ConversationId, failures: u32, error: &dyn std::error::Error) {
    tracing::warn!(conversation.id = %conversation, failures, error = %error, "a turn failed");
}

/// `error`: timers are late until the store is back.
pub(crate) fn timers_unread(error: &dyn std::error::Error) {
    tracing::error!(error = %error, "timers could not be read");
}

/// `info` for the turn; `error` for each thing that had to be replaced by a reviewed text.
pub(crate) fn answered(conversation: ConversationId, report: &TurnReport) {
    for problem in &report.problems {
        replaced(conversation, problem);
    }
    tracing::info!(conversation.id = %conversation, sources = ?report.sources, "turn answered");
}

fn replaced(conversation: ConversationId, problem: &str) {
    tracing::error!(conversation.id = %conversation, problem,
        "a turn was answered by a reviewed text because something failed");
}

/// `warn`: the turn is repeated when the store is back.
pub(crate) fn waits_for_store(conversation: ConversationId, error: &dyn std::error::Error) {
    tracing::warn!(conversation.id = %conversation, error = %error, "a turn waits for the store");
}

/// `warn`: the answer comes without the line.
pub(crate) fn not_asked_for_patience(conversation: ConversationId, error: &dyn std::error::Error) {
    tracing::warn!(conversation.id = %conversation, error = %error,
        "a customer who writes too fast was not asked for patience");
}

/// `error`: the turn is given up until the next start.
pub(crate) fn kept(conversation: ConversationId, error: &dyn std::error::Error) {
    tracing::error!(conversation.id = %conversation, error = %error,
        "a turn could not be answered; its message stays in the store");
}

/// `warn`: a passing fault of the platform.
pub(crate) fn delivery_repeats(entry: &OutboxId, error: &dyn std::error::Error) {
    tracing::warn!(outbox.id = %entry, error = %error, "a delivery will be repeated");
}

/// `error`: the customer will not get this reply.
pub(crate) fn undeliverable(entry: &OutboxId, error: &dyn std::error::Error) {
    tracing::error!(outbox.id = %entry, error = %error, "a reply cannot be delivered");
}

/// `info`: who answers customers was changed, and counts.
pub(crate) fn desks_renewed(agents: usize) {
    tracing::info!(
        agents,
        "who answers customers was changed, and counts from now on"
    );
}

/// `error`: a manager must act; who answered before goes on.
pub(crate) fn desks_not_renewed(problems: &[Diagnostic]) {
    for problem in problems {
        tracing::error!(problem = %problem.message, file = %problem.file, line = problem.line,
            "who answers customers cannot be read; those who did go on");
    }
}

/// `info`: the bot does not say it, because a person has the conversation by now.
pub(crate) fn withheld(entry: &OutboxId) {
    tracing::info!(outbox.id = %entry, "a person took the conversation over before this was said");
}

/// `warn`: a line stands for a file that people sent one another.
pub(crate) fn file_not_sent(entry: &OutboxId, error: &dyn std::error::Error) {
    tracing::warn!(outbox.id = %entry, error = %error, "a file was not passed on");
}

/// `error`: an entry for a channel that this process does not serve.
pub(crate) fn no_channel(entry: &OutboxId) {
    tracing::error!(outbox.id = %entry, "no channel is open for a reply");
}

/// `warn`: an outdated message stays in front of the customer.
pub(crate) fn not_taken_back(entry: &OutboxId, error: &dyn std::error::Error) {
    tracing::warn!(outbox.id = %entry, error = %error, "an outdated message cannot be taken back");
}

/// `error`: after a crash this delivery could be repeated.
pub(crate) fn not_noted(entry: &OutboxId, error: &dyn std::error::Error) {
    tracing::error!(outbox.id = %entry, error = %error, "a delivery was not noted");
}
