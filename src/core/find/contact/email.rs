//! E-mail addresses as people write them.

use std::ops::Range;

use super::super::Found;
use crate::extract::is_han;

/// The longest address that mail can be sent to (RFC 5321, without the angle brackets).
const MAX_ADDRESS: usize = 254;
/// The longest local part (RFC 5321).
const MAX_LOCAL: usize = 64;
/// The longest label of a domain (RFC 1035).
const MAX_LABEL: usize = 63;

/// Top-level domains in Chinese that customers of a shop use. A sentence may go on right behind
/// them, so where the domain ends is only known from a list.
const HAN_ENDS: [&str; 14] = [
    "中国",
    "中國",
    "公司",
    "网络",
    "網絡",
    "在线",
    "网址",
    "网站",
    "中文网",
    "商城",
    "商店",
    "香港",
    "台湾",
    "新加坡",
];

/// A character as half-width, and where it stands.
type Letter = (Range<usize>, char);

/// Every e-mail address in a text.
pub(super) fn emails(text: &str) -> Vec<Found<String>> {
    let letters: Vec<Letter> = text
        .char_indices()
        .map(|(at, c)| (at..at + c.len_utf8(), half_width(c)))
        .collect();
    let signs = (0..letters.len()).filter(|&at| letters[at].1 == '@');
    signs.filter_map(|at| address(text, &letters, at)).collect()
}

fn half_width(c: char) -> char {
    let plain = || char::from_u32(u32::from(c).checked_sub(0xfee0)?);
    match c {
        '\u{ff01}'..='\u{ff5e}' => plain().unwrap_or(c),
        '\u{fe6b}' => '@',
        c => c,
    }
}

/// The address around an at sign.
fn address(text: &str, letters: &[Letter], at: usize) -> Option<Found<String>> {
    let from = local_start(letters, at)?;
    let domain = domain(letters, at + 1)?;
    let to = at + 1 + domain.chars().count();
    let local: String = letters[from..at].iter().map(|(_, c)| c).collect();
    let value = format!("{local}@{}", domain.to_lowercase());
    let again = letters.get(to).is_some_and(|(_, c)| *c == '@');
    let range = letters[from].0.start..letters[to - 1].0.end;
    let fits = !again && value.chars().count() <= MAX_ADDRESS;
    fits.then(|| Found::at(text, range, value))?
}

/// Where the local part before an at sign begins.
fn local_start(letters: &[Letter], at: usize) -> Option<usize> {
    let before = |at: usize| Some(letters.get(at.checked_sub(1)?)?.1);
    let mut from = at;
    while let Some(c) = before(from).filter(|c| is_local(*c)) {
        if c == '.'
            && letters
                .get(from)
                .is_some_and(|(_, next)| matches!(next, '.' | '@'))
        {
            break;
        }
        from -= 1;
    }
    // Quotes and dots of the sentence around it.
    while from < at && !is_local_end(letters[from].1) {
        from += 1;
    }
    let length = at - from;
    let ends = length > 0 && is_local_end(letters[at - 1].1);
    let whole = !before(from).is_some_and(|c| c == '@' || is_spaced_letter(c));
    let password = before(from) == Some('/') && before(from - 1) == Some('/');
    (ends && whole && !password && length <= MAX_LOCAL).then_some(from)
}

fn is_local(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'' | '&')
}

fn is_local_end(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+')
}

/// A letter of a script that puts spaces between words: the address would be a part of a word.
fn is_spaced_letter(c: char) -> bool {
    c.is_alphabetic() && matches!(c, '\u{80}'..='\u{5ff}' | '\u{1e00}'..='\u{1fff}')
}

/// The domain that starts here, as far as it is one.
fn domain(letters: &[Letter], from: usize) -> Option<String> {
    let mut labels: Vec<String> = Vec::new();
    let mut at = from;
    loop {
        let label = label(&letters[at..]);
        let length = label.chars().count();
        if length == 0 {
            break;
        }
        labels.push(label);
        at += length + 1;
        let dot = letters.get(at - 1).is_some_and(|(_, c)| *c == '.');
        if !dot {
            break;
        }
    }
    while labels.len() > 1 && !is_end(&labels) {
        labels.pop();
    }
    let han = labels.last().and_then(|last| han_end(last));
    if let (Some(last), Some(end)) = (labels.last_mut(), han) {
        end.clone_into(last);
    }
    let sound = labels.len() > 1 && labels.iter().all(|label| is_label(label));
    sound.then(|| labels.join("."))
}

/// The letters, digits and hyphens that stand here; Latin and Han do not mix in one label.
fn label(rest: &[Letter]) -> String {
    let han = rest.first().is_some_and(|(_, c)| is_han(*c));
    let label: String = rest
        .iter()
        .map(|(_, c)| *c)
        .take_while(|c| *c == '-' || c.is_alphanumeric() && is_han(*c) == han)
        .collect();
    label.trim_end_matches('-').to_owned()
}

