//! A customer who waits for a person: they are told when people are there again, the desk is
//! reminded, and after a time that the company sets itself the bot goes on with an apology. Time when
//! nobody works does not count.

use std::time::Duration;

use jiff::{Timestamp, ZonedDateTime};

use crate::{
    Address, Burst, BusinessHours, Case, ConversationId, Happening, OutboxEntry, OutboxId,
    OutboxState, Owner, OwnerStep, Purpose, Source, Timer, TimerChange,
    desk::Desks,
    ports::{Commit, Outlet, SessionChange, StoreError},
    wording,
};

use super::{
    Engine, OpenTurn, TurnEnd, TurnReport, deliver,
    open_turn::Reply,
    people::{step, to_desk_entry},
};

impl Engine {
    /// A person is called: the conversation comes before the desk of the team that is needed, if there
    /// is one and it did not come before people already.
    pub(super) fn call_people(&self, burst: &Burst, open: &mut OpenTurn, reply: &mut Reply) {
        let calls = |it: &Happening| matches!(it, Happening::Escalated { .. });
        if !reply.happenings.iter().any(calls) {
            return;
        }
        let session = &mut open.session;
        let escalation = session.escalation.as_ref();
        let team = escalation.and_then(|it| it.team.clone());
        let desks = self.desks.now();
        let Some(desk) = desks.place_of(team.as_deref()).cloned() else {
            return;
        };
        let now = open.turn.now;
        let called = (OwnerStep::Called, None);
        if !step(session, &mut reply.happenings, called, now) {
            return;
        }
        let customer = burst.address().clone();
        reply.happenings.push(Happening::CaseOpened {
            desk: desk.clone(),
            customer: customer.clone(),
        });
        // What people said before can still be changed, and what they kept to themselves stays inside.
        let before = session.case.take();
        let before = before.map(|it| (it.said, it.internal_album, it.sent_album));
        let (said, internal_album, sent_album) = before.unwrap_or_default();
        session.case = Some(Box::new(Case {
            title: String::new(),
            card: String::new(),
            desk,
            customer,
            said,
            internal_album,
            sent_album,
            told_that_passed_on: false,
        }));
        let hours = open.turn.catalog.company.hours.as_ref();
        if let Some(opening) = away_until(hours, now) {
            let text = wording::people_are_back(session.language, &opening);
            reply.add(&text, Source::Wording("people_are_back".to_owned()));
        }
        let place = (burst.conversation(), burst.address(), now);
        reply.timers.extend(waiting_timers(&desks, hours, place));
    }

    /// The time has come to look whether a customer still waits.
    pub(super) async fn look_at_waiting(
        &self,
        burst: &Burst,
        mut open: OpenTurn,
        (purpose, set_at): (&Purpose, Timestamp),
        outlet: &dyn Outlet,
    ) -> Result<TurnEnd, StoreError> {
        let waits_since_then =
            matches!(open.session.owner, Owner::Waiting { since } if since == set_at);
        let case = open.session.case.clone().filter(|_| waits_since_then);
        let mut outbox = Vec::new();
        if let Some(case) = case {
            outbox = match purpose {
                Purpose::EndWaiting => self.give_up_waiting(burst, &mut open, &case),
                _ => vec![self.remind(burst, &open, &case, set_at)],
            };
        }
        let commit = Commit {
            session: SessionChange::Put(Box::new(open.session)),
            outbox: outbox.clone(),
            ledger: self.at_this_time(open.happenings),
            answered: open.answers,
            ..Commit::of(burst.conversation(), open.version)
        };
        self.store.commit(commit).await?;
        deliver(outbox, outlet).await;
        Ok(TurnEnd::Answered(TurnReport::default()))
    }

    fn remind(&self, burst: &Burst, open: &OpenTurn, case: &Case, since: Timestamp) -> OutboxEntry {
        let minutes = open.turn.now.duration_since(since).as_secs() / 60;
        OutboxEntry {
            text: wording::still_waits(self.settings.language, minutes),
            ..to_desk_entry(burst, &case.desk)
        }
    }

    /// Nobody came: the bot goes on, and both sides are told.
    fn give_up_waiting(&self, burst: &Burst, open: &mut OpenTurn, case: &Case) -> Vec<OutboxEntry> {
        let nobody_came = (OwnerStep::NobodyCame, None);
        let now = open.turn.now;
        step(&mut open.session, &mut open.happenings, nobody_came, now);
        open.session.escalation = None;
        open.session.unanswered = 0;
        let language = open.session.language;
        let told = OutboxEntry {
            text: wording::nobody_came(language).to_owned(),
            state: OutboxState::Ready,
            ..open.entry.clone()
        };
        let for_desk = to_desk_entry(burst, &case.desk);
        let for_desk = OutboxEntry {
            id: OutboxId(format!("{}/given-up", for_desk.id)),
            text: wording::was_given_up(self.settings.language).to_owned(),
            ..for_desk
        };
        vec![told, for_desk]
    }
}

/// When people are there again; `None` while they are there, and where no hours are known.
fn away_until(hours: Option<&BusinessHours>, now: Timestamp) -> Option<ZonedDateTime> {
    let hours = hours.filter(|hours| !hours.is_open_at(now))?;
    hours.next_opening(now)
}

/// So many minutes from now, or from when people are there again.
fn due(hours: Option<&BusinessHours>, now: Timestamp, after_minutes: u32) -> Timestamp {
    let begins = away_until(hours, now).map_or(now, |opening| opening.timestamp());
    let after = Duration::from_mins(u64::from(after_minutes));
    begins.saturating_add(after).unwrap_or(now)
}

/// The looks at a customer who waits from now on.
pub(super) fn waiting_timers(
    desks: &Desks,
    hours: Option<&BusinessHours>,
    (conversation, address, now): (ConversationId, &Address, Timestamp),
) -> Vec<TimerChange> {
    let looks = [
        (desks.waiting.remind_after_minutes, Purpose::RemindDesk),
        (desks.waiting.give_up_after_minutes, Purpose::EndWaiting),
    ];
    let set = looks.into_iter().filter_map(|(after_minutes, purpose)| {
        Some(TimerChange::Set(Timer {
            id: purpose.timer_id(),
            conversation,
            address: address.clone(),
            set_at: now,
            due: due(hours, now, after_minutes?),
            purpose,
        }))
    });
    set.collect()
}
