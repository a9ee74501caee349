//! All that is kept of a conversation is forgotten, because its customer wishes so.

use std::time::Duration;

use crate::{Case, ConversationId, OwnerStep, Purpose, Timer, TimerChange, wording};

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
        self.case.erased_at = Some(due);
        let conversation = self.burst.conversation();
        self.timers
            .extend(no_timers_but_erasure(conversation, Some(&self.case)));
        let by = &self.agent.id;
        let what = format!("{by} has conversation {conversation} erased");
        self.problems.push(what);
        self.tell_desk(wording::is_erased(self.language));
    }
}

/// Takes all timers back: a customer begins anew or leaves. That all is forgotten stays ordered.
pub(in super::super) fn no_timers_but_erasure(
    conversation: ConversationId,
    case: Option<&Case>,
) -> Vec<TimerChange> {
    let erasure = case.and_then(|case| {
        Some(TimerChange::Set(Timer {
            id: Purpose::Erase.timer_id(),
            conversation,
            address: case.customer.clone(),
            set_at: case.erased_at?,
            due: case.erased_at?,
            purpose: Purpose::Erase,
        }))
    });
    std::iter::once(TimerChange::CancelAll)
        .chain(erasure)
        .collect()
}
