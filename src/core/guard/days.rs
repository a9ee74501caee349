//! Days without a number: "it arrives tomorrow", "we deliver by Friday". Where a sentence brings
//! something to the customer on such a day, the FAQ has to name the day about the same service.

use super::{Reading, topic};
use crate::extract::{Token, phrase_at};

const DAYS: &[&str] = &[
    "today",
    "tonight",
    "tomorrow",
    "overnight",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "weekend",
    "明天",
    "今天",
    "后天",
    "周末",
    "当天",
];

/// Words that bring something, folded.
const BRINGS: &[&str] = &[
    "arrive",
    "arrives",
    "deliver",
    "delivers",
    "delivered",
    "delivery",
    "ship",
    "ships",
    "shipped",
    "ready",
    "dispatch",
    "dispatched",
    "send",
    "sends",
    "sent",
    "receive",
    "bring",
    "brings",
    "送",
    "到",
    "发货",
    "寄",
];

/// The days of a sentence on which nothing is known to be brought, as they stand there.
pub(super) fn unheld(reading: &Reading<'_>) -> Vec<String> {
    if reading.asks() || !reading.says(BRINGS) {
        return Vec::new();
    }
    let own = reading.own();
    let about = topic::topics(own);
    let services = about.iter().filter(|it| it.starts_with('#'));
    let services: Vec<&String> = services.collect();
    let unknown = all(own).filter(|day| {
        let at = (0..own.len()).find(|at| phrase_at(own, *at, day));
        let at = at.unwrap_or_default();
        !reading.refuses(at, at + 1) && !reading.facts.base.names_day(day, &services)
    });
    unknown.map(str::to_owned).collect()
}

/// Whether a word is a day, folded.
pub(super) fn is_day(word: &str) -> bool {
    DAYS.contains(&word)
}

/// Every day that these tokens name.
pub(super) fn all(tokens: &[Token]) -> impl Iterator<Item = &'static str> + '_ {
    let names = |day: &&str| (0..tokens.len()).any(|at| phrase_at(tokens, at, day));
    DAYS.iter().copied().filter(move |day| names(day))
}
