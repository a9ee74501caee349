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
        self.objections.iter().find(|it| says(text, &it.words))
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
/// others, in capitals or not.
pub(crate) fn says<T: AsRef<str>>(text: &str, wordings: &[T]) -> bool {
    let text = text.to_lowercase();
    wordings
        .iter()
        .any(|wording| has(&text, &wording.as_ref().to_lowercase()))
}

fn has(text: &str, wording: &str) -> bool {
    let ends = |it: Option<char>| it.is_some_and(joins);
    let (first, last) = (wording.chars().next(), wording.chars().next_back());
    !wording.trim().is_empty()
        && text.match_indices(wording).any(|(at, found)| {
            let before = text.get(..at).and_then(|it| it.chars().next_back());
            let after = text
                .get(at + found.len()..)
                .and_then(|it| it.chars().next());
            let inside = (ends(before) && ends(first)) || (ends(after) && ends(last));
            !inside
        })
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
    }
}
