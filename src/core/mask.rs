//! Takes out of a text what tells who wrote it, as far as that has a form of its own: addresses,
//! numbers, links. Prices, quantities and dates stay, because an example without them tells
//! nothing. Names of people and streets stay too: they have no form, and whoever shows a masked
//! text to others has to look at it.
//!
//! Careful the other way round than [`crate::find`]: what may be a number of a card is taken out,
//! also where it turns out to be an order's.

use std::ops::Range;

use crate::{
    Currency,
    extract::{ClaimKind, Folded, find_claims, fold, is_han},
    find::{email_places, iban_places, phone_places},
};

/// A row of digits from this length on is nobody's quantity.
const LONG_DIGITS: usize = 8;
/// Groups of digits with so many together are a number of a card or of a case.
const CARD_DIGITS: usize = 12;
/// All groups of such a number but the last one have at least so many, unlike those of a date.
const GROUP_DIGITS: usize = 3;

/// Ends of a domain behind which a link needs no `https://` and no path to be told as one. No
/// words of a sentence whose space was forgotten.
const ENDS: [&str; 10] = [
    "com", "org", "net", "shop", "io", "eu", "de", "ch", "fr", "cn",
];
/// How long an end of a domain is, where a path behind it tells that it is one.
const END_LETTERS: std::ops::RangeInclusive<usize> = 2..=6;

/// The text, with `[email]`, `[phone]`, `[link]`, `[handle]` and `[number]` in place of what is
/// taken out. Everything else stays as it is.
pub fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for (range, name) in places(text) {
        masked.push_str(text.get(done..range.start).unwrap_or_default());
        masked.push_str(name);
        done = range.end;
    }
    masked.push_str(text.get(done..).unwrap_or_default());
    masked
}

/// What is taken out, in order; of two that overlap, the kind that is named first here wins.
fn places(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let kinds = [
        (links(text), "[link]"),
        (email_places(text), "[email]"),
        (iban_places(text), "[number]"),
        (phone_places(text), "[phone]"),
        (handles(text), "[handle]"),
        (numbers(text), "[number]"),
    ];
    let mut found: Vec<(Range<usize>, &'static str)> = Vec::new();
    for (ranges, name) in kinds {
        for range in ranges {
            let overlaps =
                |(other, _): &(Range<usize>, _)| other.start < range.end && range.start < other.end;
            if !found.iter().any(overlaps) {
                found.push((range, name));
            }
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    found
}

/// Words that lead somewhere: with a scheme, with `www.`, or a domain of a usual end.
fn links(text: &str) -> Vec<Range<usize>> {
    words(text)
        .filter_map(|word| {
            let written = text.get(word.clone())?;
            let from = start_of_link(written)?;
            let link = written.get(from..)?;
            let link = link.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '*']);
            let start = word.start + from;
            (!link.is_empty()).then(|| start..start + link.len())
        })
        .collect()
}

/// Where a link begins in a word, if it holds one. A scheme may stand behind a bracket or a quote
/// of the sentence.
fn start_of_link(written: &str) -> Option<usize> {
    if let Some(at) = written.find("://") {
        let scheme = written.get(..at)?.chars().rev();
        let length = scheme.take_while(char::is_ascii_alphanumeric).count();
        return (length > 0).then_some(at - length);
    }
    if let Some(at) = written.to_ascii_lowercase().find("www.") {
        return Some(at);
    }
    let bare = written.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let has_path = bare.contains('/');
    let host = bare.split('/').next().unwrap_or(bare);
    let host = host.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    let (name, end) = host.rsplit_once('.')?;
    let is_label = |label: &str| {
        let sign = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !label.is_empty() && label.chars().all(sign)
    };
    let is_end = if has_path {
        END_LETTERS.contains(&end.len()) && end.chars().all(|c| c.is_ascii_alphabetic())
    } else {
        ENDS.contains(&end)
    };
    (is_end && name.split('.').all(is_label)).then_some(written.len() - bare.len())
}

/// What white space, quotes, brackets and the marks of Chinese sentences keep apart.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let apart = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '<' | '>' | '"' | '“' | '”' | '（' | '）' | '，' | '。' | '、' | '；'
            )
            || is_han(c)
    };
    let mut start = 0;
    let mut ranges = Vec::new();
    for (at, c) in text.char_indices() {
        if apart(c) {
            ranges.push(start..at);
            start = at + c.len_utf8();
        }
    }
    ranges.push(start..text.len());
    ranges.into_iter().filter(|range| !range.is_empty())
}

/// `@ann_b`, and Discord's `<@123>`.
fn handles(text: &str) -> Vec<Range<usize>> {
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let mut found = Vec::new();
    for (index, (at, sign)) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|it| letters.get(it));
        let inside = before.is_some_and(|(_, c)| c.is_alphanumeric() && !is_han(*c));
        if *sign != '@' || inside {
            continue;
        }
        let behind = letters.iter().skip(index + 1).map(|(_, c)| *c);
        let name: String = behind.take_while(|c| is_part(*c)).collect();
        let name = name.trim_end_matches('.');
        if name.len() > 1 {
            found.push(*at..at + sign.len_utf8() + name.len());
        }
    }
    found
}

