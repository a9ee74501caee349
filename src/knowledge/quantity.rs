//! How many pieces a text asks for, and the first number in it.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::text::is_han;

/// More pieces than this are a slip, or a joke.
const MAX_PIECES: u32 = 10_000;

/// Tokens after a number within which the goods must be named.
const REACH: usize = 4;

const WORDS: [(&str, u32); 17] = [
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("fifteen", 15),
    ("twenty", 20),
    ("thirty", 30),
    ("fifty", 50),
    ("hundred", 100),
    ("dozen", 12),
];

/// What follows a number that counts no pieces.
const UNITS: [&str; 47] = [
    "€", "$", "£", "¥", "%", "eur", "euro", "euros", "usd", "percent", "cm", "mm", "m", "kg", "g",
    "w", "watt", "watts", "inch", "inches", "day", "days", "week", "weeks", "month", "months",
    "year", "years", "am", "pm", "hours", "hour", "oclock", "天", "周", "月", "年", "欧", "元",
    "厘", "毫", "米", "公", "千", "瓦", "点", "号",
];

/// What follows a number of pieces.
const PIECES: [&str; 14] = [
    "piece", "pieces", "pcs", "pc", "x", "of", "in", "please", "items", "units", "pairs", "sets",
    "more", "each",
];

/// What stands before a number of pieces.
const BEFORE: [&str; 14] = [
    "take", "buy", "order", "need", "want", "get", "for", "x", "quantity", "about", "have",
    "least", "买", "要",
];

/// What may stand behind a number of pieces that names no goods: "I'd take 5 then". Anything else
/// is counted itself: "I have three monitors".
const BEHIND: [&str; 22] = [
    "then", "and", "but", "or", "if", "as", "to", "with", "when", "today", "tomorrow", "now", "at",
    "thanks", "thank", "pls", "ones", "from", "that", "how", "what", "would",
];

/// What may stand behind a Chinese measure word that names no goods.
const BEHIND_MEASURE: &str =
    "的吧呢吗了就可多怎什有要一共总同都打便优送发能现给行呗嘛或和合算是计价";

/// Chinese measure words for goods.
const MEASURES: [&str; 19] = [
    "个", "张", "盏", "把", "台", "件", "套", "只", "块", "条", "本", "支", "副", "组", "款", "对",
    "卷", "份", "根",
];

/// The pieces that a text asks for. `named` are the tokens where goods are named, `codes` what looks
/// like a number and counts nothing.
pub(crate) fn pieces(tokens: &[String], named: &[usize], codes: &BTreeSet<String>) -> Option<u32> {
    let mut counting = (0..tokens.len()).filter(|at| !codes.contains(&tokens[*at]));
    counting.find_map(|at| english(tokens, named, at).or_else(|| chinese(tokens, named, at)))
}

/// Numbers of a folded text that are part of something else: of an invoice's name (`LL-2291`,
/// `K7731`, `#12`), or what something is said to be (`price = 12`).
pub(crate) fn codes(folded: &str) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let mut before = String::new();
    for run in folded.split_inclusive(|letter: char| !letter.is_ascii_digit()) {
        let digits: String = run.chars().take_while(char::is_ascii_digit).collect();
        if !digits.is_empty() && is_within_a_name(&before) {
            codes.insert(digits);
        }
        before.push_str(run);
    }
    codes
}

/// Whether what begins behind a text goes on with a name.
fn is_within_a_name(before: &str) -> bool {
    let mut letters = before.chars().rev();
    let last = letters.next();
    let joined = letters.next().is_some_and(char::is_alphanumeric);
    if before.trim_end().ends_with("':") || before.trim_end().ends_with("\":") {
        // `{'chair': 459}` gives a name a value.
        return true;
    }
    match last {
        // `x3` is three of them; what Han characters stand before is a number of its own.
        Some('x' | '-' | '_' | '/') => joined,
        Some('#' | '=') => true,
        Some(' ') => before.trim_end().ends_with('='),
        Some(letter) => letter.is_alphabetic() && !is_han(letter),
        None => false,
    }
}

/// The first number in a text: in digits, else the pieces.
pub(crate) fn first_number(tokens: &[String], pieces: Option<u32>) -> Option<Decimal> {
    let digits = tokens.iter().find_map(|token| decimal(token));
    digits.or_else(|| pieces.map(Decimal::from))
}

fn english(tokens: &[String], named: &[usize], at: usize) -> Option<u32> {
    let token = tokens[at].as_str();
    let next = tokens.get(at + 1).map_or("", String::as_str);
    let before = at
        .checked_sub(1)
        .map_or("", |before| tokens[before].as_str());
    let goods_follow = named
        .iter()
        .any(|start| (at + 1..=at + REACH).contains(start));
    if UNITS.contains(&next) || UNITS.contains(&before) {
        return None;
    }
    let count = match token {
        "one" | "a" | "an" if goods_follow && token == "one" => 1,
        "couple" | "pair" => 2,
        _ => WORDS
            .iter()
            .find(|(word, _)| *word == token)
            .map(|(_, count)| *count)
            .or_else(|| token.parse().ok())?,
    };
    let ends = next.is_empty() || BEHIND.contains(&next);
    let asked = goods_follow
        || tokens.len() <= 2
        || PIECES.contains(&next)
        || BEFORE.contains(&before) && ends
        || MEASURES.contains(&next);
    (asked && (1..=MAX_PIECES).contains(&count)).then_some(count)
}

