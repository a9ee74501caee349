//! A conversation's live state. Everything here is stored, so a change of shape is a decision:
//! the snapshot test at the foot shows it, and `format` says which shape a stored session has.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    Address, FaqId, Language, Membership, MessageId, Money, OutboxId, Owner, PlaybookVersion,
};

/// The format that this build writes.
pub const SESSION_FORMAT: u16 = 4;

/// Lines of history that a session keeps; older ones live in the records only.
pub const HISTORY_LINES: usize = 20;

/// Reasons of a lead score, at the most.
const MAX_REASONS: usize = 64;
/// Tags of a conversation, at the most.
const MAX_TAGS: usize = 64;

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
    /// The version of the playbook that answers the conversation: the one that it began with, or
    /// one that took it over since.
    pub playbook: PlaybookVersion,
    /// The newest version that was asked to take the conversation over and did not. Since format 4.
    #[serde(default)]
    pub stays_from: Option<PlaybookVersion>,
    /// The stage in which it became a deal, if it did. Since format 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub won: Option<String>,
    /// What is known so far.
    pub slots: BTreeMap<String, SlotValue>,
    /// The slot that the last reply asked for.
    pub awaiting: Option<String>,
    /// The value of that slot that the last reply asked the customer to confirm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_confirm: Option<SlotValue>,
    /// The reviewed answers that the last reply let the customer choose from, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked_back: Vec<FaqId>,
    /// Turns in a row that found no answer.
    pub unanswered: u32,
    /// Why a person is needed, if one is.
    pub escalation: Option<Escalation>,
    /// Who may speak now.
    #[serde(default, skip_serializing_if = "Owner::is_bot")]
    pub owner: Owner,
    /// What people at a desk know of the conversation, if it came before them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Box<Case>>,
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
    /// How often in a row the slot of [`Session::awaiting`] was asked for. Since format 3.
    #[serde(default)]
    pub asked_times: u32,
    /// The lead score, reason by reason. Since format 3.
    #[serde(default)]
    pub points: Vec<Points>,
    /// What the playbook calls this conversation. Since format 3.
    #[serde(default)]
    pub tags: BTreeSet<String>,
    /// How often each objection was raised. Since format 3.
    #[serde(default)]
    pub objections: BTreeMap<String, u32>,
    /// Whom the customer belongs to, as far as it is known.
    #[serde(default, skip_serializing_if = "Membership::is_unknown")]
    pub served_as: Membership,
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
    /// An amount in a currency. Since format 3.
    Money(Money),
    /// A day. Since format 3.
    Date(Date),
}

impl fmt::Display for SlotValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.normalize().fmt(f),
            Self::Flag(flag) => flag.fmt(f),
            Self::Money(money) => money.fmt(f),
            Self::Date(date) => date.fmt(f),
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
    /// How soon somebody is needed. Since format 3.
    #[serde(default)]
    pub priority: Priority,
    /// Who is needed, where not anybody. Since format 3.
    #[serde(default)]
    pub team: Option<String>,
}

/// A conversation that came before people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The desk.
    pub desk: Address,
    /// Where the customer is.
    pub customer: Address,
    /// What its room is called.
    pub title: String,
    /// What opens its room: why a person is needed, and what is known.
    pub card: String,
    /// What shows the card at the desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_entry: Option<OutboxId>,
    /// A reply that a person could send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggested: Option<String>,
    /// The newest messages of agents that the customer has, by their names at the desk: what can be
    /// changed or taken back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<MessageId>,
    /// The newest album whose words were for colleagues: its other parts are, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_album: Option<String>,
    /// The newest album of which parts went to the customer, with their names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_album: Option<(String, Vec<MessageId>)>,
    /// Whether the customer was told, since they wait, that what they say is passed on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told_that_passed_on: bool,
    /// When all of the conversation is forgotten, if somebody ordered that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Timestamp>,
    /// Whether its room is closed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub room_closed: bool,
}

impl Case {
    /// A conversation that comes before this desk now.
    pub const fn at(desk: Address, customer: Address) -> Self {
        Self {
            desk,
            customer,
            title: String::new(),
            card: String::new(),
            card_entry: None,
            suggested: None,
            said: Vec::new(),
            internal_album: None,
            sent_album: None,
            told_that_passed_on: false,
            erased_at: None,
            room_closed: false,
        }
    }

