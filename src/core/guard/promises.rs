//! Promises: what a company is held to once it is said. Each must be made in the catalogue or the FAQ
//! about the same thing; what is denied where it stands promises nothing, on either side.

use std::collections::BTreeSet;

use super::{Reading, topic};
use crate::extract::{Token, denied_before, phrase_at};

/// Words that promise, folded, each with the forms of it; the first tells which.
const PROMISES: &[&[&str]] = &[
    &["guarantee", "guarantees", "guaranteed"],
    &["promise", "promises", "promised"],
    &["refund", "refunds", "refunded", "refundable"],
    &["reimburse", "reimbursed", "reimbursement"],
    &["compensate", "compensated", "compensation"],
    &["voucher", "vouchers", "coupon", "coupons"],
    &["gift", "gifts"],
    &["bonus", "cashback", "reward", "rewards"],
    &["lifetime", "forever"],
    &["waive", "waived"],
    &["replace", "replaces", "replaced", "replacement"],
    &["exchange", "exchanged", "swap"],
    &["reserve", "reserved"],
    &["warranty", "warranties"],
    // That somebody is there at a time. "See you soon" is no more than a goodbye.
    &[
        "see you tomorrow",
        "see you today",
        "see you then",
        "see you at",
        "see you on",
        "see you next",
    ],
    &["deposit"],
    &["certificate", "certified"],
    &["保证"],
    &["承诺"],
    &["退款"],
    &["赔"],
    &["赠", "礼品", "礼物"],
    &["代金券", "优惠券"],
    &["终身"],
    &["补偿"],
    &["免单", "返现"],
    &["换新"],
    &["保修", "质保"],
    &["预留"],
];

/// What the company promises: which, and what it is about.
#[derive(Debug, Default)]
pub(super) struct Promises(Vec<(&'static str, BTreeSet<String>)>);

impl Promises {
    /// Takes every promise of a sentence as one of the company's.
    pub(super) fn read(&mut self, tokens: &[Token], about: &BTreeSet<String>) {
        let mut topics = topic::topics(tokens);
        topics.extend(about.iter().cloned());
        let made = made(tokens).into_iter();
        self.0.extend(made.map(|word| (word, topics.clone())));
    }
}

/// The promises of a sentence that nobody makes.
pub(super) fn unheld(reading: &Reading<'_>) -> Vec<String> {
    if reading.asks() {
        return Vec::new();
    }
    let about = topic::topics(reading.own());
    let known = &reading.facts.base.promises.0;
    let kept = |word: &str| {
        let mut known = known.iter().filter(|(it, _)| *it == word);
        known.any(|(_, topics)| topic::agree(&about, topics))
    };
    let made = made(reading.own()).into_iter();
    made.filter(|it| !kept(it)).map(str::to_owned).collect()
}

/// What a sentence promises and does not deny.
fn made(tokens: &[Token]) -> BTreeSet<&'static str> {
    let promises = PROMISES.iter().filter(|forms| {
        let stands = |at: &usize| forms.iter().any(|form| phrase_at(tokens, *at, form));
        let mut places = (0..tokens.len()).filter(stands);
        places.any(|at| !denied_before(tokens, at))
    });
    promises.map(|forms| forms[0]).collect()
}
