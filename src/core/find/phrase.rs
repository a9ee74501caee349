//! A few words that are looked for in a text, however they are spaced, cased and accented.

use super::pieces::pieces;
use crate::extract::{Kind, Token};

/// Whether a text says a word or a few: as wholes, in any case, in the plural too, Han characters
/// anywhere.
pub fn says(text: &str, words: &str) -> bool {
    let tokens = pieces(text);
    Phrase::new(words)
        .is_some_and(|phrase| (0..tokens.len()).any(|at| phrase.counted_at(&tokens, at).is_some()))
}

/// The words of a name.
pub(super) struct Phrase {
    kinds: Vec<Kind>,
}

impl Phrase {
    /// The phrase that a name is; `None` for a name without words.
    pub(super) fn new(name: &str) -> Option<Self> {
        let kinds: Vec<Kind> = pieces(name)
            .into_iter()
            .map(|piece| piece.kind)
            .filter(|kind| !is_joint(kind) && *kind != Kind::Line)
            .collect();
        (!kinds.is_empty()).then_some(Self { kinds })
    }

    /// The token after the phrase, if it stands here. Words match as wholes, Han characters stand
    /// for themselves, and a hyphen between words changes nothing.
    pub(super) fn at(&self, tokens: &[Token], from: usize) -> Option<usize> {
        self.matched(tokens, from, |name, text| name == text)
    }

    /// As [`Phrase::at`], but a plural is the same word: `seat` and `seats`.
    pub(super) fn counted_at(&self, tokens: &[Token], from: usize) -> Option<usize> {
        self.matched(tokens, from, |name, text| match (name, text) {
            (Kind::Word(name), Kind::Word(text)) => singular(name) == singular(text),
            _ => name == text,
        })
    }

    fn matched(
        &self,
        tokens: &[Token],
        from: usize,
        same: fn(&Kind, &Kind) -> bool,
    ) -> Option<usize> {
        let mut at = from;
        for (index, kind) in self.kinds.iter().enumerate() {
            let joint = index > 0 && tokens.get(at).is_some_and(|token| is_joint(&token.kind));
            at += usize::from(joint);
            if !same(kind, &tokens.get(at)?.kind) {
                return None;
            }
            at += 1;
        }
        Some(at)
    }
}

fn is_joint(kind: &Kind) -> bool {
    matches!(kind, Kind::Mark('-' | '\''))
}

fn singular(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(stem) if stem.chars().count() > 2 => stem,
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, text: &str, expect: bool) {
        let phrase = Phrase::new(name).expect("a name of words");
        let tokens = pieces(text);
        let found = (0..tokens.len()).any(|at| phrase.at(&tokens, at).is_some());
        assert_eq!(found, expect, "{name} in {text}");
    }

    #[test]
    fn a_phrase_is_found_in_any_spelling_and_only_whole() {
        check("team plus", "The TEAM-Plus, please", true);
        check("team-plus", "team plus", true);
        check("team", "steam", false);
        check("team", "teams", false);
        check("团队版", "我要团队版", true);
        check("Café", "the cafe one", true);
        check("pro 2", "pro 25", false);
    }

    #[test]
    fn words_are_said_as_wholes() {
        assert!(says("Our Budgets are small", "budget"));
        assert!(says("我们的预算是", "预算"));
        assert!(!says("please suspend it", "spend"));
        assert!(!says("anything", ""));
    }

    #[test]
    fn a_name_without_words_is_no_phrase() {
        assert!(Phrase::new(" - ").is_none());
        assert!(Phrase::new("").is_none());
    }
}
