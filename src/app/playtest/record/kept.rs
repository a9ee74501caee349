//! What a customer did in a conversation that is kept, as steps of a test. The ledger holds what
//! was said and what was said later by itself; time passes only where something came of it.

use consultant_core::{Happening, LedgerEvent};
use jiff::{SignedDuration, Timestamp};

use crate::playtest::case::Step;

/// The steps of a ledger, in order. A press stands in it as the words on the button; what had no
/// words at all was a greeting by the platform.
pub(super) fn steps(ledger: &[LedgerEvent]) -> Vec<Step> {
    let mut clock = ledger.first().map(|event| event.at).unwrap_or_default();
    // A turn that came of time says what was due before it says that it was answered.
    let mut due_at = None;
    ledger
        .iter()
        .filter_map(|event| match &event.what {
            Happening::Answered { said, .. } if said.trim().is_empty() => {
                (due_at.take() != Some(event.at)).then(|| says("/start"))
            }
            Happening::Answered { said, .. } => Some(says(said)),
            Happening::Reset => Some(says("/reset")),
            Happening::FollowedUp { .. } | Happening::Reminded { .. } => {
                let time = whole_seconds(clock, event.at);
                clock = event.at;
                due_at = Some(event.at);
                time.map(|time| Step {
                    after: Some(time),
                    ..Step::default()
                })
            }
            _ => None,
        })
        .collect()
}

fn says(text: &str) -> Step {
    Step {
        says: Some(text.to_owned()),
        ..Step::default()
    }
}

/// Rounded up, so that what was due is due again; `None` where no time passed.
fn whole_seconds(from: Timestamp, to: Timestamp) -> Option<SignedDuration> {
    let time = to.duration_since(from);
    let more = i64::from(time.subsec_nanos() > 0);
    let time = SignedDuration::from_secs(time.as_secs() + more);
    time.is_positive().then_some(time)
}

#[cfg(test)]
mod tests {
    use consultant_core::{Language, PlaybookVersion};

    use super::*;

    fn answered(said: &str) -> Happening {
        Happening::Answered {
            inbound: Vec::new(),
            said: said.to_owned(),
            replied: "…".to_owned(),
            sources: Vec::new(),
            language: Language::EN,
            playbook: PlaybookVersion("1".to_owned()),
            trace: None,
        }
    }

    #[test]
    fn time_passes_where_something_came_of_it() {
        let followed = |text: &str| Happening::FollowedUp {
            text: text.to_owned(),
        };
        let happened = [
            (0, answered("")),
            (5, answered("two lamps")),
            (5, Happening::FollowUpsDeclined),
            (3_600, followed("still there?")),
            (3_600, answered("")),
            (3_605, Happening::Reset),
            (7_200, followed("and now?")),
        ];
        let ledger = happened.map(|(seconds, what)| LedgerEvent {
            at: Timestamp::from_second(seconds).unwrap(),
            what,
        });
        let steps: Vec<String> = steps(&ledger)
            .into_iter()
            .map(|step| match step.after {
                Some(time) => format!("{time:#}"),
                None => step.says.unwrap(),
            })
            .collect();
        assert_eq!(steps, ["/start", "two lamps", "1h", "/reset", "1h"]);
    }
}
