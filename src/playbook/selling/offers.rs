//! Offers, promotions, and what goes with what.

use consultant_core::SlotValue;

use super::*;

#[test]
fn a_rule_looks_at_what_an_offer_would_come_to() {
    let turn = says("");
    sees(&turn, "quote(item(\"desk-lamp\", 2)).total", "98.00");
    sees(&turn, "quote(item(\"desk-lamp\", 3)).total", "132.30");
    sees(&turn, "quote(item(\"desk-lamp\", 3)).promotion", "three");
    sees(
        &turn,
        "quote([\"desk\", item(\"desk-lamp\", \"oak\", 1)]).saved",
        "30.50",
    );
    sees(&turn, "turn.promotions", "[\"three\", \"office\"]");
    let mut later = says("");
    later.now = "2026-12-01T00:00:00Z".parse().unwrap();
    sees(&later, "turn.promotions", "[\"three\"]");
    sees(
        &later,
        "quote([\"desk\", \"desk-lamp\"]).promotion == ()",
        "true",
    );
}

#[test]
fn an_offer_carries_the_promotions_of_its_day() {
    let actions = actions(
        &says(""),
        "[offer([item(\"desk\"), item(\"desk-lamp\", 2)])]",
    );
    let [Action::Offer { items, promotions }] = actions.as_slice() else {
        panic!("{actions:?}");
    };
    assert_eq!(items.len(), 2);
    let ids: Vec<&str> = promotions.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["three", "office"]);
    fails(&says(""), "[offer([])]", "an offer has 1 to 20 items");
    fails(
        &says(""),
        "[offer([\"desk-lmp\"])]",
        "did you mean `desk-lamp`?",
    );
}

#[test]
fn what_goes_with_a_product_is_offered_once_it_is_not_in_mind() {
    let found = actions(&says(""), "[answer()] + upsells_for(\"desk\")");
    let Some(Action::Upsell { item, .. }) = found.last() else {
        panic!("{found:?}");
    };
    assert_eq!(item.product.as_str(), "desk-lamp");
    let mut turn = says("");
    let lamp = SlotValue::Text("desk-lamp".to_owned());
    turn.slots.insert("product".to_owned(), lamp);
    assert_eq!(
        actions(&turn, "[answer()] + upsells_for(\"desk\")"),
        [Action::Answer]
    );
    let none = actions(&says(""), "[answer()] + upsells_for(\"desk-lamp\")");
    assert_eq!(none, [Action::Answer]);
}
