//! What in an FAQ can be loaded and looks wrong all the same: answers that contradict the catalogue,
//! and questions that two entries answer.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use consultant_core::{
    Catalog, Currency, FaqEntry, Money, ProductId, Variant,
    extract::{ClaimKind, find_claims},
};

use super::{faq::entries, fields::Report};
use crate::{
    documents::sentences,
    mention::Names,
    problem::Problem,
    retrieve::features,
    text::{self, tokens},
};

/// Words that say that an amount is what something costs, folded.
const PRICED: [&str; 9] = [
    "cost", "costs", "price", "priced", "售价", "价格", "价", "只要", "卖",
];

/// Beginnings of words that make an amount a fee, folded.
const FEES: [&str; 16] = [
    "deliver", "ship", "postage", "return", "assembl", "install", "repair", "fee", "order",
    "total", "运费", "送货", "安装", "退货", "维修", "满",
];

/// Telling words that a question has at the least to be nearly another one.
const TELLING: usize = 2;

/// Everything doubtful about an FAQ that can be loaded with this catalogue; nothing about one that
/// cannot.
pub fn doubts_about_faq(file: &str, text: &str, catalog: &Catalog) -> Vec<Problem> {
    let Ok((mut report, node)) = Report::parse(file, text) else {
        return Vec::new();
    };
    let found = entries(&node, Some(catalog));
    let mut asked = Asked::default();
    let names = Names::new(catalog, &[]);
    for (entry, at) in &found {
        let doubts = prices(entry, catalog, &names)
            .into_iter()
            .chain(discounts(entry, catalog))
            .chain(asked.twice(entry));
        for (message, hint) in doubts {
            report.add(at, message, hint);
        }
    }
    report.into_warnings()
}

type Doubt = (String, String);

/// Amounts that an answer calls the price of a product that has another one.
fn prices(entry: &FaqEntry, catalog: &Catalog, names: &Names) -> Vec<Doubt> {
    let sentences = entry.answer.0.values().flat_map(|it| sentences(it));
    let wrong = sentences.flat_map(|it| priced_otherwise(&it, catalog, names));
    let told = wrong.map(|(amount, id)| {
        (
            format!("the answer says {amount} of `{id}`, which is none of its prices"),
            format!("write {{price:{id}}}, and it is taken from the catalogue"),
        )
    });
    told.collect()
}

/// Amounts that a sentence calls the price of a product that has another one.
pub(crate) fn priced_otherwise(
    sentence: &str,
    catalog: &Catalog,
    names: &Names,
) -> Vec<(Money, ProductId)> {
    let folded = text::fold(sentence);
    let words = tokens(&folded);
    let named = names.find(&words, &text::proper(sentence)).products;
    let is_fee = FEES.iter().any(|fee| {
        words.iter().any(|word| word.starts_with(fee)) || !fee.is_ascii() && folded.contains(fee)
    });
    let is_priced = PRICED
        .iter()
        .any(|it| words.iter().any(|word| word == it) || !it.is_ascii() && folded.contains(it));
    let [mention] = named.as_slice() else {
        return Vec::new();
    };
    let Some(product) = catalog
        .product(&mention.product)
        .filter(|_| is_priced && !is_fee)
    else {
        return Vec::new();
    };
    let is_of = |variant: &Variant, amount: &Money| {
        let usual = amount.currency == catalog.currency && variant.price == amount.amount;
        let mut rows = variant.prices.iter();
        usual
            || rows.any(|row| {
                let currency = row.currency.unwrap_or(catalog.currency);
                currency == amount.currency && row.price == amount.amount
            })
    };
    let known = |amount: &Money| product.variants.iter().any(|it| is_of(it, amount));
    let amounts = amounts(sentence, catalog.currency).into_iter();
    let unknown = amounts.filter(|amount| !known(amount));
    unknown.map(|it| (it, product.id.clone())).collect()
}

/// Discounts that no rule of the catalogue gives.
fn discounts(entry: &FaqEntry, catalog: &Catalog) -> Vec<Doubt> {
    let texts = entry.answer.0.values();
    let claims = texts.flat_map(|text| find_claims(text, catalog.currency));
    let unknown = claims.filter_map(|claim| match claim.kind {
        ClaimKind::Discount {
            percent: Some(percent),
        } if catalog.discounts.iter().all(|it| it.percent != percent) => Some(claim.text),
        _ => None,
    });
    let unknown: BTreeSet<String> = unknown.collect();
    let told = unknown.into_iter().map(|claim| {
        (
            format!("the answer says \"{claim}\", and the catalogue has no such discount"),
            "write {discount:ID} of a rule, or make it one: else no price is computed with it"
                .to_owned(),
        )
    });
    told.collect()
}

fn amounts(sentence: &str, home: Currency) -> Vec<Money> {
    let claims = find_claims(sentence, home).into_iter();
    let amounts = claims.filter_map(|claim| match claim.kind {
        ClaimKind::Money {
            amount: Some(amount),
            currency,
        } => Some(Money::new(amount.normalize(), currency.unwrap_or(home))),
        _ => None,
    });
    amounts.collect()
}

