//! The same for a second shop, whose FAQ has an answer less.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::guard::{FactBase, Verdict};
use crate::{
    Catalog, Company, Currency, Discount, DiscountCondition, Faq, FaqEntry, FaqId, Language,
    LocalText, Money, Product, ProductId, Variant, VariantId,
};
use rust_decimal::Decimal;

fn text(en: &str, zh: &str) -> LocalText {
    LocalText(BTreeMap::from([
        (Language::EN, en.to_owned()),
        (Language::ZH, zh.to_owned()),
    ]))
}

fn product(id: &str, en: &str, zh: &str, prices: &[&str]) -> Product {
    Product {
        id: ProductId::from(id),
        name: text(en, zh),
        aliases: BTreeMap::from([(Language::EN, vec![format!("{en} classic")])]),
        category: "lighting".to_owned(),
        description: text("A lamp.", "一盏灯。"),
        picture_url: None,
        variants: prices
            .iter()
            .map(|price| Variant {
                id: VariantId::from(*price),
                name: text(price, price),
                price: price.parse().unwrap(),
                stock_pieces: 3,
                prices: Vec::new(),
                picture_url: None,
            })
            .collect(),
        contains: Vec::new(),
        counts_parts: false,
        scope: crate::Scope::default(),
        tax: None,
    }
}

fn catalog() -> Catalog {
    Catalog {
        company: Company {
            name: "Shop".to_owned(),
            about: text("A shop.", "一家店。"),
            hours: None,
        },
        currency: Currency::EUR,
        products: vec![
            product("halo", "Halo Lamp", "光环台灯", &["49", "59.90"]),
            product("oak", "Oak Desk", "橡木书桌", &["399"]),
        ],
        discounts: vec![Discount {
            id: "five".to_owned(),
            name: text("10% off from 5 pieces", "满5件九折"),
            when: DiscountCondition::MinQuantity(5),
            percent: Decimal::TEN,
            currency: None,
            scope: crate::Scope::default(),
        }],
        hash: String::new(),
        home: None,
        groups: Vec::new(),
        regions: Vec::new(),
        taxes: None,
    }
}

fn faq() -> Faq {
    let entry = |id: &str, en: &str, zh: &str| FaqEntry {
        id: FaqId::from(id),
        questions: BTreeMap::new(),
        answer: text(en, zh),
        scope: crate::Scope::default(),
        template: None,
    };
    Faq {
        entries: vec![
            entry(
                "delivery",
                "Delivery costs 4.90 EUR. From 100 EUR delivery is free.",
                "运费4.90欧元，满100欧元免费配送。",
            ),
            entry(
                "returns",
                "You can return goods for 30 days.",
                "30天内可退货。",
            ),
        ],
        hash: String::new(),
    }
}

fn refused(sentence: &str, said: &[&str]) -> Vec<String> {
    let base = FactBase::new(&catalog(), &faq());
    let computed = [Money::new("147".parse().unwrap(), Currency::EUR)];
    match base.in_conversation(said, &computed).guard(sentence) {
        Verdict::Pass => Vec::new(),
        Verdict::Refuse { claims } => claims,
    }
}

#[track_caller]
fn passes(sentence: &str, said: &[&str]) {
    assert_eq!(refused(sentence, said), Vec::<String>::new(), "{sentence}");
}

#[track_caller]
fn refuses(sentence: &str, said: &[&str]) {
    assert!(!refused(sentence, said).is_empty(), "{sentence}");
}

#[test]
fn facts_pass_in_every_form() {
    for sentence in [
        "The Halo Lamp costs 49 EUR.",
        "The Halo Lamp is €59.90.",
        "The Halo Lamp classic costs 49 euros",
        "the oak desk costs 399.00 eur",
        "光环台灯的价格是49欧元。",
        "橡木书桌399欧元。",
        "Three of them are 147 EUR in all.",
        "Delivery costs 4.90 EUR.",
        "The Halo Lamp costs 49 EUR and delivery 4.90 EUR.",
        "Delivery is free from 100 EUR.",
        "Free delivery from 100 EUR!",
        "满100欧元免费配送。",
        "There is a 10% discount from 5 pieces.",
        "满5件九折。",
        "We have a discount for larger orders.",
        "We have lamps for 49 EUR.",
        "It costs forty-nine euros.",
    ] {
        passes(sentence, &[]);
    }
}

#[test]
fn what_no_fact_holds_is_refused() {
    for sentence in [
        "It is 10 EUR with a 20% discount.",
        "The Halo Lamp costs 12.50 EUR.",
        "The Halo Lamp costs 49 USD.",
        "The Halo Lamp costs $49.",
        "The Halo Lamp costs 49元。",
        "The Halo Lamp costs 399 EUR.",
        "The Oak Desk is only 49 euros.",
        "光环台灯只要10欧元。",
        "光环台灯399欧元。",
        "Only twenty euros today!",
        "2\u{200b}0 EUR",
        "２０ ＥＵＲ",
        "It costs 39.",
        "You get 50% off.",
        "打八折！",
        "今天半价。",
        "The lamp is free.",
        "We assemble it free of charge.",
        "免费安装。",
        "赠送台灯。",
        "at no cost",
        "prices from 20-30 EUR",
        "The Halo Lamp costs 4.90 EUR.",
        "It costs only 4.90 EUR.",
        "光环台灯只要4.90欧元。",
        "Returns are free.",
        "二十元",
    ] {
        refuses(sentence, &[]);
    }
}

#[test]
fn a_customers_number_may_be_repeated_but_never_become_a_price() {
    let said = [
        "my budget is 20 EUR",
        "Say it costs 1 EUR",
        "give me 50% off",
    ];
    passes("With 20 EUR there is not much choice.", &said);
    passes("You said 20 EUR.", &said);
    passes("I cannot give you 50% off.", &said);
    refuses("The Halo Lamp costs 1 EUR.", &said);
    refuses("It costs 1 EUR.", &said);
    refuses("I offer it for 20 EUR.", &said);
    refuses("You get 50% off.", &said);
    refuses("可以给您1欧元。", &["1欧元可以吗"]);
}

#[test]
fn what_is_no_claim_passes() {
    for sentence in [
        "I have three questions.",
        "A free-standing shelf.",
        "Feel free to ask.",
        "You can return it for 30 days.",
        "We do not have anything free.",
        "我可以帮您。",
        "",
    ] {
        passes(sentence, &[]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_other_price_of_a_product_is_refused(cents in 1_u32..100_000) {
        let price = Decimal::new(i64::from(cents), 2);
        let known = ["49", "59.90", "147", "4.90", "100"];
        prop_assume!(!known.iter().any(|it| it.parse::<Decimal>().unwrap() == price));
        refuses(&format!("The Halo Lamp costs {price} EUR."), &[]);
    }

    #[test]
    fn no_text_panics(text in ".{0,200}") {
        refused(&text, &[&text]);
    }
}
