//! What is written and how it is read back. Everything stored is JSON; a record that this build
//! cannot read is an error that a person sees, never silently dropped.

use std::fmt;

use consultant_core::{
    Address, ChannelName, ConversationId, Inbound, InboundEvent, InboundKey, NotAnAddress,
    OutboxEntry, OutboxState, SESSION_FORMAT, Session, Timer, TimerChange,
    ports::{Burial, Cause, Commit, StoreError},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// The JSON of a record.
pub(crate) fn encode<T: Serialize>(what: &str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| corrupt(what, Unreadable::from(&error)))
}

/// A record from its JSON; `what` names it in the error.
pub(crate) fn decode<T: DeserializeOwned>(
    what: impl fmt::Display,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| corrupt(what, Unreadable::from(&error)))
}

/// A session from its JSON. A format newer than this build's is refused: reading it as an old
/// one, or dropping it, would lose what the customer said. One of an older format is of this
/// build's from now on: what it lacks has its default, and it is written so.
pub(crate) fn decode_session(
    conversation: ConversationId,
    text: &str,
) -> Result<Session, StoreError> {
    #[derive(Deserialize)]
    struct Shape {
        format: u16,
    }
    let what = format!("the session of conversation {conversation}");
    let shape: Shape = decode(&what, text)?;
    check_format(conversation, shape.format)?;
    as_of_today(conversation, decode(&what, text)?)
}

/// A session as this build writes it.
pub(crate) fn as_of_today(
    conversation: ConversationId,
    session: Session,
) -> Result<Session, StoreError> {
    check_format(conversation, session.format)?;
    Ok(Session {
        format: SESSION_FORMAT,
        ..session
    })
}

/// Refuses a session format that this build does not know.
pub(crate) fn check_format(conversation: ConversationId, format: u16) -> Result<(), StoreError> {
    if format <= SESSION_FORMAT {
        return Ok(());
    }
    let what = format_args!("the session of conversation {conversation}");
    Err(newer_format(what, format, SESSION_FORMAT))
}

/// The error for what a newer program wrote.
pub(crate) fn newer_format(what: impl fmt::Display, found: u16, known: u16) -> StoreError {
    let reason = format!(
        "its format is {found} and this program knows formats up to {known}; run the newer \
         program that wrote it"
    );
    corrupt(what, reason)
}

/// A conversation id from its text.
pub(crate) fn decode_conversation(text: &str) -> Result<ConversationId, StoreError> {
    text.parse::<Uuid>()
        .map(ConversationId)
        .map_err(|error| corrupt("a conversation id", error))
}

/// A channel from its name.
pub(crate) fn decode_channel(name: &str) -> Result<ChannelName, StoreError> {
    ChannelName::from_name(name)
        .ok_or_else(|| corrupt("the channel of an address", "no such channel is known"))
}

/// An address from its text.
pub(crate) fn decode_address(text: &str) -> Result<Address, StoreError> {
    text.parse()
        .map_err(|error: NotAnAddress| corrupt("an address", error))
}

/// An entry without what changes on its own: the state and what is shown are stored beside it.
pub(crate) fn encode_entry(entry: &OutboxEntry) -> Result<String, StoreError> {
    let bare = OutboxEntry {
        shown: Vec::new(),
        ..entry.clone()
    };
    encode("an outbox entry", &bare)
}

/// The name of a state in columns and fields.
pub(crate) fn state_name(state: OutboxState) -> &'static str {
    match state {
        OutboxState::Open => "open",
        OutboxState::Ready => "ready",
        OutboxState::Delivered => "delivered",
        OutboxState::Undeliverable => "undeliverable",
    }
}

/// The state of this name.
pub(crate) fn decode_state(name: &str) -> Result<OutboxState, StoreError> {
    [
        OutboxState::Open,
        OutboxState::Ready,
        OutboxState::Delivered,
        OutboxState::Undeliverable,
    ]
    .into_iter()
    .find(|state| state_name(*state) == name)
    .ok_or_else(|| corrupt("the state of an outbox entry", "no such state is known"))
}

/// Whether nothing is left to deliver.
pub(crate) fn has_ended(state: OutboxState) -> bool {
    matches!(state, OutboxState::Delivered | OutboxState::Undeliverable)
}

/// Refuses a commit that would write into another conversation's outbox or timers.
pub(crate) fn check_commit(commit: &Commit) -> Result<(), StoreError> {
    let home = commit.conversation;
    let step = format_args!("a commit of conversation {home}");
    let timers = commit.timers.iter().filter_map(|change| match change {
        TimerChange::Set(timer) => Some(timer),
        TimerChange::Cancel(_) | TimerChange::CancelAll => None,
    });
    check_entries(home, step, &commit.outbox)?;
    check_timers(home, step, timers)
}

