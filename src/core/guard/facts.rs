//! What the company has stated: built once for a catalogue and an FAQ, and shared by every turn.
//! `documents` adds what documents state.

mod documents;

pub(crate) use documents::prices_goods;

use std::collections::{BTreeSet, HashMap, HashSet};

use rust_decimal::Decimal;

use super::{
    Basis, contacts, days, figures::Figures, names::Names, promises::Promises, roles, topic,
};
use crate::{
    Catalog, Currency, DiscountCondition, Faq, FaqEntry, Money, Product, Source, Variant,
    extract::{Claim, ClaimKind, Token, claims_in, sentence_around, tokens},
    prompt,
    sentences::SentenceStream,
};

/// The facts of one catalogue and one FAQ. Building reads every text once (some milliseconds);
/// keep it for as long as [`FactBase::key`] stays the same.
#[derive(Debug)]
pub struct FactBase {
    key: String,
    pub(super) home: Currency,
    /// Prices of variants, in the home currency.
    pub(super) prices: HashSet<Decimal>,
    /// Lower prices for a quantity, with the pieces that they take.
    pub(super) steps: HashMap<Decimal, HashSet<Decimal>>,
    /// Amounts that a text or a rule states, and what they are about.
    pub(super) stated: HashMap<Money, Vec<Stated>>,
    /// Percents of discounts.
    pub(super) percents: HashSet<Decimal>,
    /// Whether there is any discount.
    pub(super) discounts: bool,
    /// What is free.
    pub(super) free: Vec<Stated>,
    /// Whole sentences of the texts, for a sentence that repeats one word for word.
    pub(super) sentences: HashSet<String>,
    pub(super) names: Names,
    /// Numbers with their units.
    pub(super) figures: Figures,
    pub(super) promises: Promises,
    /// Links, addresses and accounts, in small letters.
    pub(super) contacts: BTreeSet<String>,
    /// The words of every text, folded, each with a space between.
    pub(super) plain: String,
    /// The words of the prompt's fixed part, in the same way.
    pub(super) prompt: String,
    /// Every word that stands anywhere.
    words: HashSet<String>,
    /// Days that are named, each with what its sentence is about.
    days: Vec<(&'static str, BTreeSet<String>)>,
}

/// Something that the company states: what it is about, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Stated {
    pub(super) about: BTreeSet<String>,
    pub(super) basis: Basis,
}

impl FactBase {
    /// Reads the facts out of a catalogue and an FAQ, in every language that they have.
    pub fn new(catalog: &Catalog, faq: &Faq) -> Self {
        let mut base = Self {
            key: Self::key_of(catalog, faq),
            home: catalog.currency,
            prices: HashSet::new(),
            steps: HashMap::new(),
            stated: HashMap::new(),
            percents: HashSet::new(),
            discounts: !catalog.discounts.is_empty(),
            free: Vec::new(),
            sentences: HashSet::new(),
            names: Names::new(catalog),
            figures: Figures::default(),
            promises: Promises::default(),
            contacts: BTreeSet::new(),
            plain: String::new(),
            prompt: roles::words(&prompt_of(catalog)).join(" "),
            words: HashSet::new(),
            days: Vec::new(),
        };
        base.read_catalog(catalog);
        for entry in &faq.entries {
            base.read_entry(entry);
        }
        base
    }

    /// Whether the company states this amount in its own currency: as a price, in a text or in a
    /// rule.
    pub fn states(&self, amount: Decimal) -> bool {
        let amount = amount.normalize();
        self.prices.contains(&amount)
            || self.steps.contains_key(&amount)
            || self.stated.contains_key(&Money::new(amount, self.home))
    }

    /// What the facts were built from: the hashes of catalogue, FAQ and documents.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The key that facts of this catalogue and FAQ would have.
    pub fn key_of(catalog: &Catalog, faq: &Faq) -> String {
        format!("{}:{}", catalog.hash, faq.hash)
    }

