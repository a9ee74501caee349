//! One sentence of a draft, with all that was found in it, and what each claim rests on.

use rust_decimal::Decimal;

use super::{
    Basis, ConversationFacts, Evidence, agreement, contacts, days,
    facts::place,
    figures,
    names::{Amount, Mention, NamedVariant, Priced},
    promises, roles, stock, strangers, support, topic,
};
use crate::{
    Currency, Money, Source,
    extract::{Claim, ClaimKind, Kind, Token, claims_in, han_text, numbers},
};

/// A sentence with what was found in it.
pub(super) struct Reading<'a> {
    pub(super) text: &'a str,
    pub(super) facts: &'a ConversationFacts<'a>,
    pub(super) tokens: &'a [Token],
    claims: Vec<Claim>,
    pub(super) mentions: Vec<Mention>,
    /// The first tokens of all amounts.
    amounts: Vec<usize>,
    /// The first token of the sentence itself.
    start: usize,
    /// Whether it is read as if it were neither asked nor refused.
    as_statement: bool,
}

impl<'a> Reading<'a> {
    pub(super) fn new(
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

    /// The same, read as if it were neither asked nor refused.
    pub(super) fn read_as_statement(mut self) -> Self {
        self.as_statement = true;
        self
    }

    /// All that nothing holds, as it stands in the sentence.
    pub(super) fn unheld(&self) -> Vec<String> {
        let mut unheld = self.unheld_money();
        unheld.extend(figures::unheld(self));
        unheld.extend(days::unheld(self));
        unheld.extend(contacts::unheld(self));
        unheld.extend(stock::unheld(self));
        unheld.extend(promises::unheld(self));
        unheld.extend(strangers::unheld(self));
        unheld.extend(roles::unheld(self));
        unheld.extend(support::unheld(self));
        unheld.extend(agreement::unheld(self));
        unheld
    }

    /// Amounts of money and discounts that nothing holds.
    pub(super) fn unheld_money(&self) -> Vec<String> {
        let new = self.claims.iter().filter(|claim| self.is_own(claim));
        let money = new.filter(|claim| self.basis(claim).is_none());
        money.map(|claim| claim.text.clone()).collect()
    }

    /// Its claims and figures, each with what it rests on.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let own = self.claims.iter().filter(|claim| self.is_own(claim));
        let claims = own.filter_map(|claim| {
            Some(Evidence {
                claim: claim.text.clone(),
                rests_on: self.basis(claim)?,
            })
        });
        claims.chain(figures::evidence(self)).collect()
    }

    fn is_own(&self, claim: &Claim) -> bool {
        place(self.tokens, claim).1 > self.start
    }

