//! A person is called, and the customer waits: they are told how long it takes, and it is set when to
//! look at them again. Time when nobody works does not count.

use std::time::Duration;

use jiff::{Timestamp, ZonedDateTime};

use crate::{
    Address, Burst, BusinessHours, Case, ConversationId, Happening, Language, OwnerStep, Purpose,
    Session, Source, Timer, TimerChange, Turn, answer,
    desk::{Attendance, Desks},
    ports::StoreError,
    wording,
};

use super::{Engine, OpenTurn, open_turn::Reply, people::step};

/// A desk that was not told by then is away.
const TOLD_AFTER: Duration = Duration::from_mins(2);

impl Engine {
    /// A person is called: the conversation comes before the desk of the team that is needed, if there
    /// is one and it did not come before people already.
    pub(super) async fn call_people(
        &self,
        burst: &Burst,
        open: &mut OpenTurn,
        reply: &mut Reply,
    ) -> Result<(), StoreError> {
        let calls = |it: &Happening| matches!(it, Happening::Escalated { .. });
        if !reply.happenings.iter().any(calls) {
            return Ok(());
        }
        let session = &mut open.session;
        let team = needed_team(session);
        let desks = self.desks.now();
        let Some(desk) = desks.place_of(team.as_deref()).cloned() else {
            return Ok(());
        };
        let now = open.turn.now;
        let called = (OwnerStep::Called, None);
        if !step(session, &mut reply.happenings, called, now) {
            return Ok(());
        }
        let customer = burst.address().clone();
        reply.happenings.push(Happening::CaseOpened {
            desk: desk.clone(),
            customer: customer.clone(),
        });
        let suggested = suggested(&open.turn, reply);
        let before = session.case.take();
        session.case = Some(Box::new(Case {
            suggested,
            ..called_again(before, desk, customer)
        }));
        let hours = desks.hours_of(team.as_deref(), open.turn.catalog.company.hours.as_ref());
        let wait = Wait {
            desks: &desks,
            team: team.as_deref(),
            hours,
            now,
        };
        let attendance = self.board.read().await?;
        if let Some((name, text)) = wait.foretold(&attendance, session.language) {
            reply.add(&text, Source::Wording(name.to_owned()));
        }
        let place = (burst.conversation(), burst.address(), now);
        reply.timers.extend(wait.looks(place));
        Ok(())
    }
}

/// The case of a conversation in which a person is called. What people said before can still be
/// changed, what they kept to themselves stays inside, and the room stays as closed as it is.
fn called_again(before: Option<Box<Case>>, desk: Address, customer: Address) -> Case {
    let anew = Case::at(desk, customer);
    let Some(before) = before else { return anew };
    Case {
        room_closed: before.room_closed && before.desk == anew.desk,
        said: before.said,
        internal_album: before.internal_album,
        sent_album: before.sent_album,
        ..anew
    }
}

/// A reply that a person could send; nothing that the customer has read already.
fn suggested(turn: &Turn, reply: &Reply) -> Option<String> {
    let answer = answer::suggested(turn)?;
    (!reply.sources.contains(&answer.source)).then_some(answer.text)
}

/// Who is waited for, and when they are in.
pub(super) struct Wait<'a> {
    pub(super) desks: &'a Desks,
    pub(super) team: Option<&'a str>,
    pub(super) hours: Option<&'a BusinessHours>,
    pub(super) now: Timestamp,
}

/// Whose wait it is, where they are, and since when they wait.
pub(super) type Place<'a> = (ConversationId, &'a Address, Timestamp);

impl Wait<'_> {
    /// What can be said honestly of how long it takes, with its name; nothing where too little is
    /// known.
    fn foretold(
        &self,
        attendance: &Attendance,
        language: Language,
    ) -> Option<(&'static str, String)> {
        if let Some(opening) = self.away_until() {
            return Some((
                "people_are_back",
                wording::people_are_back(language, &opening),
            ));
        }
        if let Some(nobody) = attendance.nobody_in(self.desks, self.team, self.now) {
            let back_in = nobody.back.map(|back| back.duration_since(self.now));
            let minutes = back_in.map(|it| it.as_secs().saturating_add(59) / 60);
            return Some(("nobody_is_in", wording::nobody_is_in(language, minutes)));
        }
        let minutes = attendance.usual_wait_minutes(self.team, self.now)?;
        Some(("usual_wait", wording::usual_wait(language, minutes)))
    }

    /// The looks at a customer who waits.
    pub(super) fn looks(&self, place: Place<'_>) -> Vec<TimerChange> {
        let waiting = &self.desks.waiting;
        let looks = [
            (waiting.remind_after_minutes, Purpose::RemindDesk),
            (waiting.give_up_after_minutes, Purpose::EndWaiting),
        ];
        let looks = looks.into_iter().filter_map(|(after_minutes, purpose)| {
            Some(TimerChange::Set(self.look(place, after_minutes?, purpose)))
        });
        looks
            .chain([self.told_look(place), self.next_look(place)])
            .collect()
    }

    /// The look whether the desk was told, on the clock: whoever writes at night is told in the night.
    fn told_look(&self, (conversation, address, since): Place<'_>) -> TimerChange {
        TimerChange::Set(Timer {
            id: Purpose::DeskTold.timer_id(),
            conversation,
            address: address.clone(),
            set_at: since,
            due: self.now.saturating_add(TOLD_AFTER).unwrap_or(self.now),
            purpose: Purpose::DeskTold,
        })
    }

    /// The look that asks the next team; none where there is none.
    pub(super) fn next_look(&self, place: Place<'_>) -> TimerChange {
        match self.desks.next_of(self.team) {
            Some(next) => TimerChange::Set(self.look(place, next.after_minutes, Purpose::NextTeam)),
            None => TimerChange::Cancel(Purpose::NextTeam.timer_id()),
        }
    }

    fn look(
        &self,
        (conversation, address, since): Place<'_>,
        after_minutes: u32,
        purpose: Purpose,
    ) -> Timer {
        Timer {
            id: purpose.timer_id(),
            conversation,
            address: address.clone(),
            set_at: since,
            due: self.due(after_minutes),
            purpose,
        }
    }

    /// So many minutes from now, or from when people are there again.
    fn due(&self, after_minutes: u32) -> Timestamp {
        let begins = self.away_until().map(|opening| opening.timestamp());
        let after = Duration::from_mins(u64::from(after_minutes));
        let begins = begins.unwrap_or(self.now);
        begins.saturating_add(after).unwrap_or(self.now)
    }

    /// When people are there again; `None` while they are there, and where no hours are known.
    fn away_until(&self) -> Option<ZonedDateTime> {
        away_until(self.hours, self.now)
    }
}

/// When people are there again; `None` while they are there, and where no hours are known.
fn away_until(hours: Option<&BusinessHours>, now: Timestamp) -> Option<ZonedDateTime> {
    let hours = hours.filter(|hours| !hours.is_open_at(now))?;
    hours.next_opening(now)
}

/// How long somebody waited who has waited since then, the time before people were in left out.
pub(super) fn waited(hours: Option<&BusinessHours>, since: Timestamp, now: Timestamp) -> Duration {
    let begins = away_until(hours, since).map_or(since, |opening| opening.timestamp());
    Duration::try_from(now.duration_since(begins)).unwrap_or_default()
}

/// Who is needed, where not anybody.
pub(super) fn needed_team(session: &Session) -> Option<String> {
    session.escalation.as_ref().and_then(|it| it.team.clone())
}