    fn read_catalog(&mut self, catalog: &Catalog) {
        let variants = catalog
            .products
            .iter()
            .flat_map(|product| &product.variants);
        for variant in variants {
            self.prices.insert(variant.price.normalize());
            for (from, price) in variant.steps() {
                let pieces = self.steps.entry(price.normalize()).or_default();
                pieces.insert(Decimal::from(from));
            }
        }
        for discount in &catalog.discounts {
            self.percents.insert(discount.percent.normalize());
            if let DiscountCondition::MinTotal(least) = discount.when {
                let money = Money::new(least, self.home);
                self.state(money, (BTreeSet::new(), &Basis::Rules));
            }
            for name in discount.name.0.values() {
                self.read(name, ("", &Basis::Rules));
                self.read_figures(name, ("", &Basis::Rules));
            }
        }
        for about in catalog.company.about.0.values() {
            self.read(about, ("", &Basis::Company));
            self.read_figures(about, ("", &Basis::Company));
        }
        self.note(&catalog.company.name);
        for (index, product) in catalog.products.iter().enumerate() {
            self.read_product(index, product);
        }
    }

    /// What tells of one product. Its figures hold for it alone.
    fn read_product(&mut self, index: usize, product: &Product) {
        let basis = Basis::Fact(Source::Catalog(product.id.to_string()));
        for description in product.description.0.values() {
            self.read(description, ("", &basis));
        }
        let names = product.name.0.values();
        let names = names.chain(product.aliases.values().flatten());
        let variants = product.variants.iter().flat_map(|it| it.name.0.values());
        for text in names.chain(variants).chain(product.description.0.values()) {
            self.note(text);
            let about = BTreeSet::new();
            self.figures
                .read(&tokens(text), (&about, &basis), Some(index));
        }
        self.read_steps(index, product, &basis);
        self.note(&product.category);
    }

    /// From how many pieces a product costs less.
    fn read_steps(&mut self, index: usize, product: &Product, basis: &Basis) {
        let steps = product.variants.iter().flat_map(Variant::steps);
        for (from, _) in steps {
            for text in [format!("{from} pieces"), format!("{from} 件")] {
                let about = BTreeSet::new();
                self.figures
                    .read(&tokens(&text), (&about, basis), Some(index));
            }
        }
    }

    /// Keeps the words of a text.
    fn note(&mut self, text: &str) {
        self.contacts.extend(contacts::stated(text));
        let words = roles::words(text);
        self.plain.push_str(&words.join(" "));
        self.plain.push('\n');
        let folded = tokens(text);
        let folded = folded.iter().filter_map(Token::word);
        self.words.extend(folded.map(|word| stem(word).to_owned()));
    }

    /// Whether a day is named about any of these services.
    pub(super) fn names_day(&self, day: &str, services: &[&String]) -> bool {
        let mut named = self.days.iter().filter(|(it, _)| *it == day);
        named.any(|(_, topics)| services.iter().any(|it| topics.contains(*it)))
    }

    /// Whether a word stands anywhere, in one of its forms.
    pub(super) fn knows_word(&self, word: &str) -> bool {
        self.words.contains(stem(word))
    }

    fn read_entry(&mut self, entry: &FaqEntry) {
        let basis = Basis::Fact(Source::Faq(entry.id.to_string()));
        for (language, answer) in &entry.answer.0 {
            let questions = entry.questions.get(language);
            let question = questions
                .and_then(|all| all.first())
                .map_or("", String::as_str);
            self.read(answer, (question, &basis));
            self.read_figures(answer, (question, &basis));
        }
    }

    /// Takes every claim of a text as a fact. `about` names the subject where the text does not.
    fn read(&mut self, text: &str, (about, basis): (&str, &Basis)) {
        self.note(text);
        self.note(about);
        self.read_promises(text, about);
        let mut stream = SentenceStream::new();
        let mut sentences = stream.push(text);
        sentences.extend(stream.finish());
        self.sentences.extend(
            sentences
                .iter()
                .filter_map(|sentence| spoken(&tokens(sentence))),
        );
        let found = tokens(text);
        for claim in claims_in(text, &found, self.home) {
            let about = subject(&found, &claim, about);
            self.learn(&claim, (about, basis));
        }
    }

