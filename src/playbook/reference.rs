//! The reference of what scripts can call and see: one table from which the page for people, the
//! data for programs, the definitions for editors and their grammar are all written.
//!
//! Nothing of the API can be forgotten here: a test compares the table with what the engine has
//! registered, every number of values of every function, and compiles and runs every example.
//! Start reading at [`SECTIONS`].

mod signature;

mod actions;
mod lookups;
mod rules;
mod turn;
mod types;
mod written;

mod data;
mod definitions;
mod grammar;
mod language;
mod markdown;

use serde::Serialize;

use signature::Signature;

pub use data::data;
pub use definitions::api_definitions;
pub use grammar::grammar;
pub use language::language_definitions;
pub use markdown::markdown;

/// A chapter of the reference.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Section {
    title: &'static str,
    intro: &'static str,
    entries: &'static [Entry],
}

/// Everything that is documented, in reading order.
pub(crate) const SECTIONS: [Section; 18] = [
    written::FUNCTIONS,
    written::STAGES,
    written::SLOTS,
    written::PROMOTIONS,
    written::ANSWERS,
    actions::TALKING,
    actions::SELLING,
    actions::KEEPING,
    lookups::LOOK_UPS,
    turn::MESSAGE,
    turn::KNOWN,
    turn::SALE,
    turn::TIME,
    types::GOODS,
    types::DAYS,
    rules::ESCALATION,
    rules::FAQ,
    rules::EXCHANGE,
];

/// What a documented thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A function that the playbook itself has, called by the engine.
    Written,
    /// A function that a script calls: `say(…)`.
    Function,
    /// A function of a value: `turn.says(…)`.
    Method,
    /// What a value has: `turn.text`.
    Property,
    /// What stands between two values, or in brackets after one.
    Operator,
}

/// One documented thing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    kind: Kind,
    /// The type that it belongs to.
    on: Option<&'static str>,
    /// One for each way to write it, in the form that [`signature`] reads.
    signatures: &'static [&'static str],
    /// What it does, for somebody who sells.
    what: &'static str,
    /// What it can complain about, in its own words where they are fixed.
    errors: &'static [&'static str],
    /// A function of a script, or lines of the one that the engine calls.
    example: &'static str,
}

impl Entry {
    /// Its name, as scripts write it.
    pub(crate) fn name(&self) -> &'static str {
        let first = self.signatures.first().copied().unwrap_or_default();
        let name = first.split('(').next().unwrap_or_default();
        name.split(" -> ").next().unwrap_or_default()
    }

    /// How it is headed: `say(…)`, `turn.text`, `date < date`.
    fn title(&self) -> String {
        let name = self.name();
        let mut signatures = self.signatures.iter();
        let takes_nothing = signatures.all(|it| Signature::read(it).parameters.is_empty());
        let values = if takes_nothing { "()" } else { "(…)" };
        let owner = self.on.unwrap_or_default().to_lowercase();
        match self.kind {
            Kind::Written | Kind::Function => format!("{name}{values}"),
            Kind::Method => format!("{owner}.{name}{values}"),
            Kind::Property => format!("{owner}.{name}"),
            Kind::Operator if name == "[]" => format!("{owner}[…]"),
            Kind::Operator => format!("{owner} {name} {owner}"),
        }
    }
}

/// A function that a script calls.
const fn function(
    signatures: &'static [&'static str],
    what: &'static str,
    errors: &'static [&'static str],
    example: &'static str,
) -> Entry {
    Entry {
        kind: Kind::Function,
        on: None,
        signatures,
        what,
        errors,
        example,
    }
}

/// The type that entries belong to.
struct On(&'static str);

impl On {
    const fn method(
        &self,
        signatures: &'static [&'static str],
        what: &'static str,
        errors: &'static [&'static str],
        example: &'static str,
    ) -> Entry {
        Entry {
            kind: Kind::Method,
            on: Some(self.0),
            ..function(signatures, what, errors, example)
        }
    }

    const fn property(
        &self,
        signature: &'static [&'static str; 1],
        what: &'static str,
        example: &'static str,
    ) -> Entry {
        Entry {
            kind: Kind::Property,
            ..self.method(signature, what, &[], example)
        }
    }

    const fn operator(
        &self,
        signature: &'static [&'static str; 1],
        what: &'static str,
        example: &'static str,
    ) -> Entry {
        Entry {
            kind: Kind::Operator,
            ..self.method(signature, what, &[], example)
        }
    }
}

/// Every documented thing.
pub(crate) fn entries() -> impl Iterator<Item = &'static Entry> {
    SECTIONS.iter().flat_map(|section| section.entries)
}

/// A complaint with an end to it.
fn sentence(complaint: &str) -> String {
    let end = if complaint.ends_with(['?', '.']) {
        ""
    } else {
        "."
    };
    format!("{complaint}{end}")
}

#[cfg(test)]
mod tests;
