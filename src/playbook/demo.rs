//! The demo company's playbook, driven through conversations.

use std::{fmt::Write, time::Duration};

use consultant_core::{Action, Intent, Language, OfferItem, SlotValue, Turn, ports::Playbook};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::{Library, RhaiPlaybook, compile, shop};

fn demo() -> RhaiPlaybook {
    const FILE: &str = "scripts/playbooks/demo.rhai";
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let source = std::fs::read_to_string(format!("{root}/{FILE}")).unwrap();
    let (library, problems) = Library::read(format!("{root}/scripts/lib").as_ref());
    assert_eq!(problems, []);
    let mut playbook =
        compile(FILE, &source, &library).unwrap_or_else(|problems| panic!("{problems:#?}"));
    // A starved machine must not decide a test.
    playbook.time_limit = Duration::from_mins(1);
    playbook
}

/// One message of a scripted conversation, as understanding would find it.
struct Message {
    text: &'static str,
    intent: Intent,
    product: Option<(&'static str, Option<&'static str>)>,
    category: Option<&'static str>,
    quantity: Option<u32>,
}

fn message(text: &'static str, intent: Intent) -> Message {
    Message {
        text,
        intent,
        product: None,
        category: None,
        quantity: None,
    }
}

impl Message {
    fn product(self, id: &'static str, variant: Option<&'static str>) -> Self {
        let product = Some((id, variant));
        Self { product, ..self }
    }

    fn category(self, name: &'static str) -> Self {
        let category = Some(name);
        Self { category, ..self }
    }

    fn quantity(self, pieces: u32) -> Self {
        let quantity = Some(pieces);
        Self { quantity, ..self }
    }
}

fn hear(turn: &mut Turn, message: &Message) {
    message.text.clone_into(&mut turn.text);
    let found = &mut turn.understanding;
    found.intent = message.intent;
    found.products = message
        .product
        .map(|(id, variant)| shop::mention(id, variant))
        .into_iter()
        .collect();
    found.category = message.category.map(str::to_owned);
    found.quantity = message.quantity;
}

fn tell(action: &Action, language: Language) -> String {
    match action {
        Action::Say { text } => format!("say {}", text.get(language)),
        Action::Ask { slot, text } => format!("ask {slot}: {}", text.get(language)),
        Action::Answer => "answer".to_owned(),
        Action::AnswerFrom { entry } => format!("answer from {entry}"),
        Action::Offer { items, .. } => format!("offer {}", goods(items)),
        Action::Upsell { item, .. } => format!("upsell {}", goods(std::slice::from_ref(item))),
        Action::FollowUp {
            after_minutes,
            text,
        } => format!("follow up in {after_minutes} min: {}", text.get(language)),
        Action::Remind {
            after_minutes,
            text,
        } => format!("remind in {after_minutes} min: {}", text.get(language)),
        Action::Goto { stage } => format!("goto {stage}"),
        Action::Set { slot, value } => match value {
            Some(value) => format!("set {slot} = {value}"),
            None => format!("forget {slot}"),
        },
        Action::Score { points, reason } => format!("score {points}: {reason}"),
        Action::Tag { tag, on } => format!("tag {tag}: {on}"),
        Action::ServeAs { who } => format!("serve as {who}"),
        Action::Objection { id } => format!("objection {id}"),
        Action::Escalate { reason, .. } => format!("escalate: {reason}"),
    }
}

fn goods(items: &[OfferItem]) -> String {
    let good = |item: &OfferItem| {
        let variant = item.variant.as_ref().map_or("-", |it| it.as_str());
        format!("{} ({variant}) x {}", item.product, item.quantity)
    };
    items.iter().map(good).collect::<Vec<_>>().join(", ")
}

fn converse(language: Language, messages: &[Message]) -> String {
    let playbook = demo();
    let mut turn = shop::turn();
    turn.first_contact = true;
    turn.turns = 0;
    playbook.first_stage().clone_into(&mut turn.stage);
    turn.understanding.language = language;
    let mut told = String::new();
    for message in messages {
        hear(&mut turn, message);
        let actions = playbook.answer(&turn).unwrap().actions;
        writeln!(told, "[{}] > {}", turn.stage, message.text).unwrap();
        for action in &actions {
            writeln!(told, "    {}", tell(action, language)).unwrap();
        }
        shop::carry(&mut turn, &actions);
    }
    told
}

#[test]
fn ten_turns_in_english() {
    insta::assert_snapshot!(converse(
        Language::EN,
        &[
            message("Hello!", Intent::Greet),
            message("lighting", Intent::Other).category("lighting"),
            message("How much is the desk lamp in oak?", Intent::Price)
                .product("desk-lamp", Some("oak")),
            message("3", Intent::Other).quantity(3),
            message("No, too many", Intent::No),
            message("When would it arrive?", Intent::Delivery),
            message("I'll take two of them", Intent::Order).quantity(2),
            message("yes please", Intent::Yes),
            message("Can I talk to somebody?", Intent::Person),
            message("Thanks, bye", Intent::Goodbye),
        ],
    ));
}

