//! A kept conversation that is played again, turn by turn, each by the version of the playbook that
//! answered it: what its script asked is seen on the way. Nothing is sent and nothing is kept.

use std::{sync::Arc, time::Duration};

use consultant_core::{
    Address, Command, Happening, InboundEvent, Membership, TracedRule, Turn, TurnTrace,
    ports::{Playbook, StoreError},
};
use jiff::Timestamp;

use super::{
    Stage,
    case::{Case, Writes},
    done::{Beside, done},
    house::{Seen, TestHouse},
};
use crate::explain::KeptTurn;

/// A conversation that is played again.
pub(crate) struct Again {
    house: TestHouse,
    now: Timestamp,
    /// Whom the customer belongs to, as far as it was told.
    belongs_to: Membership,
}

/// What a turn came to this time.
pub(crate) struct PlayedTurn {
    /// What the playbook saw, if it was asked.
    pub(crate) turn: Option<Turn>,
    /// The rules that fired.
    pub(crate) rules: Vec<TracedRule>,
}

impl Again {
    /// A conversation at the place where the first one was held, because chance begins there. It
    /// begins with this turn.
    pub(crate) fn new(stage: &Stage, address: &Address, first: &KeptTurn, writes: bool) -> Self {
        let model = if writes {
            Writes::Texts(Vec::new())
        } else {
            Writes::None
        };
        let case = Case {
            channel: address.channel,
            // Of what had no words yet, the platform told the language.
            locale: Some(first.language.code().to_owned()),
            ..Case::begun(first.at, model)
        };
        Self {
            house: TestHouse::as_recorded((&address.place, &case), stage),
            now: first.at,
            belongs_to: Membership::default(),
        }
    }

    /// Plays a turn with the version that answered it.
    pub(crate) async fn plays(
        &mut self,
        kept: &KeptTurn,
        playbook: &Arc<dyn Playbook>,
    ) -> Result<PlayedTurn, StoreError> {
        self.house.is_answered_by(playbook);
        self.house.has_written(kept.written());
        self.house.has_read(Beside::of(&kept.happened).read);
        if kept.anew {
            self.begins_anew(kept.reset).await?;
        }
        self.learns_of(kept);
        let passed = kept.at.duration_since(self.now);
        self.now = self.now.max(kept.at);
        let passed = Duration::try_from(passed).unwrap_or_default();
        let mut seen = self.house.waits(passed).await?;
        if !kept.came_of_time() {
            seen = self.house.hears(event(kept)).await?;
        }
        Ok(PlayedTurn {
            turn: self.house.take_turn(),
            rules: trace(&seen).map(|it| it.rules.clone()).unwrap_or_default(),
        })
    }
}

impl Again {
    /// Where the session expired, no customer wished it away: whom they belong to is remembered.
    async fn begins_anew(&mut self, was_reset: bool) -> Result<(), StoreError> {
        let command = Command::Reset;
        self.house.hears(InboundEvent::Command { command }).await?;
        let who = std::mem::take(&mut self.belongs_to);
        if was_reset || who.is_unknown() {
            return Ok(());
        }
        self.belongs_to = who.clone();
        self.house
            .remembers(vec![Happening::ServedAs { who }])
            .await
    }

    fn learns_of(&mut self, kept: &KeptTurn) {
        for happening in &kept.happened {
            if let Happening::ServedAs { who } = happening {
                self.belongs_to = self.belongs_to.with(who);
            }
        }
    }
}

fn event(kept: &KeptTurn) -> InboundEvent {
    done(&kept.said, Beside::of(&kept.happened), &kept.sources)
}

fn trace(seen: &Seen) -> Option<&TurnTrace> {
    seen.happenings.iter().rev().find_map(|it| match it {
        Happening::Answered { trace, .. } => trace.as_deref(),
        _ => None,
    })
}
