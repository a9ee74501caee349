//! The life of a message: open the session, understand, ask the playbook, compose, guard, commit,
//! and ask for the effects. Start here.
//!
//! The engine decides with plain functions and awaits its ports only to sequence them. The one
//! decision that surprises: where the model has to write, the outbox entry is committed *before*
//! decoding starts, so that a crash in the middle repeats the turn into the same entry and the
//! customer never sees a second message.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::{
    Action, Burst, Command, Decision, Effect, Happening, InboundEvent, Interrupt, Language,
    LedgerEvent, LocalText, OutboxEntry, OutboxState, Owner, Press, Purpose, Source, Speaker,
    TracedRule, TracedUnderstanding, TurnTrace,
    clean::TextKind,
    compose::{self, Draft, Part, compose},
    desk::{Board, DeskBook},
    ports::{
        Clock, Commit, Deliveries, Erasure, Knowledge, LanguageModel, MediaReader, MediaStore,
        Outlet, Playbooks, Sampling, SessionChange, Store, StoreError,
    },
    wording,
};

mod attachments;
mod card;
mod desk;
mod facts;
mod failing;
mod hearing;
mod looking;
mod open_turn;
mod opening;
mod people;
mod pinning;
mod quiet;
mod review;
mod suggesting;
mod waiting;
mod writing;

pub use facts::FactCache;
pub use failing::Crowded;

use attachments::Unread;
use desk::erasing::no_timers_but_erasure;
use open_turn::{OpenTurn, Reply, reply_entry};
use writing::{Writing, Written};

/// The turn engine and all that it needs of the world.
pub struct Engine {
    /// Sessions, inbox, outbox, ledger.
    pub store: Arc<dyn Store>,
    /// Writes where no fact answers.
    pub model: Arc<dyn LanguageModel>,
    /// The sales managers' rules: which version of them serves whom.
    pub playbooks: Arc<dyn Playbooks>,
    /// The company's facts.
    pub knowledge: Arc<dyn Knowledge>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How replies are made.
    pub settings: EngineSettings,
    /// What the guard knows of the company; begin with the default.
    pub facts: FactCache,
    /// Where customers' files are.
    pub media: Arc<dyn MediaStore>,
    /// Read what is no text, each its kinds of files; none is needed.
    pub readers: Vec<Arc<dyn MediaReader>>,
    /// The people who answer besides the bot, and where.
    pub desks: DeskBook,
    /// Who of them is away, and how long customers waited lately.
    pub board: Board,
    /// What became of what was to be said.
    pub deliveries: Arc<dyn Deliveries>,
    /// Forgets conversations for ever.
    pub eraser: Arc<dyn Erasure>,
}

/// How replies are made.
#[derive(Clone, Debug, PartialEq)]
pub struct EngineSettings {
    /// The language of a conversation that has not shown its own yet.
    pub language: Language,
    /// The words of the AI disclosure, where the company has its own.
    pub disclosure: Option<LocalText>,
    /// Whether the model reads answers that rules cannot read.
    pub reads_answers: bool,
    /// Tokens of one reply, at the most.
    pub max_tokens: usize,
    /// Time for one draft, at the most.
    pub time_limit: Duration,
    /// How to choose tokens.
    pub sampling: Sampling,
    /// What holds the model to facts.
    pub guard: GuardSettings,
    /// Pause before a full model queue is tried again.
    pub busy_pause: Duration,
    /// How often a full queue is tried before the engine gives up.
    pub busy_tries: u32,
}

/// What holds the model to facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardSettings {
    /// Off shows customers whatever the model writes: for measuring what that would be.
    pub on: bool,
    /// Words and phrases that the model never writes, in capitals or not.
    pub never_written: Vec<String>,
}

impl Default for GuardSettings {
    fn default() -> Self {
        Self {
            on: true,
            never_written: Vec::new(),
        }
    }
}

/// What a turn came to, for the log. Holds no words of the customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnReport {
    /// Where the reply came from, part by part.
    pub sources: Vec<Source>,
    /// What went wrong and was answered by a reviewed text, in the ports' words.
    pub problems: Vec<String>,
}

/// How a turn ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TurnEnd {
    /// It was answered, or needed no answer.
    Answered(TurnReport),
    /// The customer wrote again while the model was writing: nothing is answered yet, and the
    /// next turn answers all of it, in the same place.
    Interrupted,
}

