//! Who has a conversation: an agent takes it, hands it back, ends it, or gives it to others.

use crate::{
    AgentId, Escalation, Happening, Owner, OwnerStep, Priority, Purpose, RoomChange, TimerChange,
    TimerId,
    desk::{Right, ShownAs},
    wording,
};

use super::{
    super::{
        card,
        waiting::{Wait, needed_team, waited},
    },
    Work,
};

impl Work<'_> {
    /// An agent has the conversation from now on.
    pub(super) fn give_to(&mut self, id: &AgentId) {
        let were_concerned = self.session.owner.concerns_people();
        let before = self.session.owner.clone();
        if !self.step(OwnerStep::Taken(id.clone())) {
            return;
        }
        if let Owner::Waiting { since } = before {
            let team = needed_team(&self.session);
            let hours = self.desks.hours_of(team.as_deref(), self.hours.as_ref());
            self.waited = Some(waited(hours, since, self.now));
        }
        self.timers.push(TimerChange::Cancel(follow_up()));
        if !were_concerned {
            // Since the room was last told, the customer and the bot may have said more.
            let lines = card::lines(&self.session);
            if !lines.is_empty() {
                self.tell_desk_verbatim(lines);
            }
        }
        let name = self.name_of(id);
        let shown = match self.desks.shown_as {
            ShownAs::Name => Some(name.as_str()),
            ShownAs::Colleague => None,
        };
        let text = wording::joined(self.session.language, shown, &self.company);
        self.tell_customer(text);
        self.tell_desk(wording::has_it(self.language, &name));
        let open = self.case.reopened();
        self.change_room(RoomChange { title: None, open });
    }

    pub(super) fn hand_back(&mut self, note: Option<String>) {
        if self.step(OwnerStep::HandedBack(note)) {
            self.forget_snooze();
            self.session.escalation = None;
            self.session.unanswered = 0;
            self.case.told_that_passed_on = false;
            self.tell_customer(wording::back_to_the_bot(self.session.language));
            self.tell_desk(wording::handed_back(self.language, &self.agent.name));
        }
    }

    pub(super) fn close(&mut self) {
        if self.step(OwnerStep::Closed) {
            self.timers.push(TimerChange::Cancel(follow_up()));
            self.forget_snooze();
            self.session.escalation = None;
            self.case.told_that_passed_on = false;
            self.tell_customer(wording::closed(self.session.language));
            self.tell_desk(wording::was_closed(self.language, &self.agent.name));
            self.case.room_closed = true;
            self.change_room(RoomChange {
                title: None,
                open: Some(false),
            });
        }
    }

    pub(super) fn give_to_team(&mut self, team: &str) {
        let Some(desk) = self.desks.teams.get(team).map(|it| it.place.clone()) else {
            let known: Vec<&str> = self.desks.teams.keys().map(String::as_str).collect();
            return self.tell_desk(wording::nobody_of_this_name(self.language, team, &known));
        };
        self.sort(None, Some(team.to_owned()));
        if desk != self.case.desk {
            self.case.desk = desk.clone();
            let customer = self.case.customer.clone();
            self.happenings
                .push(Happening::CaseOpened { desk, customer });
            // The first word there opens the room.
            let priority = self.priority();
            self.tell_desk(wording::sorted(self.language, priority, Some(team)));
        }
        let is_asked_anew = self.step(OwnerStep::PassedOn);
        let wait = Wait {
            desks: self.desks,
            team: Some(team),
            hours: self.desks.hours_of(Some(team), self.hours.as_ref()),
            now: self.now,
        };
        let Owner::Waiting { since } = self.session.owner else {
            return;
        };
        let place = (self.burst.conversation(), &self.case.customer, since);
        // Whoever waits already goes on waiting; only whom they wait for next is another.
        let looks = if is_asked_anew {
            wait.looks(place)
        } else {
            vec![wait.next_look(place)]
        };
        self.timers.extend(looks);
    }

    pub(super) fn give_to_colleague(&mut self, id: &str) {
        let id = AgentId::from(id);
        if self.desks.agent(&id).is_some_and(|it| it.may(Right::Take)) {
            return self.give_to(&id);
        }
        let agents = self.desks.agents.iter().filter(|it| it.may(Right::Take));
        let known: Vec<&str> = agents.map(|it| it.id.as_str()).collect();
        self.tell_desk(wording::nobody_of_this_name(
            self.language,
            id.as_str(),
            &known,
        ));
    }

    /// How soon somebody is needed, and who.
    pub(super) fn sort(&mut self, priority: Option<Priority>, team: Option<String>) {
        if team.is_none() && !self.session.owner.concerns_people() {
            return self.tell_desk(wording::nobody_waits(self.language));
        }
        let since = self.now;
        let escalation = self.session.escalation.get_or_insert_with(|| Escalation {
            reason: String::new(),
            since,
            priority: Priority::Normal,
            team: None,
        });
        escalation.priority = priority.unwrap_or(escalation.priority);
        if team.is_some() {
            escalation.team = team;
        }
        let (priority, team) = (escalation.priority, escalation.team.clone());
        self.tell_desk(wording::sorted(self.language, priority, team.as_deref()));
        self.case.title = card::title(self.burst.conversation(), &self.session);
        self.change_room(RoomChange {
            title: Some(self.case.title.clone()),
            open: None,
        });
        self.happenings.push(Happening::Sorted {
            by: Some(self.agent.id.clone()),
            priority,
            team,
        });
    }

    pub(super) fn priority(&self) -> Priority {
        let escalation = self.session.escalation.as_ref();
        escalation.map_or(Priority::Normal, |it| it.priority)
    }
}

fn follow_up() -> TimerId {
    let text = String::new();
    Purpose::FollowUp { text }.timer_id()
}
