//! What is said about the company itself has to be made of what the company says: a sentence with
//! "we", "our", "the shop" or "you can" most of whose telling words stand nowhere in the catalogue,
//! the FAQ or the customer's own words tells of a shop that there is not. Advice about the world may
//! be free.

use super::Reading;
use crate::extract::Token;

/// Words that make a sentence one about the company, folded.
const ABOUT_US: &[&str] = &[
    "we",
    "our",
    "ours",
    "us",
    "shop",
    "store",
    "showroom",
    "company",
    "warehouse",
    "factory",
    "office",
    "staff",
    "team",
    "address",
];

/// Words that tell nothing of a company, folded.
const ORDINARY: &[&str] = &[
    "apologise",
    "apologize",
    "appreciate",
    "inconvenience",
    "patience",
    "understand",
    "contact",
    "recommend",
    "suggest",
    "about",
    "above",
    "after",
    "again",
    "also",
    "always",
    "another",
    "answer",
    "any",
    "anything",
    "anyone",
    "around",
    "available",
    "back",
    "because",
    "been",
    "before",
    "being",
    "best",
    "better",
    "both",
    "bring",
    "call",
    "can",
    "cannot",
    "colleague",
    "colleagues",
    "customer",
    "customers",
    "choose",
    "come",
    "could",
    "does",
    "discount",
    "discounts",
    "doing",
    "each",
    "either",
    "else",
    "even",
    "every",
    "find",
    "first",
    "from",
    "give",
    "glad",
    "gladly",
    "good",
    "great",
    "happy",
    "have",
    "having",
    "help",
    "here",
    "home",
    "into",
    "just",
    "keep",
    "know",
    "like",
    "little",
    "look",
    "looking",
    "make",
    "many",
    "maybe",
    "more",
    "most",
    "much",
    "need",
    "never",
    "next",
    "nice",
    "offer",
    "once",
    "only",
    "order",
    "orders",
    "other",
    "larger",
    "person",
    "please",
    "price",
    "prices",
    "product",
    "products",
    "provide",
    "question",
    "questions",
    "range",
    "really",
    "right",
    "same",
    "sell",
    "should",
    "show",
    "some",
    "something",
    "sorry",
    "still",
    "such",
    "sure",
    "take",
    "tell",
    "than",
    "thank",
    "that",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "thing",
    "things",
    "think",
    "this",
    "those",
    "through",
    "time",
    "unfortunately",
    "very",
    "want",
    "well",
    "what",
    "when",
    "where",
    "whether",
    "which",
    "will",
    "with",
    "would",
    "your",
];

/// The least letters of a telling word.
const LETTERS: usize = 4;

/// So many unknown words at the least make a sentence one of another shop.
const UNKNOWN: usize = 2;

/// The telling words of a sentence about the company that most of it is made of and that nobody
/// said.
pub(super) fn unheld(reading: &Reading<'_>) -> Vec<String> {
    let own = reading.own();
    let is_about_us = |token: &Token| token.word().is_some_and(|word| ABOUT_US.contains(&word));
    let may = |pair: &[Token]| {
        let words = (pair[0].word(), pair[1].word());
        matches!(words, (Some("you"), Some("can" | "will" | "may" | "get")))
    };
    let is_about_us = own.iter().any(is_about_us) || own.windows(2).any(may);
    if reading.asks() || !is_about_us {
        return Vec::new();
    }
    let telling = own.iter().filter_map(Token::word).filter(|word| {
        word.chars().count() >= LETTERS && !ORDINARY.contains(word) && !ABOUT_US.contains(word)
    });
    let telling: Vec<&str> = telling.collect();
    let unknown: Vec<&str> = telling
        .iter()
        .copied()
        .filter(|word| !reading.facts.base.knows_word(word) && !reading.facts.is_said(word))
        .collect();
    let strange = unknown.len() >= UNKNOWN && unknown.len() * 2 > telling.len();
    if strange {
        unknown.into_iter().map(str::to_owned).collect()
    } else {
        Vec::new()
    }
}
