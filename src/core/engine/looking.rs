//! The time has come to look at a conversation that concerns people: the desk is reminded, another team
//! is asked, somebody wanted to see it again, and after a time that the company sets itself nobody is
//! waited for any more.

use jiff::Timestamp;

use crate::{
    Address, Burst, Case, Happening, Language, OutboxEntry, OutboxId, OutboxState, Owner,
    OwnerStep, Purpose, TimerChange,
    desk::{Desks, InVain},
    ports::{Commit, Outlet, SessionChange, StoreError},
    wording,
};

use super::{
    Engine, OpenTurn, TurnEnd, TurnReport, deliver,
    people::{step, to_desk_entry},
    waiting::{Wait, needed_team},
};

impl Engine {
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

fn wait_of<'a>(open: &'a OpenTurn, desks: &'a Desks, team: Option<&'a str>) -> Wait<'a> {
    let company = open.turn.catalog.company.hours.as_ref();
    Wait {
        desks,
        team,
        hours: desks.hours_of(team, company),
        now: open.turn.now,
    }
}
