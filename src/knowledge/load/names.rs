//! Two things must never have one name: what a customer says would mean both.

use std::collections::BTreeMap;

use consultant_core::Scope;

use super::fields::{At, Report};
use crate::text::fold;

/// Names that are taken, and by whom.
#[derive(Default)]
pub(super) struct Names(BTreeMap<String, String>);

/// Names that are taken for somebody and some time.
#[derive(Default)]
pub(super) struct ScopedNames(BTreeMap<String, Vec<(String, Scope)>>);

impl ScopedNames {
    /// Takes a name for an owner; that another owner has it for the same people at the same time is a
    /// problem.
    pub(super) fn take(
        &mut self,
        report: &mut Report<'_>,
        at: &At,
        name: &str,
        (owner, scope): (&str, &Scope),
    ) {
        let taken = self.0.entry(plain(name)).or_default();
        let mut others = taken.iter();
        if let Some((other, _)) = others.find(|(it, held)| it != owner && held.meets(scope)) {
            already_means(report, at, name, other);
        } else {
            taken.push((owner.to_owned(), scope.clone()));
        }
    }
}

fn plain(name: &str) -> String {
    fold(name).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn already_means(report: &mut Report<'_>, at: &At, name: &str, owner: &str) {
    let message = format!("`{name}` already means `{owner}`");
    report.add(at, message, "give it a name of its own, in every language");
}

impl Names {
    /// Takes a name for an owner; that another owner has it is a problem.
    pub(super) fn take(&mut self, report: &mut Report<'_>, at: &At, name: &str, owner: &str) {
        let taken_by = self
            .0
            .entry(plain(name))
            .or_insert_with(|| owner.to_owned());
        if taken_by != owner {
            already_means(report, at, name, taken_by);
        }
    }

    /// Takes an id; that it stands for something already is a problem.
    pub(super) fn take_id(&mut self, report: &mut Report<'_>, at: &At, id: &str) {
        if self.0.insert(id.to_owned(), id.to_owned()).is_some() {
            report.add(
                at,
                format!("the id `{id}` stands here twice"),
                "rename one of them",
            );
        }
    }
}