    /// Takes every figure of a text as a fact about the subject that its sentence or its question
    /// names.
    fn read_figures(&mut self, text: &str, (about, basis): (&str, &Basis)) {
        let about = topic::topics(&tokens(about));
        self.figures.read(&tokens(text), (&about, basis), None);
    }

    /// Takes every promise of a text as one of the company's, about the same.
    fn read_promises(&mut self, text: &str, about: &str) {
        let about = topic::topics(&tokens(about));
        for sentence in tokens(text).split(Token::ends_sentence) {
            self.promises.read(sentence, &about);
            let mut topics = topic::topics(sentence);
            topics.extend(about.iter().cloned());
            self.days
                .extend(days::all(sentence).map(|day| (day, topics.clone())));
        }
    }

    fn learn(&mut self, claim: &Claim, (about, basis): (BTreeSet<String>, &Basis)) {
        match claim.kind {
            ClaimKind::Money { amount: None, .. } => {}
            ClaimKind::Money {
                amount: Some(amount),
                currency,
            } => {
                let money = Money::new(amount, currency.unwrap_or(self.home));
                self.state(money, (about, basis));
            }
            ClaimKind::Discount { percent } => {
                self.discounts = true;
                self.percents
                    .extend(percent.map(|percent| percent.normalize()));
            }
            ClaimKind::UnspecificDiscount => self.discounts = true,
            ClaimKind::Free => self.free.push(Stated {
                about,
                basis: basis.clone(),
            }),
        }
    }

    fn state(&mut self, money: Money, (about, basis): (BTreeSet<String>, &Basis)) {
        let money = Money::new(money.amount.normalize(), money.currency);
        let stated = Stated {
            about,
            basis: basis.clone(),
        };
        self.stated.entry(money).or_default().push(stated);
    }
}

/// What a word begins with, so that its forms are one.
fn stem(word: &str) -> &str {
    let word = word.strip_suffix("ing").unwrap_or(word);
    let word = word.strip_suffix("ed").unwrap_or(word);
    let word = word.strip_suffix("es").unwrap_or(word);
    word.trim_end_matches(['s', 'e'])
}

/// The fixed part of every prompt about this company.
fn prompt_of(catalog: &Catalog) -> String {
    let fixed = prompt::fixed_part(catalog).messages;
    let texts = fixed.into_iter().map(|message| message.text);
    let texts = texts.collect::<Vec<_>>().join("\n");
    // What it is asked to say is no secret.
    let lines = texts
        .lines()
        .filter(|line| !line.contains("call a colleague"));
    lines.collect::<Vec<_>>().join("\n")
}

/// A sentence as it is compared word for word; `None` if it does not say what it is about ("It
/// is free."), and so is true only where it stands.
pub(super) fn spoken(tokens: &[Token]) -> Option<String> {
    let kinds: Vec<String> = tokens
        .iter()
        .map(|token| format!("{:?}", token.kind))
        .collect();
    (!topic::topics(tokens).is_empty()).then(|| kinds.join(" "))
}

/// What a claim is about: its clause, else its sentence, else the question.
fn subject(found: &[Token], claim: &Claim, about: &str) -> BTreeSet<String> {
    let (from, to) = place(found, claim);
    let clause = topic::topics(topic::clause(found, from, to));
    if !clause.is_empty() {
        return clause;
    }
    let (start, end) = sentence_around(found, from, to);
    let sentence = topic::topics(&found[start..end]);
    if sentence.is_empty() {
        topic::topics(&tokens(about))
    } else {
        sentence
    }
}

/// The tokens of a claim: the first, and the one after the last.
pub(super) fn place(found: &[Token], claim: &Claim) -> (usize, usize) {
    let from = found.partition_point(|token| token.at.start < claim.range.start);
    let to = found.partition_point(|token| token.at.start < claim.range.end);
    (from.min(found.len()), to.max(from))
}
