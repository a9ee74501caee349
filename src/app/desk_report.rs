//! What became of conversations that needed a person, and of those that did not: plain computation
//! over ledgers. Times are what passed on the clock, nights and holidays included.

use std::collections::BTreeMap;

use consultant_core::{AgentId, Happening, LedgerEvent, Owner};
use jiff::Timestamp;
use serde::Serialize;

/// A customer who does not come back for so long was helped for good.
const DURABLY_SECONDS: i64 = 7 * 24 * 60 * 60;

/// The figures of a desk.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// Conversations with at least one turn, and those that the bot resolved.
    #[serde(flatten)]
    pub(crate) served: Served,
    /// What became of those in which a person was called.
    #[serde(flatten)]
    pub(crate) all: Calls,
    /// How many customers wait now.
    pub(crate) waiting_now: usize,
    /// How often each reason called a person, in the first words that called.
    pub(crate) reasons: BTreeMap<String, usize>,
    /// Teams that were called; `-` for none.
    pub(crate) teams: BTreeMap<String, Calls>,
    /// Versions of the playbook.
    pub(crate) playbooks: BTreeMap<String, OfPlaybook>,
    /// What each agent did.
    pub(crate) agents: BTreeMap<AgentId, OfAgent>,
}

/// Conversations, and those that the bot resolved.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Served {
    /// Conversations with at least one turn.
    pub(crate) conversations: usize,
    /// Those in which no person was called, and whose customer has said nothing for seven days.
    pub(crate) resolved_by_bot_durably: usize,
}

/// What became of calls for a person.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Calls {
    /// How often a person was called.
    pub(crate) called: usize,
    /// How often one took the conversation.
    pub(crate) taken: usize,
    /// How often nobody came in time: the bot went on, or the customer was offered to leave word.
    pub(crate) given_up: usize,
    /// From the call until somebody took the conversation.
    pub(crate) waiting: Times,
    /// From the call until a person's first words.
    pub(crate) first_response: Times,
    /// From the taking until it was handed back, closed or passed on.
    pub(crate) handling: Times,
}

/// What a version of the playbook came to.
#[derive(Debug, Default, Serialize)]
pub(crate) struct OfPlaybook {
    /// Conversations that it answered last.
    #[serde(flatten)]
    pub(crate) served: Served,
    /// What became of calls under it.
    #[serde(flatten)]
    pub(crate) calls: Calls,
}

/// What an agent did.
#[derive(Debug, Default, Serialize)]
pub(crate) struct OfAgent {
    /// Conversations taken.
    pub(crate) taken: usize,
    /// Messages written.
    pub(crate) messages: usize,
    /// From the taking until it was handed back, closed or passed on.
    pub(crate) handling: Times,
}

/// Times of one kind.
#[derive(Debug, Default, Serialize)]
#[serde(into = "Told")]
pub(crate) struct Times(Vec<i64>);

/// Times, as programs read them.
#[derive(Serialize)]
struct Told {
    count: usize,
    median_seconds: Option<i64>,
    p90_seconds: Option<i64>,
}

impl Clone for Times {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl From<Times> for Told {
    fn from(times: Times) -> Self {
        Self {
            count: times.0.len(),
            median_seconds: times.of_percent(50),
            p90_seconds: times.of_percent(90),
        }
    }
}

impl Times {
    fn add(&mut self, from: Timestamp, until: Timestamp) {
        self.0.push(until.duration_since(from).as_secs());
    }

