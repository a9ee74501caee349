//! The guard: nothing reaches a customer that the company, or this conversation, does not hold: no
//! amount of money, discount or "free", no other figure, stock, contact, promise or name; and no
//! words of the prompt, no other role, no yes to what nobody stated.
//!
//! Facts come in two layers: [`FactBase`] is what the catalogue and the FAQ state, built once for
//! each of their versions; [`ConversationFacts`] lays over it the quotes of this turn and the customer's
//! own numbers. [`ConversationFacts::guard`]
//! judges one sentence.
//!
//! A customer's number may be repeated, never turned into a price: it passes where the sentence
//! echoes it (a budget, a question, a refusal) and does not state a price. Its limit: a sentence
//! that echoes and misleads without any of the words of a price ("1 EUR, as you said") passes.
//! Conditions are not compared either: "free delivery" rests on "free delivery from 50 EUR".

mod contacts;
mod facts;
mod figures;
mod names;
mod promises;
mod roles;
mod stock;
mod strangers;
mod support;
mod topic;

use std::collections::HashSet;

use rust_decimal::Decimal;

pub use facts::FactBase;
use facts::place;
use names::{Amount, Mention, NamedVariant};

use crate::{
    Currency, Money,
    extract::{Claim, ClaimKind, Kind, Token, claims_in, is_han, numbers, tokens},
};

/// Everything that a sentence of this turn may rest on.
#[derive(Clone, Debug)]
pub struct ConversationFacts<'a> {
    base: &'a FactBase,
    computed: HashSet<Money>,
    customer_money: HashSet<Money>,
    customer_percents: HashSet<Decimal>,
    customer_numbers: HashSet<Decimal>,
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
            customer_numbers: HashSet::new(),
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

    /// Judges a sentence that continues what was shown before, so that a claim that is torn apart
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

    /// Whether the company, said by anybody, states all that a text holds.
    fn states(&self, text: &str) -> bool {
        let found = tokens(text);
        let reading = Reading {
            as_statement: true,
            ..Reading::new(text, &found, 0, self)
        };
        reading.unheld_figures().is_empty() && promises::unheld(&reading).is_empty()
    }

    /// Whether the customer said this word.
    fn is_said(&self, word: &str) -> bool {
        self.customer_words.contains(word)
    }

    /// Every number of a customer may be an amount; one with another currency is only that.
    fn hear(&mut self, said: &str) {
        let home = self.base.home;
        let found = tokens(said);
        let values = numbers(&found)
            .into_iter()
            .filter_map(|number| number.value);
        let bare = values.map(|value| plain(Money::new(value, home)));
        self.customer_money.extend(bare);
        self.customer_words.extend(roles::words(said));
        let values = numbers(&found).into_iter().filter_map(|it| it.value);
        self.customer_numbers
            .extend(values.map(|it| it.normalize()));
        let percents = numbers(&found)
            .into_iter()
            .filter_map(|number| number.value);
        self.customer_percents
            .extend(percents.map(|value| value.normalize()));
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

/// A sentence with what was found in it.
struct Reading<'a> {
    text: &'a str,
    facts: &'a ConversationFacts<'a>,
    tokens: &'a [Token],
    claims: Vec<Claim>,
    mentions: Vec<Mention>,
    /// The first tokens of all amounts.
    amounts: Vec<usize>,
    /// The first token of the sentence itself.
    start: usize,
    /// Whether it is read as if it were neither asked nor refused.
    as_statement: bool,
}

impl<'a> Reading<'a> {
    fn new(
        text: &'a str,
        tokens: &'a [Token],
        start: usize,
        facts: &'a ConversationFacts<'a>,
    ) -> Self {
        let start = tokens.partition_point(|token| token.at.start < start);
        let mut mentions = facts.base.names.mentions(tokens);
        mentions.retain(|mention| mention.from >= start);
        let mut claims = claims_in(text, tokens, facts.base.home);
        claims.retain(|claim| {
            let (from, to) = place(tokens, claim);
            !mentions
                .iter()
                .any(|name| name.from <= from && to <= name.to)
        });
        let money = claims
            .iter()
            .filter(|claim| matches!(claim.kind, ClaimKind::Money { .. }));
        let amounts = money
            .map(|claim| place(tokens, claim).0)
            .filter(|&at| at >= start);
        let amounts = amounts.collect();
        Self {
            text,
            facts,
            tokens,
            claims,
            mentions,
            amounts,
            start,
            as_statement: false,
        }
    }