    /// The tokens of the sentence itself.
    pub(super) fn own(&self) -> &'a [Token] {
        &self.tokens[self.start..]
    }

    /// The sentence itself.
    pub(super) fn own_text(&self) -> &'a str {
        let start = self.own().first().map_or(self.text.len(), |it| it.at.start);
        self.text.get(start..).unwrap_or_default()
    }

    /// What stands at these tokens of the sentence.
    pub(super) fn text_of(&self, from: usize, to: usize) -> String {
        let place = self.own().get(from..to).unwrap_or_default();
        let (Some(first), Some(last)) = (place.first(), place.last()) else {
            return String::new();
        };
        let text = self.text.get(first.at.start..last.at.end);
        text.unwrap_or_default().to_owned()
    }

    /// Whether a token of the sentence is part of an amount or a discount, which are judged as that.
    pub(super) fn is_claimed(&self, at: usize) -> bool {
        let at = self.start + at;
        let mut places = self.claims.iter().map(|claim| place(self.tokens, claim));
        let names = self.mentions.iter().map(|it| (it.from, it.to));
        places.any(|(from, to)| (from..to).contains(&at))
            || names.into_iter().any(|(from, to)| (from..to).contains(&at))
    }

    /// Whether a line begins at a token of the sentence.
    pub(super) fn begins_line(&self, at: usize) -> bool {
        let before = (self.start + at).checked_sub(1);
        before.is_none_or(|before| self.tokens[before].kind == Kind::Line)
    }

    /// Whether the sentence names this product.
    pub(super) fn names(&self, product: usize) -> bool {
        self.mentions
            .iter()
            .any(|it| it.products.contains(&product))
    }

    /// Whether goods are named so soon behind a token of the sentence.
    pub(super) fn names_within(&self, at: usize, reach: usize) -> bool {
        let at = self.start + at;
        let mut mentions = self.mentions.iter();
        mentions.any(|it| (at..=at + reach).contains(&it.from))
    }

    /// The goods that it is about: those that it names, or else those of what was said before.
    fn goods(&self) -> Vec<Mention> {
        if self.mentions.is_empty() {
            let before = &self.tokens[..self.start];
            return self.facts.base.names.mentions(before);
        }
        self.mentions.clone()
    }

    /// The variants that it is about.
    pub(super) fn variants_named(&self) -> Vec<&NamedVariant> {
        self.variants_of(self.own())
    }

    /// The variants of its goods that one of its clauses names, or else all of them.
    pub(super) fn variants_of(&self, clause: &[Token]) -> Vec<&NamedVariant> {
        let names = &self.facts.base.names;
        let own = names.mentions(clause);
        let goods = if own.is_empty() { self.goods() } else { own };
        names.variants_meant(clause, &goods)
    }

    /// Whether a clause names a variant of its goods.
    pub(super) fn names_variant(&self, clause: &[Token]) -> bool {
        let names = &self.facts.base.names;
        names.names_variant(clause, &self.goods())
    }

    /// Whether it is a question.
    pub(super) fn asks(&self) -> bool {
        let mut ends = self.own().iter().rev();
        let last = ends.find(|it| it.kind != Kind::Line);
        !self.as_statement && last.is_some_and(|token| token.is_mark('?'))
    }

    /// Whether it repeats what the customer said, to ask, or to refuse where these tokens of the
    /// sentence stand, or within their limits.
    pub(super) fn echoes(&self, from: usize, to: usize) -> bool {
        self.asks() || self.refuses(from, to) || self.says(&ECHOES)
    }

    /// Whether the clause around these tokens of the sentence refuses: "it does not cost 1 EUR". "No
    /// problem, it costs 1 EUR" does not.
    pub(super) fn refuses(&self, from: usize, to: usize) -> bool {
        if self.as_statement {
            return false;
        }
        let clause = topic::clause(self.own(), from, to);
        let friendly = ["problem", "worries", "worry", "doubt", "only"];
        let is_friendly = clause
            .iter()
            .filter_map(Token::word)
            .any(|word| friendly.contains(&word));
        !is_friendly && says(clause, &REFUSALS)
    }

    /// Its words with spaces around them, folded; Han characters as they are.
    pub(super) fn plain(&self) -> String {
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

    /// What a claim of the sentence rests on; `None` where that is nothing.
    fn basis(&self, claim: &Claim) -> Option<Basis> {
        let base = self.facts.base;
        match claim.kind {
            ClaimKind::Money { amount: None, .. } | ClaimKind::Discount { percent: None } => None,
            ClaimKind::Money {
                amount: Some(amount),
                currency,
            } => self.basis_of_money(claim, amount.normalize(), currency),
            ClaimKind::Discount {
                percent: Some(percent),
            } => self.basis_of_percent(claim, percent.normalize()),
            ClaimKind::UnspecificDiscount => base.discounts.then_some(Basis::Rules),
            ClaimKind::Free => {
                let (from, to) = place(self.tokens, claim);
                let about = topic::topics(topic::clause(self.tokens, from, to));
                let mut free = base.free.iter();
                let known = free.find(|known| topic::agree(&about, &known.about))?;
                Some(known.basis.clone())
            }
        }
    }

    fn basis_of_money(
        &self,
        claim: &Claim,
        amount: Decimal,
        currency: Option<Currency>,
    ) -> Option<Basis> {
        let money = Money::new(amount, currency.unwrap_or(self.facts.base.home));
        if self.facts.computed.contains(&money) {
            return Some(Basis::Computed);
        }
        self.stated(&money)
            .or_else(|| self.price(claim, &money))
            .or_else(|| self.echoes_amount(claim, &money).then_some(Basis::Customer))
    }

    /// A stated amount (a fee, a threshold) must be about what was stated, or "delivery costs
    /// 5 EUR" would price a lamp at 5 EUR. The least total of a discount rule is about nothing
    /// else, and no price of a product.
    fn stated(&self, money: &Money) -> Option<Basis> {
        let sources = self
            .facts
            .base
            .stated
            .get(money)
            .map_or(&[][..], Vec::as_slice);
        let about = topic::topics(&self.tokens[self.start..]);
        let prices = !self.mentions.is_empty() || self.says(&PRICES);
        let mut sources = sources.iter();
        let source =
            sources.find(|it| it.about.is_empty() && !prices || topic::agree(&about, &it.about))?;
        Some(source.basis.clone())
    }

    fn price(&self, claim: &Claim, money: &Money) -> Option<Basis> {
        let base = self.facts.base;
        let (from, to) = place(self.tokens, claim);
        let said = self.numbers_beside(from, to);
        let amount = Amount {
            value: money.amount,
            at: from,
            all: &self.amounts,
            beside: &said,
        };
        let takes = base.steps.get(&money.amount);
        let is_for_so_many = takes.is_some_and(|pieces| said.iter().any(|it| pieces.contains(it)));
        let is_a_price = money.currency == base.home
            && (base.prices.contains(&money.amount) || is_for_so_many)
            && !self.comes_off(from, to)
            && !self.pays_a_service(from, to);
        let priced = base.names.priced(self.tokens, &self.mentions, amount);
        match priced {
            Priced::Of(id) if is_a_price => Some(Basis::Fact(Source::Catalog(id))),
            Priced::OfNothingNamed if is_a_price => Some(Basis::Prices),
            Priced::Of(_) | Priced::OfNothingNamed | Priced::No => None,
        }
    }

    /// The numbers of the sentence that stand outside of an amount.
    fn numbers_beside(&self, from: usize, to: usize) -> Vec<Decimal> {
        let found = numbers(self.tokens).into_iter();
        let beside = found.filter(|it| it.to <= from || to <= it.from);
        beside.filter_map(|it| it.value).collect()
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

    fn basis_of_percent(&self, claim: &Claim, percent: Decimal) -> Option<Basis> {
        let (from, to) = self.own_place(claim);
        let refused = self.facts.customer_percents.contains(&percent) && self.refuses(from, to);
        if self.facts.base.percents.contains(&percent) {
            return Some(Basis::Rules);
        }
        refused.then_some(Basis::Customer)
    }

    /// The customer's own number, repeated in a budget, a question or a refusal.
    fn echoes_amount(&self, claim: &Claim, money: &Money) -> bool {
        let (from, to) = self.own_place(claim);
        let states_price = self.says(&PRICES) && !self.refuses(from, to);
        self.facts.customer_money.contains(money) && self.echoes(from, to) && !states_price
    }

    /// Where a claim stands in the sentence itself.
    fn own_place(&self, claim: &Claim) -> (usize, usize) {
        let (from, to) = place(self.tokens, claim);
        (
            from.saturating_sub(self.start),
            to.saturating_sub(self.start),
        )
    }

    /// Whether any of these words, or Han phrases, is in the sentence.
    pub(super) fn says(&self, words: &[&str]) -> bool {
        !self.as_statement && says(self.own(), words)
    }
}

fn says(tokens: &[Token], words: &[&str]) -> bool {
    let han = han_text(tokens);
    let mut spoken = tokens.iter().filter_map(Token::word);
    spoken.any(|word| words.contains(&word))
        || words
            .iter()
            .any(|word| !word.is_ascii() && han.contains(word))
}

pub(super) const REFUSALS: [&str; 17] = [
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

pub(super) const ECHOES: [&str; 16] = [
    "budget",
    "spend",
    "spending",
    "said",
    "mentioned",
    "asked",
    "told",
    "wanted",
    "预算",
    "以内",
    "不超过",
    "您说",
    "提到",
    "之内",
    "您要",
    "想要",
];

pub(super) const PRICES: [&str; 27] = [
    "cost", "costs", "price", "prices", "priced", "pay", "pays", "sell", "sells", "charge",
    "charges", "yours", "only", "just", "total", "deal", "fee", "售价", "价格", "只要", "卖",
    "仅需", "只需", "原价", "现价", "一共", "总价",
];