/// `两张`, `三个`, `十二把`; not `第一个`.
fn chinese(tokens: &[String], named: &[usize], at: usize) -> Option<u32> {
    if digit(&tokens[at]).is_none()
        || at > 0 && (tokens[at - 1] == "第" || digit(&tokens[at - 1]).is_some())
    {
        return None;
    }
    let row: Vec<u32> = tokens[at..]
        .iter()
        .map_while(|token| digit(token))
        .take(6)
        .collect();
    let measure = tokens.get(at + row.len())?;
    if !MEASURES.contains(&measure.as_str()) {
        return None;
    }
    let behind = at + row.len() + 1;
    let goods_follow = named
        .iter()
        .any(|start| (behind..=behind + REACH).contains(start));
    let names_others = tokens
        .get(behind)
        .is_some_and(|it| it.starts_with(is_han) && !BEHIND_MEASURE.contains(it.as_str()));
    if names_others && !goods_follow {
        return None;
    }
    let (total, open) = row
        .iter()
        .fold((0, 0), |(total, open), &value| match value {
            10 | 100 => (total + open.max(1) * value, 0),
            _ => (total, value),
        });
    Some(total + open).filter(|count| (1..=MAX_PIECES).contains(count))
}

fn digit(token: &str) -> Option<u32> {
    let value = match token {
        "一" => 1,
        "二" | "两" | "俩" => 2,
        "三" => 3,
        "四" => 4,
        "五" => 5,
        "六" => 6,
        "七" => 7,
        "八" => 8,
        "九" => 9,
        "十" => 10,
        "百" => 100,
        _ => return None,
    };
    Some(value)
}

/// `1,249.99`, `49,90` and `49.90`: a separator before exactly three digits groups thousands.
fn decimal(token: &str) -> Option<Decimal> {
    if !token.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (mut plain, mut parts) = (String::new(), token.split(',').peekable());
    plain.push_str(parts.next()?);
    for part in parts {
        let digits = part.split('.').next().map_or(0, str::len);
        if digits != 3 {
            plain.push('.');
        }
        plain.push_str(part);
    }
    Decimal::from_str_exact(&plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{fold, tokens};

    #[track_caller]
    fn check(text: &str, goods: &str, expect: Option<u32>) {
        let tokens = tokens(text);
        let named: Vec<_> = (0..tokens.len())
            .filter(|at| tokens[*at].starts_with(goods))
            .collect();
        let codes = codes(&fold(text));
        assert_eq!(pieces(&tokens, &named, &codes), expect, "{text}");
    }

    #[test]
    fn pieces_are_counted() {
        check("3 lamps", "lamp", Some(3));
        check("I want two black desk lamps", "lamp", Some(2));
        check("a dozen lamps", "lamp", Some(12));
        check("a couple of lamps", "lamp", Some(2));
        check("3x lamp", "lamp", Some(3));
        check("x3 lamps", "lamp", Some(3));
        check("lamps: 3 lamps", "lamp", Some(3));
        check("要3盏灯", "灯", Some(3));
        check("order LL-2291, then 4 lamps", "lamp", Some(4));
        check("I'd take 5", "lamp", Some(5));
        check("12", "lamp", Some(12));
        check("three", "lamp", Some(3));
        check("one lamp", "lamp", Some(1));
        check("我要三个", "灯", Some(3));
        check("两张桌子", "桌", Some(2));
        check("十二把椅子", "椅", Some(12));
        check("二十盏台灯", "灯", Some(20));
        check("3 盏", "灯", Some(3));
    }

    #[test]
    fn other_numbers_count_no_pieces() {
        for text in [
            "a lamp under 50 euros",
            "within 2 weeks",
            "the 160 cm desk",
            "which one is better",
            "第一个",
            "3 天能到吗",
            "-",
            "99999999999999999999 lamps",
            "1.5 lamps",
            "€20 lamp",
            "invoice LL-2291: lamps",
            "NOTICE K7731 lamp",
            "case #12 lamp",
            "lamp = 8 lamps",
            "q-778 lamp",
            "60厘米墙搁板",
            "我的订单Q-778灯",
            "I have three monitors",
            "放两台服务器",
            "{'lamp': 459}",
        ] {
            check(text, "lamp", None);
        }
    }

    #[test]
    fn the_first_number_is_read_as_people_write_it() {
        for (text, expect) in [
            ("under 49,90", "49.90"),
            ("1,249.99", "1249.99"),
            ("my budget is 500 €", "500"),
            ("1,200 or 300", "1200"),
        ] {
            let found = first_number(&tokens(text), None).map(|number| number.to_string());
            assert_eq!(found.as_deref(), Some(expect), "{text}");
        }
        assert_eq!(first_number(&tokens("none"), Some(2)), Some(Decimal::TWO));
        assert_eq!(first_number(&tokens(&"9".repeat(500)), None), None);
    }
}
