//! Ways to reach somebody or something: links, addresses, names of accounts, and blanks that were
//! to be filled ("[phone number]"). Each must stand in the catalogue or the FAQ letter by letter.

use super::Reading;

/// Ends of what would otherwise look like a link ("e.g.", "1.5").
const DOMAINS: &[&str] = &[
    "com", "net", "org", "de", "eu", "cn", "io", "shop", "info", "biz", "example", "test", "store",
    "co", "uk", "app", "me", "ai", "at", "ch", "fr", "html",
];

/// The contacts of a sentence that nothing holds, as they stand there.
pub(super) fn unheld(reading: &Reading<'_>) -> Vec<String> {
    let own = reading.own_text();
    let words = own.split(|it: char| it.is_whitespace() || is_wrapping(it));
    let found = words.map(|it| it.trim_end_matches(['.', ',', '!', '?', ';', ':', '。', '，']));
    let found = found.filter(|word| is_contact(word));
    let unknown = found.filter(|word| !reading.facts.base.texts.contains(&word.to_lowercase()));
    unknown.map(str::to_owned).chain(blanks(own)).collect()
}

const fn is_wrapping(it: char) -> bool {
    matches!(
        it,
        '(' | ')' | '<' | '>' | '"' | '“' | '”' | '「' | '」' | '[' | ']' | '*' | '`' | '（' | '）'
    )
}

fn is_contact(word: &str) -> bool {
    let lower = word.to_lowercase();
    let named = lower.starts_with("http") || lower.starts_with("www.") || lower.contains("://");
    let account = word.len() > 2 && word.contains('@');
    named || account || is_domain(&lower)
}

/// `lumen.example`, `shop.lumen.de/lamps`.
fn is_domain(lower: &str) -> bool {
    let host = lower.split('/').next().unwrap_or_default();
    let Some((name, end)) = host.rsplit_once('.') else {
        return false;
    };
    DOMAINS.contains(&end) && name.chars().any(char::is_alphabetic) && name.len() > 1
}

/// `[Your Phone Number]`: what a model leaves for somebody to fill in.
fn blanks(text: &str) -> Vec<String> {
    let open = text.split('[').skip(1);
    let inside = open.filter_map(|rest| rest.split_once(']'));
    inside
        .filter(|(inside, _)| inside.chars().any(char::is_alphabetic))
        .map(|(inside, _)| format!("[{inside}]"))
        .collect()
}
