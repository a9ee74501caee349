//! The release binary with the real model, driven by its path. Each test's name begins with
//! `heavy_`, so that nextest runs them one at a time.

use consultant_tests::{
    binary::{Operator, Ran},
    telegram::TelegramDouble,
};

/// A question that no fact of the demo company answers, so that the model writes.
const WRITTEN: &str = "I paint watercolours at home, what would you say to me about that?";

fn replies(ran: &Ran) -> Vec<String> {
    let text = ran.stdout();
    assert!(
        text.ends_with("\n\n"),
        "each reply is followed by an empty line: {text:?}"
    );
    text.trim_end().split("\n\n").map(str::to_owned).collect()
}

#[test]
fn heavy_a_catalogue_question_is_answered_with_the_catalogues_price() {
    let ran = Operator::default()
        .runs(&["chat"], "How much is the Halo desk lamp?\n")
        .well();
    let replies = replies(&ran);
    assert_eq!(replies.len(), 1, "{replies:?}");
    insta::assert_snapshot!(replies.concat());
}

#[test]
fn heavy_each_line_is_a_turn_and_is_answered_in_order() {
    let lines = "光环台灯多少钱？\n\nHow much is the Halo desk lamp?\n🙂\n/help\n";
    let ran = Operator::default().runs(&["chat"], lines).well();
    let replies = replies(&ran);
    assert_eq!(replies.len(), 5, "{replies:#?}");
    insta::assert_snapshot!(replies.join("\n---\n"));
}

#[test]
fn heavy_ten_turns_in_the_terminal() {
    let lines = [
        "/start",
        "I need a lamp",
        "How much is the Halo desk lamp?",
        "six in black please",
        "is it in stock?",
        "Do you have a discount?",
        "How long does delivery take?",
        "Can I return it?",
        "I'll take 6 Halo desk lamps in black",
        "yes please",
    ];
    let ran = Operator::default()
        .runs(&["chat"], &lines.join("\n"))
        .well();
    let replies = replies(&ran);
    assert_eq!(replies.len(), lines.len(), "{replies:#?}");
    insta::assert_snapshot!(replies.join("\n---\n"));
}

#[test]
fn heavy_a_hundred_thousand_characters_get_an_answer() {
    let long = "word ".repeat(20_000);
    let ran = Operator::default()
        .with("CONSULTANT__MODEL__MAX_TOKENS", "20")
        .runs(&["chat"], &format!("{long}\n/help\n"))
        .well();
    let replies = replies(&ran);
    assert_eq!(replies.len(), 2, "{replies:#?}");
    assert!(replies[0].contains("only its beginning"), "{}", replies[0]);
}

#[test]
fn heavy_the_model_writes_a_reply_without_an_invented_price() {
    let ran = Operator::default()
        .with("CONSULTANT__MODEL__SEED", "7")
        .with("CONSULTANT__MODEL__MAX_TOKENS", "60")
        .with("CONSULTANT__LOG__LEVEL", "debug")
        .runs(&["chat"], &format!("{WRITTEN}\n"))
        .well();
    let reply = replies(&ran).concat();
    // What the model writes differs from machine to machine; that it wrote, and kept to the
    // guard, does not.
    let written = reply.lines().skip(1).collect::<String>();
    assert!(written.chars().count() > 5, "{reply}\n{}", ran.stderr());
    assert!(
        ran.stderr().contains("Model"),
        "the log names the source: {}",
        ran.stderr()
    );
    for amount in ["EUR", "€", "$", "%"] {
        assert!(!written.contains(amount), "{reply}");
    }
}