/// The questions so far, by their telling words, each with its entry.
#[derive(Default)]
struct Asked<'a>(HashMap<BTreeSet<String>, Vec<(&'a FaqEntry, &'a str)>>);

impl<'a> Asked<'a> {
    /// Questions of an entry that have the telling words of one of another entry, which holds for the
    /// same people at the same time.
    fn twice(&mut self, entry: &'a FaqEntry) -> Vec<Doubt> {
        let mut doubts = BTreeMap::new();
        for question in entry.questions.values().flatten() {
            let telling = features(&text::fold(question));
            if telling.len() < TELLING {
                continue;
            }
            let asked = self.0.entry(telling).or_default();
            let is_other =
                |(it, _): &&(&FaqEntry, &str)| it.id != entry.id && it.scope.meets(&entry.scope);
            match asked.iter().find(is_other) {
                Some((other, before)) => {
                    doubts.insert(&other.id, nearly_the_same(question, before, other));
                }
                None => asked.push((entry, question)),
            }
        }
        doubts.into_values().collect()
    }
}

fn nearly_the_same(question: &str, before: &str, other: &FaqEntry) -> Doubt {
    let id = &other.id;
    (
        format!(
            "\"{question}\" asks nearly what \"{before}\" of `{id}` asks: customers get one of the \
             two answers by chance"
        ),
        "ask in other words, or make one entry of both".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{load_catalog, load_faq};

    const CATALOG: &str = "company: {name: S, about: {en: We sell.}}\ncurrency: EUR\n\
        categories:\n  - {id: lighting, name: {en: Lighting}}\nproducts:\n  - id: lamp\n    \
        category: lighting\n    name: {en: Halo lamp}\n    description: {en: A lamp.}\n    \
        price: 49\n    stock: 3\ndiscounts:\n  - {id: five, name: {en: 10% off from 5}, \
        percent: 10, min_quantity: 5}\n";

    #[track_caller]
    fn check(entries: &str, expect: &[&str]) {
        let catalog = load_catalog("catalog.yaml", CATALOG).unwrap_or_else(|it| panic!("{it:?}"));
        let text = format!("entries:\n{entries}");
        let faq = load_faq("faq.yaml", &text, Some(&catalog));
        assert!(faq.is_ok(), "{faq:?}");
        let doubts = doubts_about_faq("faq.yaml", &text, &catalog);
        assert_eq!(doubts.len(), expect.len(), "{doubts:?}");
        for (doubt, expect) in doubts.iter().zip(expect) {
            assert!(doubt.message.contains(expect), "{doubt}");
            assert!(doubt.is_warning && doubt.line > 1, "{doubt:?}");
        }
    }

    fn entry(id: &str, question: &str, answer: &str) -> String {
        format!(
            "  - id: {id}\n    questions: {{en: [\"{question}\"]}}\n    answer: {{en: \"{answer}\"}}\n"
        )
    }

    #[test]
    fn a_price_that_is_none_of_the_products_is_found() {
        check(
            &entry("a", "Dear?", "The Halo lamp costs 45 EUR."),
            &["45 EUR of `lamp`"],
        );
        check(&entry("a", "Dear?", "The Halo lamp costs 49 EUR."), &[]);
        check(
            &entry("a", "Dear?", "The Halo lamp costs {price:lamp}."),
            &[],
        );
        check(
            &entry("a", "Dear?", "Delivery of the Halo lamp costs 5 EUR."),
            &[],
        );
    }

    #[test]
    fn a_discount_of_no_rule_is_found() {
        check(&entry("a", "Less?", "You get 15% off."), &["15% off"]);
        check(&entry("a", "Less?", "You get 10% off from five."), &[]);
    }

    #[test]
    fn two_entries_may_answer_a_question_for_others_or_at_another_time() {
        let with = |entry: String, scope: &str| format!("{entry}    {scope}\n");
        let summer = with(
            entry("a", "When do you open?", "At 8."),
            "valid_until: 2026-09-30",
        );
        let winter = with(
            entry("b", "When do you open?", "At 9."),
            "valid_from: 2026-10-01",
        );
        check(&(summer.clone() + &winter), &[]);
        let nearly = with(
            entry("b", "When do you open please?", "At 9."),
            "valid_from: 2026-09-01",
        );
        check(&(summer + &nearly), &["of `a` asks"]);
    }

    #[test]
    fn a_question_that_two_entries_answer_is_found() {
        let both = entry("a", "How can I pay by card?", "Yes.")
            + &entry("b", "Can I pay by a card please?", "No.");
        check(&both, &["of `a` asks"]);
        let apart = entry("a", "How can I pay by card?", "Yes.")
            + &entry("b", "How can I pay by invoice?", "No.");
        check(&apart, &[]);
    }
}
