//! What a message fills in, what it does not, and what is refused.

use std::sync::Arc;

use super::*;
use crate::{Catalog, Faq, Language, Money, Understanding};

fn turn(text: &str, awaiting: Option<&str>) -> Turn {
    let facts = (Arc::new(Catalog::bare("Shop")), Arc::new(Faq::default()));
    let understanding = Understanding::of_nothing(Language::EN);
    // A Monday.
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    Turn {
        awaiting: awaiting.map(str::to_owned),
        ..Turn::bare(text, "advise", understanding, now, facts)
    }
}

fn spec(name: &str, kind: SlotKind, words: &[&str]) -> SlotSpec {
    SlotSpec {
        words: words.iter().map(|&word| word.to_owned()).collect(),
        ..SlotSpec::new(name, kind)
    }
}

/// What a software company wants to know.
fn specs() -> Vec<SlotSpec> {
    let option = |id: &str, words: &[&str]| SlotOption {
        id: id.to_owned(),
        words: words.iter().map(|&word| word.to_owned()).collect(),
    };
    vec![
        SlotSpec {
            most: Some(Decimal::from(5000)),
            ..spec("seats", SlotKind::Quantity, &["seats", "users", "席位"])
        },
        spec("budget", SlotKind::Money, &["budget", "spend", "预算"]),
        SlotSpec {
            not_past: true,
            ..spec("start", SlotKind::Date, &[])
        },
        SlotSpec {
            options: vec![
                option("team", &["Team", "团队版"]),
                option("business", &["Business", "企业版"]),
            ],
            ..spec("plan", SlotKind::Choice, &[])
        },
        spec("email", SlotKind::Email, &[]),
        spec("phone", SlotKind::Phone, &[]),
        SlotSpec {
            longest_chars: 20,
            ..spec("name", SlotKind::Text, &["my name is", "我叫"])
        },
    ]
}

#[track_caller]
fn check(text: &str, awaiting: Option<&str>, expect: &[(&str, &str)]) {
    let filled = fill(&specs(), &turn(text, awaiting));
    let values = filled.values.iter();
    let values: Vec<(&str, String)> = values
        .map(|(slot, value)| (slot.as_str(), value.to_string()))
        .collect();
    let values: Vec<(&str, &str)> = values.iter().map(|(a, b)| (*a, b.as_str())).collect();
    assert_eq!(values, expect, "{text}");
}

#[track_caller]
fn refused(text: &str, awaiting: &str, expect: Refusal) {
    let filled = fill(&specs(), &turn(text, Some(awaiting)));
    assert_eq!(
        filled.refused,
        Some((awaiting.to_owned(), expect)),
        "{text}"
    );
    let named = filled.values.iter().any(|(slot, _)| slot == awaiting);
    assert!(!named, "{text}");
}

#[test]
fn everything_in_one_message_in_any_order() {
    let expect = [
        ("seats", "25"),
        ("budget", "2000 EUR"),
        ("start", "2026-12-01"),
        ("plan", "team"),
        ("email", "ann@example.com"),
    ];
    check(
        "We are 25 users, our budget is 2000 EUR, Team plan from 1 December, ann@example.com",
        None,
        &expect,
    );
    check(
        "ann@example.com. From 1 December we want the Team plan with 25 seats; budget: 2000 EUR",
        None,
        &expect,
    );
}

#[test]
fn a_bare_answer_is_enough_to_a_question_and_to_nothing_else() {
    check("25", Some("seats"), &[("seats", "25")]);
    check("25", None, &[]);
    check("2000", Some("budget"), &[("budget", "2000 EUR")]);
    check("2000 EUR", None, &[]);
    check("Ann Miller", Some("name"), &[("name", "Ann Miller")]);
    check("Ann Miller", None, &[]);
    check(
        "My name is Ann Miller, hello",
        None,
        &[("name", "Ann Miller")],
    );
    check("next Monday", Some("start"), &[("start", "2026-11-30")]);
    check("+49 30 1234567", None, &[("phone", "+49301234567")]);
}

#[test]
fn chinese_messages_fill_slots_too() {
    check(
        "我们有25个席位，预算2000欧元，要团队版",
        None,
        &[("seats", "25"), ("budget", "2000 EUR"), ("plan", "team")],
    );
    check("我叫王芳。", None, &[("name", "王芳")]);
    check("12月1日", Some("start"), &[("start", "2026-12-01")]);
}