/// Long rows of digits, and groups of digits as they stand on cards, that are no amount of money.
fn numbers(text: &str) -> Vec<Range<usize>> {
    let is_amount = |kind: &ClaimKind| {
        matches!(
            kind,
            ClaimKind::Money {
                amount: Some(_),
                ..
            }
        )
    };
    // Which currency a bare sign means does not matter here.
    let claims = find_claims(text, Currency::EUR).into_iter();
    let amounts: Vec<Range<usize>> = claims
        .filter(|claim| is_amount(&claim.kind))
        .map(|claim| claim.range)
        .collect();
    let folded = fold(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < folded.len() {
        let (end, groups) = digits(&folded, at);
        if groups.is_empty() {
            at += 1;
            continue;
        }
        let range = folded[at].at.start..folded[end - 1].at.end;
        let is_money = |it: &Range<usize>| it.start < range.end && range.start < it.end;
        if is_long(&groups) && !amounts.iter().any(is_money) {
            found.push(range);
        }
        at = end;
    }
    found
}

/// The groups of digits that begin here, by their lengths, and where they end.
fn digits(folded: &[Folded], from: usize) -> (usize, Vec<usize>) {
    let is_digit = |at: usize| folded.get(at).is_some_and(|it| it.c.is_ascii_digit());
    let (mut at, mut groups) = (from, Vec::new());
    while is_digit(at) {
        let rest = folded.iter().skip(at);
        let length = rest.take_while(|it| it.c.is_ascii_digit()).count();
        groups.push(length);
        at += length;
        let apart = folded.get(at).is_some_and(|it| matches!(it.c, ' ' | '-'));
        if !apart || !is_digit(at + 1) {
            break;
        }
        at += 1;
    }
    (at, groups)
}

fn is_long(groups: &[usize]) -> bool {
    let all: usize = groups.iter().sum();
    let (_, rest) = groups.split_last().unwrap_or((&0, &[]));
    let like_a_card = all >= CARD_DIGITS && rest.iter().all(|length| *length >= GROUP_DIGITS);
    groups.iter().any(|length| *length >= LONG_DIGITS) || like_a_card
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(masked(text), expect);
    }

    #[test]
    fn how_a_customer_is_reached_is_taken_out() {
        check(
            "write to ann@example.org, please",
            "write to [email], please",
        );
        check("do not use ann@old.example!", "do not use [email]!");
        check("我的邮箱是ann@example.org。", "我的邮箱是[email]。");
        check("call me: +49 (0)30 1234567", "call me: [phone]");
        check("电话１３８００１３８０００谢谢", "电话[phone]谢谢");
        check("I am @ann_b on Telegram", "I am [handle] on Telegram");
        check("<@123456789012345678> hi", "<[handle]> hi");
        check("我是@ann_b", "我是[handle]");
    }

    #[test]
    fn links_are_taken_out_with_all_that_they_carry() {
        check("see https://ann:pw@example.org/a?b=1.", "see [link].");
        check("(www.example.org/x)", "([link])");
        check("t.me/ann and example.com", "[link] and [link]");
        check("看看https://example.org/中文", "看看[link]中文");
        check("It works.Me too", "It works.Me too");
    }

    #[test]
    fn long_numbers_are_taken_out_and_what_is_sold_stays() {
        check("card 4111 1111 1111 1111", "card [number]");
        check("4111-1111-1111-1111 ok", "[number] ok");
        check("order 1234567890123", "order [number]");
        check("DE89 3704 0044 0532 0130 00", "[number]");
        let stays = [
            "2 lamps at 49.90 EUR, 99.80 EUR in all",
            "12,345,678.00 EUR for 25 seats",
            "on 2026-12-01 at 14:00, or from 2026-12-01 2026-12-05",
            "01.12.2026, 10 % off, room 4, size 120 x 80",
            "两盏台灯，¥1,299",
            "a @ b, 3@5",
            "",
        ];
        for text in stays {
            check(text, text);
        }
    }

    proptest! {
        #![proptest_config(crate::proptests::config())]

        #[test]
        fn whatever_is_written_nothing_but_what_is_taken_out_is_lost(text in "\\PC{0,60}|[0-9 @.+-/a-z:灯１]{0,60}") {
            let places = places(&text);
            let mut end = 0;
            for (range, _) in &places {
                prop_assert!(end <= range.start && range.start < range.end);
                prop_assert!(text.get(range.clone()).is_some());
                end = range.end;
            }
            let taken: usize = places.iter().map(|(range, _)| range.len()).sum();
            let put: usize = places.iter().map(|(_, name)| name.len()).sum();
            prop_assert_eq!(masked(&text).len(), text.len() - taken + put);
        }

        #[test]
        fn words_without_digits_dots_and_signs_stay(text in "[a-zA-Z ,!?灯盏äß\n]{0,60}") {
            prop_assert_eq!(masked(&text), text);
        }
    }
}
