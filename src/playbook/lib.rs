//! Rhai playbooks: sandbox, script API, compiling, checking.
//!
//! A playbook is a script that sales managers edit: a pure function of a [`Turn`] that returns
//! typed actions. [`compile`] turns its source into a [`RhaiPlaybook`] or into every problem at
//! once; a playbook that compiled answers turns through [`ports::Playbook`]. A script sees its
//! turn and nothing else: no file, no clock, no network, bounded time and memory.
//!
//! Beside a playbook may stand rules that are scripts too: when a person is needed
//! ([`EscalationRules`]), and what becomes a reviewed answer ([`FaqRules`]).
//!
//! Start reading at [`compile`]; what scripts can write is told in [`reference`], from which
//! `docs/playbook-reference.md` is written.
//!
//! [`Turn`]: consultant_core::Turn
//! [`ports::Playbook`]: consultant_core::ports::Playbook

mod library;
mod problem;

mod api;
mod sandbox;

mod compile;
mod coverage;
mod declare;
mod examine;
mod kept;
mod lint;
mod loader;
mod playbook;
mod rules;
mod sources;
mod together;

pub mod reference;

pub use compile::{compile, compile_with_rules};
pub use coverage::{Branch, Counted, Question, ScriptCoverage, Trace, Way, compile_traced};
pub use examine::examine;
pub use kept::{compile_kept, compile_kept_traced};
pub use library::{Library, read_script};
pub use lint::{Lint, Severity};
pub use playbook::RhaiPlaybook;
pub use problem::Problem;
pub use rules::{Called, EscalationRules, FaqRules, MadeDraft, compile_escalation, compile_faq};
pub use together::{NamedScript, RuleScripts};

#[cfg(test)]
mod demo;
#[cfg(test)]
mod selling;
#[cfg(test)]
mod shop;
