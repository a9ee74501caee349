//! The guard: nothing reaches a customer that the company, or this conversation, does not hold: no
//! amount of money, discount or "free", no other figure, stock, contact, promise or name; and no
//! words of the prompt, no other role, no yes to what nobody stated.
//!
//! Facts come in two layers: [`FactBase`] is what the catalogue and the FAQ state, built once for
//! each of their versions; [`ConversationFacts`] lays over it the quotes of this turn and the customer's
//! own numbers. [`ConversationFacts::guard`] judges one sentence: a [`Reading`] of it is asked for all
//! that nothing holds, and each file beside it knows one kind of that.
//!
//! A customer's number may be repeated, never turned into a price: it passes where the sentence
//! echoes it (a budget, a question, a refusal) and does not state a price. Its limit: a sentence
//! that echoes and misleads without any of the words of a price ("1 EUR, as you said") passes.
//! Conditions are not compared either: "free delivery" rests on "free delivery from 50 EUR".

mod agreement;
mod contacts;
mod days;
mod facts;
mod figures;
mod names;
mod promises;
mod reading;
mod roles;
mod stock;
mod strangers;
mod support;
mod topic;

use std::collections::HashSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use facts::FactBase;
pub(crate) use facts::prices_goods;
use reading::Reading;

use crate::{
    Money, Source,
    extract::{ClaimKind, Token, claims_in, is_han, numbers, tokens},
};

/// Everything that a sentence of this turn may rest on.
#[derive(Clone, Debug)]
pub struct ConversationFacts<'a> {
    base: &'a FactBase,
    computed: HashSet<Money>,
    customer_money: HashSet<Money>,
    customer_percents: HashSet<Decimal>,
    customer_figures: HashSet<(Decimal, Option<usize>)>,
    customer_words: HashSet<String>,
    /// Whether the customer's last message holds what nobody states.
    premise_is_false: bool,
}

impl FactBase {
    /// The facts of one turn: what the company states, what the customer wrote in this
    /// conversation, and the amounts that were computed for this turn (full prices, totals and
    /// savings of quotes).
    pub fn in_conversation(&self, said: &[&str], computed: &[Money]) -> ConversationFacts<'_> {
        let mut facts = ConversationFacts {
            base: self,
            computed: computed.iter().map(|money| plain(*money)).collect(),
            customer_money: HashSet::new(),
            customer_percents: HashSet::new(),
            customer_figures: HashSet::new(),
            customer_words: HashSet::new(),
            premise_is_false: false,
        };
        facts.premise_is_false = said.last().is_some_and(|last| !facts.states(last));
        for said in said {
            facts.hear(said);
        }
        facts
    }
}

impl ConversationFacts<'_> {
    /// Judges one sentence of free text.
    pub fn guard(&self, sentence: &str) -> Verdict {
        self.guard_after("", sentence)
    }

    /// Judges a sentence that continues what was shown before, so that an amount that is torn apart
    /// by a line end ("It costs", "9 EUR") is read whole.
    pub fn guard_after(&self, before: &str, sentence: &str) -> Verdict {
        let own = facts::spoken(&tokens(sentence));
        if own.is_some_and(|own| self.base.sentences.contains(&own)) {
            return Verdict::Pass;
        }
        let whole = format!("{before}{sentence}");
        let found = tokens(&whole);
        let reading = Reading::new(&whole, &found, before.len(), self);
        let claims = reading.unheld();
        if claims.is_empty() {
            Verdict::Pass
        } else {
            Verdict::Refuse { claims }
        }
    }

    /// What each claim and figure of a sentence rests on that continues what was shown before.
    pub fn evidence(&self, before: &str, sentence: &str) -> Vec<Evidence> {
        let whole = format!("{before}{sentence}");
        let found = tokens(&whole);
        Reading::new(&whole, &found, before.len(), self).evidence()
    }

    /// Whether the company, said by anybody, states the amounts, discounts, times and promises that a
    /// text holds. What the customer says of themselves (a budget, the width of a room) is no matter
    /// of the company.
    fn states(&self, text: &str) -> bool {
        let found = tokens(text);
        let reading = Reading::new(text, &found, 0, self).read_as_statement();
        let of_themselves = ["budget", "spend", "预算"];
        let own = of_themselves
            .iter()
            .any(|it| text.to_lowercase().contains(it));
        own || reading.unheld_money().is_empty()
            && figures::unheld_times(&reading).is_empty()
            && promises::unheld(&reading).is_empty()
    }

    /// Whether the customer said this word.
    fn is_said(&self, word: &str) -> bool {
        self.customer_words.contains(word)
    }

    /// Every number of a customer may be an amount; one with another currency is only that.
    fn hear(&mut self, said: &str) {
        let home = self.base.home;
        let found = tokens(said);
        let numbers = numbers(&found).into_iter();
        let values: Vec<Decimal> = numbers.filter_map(|number| number.value).collect();
        let bare = values.iter().map(|value| plain(Money::new(*value, home)));
        self.customer_money.extend(bare);
        self.customer_percents
            .extend(values.iter().map(Decimal::normalize));
        let figures = figures::figures(&found).into_iter();
        self.customer_figures
            .extend(figures.map(|it| (it.value, it.unit)));
        let words = found.iter().filter_map(Token::word);
        self.customer_words.extend(words.map(str::to_owned));
        for claim in claims_in(said, &found, home) {
            match claim.kind {
                ClaimKind::Money {
                    amount: Some(amount),
                    currency: Some(currency),
                } => {
                    self.customer_money
                        .insert(plain(Money::new(amount, currency)));
                }
                ClaimKind::Discount {
                    percent: Some(percent),
                } => {
                    self.customer_percents.insert(percent.normalize());
                }
                _ => {}
            }
        }
    }
}

fn plain(money: Money) -> Money {
    Money::new(money.amount.normalize(), money.currency)
}

/// Which of these words and phrases a sentence holds, as whole words, in capitals or not.
pub fn forbidden_in(sentence: &str, never_written: &[String]) -> Vec<String> {
    let plain = |text: &str| format!(" {} ", roles::words(text).join(" "));
    let said = plain(sentence);
    let holds = |phrase: &&String| {
        let phrase = plain(phrase);
        let has_han = phrase.chars().any(is_han);
        !phrase.trim().is_empty()
            && (said.contains(&phrase) || has_han && said.contains(phrase.trim()))
    };
    never_written.iter().filter(holds).cloned().collect()
}

/// A claim that the guard let through, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// As it stands in the sentence.
    pub claim: String,
    /// What it rests on.
    pub rests_on: Basis,
}

/// What a claim can rest on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A catalogue row or an FAQ entry.
    Fact(Source),
    /// A price of the catalogue, in a sentence that names no product.
    Prices,
    /// The discount rules.
    Rules,
    /// What the company says of itself.
    Company,
    /// What was computed for this turn.
    Computed,
    /// What is in stock.
    Stock,
    /// The customer's own words, repeated.
    Customer,
}

/// What the guard says of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every claim rests on a fact.
    Pass,
    /// At least one claim rests on nothing.
    Refuse {
        /// These, as they stand in the sentence.
        claims: Vec<String>,
    },
}

impl Verdict {
    /// Whether the sentence may be shown.
    pub fn passes(&self) -> bool {
        *self == Self::Pass
    }
}

#[cfg(test)]
pub(crate) mod tests;