impl Engine {
    /// Answers a burst. On [`StoreError::Conflict`] nothing was changed: call again.
    pub async fn turn(
        &self,
        burst: &Burst,
        outlet: &dyn Outlet,
        interrupt: &Interrupt,
    ) -> Result<TurnEnd, StoreError> {
        if let InboundEvent::AtDesk(at) = &burst.first().event {
            return self.at_desk(burst, at, outlet).await;
        }
        if let InboundEvent::Fired {
            purpose: Purpose::Erase,
            ..
        } = &burst.first().event
        {
            self.eraser.erase(burst.conversation()).await?;
            return Ok(TurnEnd::Answered(TurnReport::default()));
        }
        let (read, unread) = self.read_attachments(burst).await;
        let mut open = self.open(burst, &read).await?;
        open.turn.unread_files = u32::try_from(unread.len()).unwrap_or(u32::MAX);
        if let InboundEvent::Fired { purpose, set_at } = &burst.first().event
            && purpose.is_for_desk()
        {
            let fired = (purpose, *set_at);
            return self.look_at_people(burst, open, fired, outlet).await;
        }
        people::without_desks(&self.desks.now(), &mut open);
        let is_reset = matches!(
            burst.first().event,
            InboundEvent::Command {
                command: Command::Reset
            }
        );
        let owner = &open.session.owner;
        if owner.is_person() || owner.concerns_people() && is_reset {
            return self.relay(burst, open, outlet).await;
        }
        people::reopen(burst, &mut open);
        if is_reset {
            return self.reset(open, outlet).await;
        }
        if let Some(silent) = quiet::silently(burst, &open) {
            return self.commit_silently(burst, open, (silent, outlet)).await;
        }
        let drafted_at = self.clock.now();
        let Some(failed) = self.read_by_model(burst, &mut open, interrupt).await else {
            return Ok(TurnEnd::Interrupted);
        };
        let mut draft = self.draft(burst, &unread, &mut open);
        draft.happenings.extend(failed);
        let written = self.finish(draft, &mut open, outlet, interrupt).await?;
        let since = self.since(drafted_at);
        open.trace.spent.write_us = since.saturating_sub(open.trace.spent.playbook_us);
        match written {
            Some(mut reply) => {
                review::review(&mut open, &mut reply);
                self.call_people(burst, &mut open, &mut reply).await?;
                self.commit(burst, open, reply, outlet).await
            }
            None => Ok(TurnEnd::Interrupted),
        }
    }

    /// Microseconds since then; none where the clock went back.
    fn since(&self, then: Timestamp) -> u64 {
        let passed = self.clock.now().duration_since(then);
        u64::try_from(passed.as_micros()).unwrap_or(0)
    }

    /// From an event to a draft: reviewed wording where it is enough, otherwise the playbook.
    fn draft(&self, burst: &Burst, unread: &[Unread], open: &mut OpenTurn) -> Draft {
        let mut draft = Draft::default();
        // What is asked from here on is not what was asked before.
        open.session.to_confirm = None;
        let language = open.session.language;
        if !open.session.disclosed {
            let company = &open.turn.catalog.company.name;
            draft.word("disclosure", self.disclosure(language, company));
            open.session.disclosed = true;
        }
        match &burst.first().event {
            InboundEvent::Command {
                command: Command::Help,
            } => {
                let company = &open.turn.catalog.company.name;
                draft.word("help", wording::help(language, company));
            }
            InboundEvent::Unsupported { .. } => {
                let what = burst.unsupported();
                draft.word("unsupported", wording::unsupported(language, what));
            }
            InboundEvent::Fired { purpose, .. } => quiet::comes_back(purpose, open, &mut draft),
            InboundEvent::Edited { text } => {
                quiet::offer_correction(text, burst, open, &mut draft);
            }
            InboundEvent::Pressed { press } if press.parse() == Ok(Press::Snooze) => {
                quiet::snooze(open, &mut draft);
            }
            InboundEvent::Pressed { .. } if open.said.text.is_empty() => {
                draft.word("old_button", wording::old_button(language));
            }
            InboundEvent::Message { .. } => {
                attachments::note(burst, unread, language, &mut draft);
                let album = burst.inbounds().filter_map(|it| it.album.as_ref()).last();
                if let Some(album) = album {
                    open.session.album = Some(album.clone());
                }
                self.answer_message(unread, open, &mut draft);
            }
            _ => self.play(open, &mut draft),
        }
        draft
    }

