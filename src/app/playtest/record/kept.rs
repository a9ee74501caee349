//! What a customer did in a conversation that is kept, as steps of a test. The ledger holds what
//! was said and what was said later by itself; time passes only where something came of it.

use consultant_core::{Command, Happening, InboundEvent, LedgerEvent};
use jiff::{SignedDuration, Timestamp};

use crate::playtest::{
    case::Step,
    done::{Beside, done},
};

/// The steps of a ledger, in order, and what no step can say.
pub(super) fn steps(ledger: &[LedgerEvent]) -> Vec<Result<Step, &'static str>> {
    let mut beside = Beside::default();
    let mut clock = ledger.first().map(|event| event.at).unwrap_or_default();
    // A turn that came of time says what was due before it says that it was answered.
    let mut due_at = None;
    ledger
        .iter()
        .filter_map(|event| match &event.what {
            Happening::Answered { said, sources, .. } => {
                let done = done(said, std::mem::take(&mut beside), sources);
                let came_of_time = said.trim().is_empty() && due_at.take() == Some(event.at);
                (!came_of_time).then(|| step(done))
            }
            Happening::Reset => Some(Ok(says("/reset"))),
            Happening::FollowedUp { .. } | Happening::Reminded { .. } => {
                let time = whole_seconds(clock, event.at);
                clock = event.at;
                due_at = Some(event.at);
                time.map(|time| {
                    Ok(Step {
                        after: Some(time),
                        ..Step::default()
                    })
                })
            }
            what => {
                beside.note(what);
                None
            }
        })
        .collect()
}

/// What the customer did, as a step; why there is none for it otherwise.
fn step(done: InboundEvent) -> Result<Step, &'static str> {
    match done {
        InboundEvent::Message { text, .. } if text.trim().is_empty() => {
            Err("a file or a message without words")
        }
        InboundEvent::Message { text, .. } => Ok(says(&text)),
        InboundEvent::Command { command } => match command {
            Command::Start => Ok(says("/start")),
            Command::Help => Ok(says("/help")),
            Command::Reset => Ok(says("/reset")),
        },
        InboundEvent::Edited { .. } => Err("an edit of a message"),
        InboundEvent::Pressed { .. } => Err("a press of a button whose words are not kept"),
        _ => Err("a sticker, or something else without words"),
    }
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
    use consultant_core::{Language, PlaybookVersion, Source};

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
            .map(|step| match step {
                Ok(step) => match step.after {
                    Some(time) => format!("{time:#}"),
                    None => step.says.unwrap(),
                },
                Err(why) => why.to_owned(),
            })
            .collect();
        assert_eq!(steps, ["/start", "two lamps", "1h", "/reset", "1h"]);
    }

    #[test]
    fn what_no_step_can_say_is_told_and_is_no_greeting() {
        let without_words = |wording: &str| {
            let mut happening = answered("");
            if let Happening::Answered { sources, .. } = &mut happening {
                sources.push(Source::Wording(wording.to_owned()));
            }
            happening
        };
        let happened = [
            without_words("unsupported"),
            without_words("help"),
            without_words("empty"),
            without_words("disclosure"),
        ];
        let ledger = happened.map(|what| LedgerEvent {
            at: Timestamp::UNIX_EPOCH,
            what,
        });
        let steps: Vec<Result<String, &str>> = steps(&ledger)
            .into_iter()
            .map(|step| step.map(|it| it.says.unwrap()))
            .collect();
        let expect = [
            Err("a sticker, or something else without words"),
            Ok("/help".to_owned()),
            Err("a file or a message without words"),
            Ok("/start".to_owned()),
        ];
        assert_eq!(steps, expect);
    }
}
