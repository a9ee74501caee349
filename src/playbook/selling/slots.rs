//! What a message fills in, what is asked for, and which stage may follow.

use consultant_core::SlotValue;
use rust_decimal::Decimal;

use super::*;

#[test]
fn what_a_message_fills_is_there_at_once_and_is_remembered() {
    let turn = says("We need 25 seats, write to ann@example.com");
    sees(&turn, "turn.slots.seats + 1", "26");
    sees(&turn, "turn.filled", "[\"seats\", \"email\"]");
    sees(&turn, "turn.missing.len", "0");
    let actions = actions(&turn, "[answer()]");
    let set = |slot: &str, value: SlotValue| Action::Set {
        slot: slot.to_owned(),
        value: Some(value),
    };
    let seats = set("seats", SlotValue::Number(Decimal::from(25)));
    let email = set("email", SlotValue::Text("ann@example.com".to_owned()));
    assert_eq!(actions, [seats, email, Action::Answer]);
}

#[test]
fn the_first_missing_slot_is_asked_for() {
    sees(&says("hello"), "turn.missing", "[\"seats\", \"email\"]");
    let actions = actions(&says("hello"), "[ask_missing()]");
    let [Action::Ask { slot, text }] = actions.as_slice() else {
        panic!("{actions:?}");
    };
    assert_eq!(
        (slot.as_str(), text.get(Language::ZH)),
        ("seats", "需要几个席位？")
    );
    fails(
        &says("25 seats, ann@example.com"),
        "[ask_missing()]",
        "nothing is missing",
    );
}

#[track_caller]
fn asks_again(text: &str, slot: &str, expect: &[(&str, &str)]) {
    let mut turn = says(text);
    turn.awaiting = Some(slot.to_owned());
    let actions = actions(&turn, &format!("[ask(\"{slot}\")]"));
    let Some(Action::Ask { text, .. }) = actions.last() else {
        panic!("{actions:?}");
    };
    for (language, words) in expect {
        assert_eq!(text.get(language.parse().unwrap()), *words);
    }
}

#[test]
fn a_question_is_asked_again_kindly_and_says_why() {
    asks_again(
        "9000",
        "seats",
        &[
            ("en", "It can be 500 at the most. How many seats?"),
            ("zh", "最多只能是 500。需要几个席位？"),
        ],
    );
    asks_again(
        "a lot",
        "seats",
        &[(
            "en",
            "Sorry, I did not get that: a number of pieces would do. How many seats?",
        )],
    );
    asks_again(
        "a lot",
        "budget",
        &[("en", "Roughly, what is your budget?")],
    );
    let earliest = "It can be 23 November 2026 at the earliest. From when?";
    asks_again("yesterday", "start", &[("en", earliest)]);
}

#[test]
fn a_declared_slot_takes_its_own_kind_only() {
    let turn = says("");
    sees(
        &turn,
        "{ set(\"budget\", 500); turn.slots.budget == () }",
        "true",
    );
    fails(
        &turn,
        "[set(\"seats\", \"many\"), answer()]",
        "declared to hold a quantity",
    );
    fails(&turn, "[ask(\"se\" + \"at\")]", "did you mean `seats`?");
    fails(&turn, "[ask(\"plan\")]", "how is `plan` asked for?");
    let budget = actions(&turn, "[set(\"budget\", 500), answer()]");
    let Some(Action::Set {
        value: Some(SlotValue::Money(money)),
        ..
    }) = budget.first()
    else {
        panic!("{budget:?}");
    };
    assert_eq!(money.to_string(), "500 EUR");
}

#[test]
fn a_stage_is_entered_when_what_it_needs_is_known() {
    sees(&says("hello"), "turn.can_go(\"offer\")", "false");
    sees(&says("hello"), "turn.missing_for(\"offer\")", "[\"seats\"]");
    sees(&says("25 seats"), "turn.can_go(\"offer\")", "true");
    sees(&says("25 seats"), "turn.can_go(\"close\")", "false");
    let to_offer = "[goto(\"offer\"), answer()]";
    fails(
        &says("hello"),
        to_offer,
        "needs `seats`, which is not known",
    );
    assert!(playbook(to_offer).answer(&says("25 seats")).is_ok());
    let set = "[set(\"seats\", 3), goto(\"offer\"), answer()]";
    assert!(playbook(set).answer(&says("hello")).is_ok());
    fails(
        &says("hello"),
        "[say(`${turn.can_go(\"of\" + \"er\")}`)]",
        "did you mean `offer`?",
    );
}

#[test]
fn to_stay_is_always_possible() {
    let mut turn = says("");
    turn.stage = "offer".to_owned();
    sees(&turn, "turn.can_go(\"offer\")", "true");
}

#[test]
fn numbers_with_decimals_meet_prices_slots_and_money() {
    let mut turn = says("");
    let budget = consultant_core::Money::new(Decimal::from(100), consultant_core::Currency::EUR);
    turn.slots
        .insert("budget".to_owned(), SlotValue::Money(budget));
    sees(&turn, "turn.slots.budget > 99.5", "true");
    sees(&turn, "quote(item(\"desk\")).total >= 328.99", "true");
    sees(&turn, "money(19.5)", "19.50 EUR");
    sees(
        &turn,
        "money(product(\"desk\").lowest_price * 0.5)",
        "164.50 EUR",
    );
    let made = actions(&turn, "[set(\"rate\", 2.5), answer()]");
    let rate = SlotValue::Number(Decimal::new(25, 1));
    let set = Action::Set {
        slot: "rate".to_owned(),
        value: Some(rate),
    };
    assert_eq!(made[0], set);
}
