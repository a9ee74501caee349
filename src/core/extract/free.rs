//! Claims that something costs nothing, told from the many other uses of "free".

use std::ops::Range;

use super::{
    negation,
    token::{Token, phrase_at},
};

/// Every claim, by tokens.
pub(crate) fn free_claims(tokens: &[Token]) -> Vec<Range<usize>> {
    (0..tokens.len())
        .filter_map(|at| Some(at..at + claim_length(tokens, at)?))
        .collect()
}

fn claim_length(tokens: &[Token], at: usize) -> Option<usize> {
    if is_free_of_cost(tokens, at) {
        return Some(1);
    }
    let affirmed = !negation::before(tokens, at);
    if ["cost anything", "cost you anything", "cost a thing"]
        .iter()
        .any(|text| phrase_at(tokens, at, text))
    {
        return (!affirmed).then_some(2);
    }
    let english = PHRASES.iter().find(|text| phrase_at(tokens, at, text));
    if let Some(text) = english.filter(|_| affirmed && !is_idiom(tokens, at)) {
        return Some(text.split(' ').count());
    }
    HAN.iter()
        .find(|text| phrase_at(tokens, at, text))
        .filter(|_| affirmed)
        .map(|text| text.chars().count())
}

/// Words that by themselves say that something costs nothing.
const PHRASES: [&str; 46] = [
    "gratis",
    "complimentary",
    "at no cost",
    "at no charge",
    "at no extra cost",
    "at no additional cost",
    "at no extra charge",
    "at no additional charge",
    "no charge",
    "no cost",
    "no extra cost",
    "no extra charge",
    "no additional cost",
    "no additional charge",
    "without charge",
    "without cost",
    "without extra cost",
    "without additional cost",
    "on the house",
    "is on us",
    "are on us",
    "zero cost",
    "costs nothing",
    "cost nothing",
    "cost you nothing",
    "costs you nothing",
    "for nothing",
    "throw in",
    "thrown in",
    "waive",
    "waived",
    "giveaway",
    "buy one get one",
    "bogo",
    "freebie",
    "freebies",
    "kostenlos",
    "kostenfrei",
    "umsonst",
    "gratuit",
    "gratuite",
    "gratuito",
    "gratuita",
    "бecплaтho",
    "無料",
    "무료",
];

const HAN: [&str; 24] = [
    "免费",
    "赠送",
    "附赠",
    "白送",
    "白拿",
    "送您",
    "送你",
    "包邮",
    "免邮",
    "免运费",
    "免单",
    "不收费",
    "不收取",
    "不要钱",
    "不花钱",
    "无需付费",
    "免安装费",
    "免手续费",
    "免维修费",
    "零元",
    "无料",
    "无償",
    "送一",
    "赠品",
];

/// "Good for nothing" is no gift.
fn is_idiom(tokens: &[Token], at: usize) -> bool {
    let word = |back: usize| at.checked_sub(back).and_then(|at| tokens[at].word());
    phrase_at(tokens, at, "for nothing") && word(1) == Some("good")
}

/// Things that "X free" and "X-free" say to be absent, which has nothing to do with money.
const ABSENT: [&str; 51] = [
    "sugar",
    "gluten",
    "lactose",
    "dairy",
    "fat",
    "alcohol",
    "hands",
    "stress",
    "hassle",
    "worry",
    "risk",
    "bpa",
    "lead",
    "wire",
    "cord",
    "smoke",
    "pet",
    "noise",
    "flicker",
    "glare",
    "oil",
    "dust",
    "maintenance",
    "rust",
    "toxin",
    "plastic",
    "chemical",
    "nickel",
    "scent",
    "fragrance",
    "cruelty",
    "nut",
    "error",
    "ad",
    "carbon",
    "duty",
    "tax",
    "trouble",
    "pain",
    "lint",
    "latex",
    "solvent",
    "acid",
    "streak",
    "scratch",
    "wrinkle",
    "bug",
    "barrier",
    "phosphate",
    "care",
    "frost",
];

/// What follows "free" where it means unbound or unoccupied.
const UNBOUND: [&str; 31] = [
    "time", "hand", "hands", "space", "will", "range", "form", "flow", "flowing", "fall", "speech",
    "spirit", "spirited", "trade", "kick", "lance", "standing", "wheel", "running", "moment",
    "slot", "slots", "seat", "seats", "capacity", "from", "up", "market", "choice", "minute",
    "world",
];

/// What comes before "free" where it means unbound or unoccupied.
const UNBINDING: [&str; 13] = [
    "feel", "set", "break", "breaks", "broke", "breaking", "roam", "run", "i", "am", "m", "re",
    "you",
];

/// "free" as in costing nothing.
fn is_free_of_cost(tokens: &[Token], at: usize) -> bool {
    if tokens[at].word() != Some("free") {
        return false;
    }
    let before = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at));
    let after = |ahead: usize| tokens.get(at + ahead).and_then(Token::word);
    let hyphened = before(1).is_some_and(|token| token.is_mark('-') && !token.spaced);
    let subject = before(if hyphened { 2 } else { 1 })
        .and_then(Token::word)
        .unwrap_or_default();
    if hyphened {
        return matches!(
            subject,
            "cost" | "charge" | "postage" | "shipping" | "delivery" | "fee"
        );
    }
    let next_hyphened = tokens.get(at + 1).is_some_and(|token| token.is_mark('-'));
    let next = if next_hyphened { after(2) } else { after(1) };
    let subject = if subject == "to" { "" } else { subject };
    if ABSENT.contains(&subject) || next.is_some_and(|next| UNBOUND.contains(&next)) {
        return false;
    }
    if next == Some("of") {
        return matches!(after(2), Some("charge" | "cost" | "costs" | "charges"));
    }
    let person =
        matches!(subject, "are" | "is" | "re" | "m" | "am") && speaks_of_people(tokens, at);
    !person && !UNBINDING.contains(&subject) && !negation::before(tokens, at)
}

/// "You are free to choose", "are you free tomorrow".
fn speaks_of_people(tokens: &[Token], at: usize) -> bool {
    const PEOPLE: [&str; 10] = [
        "i",
        "you",
        "we",
        "they",
        "he",
        "she",
        "colleague",
        "everyone",
        "anyone",
        "someone",
    ];
    at.checked_sub(2)
        .and_then(|at| {
            tokens[at]
                .word()
                .or_else(|| tokens[at.checked_sub(1)?].word())
        })
        .is_some_and(|word| PEOPLE.contains(&word))
}
