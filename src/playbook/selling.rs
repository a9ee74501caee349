//! What a playbook declares, as its customers meet it: slots, stages with needs, promotions,
//! objections, small talk, upsells, scores, tags, hand-offs, opening times and chance.

use std::sync::Arc;

use consultant_core::{
    Action, BusinessHours, Intent, Language, OpenFor, Points, Priority, SlotValue, Turn,
    ports::Playbook,
};
use jiff::{civil::Time, tz::TimeZone};
use rust_decimal::Decimal;

use crate::{Library, RhaiPlaybook, compile, shop};

const DECLARED: &str = r#"
fn stages() {
    [
        stage("greet", ["advise", "offer"]),
        stage("advise", ["offer"]),
        stage("offer", ["close"]).needs(["seats"]),
        stage("close", []).needs(["seats", "email"]).last(),
    ]
}
fn slots() {
    [
        slot("seats", "quantity").required().words(["seats", "席位"]).at_most(500)
            .ask(#{ en: "How many seats?", zh: "需要几个席位？" }),
        slot("budget", "money").words(["budget"]).ask("What is your budget?")
            .again("Roughly, what is your budget?"),
        slot("plan", "choice").options(["team", option("business", ["Business", "企业版"])]),
        slot("start", "date").not_past().ask("From when?"),
        slot("email", "email").required().ask("Where can we write to you?"),
    ]
}
fn promotions() {
    [
        promotion("three", #{ en: "10% off from 3 lamps", zh: "三盏九折" })
            .percent(10).on("desk-lamp").min_pieces(3),
        promotion("office", #{ en: "Home office bundle" })
            .amount_off(30.5).bundle(["desk-lamp", "desk"]).ends("2026-11-30"),
        promotion("gone", #{ en: "Last year's" }).percent(90).ends("2025-12-31"),
    ]
}
fn objections() {
    [objection("price", ["too expensive", "太贵"], [
        #{ en: "It lasts for ten years.", zh: "能用十年。" },
        #{ en: "There is a smaller one." },
    ])]
}
fn small_talk() { [topic("weather", ["weather", "天气"], #{ en: "I cannot see outside." })] }
fn upsells() { [goes_with("desk", "desk-lamp", #{ en: "A lamp goes well with it." })] }
"#;

fn playbook(body: &str) -> RhaiPlaybook {
    let source = format!("{DECLARED}\nfn reply(turn) {{\n{body}\n}}");
    compile("x.rhai", &source, &Library::empty()).unwrap_or_else(|it| panic!("{it:#?}"))
}

fn says(text: &str) -> Turn {
    let mut turn = shop::turn();
    turn.text = text.to_owned();
    turn
}

/// An expression, as text, seen by a script in a turn.
#[track_caller]
fn sees(turn: &Turn, expression: &str, expect: &str) {
    let playbook = playbook(&format!("[say(`${{{expression}}}`)]"));
    let actions = playbook.answer(turn).unwrap();
    let Some(Action::Say { text }) = actions.last() else {
        panic!("{actions:?}");
    };
    assert_eq!(text.get(Language::EN), expect, "{expression}");
}

fn actions(turn: &Turn, body: &str) -> Vec<Action> {
    playbook(body).answer(turn).unwrap()
}

#[track_caller]
fn fails(turn: &Turn, body: &str, expect: &str) {
    let error = playbook(body).answer(turn).unwrap_err();
    assert!(error.message.contains(expect), "{error}");
}

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
fn an_objection_is_answered_differently_the_second_time() {
    let mut turn = says("That is too expensive!");
    sees(&turn, "turn.objection.id", "price");
    let body = "if turn.objection != () { [say(turn.objection.answer)] } else { [answer()] }";
    let first = actions(&turn, body);
    assert_eq!(
        first[0],
        Action::Objection {
            id: "price".to_owned()
        }
    );
    let Action::Say { text } = &first[1] else {
        panic!("{first:?}");
    };
    assert_eq!(text.get(Language::ZH), "能用十年。");
    for times in [1, 7] {
        turn.objections.insert("price".to_owned(), times);
        sees(
            &turn,
            "local(turn.objection.answer)",
            "There is a smaller one.",
        );
    }
    sees(&says("hello"), "turn.objection == ()", "true");
}

#[test]
fn small_talk_has_its_own_answer() {
    let turn = says("今天天气真好");
    sees(&turn, "turn.small_talk.id", "weather");
    sees(
        &turn,
        "local(turn.small_talk.answer)",
        "I cannot see outside.",
    );
    sees(&says("whether"), "turn.small_talk == ()", "true");
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

#[test]
fn a_lead_has_a_score_with_reasons_and_tags() {
    let mut turn = says("");
    turn.points = vec![
        Points {
            points: 20,
            reason: "asked for an offer".to_owned(),
        },
        Points {
            points: -5,
            reason: "far away".to_owned(),
        },
    ];
    turn.tags.insert("vip".to_owned());
    sees(&turn, "turn.score", "15");
    sees(&turn, "turn.reasons[1]", "far away");
    sees(&turn, "\"vip\" in turn.tags", "true");
    let made = actions(
        &turn,
        "[score(30, \"large\"), tag(\"school\"), untag(\"vip\"), answer()]",
    );
    let tag = |tag: &str, on| Action::Tag {
        tag: tag.to_owned(),
        on,
    };
    let score = Action::Score {
        points: 30,
        reason: "large".to_owned(),
    };
    assert_eq!(
        made,
        [
            score,
            tag("school", true),
            tag("vip", false),
            Action::Answer
        ]
    );
    fails(&turn, "[score(5000, \"huge\")]", "at most 1000");
    fails(&turn, "[score(5, \" \")]", "a score has 1 to");
    fails(&turn, "[tag(\"\")]", "a tag has 1 to");
}

#[test]
fn a_hand_off_says_something_and_calls_somebody() {
    let body = "hand_off(\"wants a demo\", #{ en: \"A colleague will write.\" }, \
                #{ priority: \"high\", team: \"sales\" })";
    let made = actions(&says(""), body);
    let escalated = Action::Escalate {
        reason: "wants a demo".to_owned(),
        priority: Priority::High,
        team: Some("sales".to_owned()),
    };
    assert_eq!(made.len(), 2);
    assert_eq!(made[1], escalated);
    fails(
        &says(""),
        "[escalate(\"x\", #{ priority: \"hihg\" })]",
        "did you mean `high`?",
    );
    fails(
        &says(""),
        "[escalate(\"x\", #{ prio: \"high\" })]",
        "an escalation has no `prio`",
    );
    fails(
        &says(""),
        "[escalate(\"x\", #{ team: \" \" })]",
        "a team has a name",
    );
}

/// Open on weekdays from nine to six, an hour east of Greenwich.
fn hours() -> BusinessHours {
    BusinessHours {
        zone: TimeZone::fixed(jiff::tz::offset(1)),
        open: (1..=5)
            .map(|weekday| OpenFor {
                weekday,
                from: Time::constant(9, 0, 0, 0),
                until: Time::constant(18, 0, 0, 0),
            })
            .collect(),
        closed: std::collections::BTreeSet::new(),
    }
}

#[test]
fn a_script_knows_the_day_and_whether_people_are_there() {
    let mut turn = says("");
    // Without opening times somebody is always there.
    sees(
        &turn,
        "turn.open && !turn.hours_known && turn.opens_at == ()",
        "true",
    );
    sees(&turn, "turn.open_on(turn.today)", "true");
    let mut catalog = (*turn.catalog).clone();
    catalog.company.hours = Some(hours());
    turn.catalog = Arc::new(catalog);
    sees(&turn, "turn.open", "true");
    sees(&turn, "turn.now.hour", "13");
    sees(&turn, "`${turn.now} ${turn.now.weekday}`", "13:00 monday");
    turn.now = "2026-11-27T23:30:00Z".parse().unwrap();
    sees(&turn, "turn.open", "false");
    sees(&turn, "turn.today", "2026-11-28");
    sees(&turn, "turn.opens_at.date.weekday", "monday");
    sees(&turn, "turn.opens_at.date.written()", "30 November 2026");
    sees(
        &turn,
        "turn.opens_at.date.written(\"zh\")",
        "2026年11月30日",
    );
    sees(
        &turn,
        "turn.today.plus_days(2) == turn.opens_at.date",
        "true",
    );
    sees(&turn, "turn.today.days_until(date(\"2026-12-24\"))", "26");
    sees(&turn, "turn.today < date(\"2026-12-24\")", "true");
    sees(&turn, "turn.now.minutes_until(turn.opens_at) / 60", "56");
    sees(&turn, "turn.open_on(date(\"2026-11-29\"))", "false");
    sees(&turn, "turn.open_on(date(\"2026-11-30\"))", "true");
    fails(&turn, "[say(`${date(\"24.12.2026\")}`)]", "a day such as");
}

#[test]
fn a_script_knows_what_was_said_and_who_says_it() {
    let mut turn = says("remind me, please");
    sees(&turn, "turn.says([\"remind me\", \"提醒我\"])", "true");
    sees(&turn, "turn.says(\"mind\")", "false");
    sees(&turn, "turn.customer.channel", "telegram");
    sees(&turn, "turn.customer.since", "2026-11-20");
    sees(&turn, "turn.customer.returning", "false");
    turn.customer.last_said_at = Some("2026-11-22T12:00:00Z".parse().unwrap());
    sees(&turn, "turn.customer.returning", "true");
    turn.history.push(consultant_core::Line {
        speaker: consultant_core::Speaker::Bot,
        text: "Hello!".to_owned(),
    });
    sees(
        &turn,
        "`${turn.history[0].speaker}: ${turn.history[0].text}`",
        "bot: Hello!",
    );
    turn.slots.insert("gift".to_owned(), SlotValue::Flag(true));
    turn.tags.insert("vip".to_owned());
    let summary = "stage greet, gift true, #vip; says \"remind me, please\"";
    sees(&turn, "turn.summary", summary);
}

#[test]
fn chance_is_the_same_for_the_same_turn_and_another_for_the_next() {
    let turn = says("");
    let playbook = playbook("[say(`${pick([1, 2, 3, 4, 5, 6])} ${pick([1, 2, 3, 4, 5, 6])}`)]");
    let rolled = |seed: u64| {
        let mut turn = turn.clone();
        turn.seed = seed;
        format!("{:?}", playbook.answer(&turn).unwrap())
    };
    assert_eq!(rolled(1), rolled(1));
    let different: std::collections::BTreeSet<String> = (0..200).map(rolled).collect();
    assert!(different.len() > 25, "{} of 36", different.len());
    sees(&turn, "chance(0) || !chance(100)", "false");
    fails(&turn, "[say(`${chance(101)}`)]", "0 to 100 percent");
    fails(&turn, "[say(`${pick([])}`)]", "not empty");
}

#[track_caller]
fn refused(from: &str, to: &str, expect: &str) {
    assert!(DECLARED.contains(from), "{from}");
    let source = format!(
        "{}\nfn reply(turn) {{ [answer()] }}",
        DECLARED.replacen(from, to, 1)
    );
    let problems = compile("x.rhai", &source, &Library::empty()).unwrap_err();
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(
        told.iter().any(|it| it.contains(expect)),
        "{expect}: {told:#?}"
    );
    assert!(problems.iter().all(|it| it.line.is_some()), "{problems:#?}");
}

#[test]
fn what_is_declared_wrong_is_told_with_its_line() {
    refused("\"quantity\"", "\"quantty\"", "did you mean `quantity`?");
    refused(
        "slot(\"budget\"",
        "slot(\"seats\"",
        "there are two slots `seats`",
    );
    refused(
        ".options([\"team\", option(\"business\", [\"Business\", \"企业版\"])])",
        "",
        "choice without options",
    );
    refused(
        ".ask(\"Where can we write to you?\")",
        "",
        "nobody can ask for it",
    );
    refused(".not_past()", ".at_most(5)", "limits of a number");
    refused(
        ".needs([\"seats\"])",
        ".needs([\"seat\"])",
        "did you mean `seats`?",
    );
    refused(".percent(90)", "", "takes nothing off");
    refused(".percent(90)", ".percent(120)", "at most 100 percent");
    refused(
        ".ends(\"2026-11-30\")",
        ".starts(\"2026-12-01\").ends(\"2026-11-30\")",
        "ends before it starts",
    );
    refused("2025-12-31", "31.12.2025", "a day such as");
    refused("30.5", "30.555", "two decimals");
    refused(
        "promotion(\"office\"",
        "promotion(\"three\"",
        "there are two promotions `three`",
    );
    refused("[\"too expensive\", \"太贵\"]", "[]", "words to know it by");
    refused("[\"weather\", \"天气\"]", "[\"weather\", \"\"]", "is empty");
    refused(
        "[goes_with(\"desk\", \"desk-lamp\", #{ en: \"A lamp goes well with it.\" })]",
        "[1]",
        "no list of upsells",
    );
}

#[test]
fn an_intent_is_at_hand() {
    let mut turn = says("");
    turn.understanding.intent = Intent::Price;
    sees(&turn, "turn.intent in [\"price\", \"stock\"]", "true");
}

#[test]
fn a_summary_fits_into_the_reason_of_an_escalation() {
    let mut turn = says(&"请人工帮忙".repeat(60));
    for slot in ["wish", "address", "note"] {
        let long = SlotValue::Text("很长".repeat(300));
        turn.slots.insert(slot.to_owned(), long);
    }
    let made = actions(&turn, "[escalate(turn.summary)]");
    let [Action::Escalate { reason, .. }] = made.as_slice() else {
        panic!("{made:?}");
    };
    assert!(
        reason.ends_with('"') && reason.contains("请人工帮忙"),
        "{reason}"
    );
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

#[test]
fn a_day_beside_a_text_is_told() {
    for wrong in [
        "turn.today >= \"2026-12-18\"",
        "\"2026-12-18\" == turn.today",
        "turn.today in [\"2026-12-24\"]",
    ] {
        fails(&says(""), &format!("[say(`${{{wrong}}}`)]"), "write `date(");
    }
}

#[test]
fn half_a_minute_is_a_minute_and_not_none() {
    let mut turn = says("");
    let mut catalog = (*turn.catalog).clone();
    catalog.company.hours = Some(hours());
    turn.catalog = Arc::new(catalog);
    turn.now = "2026-11-23T07:59:30Z".parse().unwrap();
    sees(&turn, "turn.now.minutes_until(turn.opens_at)", "1");
    sees(&turn, "turn.opens_at.minutes_until(turn.now)", "0");
}

#[test]
fn to_stay_is_always_possible() {
    let mut turn = says("");
    turn.stage = "offer".to_owned();
    sees(&turn, "turn.can_go(\"offer\")", "true");
}

#[test]
fn a_list_of_nothing_lowers_and_declares_nothing() {
    refused(".on(\"desk-lamp\")", ".on([])", "name at least one");
    refused(
        ".on(\"desk-lamp\")",
        ".in_category([])",
        "name at least one",
    );
    refused(
        ".bundle([\"desk-lamp\", \"desk\"])",
        ".bundle([])",
        "name at least one",
    );
    refused(
        ".at_most(500)",
        ".at_least(10).at_most(5)",
        "accepts no number",
    );
    let source = "fn stages() { [stage(\"talk\", [])] }\nfn promotions() { [] }\n\
                  fn reply(turn) { if turn.text == \"\" { [answer()] } else { [answer()] } }";
    assert!(compile("x.rhai", source, &Library::empty()).is_ok());
}

#[test]
fn a_stage_of_a_module_is_told_where_it_stands() {
    let mut library = Library::empty();
    let funnel = "// The funnel.\n\nfn lines() {\n    [stage(\"talk\", [\"gone\"])]\n}";
    library.add("funnel", "lib/funnel.rhai", funnel).unwrap();
    let source = "import \"funnel\" as f;\nfn stages() { f::lines() }\n\
                  fn reply(turn) { if turn.text == \"\" { [answer()] } else { [answer()] } }";
    let problems = compile("x.rhai", source, &library).unwrap_err();
    let told = problems[0].to_string();
    assert!(told.starts_with("lib/funnel.rhai:4:"), "{told}");
}
