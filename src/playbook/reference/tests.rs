//! Nothing is forgotten, nothing is invented, and every example works.

use std::{collections::BTreeSet, fmt::Write, sync::Arc};

use consultant_core::{BusinessHours, Faq, FaqEntry, OpenFor, Scope, Turn, ports::Playbook};
use jiff::{civil::Time, tz::TimeZone};
use rhai::Engine;

use super::*;
use crate::{
    Library, RuleScripts,
    api::{EXCHANGE_PROPERTIES, TURN_PROPERTIES},
    compile::{engine_of_all, new_engine},
    compile_faq, compile_with_rules, declare,
    lint::Role,
    sandbox, shop,
};

/// Kind, type that it belongs to, name, and how many values it takes besides.
type Thing = (Kind, Option<String>, String, usize);

/// What is registered for the engine's own use: how a value looks in an error.
const INTERNAL: [&str; 1] = ["to_debug"];

/// What registering the API adds to the sandbox.
fn registered() -> BTreeSet<Thing> {
    let before = functions(&sandbox::engine());
    let after = functions(&engine_of_all());
    let added = after.difference(&before);
    added
        .filter(|(name, _)| !INTERNAL.contains(&name.as_str()))
        .map(|(name, parameters)| thing(name, parameters))
        // Operators of no type of ours are there to be refused: a text beside a day.
        .filter(|(kind, _, name, _)| *kind != Kind::Function || is_name(name))
        .collect()
}

fn is_name(name: &str) -> bool {
    name.chars().all(|it| it.is_alphanumeric() || it == '_')
}

/// Names of functions with the types that they take.
fn functions(engine: &Engine) -> BTreeSet<(String, Vec<String>)> {
    let found = engine.collect_fn_metadata(
        None,
        |info| {
            let parameters = info.metadata.params_info.iter();
            let parameters = parameters.map(|it| type_of_parameter(it)).collect();
            Some((info.metadata.name.to_string(), parameters))
        },
        true,
    );
    found.into_iter().collect()
}

fn type_of_parameter(parameter: &str) -> String {
    let kind = parameter
        .split_once(':')
        .map_or(parameter, |(_, kind)| kind);
    kind.trim().trim_start_matches("&mut ").to_owned()
}

fn thing(name: &str, parameters: &[String]) -> Thing {
    let owners: BTreeSet<&str> = entries().filter_map(|it| it.on).collect();
    let owner = parameters.first().filter(|it| owners.contains(it.as_str()));
    let values = parameters.len() - usize::from(owner.is_some());
    let owner = owner.cloned();
    if let Some(property) = name.strip_prefix("get$") {
        return (Kind::Property, owner, property.to_owned(), values);
    }
    if name == "index$get$" {
        return (Kind::Operator, owner, "[]".to_owned(), values);
    }
    let kind = match &owner {
        None => Kind::Function,
        Some(_) if is_name(name) => Kind::Method,
        Some(_) => Kind::Operator,
    };
    (kind, owner, name.to_owned(), values)
}

fn documented() -> BTreeSet<Thing> {
    let callable = entries().filter(|it| it.kind != Kind::Written);
    let things = callable.flat_map(|entry| {
        entry.signatures.iter().map(|signature| {
            let signature = Signature::read(signature);
            let owner = entry.on.map(str::to_owned);
            let values = signature.parameters.len();
            (entry.kind, owner, signature.name.to_owned(), values)
        })
    });
    things.collect()
}

#[test]
fn all_that_is_registered_is_documented_and_nothing_else() {
    let (registered, documented) = (registered(), documented());
    let forgotten: Vec<_> = registered.difference(&documented).collect();
    let invented: Vec<_> = documented.difference(&registered).collect();
    assert!(
        forgotten.is_empty() && invented.is_empty(),
        "add these to src/playbook/reference: {forgotten:#?}\nthese are not registered: {invented:#?}"
    );
}

#[test]
fn the_functions_that_the_engine_calls_are_documented() {
    let documented: BTreeSet<&str> = entries()
        .filter(|it| it.kind == Kind::Written)
        .map(Entry::name)
        .collect();
    let declaring = declare::DECLARING.iter().map(|(name, _)| *name);
    let called = ["reply", "migrate", "escalation", "faq_draft"];
    assert_eq!(documented, declaring.chain(called).collect());
}

#[test]
fn a_turn_has_the_documented_properties() {
    let documented: BTreeSet<&str> = entries()
        .filter(|it| it.kind == Kind::Property && it.on == Some("Turn"))
        .map(Entry::name)
        .collect();
    assert_eq!(documented, BTreeSet::from(TURN_PROPERTIES));
}

#[test]
fn an_exchange_has_the_documented_properties() {
    let documented: BTreeSet<&str> = entries()
        .filter(|it| it.kind == Kind::Property && it.on == Some("Exchange"))
        .map(Entry::name)
        .collect();
    assert_eq!(documented, BTreeSet::from(EXCHANGE_PROPERTIES));
}

