//! What a playbook may answer, what is refused, and what a script sees of a turn.

use consultant_core::{Intent, Language, SlotValue};
use rust_decimal::Decimal;

use super::*;
use crate::{Library, compile, shop};

const STAGES: &str = "fn stages() { [\n  stage(\"greet\", [\"advise\"]),\n  stage(\"advise\", [\"close\"]),\n  stage(\"close\", []),\n] }\n";

/// The body begins on line 7.
fn playbook(body: &str) -> RhaiPlaybook {
    let source = format!("{STAGES}fn reply(turn) {{\n{body}\n}}");
    compile("x.rhai", &source, &Library::empty()).unwrap()
}

/// A turn with something in every field.
fn rich_turn() -> Turn {
    let mut turn = shop::turn();
    turn.text = "两盏台灯？".into();
    turn.awaiting = Some("quantity".into());
    turn.slots
        .insert("seats".into(), SlotValue::Number(Decimal::from(4)));
    turn.slots
        .insert("budget".into(), SlotValue::Number(Decimal::new(1995, 2)));
    turn.slots.insert("gift".into(), SlotValue::Flag(true));
    turn.slots
        .insert("product".into(), SlotValue::Text("desk".into()));
    turn.understanding.language = Language::ZH;
    turn.understanding.intent = Intent::AfterSales;
    turn.understanding.products = vec![
        shop::mention("no-longer-sold", None),
        shop::mention("desk-lamp", Some("oak")),
    ];
    turn.understanding.category = Some("lighting".into());
    turn.understanding.quantity = Some(2);
    turn.understanding.number = Some(Decimal::new(25, 1));
    turn.understanding.faq = vec![shop::hit("returns", 0.7)];
    turn
}

/// An expression, as text, seen by a script.
#[track_caller]
fn sees(expression: &str, expect: &str) {
    // Somewhere the playbook fills any slot.
    let fills = "fn _fill(slot) { set(slot, 1) }";
    let playbook = playbook(&format!(
        "[say(`${{{expression}}}`)] }} {fills} fn _end() {{"
    ));
    let actions = playbook.answer(&rich_turn()).unwrap().actions;
    let [Action::Say { text }] = actions.as_slice() else {
        panic!("{actions:?}");
    };
    assert_eq!(text.get(Language::EN), expect, "{expression}");
}

#[test]
fn a_script_sees_the_whole_turn() {
    sees("turn.text", "两盏台灯？");
    sees("turn.language", "zh");
    sees("turn.intent", "after_sales");
    sees("turn.confidence > 0.5", "true");
    sees("turn.stage", "greet");
    sees("turn.awaiting", "quantity");
    sees("turn.first_contact || turn.escalated", "false");
    sees("turn.reachable", "true");
    sees("turn.turns + 1", "2");
    sees("turn.category", "lighting");
    sees("turn.quantity * 2", "4");
    sees("turn.number + 1", "3.5");
    sees("type_of(turn.number)", "decimal");
    sees("turn.faq[0].id", "returns");
    sees("turn.faq[0].score >= 0.6", "true");
}

#[test]
fn a_number_without_decimals_is_an_integer() {
    let playbook = playbook("[say(`${type_of(turn.number)}: ${turn.number * 2}`)]");
    let mut turn = rich_turn();
    turn.understanding.number = Some(Decimal::from(7));
    let actions = playbook.answer(&turn).unwrap().actions;
    let [Action::Say { text }] = actions.as_slice() else {
        panic!("{actions:?}");
    };
    assert_eq!(text.get(Language::EN), "i64: 14");
}

#[test]
fn a_script_sees_slots_as_a_map() {
    sees("turn.slots.seats + 1", "5");
    sees("turn.slots[\"seats\"] == 4", "true");
    sees("turn.slots.budget + turn.slots.budget", "39.90");
    sees("turn.slots.gift", "true");
    sees("product(turn.slots.product).name(\"en\")", "Standing Desk");
    sees("turn.slots.unknown == ()", "true");
    sees("\"seats\" in turn.slots", "true");
    sees("\"unknown\" in turn.slots", "false");
}