#[test]
fn a_question_is_no_answer_to_a_question() {
    check("What do you mean?", Some("name"), &[]);
    check("为什么要问这个？", Some("name"), &[]);
}

#[test]
fn what_fills_another_slot_is_no_name() {
    check("next Wednesday", Some("name"), &[("start", "2026-11-25")]);
    check(
        "ann@example.com",
        Some("name"),
        &[("email", "ann@example.com")],
    );
    let both = [("start", "2026-12-01"), ("name", "Ann Miller")];
    check(
        "My name is Ann Miller, from 1 December",
        Some("name"),
        &both,
    );
}

#[test]
fn a_number_beside_the_word_budget_is_not_at_once_one() {
    check("We are 25 people, what budget do we need?", None, &[]);
    check("we spent 3 weeks on our budget", None, &[]);
    check("please suspend it, 500 EUR were paid", None, &[]);
    check("We are 25 people", Some("budget"), &[]);
    for text in [
        "2000",
        "2000.",
        "about 2000",
        "2000 is our budget",
        "budget: 2000",
        "I can pay 2000",
        "let's say 2000",
        "2000 would be fine",
        "预算2000",
    ] {
        check(text, Some("budget"), &[("budget", "2000 EUR")]);
    }
    let million = [("budget", "2000000 EUR")];
    check("2000000", Some("budget"), &million);
}

#[test]
fn digits_that_belong_to_something_else_are_no_answer() {
    let start = [("start", "2026-12-01")];
    let budget = [("budget", "2000 EUR")];
    check(
        "We would like to start on 1 December",
        Some("seats"),
        &start,
    );
    check("12月1日开始", Some("seats"), &start);
    check("2000 EUR is our budget", Some("seats"), &budget);
    check("our budget is 2000", Some("seats"), &budget);
    check("it may cost 2000 EUR", Some("seats"), &[]);
    check(
        "1381234567@qq.com",
        Some("seats"),
        &[("email", "1381234567@qq.com")],
    );
    check(
        "+49 30 1234567",
        Some("seats"),
        &[("phone", "+49301234567")],
    );
    for text in [
        "my office is at 17 Main Street",
        "we have 3 shops",
        "in 2 or 3 weeks",
        "we open at 10:30",
        "20%",
        "3天",
        "我们有3家店",
        "we are open 24/7",
        "we have been here since 2010",
    ] {
        check(text, Some("seats"), &[]);
    }
    refused("-5", "seats", Refusal::TooSmall(Decimal::ONE));
}

#[test]
fn a_number_that_counts_nothing_else_is_an_answer() {
    for text in [
        "3",
        "3 please",
        "about 3",
        "3 in black",
        "three",
        "3 of them",
        "3, in our 2 offices",
        "3 black ones",
        "3 pieces",
        "3x",
        "3 for now",
        "3 thanks",
        "3 from 1 December",
        "we need 3 I think",
        "3 users",
        "3个",
        "3个吧",
        "三个就够了",
        "要3个黑色的",
        "大概3左右",
    ] {
        let filled = fill(&specs(), &turn(text, Some("seats")));
        let seats = filled.values.iter().find(|(slot, _)| slot == "seats");
        let seats = seats.map(|(_, value)| value.to_string());
        assert_eq!(seats.as_deref(), Some("3"), "{text}");
    }
}

#[test]
fn a_slot_without_words_counts_whatever_is_named() {
    let specs = [spec("pieces", SlotKind::Quantity, &[])];
    for (text, expect) in [
        ("3 lamps", 1),
        ("3 weeks", 0),
        ("in 3 days", 0),
        ("3天", 0),
        ("3盏灯", 1),
        ("17 Main Street", 0),
    ] {
        let filled = fill(&specs, &turn(text, Some("pieces")));
        assert_eq!(filled.values.len(), expect, "{text}");
    }
}

#[test]
fn goods_that_are_named_are_counted() {
    let read = |text: &str, quantity, goods: bool| {
        let mut turn = turn(text, Some("seats"));
        turn.understanding.quantity = quantity;
        turn.understanding.category = goods.then(|| "lamps".to_owned());
        fill(&specs(), &turn).values.len()
    };
    assert_eq!(read("3 lamps please", Some(3), true), 1);
    assert_eq!(read("we have 3 shops", Some(3), false), 0);
    assert_eq!(read("a hundred or so", Some(100), false), 1);
    assert_eq!(read("-5", Some(5), false), 0);
}

