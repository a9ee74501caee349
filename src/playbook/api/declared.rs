//! What a playbook declares beside its rules: stages, slots, promotions, objections, small talk,
//! and what goes with what. Declared once when it is compiled; every turn reads it.

use consultant_core::{Filled, LocalText, Promotion, SlotSpec, Turn};
use rhai::Position;

use super::{objections::Objection, stages::StageLine, topics::Topic, upsells::Upsell};

/// Everything that a playbook declares.
#[derive(Clone, Debug, Default)]
pub(crate) struct Declared {
    /// The first is where a conversation begins.
    pub(crate) stages: Vec<StageLine>,
    pub(crate) slots: Vec<SlotSpec>,
    pub(crate) promotions: Vec<Promotion>,
    pub(crate) objections: Vec<Objection>,
    pub(crate) topics: Vec<Topic>,
    pub(crate) upsells: Vec<Upsell>,
}

/// A declared line, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Line<T> {
    pub(crate) what: T,
    /// The module that declares it, where that is not the playbook itself.
    pub(crate) file: Option<String>,
    pub(crate) position: Position,
}

impl Declared {
    pub(crate) fn stage(&self, name: &str) -> Option<&StageLine> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    pub(crate) fn slot(&self, name: &str) -> Option<&SlotSpec> {
        self.slots.iter().find(|slot| slot.name == name)
    }

    /// The promotions that hold on the turn's day.
    pub(crate) fn promotions_today(&self, turn: &Turn) -> impl Iterator<Item = &Promotion> {
        let today = turn.today();
        self.promotions.iter().filter(move |it| it.holds_on(today))
    }

    /// Required slots that are not known, in the order of their declaration.
    pub(crate) fn missing<'a>(&'a self, turn: &'a Turn) -> impl Iterator<Item = &'a SlotSpec> {
        let unknown = |slot: &&SlotSpec| slot.required && !turn.slots.contains_key(&slot.name);
        self.slots.iter().filter(unknown)
    }

    /// What a stage needs and the turn does not know.
    pub(crate) fn missing_for<'a>(
        &'a self,
        stage: &str,
        turn: &'a Turn,
    ) -> impl Iterator<Item = &'a str> {
        let needs = self.stage(stage).map(|stage| stage.needs.as_slice());
        let needs = needs.unwrap_or_default().iter().map(String::as_str);
        needs.filter(|slot| !turn.slots.contains_key(*slot))
    }

    /// Whether the turn's stage may be followed by another one, by declaration.
    pub(crate) fn may_follow(&self, current: &str, target: &str) -> bool {
        let leads = |stage: &StageLine| stage.next.iter().any(|next| next == target);
        current == target || self.stage(current).is_none_or(leads)
    }

    /// The declared objection that a message raises.
    pub(crate) fn objection(&self, text: &str) -> Option<&Objection> {
        self.objections.iter().find(|it| raises(text, &it.words))
    }

    /// The declared small talk that a message begins.
    pub(crate) fn topic(&self, text: &str) -> Option<&Topic> {
        self.topics.iter().find(|it| says(text, &it.words))
    }
}

/// What was understood of one message in the light of what is declared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Understood {
    pub(crate) filled: Filled,
    /// Which objection it raises.
    pub(crate) objection: Option<Raised>,
}

/// An objection that was raised in this message.
#[derive(Clone, Debug)]
pub(crate) struct Raised {
    pub(crate) id: String,
    /// How often before.
    pub(crate) times: u32,
    /// What to say to it this time.
    pub(crate) answer: LocalText,
}

/// Whether a text has one of some wordings: whole words in scripts with spaces, anywhere in
/// others, in capitals or not, with whatever apostrophe.
pub(crate) fn says<T: AsRef<str>>(text: &str, wordings: &[T]) -> bool {
    any_place(text, wordings, |_| true)
}

/// Whether a text says one of some wordings and does not deny it: "not too expensive" is none.
fn raises<T: AsRef<str>>(text: &str, wordings: &[T]) -> bool {
    any_place(text, wordings, |before| !denies(before))
}

fn any_place<T: AsRef<str>>(text: &str, wordings: &[T], fits: impl Fn(&str) -> bool) -> bool {
    let text = plain(text);
    wordings.iter().any(|wording| {
        let places = places(&text, &plain(wording.as_ref()));
        places.into_iter().any(&fits)
    })
}

/// A text in the one spelling that wordings are compared in.
fn plain(text: &str) -> String {
    text.to_lowercase()
        .replace(['\u{2019}', '\u{2018}', '\u{2bc}'], "'")
}

/// What stands before each place of a wording.
fn places<'a>(text: &'a str, wording: &str) -> Vec<&'a str> {
    let ends = |it: Option<char>| it.is_some_and(joins);
    let (first, last) = (wording.chars().next(), wording.chars().next_back());
    if wording.trim().is_empty() {
        return Vec::new();
    }
    let found = text.match_indices(wording).filter_map(|(at, found)| {
        let before = text.get(..at)?;
        let after = text.get(at + found.len()..)?.chars().next();
        let begins_inside = ends(before.chars().next_back()) && ends(first);
        let inside = begins_inside || (ends(after) && ends(last));
        (!inside).then_some(before)
    });
    found.collect()
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
        let raised = |text: &str| raises(text, &["too expensive", "太贵"]);
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
        assert_eq!(says(text, &[wording]), expect, "{wording} in {text}");
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
