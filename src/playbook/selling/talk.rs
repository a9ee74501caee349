//! What is said to objections and to small talk, what is noted of a lead, and when a person is called.

use consultant_core::{Intent, Points, Priority, SlotValue};

use super::*;

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
