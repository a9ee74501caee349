//! Why a turn of a kept conversation came out as it did: what was recorded of it, and what its
//! version of the playbook asked when the conversation is played again up to it.
//!
//! Start at [`turns`], which reads a ledger; [`asked`] says how each question fell, and [`told`]
//! puts it into words. Playing again is `playtest`'s.

mod asked;
mod rules;
mod told;
mod turns;

use consultant_core::{Happening, PlaybookVersion, Source, Spent, TracedUnderstanding};
use jiff::Timestamp;
use serde::Serialize;

pub(crate) use asked::Asked;
pub(crate) use rules::Rule;
pub(crate) use told::told;
pub(crate) use turns::{KeptTurn, Moved, turns};

/// A turn, explained.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Explained {
    /// Its number in the conversation, from 1.
    pub(crate) turn: usize,
    /// How many there are.
    pub(crate) of: usize,
    /// When it was answered.
    pub(crate) at: Timestamp,
    /// What the customer said; empty for a command or a timer.
    pub(crate) said: String,
    /// What they were told.
    pub(crate) replied: String,
    /// Where that came from, part by part.
    pub(crate) sources: Vec<Source>,
    /// The version of the playbook that answered.
    pub(crate) playbook: PlaybookVersion,
    /// Whether the conversation went over to that version in this turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) moved: Option<Moved>,
    /// The stage before and after it, where they are known.
    pub(crate) stage: (Option<String>, Option<String>),
    /// The slot that was asked for before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) awaiting: Option<String>,
    /// What was understood; unknown where an older program answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) understood: Option<TracedUnderstanding>,
    /// The rules that fired; unknown where an older program answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rules: Option<Vec<Rule>>,
    /// What else happened, in order.
    pub(crate) happened: Vec<Happening>,
    /// How long the steps took; unknown where an older program answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) spent: Option<Spent>,
    /// What was seen when it was played again, or why it was not.
    pub(crate) again: Again,
}

/// What was seen when a turn was played again.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "played")]
pub(crate) enum Again {
    /// It was played.
    Yes {
        /// The questions that its version asked, in the order of the source.
        asked: Vec<Asked>,
        /// The rules that fired this time, where they are other ones than were recorded.
        #[serde(skip_serializing_if = "Option::is_none")]
        otherwise: Option<Vec<Rule>>,
    },
    /// It was not.
    No {
        /// Why.
        why: String,
    },
}