/// The functions that registering adds to the sandbox.
fn words(role: Role) -> BTreeSet<String> {
    let before = functions(&sandbox::engine());
    let after = functions(&new_engine(role));
    let added = after.difference(&before);
    let added = added.map(|(name, parameters)| thing(name, parameters));
    added
        .filter(|(kind, _, name, _)| *kind == Kind::Function && is_name(name))
        .map(|(_, _, name, _)| name)
        .filter(|name| !INTERNAL.contains(&name.as_str()))
        .collect()
}

#[test]
fn rules_have_the_words_that_are_told_and_no_others() {
    let intro = rules::ESCALATION.intro;
    let (_, told) = intro.split_once("the actions ").unwrap();
    let (told, _) = told.split_once(". ").unwrap();
    let told = told.split('`').skip(1).step_by(2).map(str::to_owned);
    assert_eq!(words(Role::Escalation), told.collect());
    assert_eq!(words(Role::Faq), BTreeSet::from(["draft".to_owned()]));
}

#[test]
fn a_thing_is_documented_once_and_wholly() {
    let mut seen = BTreeSet::new();
    for entry in entries() {
        let name = (entry.kind, entry.on, entry.name());
        assert!(seen.insert(name), "{name:?} is documented twice");
        assert!(entry.what.ends_with('.'), "{name:?}: {}", entry.what);
        for text in entry.signatures {
            let signature = Signature::read(text);
            let parameters = &signature.parameters;
            let typed = parameters.iter().all(|it| !it.kind.is_empty());
            assert!(typed && !signature.returns.is_empty(), "{text}");
            assert_eq!(signature.name, entry.name(), "{text}");
        }
    }
}

/// What an example may lean on, where it does not say it itself.
const AROUND: [(&str, &str); 7] = [
    (
        "stages",
        r#"[stage("greet", ["advise", "offer"]), stage("advise", ["offer"]), stage("offer", []).needs(["seats"])]"#,
    ),
    (
        "slots",
        r#"[slot("seats", "quantity").required().words(["seats"]).ask("How many seats?"), slot("email", "email").ask("Where can we write to you?"), slot("plan", "choice").options(["team"])]"#,
    ),
    (
        "promotions",
        r#"[promotion("three", "10% off").percent(10).on("desk-lamp").min_pieces(3), promotion("winter", "Winter sale").percent(1)]"#,
    ),
    (
        "objections",
        r#"[objection("price", ["too expensive"], "It lasts.")]"#,
    ),
    (
        "small_talk",
        r#"[topic("weather", ["weather"], "I cannot see outside.")]"#,
    ),
    (
        "upsells",
        r#"[goes_with("desk", "desk-lamp", "A lamp goes well with it.")]"#,
    ),
    ("reply", "[answer()]"),
];

/// A whole playbook with an example in it.
fn around(example: &str) -> String {
    let has = |name: &str| example.contains(&format!("fn {name}("));
    let is_body = !AROUND.iter().any(|(name, _)| has(name));
    let mut source = String::new();
    for (name, default) in AROUND.iter().filter(|(name, _)| !has(name)) {
        let parameter = if *name == "reply" { "turn" } else { "" };
        let body = match (*name, is_body) {
            // What declares something brings its own slots.
            ("stages", false) => r#"[stage("greet", [])]"#.to_owned(),
            ("reply", true) if only_returns_early(example) => format!("{example}\n[answer()]"),
            ("reply", true) => example.to_owned(),
            _ => (*default).to_owned(),
        };
        writeln!(source, "fn {name}({parameter}) {{\n{body}\n}}").unwrap();
    }
    if !is_body {
        source.push_str(example);
    }
    source
}

fn only_returns_early(example: &str) -> bool {
    example.contains("return ") && example.ends_with('}')
}

/// Messages that go into as many branches as there are.
fn turns() -> Vec<Turn> {
    let mut busy = shop::turn();
    busy.text = "That is too expensive! Nice weather. 25 seats for me: invoice, refund".to_owned();
    busy.understanding.products = vec![shop::mention("desk-lamp", Some("oak"))];
    busy.understanding.quantity = Some(60);
    busy.understanding.faq = vec![shop::hit("returns", 0.9)];
    busy.awaiting = Some("seats".to_owned());
    busy.asked_times = 3;
    let mut asks = shop::turn();
    asks.understanding.intent = consultant_core::Intent::Person;
    asks.understanding.category = Some("lighting".to_owned());
    asks.first_contact = true;
    let turns = [shop::turn(), busy, asks];
    turns.into_iter().map(furnished).collect()
}

/// A shop with opening times and a reviewed answer.
fn furnished(mut turn: Turn) -> Turn {
    let mut catalog = (*turn.catalog).clone();
    let open = OpenFor {
        weekday: 2,
        from: Time::constant(9, 0, 0, 0),
        until: Time::constant(18, 0, 0, 0),
    };
    catalog.company.hours = Some(BusinessHours {
        zone: TimeZone::UTC,
        open: vec![open],
        closed: BTreeSet::new(),
    });
    turn.catalog = Arc::new(catalog);
    let returns = FaqEntry {
        id: "returns".into(),
        questions: std::collections::BTreeMap::new(),
        answer: shop::text("Within 30 days.", "30 天内。"),
        scope: Scope::default(),
        template: None,
    };
    turn.faq = Arc::new(Faq {
        entries: vec![returns],
        ..Faq::default()
    });
    turn
}

