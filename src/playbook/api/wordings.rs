//! Whether a text says one of some wordings: whole words in scripts with spaces, anywhere in
//! others, in capitals or not, with whatever apostrophe.

use std::borrow::Cow;

/// A text in the one spelling that wordings are compared in. A turn's is made once, however many
/// rules ask about it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plain(String);

impl Plain {
    pub(crate) fn new(text: &str) -> Self {
        Self(plain(text).into_owned())
    }

    /// Whether it has one of some wordings.
    pub(crate) fn says<T: AsRef<str>>(&self, wordings: &[T]) -> bool {
        self.has(wordings, |_| true)
    }

    /// Whether it says one of some wordings and does not deny it: "not too expensive" is none.
    pub(crate) fn raises<T: AsRef<str>>(&self, wordings: &[T]) -> bool {
        self.has(wordings, |before| !denies(before))
    }

    fn has<T: AsRef<str>>(&self, wordings: &[T], fits: impl Fn(&str) -> bool) -> bool {
        let mut wordings = wordings.iter();
        wordings.any(|it| has_place(&self.0, &plain(it.as_ref()), &fits))
    }
}

fn plain(text: &str) -> Cow<'_, str> {
    let is_plain = |letter: char| !is_apostrophe(letter) && letter.to_lowercase().eq([letter]);
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.to_lowercase().replace(is_apostrophe, "'"))
}

/// An apostrophe in a spelling that is not the plain one.
const fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\u{2019}' | '\u{2018}' | '\u{2bc}')
}

/// Whether a wording stands somewhere as words of its own, behind what fits before it.
fn has_place(text: &str, wording: &str, fits: impl Fn(&str) -> bool) -> bool {
    if wording.trim().is_empty() {
        return false;
    }
    let ends = |it: Option<char>| it.is_some_and(joins);
    let (first, last) = (wording.chars().next(), wording.chars().next_back());
    text.match_indices(wording).any(|(at, found)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + found.len()..).unwrap_or_default();
        let begins_inside = ends(before.chars().next_back()) && ends(first);
        let inside = begins_inside || (ends(after.chars().next()) && ends(last));
        !inside && fits(before)
    })
}

/// Whether the words before a wording, within their clause, deny it.
fn denies(before: &str) -> bool {
    const WORDS: usize = 3;
    const DENIALS: [&str; 5] = ["not", "no", "never", "isnt", "cannot"];
    const HAN: [&str; 6] = ["不", "没", "没有", "不是", "并不", "不会"];
    let clause = before
        .rsplit(['.', ',', ';', '!', '?', '。', '，', '；', '！', '？'])
        .next();
    let clause = clause.unwrap_or_default().trim_end();
    let mut near = clause.split_whitespace().rev().take(WORDS);
    HAN.iter().any(|it| clause.ends_with(it))
        || near.any(|word| DENIALS.contains(&word) || word.ends_with("n't"))
}

/// Whether a letter joins with its neighbours to a word: not in scripts without spaces.
fn joins(letter: char) -> bool {
    let spaceless = matches!(
        letter,
        '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{0e00}'..='\u{0e7f}'
    );
    letter.is_alphanumeric() && !spaceless
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_objection_that_is_denied_is_none() {
        let raised = |text: &str| Plain::new(text).raises(&["too expensive", "太贵"]);
        assert!(raised("Not now, that is too expensive"));
        assert!(raised("太贵了"));
        for denied in [
            "That's not too expensive",
            "It isn\u{2019}t too expensive",
            "不太贵，来两盏",
        ] {
            assert!(!raised(denied), "{denied}");
        }
    }

    #[track_caller]
    fn check(text: &str, wording: &str, expect: bool) {
        assert_eq!(
            Plain::new(text).says(&[wording]),
            expect,
            "{wording} in {text}"
        );
    }

    #[test]
    fn a_wording_is_whole_words_or_any_han() {
        check("That is TOO expensive!", "too expensive", true);
        check("Inexpensive", "expensive", false);
        check("expensive-looking", "expensive", true);
        check("这也太贵了吧", "太贵", true);
        check("I like your café.", "café", true);
        check("I like your cafés", "café", false);
        check("How is the weather?", "weather", true);
        check("anything", " ", false);
        check("anything", "", false);
        check("用PayPal可以吗", "paypal", true);
        check("I don\u{2019}t know", "don't know", true);
    }
}