    /// The time that so many percent of them do not exceed (nearest rank); none of nothing.
    pub(crate) fn of_percent(&self, percent: usize) -> Option<i64> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).copied()
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

/// One conversation on its way through its ledger.
#[derive(Default)]
struct Case {
    newest_reason: Option<String>,
    team: Option<String>,
    playbook: Option<String>,
    called_at: Option<Timestamp>,
    answered_since: bool,
    taken: Option<(AgentId, Timestamp)>,
}

impl Report {
    /// Adds a conversation, of which only what happened since then counts.
    pub(crate) fn add(&mut self, ledger: &[LedgerEvent], since: Timestamp, now: Timestamp) {
        let recent = || ledger.iter().filter(|event| event.at >= since);
        let spoke = recent().filter(|event| {
            matches!(
                event.what,
                Happening::Answered { .. } | Happening::Heard { .. }
            )
        });
        let Some(last_spoke) = spoke.map(|event| event.at).max() else {
            return;
        };
        let mut case = Case::default();
        for event in recent() {
            self.add_event(&mut case, event);
        }
        self.waiting_now += usize::from(case.taken.is_none() && case.called_at.is_some());
        let needs_person = |event: &&LedgerEvent| matches!(event.what, Happening::Escalated { .. });
        let silent_for = now.duration_since(last_spoke).as_secs();
        let is_resolved = silent_for >= DURABLY_SECONDS && recent().find(needs_person).is_none();
        self.served.add(is_resolved);
        if let Some(playbook) = case.playbook {
            let of_playbook = self.playbooks.entry(playbook).or_default();
            of_playbook.served.add(is_resolved);
        }
    }

    fn add_event(&mut self, case: &mut Case, event: &LedgerEvent) {
        match &event.what {
            Happening::Escalated { reason, team, .. } => {
                case.newest_reason = Some(reason.clone());
                case.team.clone_from(team);
            }
            Happening::Sorted { team, .. } => case.team.clone_from(team),
            Happening::Answered { playbook, .. } | Happening::Began { playbook, .. } => {
                case.playbook = Some(playbook.to_string());
            }
            Happening::CaseOpened { .. } => self.count_call(case),
            Happening::Owned { owner, .. } => self.owned(case, owner, event.at),
            Happening::WaitedInVain { .. } => self.each(case, |calls| calls.given_up += 1),
            Happening::AgentSaid { by, .. } => self.said(case, by, event.at),
            _ => {}
        }
    }

    /// Counts in all, and for the team and the playbook that a case is of.
    fn each(&mut self, case: &Case, count: impl Fn(&mut Calls)) {
        count(&mut self.all);
        let team = case.team.clone().unwrap_or_else(|| "-".to_owned());
        count(self.teams.entry(team).or_default());
        if let Some(playbook) = &case.playbook {
            let of_playbook = self.playbooks.entry(playbook.clone()).or_default();
            count(&mut of_playbook.calls);
        }
    }

    fn count_call(&mut self, case: &mut Case) {
        // A case that goes to another desk is no second call.
        let Some(reason) = case.newest_reason.take() else {
            return;
        };
        *self.reasons.entry(reason).or_default() += 1;
        self.each(case, |calls| calls.called += 1);
    }

    fn owned(&mut self, case: &mut Case, owner: &Owner, at: Timestamp) {
        if let Some((agent, since)) = case.taken.take() {
            self.each(case, |calls| calls.handling.add(since, at));
            let agent = self.agents.entry(agent).or_default();
            agent.handling.add(since, at);
        }
        match owner {
            Owner::Waiting { .. } => {
                case.called_at = Some(at);
                case.answered_since = false;
            }
            Owner::Agent { agent, .. } => {
                self.agents.entry(agent.clone()).or_default().taken += 1;
                self.each(case, |calls| calls.taken += 1);
                if let Some(called_at) = case.called_at {
                    self.each(case, |calls| calls.waiting.add(called_at, at));
                }
                case.taken = Some((agent.clone(), at));
            }
            Owner::Bot if case.called_at.take().is_some() => {
                self.each(case, |calls| calls.given_up += 1);
            }
            Owner::Bot | Owner::HandingBack { .. } | Owner::Closed { .. } => case.called_at = None,
        }
    }

    fn said(&mut self, case: &mut Case, by: &AgentId, at: Timestamp) {
        self.agents.entry(by.clone()).or_default().messages += 1;
        if let Some(called_at) = case.called_at
            && !std::mem::replace(&mut case.answered_since, true)
        {
            self.each(case, |calls| calls.first_response.add(called_at, at));
        }
    }
}

impl Served {
    fn add(&mut self, is_resolved: bool) {
        self.conversations += 1;
        self.resolved_by_bot_durably += usize::from(is_resolved);
    }
}

#[cfg(test)]
mod tests {
    use consultant_core::{Address, ChannelName, PlaybookVersion, Priority};

    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(minutes * 60).unwrap()
    }

