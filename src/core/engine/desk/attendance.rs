//! Who is in and who is away, as they say themselves, in any room of a desk or where all of the team
//! talk.

use std::time::Duration;

use crate::{
    Burst, OutboxEntry,
    desk::{Agent, AtDesk, Attendance, Away, DeskEvent, Desks, Said, read},
    ports::{Commit, Opened, Outlet, StoreError},
    wording,
};

use super::super::{Engine, TurnEnd, TurnReport, deliver, people::to_desk_entry};

/// That somebody is away from now on, or in again; nothing where they said something else.
pub(super) fn said_of_attendance(at: &AtDesk) -> Option<Said> {
    let DeskEvent::Wrote { text, .. } = &at.what else {
        return None;
    };
    let said = read(text).ok();
    said.filter(|it| matches!(it, Said::Away(_) | Said::In))
}

impl Engine {
    /// Notes it and tells who is in now.
    pub(super) async fn note_attendance(
        &self,
        burst: &Burst,
        (agent, said): (&Agent, &Said),
        outlet: &dyn Outlet,
    ) -> Result<TurnEnd, StoreError> {
        let Opened { version, .. } = self.store.open(burst.conversation()).await?;
        let now = self.clock.now();
        let away = match said {
            Said::Away(for_minutes) => Some(Away {
                until: for_minutes.and_then(|minutes| {
                    let minutes = Duration::from_mins(u64::from(minutes));
                    now.checked_add(minutes).ok()
                }),
            }),
            _ => None,
        };
        // First: whoever was told that they are away is, whatever ends in between.
        self.board.note_away(&agent.id, away).await?;
        let attendance = self.board.read().await?;
        let entry = OutboxEntry {
            text: self.who_is_in((agent, said), &attendance),
            ..to_desk_entry(burst, burst.address())
        };
        let commit = Commit {
            outbox: vec![entry.clone()],
            answered: burst.keys(),
            ..Commit::of(burst.conversation(), version)
        };
        self.store.commit(commit).await?;
        deliver(vec![entry], outlet).await;
        Ok(TurnEnd::Answered(TurnReport::default()))
    }

    fn who_is_in(&self, (agent, said): (&Agent, &Said), attendance: &Attendance) -> String {
        let language = self.settings.language;
        let told = match said {
            Said::Away(for_minutes) => wording::is_away(language, &agent.name, *for_minutes),
            _ => wording::is_in(language, &agent.name),
        };
        let desks: &Desks = &self.desks.now();
        let now = self.clock.now();
        let are_in = desks.agents.iter();
        let are_in: Vec<&str> = are_in
            .filter(|it| attendance.away(&it.id, now).is_none())
            .map(|it| it.name.as_str())
            .collect();
        format!("{told} {}", wording::are_in(language, &are_in))
    }
}
