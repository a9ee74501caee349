//! What customers would read.

use super::check_body;

#[test]
fn a_price_that_is_written_by_hand_is_told_and_marked() {
    check_body("[say(\"It is 49 EUR today.\")]", &["price-by-hand 49 EUR"]);
    check_body(
        "[say(#{ en: \"Yes\", zh: \"台灯 49 欧元。\" })]",
        &["price-by-hand 49 欧元"],
    );
    check_body(
        "[say(`${turn.text}: $49.90 a piece`)]",
        &["price-by-hand $49.90"],
    );
    check_body(
        "let words = \"Only €5!\"; [say(words)]",
        &["price-by-hand €5"],
    );
    check_body("[say(f())] } fn f() { \"Only €5!\"", &["price-by-hand €5"]);
    check_body("[remind(5, \"Only €5!\")]", &["price-by-hand €5"]);
    check_body(
        "hand_off(\"Wants 49 EUR back\", \"A colleague will write.\")",
        &[],
    );
    check_body(
        "hand_off(\"wants it\", \"Only €5!\")",
        &["price-by-hand €5"],
    );
    check_body("[set(\"note\", \"under 500 EUR\"), answer()]", &[]);
    check_body(
        "[answer()] } fn objections() { [objection(\"price\", [\"too much\"], \"Only €5!\")]",
        &["price-by-hand €5"],
    );
}

#[test]
fn a_figure_that_is_no_price_is_let_through() {
    for body in [
        "[say(\"We answer within 24 hours, 7 days a week.\")]",
        "[say(\"3 pieces are left, in 2 colours.\")]",
        "[say(`It is ${money(49)}.`)]",
        "[say(\"Delivery is free.\")]",
        "[answer(), escalate(\"Wants 49 EUR back\")]",
        "if turn.text.contains(\"49 EUR\") { } [answer()]",
        "if turn.text == \"49 EUR\" { } [answer()]",
        "// 49 EUR\n[answer()]",
        "[answer()] } fn objections() { [objection(\"price\", [\"49 EUR is a lot\"], \"It lasts.\")]",
        "[answer(), score(5, \"Spends 49 EUR a month\")]",
    ] {
        check_body(body, &[]);
    }
}

#[test]
fn a_discount_that_is_written_by_hand_is_told() {
    check_body("[say(\"Now 10% off!\")]", &["discount-by-hand 10% off"]);
    check_body("[say(\"Ask for a discount.\")]", &[]);
    check_body("[say(\"The lamp is 100% steel.\")]", &[]);
}

#[test]
fn a_text_that_lacks_what_half_of_the_others_have_is_told() {
    let both = "say(#{ en: \"a\", zh: \"b\" })";
    check_body(
        &format!("[{both}, say(\"c\")]"),
        &["missing-language \"c\""],
    );
    check_body(
        &format!("[{both}, say(#{{ en: \"c\" }})]"),
        &["missing-language #"],
    );
    check_body(
        &format!("let c = #{{ en: \"c\" }}; [{both}, say(c)]"),
        &["missing-language #"],
    );
    check_body(&format!("[{both}, say(\"c\"), say(\"d\")]"), &[]);
    check_body(
        &format!("let c = #{{ id: \"c\" }}; [{both}, say(c.id)]"),
        &[],
    );
    check_body(&format!("[{both}, escalate(\"c\")]"), &[]);
}

#[test]
fn a_text_over_the_limit_of_a_message_is_told() {
    let (fits, long) = ("x ".repeat(1_000), "x ".repeat(1_001));
    check_body(&format!("[say(\"{fits}\")]"), &[]);
    check_body(
        &format!("[say(\"{long}\")]"),
        &[&format!("text-too-long \"{long}\"")],
    );
    check_body(
        &format!("[say(#{{ en: \"{long}\" }})]"),
        &[&format!("text-too-long \"{long}\"")],
    );
    check_body(&format!("[escalate(\"{fits}\")]"), &[]);
    // A character outside of the basic plane counts twice.
    let emoji = "🙂".repeat(1_001);
    check_body(
        &format!("[say(\"{emoji}\")]"),
        &[&format!("text-too-long \"{emoji}\"")],
    );
}