/// What is wrong with an example of FAQ rules.
fn wrong_faq(title: &str, example: &str) -> Option<String> {
    let is_whole = example.contains("fn faq_draft(");
    let source = if is_whole {
        example.to_owned()
    } else {
        format!("fn faq_draft(exchange) {{\n{example}\n}}")
    };
    let rules = match compile_faq("example.rhai", &source, &Library::empty()) {
        Ok(rules) => rules,
        Err(problems) => return Some(format!("{title}: {problems:?}\n{source}")),
    };
    let mut exchanges = shop::exchanges().into_iter();
    exchanges.find_map(|exchange| {
        let error = rules.ask(&exchange).err()?;
        Some(format!("{title}: {error}\n{source}"))
    })
}

/// What is wrong with an example of a playbook, or of the escalation rules beside one.
fn wrong(title: &str, example: &str) -> Option<String> {
    let is_escalation = example.contains("fn escalation(");
    let source = around(if is_escalation { "[answer()]" } else { example });
    let rules = RuleScripts {
        escalation: is_escalation.then_some(("escalation.rhai", example)),
        faq: None,
    };
    let script = ("example.rhai", source.as_str());
    let playbook = match compile_with_rules(script, rules, &Library::empty()) {
        Ok(playbook) => playbook,
        Err(problems) => return Some(format!("{title}: {problems:?}\n{source}")),
    };
    turns().iter().find_map(|turn| {
        let problems = playbook.check(&turn.catalog, &turn.faq);
        if !problems.is_empty() {
            return Some(format!("{title}: {problems:?}"));
        }
        let told = match playbook.answer(turn) {
            Ok(decision) => decision.problems.first()?.clone(),
            Err(error) => error.to_string(),
        };
        Some(format!("{title}: {told}\n{source}"))
    })
}

#[test]
fn every_example_works() {
    let of_faq = [rules::FAQ.title, rules::EXCHANGE.title];
    let examples = SECTIONS.iter().flat_map(|section| {
        let of_faq = of_faq.contains(&section.title);
        let entries = section.entries.iter();
        entries.map(move |entry| (of_faq, entry.title(), entry.example))
    });
    let whole = ("the whole playbook".to_owned(), markdown::WHOLE);
    let examples = examples.chain([(false, whole.0, whole.1)]);
    let wrong: Vec<String> = examples
        .filter_map(|(of_faq, title, example)| {
            let judge = if of_faq { wrong_faq } else { wrong };
            judge(&title, example)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_page_names_everything() {
    let page = markdown();
    for entry in entries() {
        let title = format!("### `{}`", entry.title());
        assert!(page.contains(&title), "{title}");
    }
}

#[test]
fn the_committed_page_is_in_sync() {
    let committed = include_str!("../../../docs/playbook-reference.md");
    assert!(
        committed == markdown(),
        "write it anew: consultant playbook docs --out docs/playbook-reference.md"
    );
}

#[test]
fn the_definitions_name_every_function_with_every_number_of_values() {
    let file = api_definitions();
    for (kind, owner, name, values) in documented() {
        if name == "[]" {
            continue;
        }
        let head = match kind {
            Kind::Property => format!("fn get {name}("),
            Kind::Operator => format!("op {name}("),
            _ => format!("fn {name}("),
        };
        let owner = owner.map_or(0, |_| 1);
        let found = file.lines().filter_map(|it| it.strip_prefix(head.as_str()));
        let mut counts = found
            .filter_map(|it| Some(it.split_once(") -> ")?.0))
            .map(|it| it.split(", ").filter(|value| !value.is_empty()).count());
        assert!(counts.any(|it| it == values + owner), "{head} {values}");
    }
}

/// Of a definition file, comments and declarations are all that there is.
#[test]
fn the_definitions_are_well_formed() {
    for file in [api_definitions(), language_definitions()] {
        let mut lines = file
            .lines()
            .filter(|it| !it.is_empty() && !it.starts_with("///"));
        assert_eq!(lines.next(), Some("module static;"));
        for line in lines {
            let is_known = line.starts_with("fn ") || line.starts_with("op ");
            let is_whole = line.ends_with(';') && line.contains(") -> ");
            assert!(is_known && is_whole && !line.contains("::"), "{line}");
        }
    }
}

#[test]
fn what_no_playbook_may_call_is_not_offered_to_editors() {
    let file = language_definitions();
    for name in ["eval", "timestamp", "rand", "exit", "parse_json"] {
        assert!(!file.contains(&format!("fn {name}(")), "{name}");
    }
    assert!(
        file.contains("fn to_lower(") && file.contains("fn type_of("),
        "{file}"
    );
}
