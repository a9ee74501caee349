//! What a playbook declares beside its rules: stages, slots, promotions, objections, small talk,
//! and what goes with what. Declared once when it is compiled; every turn reads it.

use consultant_core::{Filled, LocalText, Promotion, SlotSpec, Turn};
use rhai::Position;

use super::{
    objections::Objection, stages::StageLine, topics::Topic, upsells::Upsell, wordings::Plain,
};

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
    pub(crate) fn objection(&self, said: &Plain) -> Option<&Objection> {
        self.objections.iter().find(|it| said.raises(&it.words))
    }

    /// The declared small talk that a message begins.
    pub(crate) fn topic(&self, said: &Plain) -> Option<&Topic> {
        self.topics.iter().find(|it| said.says(&it.words))
    }
}

/// What was understood of one message in the light of what is declared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Understood {
    /// What it says.
    pub(crate) said: Plain,
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
