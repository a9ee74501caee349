//! All that is kept of a conversation is forgotten, because its customer wishes so.

use std::time::Duration;

use crate::{OwnerStep, Purpose, Timer, TimerChange, wording};

use super::Work;

/// Until what was said before is said: what is forgotten cannot be delivered any more.
const AFTER: Duration = Duration::from_secs(5);

impl Work<'_> {
    /// Asks first; who is sure has it forgotten.
    pub(super) fn erase(&mut self, is_sure: bool) {
        if !is_sure {
            return self.tell_desk(wording::sure_to_erase(self.language));
        }
        let Ok(due) = self.now.checked_add(AFTER) else {
            return;
        };
        self.step(OwnerStep::Closed);
        self.timers.push(TimerChange::CancelAll);
        self.timers.push(TimerChange::Set(Timer {
            id: Purpose::Erase.timer_id(),
            conversation: self.burst.conversation(),
            address: self.case.customer.clone(),
            set_at: self.now,
            due,
            purpose: Purpose::Erase,
        }));
        let (by, conversation) = (&self.agent.id, self.burst.conversation());
        let what = format!("{by} has conversation {conversation} erased");
        self.problems.push(what);
        self.tell_desk(wording::is_erased(self.language));
    }
}
