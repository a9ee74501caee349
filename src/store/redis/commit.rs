//! The one commit of a turn.

use consultant_core::{
    OutboxEntry, TimerChange,
    ports::{Commit, SessionChange, StoreError},
};

use super::{GRACE, RedisStore, scripts::Call};
use crate::{
    record::{encode, encode_entry, has_ended, state_name},
    times::Stamp,
};

impl RedisStore {
    pub(super) async fn commit_once(
        &self,
        commit: &Commit,
        token: &str,
        stamp: Stamp,
    ) -> Result<u64, StoreError> {
        let call = self.commit_call(commit, token, stamp)?;
        let mut pipeline = self.listed(commit.conversation, stamp);
        // Before the step, so that a crash cannot leave a timer of which nobody knows; and after
        // it, because meanwhile somebody may have found no timer here and tidied up.
        let earliest = earliest(&commit.timers);
        self.list_due(&mut pipeline, commit.conversation, earliest);
        pipeline.add_command(call.command());
        self.list_due(&mut pipeline, commit.conversation, earliest);
        let (outcome,): (i64,) = self.link.send("committing a turn", &pipeline).await?;
        u64::try_from(outcome).map_err(|_| refusal(commit, outcome))
    }

    fn commit_call(&self, commit: &Commit, token: &str, stamp: Stamp) -> Result<Call, StoreError> {
        let keys = self.keys.of(commit.conversation);
        let mut call = Call::commit()
            .key(&keys.state)
            .key(&keys.session)
            .key(&keys.inbox)
            .key(&keys.pending)
            .key(&keys.ledger)
            .key(&keys.failures)
            .key(&keys.ended)
            .key(&keys.timers)
            .key(&keys.due)
            .keys(commit.outbox.iter().map(|entry| keys.entry(&entry.id)))
            .arg(commit.expected_version)
            .arg(token)
            .arg(stamp.now)
            .arg(stamp.forget_before)
            .arg(self.keep())
            .arg(commit.answered.len());
        for key in &commit.answered {
            call = call.arg(key.as_str());
        }
        call = call.arg(commit.waiting.len());
        for key in &commit.waiting {
            call = call.arg(key.as_str());
        }
        call = self.with_session(call, &commit.session, stamp)?;
        call = call.arg(commit.outbox.len());
        for entry in &commit.outbox {
            call = with_entry(call, entry)?;
        }
        call = call.arg(commit.ledger.len());
        for event in &commit.ledger {
            call = call.arg(encode("a ledger event", event)?);
        }
        call = call.arg(commit.timers.len());
        for change in &commit.timers {
            call = with_timer(call, change)?;
        }
        Ok(call)
    }

    fn with_session(
        &self,
        call: Call,
        change: &SessionChange,
        stamp: Stamp,
    ) -> Result<Call, StoreError> {
        Ok(match change {
            SessionChange::Keep => call.arg("keep"),
            SessionChange::Forget => call.arg("forget"),
            SessionChange::Put(session) => call
                .arg("put")
                .arg(encode("a session", session)?)
                .arg(stamp.session_ends)
                .arg(self.times.session_timeout().saturating_add(GRACE)),
        })
    }
}

/// A call with the arguments of an entry.
pub(super) fn with_entry(call: Call, entry: &OutboxEntry) -> Result<Call, StoreError> {
    let mut call = call
        .arg(entry.id.as_str())
        .arg(encode_entry(entry)?)
        .arg(state_name(entry.state))
        .arg(u8::from(has_ended(entry.state)))
        .arg(entry.shown.len());
    for shown in &entry.shown {
        call = call.arg(encode("a shown part", shown)?);
    }
    Ok(call)
}

fn with_timer(call: Call, change: &TimerChange) -> Result<Call, StoreError> {
    Ok(match change {
        TimerChange::Set(timer) => call
            .arg("set")
            .arg(timer.id.as_str())
            .arg(timer.due.as_millisecond())
            .arg(encode("a timer", timer)?),
        TimerChange::Cancel(id) => call.arg("cancel").arg(id.as_str()),
        TimerChange::CancelAll => call.arg("cancel all"),
    })
}

/// When the first of the timers that are set is due.
fn earliest(changes: &[TimerChange]) -> Option<i64> {
    let dues = changes.iter().filter_map(|change| match change {
        TimerChange::Set(timer) => Some(timer.due.as_millisecond()),
        TimerChange::Cancel(_) | TimerChange::CancelAll => None,
    });
    dues.min()
}

/// Why the script refused: -1 is a conflict, below that lies the place of an inbound that does not
/// wait.
fn refusal(commit: &Commit, outcome: i64) -> StoreError {
    let place = usize::try_from(-2 - outcome).ok();
    let mut keys = commit.answered.iter().chain(&commit.waiting);
    match place.and_then(|place| keys.nth(place)) {
        Some(key) => StoreError::Answered(key.clone()),
        None => StoreError::Conflict(commit.conversation),
    }
}
