//! What a sentence says of stock. It has to be so for the product that it names, and a sentence that
//! names none says it of anything.

use super::names::NamedVariant;
use super::{ECHOES, REFUSALS, Reading};

const THERE: &[&str] = &[
    "in stock",
    "on stock",
    "ready to ship",
    "ships today",
    "有货",
    "现货",
    "有库存",
    "库存充足",
    "随时发货",
];

const GONE: &[&str] = &[
    "out of stock",
    "not in stock",
    "sold out",
    "no longer available",
    "currently unavailable",
    "缺货",
    "没货",
    "无货",
    "售罄",
    "卖完",
];

/// What a sentence says of stock and is not so, as it stands there.
pub(super) fn unheld(reading: &Reading<'_>) -> Vec<String> {
    let own = reading.plain();
    let first = |phrases: &[&'static str]| {
        let mut phrases = phrases.iter().copied();
        phrases.find(|phrase| own.contains(phrase))
    };
    let (said, gone) = match (first(GONE), first(THERE)) {
        (Some(gone), _) => (gone, true),
        (None, Some(there)) => (there, false),
        (None, None) => return Vec::new(),
    };
    // "I do not know whether it is in stock", "Shall I look whether it is in stock?"
    if reading.asks() || !gone && reading.says(&REFUSALS) || reading.says(&ECHOES) {
        return Vec::new();
    }
    let variants = reading.variants_named();
    let is_gone = |it: &&NamedVariant| it.stock_pieces == 0;
    let so = if gone {
        !variants.is_empty() && variants.iter().all(is_gone)
    } else {
        variants.iter().any(|it| !is_gone(it))
    };
    if so {
        Vec::new()
    } else {
        vec![said.to_owned()]
    }
}
