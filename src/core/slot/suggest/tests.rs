//! What the model is asked to read, in which form, and what comes of what it writes.

use std::sync::Arc;

use jiff::civil::Date;

use super::*;
use crate::{
    Catalog, Faq, FaqId, Intent, LocalText, SlotOption, Understanding,
    slot::{Filled, fill},
};

fn turn(text: &str, awaiting: &str) -> Turn {
    let facts = (Arc::new(Catalog::bare("Shop")), Arc::new(Faq::default()));
    let understanding = Understanding::of_nothing(Language::EN);
    // A Monday.
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    let mut turn = Turn::bare(text, "advise", understanding, now, facts);
    turn.awaiting = Some(awaiting.to_owned());
    turn
}

fn specs() -> Vec<SlotSpec> {
    let option = |id: &str, words: &[&str]| SlotOption {
        id: id.to_owned(),
        words: words.iter().map(|&word| word.to_owned()).collect(),
    };
    let ask = |text: &str| Some(LocalText::one(Language::EN, text));
    vec![
        SlotSpec {
            options: vec![
                option("team", &["团队版", "the team plan"]),
                option("none", &["no plan"]),
                option("private", &[]),
            ],
            ask: ask("Which plan?"),
            ..SlotSpec::new("plan", SlotKind::Choice)
        },
        SlotSpec {
            most: Some(Decimal::from(500)),
            ask: ask("How many seats?"),
            ..SlotSpec::new("seats", SlotKind::Quantity)
        },
        SlotSpec::new("budget", SlotKind::Money),
        SlotSpec {
            not_past: true,
            ..SlotSpec::new("start", SlotKind::Date)
        },
        SlotSpec::new("name", SlotKind::Text),
        SlotSpec::new("email", SlotKind::Email),
    ]
}

/// How the model may answer, where it is asked; what comes of what it writes.
#[track_caller]
fn check((slot, text): (&str, &str), expect: Option<&str>, written: &[(&str, Option<&str>)]) {
    let turn = turn(text, slot);
    let unread = unread(&specs(), &turn);
    let form = unread.as_ref().map(|it| match it.constraint() {
        Constraint::Choice(choices) => choices.join("|"),
        Constraint::JsonSchema(_) => "a number".to_owned(),
        Constraint::Free => "anything".to_owned(),
    });
    assert_eq!(form.as_deref(), expect, "{text}");
    for (words, label) in written {
        let suggested = unread.as_ref().unwrap().suggestion(words, &turn);
        let found = suggested.map(|it| it.label);
        assert_eq!(found.as_deref(), *label, "{words}");
    }
}

#[test]
fn one_of_several_is_chosen_and_called_by_its_name() {
    check(
        ("plan", "for the folks here"),
        Some("team|private|none"),
        &[
            ("team", Some("the team plan")),
            ("private", Some("private")),
            ("none", None),
            ("Team!", None),
        ],
    );
}