fn is_label(label: &str) -> bool {
    let hyphen = label.starts_with('-') || label.ends_with('-');
    !hyphen && label.chars().count() <= MAX_LABEL
}

/// Whether the last label can be a top-level domain. A capital behind small letters begins the
/// next sentence: `ann@example.com.Thanks`.
fn is_end(labels: &[String]) -> bool {
    let [.., before, last] = labels else {
        return false;
    };
    if last.chars().any(is_han) {
        return han_end(last).is_some();
    }
    let letters = last.chars().count() >= 2 && last.chars().all(char::is_alphabetic);
    let coded = last.to_ascii_lowercase().starts_with("xn--") && is_label(last);
    let capital = last.chars().next().is_some_and(char::is_uppercase);
    let small = |label: &str| label.chars().skip(1).all(char::is_lowercase);
    let sentence = labels.len() > 2
        && capital
        && small(last)
        && small(before)
        && before.chars().next().is_some_and(char::is_lowercase);
    (letters || coded) && !sentence
}

/// The top-level domain with which Han characters begin.
fn han_end(label: &str) -> Option<&'static str> {
    HAN_ENDS.into_iter().find(|end| label.starts_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let found: Vec<String> = emails(text).into_iter().map(|found| found.value).collect();
        assert_eq!(found.join(" "), expect, "{text}");
    }

    #[test]
    fn addresses_are_found() {
        for (text, expect) in [
            ("ann@example.com", "ann@example.com"),
            ("Write to ann@example.com.", "ann@example.com"),
            ("<ann@example.com>, thanks", "ann@example.com"),
            ("(ann@example.com)", "ann@example.com"),
            ("\"ann@example.com\"!", "ann@example.com"),
            ("**ann@example.com**", "ann@example.com"),
            ("mailto:ann@example.com?subject=x", "ann@example.com"),
            ("mail: ann@example.com;", "ann@example.com"),
            ("Ann.Lee@Example.COM", "Ann.Lee@example.com"),
            (
                "ann+shop_1@mail.example.co.uk",
                "ann+shop_1@mail.example.co.uk",
            ),
            ("a-b@x-y.de", "a-b@x-y.de"),
            ("o'neil@example.ie", "o'neil@example.ie"),
            ("'ann@example.com'", "ann@example.com"),
            ("ann@bücher.de", "ann@bücher.de"),
            ("ann@xn--bcher-kva.xn--p1ai", "ann@xn--bcher-kva.xn--p1ai"),
            ("a@x.de,b@y.de", "a@x.de b@y.de"),
            ("a@x.de/b@y.de", "a@x.de b@y.de"),
            ("...ann@example.com...", "ann@example.com"),
            ("me...ann@example.com", "ann@example.com"),
            ("ann@example.com.Thanks", "ann@example.com"),
            ("ann@example.com\nBob", "ann@example.com"),
            ("ann@example.com-", "ann@example.com"),
            ("ann@example.com.5", "ann@example.com"),
            ("1381234567@qq.com", "1381234567@qq.com"),
        ] {
            check(text, expect);
        }
    }

    #[test]
    fn addresses_in_chinese_texts_are_found() {
        for (text, expect) in [
            ("我的邮箱是ann@example.com", "ann@example.com"),
            ("ann@example.com是我的邮箱", "ann@example.com"),
            ("邮箱：ann@example.com。谢谢", "ann@example.com"),
            ("ann＠example.com", "ann@example.com"),
            ("ａｎｎ＠ｑｑ．ｃｏｍ", "ann@qq.com"),
            ("请发到（ann@example.cn）", "ann@example.cn"),
            ("ann@例子.中国", "ann@例子.中国"),
            ("ann@例子.中国谢谢", "ann@例子.中国"),
            ("ann@163.com，13812345678", "ann@163.com"),
        ] {
            check(text, expect);
        }
    }

    #[test]
    fn what_is_no_address_is_not_found() {
        for text in [
            "",
            "@",
            "ann@",
            "@ann",
            "@ann@example.social",
            "ann@localhost",
            "ann@example",
            "ann@1.2.3.4",
            "ann@example.c",
            "ann@-example.com",
            "ann@@example.com",
            "a@b.de@c.de",
            "ann @ example.com",
            "ann at example dot com",
            "andré@example.com",
            "3 lamps @ 29.50",
            "https://ann@example.com/x",
            "ann@例子.谢谢",
            "see you @8pm.ok",
        ] {
            check(text, "");
        }
        check(&format!("{}@example.com", "a".repeat(65)), "");
        check(&format!("ann@{}.com", "a".repeat(64)), "");
        let long = vec!["a".repeat(60); 4].join(".");
        check(&format!("annabella@{long}.com"), "");
    }

    #[test]
    fn the_words_of_an_address_are_kept_as_they_stand() {
        let found = emails("我的：ＡＮＮ＠Ｅxample.com。");
        assert_eq!(found[0].text, "ＡＮＮ＠Ｅxample.com");
        assert_eq!(found[0].value, "ANN@example.com");
    }
}