#[test]
fn a_text_ends_with_its_clause() {
    for (text, expect) in [
        (
            "my name is Ann Lee and my number is +1 202 555 0123",
            "Ann Lee",
        ),
        ("My name is Dr. Ann Lee", "Dr. Ann Lee"),
        ("My name is J. R. Lee. Hello", "J. R. Lee"),
        ("My name is Bob. I need a plan", "Bob"),
        ("My name is Ann Lee.", "Ann Lee"),
        ("my name is Ann but call me Annie", "Ann"),
        ("my name is ann and bob", "ann"),
        ("My name is Sandy Andrews", "Sandy Andrews"),
        ("my name is Smith and Sons", "Smith and Sons"),
        ("My name is Ann Lee +1 202 555 0123", "Ann Lee"),
        ("my name is Ann ann@example.com", "Ann"),
        ("My name is: Ann", "Ann"),
        ("我叫王芳和我的电话是13812345678", "王芳"),
        ("我叫王和平", "王和平"),
        ("我叫王芳13812345678", "王芳"),
    ] {
        let filled = fill(&specs(), &turn(text, None));
        let name = filled.values.iter().find(|(slot, _)| slot == "name");
        let name = name.map(|(_, value)| value.to_string());
        assert_eq!(name.as_deref(), Some(expect), "{text}");
    }
    check("My name isn't important", None, &[]);
    check("My name isn't important", Some("name"), &[]);
    check("My name is not important", Some("name"), &[]);
    check("my name issue", None, &[]);
}

#[test]
fn an_address_that_is_not_to_be_used_is_not_taken() {
    check(
        "Do not use ann@old.example, write to ann@new.example",
        None,
        &[("email", "ann@new.example")],
    );
    check("ann@a.example or bob@b.example", None, &[]);
    refused(
        "ann@a.example or bob@b.example",
        "email",
        Refusal::SeveralMeant,
    );
    check(
        "ann@a.example, bob, once more: ann@a.example",
        None,
        &[("email", "ann@a.example")],
    );
}

#[test]
fn a_day_that_does_not_suit_is_not_taken() {
    check("Friday doesn't work for me", Some("start"), &[]);
    check("周五不行", Some("start"), &[]);
    let today = "2026-11-23".parse().unwrap();
    refused(
        "Last year on 3 March you repaired my brakes",
        "start",
        Refusal::TooEarly(today),
    );
}

#[test]
fn two_values_decide_nothing() {
    check("Team or Business?", None, &[]);
    refused("Team or Business", "plan", Refusal::SeveralMeant);
    refused("2 or 3", "seats", Refusal::SeveralMeant);
}

#[test]
fn what_the_declaration_does_not_allow_is_refused() {
    refused("9000", "seats", Refusal::TooLarge(Decimal::from(5000)));
    refused("0", "seats", Refusal::TooSmall(Decimal::ONE));
    refused("2.5", "seats", Refusal::NotWhole);
    refused("500 USD", "budget", Refusal::OtherCurrency(Currency::EUR));
    let today = "2026-11-23".parse().unwrap();
    refused("yesterday", "start", Refusal::TooEarly(today));
    refused(
        "Ann Miller of the company with the very long name",
        "name",
        Refusal::TooLong(20),
    );
}

#[test]
fn a_value_of_another_kind_is_known_for_it() {
    let money = SlotValue::Money(Money::new(Decimal::ONE, Currency::EUR));
    assert!(SlotKind::Money.holds(&money));
    assert!(!SlotKind::Quantity.holds(&money));
    for (kind, name) in SlotKind::NAMES {
        assert_eq!(kind.name(), name);
    }
}

proptest::proptest! {
    #![proptest_config(crate::proptests::config())]

    #[test]
    fn any_text_is_read_without_panic(text in "(my name is|我叫|and|but|n't|Dr|[.,'+ ]|[0-9]{1,6}|和|我|seats|个|[a-zA-ZßİÀ家店])*") {
        for awaiting in [None, Some("seats"), Some("budget"), Some("name")] {
            fill(&specs(), &turn(&text, awaiting));
        }
    }
}