    /// The answer to written words, or to the want of them.
    fn answer_message(&self, unread: &[Unread], open: &mut OpenTurn, draft: &mut Draft) {
        let language = open.session.language;
        let declining = wording::beside_declining(&open.said.text);
        match open.said.kind {
            TextKind::Empty if !unread.is_empty() => {}
            TextKind::Empty => draft.word("empty", wording::empty(language)),
            TextKind::EmojiOnly => draft.word("emoji_only", wording::emoji_only(language)),
            _ if declining.is_some() => {
                open.session.follow_ups_declined = true;
                draft.happenings.push(Happening::FollowUpsDeclined);
                draft.word("declined", wording::declined(language));
                let rest = declining.unwrap_or_default();
                if !rest.is_empty() {
                    open.turn.text = rest;
                    self.play(open, draft);
                }
            }
            TextKind::TooLong { .. } => {
                draft.word("only_the_beginning", wording::only_the_beginning(language));
                self.play(open, draft);
            }
            TextKind::Words => self.play(open, draft),
        }
    }

    fn disclosure(&self, language: Language, company: &str) -> String {
        match &self.settings.disclosure {
            Some(own) => own.get(language).to_owned(),
            None => wording::disclosure(language, company),
        }
    }

    /// Runs the playbook. A playbook that fails is answered by facts, and noted.
    fn play(&self, open: &mut OpenTurn, draft: &mut Draft) {
        if matches!(open.session.owner, Owner::Waiting { .. }) {
            return people::say_what_is_sure(open, draft);
        }
        let asked_at = self.clock.now();
        let decision = open.playbook.answer(&open.turn).unwrap_or_else(|error| {
            draft.happenings.push(Happening::PlaybookFailed {
                reason: error.to_string(),
            });
            Decision::from(vec![Action::Answer])
        });
        let problems = decision.problems.iter().cloned();
        let failed = problems.map(|reason| Happening::PlaybookFailed { reason });
        draft.happenings.extend(failed);
        open.trace.spent.playbook_us = self.since(asked_at);
        open.trace.rules = TracedRule::of_decision(&decision);
        let writes = self.model.card().languages.contains(&open.session.language);
        self.offer_anew(&decision.actions, open);
        let composed = compose(&decision.actions, &open.turn, &mut open.session, writes);
        draft.parts.extend(composed.parts);
        draft.computed.extend(composed.computed);
        draft.happenings.extend(composed.happenings);
        draft.card = composed.card;
        draft.timers = composed.timers;
    }

    /// Has the model write what is not ready, sentence by guarded sentence. `None` when the
    /// customer wrote again meanwhile.
    async fn finish(
        &self,
        draft: Draft,
        open: &mut OpenTurn,
        outlet: &dyn Outlet,
        interrupt: &Interrupt,
    ) -> Result<Option<Reply>, StoreError> {
        let mut reply = Reply {
            happenings: draft.happenings,
            card: draft.card,
            ..Reply::default()
        };
        let reachable = open.turn.reachable;
        for (after_minutes, purpose) in draft.timers.into_iter().filter(|_| reachable) {
            reply.set(quiet::timer(after_minutes, purpose, open));
        }
        for part in draft.parts {
            if let Part::Ready { text, source } = part {
                reply.add(&text, source);
                continue;
            }
            self.open_entry(&reply, open, outlet).await?;
            let writing = Writing {
                engine: self,
                open,
                computed: &draft.computed,
                before: &reply.text,
                interrupt,
            };
            match writing.run(outlet).await {
                Some(written) => self.settle(written, open, &mut reply),
                None => return Ok(None),
            }
        }
        Ok(Some(reply))
    }

    /// Commits the entry that the model is about to write into.
    async fn open_entry(
        &self,
        reply: &Reply,
        open: &mut OpenTurn,
        outlet: &dyn Outlet,
    ) -> Result<(), StoreError> {
        outlet
            .perform(Effect::Typing(open.entry.address.clone()))
            .await;
        open.entry.text.clone_from(&reply.text);
        let commit = Commit {
            outbox: vec![open.entry.clone()],
            waiting: open.answers.clone(),
            ..Commit::of(open.entry.conversation, open.version)
        };
        open.version = self.store.commit(commit).await?;
        Ok(())
    }

