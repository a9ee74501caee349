//! What scripts can call and see. The page that managers read is the head of
//! `scripts/playbooks/demo.rhai`; keep the two in step.

mod actions;
mod call;
mod stages;
mod texts;
mod things;
mod turn;

use rhai::Engine;

pub(crate) use actions::Step;
pub(crate) use call::Call;
pub(crate) use stages::StageLine;
pub(crate) use texts::is_blank;
pub(crate) use turn::{PROPERTIES as TURN_PROPERTIES, TurnView};

/// Gives an engine the playbook's vocabulary.
pub(crate) fn register(engine: &mut Engine) {
    stages::register(engine);
    turn::register(engine);
    things::register(engine);
    actions::register(engine);
}
