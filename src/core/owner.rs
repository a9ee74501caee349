//! Who may speak in a conversation now: the bot, or a person. One state machine, one table
//! ([`Owner::after`]): whatever wants to change the owner takes a step through it, and what it does
//! not allow does not happen.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::AgentId;

/// Who may speak in a conversation now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "owner")]
pub enum Owner {
    /// The bot answers.
    #[default]
    Bot,
    /// A person was called and has not come yet. The bot says what it is sure of, and no more.
    Waiting {
        /// Since when the customer waits.
        since: Timestamp,
    },
    /// A person answers, and the bot is silent.
    Agent {
        /// Who.
        agent: AgentId,
        /// Since when.
        since: Timestamp,
    },
    /// A person has handed the conversation back, and the bot has not answered since.
    HandingBack {
        /// What the person wants the bot to know. Never shown to the customer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A person has ended it. Whatever the customer says begins it again.
    Closed {
        /// Since when.
        since: Timestamp,
    },
}

/// What changes the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnerStep {
    /// A rule or the playbook called a person.
    Called,
    /// A person takes the conversation, from the bot or from a colleague.
    Taken(AgentId),
    /// It goes to others, who have not come yet.
    PassedOn,
    /// A person gives it back to the bot, with a note for it or without.
    HandedBack(Option<String>),
    /// A person ends it.
    Closed,
    /// The customer said something.
    CustomerSpoke,
    /// The bot answered.
    BotAnswered,
    /// Nobody came within the time that the company sets itself.
    NobodyCame,
}

impl Owner {
    /// Who owns the conversation after a step; `None` where the step changes nothing.
    pub fn after(&self, step: OwnerStep, now: Timestamp) -> Option<Self> {
        let next = match (self, step) {
            (Self::Bot | Self::HandingBack { .. } | Self::Closed { .. }, OwnerStep::Called) => {
                Self::Waiting { since: now }
            }
            (Self::Agent { agent, .. }, OwnerStep::Taken(by)) if *agent == by => return None,
            (Self::Waiting { .. }, OwnerStep::PassedOn)
            | (Self::Bot, OwnerStep::HandedBack(None))
            | (Self::Closed { .. }, OwnerStep::Closed) => return None,
            (_, OwnerStep::PassedOn) => Self::Waiting { since: now },
            (_, OwnerStep::Taken(agent)) => Self::Agent { agent, since: now },
            (Self::HandingBack { note: known }, OwnerStep::HandedBack(note))
                if note.is_none() || *known == note =>
            {
                return None;
            }
            (_, OwnerStep::HandedBack(note)) => Self::HandingBack { note },
            (_, OwnerStep::Closed) => Self::Closed { since: now },
            (Self::Closed { .. }, OwnerStep::CustomerSpoke)
            | (Self::HandingBack { .. }, OwnerStep::BotAnswered)
            | (Self::Waiting { .. }, OwnerStep::NobodyCame) => Self::Bot,
            (
                _,
                OwnerStep::Called
                | OwnerStep::CustomerSpoke
                | OwnerStep::BotAnswered
                | OwnerStep::NobodyCame,
            ) => return None,
        };
        Some(next)
    }

    /// Whether the bot has to be silent, whatever it has to say.
    pub const fn is_person(&self) -> bool {
        matches!(self, Self::Agent { .. })
    }

    /// Whether people are concerned with the conversation, so that they see all that is said in it.
    pub const fn concerns_people(&self) -> bool {
        matches!(self, Self::Waiting { .. } | Self::Agent { .. })
    }

    /// Who answers, where it is a person.
    pub const fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::Agent { agent, .. } => Some(agent),
            _ => None,
        }
    }

    /// Whether the bot answers as ever, so that there is nothing to store.
    pub const fn is_bot(&self) -> bool {
        matches!(self, Self::Bot)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use proptest::prelude::*;

    use super::*;

    const THEN: Timestamp = Timestamp::UNIX_EPOCH;

    fn now() -> Timestamp {
        Timestamp::from_second(60).unwrap()
    }

    fn owners() -> [Owner; 5] {
        [
            Owner::Bot,
            Owner::Waiting { since: THEN },
            Owner::Agent {
                agent: "mia".into(),
                since: THEN,
            },
            Owner::HandingBack { note: None },
            Owner::Closed { since: THEN },
        ]
    }

    fn steps() -> [OwnerStep; 9] {
        [
            OwnerStep::Called,
            OwnerStep::Taken("mia".into()),
            OwnerStep::Taken("tom".into()),
            OwnerStep::PassedOn,
            OwnerStep::HandedBack(None),
            OwnerStep::Closed,
            OwnerStep::CustomerSpoke,
            OwnerStep::BotAnswered,
            OwnerStep::NobodyCame,
        ]
    }

    fn name(owner: &Owner) -> String {
        match owner {
            Owner::Bot => "bot".to_owned(),
            Owner::Waiting { .. } => "waiting".to_owned(),
            Owner::Agent { agent, .. } => agent.to_string(),
            Owner::HandingBack { .. } => "handing back".to_owned(),
            Owner::Closed { .. } => "closed".to_owned(),
        }
    }

    #[test]
    fn every_step_in_every_state_is_a_decision() {
        let mut table = String::new();
        for owner in owners() {
            let after = steps().map(|step| {
                let next = owner.after(step, now());
                next.as_ref().map_or("-".to_owned(), name)
            });
            let row = after.map(|it| format!("{it:>14}")).concat();
            writeln!(table, "{:<13}{row}", name(&owner)).unwrap();
        }
        insta::assert_snapshot!(table, @r#"
        bot                 waiting           mia           tom       waiting             -        closed             -             -             -
        waiting                   -           mia           tom             -  handing back        closed             -             -           bot
        mia                       -             -           tom       waiting  handing back        closed             -             -             -
        handing back        waiting           mia           tom       waiting             -        closed             -           bot             -
        closed              waiting           mia           tom       waiting  handing back             -           bot             -             -
        "#);
    }

    #[test]
    fn the_stored_form_is_a_decision() {
        let mut all = owners().to_vec();
        let note = Some("knows the price".to_owned());
        all.push(Owner::HandingBack { note });
        let stored: Vec<String> = all
            .iter()
            .map(|owner| serde_json::to_string(owner).unwrap())
            .collect();
        insta::assert_snapshot!(stored.join("\n"), @r#"
        {"owner":"bot"}
        {"owner":"waiting","since":"1970-01-01T00:00:00Z"}
        {"owner":"agent","agent":"mia","since":"1970-01-01T00:00:00Z"}
        {"owner":"handing_back"}
        {"owner":"closed","since":"1970-01-01T00:00:00Z"}
        {"owner":"handing_back","note":"knows the price"}
        "#);
    }

    proptest! {
        /// Only a person's own step ends that a person speaks.
        #[test]
        fn nothing_but_a_person_takes_the_word_from_a_person(
            walk in prop::collection::vec(0..9_usize, 0..40)
        ) {
            let mut owner = Owner::Bot;
            for number in walk {
                let step = steps()[number].clone();
                let by_a_person = matches!(
                    step,
                    OwnerStep::Taken(_)
                        | OwnerStep::PassedOn
                        | OwnerStep::HandedBack(_)
                        | OwnerStep::Closed
                );
                if let Some(next) = owner.after(step, now()) {
                    prop_assert!(!owner.is_person() || by_a_person);
                    prop_assert!(next != owner, "a step that changes nothing is none");
                    owner = next;
                }
            }
        }
    }
}
