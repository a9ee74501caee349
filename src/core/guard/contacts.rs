//! Ways to reach somebody or something: links, addresses, names of accounts, and blanks that were
//! to be filled ("[phone number]"). Each must stand in the catalogue or the FAQ as a whole.

use std::collections::BTreeSet;

use super::Reading;

/// The contacts of a sentence that nothing holds, as they stand there.
pub(super) fn unheld(reading: &Reading<'_>) -> Vec<String> {
    let own = reading.own_text();
    let stated = &reading.facts.base.contacts;
    let unknown = contacts(own).filter(|it| !stated.contains(&it.to_lowercase()));
    unknown.map(str::to_owned).chain(blanks(own)).collect()
}

/// All contacts of a text that the company states, in small letters.
pub(super) fn stated(text: &str) -> BTreeSet<String> {
    contacts(text).map(str::to_lowercase).collect()
}

fn contacts(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|it: char| !it.is_ascii_alphanumeric() && !"._@:/-+%?=&#~".contains(it));
    let words =
        words.map(|it| it.trim_matches(|it: char| !it.is_ascii_alphanumeric() && it != '@'));
    words.filter(|word| is_contact(word))
}

fn is_contact(word: &str) -> bool {
    let lower = word.to_lowercase();
    let link = lower.contains("://") || lower.starts_with("www.");
    let account = word.len() > 2 && word.contains('@');
    link || account || is_domain(word)
}

/// `lumen.example`, `shop.lumen.de/lamps`; not `e.g.`, `1.5` or `lamp.The`.
fn is_domain(word: &str) -> bool {
    let host = word.split('/').next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let [.., name, end] = labels.as_slice() else {
        return false;
    };
    let letters = |label: &str| label.len() > 1 && label.chars().any(|it| it.is_ascii_alphabetic());
    letters(name)
        && letters(end)
        && end.chars().all(|it| it.is_ascii_lowercase())
        && labels.iter().all(|label| !label.is_empty())
}

/// `[Your Phone Number]`: what a model leaves for somebody to fill in. A link's words are none.
fn blanks(text: &str) -> Vec<String> {
    let open = text.split('[').skip(1);
    let inside = open.filter_map(|rest| rest.split_once(']'));
    inside
        .filter(|(inside, behind)| {
            inside.chars().any(char::is_alphabetic) && !behind.starts_with('(')
        })
        .map(|(inside, _)| format!("[{inside}]"))
        .collect()
}
