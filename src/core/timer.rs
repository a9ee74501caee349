//! Something to do later, stored with the turn that wished it. When its time comes it becomes an
//! inbound like any other, once, whatever stopped or jumped in between.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Address, ConversationId, InboundKey, TimerId};

/// Something to do later in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// Its name within the conversation.
    pub id: TimerId,
    /// Whose conversation.
    pub conversation: ConversationId,
    /// Where what it causes is said.
    pub address: Address,
    /// When it was set.
    pub set_at: Timestamp,
    /// When it fires.
    pub due: Timestamp,
    /// What for.
    pub purpose: Purpose,
}

/// What a timer is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "purpose")]
pub enum Purpose {
    /// A word to a customer who has fallen silent. Whatever the customer says cancels it.
    FollowUp {
        /// What to say, as the playbook wrote it.
        text: String,
    },
    /// A look whether a customer still waits for a person, to remind the desk.
    RemindDesk,
    /// A look whether the desk was told by now that a customer waits.
    DeskTold,
    /// A look whether a customer still waits for a person, to ask the next team.
    NextTeam,
    /// A look whether a customer still waits for a person, to wait no longer.
    EndWaiting,
    /// A look at a conversation that was put off at the desk.
    Snoozed,
    /// All that is kept of the conversation is forgotten.
    Erase,
    /// A word that the customer asked for. It comes whatever is said until then.
    Reminder {
        /// What to say, as the playbook wrote it.
        text: String,
    },
}

impl Purpose {
    /// The name of the timer that serves this purpose. A conversation has one for each: setting it
    /// again moves it.
    pub fn timer_id(&self) -> TimerId {
        TimerId::from(match self {
            Self::FollowUp { .. } => "follow-up",
            Self::Reminder { .. } => "reminder",
            Self::RemindDesk => "remind-desk",
            Self::DeskTold => "desk-told",
            Self::NextTeam => "next-team",
            Self::EndWaiting => "end-waiting",
            Self::Snoozed => "snoozed",
            Self::Erase => "erase",
        })
    }

    /// Whether it is about people and not about the customer, who is told nothing of it as such.
    pub const fn is_for_desk(&self) -> bool {
        matches!(
            self,
            Self::DeskTold | Self::RemindDesk | Self::NextTeam | Self::EndWaiting | Self::Snoozed
        )
    }
}

/// What a commit does to a timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimerChange {
    /// Sets it, or moves the one of the same id.
    Set(Timer),
    /// Takes it back; that it is not there is no error.
    Cancel(TimerId),
    /// Takes all of the conversation's timers back.
    CancelAll,
}

impl Timer {
    /// The key of the inbound that it becomes: the same, however often it is tried.
    pub fn key(&self) -> InboundKey {
        let (conversation, id) = (self.conversation, &self.id);
        let due = self.due.as_millisecond();
        InboundKey(format!("timer:{conversation}:{id}:{due}"))
    }
}
