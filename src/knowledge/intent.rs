//! What a customer wants, by reviewed phrases. The longest phrase takes its words first, so that
//! `no problem` is never a `no`; of what remains, the heaviest intent wins.

mod rules;
mod trained;

pub use trained::TrainedIntents;

use std::collections::BTreeMap;

use consultant_core::Intent;

use crate::phrase::{Match, PhraseBook};

/// What a second phrase of one intent adds to its weight.
const SECOND_PHRASE: f64 = 0.05;

/// What a forgiven slip costs.
const TYPO_COST: f64 = 0.1;

/// The most that phrases can be sure.
const MOST_SURE: f64 = 0.95;

/// Words beyond a small-talk phrase that still leave the message small talk.
const SMALL_TALK_WORDS: usize = 3;

/// What each of them costs.
const SMALL_TALK_COST: f64 = 0.05;

/// The weight of small talk beside other words: it opens or closes the message.
const SMALL_TALK_ASIDE: f64 = 0.45;

/// The reviewed phrases, ready to be found.
pub(crate) struct IntentRules(PhraseBook<(Option<Intent>, f64)>);

impl IntentRules {
    /// All rules of both languages.
    pub(crate) fn new() -> Self {
        let mut book = PhraseBook::new();
        for (intent, weight, phrases) in rules::RULES {
            for phrase in phrases.split('|') {
                book.add(phrase, (*intent, *weight));
            }
        }
        Self(book)
    }

    /// The intent and how sure it is: 0 to 1. `asks` is whether the text asks something: then a yes
    /// or no among other words is part of the question ("能调吗，有腰托不？").
    pub(crate) fn classify(&self, tokens: &[String], asks: bool) -> (Intent, f64) {
        let found = self.0.find(tokens);
        let mut weights: BTreeMap<usize, f64> = BTreeMap::new();
        for hit in &found {
            let (Some(intent), weight) = *hit.value else {
                continue;
            };
            let others = tokens.len() - (hit.end - hit.start);
            let answers = matches!(intent, Intent::Yes | Intent::No);
            if answers && asks && others > SMALL_TALK_WORDS {
                continue;
            }
            let weight = weigh(intent, weight, hit, others);
            weights
                .entry(rank(intent))
                .and_modify(|so_far| *so_far = so_far.max(weight) + SECOND_PHRASE)
                .or_insert(weight);
        }
        let best =
            weights.into_iter().fold(
                None,
                |best: Option<(usize, f64)>, (rank, weight)| match best {
                    Some((_, so_far)) if so_far >= weight => best,
                    _ => Some((rank, weight)),
                },
            );
        best.map_or((Intent::Other, 0.0), |(rank, weight)| {
            (PRIORITY[rank], weight.min(MOST_SURE))
        })
    }
}

/// At equal weight the first wins: what must not be missed stands first.
const PRIORITY: [Intent; 15] = [
    Intent::Person,
    Intent::Complaint,
    Intent::AfterSales,
    Intent::Delivery,
    Intent::Discount,
    Intent::Stock,
    Intent::Price,
    Intent::Order,
    Intent::Features,
    Intent::Browse,
    Intent::No,
    Intent::Yes,
    Intent::Goodbye,
    Intent::Thanks,
    Intent::Greet,
];

fn rank(intent: Intent) -> usize {
    PRIORITY
        .iter()
        .position(|known| *known == intent)
        .unwrap_or(PRIORITY.len() - 1)
}

fn weigh<T>(intent: Intent, weight: f64, hit: &Match<'_, T>, others: usize) -> f64 {
    let small_talk = intent.is_small_talk();
    // `对` and `no` alone are an answer; among other words they say little.
    let weight = match (small_talk, others) {
        (true, 0..=SMALL_TALK_WORDS) => {
            weight - SMALL_TALK_COST * f64::from(u32::try_from(others).unwrap_or(u32::MAX))
        }
        (true, _) => weight.min(SMALL_TALK_ASIDE),
        (false, _) => weight,
    };
    weight - TYPO_COST * f64::from(hit.typos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokens;

    #[track_caller]
    fn check(text: &str, expect: Intent) {
        let (intent, confidence) =
            IntentRules::new().classify(&tokens(text), text.ends_with(['?', '？']));
        assert_eq!(intent, expect, "{text} ({confidence})");
        assert!((0.0..=1.0).contains(&confidence), "{text} ({confidence})");
    }

    #[test]
    fn english_wishes_are_told_apart() {
        for (text, intent) in [
            ("How much is the desk lamp?", Intent::Price),
            ("how much does it cost", Intent::Price),
            ("Hi! what's the price of Halo?", Intent::Price),
            ("What do you sell?", Intent::Browse),
            ("show me your chairs", Intent::Browse),
            ("Tell me about the standing desk", Intent::Features),
            ("what are the dimensions?", Intent::Features),
            ("Is it in stock?", Intent::Stock),
            ("do you have any left", Intent::Stock),
            ("How long does delivery take?", Intent::Delivery),
            ("do you ship to Austria", Intent::Delivery),
            ("I want to return my lamp", Intent::AfterSales),
            ("is there a warranty?", Intent::AfterSales),
            ("any discounts for 10 pieces?", Intent::Discount),
            ("I'd like to order two", Intent::Order),
            ("I'll take it", Intent::Order),
            ("Can I talk to a real person?", Intent::Person),
            ("human please", Intent::Person),
            ("can I speak with a manager", Intent::Person),
            ("how many do you have in white?", Intent::Stock),
            ("my lamp arrived broken", Intent::Complaint),
            ("this is unacceptable", Intent::Complaint),
            ("how long is the waranty", Intent::AfterSales),
        ] {
            check(text, intent);
        }
    }

    #[test]
    fn chinese_wishes_are_told_apart() {
        for (text, intent) in [
            ("台灯多少钱？", Intent::Price),
            ("这个怎么卖", Intent::Price),
            ("你们卖什么", Intent::Browse),
            ("介绍一下升降桌", Intent::Features),
            ("有货吗", Intent::Stock),
            ("多久能送到？", Intent::Delivery),
            ("可以退货吗", Intent::AfterSales),
            ("有优惠吗", Intent::Discount),
            ("我想买两把椅子", Intent::Order),
            ("转人工", Intent::Person),
            ("收到的灯坏了", Intent::Complaint),
            ("你好", Intent::Greet),
            ("再见", Intent::Goodbye),
            ("谢谢", Intent::Thanks),
            ("好的", Intent::Yes),
            ("不用了", Intent::No),
            ("没问题", Intent::Yes),
        ] {
            check(text, intent);
        }
    }

    #[test]
    fn small_talk_is_small_talk_only_alone() {
        for (text, intent) in [
            ("hi", Intent::Greet),
            ("Good morning!", Intent::Greet),
            ("bye", Intent::Goodbye),
            ("thank you very much", Intent::Thanks),
            ("yes please", Intent::Yes),
            ("no", Intent::No),
            ("no, thanks", Intent::No),
            ("not yes", Intent::No),
            ("I don't want to buy it", Intent::No),
            ("我不想买了", Intent::No),
            ("are you human?", Intent::Other),
            ("are you GDPR compliant?", Intent::Other),
            ("好的，买两个", Intent::Order),
            ("no problem", Intent::Yes),
            ("I know", Intent::Other),
            ("thanks, how much is it?", Intent::Price),
            ("", Intent::Other),
            ("asdf qwer", Intent::Other),
        ] {
            check(text, intent);
        }
    }
}
