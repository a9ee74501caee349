//! Days without a number: "it arrives tomorrow", "we deliver by Friday". Where a sentence brings
//! something to the customer on such a day, the FAQ has to name the day about the same service.

use super::{Reading, topic};
use crate::extract::Token;

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
    let named = DAYS.iter().filter(|day| reading.says(&[day]));
    let unknown = named.filter(|day| {
        let at = own.iter().position(|it| it.word() == Some(day));
        let at = at.unwrap_or_default();
        !reading.refuses(at, at + 1) && !reading.facts.base.names_day(day, &services)
    });
    unknown.map(|day| (*day).to_owned()).collect()
}

/// Whether these tokens name this day.
pub(super) fn names(tokens: &[Token], day: &str) -> bool {
    tokens.iter().any(|it| it.word() == Some(day))
        || !day.is_ascii() && {
            let han: String = tokens.iter().filter_map(Token::char).collect();
            han.contains(day)
        }
}

/// Every day that these tokens name.
pub(super) fn all(tokens: &[Token]) -> impl Iterator<Item = &'static str> + '_ {
    DAYS.iter().copied().filter(|day| names(tokens, day))
}
