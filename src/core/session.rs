//! A conversation's live state. Everything here is stored, so a change of shape is a decision:
//! the snapshot test at the foot shows it, and `format` says which shape a stored session has.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Language, MessageId, PlaybookVersion};

/// The format that this build writes.
pub const SESSION_FORMAT: u16 = 2;

/// Lines of history that a session keeps; older ones live in the records only.
pub const HISTORY_LINES: usize = 20;

/// A conversation's live state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The shape of this record; see [`SESSION_FORMAT`].
    pub format: u16,
    /// When the conversation began.
    pub started_at: Timestamp,
    /// Turns answered so far.
    pub turns: u64,
    /// The language of the conversation; the customer's own always wins.
    pub language: Language,
    /// Whether the customer has been told that a machine answers.
    pub disclosed: bool,
    /// The stage of the playbook.
    pub stage: String,
    /// The playbook that the conversation started with.
    pub playbook: PlaybookVersion,
    /// What is known so far.
    pub slots: BTreeMap<String, SlotValue>,
    /// The slot that the last reply asked for.
    pub awaiting: Option<String>,
    /// Turns in a row that found no answer.
    pub unanswered: u32,
    /// Why a person is needed, if one is.
    pub escalation: Option<Escalation>,
    /// When the customer last said something. Since format 2.
    #[serde(default)]
    pub last_said_at: Option<Timestamp>,
    /// Whether a follow-up is set. Since format 2.
    #[serde(default)]
    pub follow_up_pending: bool,
    /// Whether the customer wants no follow-ups. Since format 2.
    #[serde(default)]
    pub follow_ups_declined: bool,
    /// An answered message as it was edited since, offered to be answered anew. Since format 2.
    #[serde(default)]
    pub edit_offered: Option<String>,
    /// Which message that is; unknown where it was offered by an older program.
    #[serde(default)]
    pub edit_offered_of: Option<MessageId>,
    /// What a follow-up or reminder said that may be put off until tomorrow. Since format 2.
    #[serde(default)]
    pub snooze_offered: Option<String>,
    /// The album that the last turn answered, so that a late part of it is no new question.
    /// Since format 2.
    #[serde(default)]
    pub album: Option<String>,
    /// The newest lines of the dialogue, oldest first; at most [`HISTORY_LINES`].
    pub history: Vec<Line>,
}

/// A typed fact that the conversation is after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotValue {
    /// Free text, a choice, a product's key.
    Text(String),
    /// A number, a quantity, an amount.
    Number(Decimal),
    /// Yes or no.
    Flag(bool),
}

impl fmt::Display for SlotValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.normalize().fmt(f),
            Self::Flag(flag) => flag.fmt(f),
        }
    }
}

/// The decision that a person is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// Why, in the rule's own words.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
}

/// One line of the dialogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Who said it.
    pub speaker: Speaker,
    /// What was said.
    pub text: String,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The customer.
    Customer,
    /// The bot.
    Bot,
}

impl Session {
    /// A conversation that has not yet had a turn.
    pub fn new(
        now: Timestamp,
        language: Language,
        stage: impl Into<String>,
        playbook: PlaybookVersion,
    ) -> Self {
        Self {
            format: SESSION_FORMAT,
            started_at: now,
            turns: 0,
            language,
            disclosed: false,
            stage: stage.into(),
            playbook,
            slots: BTreeMap::new(),
            awaiting: None,
            unanswered: 0,
            escalation: None,
            last_said_at: None,
            follow_up_pending: false,
            follow_ups_declined: false,
            edit_offered: None,
            edit_offered_of: None,
            snooze_offered: None,
            album: None,
            history: Vec::new(),
        }
    }

    /// Adds a line and forgets the oldest ones beyond [`HISTORY_LINES`].
    pub fn remember(&mut self, speaker: Speaker, text: impl Into<String>) {
        self.history.push(Line {
            speaker,
            text: text.into(),
        });
        let excess = self.history.len().saturating_sub(HISTORY_LINES);
        self.history.drain(..excess);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_format_is_a_decision() {
        let mut session = Session::new(
            Timestamp::UNIX_EPOCH,
            Language::EN,
            "greet",
            PlaybookVersion::from("0123456789abcdef"),
        );
        session
            .slots
            .insert("seats".into(), SlotValue::Number(Decimal::new(125, 1)));
        session.slots.insert("gift".into(), SlotValue::Flag(true));
        session
            .slots
            .insert("product".into(), SlotValue::Text("desk-lamp".into()));
        session.escalation = Some(Escalation {
            reason: "asked".into(),
            since: Timestamp::UNIX_EPOCH,
        });
        session.remember(Speaker::Customer, "Hi");
        session.remember(Speaker::Bot, "你好");
        insta::assert_json_snapshot!(session);
    }

    #[test]
    fn only_the_newest_lines_are_kept() {
        let mut session = Session::new(
            Timestamp::UNIX_EPOCH,
            Language::EN,
            "greet",
            PlaybookVersion::from("0"),
        );
        for number in 0..50 {
            session.remember(Speaker::Customer, number.to_string());
        }
        assert_eq!(session.history.len(), HISTORY_LINES);
        assert_eq!(session.history.last().unwrap().text, "49");
    }
}