#[test]
fn of_numbers_that_were_named_one_is_chosen_and_of_none_one_is_written() {
    let named = ("seats", "between 5 and 10, maybe 900");
    check(
        named,
        Some("5|10|none"),
        &[("10", Some("10")), ("900", None)],
    );
    check(
        ("seats", "as many as there are disciples"),
        Some("a number"),
        &[
            (r#"{"value":12}"#, Some("12")),
            (r#"{"value":null}"#, None),
            (r#"{"value":0}"#, None),
            (r#"{"value":501}"#, None),
            (r#"{"value":1.5}"#, None),
            ("12", None),
        ],
    );
    let money = ("budget", "not the world");
    check(
        money,
        Some("a number"),
        &[(r#"{"value":12}"#, Some("12 EUR"))],
    );
}

#[test]
fn of_days_only_those_are_chosen_that_were_named_and_may_be() {
    let days = (
        "start",
        "not today, tomorrow or 1 December, but no 3 November",
    );
    let form = "2026-11-24|2026-12-01|none";
    check(days, Some(form), &[("2026-12-01", Some("1 December 2026"))]);
    check(("start", "when the leaves fall"), None, &[]);
}

#[test]
fn what_rules_read_or_refuse_and_what_asks_for_more_is_not_the_models() {
    for (slot, text) in [
        ("plan", "team"),
        ("plan", "what is in them?"),
        ("plan", ""),
        ("seats", "12"),
        ("seats", "900"),
        ("name", "—"),
        ("email", "at my mother's"),
        ("unknown", "folks"),
    ] {
        check((slot, text), None, &[]);
    }
    let long = "folks ".repeat(40);
    check(("plan", &long), None, &[]);
    let mut asks = turn("folks", "plan");
    asks.understanding.intent = Intent::Delivery;
    assert_eq!(unread(&specs(), &asks), None);
    let mut answered = turn("folks", "plan");
    answered.understanding.faq = vec![FaqHit {
        entry: FaqId::from("plans"),
        score: 0.5,
    }];
    assert_eq!(unread(&specs(), &answered), None);
}

#[test]
fn the_question_the_values_and_the_answer_are_shown() {
    let turn = turn("for the <folks> here", "plan");
    let prompt = unread(&specs(), &turn).unwrap().prompt(&turn);
    let last = prompt.messages.last().unwrap();
    insta::assert_snapshot!(last.text, @r#"
    Question: Which plan?
    Values: team, private, none
    Answer: for the ‹folks› here
    Value:
    "#);
}

/// What is filled by this answer to the question whether this value of a slot is meant.
fn filled((slot, text): (&str, &str), yes: (Intent, f64), value: &SlotValue) -> Filled {
    let mut turn = turn(text, slot);
    turn.understanding.intent = yes.0;
    turn.understanding.confidence = yes.1;
    turn.to_confirm = Some(value.clone());
    fill(&specs(), &turn)
}

const SURELY: (Intent, f64) = (Intent::Yes, 0.9);

#[test]
fn a_yes_makes_a_suggestion_a_value_and_nothing_else_does() {
    let asked = ("seats", "folks");
    let twelve = SlotValue::Number(Decimal::from(12));
    let yes = filled(asked, SURELY, &twelve);
    assert_eq!(yes.values, [("seats".to_owned(), twelve.clone())]);
    for no in [(Intent::No, 0.9), (Intent::Other, 0.0), (Intent::Yes, 0.45)] {
        assert_eq!(filled(asked, no, &twelve).values, [], "{no:?}");
    }
    // What the customer says themselves is heard, also where it cannot be taken.
    for said in ["yes, 900", "yes, 5 or 6"] {
        let filled = filled(("seats", said), SURELY, &twelve);
        assert_eq!(filled.values, [], "{said}");
        assert!(filled.refused.is_some(), "{said}");
    }
}

#[test]
fn what_another_version_of_the_playbook_asked_is_no_value_of_this_one() {
    let too_many = SlotValue::Number(Decimal::from(501));
    let refused = filled(("seats", "folks"), SURELY, &too_many).refused;
    let why = Refusal::TooLarge(Decimal::from(500));
    assert_eq!(refused, Some(("seats".to_owned(), why)));
    let day = SlotValue::Date(Date::constant(2026, 12, 1));
    let gone = SlotValue::Text("enterprise".to_owned());
    for (slot, value) in [("seats", day), ("plan", gone)] {
        let filled = filled((slot, "folks"), SURELY, &value);
        assert_eq!(filled, Filled::default(), "{value:?}");
    }
}

#[test]
fn a_value_stands_in_the_form_in_which_a_model_would_write_it() {
    let turn = turn("as many as there are disciples", "seats");
    let twelve = SlotValue::Number(Decimal::from(12));
    for (slot, text) in [("seats", turn.text.as_str()), ("seats", "12 or 5")] {
        let turn = self::turn(text, slot);
        let unread = unread(&specs(), &turn).unwrap();
        let written = in_form(Some(&twelve), &unread.constraint()).unwrap();
        let suggested = unread.suggestion(&written, &turn);
        assert_eq!(suggested.map(|it| it.value), Some(twelve.clone()), "{text}");
        let nothing = in_form(None, &unread.constraint()).unwrap();
        assert_eq!(unread.suggestion(&nothing, &turn), None);
    }
    assert_eq!(in_form(Some(&twelve), &Constraint::Free), None);
}

#[test]
fn what_only_training_takes_for_a_wish_may_still_be_an_answer() {
    let mut turn = turn("folks", "plan");
    turn.understanding.intent = Intent::Delivery;
    turn.understanding.by_training = true;
    assert!(unread(&specs(), &turn).is_some());
    turn.awaiting = Some("name".to_owned());
    let name = SlotValue::Text("folks".to_owned());
    assert_eq!(fill(&specs(), &turn).values, [("name".to_owned(), name)]);
}
