//! How a customer can be reached: e-mail addresses and telephone numbers.

mod email;
mod phone;
mod named;
mod plausible;

use std::ops::Range;

use super::{Found, denied, pieces::pieces};
use crate::extract::Token;

/// Every e-mail address in a text that the customer does not leave out, as in "do not use
/// ann@old.example"; the domain is in lower case, the rest as it is written.
///
/// The local part is ASCII, the domain may be international. Quoted local parts, addresses of IP
/// numbers and spellings such as "ann at example dot com" are not found. Full-width characters are
/// read as the plain ones.
pub fn emails(text: &str) -> Vec<Found<String>> {
    wanted(text, email::emails(text))
}

/// Every telephone number in a text that the customer does not leave out, in digits; a leading `+`
/// or `00` becomes a `+`.
///
/// Digits may be separated by spaces, dots, dashes, slashes and brackets, and the zero in
/// `+49 (0)30` is left out. Numbers that are marked as something else are not found: behind `#` or
/// "order", within a code, an IBAN or an address, as a date, a range or an amount of money.
pub fn phones(text: &str) -> Vec<Found<String>> {
    wanted(text, phone::phones(text))
}

/// Where addresses and numbers stand, those that are left out too, in bytes.
pub(super) fn places(text: &str) -> Vec<Range<usize>> {
    let mut places = email_places(text);
    places.extend(phone_places(text));
    places
}

/// Where e-mail addresses stand, those that are left out too, in bytes.
pub(crate) fn email_places(text: &str) -> Vec<Range<usize>> {
    let found = email::emails(text).into_iter();
    found.map(|found| found.range).collect()
}

/// Where telephone numbers stand, those that are left out too, in bytes.
pub(crate) fn phone_places(text: &str) -> Vec<Range<usize>> {
    let found = phone::phones(text).into_iter();
    found.map(|found| found.range).collect()
}

/// Where account numbers (IBAN) stand, in bytes.
pub(crate) fn iban_places(text: &str) -> Vec<Range<usize>> {
    phone::ibans(text)
}

fn wanted(text: &str, mut found: Vec<Found<String>>) -> Vec<Found<String>> {
    if !found.is_empty() {
        let tokens = pieces(text);
        found.retain(|one| !is_left_out(&tokens, one));
    }
    found
}

/// "Don't write to ann@old.example", `不要用`, "my old number … does not work".
fn is_left_out(tokens: &[Token], found: &Found<String>) -> bool {
    const VERBS: [&str; 13] = [
        "use", "write", "send", "call", "mail", "email", "contact", "reach", "ring", "text",
        "message", "reply", "phone",
    ];
    let from = tokens.partition_point(|token| token.at.start < found.range.start);
    let to = tokens.partition_point(|token| token.at.start < found.range.end);
    let verb = |behind: &[Token]| {
        let word = behind.first().and_then(Token::word);
        word.is_some_and(|word| VERBS.contains(&word))
    };
    denied::before(tokens, from)
        || denied::verbs_denied(tokens, from).any(verb)
        || denied::behind(tokens, to)
        || denied::fails(tokens, to)
}

#[cfg(test)]
mod tests;
