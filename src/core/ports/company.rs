//! What the company brings: its playbook and its facts.

use std::sync::Arc;

use crate::{Action, Catalog, Faq, Language, PlaybookVersion, Turn, Understanding};

/// The sales managers' rules.
pub trait Playbook: Send + Sync {
    /// The content hash of the script and all that it imports.
    fn version(&self) -> &PlaybookVersion;

    /// The stage in which a conversation begins.
    fn first_stage(&self) -> &str;

    /// What to do with a turn. Pure: the same turn gives the same actions.
    fn answer(&self, turn: &Turn) -> Result<Vec<Action>, PlaybookError>;
}

/// Why a playbook gave no actions. The customer gets a reviewed text, the manager this.
#[derive(Debug, thiserror::Error)]
#[error("{file}{}: {message}", at(*line))]
pub struct PlaybookError {
    /// The script.
    pub file: String,
    /// The line, from 1.
    pub line: Option<usize>,
    /// What went wrong.
    pub message: String,
}

fn at(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(":{line}"))
}

/// The company's facts, and what a message means in their light.
pub trait Knowledge: Send + Sync {
    /// What the company sells.
    fn catalog(&self) -> Arc<Catalog>;

    /// The reviewed answers.
    fn faq(&self) -> Arc<Faq>;

    /// What a message means. `previous` is the conversation's language so far, which a text too
    /// short to tell keeps.
    fn understand(&self, text: &str, previous: Option<Language>) -> Understanding;
}
