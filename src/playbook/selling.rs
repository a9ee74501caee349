//! What a playbook declares, as its customers meet it: slots, stages with needs, promotions,
//! objections, small talk, upsells, scores, tags, hand-offs, opening times and chance.

mod slots;
mod offers;
mod talk;
mod time;
mod wrong;

use consultant_core::{Action, Language, Turn, ports::Playbook};

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
    let actions = playbook.answer(turn).unwrap().actions;
    let Some(Action::Say { text }) = actions.last() else {
        panic!("{actions:?}");
    };
    assert_eq!(text.get(Language::EN), expect, "{expression}");
}

fn actions(turn: &Turn, body: &str) -> Vec<Action> {
    playbook(body).answer(turn).unwrap().actions
}

#[track_caller]
fn fails(turn: &Turn, body: &str, expect: &str) {
    let error = playbook(body).answer(turn).unwrap_err();
    assert!(error.message.contains(expect), "{error}");
}