#[test]
fn a_script_sees_products_in_the_customers_language() {
    sees("turn.products.len", "1");
    sees("turn.products[0].id", "desk-lamp");
    sees("turn.products[0].name", "台灯");
    sees("turn.products[0].name(\"en\")", "Desk Lamp");
    sees("turn.products[0].variant.name", "橡木");
    sees("turn.products[0].variants[1].stock", "0");
    sees("turn.products[0].stock", "12");
    sees("product(\"desk\").variant == ()", "true");
    sees("products_in(\"desks\")[0].id", "desk");
    sees("products_in(\"nothing\").len", "0");
    sees("categories()[0]", "lighting");
    sees("has_product(\"desk\")", "true");
    sees("has_product(()) || has_product(\"gone\")", "false");
}

#[test]
fn money_is_decimal_and_exact() {
    sees("money(product(\"desk-lamp\").lowest_price)", "45.50 EUR");
    sees(
        "money(product(\"desk-lamp\").variants[1].price * 3)",
        "136.50 EUR",
    );
    sees("money(329)", "329 EUR");
    sees(
        "product(\"desk-lamp\").variants[1].price * 10 == 455",
        "true",
    );
    sees("type_of(product(\"desk\").highest_price)", "decimal");
}

#[test]
fn every_action_reaches_the_engine() {
    let playbook = playbook(
        r#"[
    say(#{ en: "Hi", zh: "你好" }), ask("seats", "How many?"), answer(),
    offer("desk"), offer("desk-lamp", "oak"), offer("desk", 2),
    offer(turn.products[0], turn.products[0].variant, turn.quantity),
    set("a", 1), set("b", 19.95.to_decimal()), set("c", true), set("d", "x"), set("e", ()),
    goto("advise"), goto("close"), goto("close"), escalate("because"),
]"#,
    );
    let actions = playbook.answer(&rich_turn()).unwrap().actions;
    insta::assert_debug_snapshot!(actions);
}

#[track_caller]
fn refused(body: &str, line: usize, expect: &str) {
    let error = playbook(body).answer(&rich_turn()).unwrap_err();
    assert!(
        error.message.contains(expect),
        "expected `{expect}`, got: {error}"
    );
    let at = (line > 0).then_some(line);
    assert_eq!((error.file.as_str(), error.line), ("x.rhai", at), "{error}");
}

#[test]
fn wrong_stages_are_refused() {
    refused(
        "[answer(),\n goto(\"cl\" + \"ose\")]",
        8,
        "does not let `close` follow `greet`",
    );
    refused("[goto(\"advice\" + \"\")]", 7, "did you mean `advise`?");
    refused(
        "[goto(\"advise\"), goto(\"greet\")]",
        7,
        "does not let `greet` follow `advise`",
    );
}

#[test]
fn a_stage_of_an_older_version_may_be_left_for_any() {
    let mut turn = rich_turn();
    turn.stage = "haggle".into();
    assert!(playbook("[goto(\"close\")]").answer(&turn).is_ok());
    assert!(playbook("[answer()]").answer(&turn).is_ok());
}

#[test]
fn wrong_offers_are_refused() {
    refused(
        "\n[offer(\"dekk\")]",
        8,
        "no product `dekk`; did you mean `desk`?",
    );
    refused(
        "[offer(\"desk\", \"oak\")]",
        7,
        "`desk` has no variant `oak`",
    );
    for quantity in ["0", "-1", "5000000000", "1.5", "turn.number", "\"two\""] {
        refused(
            &format!("[offer(\"desk\", (), {quantity})]"),
            7,
            "whole and at least 1",
        );
    }
    refused("[offer(1)]", 7, "is a product or its id");
    refused("product(\"gone\")", 7, "no product `gone`");
}

