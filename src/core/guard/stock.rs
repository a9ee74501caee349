//! What a sentence says of stock. It has to be so for the goods that its clause names, or else for
//! those that it names at all; a sentence that names none says of anything that it is there.

use super::{Reading, names::NamedVariant, topic};
use crate::extract::{Token, denied_before, phrase_at};

const THERE: &[&str] = &[
    "in stock",
    "on stock",
    "available now",
    "available right now",
    "available immediately",
    "ready to ship",
    "ships today",
    "ship immediately",
    "有货",
    "现货",
    "有库存",
    "库存充足",
    "随时发货",
];

const GONE: &[&str] = &[
    "out of stock",
    "sold out",
    "no longer available",
    "unavailable",
    "not available",
    "缺货",
    "没货",
    "无货",
    "售罄",
    "卖完",
];

/// Words of a clause that leave open whether it is so.
const OPEN: &[&str] = &["whether", "if", "when", "once", "是否"];

/// What a sentence says of stock and is not so.
pub(super) fn unheld(reading: &Reading<'_>) -> Vec<String> {
    if reading.asks() {
        return Vec::new();
    }
    let clauses = reading.own().split(topic::parts_clauses);
    clauses
        .filter_map(|clause| wrong(reading, clause))
        .collect()
}

/// What a clause says of stock, if that is not so.
fn wrong(reading: &Reading<'_>, clause: &[Token]) -> Option<String> {
    let gone = said(clause, GONE);
    let there = said(clause, THERE).filter(|_| gone.is_none());
    let (at, words) = gone.or(there)?;
    // "I do not know whether it is in stock", "I write when it is in stock again".
    if said(clause, OPEN).is_some() {
        return None;
    }
    let is_gone = gone.is_some() != denied_before(clause, at);
    let variants = reading.variants_of(clause);
    let empty = |it: &&NamedVariant| it.stock_pieces == 0;
    let so = if is_gone {
        // Of no goods it says how it is when something is gone.
        variants.iter().all(empty)
    } else if reading.names_variant(clause) {
        !variants.is_empty() && !variants.iter().any(empty)
    } else {
        variants.iter().any(|it| !empty(it))
    };
    (!so).then(|| words.to_owned())
}

/// The first of some phrases that stands in a clause, and where.
fn said(clause: &[Token], phrases: &[&'static str]) -> Option<(usize, &'static str)> {
    (0..clause.len()).find_map(|at| {
        let phrase = phrases.iter().find(|it| phrase_at(clause, at, it))?;
        Some((at, *phrase))
    })
}
