//! A conversation that somebody wants to look at again later.

use std::time::Duration;

use crate::{Happening, Owner, Purpose, Timer, TimerChange, wording};

use super::Work;

impl Work<'_> {
    /// Puts the conversation off: nobody is reminded of it, and nothing is done about it, until then.
    pub(super) fn snooze(&mut self, minutes: u32) {
        let (Owner::Waiting { since } | Owner::Agent { since, .. }) = self.session.owner else {
            return self.tell_desk(wording::nobody_waits(self.language));
        };
        let after = Duration::from_mins(u64::from(minutes));
        let Ok(until) = self.now.checked_add(after) else {
            return;
        };
        let looks = [Purpose::RemindDesk, Purpose::NextTeam, Purpose::EndWaiting];
        let no_more = looks.map(|purpose| TimerChange::Cancel(purpose.timer_id()));
        self.timers.extend(no_more);
        self.timers.push(TimerChange::Set(Timer {
            id: Purpose::Snoozed.timer_id(),
            conversation: self.burst.conversation(),
            address: self.case.customer.clone(),
            set_at: since,
            due: until,
            purpose: Purpose::Snoozed,
        }));
        self.happenings.push(Happening::PutOff {
            by: self.agent.id.clone(),
            until,
        });
        self.tell_desk(wording::put_off(self.language, minutes));
    }

    /// Nothing is to be looked at again.
    pub(super) fn forget_snooze(&mut self) {
        let snoozed = Purpose::Snoozed.timer_id();
        self.timers.push(TimerChange::Cancel(snoozed));
    }
}
