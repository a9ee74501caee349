//! Nothing is agreed to that nobody states: "Yes, it is" to "The lamp is 5 EUR, right?".

use super::Reading;

/// Words that agree, at the beginning of a sentence, each as its words.
const AGREES: &[&str] = &[
    "yes",
    "yeah",
    "yep",
    "sure",
    "ok",
    "okay",
    "deal",
    "done",
    "confirmed",
    "of course",
    "correct",
    "exactly",
    "absolutely",
    "certainly",
    "indeed",
    "definitely",
    "that is right",
    "that s right",
    "you are right",
    "you re right",
    "right",
];

const AGREES_HAN: &[&str] = &[
    "是的",
    "没错",
    "当然",
    "可以",
    "好的",
    "没问题",
    "对的",
    "对，",
];

/// What behind them takes the agreement back: "absolutely not", "right now".
const BUT: &[&str] = &["not", "now", "but", "i"];

/// An agreement to a message that holds what nobody states.
pub(super) fn unheld(reading: &Reading<'_>) -> Option<String> {
    if !reading.facts.premise_is_false {
        return None;
    }
    let plain = reading.plain();
    let begins = plain.trim_start();
    let english = AGREES.iter().find(|it| {
        let rest = begins.strip_prefix(**it);
        rest.and_then(|rest| rest.strip_prefix(' '))
            .is_some_and(|rest| !BUT.contains(&rest.split(' ').next().unwrap_or_default()))
    });
    let own = reading.own_text().trim_start();
    let han = AGREES_HAN.iter().find(|it| own.starts_with(**it));
    english.or(han).map(|it| (*it).to_owned())
}
