//! Names of somebody or something that the company never spoke of: a brand, a model, a person, a
//! place. In English a name is a word with a capital inside a sentence; Chinese has no such sign.

use super::{Reading, days};
use crate::{
    extract::{Token, tokens},
    find::is_month,
};

/// Words with a capital that name nothing of their own, folded.
const ORDINARY: &[&str] = &[
    "i", "ai", "ok", "okay", "hi", "hello", "thanks", "thank", "yes", "no", "please", "sorry",
    "english", "chinese", "german", "french", "spanish", "european", "eur", "usd", "euro", "euros",
    "vat", "led", "usb", "pc", "faq", "the", "a", "an", "this", "that", "we", "our", "you", "your",
    "it", "if", "and", "what", "how",
];

/// The names of a sentence that nobody spoke of, as they stand there.
pub(super) fn unheld(reading: &Reading<'_>) -> Vec<String> {
    let own = reading.own_text();
    if !own.chars().any(char::is_lowercase) {
        return Vec::new();
    }
    let mut strangers = Vec::new();
    let mut begins = true;
    for word in own.split_whitespace() {
        let bare = word.trim_matches(|it: char| !it.is_alphanumeric());
        let is_name = bare.chars().next().is_some_and(char::is_uppercase);
        // A name with digits is judged by them.
        let is_name = is_name && !bare.contains(|it: char| it.is_ascii_digit());
        if is_name && !begins && is_stranger(bare, reading) {
            strangers.push(bare.to_owned());
        }
        begins = word.ends_with(['.', '!', '?', ':', '-', '–', '"', '“', '…', ';'])
            || !word.contains(char::is_alphanumeric);
    }
    strangers
}

fn is_stranger(word: &str, reading: &Reading<'_>) -> bool {
    let folded = tokens(word);
    let mut parts = folded.iter().filter_map(Token::word);
    // Behind an apostrophe stands no name.
    parts.next().is_some_and(|part| {
        let known = ORDINARY.contains(&part)
            || days::is_day(part)
            || is_month(part)
            || reading.facts.base.knows_word(part)
            || reading.facts.is_said(part) && reading.echoes(0, 0);
        !known
    })
}
