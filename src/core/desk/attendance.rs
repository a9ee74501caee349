//! Who is away from their desk, and how long customers waited lately. Both are kept in the store,
//! as notes beside the conversations: they belong to the team, and to no customer.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    AgentId,
    ports::{Places, StoreError},
};

use super::Desks;

const AWAY: &str = "desk:away:";
const WAITS: &str = "desk:waits:";

/// Waits of a team that are remembered, at the most.
const WAITS_REMEMBERED: usize = 20;
/// With fewer of them nothing is foretold.
const WAITS_NEEDED: usize = 5;
/// How long a wait says something of the next one.
const WAITS_COUNT_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);
/// What a customer is told: the next longer of these, in minutes.
const TOLD_MINUTES: [u32; 12] = [1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120];

/// Who is away, and how long customers waited lately, as it is kept.
#[derive(Clone)]
pub struct Board(Arc<dyn Places>);

/// The same, as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attendance {
    away: BTreeMap<AgentId, Away>,
    waits: BTreeMap<String, Vec<Waited>>,
}

/// That somebody is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Away {
    /// Until when; until they say so, where it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// How long a customer waited until somebody took the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Waited {
    at: Timestamp,
    seconds: u64,
}

impl Board {
    /// The board that is kept there.
    pub fn of(places: Arc<dyn Places>) -> Self {
        Self(places)
    }

    /// What stands on it. A note that cannot be read counts as none: it is about to be written anew.
    pub async fn read(&self) -> Result<Attendance, StoreError> {
        let Self(places) = self;
        let mut attendance = Attendance::default();
        for (name, value) in places.bookmarks("desk:").await? {
            if let Some(agent) = name.strip_prefix(AWAY) {
                let away = serde_json::from_str(&value).ok();
                attendance.away.extend(away.map(|it| (agent.into(), it)));
            } else if let Some(team) = name.strip_prefix(WAITS) {
                let waits = serde_json::from_str(&value).unwrap_or_default();
                attendance.waits.insert(team.to_owned(), waits);
            }
        }
        Ok(attendance)
    }

    /// Notes that somebody is away, or in again.
    pub async fn note_away(&self, agent: &AgentId, away: Option<Away>) -> Result<(), StoreError> {
        let Self(places) = self;
        let value = away.and_then(|it| serde_json::to_string(&it).ok());
        let value = value.unwrap_or_default();
        places.bookmark(&format!("{AWAY}{agent}"), &value).await
    }

    /// Notes how long a customer waited for a team.
    pub async fn note_wait(
        &self,
        team: Option<&str>,
        (waited, now): (Duration, Timestamp),
    ) -> Result<(), StoreError> {
        let Self(places) = self;
        let team = team.unwrap_or_default();
        let mut waits = self.read().await?.waits.remove(team).unwrap_or_default();
        waits.push(Waited {
            at: now,
            seconds: waited.as_secs(),
        });
        let excess = waits.len().saturating_sub(WAITS_REMEMBERED);
        waits.drain(..excess);
        let value = serde_json::to_string(&waits).unwrap_or_default();
        places.bookmark(&format!("{WAITS}{team}"), &value).await
    }
}

impl Attendance {
    /// Whether somebody is away now, and until when they said.
    pub fn away(&self, agent: &AgentId, now: Timestamp) -> Option<Away> {
        let away = self.away.get(agent).copied();
        away.filter(|away| away.until.is_none_or(|until| now < until))
    }

    /// Whether everybody who could take what a team is called for is away; and when the first of them
    /// is back, where all of them said.
    pub fn nobody_in(&self, desks: &Desks, team: Option<&str>, now: Timestamp) -> Option<NobodyIn> {
        let mut who = desks.who_can_take(team).peekable();
        who.peek()?;
        let away: Option<Vec<Away>> = who.map(|agent| self.away(&agent.id, now)).collect();
        let back: Option<Vec<Timestamp>> = away?.iter().map(|it| it.until).collect();
        let back = back.and_then(|back| back.into_iter().min());
        Some(NobodyIn { back })
    }