    fn agent(minutes: i64, id: &str) -> Owner {
        Owner::Agent {
            agent: id.into(),
            since: at(minutes),
        }
    }

    /// A ledger of what happened at which minute.
    fn ledger(events: Vec<(i64, Happening)>) -> Vec<LedgerEvent> {
        let events = events.into_iter();
        events
            .map(|(minutes, what)| LedgerEvent {
                at: at(minutes),
                what,
            })
            .collect()
    }

    fn called(minutes: i64) -> Vec<(i64, Happening)> {
        let address = Address::new(ChannelName::Telegram, "7");
        let since = at(minutes);
        vec![
            (
                minutes,
                Happening::Escalated {
                    reason: "asks".to_owned(),
                    priority: Priority::Normal,
                    team: Some("sales".to_owned()),
                },
            ),
            (
                minutes,
                Happening::Owned {
                    owner: Owner::Waiting { since },
                    by: None,
                },
            ),
            (
                minutes,
                Happening::CaseOpened {
                    desk: address.clone(),
                    customer: address,
                },
            ),
            (
                minutes,
                Happening::Heard {
                    inbound: Vec::new(),
                    said: "hi".to_owned(),
                },
            ),
        ]
    }

    fn owned(minutes: i64, owner: Owner) -> (i64, Happening) {
        (minutes, Happening::Owned { owner, by: None })
    }

    #[test]
    fn times_run_from_the_call_and_from_the_taking() {
        let mut events = vec![(
            0,
            Happening::Began {
                playbook: PlaybookVersion::from("v1"),
                stage: "greet".to_owned(),
            },
        )];
        events.extend(called(10));
        let said = Happening::AgentSaid {
            by: "mia".into(),
            said: "Hello".to_owned(),
            message: None,
        };
        events.extend([
            owned(12, agent(12, "mia")),
            (13, said.clone()),
            (14, said),
            owned(32, Owner::HandingBack { note: None }),
            owned(33, Owner::Bot),
        ]);
        events.extend(called(50));
        events.push(owned(110, Owner::Bot));
        events.extend(called(120));
        let mut report = Report::default();
        report.add(&ledger(events), at(0), at(121));
        let all = &report.all;
        assert_eq!((all.called, all.taken), (3, 1));
        assert_eq!((all.given_up, report.waiting_now), (1, 1));
        assert_eq!(all.waiting.of_percent(50), Some(120));
        assert_eq!(all.first_response.of_percent(50), Some(180));
        assert_eq!(all.handling.of_percent(90), Some(20 * 60));
        assert_eq!(report.agents[&AgentId::from("mia")].messages, 2);
        assert_eq!(report.teams["sales"].called, 3);
        assert_eq!(report.teams["sales"].waiting.of_percent(50), Some(120));
        assert_eq!(report.playbooks["v1"].calls.called, 3);
        assert_eq!(report.playbooks["v1"].served.conversations, 1);
        assert_eq!(report.served.resolved_by_bot_durably, 0);
    }

    #[test]
    fn who_needed_nobody_and_does_not_come_back_was_helped_for_good() {
        let heard = Happening::Heard {
            inbound: Vec::new(),
            said: "hi".to_owned(),
        };
        let talk = ledger(vec![(0, heard)]);
        let week = 7 * 24 * 60;
        for (now, durably) in [(week - 1, 0), (week, 1)] {
            let mut report = Report::default();
            report.add(&talk, at(0), at(now));
            assert_eq!(report.served.resolved_by_bot_durably, durably, "{now}");
        }
        let mut later = Report::default();
        later.add(&talk, at(1), at(week));
        assert_eq!(
            later.served.conversations, 0,
            "it was before what is asked for"
        );
    }
}