    /// What becomes of the model's part: its text, or a reviewed one and perhaps a person.
    fn settle(&self, written: Written, open: &mut OpenTurn, reply: &mut Reply) {
        let mut draft = Draft::default();
        let session = &mut open.session;
        let (language, now) = (session.language, self.clock.now());
        reply.happenings.extend(written.judged);
        if let Some(reason) = written.failure {
            draft.word("apology", wording::apology(language));
            reply.happenings.push(Happening::ModelFailed { reason });
            compose::escalate("the model could not answer", now, session, &mut draft);
        } else if written.text.is_empty() {
            compose::unanswered(language, now, session, &mut draft);
        } else {
            session.unanswered = 0;
            reply.sure_permille = written.sure_permille;
            draft.say(written.text, Source::Model);
        }
        reply.happenings.append(&mut draft.happenings);
        for part in draft.parts {
            if let Part::Ready { text, source } = part {
                reply.add(&text, source);
            }
        }
    }

    /// One atomic step writes the session, the reply, what happened, and the inbound's done mark.
    async fn commit(
        &self,
        burst: &Burst,
        mut open: OpenTurn,
        reply: Reply,
        outlet: &dyn Outlet,
    ) -> Result<TurnEnd, StoreError> {
        let report = reply.report();
        let mut session = open.session;
        session.turns += 1;
        let declined = reply.happenings.contains(&Happening::FollowUpsDeclined);
        let timers = quiet::timers(reply.timers, declined, &mut session);
        let trace = TurnTrace {
            stage: open.turn.stage,
            awaiting: open.turn.awaiting,
            understood: TracedUnderstanding::from(&open.turn.understanding),
            ..open.trace
        };
        let answered = Happening::Answered {
            inbound: open.answers.clone(),
            said: open.said.text.clone(),
            replied: reply.text.clone(),
            sources: reply.sources,
            language: session.language,
            playbook: session.playbook.clone(),
            trace: Some(Box::new(trace)),
        };
        let mut happenings = open.happenings;
        happenings.extend(reply.happenings);
        let won = open_turn::deal(&*open.playbook, &mut session, &happenings);
        happenings.extend(won);
        let said = std::mem::take(&mut open.said.text);
        let spoken = (said.as_str(), reply.text.as_str());
        if !said.is_empty() {
            session.remember(Speaker::Customer, said.as_str());
            session.last_said_at = Some(open.turn.now);
        }
        if !reply.text.is_empty() {
            session.remember(Speaker::Bot, reply.text.as_str());
        }
        let desk = self.tell_people(burst, &mut session, &mut happenings, spoken);
        happenings.push(answered);
        open.entry.text = reply.text;
        open.entry.card = reply.card;
        open.entry.state = OutboxState::Ready;
        let mut outbox = vec![open.entry];
        outbox.extend(desk);
        let commit = Commit {
            session: SessionChange::Put(Box::new(session)),
            outbox: outbox.clone(),
            ledger: self.at_this_time(happenings),
            timers,
            answered: open.answers,
            ..Commit::of(burst.conversation(), open.version)
        };
        self.store.commit(commit).await?;
        deliver(outbox, outlet).await;
        Ok(TurnEnd::Answered(report))
    }

    /// Forgets the session. The customer reads so; the ledger keeps that it happened.
    async fn reset(&self, mut open: OpenTurn, outlet: &dyn Outlet) -> Result<TurnEnd, StoreError> {
        wording::forgotten(open.session.language).clone_into(&mut open.entry.text);
        open.entry.state = OutboxState::Ready;
        let commit = Commit {
            session: SessionChange::Forget,
            outbox: vec![open.entry.clone()],
            ledger: self.at_this_time([Happening::Reset]),
            timers: no_timers_but_erasure(open.entry.conversation, open.session.case.as_deref()),
            answered: open.answers,
            ..Commit::of(open.entry.conversation, open.version)
        };
        self.store.commit(commit).await?;
        outlet.perform(Effect::Deliver(open.entry)).await;
        let sources = vec![Source::Wording("forgotten".to_owned())];
        Ok(TurnEnd::Answered(TurnReport {
            sources,
            problems: Vec::new(),
        }))
    }

    fn at_this_time(&self, happenings: impl IntoIterator<Item = Happening>) -> Vec<LedgerEvent> {
        let at = self.clock.now();
        happenings
            .into_iter()
            .map(|what| LedgerEvent { at, what })
            .collect()
    }
}

/// Has committed entries delivered, in order.
async fn deliver(entries: Vec<OutboxEntry>, outlet: &dyn Outlet) {
    for entry in entries {
        outlet.perform(Effect::Deliver(entry)).await;
    }
}