#[test]
fn ten_turns_in_chinese() {
    insta::assert_snapshot!(converse(
        Language::ZH,
        &[
            message("", Intent::Other),
            message("有升降桌吗？", Intent::Stock).product("desk", None),
            message("一张", Intent::Other).quantity(1),
            message("好的", Intent::Yes),
            message("谢谢", Intent::Thanks),
            message("嗯？？", Intent::Other),
            message("啊啊啊", Intent::Other),
            message("我还要两盏黑色台灯", Intent::Order)
                .product("desk-lamp", Some("black"))
                .quantity(2),
            message("送来的桌子坏了！", Intent::Complaint),
            message("再见", Intent::Goodbye),
        ],
    ));
}

#[test]
fn an_unclear_message_is_left_to_the_facts_and_the_model() {
    insta::assert_snapshot!(converse(
        Language::EN,
        &[
            message("qwertz", Intent::Other),
            message("asdf", Intent::Other),
            message("yxcv", Intent::Other),
        ],
    ));
}

#[test]
fn a_person_is_called_at_once_and_only_once() {
    insta::assert_snapshot!(converse(
        Language::EN,
        &[
            message("A human, please", Intent::Person),
            message("Where is the human?", Intent::Person),
        ],
    ));
}

#[test]
fn the_demo_gives_no_reason_for_a_warning() {
    assert_eq!(demo().warnings(), []);
}

fn any_message() -> impl Strategy<Value = Turn> {
    let intent = proptest::sample::select(Intent::NAMES.map(|(intent, _)| intent).to_vec());
    let products = proptest::collection::vec(
        proptest::sample::select(vec![
            ("desk-lamp", None),
            ("desk-lamp", Some("black")),
            ("desk", Some("gone")),
            ("no-longer-sold", None),
        ]),
        0..3,
    );
    let category = proptest::option::of("(lighting|desks|gardening)");
    let quantity = proptest::option::of(prop_oneof![0_u32..5, Just(u32::MAX)]);
    let said = ("\\PC{0,20}", any::<bool>(), any::<bool>());
    (intent, products, category, quantity, said).prop_map(
        |(intent, products, category, quantity, (text, chinese, answered))| {
            let mut turn = shop::turn();
            turn.text = text;
            let found = &mut turn.understanding;
            found.intent = intent;
            found.language = if chinese { Language::ZH } else { Language::EN };
            found.products = products
                .into_iter()
                .map(|(id, variant)| shop::mention(id, variant))
                .collect();
            found.category = category;
            found.quantity = quantity;
            found.faq = answered
                .then(|| shop::hit("returns", 0.4))
                .into_iter()
                .collect();
            turn
        },
    )
}

/// Slots as a customer, an older playbook or a colleague may have left them.
fn any_slot() -> impl Strategy<Value = (String, SlotValue)> {
    let name = "(product|variant|quantity|category|seats)";
    let value = prop_oneof![
        Just(SlotValue::Text("desk-lamp".into())),
        Just(SlotValue::Text("no-longer-sold".into())),
        Just(SlotValue::Text("oak".into())),
        Just(SlotValue::Number(Decimal::new(25, 1))),
        Just(SlotValue::Number(Decimal::from(2))),
        Just(SlotValue::Flag(true)),
    ];
    (name, value)
}

proptest! {
    // A file of regressions would be written beside the crates, where the workspace looks for them.
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_conversation_is_answered(
        messages in proptest::collection::vec(any_message(), 1..12),
        slots in proptest::collection::vec(any_slot(), 0..4),
        stage in "(greet|advise|offer|close|haggle)",
        awaiting in proptest::option::of("(quantity|category|email)"),
        first_contact: bool,
        escalated: bool,
    ) {
        thread_local! {
            static DEMO: RhaiPlaybook = demo();
        }
        let mut state = shop::turn();
        state.slots = slots.into_iter().collect();
        state.stage = stage;
        state.awaiting = awaiting;
        state.first_contact = first_contact;
        state.escalated = escalated;
        for heard in messages {
            state.text = heard.text;
            state.understanding = heard.understanding;
            let actions = DEMO.with(|demo| demo.answer(&state).map(|it| it.actions));
            prop_assert!(actions.is_ok(), "{:?} for {:?}", actions, state.understanding);
            let actions = actions.unwrap();
            let speaks = actions.iter().any(|action| {
                matches!(action, Action::Say { .. } | Action::Ask { .. } | Action::Answer | Action::Offer { .. })
            });
            prop_assert!(speaks, "silence: {:?}", actions);
            shop::carry(&mut state, &actions);
        }
    }
}
