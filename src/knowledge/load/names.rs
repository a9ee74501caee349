//! Two things must never have one name: what a customer says would mean both.

use std::collections::BTreeMap;

use super::fields::{At, Report};
use crate::text::fold;

/// Names that are taken, and by whom.
#[derive(Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// Takes a name for an owner; that another owner has it is a problem.
    pub(super) fn take(&mut self, report: &mut Report<'_>, at: &At, name: &str, owner: &str) {
        let key = fold(name).split_whitespace().collect::<Vec<_>>().join(" ");
        let taken_by = self.0.entry(key).or_insert_with(|| owner.to_owned());
        if taken_by != owner {
            let message = format!("`{name}` already means `{taken_by}`");
            report.add(at, message, "give it a name of its own, in every language");
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
