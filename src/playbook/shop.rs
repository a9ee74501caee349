//! A small shop for tests, made by hand, and turns in it.

use std::{collections::BTreeMap, sync::Arc};

use consultant_core::{
    Action, AnswerSource, Catalog, Company, Currency, Exchange, Faq, FaqEntry, FaqHit, Language,
    LocalText, Product, ProductMention, Scope, SlotValue, Turn, Understanding, Variant,
};
use rust_decimal::Decimal;

pub(crate) fn text(en: &str, zh: &str) -> LocalText {
    LocalText(BTreeMap::from([
        (Language::EN, en.to_owned()),
        (Language::ZH, zh.to_owned()),
    ]))
}

fn variant(id: &str, en: &str, zh: &str, cents: i64, stock_pieces: u32) -> Variant {
    Variant {
        id: id.into(),
        name: text(en, zh),
        price: Decimal::new(cents, 2),
        stock_pieces,
        prices: Vec::new(),
        picture_url: None,
    }
}

fn product(id: &str, name: LocalText, category: &str, variants: Vec<Variant>) -> Product {
    Product {
        id: id.into(),
        description: name.clone(),
        name,
        aliases: BTreeMap::new(),
        category: category.to_owned(),
        picture_url: None,
        variants,
        contains: Vec::new(),
        counts_parts: false,
        scope: Scope::default(),
        tax: None,
    }
}

pub(crate) fn catalog() -> Arc<Catalog> {
    let lamp = vec![
        variant("oak", "Oak", "橡木", 4900, 12),
        variant("black", "Black", "黑色", 4550, 0),
    ];
    let desk = vec![variant("standard", "", "", 32_900, 3)];
    Arc::new(Catalog {
        company: Company {
            name: "Lumen & Loft".into(),
            about: text("Home-office goods.", "家庭办公用品。"),
            hours: None,
        },
        currency: Currency::EUR,
        products: vec![
            product("desk-lamp", text("Desk Lamp", "台灯"), "lighting", lamp),
            product("desk", text("Standing Desk", "升降桌"), "desks", desk),
        ],
        discounts: Vec::new(),
        hash: "0".into(),
        home: None,
        groups: Vec::new(),
        regions: Vec::new(),
        taxes: None,
    })
}

/// Two reviewed answers.
pub(crate) fn faq() -> Faq {
    let entry = |id: &str, answer: LocalText| FaqEntry {
        id: id.into(),
        questions: BTreeMap::new(),
        answer,
        scope: Scope::default(),
        template: None,
    };
    Faq {
        entries: vec![
            entry("returns", text("Within 30 days.", "30 天内。")),
            entry("warranty", text("Two years.", "两年。")),
        ],
        hash: "0".into(),
    }
}

/// A turn in English at the first stage that says nothing in particular.
pub(crate) fn turn() -> Turn {
    let understanding = Understanding {
        confidence: 0.9,
        ..Understanding::of_nothing(Language::EN)
    };
    let facts = (catalog(), Arc::new(Faq::default()));
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    let mut turn = Turn::bare("", "greet", understanding, now, facts);
    turn.customer.since = "2026-11-20T12:00:00Z".parse().unwrap();
    turn.seed = 7;
    turn
}

pub(crate) fn mention(product: &str, variant: Option<&str>) -> ProductMention {
    ProductMention {
        product: product.into(),
        variant: variant.map(Into::into),
        confidence: 1.0,
    }
}

pub(crate) fn hit(entry: &str, score: f64) -> FaqHit {
    FaqHit {
        entry: entry.into(),
        score,
    }
}

/// Exchanges that go into as many branches as there are; the first one a colleague answered.
pub(crate) fn exchanges() -> [Exchange; 2] {
    let answered = Exchange {
        question: "Do you send an invoice?".to_owned(),
        answer: "With every parcel.".to_owned(),
        language: Language::EN,
        asked_times: 3,
        source: AnswerSource::Person,
        nearest: None,
    };
    let written = Exchange {
        question: "运费多少？".to_owned(),
        answer: "运费 5 欧元，请写信到 ann@example.com。".to_owned(),
        language: Language::ZH,
        asked_times: 12,
        source: AnswerSource::Model,
        nearest: Some(hit("returns", 0.7)),
    };
    [answered, written]
}

/// What the engine does with a turn's actions before the next one.
pub(crate) fn carry(turn: &mut Turn, actions: &[Action]) {
    turn.awaiting = None;
    turn.first_contact = false;
    turn.turns += 1;
    for action in actions {
        match action {
            Action::Ask { slot, .. } => turn.awaiting = Some(slot.clone()),
            Action::Goto { stage } => turn.stage.clone_from(stage),
            Action::Set { slot, value } => set(&mut turn.slots, slot, value.as_ref()),
            Action::Escalate { .. } => turn.escalated = true,
            _ => {}
        }
    }
}

fn set(slots: &mut BTreeMap<String, SlotValue>, slot: &str, value: Option<&SlotValue>) {
    match value {
        Some(value) => drop(slots.insert(slot.to_owned(), value.clone())),
        None => drop(slots.remove(slot)),
    }
}
