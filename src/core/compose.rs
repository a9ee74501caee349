//! From a playbook's actions to a draft: what is said word for word, what the model has to write,
//! and how the session changes. Plain functions; the engine adds the model and the store.

use jiff::Timestamp;

use crate::{
    Action, Button, Card, Escalation, Happening, Language, Money, Press, Product, ProductId,
    Purpose, Session, SlotValue, Source, Turn, VariantId, answer, wording,
};

/// A reply that is not yet written to its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// Amounts that were computed for it and stand in no catalogue row.
    pub computed: Vec<Money>,
    /// What happened on the way.
    pub happenings: Vec<Happening>,
    /// What hangs under it.
    pub card: Option<Card>,
    /// What is to happen later: in how many minutes, and what.
    pub timers: Vec<(u32, Purpose)>,
}

/// A part of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Ready, with where it came from.
    Ready {
        /// The text.
        text: String,
        /// Its source.
        source: Source,
    },
    /// For the model to write.
    Write,
}

impl Draft {
    /// Adds a ready text.
    pub fn say(&mut self, text: impl Into<String>, source: Source) {
        let text = text.into();
        if !text.is_empty() {
            self.parts.push(Part::Ready { text, source });
        }
    }

    /// Sets a timer; of two for the same purpose the last one counts.
    pub fn later(&mut self, after_minutes: u32, purpose: Purpose) {
        let id = purpose.timer_id();
        self.timers.retain(|(_, other)| other.timer_id() != id);
        self.timers.push((after_minutes.max(1), purpose));
    }

    /// Adds a text of the product's own wording.
    pub fn word(&mut self, name: &str, text: impl Into<String>) {
        self.say(text, Source::Wording(name.to_owned()));
    }
}

/// Carries out actions on a session and composes the draft.
pub fn compose(actions: &[Action], turn: &Turn, session: &mut Session, writes: bool) -> Draft {
    let mut draft = Draft::default();
    session.awaiting = None;
    for action in actions {
        apply(action, turn, session, &mut draft, writes);
    }
    draft
}

fn apply(action: &Action, turn: &Turn, session: &mut Session, draft: &mut Draft, writes: bool) {
    let language = turn.understanding.language;
    match action {
        Action::Say { text } => draft.say(text.get(language), Source::Playbook),
        Action::Ask { slot, text } => {
            draft.say(text.get(language), Source::Playbook);
            session.awaiting = Some(slot.clone());
        }
        Action::Answer => answer_question(turn, session, draft, writes),
        Action::Offer {
            product,
            variant,
            quantity,
        } => {
            offer(turn, product, variant.as_ref(), *quantity, draft);
        }
        Action::FollowUp {
            after_minutes,
            text,
        } => {
            let text = text.get(language).to_owned();
            draft.later(*after_minutes, Purpose::FollowUp { text });
        }
        Action::Remind {
            after_minutes,
            text,
        } => {
            let text = text.get(language).to_owned();
            draft.later(*after_minutes, Purpose::Reminder { text });
        }
        Action::Goto { stage } => go_to(stage, session, draft),
        Action::Set { slot, value } => set(slot, value.as_ref(), session, draft),
        Action::Escalate { reason } => escalate(reason, turn.now, session, draft),
    }
}

fn answer_question(turn: &Turn, session: &mut Session, draft: &mut Draft, writes: bool) {
    if let Some(answer) = answer::from_facts(turn) {
        session.unanswered = 0;
        draft.computed.extend(answer.computed);
        draft.say(answer.text, answer.source);
    } else if writes {
        draft.parts.push(Part::Write);
    } else {
        unanswered(turn.understanding.language, turn.now, session, draft);
    }
}

/// From this many turns in a row without an answer, a person is called.
const UNANSWERED_TURNS: u32 = 2;

/// The canned text where no fact answers; after that, a person.
pub fn unanswered(language: Language, now: Timestamp, session: &mut Session, draft: &mut Draft) {
    session.unanswered += 1;
    if session.unanswered < UNANSWERED_TURNS || session.escalation.is_some() {
        draft.word("unsure", wording::unsure(language));
    } else {
        draft.word("colleague_called", wording::colleague_called(language));
        escalate("no answer found twice in a row", now, session, draft);
    }
}

fn offer(
    turn: &Turn,
    id: &ProductId,
    variant: Option<&VariantId>,
    quantity: u32,
    draft: &mut Draft,
) {
    let language = turn.understanding.language;
    let Some((product, variant)) = turn.catalog.product(id).and_then(|product| {
        let variant = variant.map_or_else(|| product.variants.first(), |id| product.variant(id));
        variant.map(|variant| (product, variant))
    }) else {
        return;
    };
    let quote = turn.catalog.quote(variant, quantity.max(1));
    draft.computed.extend([quote.full, quote.total]);
    let name = wording::full_name(language, product, variant);
    let lines = [
        wording::quote(language, &name, quantity.max(1), &quote),
        wording::stock(language, variant.stock_pieces, quantity),
    ];
    draft.say(answer::sentences(language, &lines), offered(product));
    let price = wording::money(language, quote.total);
    draft.card = Some(card(language, product, &variant.id, (name, price)));
}

/// The offer as a card: what, for how much, and what can be pressed.
fn card(
    language: Language,
    product: &Product,
    variant: &VariantId,
    (title, price): (String, String),
) -> Card {
    let order = Press::Order(product.id.clone(), Some(variant.clone()));
    let details = Press::Details(product.id.clone());
    let buttons = [
        (wording::order_button(language), order),
        (wording::details_button(language), details),
        (wording::person_button(language), Press::Person),
    ];
    Card {
        title,
        price: Some(price),
        picture_url: product.picture_url.clone(),
        buttons: buttons
            .into_iter()
            .filter(|(_, press)| press.fits())
            .map(|(label, press)| Button {
                label: label.to_owned(),
                press,
            })
            .collect(),
    }
}

fn offered(product: &Product) -> Source {
    Source::Catalog(product.id.to_string())
}

fn go_to(stage: &str, session: &mut Session, draft: &mut Draft) {
    if session.stage != stage {
        let from = std::mem::replace(&mut session.stage, stage.to_owned());
        draft.happenings.push(Happening::StageChanged {
            from,
            to: stage.to_owned(),
        });
    }
}

fn set(slot: &str, value: Option<&SlotValue>, session: &mut Session, draft: &mut Draft) {
    let before = match value {
        Some(value) => session.slots.insert(slot.to_owned(), value.clone()),
        None => session.slots.remove(slot),
    };
    if before.as_ref() != value {
        draft.happenings.push(Happening::SlotSet {
            slot: slot.to_owned(),
            value: value.cloned(),
        });
    }
}

/// Marks that a person is needed. A second reason does not replace the first.
pub fn escalate(reason: &str, now: Timestamp, session: &mut Session, draft: &mut Draft) {
    if session.escalation.is_none() {
        session.escalation = Some(Escalation {
            reason: reason.to_owned(),
            since: now,
        });
        draft.happenings.push(Happening::Escalated {
            reason: reason.to_owned(),
        });
    }
}
