//! Slots that a playbook declares: typed facts that the conversation is after. What a message says
//! about them is read here, in any order and in the customer's own words; whatever was asked for is
//! read more generously than what was not.

mod read;
mod suggest;

pub use suggest::{Suggestion, Unread, in_form, unread};

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::{Currency, Intent, LocalText, SlotValue, Turn};

/// A declared slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotSpec {
    /// Its name in scripts.
    pub name: String,
    /// What it holds.
    pub kind: SlotKind,
    /// Whether the conversation needs it.
    pub required: bool,
    /// How it is asked for.
    pub ask: Option<LocalText>,
    /// How it is asked for again, after an answer that could not be taken.
    pub again: Option<LocalText>,
    /// Words that tell which number is meant (`seats`, `席位`), or that a text follows
    /// (`my name is`).
    pub words: Vec<String>,
    /// What can be chosen.
    pub options: Vec<SlotOption>,
    /// The smallest number or amount.
    pub least: Option<Decimal>,
    /// The largest number or amount.
    pub most: Option<Decimal>,
    /// Whether a day before today is refused.
    pub not_past: bool,
    /// The longest text, in characters.
    pub longest_chars: usize,
}

/// From this confidence a yes among other words is one: "ok, well, it is for my wife" is none.
const SURELY_YES: f64 = 0.6;

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotKind {
    /// Words.
    Text,
    /// A number.
    Number,
    /// An amount of money in the catalogue's currency.
    Money,
    /// A day.
    Date,
    /// One of several.
    Choice,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A whole number of pieces, at least 1.
    Quantity,
}

impl SlotKind {
    /// Every kind with the name that playbooks use for it.
    pub const NAMES: [(Self, &'static str); 8] = [
        (Self::Text, "text"),
        (Self::Number, "number"),
        (Self::Money, "money"),
        (Self::Date, "date"),
        (Self::Choice, "choice"),
        (Self::Email, "email"),
        (Self::Phone, "phone"),
        (Self::Quantity, "quantity"),
    ];

    /// The name that playbooks use, for example `email`.
    pub fn name(self) -> &'static str {
        let mut names = Self::NAMES.iter();
        names
            .find(|(kind, _)| *kind == self)
            .map_or("text", |(_, name)| name)
    }

    /// Whether a value is of this kind.
    pub const fn holds(self, value: &SlotValue) -> bool {
        match self {
            Self::Text | Self::Choice | Self::Email | Self::Phone => {
                matches!(value, SlotValue::Text(_))
            }
            Self::Number | Self::Quantity => matches!(value, SlotValue::Number(_)),
            Self::Money => matches!(value, SlotValue::Money(_)),
            Self::Date => matches!(value, SlotValue::Date(_)),
        }
    }
}

/// Something that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotOption {
    /// What the slot then holds.
    pub id: String,
    /// What customers call it, in any language; its id counts too.
    pub words: Vec<String>,
}

/// Why a value cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Less than this is too small.
    TooSmall(Decimal),
    /// More than this is too large.
    TooLarge(Decimal),
    /// It is no whole number.
    NotWhole,
    /// It lies before this day.
    TooEarly(Date),
    /// It has more characters than this.
    TooLong(usize),
    /// The amount is in another currency than this.
    OtherCurrency(Currency),
    /// More than one was named.
    SeveralMeant,
}

/// What a message said about the declared slots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// What was understood, in the order of the declaration.
    pub values: Vec<(String, SlotValue)>,
    /// The first value that cannot be taken, with its slot.
    pub refused: Option<(String, Refusal)>,
}

impl SlotSpec {
    /// A slot that nobody needs and nothing limits.
    pub fn new(name: impl Into<String>, kind: SlotKind) -> Self {
        const CHARS: usize = 200;
        Self {
            name: name.into(),
            kind,
            required: false,
            ask: None,
            again: None,
            words: Vec::new(),
            options: Vec::new(),
            least: None,
            most: None,
            not_past: false,
            longest_chars: CHARS,
        }
    }