    /// Opens its room, if it is closed: what is to be told to the platform.
    pub fn reopened(&mut self) -> Option<bool> {
        std::mem::take(&mut self.room_closed).then_some(true)
    }
}

/// How soon a person is needed.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// When there is time.
    Low,
    /// In turn.
    #[default]
    Normal,
    /// Before others.
    High,
    /// At once.
    Urgent,
}

impl Priority {
    /// Every priority with the name that playbooks use for it.
    pub const NAMES: [(Self, &'static str); 4] = [
        (Self::Low, "low"),
        (Self::Normal, "normal"),
        (Self::High, "high"),
        (Self::Urgent, "urgent"),
    ];
}

/// Points of a lead score, and what they are for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Points {
    /// How many; may be negative.
    pub points: i32,
    /// What for. Never twice in a conversation.
    pub reason: String,
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
    /// A person who had taken the conversation.
    Agent,
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
            stays_from: None,
            won: None,
            slots: BTreeMap::new(),
            awaiting: None,
            to_confirm: None,
            asked_back: Vec::new(),
            unanswered: 0,
            escalation: None,
            owner: Owner::Bot,
            case: None,
            last_said_at: None,
            follow_up_pending: false,
            follow_ups_declined: false,
            edit_offered: None,
            edit_offered_of: None,
            snooze_offered: None,
            album: None,
            asked_times: 0,
            points: Vec::new(),
            tags: BTreeSet::new(),
            objections: BTreeMap::new(),
            served_as: Membership::default(),
            history: Vec::new(),
        }
    }

    /// Adds to the lead score; a reason counts once. Whether it counted.
    pub fn score(&mut self, points: i32, reason: &str) -> bool {
        let known = self.points.iter().any(|it| it.reason == reason);
        let counts = !known && self.points.len() < MAX_REASONS;
        if counts {
            self.points.push(Points {
                points,
                reason: reason.to_owned(),
            });
        }
        counts
    }

    /// Puts a tag on, or takes it off. Whether that made a difference.
    pub fn tag(&mut self, tag: &str, on: bool) -> bool {
        if on {
            self.tags.len() < MAX_TAGS && self.tags.insert(tag.to_owned())
        } else {
            self.tags.remove(tag)
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
            priority: Priority::High,
            team: Some("sales".into()),
        });
        let budget = Money::new(Decimal::new(49_950, 2), crate::Currency::EUR);
        session
            .slots
            .insert("budget".into(), SlotValue::Money(budget));
        let start = SlotValue::Date(Date::constant(2026, 12, 1));
        session.slots.insert("start".into(), start);
        session.points.push(Points {
            points: 20,
            reason: "asked for an offer".into(),
        });
        session.tags.insert("vip".into());
        session.objections.insert("too_expensive".into(), 1);
        session.asked_times = 2;
        session.remember(Speaker::Customer, "Hi");
        session.remember(Speaker::Bot, "你好");
        insta::assert_json_snapshot!(session);
    }

    #[test]
    fn a_reason_scores_once_and_a_tag_is_on_or_off() {
        let version = PlaybookVersion::from("0");
        let mut session = Session::new(Timestamp::UNIX_EPOCH, Language::EN, "greet", version);
        assert!(session.score(20, "asked for an offer"));
        assert!(!session.score(20, "asked for an offer"));
        assert!(session.score(-5, "wants it for nothing"));
        let sum: i32 = session.points.iter().map(|it| it.points).sum();
        assert_eq!(sum, 15);
        assert!(session.tag("vip", true));
        assert!(!session.tag("vip", true));
        assert!(session.tag("vip", false));
        assert!(session.tags.is_empty());
    }

    #[test]
    fn a_session_holds_so_many_reasons_and_tags_and_no_more() {
        let version = PlaybookVersion::from("0");
        let mut session = Session::new(Timestamp::UNIX_EPOCH, Language::EN, "greet", version);
        for number in 0..200 {
            session.score(1, &number.to_string());
            session.tag(&number.to_string(), true);
        }
        assert_eq!(session.points.len(), MAX_REASONS);
        assert_eq!(session.tags.len(), MAX_TAGS);
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