#[test]
fn heavy_an_answer_that_rules_cannot_read_is_chosen_among_the_values() {
    let operator = Operator::default().with("CONSULTANT__MODEL__READS_ANSWERS", "true");
    operator.writes_demo_facts();
    let playbook = r#"
fn stages() { [stage("greet", [])] }
fn slots() {
    [slot("plan", "choice").required().options(["team", "business", "private"])
        .ask("Is it for a team, a business or yourself?")]
}
fn reply(turn) { if turn.missing.len > 0 { [ask_missing()] } else { [say("Noted.")] } }
"#;
    operator.writes("scripts/playbooks/own.rhai", playbook);
    let answers = [
        "just for my wife and me",
        "the folks that I work with",
        "well, our firm I would say",
        "nobody but myself",
    ];
    // A no lets the same question be answered again.
    let said = answers.join("\nno\n");
    let ran = operator
        .runs(&["chat", "--new"], &format!("hello\n{said}"))
        .well();
    let replies = replies(&ran);
    let suggested = replies.iter().filter(|it| it.starts_with("Do you mean"));
    let suggested: Vec<&String> = suggested.collect();
    // Which of them a model of this size chooses differs from machine to machine; that it chooses
    // among them does not, nor that it chooses at all.
    let meant = ["team", "business", "private"].map(|it| format!("Do you mean {it}?"));
    assert!(!suggested.is_empty(), "{replies:#?}");
    assert!(
        suggested.iter().all(|it| meant.contains(it)),
        "{replies:#?}"
    );
}

#[test]
fn heavy_a_conversation_goes_on_after_a_restart() {
    let operator = Operator::default();
    let first = operator
        .runs(&["chat"], "How much is the Halo desk lamp?\n")
        .well();
    assert!(
        first.stdout().contains("not a person"),
        "{}",
        first.stdout()
    );
    let ran = operator.runs(&["chat"], "/help\n").well();
    assert!(
        !ran.stdout().contains("not a person"),
        "told once: {}",
        ran.stdout()
    );
    let ran = operator.runs(&["chat", "--new"], "hello\n").well();
    assert!(
        ran.stdout().contains("not a person"),
        "told anew: {}",
        ran.stdout()
    );
}

#[test]
fn heavy_a_truncated_model_is_named_before_anything_starts() {
    let operator = Operator::default();
    let models = operator.folder().join("models");
    let shelf = models.join("smollm2-135m-instruct");
    let operator = operator.with("CONSULTANT__MODELS_DIR", models.to_string_lossy());
    let ran = operator.runs(&["chat"], "hello\n");
    assert_eq!(ran.code(), 1, "{}", ran.stderr());
    assert!(
        ran.stderr().contains("consultant model fetch"),
        "{}",
        ran.stderr()
    );
    assert_eq!(ran.stdout(), "");
    std::fs::create_dir_all(shelf).expect("the shelf");
    let manifest = r#"{"name":"smollm2-135m-instruct"}"#;
    operator.writes("models/smollm2-135m-instruct/manifest.json", manifest);
    let ran = operator.runs(&["chat"], "hello\n");
    assert_eq!(ran.code(), 1, "{}", ran.stderr());
    assert!(ran.stderr().contains("manifest.json"), "{}", ran.stderr());
}

#[test]
fn heavy_programs_can_read_what_the_commands_say() {
    let operator = Operator::default();
    for arguments in [
        &["check", "--json"][..],
        &["doctor", "--json"],
        &["model", "list", "--json"],
    ] {
        let ran = operator.runs(arguments, "").well();
        let value: serde_json::Value = serde_json::from_str(&ran.stdout()).expect("JSON");
        assert!(
            value.is_object() || value.is_array(),
            "{arguments:?}: {value}"
        );
    }
}

#[test]
fn heavy_help_completions_and_manual_pages_are_there() {
    let operator = Operator::default();
    let ran = operator.runs(&["completions", "bash"], "").well();
    assert!(ran.stdout().contains("_consultant"), "{}", ran.stdout());
    let written = operator.runs(&["man", "pages"], "").well();
    assert!(written.stderr().contains("written"), "{}", written.stderr());
    let pages = std::fs::read_dir(operator.folder().join("pages"))
        .expect("the pages")
        .count();
    assert!(pages > 8, "one page a command: {pages}");
    let ran = operator.runs(&["serve"], "");
    assert_eq!(
        ran.code(),
        2,
        "nothing to serve is a usage error: {}",
        ran.stderr()
    );
    assert!(
        ran.stderr().contains("CONSULTANT__TELEGRAM__TOKEN"),
        "{}",
        ran.stderr()
    );
    let ran = operator.runs(&["chatt"], "");
    assert_eq!(ran.code(), 2, "{}", ran.stderr());
}