    /// Why a value cannot be taken, if it cannot. `today` is the company's.
    pub fn refusal(&self, value: &SlotValue, today: Date) -> Option<Refusal> {
        match value {
            SlotValue::Number(number) => self.refused_number(*number),
            SlotValue::Money(money) => self.refused_number(money.amount),
            SlotValue::Date(day) if self.not_past && *day < today => Some(Refusal::TooEarly(today)),
            SlotValue::Text(text) if text.chars().count() > self.longest_chars => {
                Some(Refusal::TooLong(self.longest_chars))
            }
            SlotValue::Text(_) | SlotValue::Date(_) | SlotValue::Flag(_) => None,
        }
    }

    /// Whether it may hold a value at all: one of its kind, and of its options.
    fn knows(&self, value: &SlotValue) -> bool {
        let is_option = || {
            let mut ids = self.options.iter().map(|it| &it.id);
            matches!(value, SlotValue::Text(chosen) if ids.any(|id| id == chosen))
        };
        self.kind.holds(value) && (self.kind != SlotKind::Choice || is_option())
    }

    fn refused_number(&self, number: Decimal) -> Option<Refusal> {
        let quantity = self.kind == SlotKind::Quantity;
        if quantity && !number.is_integer() {
            return Some(Refusal::NotWhole);
        }
        let least = self.least.or_else(|| quantity.then_some(Decimal::ONE));
        match (least, self.most) {
            (Some(least), _) if number < least => Some(Refusal::TooSmall(least)),
            (_, Some(most)) if number > most => Some(Refusal::TooLarge(most)),
            _ => None,
        }
    }
}

/// Reads a turn's message for all declared slots. Texts come last: "next Wednesday" to "What is
/// your name?" is a day where one is wanted, and no name.
pub fn fill(specs: &[SlotSpec], turn: &Turn) -> Filled {
    let mut filled = Filled::default();
    if turn.text.is_empty() {
        return filled;
    }
    let (texts, others): (Vec<_>, Vec<_>) = specs.iter().partition(|it| it.kind == SlotKind::Text);
    for spec in others {
        let awaited = turn.awaiting.as_ref() == Some(&spec.name);
        filled.take(spec, read::value(spec, specs, awaited, turn), turn);
    }
    let says_something_else = !filled.values.is_empty();
    for spec in texts {
        let awaited = turn.awaiting.as_ref() == Some(&spec.name) && !says_something_else;
        filled.take(spec, read::value(spec, specs, awaited, turn), turn);
    }
    if let Some((spec, value)) = confirmed(specs, turn)
        && filled.says_nothing_of(&spec.name)
    {
        filled.take(spec, Some(Ok(value.clone())), turn);
    }
    let order = |(name, _): &(String, SlotValue)| specs.iter().position(|it| it.name == *name);
    filled.values.sort_by_key(order);
    filled
}

/// The value that the last reply asked the customer to confirm, where they do.
fn confirmed<'a>(specs: &'a [SlotSpec], turn: &'a Turn) -> Option<(&'a SlotSpec, &'a SlotValue)> {
    let value = turn.to_confirm.as_ref()?;
    let spec = specs
        .iter()
        .find(|it| turn.awaiting.as_ref() == Some(&it.name))?;
    let understood = &turn.understanding;
    let says_yes = understood.intent == Intent::Yes && understood.confidence >= SURELY_YES;
    (says_yes && spec.knows(value)).then_some((spec, value))
}

impl Filled {
    fn says_nothing_of(&self, slot: &str) -> bool {
        let values = self.values.iter().map(|(name, _)| name);
        let refused = self.refused.iter().map(|(name, _)| name);
        values.chain(refused).all(|name| name != slot)
    }

    fn take(&mut self, spec: &SlotSpec, read: read::Reading, turn: &Turn) {
        match read {
            Some(Ok(value)) => match spec.refusal(&value, turn.today()) {
                None => self.values.push((spec.name.clone(), value)),
                Some(refusal) => self.refuse(spec, refusal),
            },
            Some(Err(refusal)) => self.refuse(spec, refusal),
            None => {}
        }
    }

    fn refuse(&mut self, spec: &SlotSpec, refusal: Refusal) {
        if self.refused.is_none() {
            self.refused = Some((spec.name.clone(), refusal));
        }
    }
}

#[cfg(test)]
mod tests;
