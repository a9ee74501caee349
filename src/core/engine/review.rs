//! The escalation rules are asked again once it is known what the model wrote: a draft that the guard
//! refused, a model that failed or was not sure, may be why a person is needed. And they are asked
//! about files without words, which the playbook is not.

use crate::{
    Action, Happening, Source, TracedRule, Written,
    compose::{self, Draft, Part},
};

use super::{OpenTurn, open_turn::Reply};

/// Asks the rules about a reply that the model was asked for, or to files that could not be read, and
/// adds what they say to it.
pub(super) fn review(open: &mut OpenTurn, reply: &mut Reply) {
    let written = written(reply);
    // Files without words are nothing that the playbook was asked about.
    let is_file_alone = open.turn.text.is_empty() && open.turn.unread_files > 0;
    let was_played = !is_file_alone || open.session.owner.concerns_people();
    if written.is_none() && was_played {
        return;
    }
    let mut turn = open.turn.clone();
    turn.see(&open.session);
    turn.written = written;
    let decision = open.playbook.review(&turn);
    open.trace.rules.extend(TracedRule::of_decision(&decision));
    let problems = decision.problems.iter().cloned();
    let failed = problems.map(|reason| Happening::PlaybookFailed { reason });
    reply.happenings.extend(failed);
    let calls = |it: &Happening| matches!(it, Happening::Escalated { .. });
    let is_told = reply.happenings.iter().any(calls);
    let mut draft = Draft::default();
    for action in &decision.actions {
        match action {
            // Whoever was told already that a person comes is not told again.
            Action::Say { .. } if is_told => {}
            Action::Say { text } => {
                draft.say(text.get(open.session.language), Source::Playbook);
            }
            Action::Escalate { .. } => {
                compose::note(action, turn.now, &mut open.session, &mut draft);
            }
            _ => {}
        }
    }
    reply.happenings.append(&mut draft.happenings);
    for part in draft.parts {
        if let Part::Ready { text, source } = part {
            reply.add(&text, source);
        }
    }
}

/// What came of the model's part; nothing where it was not asked.
fn written(reply: &Reply) -> Option<Written> {
    let refused = |it: &&Happening| matches!(it, Happening::GuardRefused { .. });
    let failed = |it: &Happening| matches!(it, Happening::ModelFailed { .. });
    let happened = &reply.happenings;
    let guard_refused = happened.iter().filter(refused).count();
    let model_failed = happened.iter().any(failed);
    let was_asked = guard_refused > 0 || model_failed || reply.sources.contains(&Source::Model);
    was_asked.then(|| Written {
        guard_refused: u32::try_from(guard_refused).unwrap_or(u32::MAX),
        model_failed,
        sure_permille: reply.sure_permille,
    })
}