/// Refuses a burial that would speak in another conversation.
pub(crate) fn check_burial(burial: &Burial) -> Result<(), StoreError> {
    let home = burial.conversation;
    let step = format_args!("a burial of conversation {home}");
    check_entries(home, step, [&burial.told])
}

/// Refuses entries that belong to another conversation.
pub(crate) fn check_entries<'a>(
    home: ConversationId,
    step: impl fmt::Display,
    entries: impl IntoIterator<Item = &'a OutboxEntry>,
) -> Result<(), StoreError> {
    let stray = entries
        .into_iter()
        .find(|entry| entry.conversation != home)
        .map(|entry| (format!("outbox entry {}", entry.id), entry.conversation));
    refuse_stray(step, stray)
}

/// Refuses timers that belong to another conversation.
pub(crate) fn check_timers<'a>(
    home: ConversationId,
    step: impl fmt::Display,
    timers: impl IntoIterator<Item = &'a Timer>,
) -> Result<(), StoreError> {
    let stray = timers
        .into_iter()
        .find(|timer| timer.conversation != home)
        .map(|timer| (format!("timer {}", timer.id), timer.conversation));
    refuse_stray(step, stray)
}

/// The error for a part of another conversation, if there is one.
pub(crate) fn refuse_stray(
    step: impl fmt::Display,
    stray: Option<(String, ConversationId)>,
) -> Result<(), StoreError> {
    match stray {
        None => Ok(()),
        Some((what, other)) => Err(corrupt(
            step,
            format!("its {what} belongs to conversation {other}"),
        )),
    }
}

/// The inbound that a timer becomes.
pub(crate) fn fired(timer: &Timer) -> Inbound {
    let event = InboundEvent::Fired {
        purpose: timer.purpose.clone(),
        set_at: timer.set_at,
    };
    Inbound::new(timer.key(), timer.address.clone(), timer.due, event)
}

/// The error for an inbound that does not wait.
pub(crate) fn not_waiting(key: &InboundKey) -> StoreError {
    StoreError::Unknown(format!("unanswered inbound {key}"))
}

/// The error for an inbound that is not buried.
pub(crate) fn not_buried(key: &InboundKey) -> StoreError {
    StoreError::Unknown(format!("dead letter {key}"))
}

/// The error for an entry that is not there.
pub(crate) fn unknown_entry(id: impl fmt::Display) -> StoreError {
    StoreError::Unknown(format!("outbox entry {id}"))
}

/// The error for a part whose predecessor was never shown.
pub(crate) fn unknown_part(id: impl fmt::Display, part: usize) -> StoreError {
    StoreError::Unknown(format!("the part before part {part} of outbox entry {id}"))
}

/// A record that cannot be read.
pub(crate) fn corrupt(what: impl fmt::Display, source: impl Into<Cause>) -> StoreError {
    StoreError::Corrupt {
        what: what.to_string(),
        source: source.into(),
    }
}

/// Where JSON went wrong. Not the parser's own text, which quotes what it read: a message body
/// has no business in a log.
#[derive(Debug, thiserror::Error)]
#[error("{kind} in line {line}, column {column} of its JSON")]
struct Unreadable {
    kind: &'static str,
    line: usize,
    column: usize,
}

impl From<&serde_json::Error> for Unreadable {
    fn from(error: &serde_json::Error) -> Self {
        let kind = match error.classify() {
            serde_json::error::Category::Io => "an input error",
            serde_json::error::Category::Syntax => "a syntax error",
            serde_json::error::Category::Data => "an unexpected value",
            serde_json::error::Category::Eof => "an early end",
        };
        Self {
            kind,
            line: error.line(),
            column: error.column(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: ConversationId = ConversationId(Uuid::nil());

    #[track_caller]
    fn check_refused(json: &str, expect: &str) {
        let error = decode_session(NOBODY, json).unwrap_err();
        assert_eq!(error.to_string(), expect);
    }

    #[test]
    fn a_session_that_cannot_be_read_says_why_without_quoting_it() {
        let who = "the session of conversation 00000000-0000-0000-0000-000000000000";
        check_refused(
            r#"{"format":9,"secret":"x"}"#,
            &format!(
                "{who} cannot be read: its format is 9 and this program knows formats up to {SESSION_FORMAT}; \
                 run the newer program that wrote it"
            ),
        );
        check_refused(
            r#"{"format":"my card is 4111"}"#,
            &format!("{who} cannot be read: an unexpected value in line 1, column 27 of its JSON"),
        );
        check_refused(
            r#"{"format":1"#,
            &format!("{who} cannot be read: an early end in line 1, column 11 of its JSON"),
        );
    }

    #[test]
    fn every_state_has_a_name_that_leads_back() {
        for state in [
            OutboxState::Open,
            OutboxState::Ready,
            OutboxState::Delivered,
            OutboxState::Undeliverable,
        ] {
            assert_eq!(decode_state(state_name(state)).unwrap(), state);
        }
        assert!(decode_state("sent").is_err());
    }
}
