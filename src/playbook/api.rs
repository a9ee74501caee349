//! What scripts can call and see. What is registered here is told to managers in `reference`,
//! where a test finds what was forgotten.

mod actions;
mod asking;
mod call;
mod chance;
mod days;
mod declared;
mod exchange;
mod faq;
mod lists;
mod objections;
mod offers;
mod promotions;
mod sales;
mod serving;
mod slots;
mod stages;
mod texts;
mod things;
mod topics;
mod turn;
mod upsells;
mod wordings;

use rhai::Engine;

pub(crate) use actions::Step;
pub(crate) use days::DateView;
pub(crate) use declared::{Declared, Line, Raised, Understood};
pub(crate) use exchange::{Drafted, Drafting, ExchangeView, PROPERTIES as EXCHANGE_PROPERTIES};
pub(crate) use objections::ObjectionLine;
pub(crate) use promotions::PromotionLine;
pub(crate) use slots::SlotLine;
pub(crate) use stages::StageLine;
pub(crate) use texts::is_blank;
pub(crate) use things::ProductView;
pub(crate) use topics::TopicLine;
pub(crate) use turn::{PROPERTIES as TURN_PROPERTIES, TurnView};
pub(crate) use upsells::UpsellLine;
pub(crate) use wordings::Plain;

/// Gives an engine the playbook's vocabulary.
pub(crate) fn register(engine: &mut Engine) {
    register_declarations(engine);
    turn::register(engine);
    sales::register(engine);
    days::register(engine);
    things::register(engine);
    faq::register(engine);
    actions::register(engine);
    offers::register(engine);
    chance::register(engine);
    texts::register(engine);
}

/// Gives an engine what escalation rules may look at, and the actions that call a person.
pub(crate) fn register_escalation(engine: &mut Engine) {
    turn::register(engine);
    sales::register(engine);
    days::register(engine);
    things::register(engine);
    faq::register_look_ups(engine);
    offers::register_quotes(engine);
    actions::register_escalating(engine);
    texts::register(engine);
}

/// Gives an engine what FAQ rules may look at, and the draft that they make.
pub(crate) fn register_faq(engine: &mut Engine) {
    exchange::register(engine);
}

fn register_declarations(engine: &mut Engine) {
    stages::register(engine);
    slots::register(engine);
    promotions::register(engine);
    objections::register(engine);
    topics::register(engine);
    upsells::register(engine);
}