    /// Within how many minutes three of four customers of a team had somebody lately, rounded up to
    /// what people say; `None` where too little is known, or where it is more than two hours.
    pub fn usual_wait_minutes(&self, team: Option<&str>, now: Timestamp) -> Option<u32> {
        let waits = self.waits.get(team.unwrap_or_default())?;
        let counts = |it: &&Waited| now.duration_since(it.at) <= WAITS_COUNT_FOR;
        let mut seconds: Vec<u64> = waits.iter().filter(counts).map(|it| it.seconds).collect();
        if seconds.len() < WAITS_NEEDED {
            return None;
        }
        seconds.sort_unstable();
        let third_quartile = *seconds.get((seconds.len() * 3).div_ceil(4) - 1)?;
        let is_within = |minutes: &u32| third_quartile <= u64::from(*minutes) * 60;
        TOLD_MINUTES.into_iter().find(is_within)
    }
}

/// Everybody who could come is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NobodyIn {
    /// When the first of them is back, where all of them said.
    pub back: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::desk::{Agent, Right};

    use super::*;

    const fn at(second: i64) -> Timestamp {
        Timestamp::constant(second, 0)
    }

    fn waited(seconds: &[u64]) -> Attendance {
        let waits = seconds.iter().map(|seconds| Waited {
            at: at(0),
            seconds: *seconds,
        });
        Attendance {
            waits: BTreeMap::from([(String::new(), waits.collect())]),
            ..Attendance::default()
        }
    }

    #[test]
    fn what_is_foretold_is_what_three_of_four_customers_had() {
        let attendance = waited(&[10, 20, 30, 100, 9_000]);
        assert_eq!(attendance.usual_wait_minutes(None, at(60)), Some(2));
        let attendance = waited(&[10, 20, 30, 100, 121, 200, 9_000, 9_000]);
        assert_eq!(attendance.usual_wait_minutes(None, at(60)), Some(5));
        assert_eq!(attendance.usual_wait_minutes(Some("sales"), at(60)), None);
    }

    #[test]
    fn nothing_is_foretold_of_few_old_or_endless_waits() {
        let few = waited(&[10, 10, 10, 10]);
        assert_eq!(few.usual_wait_minutes(None, at(60)), None);
        let old = waited(&[10; 9]);
        let later = at(15 * 24 * 60 * 60);
        assert_eq!(old.usual_wait_minutes(None, later), None);
        let endless = waited(&[7_201; 9]);
        assert_eq!(endless.usual_wait_minutes(None, at(60)), None);
    }

    fn agent(id: &str, teams: &[&str]) -> Agent {
        Agent {
            id: id.into(),
            name: id.to_owned(),
            accounts: BTreeMap::new(),
            may: BTreeSet::from([Right::Take]),
            teams: teams.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn nobody_is_in_where_all_who_could_come_are_away() {
        let desks = Desks {
            agents: vec![agent("mia", &["sales"]), agent("tom", &[])],
            ..Desks::default()
        };
        let until = |second| Away {
            until: Some(at(second)),
        };
        let mut attendance = Attendance::default();
        attendance.away.insert("tom".into(), until(100));
        let nobody =
            |attendance: &Attendance, team, second| attendance.nobody_in(&desks, team, at(second));
        assert_eq!(nobody(&attendance, None, 50), None, "mia is in");
        let back = Some(at(100));
        assert_eq!(
            nobody(&attendance, Some("service"), 50),
            Some(NobodyIn { back })
        );
        assert_eq!(nobody(&attendance, Some("service"), 100), None);
        attendance.away.insert("mia".into(), Away { until: None });
        assert_eq!(
            nobody(&attendance, Some("sales"), 50),
            Some(NobodyIn { back: None })
        );
        assert_eq!(
            Attendance::default().nobody_in(&Desks::default(), None, at(0)),
            None,
            "where the config names nobody, nobody can be away"
        );
    }
}
