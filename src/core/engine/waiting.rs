//! A customer who waits for a person: they are told how long it takes, the desk is reminded, another
//! team is asked, and after a time that the company sets itself nobody is waited for any more. Time
//! when nobody works does not count.

use std::time::Duration;

use jiff::{Timestamp, ZonedDateTime};

use crate::{
    Address, Burst, BusinessHours, Case, ConversationId, Happening, Language, OutboxEntry,
    OutboxId, OutboxState, Owner, OwnerStep, Purpose, Session, Source, Timer, TimerChange, Turn,
    answer,
    desk::{Attendance, Desks, InVain},
    ports::{Commit, Outlet, SessionChange, StoreError},
    wording,
};

use super::{
    Engine, OpenTurn, TurnEnd, TurnReport, deliver,
    open_turn::Reply,
    people::{step, to_desk_entry},
};

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

    /// The time has come to look at a conversation that concerns people.
    pub(super) async fn look_at_people(
        &self,
        burst: &Burst,
        mut open: OpenTurn,
        (purpose, set_at): (&Purpose, Timestamp),
        outlet: &dyn Outlet,
    ) -> Result<TurnEnd, StoreError> {
        let waits_since_then =
            matches!(open.session.owner, Owner::Waiting { since } if since == set_at);
        let mut look = Look {
            language: self.settings.language,
            burst,
            outbox: Vec::new(),
            timers: Vec::new(),
        };
        if let Some(case) = open.session.case.clone() {
            let desks = self.desks.now();
            match purpose {
                Purpose::DeskTold if waits_since_then && !self.is_told(burst, &case).await? => {
                    look.tell_customer(&open, wording::desk_is_away(open.session.language));
                }
                Purpose::DeskTold => {}
                Purpose::Snoozed => look.back_from_snooze(&mut open, &case, &desks),
                _ if !waits_since_then => {}
                Purpose::NextTeam => look.ask_next_team(&mut open, &desks),
                Purpose::EndWaiting => look.give_up(&mut open, &case, desks.waiting.then),
                _ => look.remind(&open, &case, set_at),
            }
        }
        let commit = Commit {
            session: SessionChange::Put(Box::new(open.session)),
            outbox: look.outbox.clone(),
            ledger: self.at_this_time(open.happenings),
            timers: look.timers,
            answered: open.answers,
            ..Commit::of(burst.conversation(), open.version)
        };
        self.store.commit(commit).await?;
        deliver(look.outbox, outlet).await;
        Ok(TurnEnd::Answered(TurnReport::default()))
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

impl Engine {
    /// Whether the desk shows the card of a case. Where nothing is known of it any more, it was shown
    /// long ago.
    async fn is_told(&self, burst: &Burst, case: &Case) -> Result<bool, StoreError> {
        let Some(card) = &case.card_entry else {
            return Ok(true);
        };
        let card = self.deliveries.delivery(burst.conversation(), card).await?;
        Ok(card.is_none_or(|it| it.state == OutboxState::Delivered))
    }
}

/// What comes of a look at a conversation that concerns people.
struct Look<'a> {
    /// The desk's language.
    language: Language,
    burst: &'a Burst,
    outbox: Vec<OutboxEntry>,
    timers: Vec<TimerChange>,
}

impl Look<'_> {
    fn tell_desk(&mut self, desk: &Address, text: String) {
        let entry = to_desk_entry(self.burst, desk);
        self.outbox.push(OutboxEntry {
            id: OutboxId(format!("{}/{}", entry.id, self.outbox.len())),
            text,
            ..entry
        });
    }

    fn tell_customer(&mut self, open: &OpenTurn, text: &str) {
        self.outbox.push(OutboxEntry {
            text: text.to_owned(),
            state: OutboxState::Ready,
            ..open.entry.clone()
        });
    }

    fn remind(&mut self, open: &OpenTurn, case: &Case, since: Timestamp) {
        let minutes = open.turn.now.duration_since(since).as_secs() / 60;
        let text = wording::still_waits(self.language, minutes);
        self.tell_desk(&case.desk, text);
    }

    /// Somebody wanted to see it again now. Whoever still waits is waited with from here on.
    fn back_from_snooze(&mut self, open: &mut OpenTurn, case: &Case, desks: &Desks) {
        let since = match open.session.owner {
            Owner::Waiting { since } => Some(since),
            Owner::Agent { .. } => None,
            _ => return,
        };
        let text = wording::snoozed_until_now(self.language).to_owned();
        self.tell_desk(&case.desk, text);
        if let Some(since) = since {
            let team = needed_team(&open.session);
            let place = (self.burst.conversation(), &case.customer, since);
            let looks = wait_of(open, desks, team.as_deref()).looks(place);
            self.timers.extend(looks);
        }
    }

    /// Nobody of the team came: the next one is asked, at its own desk.
    fn ask_next_team(&mut self, open: &mut OpenTurn, desks: &Desks) {
        let before = needed_team(&open.session);
        let Some(next) = desks.next_of(before.as_deref()) else {
            return;
        };
        let Some(desk) = desks.place_of(Some(&next.team)).cloned() else {
            return;
        };
        let language = self.language;
        let session = &mut open.session;
        let (Some(case), Some(escalation)) = (&mut session.case, &mut session.escalation) else {
            return;
        };
        escalation.team = Some(next.team.clone());
        open.happenings.push(Happening::Sorted {
            by: None,
            priority: escalation.priority,
            team: Some(next.team.clone()),
        });
        let text = wording::next_team_asked(language, before.as_deref(), &next.team);
        self.tell_desk(&case.desk, text.clone());
        if desk != case.desk {
            case.desk = desk.clone();
            let customer = case.customer.clone();
            open.happenings
                .push(Happening::CaseOpened { desk, customer });
            // The first word there opens the room.
            self.tell_desk(&case.desk, text);
        }
        let customer = case.customer.clone();
        if let Owner::Waiting { since } = session.owner {
            let place = (self.burst.conversation(), &customer, since);
            let wait = wait_of(open, desks, Some(&next.team));
            self.timers.push(wait.next_look(place));
        }
    }

    /// Nobody came, and both sides are told: the bot goes on, or the customer leaves word and goes on
    /// waiting.
    fn give_up(&mut self, open: &mut OpenTurn, case: &Case, then: InVain) {
        let language = open.session.language;
        let told = match then {
            InVain::Bot => wording::nobody_came(language),
            InVain::Message => wording::leave_a_message(language),
            InVain::Callback => wording::offer_a_call(language),
        };
        self.tell_customer(open, told);
        let text = wording::was_waited_in_vain(self.language, then).to_owned();
        self.tell_desk(&case.desk, text);
        let now = open.turn.now;
        if then == InVain::Bot {
            let nobody_came = (OwnerStep::NobodyCame, None);
            step(&mut open.session, &mut open.happenings, nobody_came, now);
            open.session.escalation = None;
            open.session.unanswered = 0;
        } else {
            open.happenings.push(Happening::WaitedInVain { then });
            if let Some(case) = &mut open.session.case {
                case.told_that_passed_on = false;
            }
        }
    }
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

fn wait_of<'a>(open: &'a OpenTurn, desks: &'a Desks, team: Option<&'a str>) -> Wait<'a> {
    let company = open.turn.catalog.company.hours.as_ref();
    Wait {
        desks,
        team,
        hours: desks.hours_of(team, company),
        now: open.turn.now,
    }
}