#[test]
fn wrong_texts_are_refused() {
    refused("let t = \"\"; [say(t)]", 7, "empty");
    refused("let t = #{ zh: \"好\" }; [say(t)]", 7, "no English");
    refused("let t = 1; [ask(\"seats\", t)]", 7, "a text is a string");
    refused(
        "let t = \"x\"; t.pad(20000, 'x'); [say(t)]",
        7,
        "the most is 16384",
    );
    refused("[ask(\"my slot\", \"x\")]", 7, "cannot name a slot");
    refused(
        "let s = \"x\"; s.pad(2000, 'x'); [set(\"a\", s)]",
        7,
        "at most 1024 bytes",
    );
    refused("[set(\"a\", [1])]", 7, "a slot keeps");
    refused("[escalate(\" \")]", 7, "a reason to escalate");
}

#[test]
fn what_is_no_list_of_actions_is_refused() {
    // Of these no line of its own is known: that of the function is told.
    refused("answer()", 6, "must return a list");
    refused("()", 6, "must return a list");
    refused("[]", 6, "silence");
    refused("[answer(), ()]", 6, "nothing");
    refused("[[answer()]]", 6, "a list within the list");
    refused("[\"hello\"]", 6, "string");
}

#[test]
fn a_script_may_throw_and_its_line_is_told() {
    refused("\n\nthrow \"no idea\";", 9, "no idea");
    refused("let m = #{ a: 1 }; m.b", 7, "b");
    refused("let x = [1][5];", 7, "5");
    refused("let x = 1 / 0;", 7, "zero");
}

#[test]
fn an_error_in_a_module_names_the_module() {
    let mut library = Library::empty();
    let module = "fn greet() {\n  throw \"broken\"\n}\nfn jump() {\n  goto(\"close\")\n}";
    library.add("texts", "lib/texts.rhai", module).unwrap();
    let source = format!(
        "import \"texts\" as t;\n{STAGES}fn reply(turn) {{ if turn.quantity == 2 {{ t::greet() }} else {{ [t::jump()] }} }}"
    );
    let playbook = compile("x.rhai", &source, &library).unwrap();
    let mut turn = rich_turn();
    let error = playbook.answer(&turn).unwrap_err();
    assert_eq!(error.to_string(), "lib/texts.rhai:2: broken");
    turn.understanding.quantity = None;
    let error = playbook.answer(&turn).unwrap_err();
    assert!(
        error.to_string().starts_with("lib/texts.rhai:5: "),
        "{error}"
    );
}

#[test]
fn a_novel_of_a_message_is_shortened_not_refused() {
    let mut turn = rich_turn();
    turn.text = "长".repeat(100_000);
    let playbook = playbook("[say(`${turn.text.len}`)]");
    let said = format!("{:?}", playbook.answer(&turn).unwrap());
    assert!(said.contains("4096"), "{said}");
}

#[test]
fn the_version_is_the_content_of_the_script_and_its_imports() {
    let version = |script: &str, module: &str, unused: &str| {
        let mut library = Library::empty();
        library.add("texts", "lib/texts.rhai", module).unwrap();
        library.add("unused", "lib/unused.rhai", unused).unwrap();
        let source = format!("import \"texts\" as t;\n{STAGES}fn reply(turn) {{ {script} }}");
        let playbook = compile("x.rhai", &source, &library).unwrap();
        playbook.version().as_str().to_owned()
    };
    let first = version("[answer()]", "const A = 1;", "");
    assert_eq!(first.len(), 16);
    assert!(first.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(first, version("[answer()]", "const A = 1;", "const B = 1;"));
    assert_ne!(first, version("[answer() ]", "const A = 1;", ""));
    assert_ne!(first, version("[answer()]", "const A = 2;", ""));
}

#[test]
fn a_conversation_begins_in_the_first_stage() {
    let playbook = playbook("[answer()]");
    assert_eq!(playbook.first_stage(), "greet");
    assert_eq!(
        playbook.stages().collect::<Vec<_>>(),
        ["greet", "advise", "close"]
    );
    assert_eq!(playbook.file(), "x.rhai");
}
