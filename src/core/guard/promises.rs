//! Promises: what a company is held to once it is said. Each must be made in the catalogue or the FAQ
//! about the same thing, or be refused.

use std::collections::BTreeSet;

use super::{REFUSALS, Reading, topic};
use crate::extract::Token;

/// Beginnings of words that promise, folded.
const PROMISES: &[&str] = &[
    "guarante",
    "promis",
    "refund",
    "reimburs",
    "compensat",
    "voucher",
    "coupon",
    "gift",
    "bonus",
    "credit",
    "cashback",
    "reward",
    "lifetime",
    "forever",
    "waive",
    "exception",
    "pledge",
    "insur",
    "replac",
    "exchang",
    "swap",
    "reserv",
    "cancel",
    "warrant",
    "deposit",
    "assur",
    "certif",
    "保证",
    "承诺",
    "退款",
    "赔",
    "赠",
    "礼品",
    "礼物",
    "代金券",
    "优惠券",
    "终身",
    "补偿",
    "免单",
    "返现",
    "换新",
    "例外",
    "保修",
    "质保",
    "取消",
    "预留",
    "积分",
    "押金",
];

/// What the company promises: the word, and what it is about.
#[derive(Debug, Default)]
pub(super) struct Promises(Vec<(&'static str, BTreeSet<String>)>);

impl Promises {
    /// Takes every promise of a sentence as one of the company's.
    pub(super) fn read(&mut self, tokens: &[Token], about: &BTreeSet<String>) {
        let words = spoken(tokens);
        let made = PROMISES.iter().copied().filter(|it| says(&words, it));
        let mut topics = topic::topics(tokens);
        topics.extend(about.iter().cloned());
        self.0.extend(made.map(|word| (word, topics.clone())));
    }
}

/// The promises of a sentence that nobody makes, as they stand there.
pub(super) fn unheld(reading: &Reading<'_>) -> Vec<String> {
    if reading.asks() || reading.says(&REFUSALS) {
        return Vec::new();
    }
    let words = spoken(reading.own());
    let about = topic::topics(reading.own());
    let known = &reading.facts.base.promises.0;
    let kept = |word: &str| {
        let mut known = known.iter().filter(|(it, _)| *it == word);
        known.any(|(_, topics)| topic::agree(&about, topics))
    };
    let made = PROMISES.iter().filter(|it| says(&words, it));
    made.filter(|it| !kept(it))
        .map(|it| (*it).to_owned())
        .collect()
}

/// Words with spaces around them, and Han characters.
fn spoken(tokens: &[Token]) -> String {
    tokens
        .iter()
        .map(|token| match (token.word(), token.char()) {
            (Some(word), _) => format!(" {word}"),
            (None, Some(c)) => c.to_string(),
            (None, None) => " ".to_owned(),
        })
        .collect()
}

fn says(spoken: &str, word: &str) -> bool {
    if word.is_ascii() {
        spoken.contains(&format!(" {word}"))
    } else {
        spoken.contains(word)
    }
}
