//! `consultant playbook replay` and `consultant playbook results`, as a sales manager runs them.

use std::sync::Arc;

use consultant_app::clock::SystemClock;
use consultant_core::{Address, ChannelName};
use consultant_store::{StoreSettings, open};
use consultant_tests::binary::Operator;
use secrecy::SecretString;
use serde_json::Value;

const FILE: &str = "scripts/playbooks/demo.rhai";

const PLAYBOOK: &str = r#"
fn stages() {
    [
        stage("talk", ["offer"]),
        stage("offer", ["talk", "close"]),
        stage("close", ["talk"]).won(),
    ]
}

fn promotions() {
    [promotion("two", #{ en: "Two lamps", zh: "两盏台灯" }).percent(20).on("desk-lamp").min_pieces(2)]
}

fn reply(turn) {
    if turn.text == "two lamps" {
        return [goto("offer"), offer("desk-lamp", "oak", 2)];
    }
    if turn.stage == "offer" && turn.intent == "yes" {
        return [goto("close"), say(#{ en: "It is yours.", zh: "归您了。" })];
    }
    [say(#{ en: "Hello! What can I show you?", zh: "您好！想看点什么？" })]
}
"#;

/// A shop in which a customer bought something.
fn shop() -> Operator {
    let operator =
        Operator::of(env!("CARGO_BIN_EXE_light")).with("CONSULTANT__MODEL__ENABLED", "false");
    drop(operator.runs(&["new", "."], "").well());
    operator.writes(FILE, PLAYBOOK);
    let test = "conversations: [{name: a, turns: [{says: hi, expect: {stage: talk}}]}]";
    operator.writes("scripts/tests/demo.yaml", test);
    drop(operator.runs(&["playbook", "publish"], "").well());
    let said = "hi, I am ann@example.org\ntwo lamps\nyes\n";
    drop(operator.runs(&["chat"], said).well());
    operator
}

/// Changes the playbook, from what the customer met.
#[track_caller]
fn changes(operator: &Operator, from: &str, to: &str) {
    let changed = PLAYBOOK.replace(from, to);
    assert_ne!(changed, PLAYBOOK, "{from} is not there");
    operator.writes(FILE, &changed);
}

#[track_caller]
fn replayed(operator: &Operator, words: &[&str]) -> Value {
    let all = [&["playbook", "replay", "--json"], words].concat();
    serde_json::from_str(&operator.runs(&all, "").well().stdout()).unwrap()
}

/// What came out otherwise, `kind: from -> to`.
fn told(replay: &Value) -> Vec<String> {
    let changes = replay["changes"].as_array().unwrap().iter();
    let line = |it: &Value| format!("{}: {}", it["kind"], it["what"]).replace('"', "");
    changes.map(line).collect()
}

/// Everything that is kept of the customer.
fn kept(operator: &Operator) -> String {
    let export = ["customer", "export", "terminal:default"];
    operator.runs(&export, "").well().stdout()
}

#[test]
fn an_unchanged_playbook_comes_out_as_it_was_recorded() {
    let operator = shop();
    let replay = replayed(&operator, &[]);
    assert_eq!(replay["conversations"], 1, "{replay:#}");
    assert_eq!(replay["turns"], 3, "{replay:#}");
    assert_eq!(replay["unchanged"], 1, "{replay:#}");
    assert_eq!(replay["otherwise_than_recorded"]["turns"], 0, "{replay:#}");
}

#[test]
fn what_a_change_would_have_changed_is_told_and_nothing_is_written() {
    let operator = shop();
    let before = kept(&operator);
    changes(&operator, "Hello! What can I", "Hello again! What can I");
    let replay = replayed(&operator, &[]);
    let expect = "reply: Hello! What can I show you? -> Hello again! What can I show you?";
    assert_eq!(told(&replay), [expect]);
    let example = &replay["changes"][0]["examples"][0];
    assert_eq!(example["said"], "hi, I am [email]");

    changes(&operator, "percent(20)", "percent(40)");
    let told_prices = told(&replayed(&operator, &["--base", "live"]));
    let price = told_prices.iter().find(|it| it.starts_with("price:"));
    let price = price.unwrap_or_else(|| panic!("{told_prices:?}"));
    assert!(
        price.contains("95.84 EUR") && price.contains("71.88 EUR"),
        "{price}"
    );
    assert_eq!(told_prices.len(), 1, "{told_prices:?}");

    changes(&operator, "goto(\"close\"), ", "");
    let replay = replayed(&operator, &["--limit", "1", "--since", "1d"]);
    let expect = ["stage: close -> offer", "action: goto close -> nothing"];
    assert_eq!(told(&replay), expect);
    assert_eq!(replay["changes"][0]["examples"][0]["turn"], 3);
    assert_eq!(kept(&operator), before);
}

#[test]
fn people_read_what_was_compared_and_a_wrong_name_has_a_way_out() {
    let operator = shop();
    changes(&operator, "It is yours.", "Sold!");
    let told = operator.runs(&["playbook", "replay"], "").well().stdout();
    for expected in [
        "1 conversation that began since",
        "before: the version that answered each of them",
        "after:  the files as they are now (",
        "1 × It is yours. -> Sold!",
        "customer: yes",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    let wrong = operator.runs(&["playbook", "replay", "--against", "ffff"], "");
    assert_eq!(wrong.code(), 2);
    assert!(wrong.stderr().contains("history"), "{}", wrong.stderr());
    let none = operator.runs(&["playbook", "replay", "--since", "2999-01-01"], "");
    assert!(
        none.stderr().contains("name an earlier time"),
        "{}",
        none.stderr()
    );
}

/// Makes the talk one that a customer had on Telegram: what is said in the terminal does not count.
async fn by_a_customer(operator: &Operator) {
    let file = operator.folder().join("data/sessions.sqlite");
    let url = SecretString::from(format!("sqlite:{}", file.display()));
    let clock = Arc::new(SystemClock);
    let store = open(&url, StoreSettings::default(), clock).await.unwrap();
    let id = store.conversations(None, 1).await.unwrap()[0];
    let mut record = store.export(id).await.unwrap().unwrap();
    record.addresses = vec![Address::new(ChannelName::Telegram, "7")];
    assert!(store.erase(id).await.unwrap());
    store.import(record).await.unwrap();
}

#[tokio::test]
async fn results_count_the_deal_and_how_far_everybody_came() {
    let operator = shop();
    by_a_customer(&operator).await;
    let all = ["playbook", "results", "--json"];
    let results: Value = serde_json::from_str(&operator.runs(&all, "").well().stdout()).unwrap();
    let version = &results["versions"][0];
    assert_eq!(version["began"], 1, "{results:#}");
    assert_eq!(version["deals"], 1, "{results:#}");
    assert_eq!(results["live"], version["version"]);
    let told = operator.runs(&["playbook", "results"], "").well().stdout();
    assert!(
        told.contains("(live) came to") && told.contains("100.0 %"),
        "{told}"
    );
}
