//! What in an FAQ can be loaded and looks wrong all the same: answers that contradict the catalogue,
//! and questions that two entries answer.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use consultant_core::{
    Catalog, Currency, FaqEntry, Money,
    extract::{ClaimKind, find_claims},
    sentences::SentenceStream,
};

use super::{faq::entries, fields::Report};
use crate::{
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
    let mut doubts = Vec::new();
    for sentence in entry.answer.0.values().flat_map(|it| sentences(it)) {
        let folded = text::fold(&sentence);
        let words = tokens(&folded);
        let named = names.find(&words, &text::proper(&sentence)).products;
        let is_fee = FEES.iter().any(|fee| {
            words.iter().any(|word| word.starts_with(fee))
                || !fee.is_ascii() && folded.contains(fee)
        });
        let is_priced = PRICED
            .iter()
            .any(|it| words.iter().any(|word| word == it) || !it.is_ascii() && folded.contains(it));
        let [mention] = named.as_slice() else {
            continue;
        };
        let Some(product) = catalog
            .product(&mention.product)
            .filter(|_| is_priced && !is_fee)
        else {
            continue;
        };
        let known = |amount: &Money| {
            amount.currency == catalog.currency
                && product.variants.iter().any(|it| it.price == amount.amount)
        };
        for amount in amounts(&sentence, catalog.currency) {
            if !known(&amount) {
                let id = &product.id;
                doubts.push((
                    format!("the answer says {amount} of `{id}`, which is none of its prices"),
                    format!("write {{price:{id}}}, and it is taken from the catalogue"),
                ));
            }
        }
    }
    doubts
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

fn sentences(text: &str) -> Vec<String> {
    let mut stream = SentenceStream::new();
    let mut sentences = stream.push(text);
    sentences.extend(stream.finish());
    sentences
}

/// The questions so far, by their telling words, each with its entry.
#[derive(Default)]
struct Asked(HashMap<BTreeSet<String>, (String, String)>);

impl Asked {
    /// Questions of an entry that have the telling words of one of another entry.
    fn twice(&mut self, entry: &FaqEntry) -> Vec<Doubt> {
        let mut doubts = BTreeMap::new();
        for question in entry.questions.values().flatten() {
            let telling = features(&text::fold(question));
            if telling.len() < TELLING {
                continue;
            }
            let own = (entry.id.to_string(), question.clone());
            let (other, before) = self.0.entry(telling).or_insert_with(|| own.clone());
            if *other != own.0 {
                doubts.insert(
                    other.clone(),
                    (
                        format!(
                            "\"{question}\" asks nearly what \"{before}\" of `{other}` asks: \
                             customers get one of the two answers by chance"
                        ),
                        "ask in other words, or make one entry of both".to_owned(),
                    ),
                );
            }
        }
        doubts.into_values().collect()
    }
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
    fn a_question_that_two_entries_answer_is_found() {
        let both = entry("a", "How can I pay by card?", "Yes.")
            + &entry("b", "Can I pay by a card please?", "No.");
        check(&both, &["of `a` asks"]);
        let apart = entry("a", "How can I pay by card?", "Yes.")
            + &entry("b", "How can I pay by invoice?", "No.");
        check(&apart, &[]);
    }
}