    /// All that nothing holds, as it stands in the sentence.
    fn unheld(&self) -> Vec<String> {
        let mut unheld = self.unheld_figures();
        unheld.extend(contacts::unheld(self));
        unheld.extend(stock::unheld(self));
        unheld.extend(promises::unheld(self));
        unheld.extend(strangers::unheld(self));
        unheld.extend(roles::unheld(self));
        unheld.extend(support::unheld(self));
        unheld.extend(support::agreement(self));
        unheld
    }

    /// Amounts of money, discounts and other figures that nothing holds.
    fn unheld_figures(&self) -> Vec<String> {
        let new = self.claims.iter().filter(|claim| self.is_own(claim));
        let money = new.filter(|claim| !self.holds(claim));
        let mut unheld: Vec<String> = money.map(|claim| claim.text.clone()).collect();
        unheld.extend(figures::unheld(self));
        unheld
    }

    fn is_own(&self, claim: &Claim) -> bool {
        place(self.tokens, claim).1 > self.start
    }

    /// The tokens of the sentence itself.
    fn own(&self) -> &'a [Token] {
        &self.tokens[self.start..]
    }

    /// The sentence itself.
    fn own_text(&self) -> &'a str {
        let start = self.own().first().map_or(self.text.len(), |it| it.at.start);
        self.text.get(start..).unwrap_or_default()
    }

    /// What stands at these tokens of the sentence.
    fn text_of(&self, from: usize, to: usize) -> String {
        let place = self.own().get(from..to).unwrap_or_default();
        let (Some(first), Some(last)) = (place.first(), place.last()) else {
            return String::new();
        };
        let text = self.text.get(first.at.start..last.at.end);
        text.unwrap_or_default().to_owned()
    }

    /// Whether a token of the sentence is part of an amount or a discount, which are judged as that.
    fn is_claimed(&self, at: usize) -> bool {
        let at = self.start + at;
        let mut places = self.claims.iter().map(|claim| place(self.tokens, claim));
        let names = self.mentions.iter().map(|it| (it.from, it.to));
        places.any(|(from, to)| (from..to).contains(&at))
            || names.into_iter().any(|(from, to)| (from..to).contains(&at))
    }

    /// Whether the sentence names this product.
    fn names(&self, product: usize) -> bool {
        self.mentions
            .iter()
            .any(|it| it.products.contains(&product))
    }

    /// Whether goods are named so soon behind a token of the sentence.
    fn names_within(&self, at: usize, reach: usize) -> bool {
        let at = self.start + at;
        let mut mentions = self.mentions.iter();
        mentions.any(|it| (at..=at + reach).contains(&it.from))
    }

    /// The variants that it is about: of the products that it names, or else what was said before.
    fn variants_named(&self) -> Vec<&NamedVariant> {
        let names = &self.facts.base.names;
        if self.mentions.is_empty() {
            let before = &self.tokens[..self.start];
            return names.variants_meant(self.tokens, &names.mentions(before));
        }
        names.variants_meant(self.own(), &self.mentions)
    }

    /// Whether it continues what was said before.
    const fn goes_on(&self) -> bool {
        self.start > 0
    }

    /// Whether it is a question.
    fn asks(&self) -> bool {
        let mut ends = self.own().iter().rev();
        let last = ends.find(|it| it.kind != Kind::Line);
        !self.as_statement && last.is_some_and(|token| token.is_mark('?'))
    }

    /// Whether it repeats what the customer said, to ask or refuse or within their limits.
    fn echoes(&self) -> bool {
        self.asks() || self.says(&REFUSALS) || self.says(&ECHOES)
    }

    /// Its words with spaces around them, folded; Han characters as they are.
    fn plain(&self) -> String {
        let mut plain = String::from(" ");
        for token in self.own() {
            match &token.kind {
                Kind::Word(word) => {
                    plain.push_str(word);
                    plain.push(' ');
                }
                Kind::Han(c) => plain.push(*c),
                Kind::Number(_) | Kind::Mark(_) | Kind::Line => {}
            }
        }
        plain
    }

    fn holds(&self, claim: &Claim) -> bool {
        let base = self.facts.base;
        match claim.kind {
            ClaimKind::Money { amount: None, .. } | ClaimKind::Discount { percent: None } => false,
            ClaimKind::Money {
                amount: Some(amount),
                currency,
            } => self.holds_money(claim, amount.normalize(), currency),
            ClaimKind::Discount {
                percent: Some(percent),
            } => self.holds_percent(percent.normalize()),
            ClaimKind::UnspecificDiscount => base.discounts,
            ClaimKind::Free => {
                let (from, to) = place(self.tokens, claim);
                let about = topic::topics(topic::clause(self.tokens, from, to));
                base.free.iter().any(|known| topic::agree(&about, known))
            }
        }
    }

    fn holds_money(&self, claim: &Claim, amount: Decimal, currency: Option<Currency>) -> bool {
        let money = Money::new(amount, currency.unwrap_or(self.facts.base.home));
        self.facts.computed.contains(&money)
            || self.is_stated(&money)
            || self.is_price(claim, &money)
            || self.echoes_amount(&money)
    }

    /// A stated amount (a fee, a threshold) must be about what was stated, or "delivery costs
    /// 5 EUR" would price a lamp at 5 EUR. The least total of a discount rule is about nothing
    /// else, and no price of a product.
    fn is_stated(&self, money: &Money) -> bool {
        let sources = self
            .facts
            .base
            .stated
            .get(money)
            .map_or(&[][..], Vec::as_slice);
        let about = topic::topics(&self.tokens[self.start..]);
        let prices = !self.mentions.is_empty() || self.says(&PRICES);
        sources
            .iter()
            .any(|source| source.is_empty() && !prices || topic::agree(&about, source))
    }

    fn is_price(&self, claim: &Claim, money: &Money) -> bool {
        let base = self.facts.base;
        let (from, to) = place(self.tokens, claim);
        let amount = Amount {
            value: money.amount,
            at: from,
            all: &self.amounts,
        };
        money.currency == base.home
            && base.prices.contains(&money.amount)
            && !self.comes_off(from, to)
            && !self.pays_a_service(from, to)
            && base.names.fits(self.tokens, &self.mentions, amount)
    }

    /// "Express delivery costs 12 EUR": that a mug costs as much makes no fee true.
    fn pays_a_service(&self, from: usize, to: usize) -> bool {
        let about = topic::topics(topic::clause(self.tokens, from, to));
        self.mentions.is_empty() && about.iter().any(|topic| topic.starts_with('#'))
    }

    /// "29 EUR off", "立减29元": the amount is a discount, and no price makes it true.
    fn comes_off(&self, from: usize, to: usize) -> bool {
        const TAKEN: [&str; 8] = [
            "off", "discount", "cheaper", "less", "rebate", "save", "saving", "savings",
        ];
        let before = from.checked_sub(1).and_then(|at| self.tokens.get(at));
        let han =
            before.is_some_and(|token| matches!(token.kind, Kind::Han('减' | '惠' | '省' | '降')));
        let word = |token: Option<&Token>| {
            token
                .and_then(Token::word)
                .is_some_and(|word| TAKEN.contains(&word))
        };
        han || word(before) || word(self.tokens.get(to))
    }

    fn holds_percent(&self, percent: Decimal) -> bool {
        let refused = self.facts.customer_percents.contains(&percent) && self.says(&REFUSALS);
        self.facts.base.percents.contains(&percent) || refused
    }

    /// The customer's own number, repeated in a budget, a question or a refusal.
    fn echoes_amount(&self, money: &Money) -> bool {
        let question = self.tokens.last().is_some_and(|token| token.is_mark('?'));
        let refuses = self.says(&REFUSALS);
        let echoes = refuses || question || self.says(&ECHOES);
        let states_price = self.says(&PRICES) && !refuses;
        self.facts.customer_money.contains(money) && echoes && !states_price
    }

    /// Whether any of these words, or Han phrases, is in the sentence.
    fn says(&self, words: &[&str]) -> bool {
        if self.as_statement {
            return false;
        }
        let own = &self.tokens[self.start..];
        let han: String = own
            .iter()
            .map(|token| match token.kind {
                Kind::Han(c) => c,
                _ => ' ',
            })
            .collect();
        let mut spoken = own.iter().filter_map(Token::word);
        spoken.any(|word| words.contains(&word))
            || words
                .iter()
                .any(|word| !word.is_ascii() && han.contains(word))
    }
}

const REFUSALS: [&str; 17] = [
    "not",
    "cannot",
    "t",
    "no",
    "unable",
    "unfortunately",
    "sorry",
    "never",
    "afraid",
    "不能",
    "无法",
    "没有",
    "抱歉",
    "不会",
    "不可以",
    "对不起",
    "不是",
];

const ECHOES: [&str; 26] = [
    "budget",
    "limit",
    "spend",
    "spending",
    "under",
    "below",
    "within",
    "maximum",
    "max",
    "said",
    "mentioned",
    "asked",
    "told",
    "wanted",
    "looking",
    "range",
    "预算",
    "以内",
    "以下",
    "不超过",
    "您说",
    "提到",
    "之内",
    "左右",
    "您要",
    "想要",
];

const PRICES: [&str; 27] = [
    "cost", "costs", "price", "prices", "priced", "pay", "pays", "sell", "sells", "charge",
    "charges", "yours", "only", "just", "total", "deal", "fee", "售价", "价格", "只要", "卖",
    "仅需", "只需", "原价", "现价", "一共", "总价",
];

#[cfg(test)]
mod tests;