#[test]
fn heavy_a_broken_company_is_told_with_line_and_caret() {
    let operator = Operator::default();
    operator.writes(
        "config/catalog.yaml",
        "company: {name: X, about: {en: Y}}\ncurrency: EUR\ncategories: {}\nproducts: []\n",
    );
    operator.writes("config/faq.yaml", "entries: []\n");
    operator.writes(
        "scripts/playbooks/own.rhai",
        "fn reply(turn) {\n    gotto(\"x\")\n}\n",
    );
    let ran = operator.runs(&["check"], "");
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    for expected in ["catalog.yaml", "own.rhai:2", "goto", "here"] {
        assert!(
            ran.stdout().contains(expected),
            "{expected} is missing in:\n{}",
            ran.stdout()
        );
    }
    let ran = operator.runs(&["chat"], "hello\n");
    assert_eq!(
        (ran.code(), ran.stdout().as_str()),
        (1, ""),
        "{}",
        ran.stderr()
    );
}

#[test]
fn heavy_a_store_is_backed_up_moved_and_its_customer_erased() {
    let operator = Operator::default().with("CONSULTANT__MODEL__ENABLED", "false");
    let asked = operator.runs(&["chat"], "How much is the Halo desk lamp?\n");
    assert!(asked.well().stdout().contains("49.90"));
    let sound = |operator: &Operator, conversations: &str| {
        let ran = operator.runs(&["store", "verify"], "").well();
        assert!(ran.stdout().starts_with(conversations), "{}", ran.stdout());
    };
    sound(&operator, "1 conversations");
    drop(operator.runs(&["store", "backup", "all.jsonl"], "").well());
    let again = operator.runs(&["store", "backup", "all.jsonl"], "");
    assert_eq!(again.code(), 1, "nothing is overwritten");
    let migrate = ["store", "migrate", "--to", "sqlite:two.sqlite"];
    drop(operator.runs(&migrate, "").well());

    let asked = operator.runs(&["customer", "erase", "terminal:default"], "");
    assert_eq!(asked.code(), 2, "{}", asked.stderr());
    let erase = ["customer", "erase", "terminal:default", "--yes"];
    drop(operator.runs(&erase, "").well());
    sound(&operator, "0 conversations");
    drop(operator.runs(&["store", "restore", "all.jsonl"], "").well());
    let ran = operator
        .runs(&["customer", "export", "terminal:default"], "")
        .well();
    assert!(ran.stdout().contains("Halo desk lamp"), "{}", ran.stdout());
    // What was moved is found by the same words in store.url, with what was erased since.
    let moved = operator.with("CONSULTANT__STORE__URL", "sqlite:two.sqlite");
    sound(&moved, "1 conversations");
}

#[tokio::test]
async fn heavy_a_refused_token_ends_the_start_and_is_not_printed() {
    let telegram = TelegramDouble::start().await;
    let operator = Operator::default()
        .with("CONSULTANT__TELEGRAM__TOKEN", "42:wrong-token-of-a-test")
        .with("CONSULTANT__TELEGRAM__API_URL", telegram.url());
    let ran = tokio::task::spawn_blocking(move || operator.runs(&["serve"], ""))
        .await
        .expect("it ran");
    assert_eq!(ran.code(), 1, "{}", ran.stderr());
    assert!(ran.stderr().contains("token"), "{}", ran.stderr());
    assert!(
        !ran.stderr().contains("wrong-token-of-a-test"),
        "{}",
        ran.stderr()
    );
}

#[test]
fn heavy_simulated_customers_speak_in_the_models_words_and_the_same_for_a_seed() {
    let simulated = || {
        let all = [
            "playbook",
            "simulate",
            "knows what it wants",
            "--times",
            "2",
        ];
        let by_model = ["--customers", "model", "--replies", "model", "--json"];
        let ran = Operator::default().runs(&[&all[..], &by_model].concat(), "");
        serde_json::from_str::<serde_json::Value>(&ran.well().stdout()).unwrap()
    };
    let first = simulated();
    assert!(first["messages_by_model"].as_u64() > Some(0), "{first:#}");
    assert_eq!(first["personas"][0]["invented"], serde_json::json!([]));
    assert_eq!(first, simulated());
}
