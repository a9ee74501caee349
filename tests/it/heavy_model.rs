//! The model's port on real models, through the release binary: `model probe` over the default
//! model, and over every other form in which a model can be given.

use std::{
    fs,
    path::{Path, PathBuf},
};

use consultant_tests::{binary::Operator, tiny::make_model};
use serde_json::Value;

/// A question that no fact of the demo company answers, so that the model writes.
const WRITTEN: &str = "I paint watercolours at home, what would you say to me about that?\n";

/// Where the default model lies.
fn shelf() -> PathBuf {
    let ran = Operator::default()
        .runs(&["model", "list", "--json"], "")
        .well();
    let models: Value = serde_json::from_str(&ran.stdout()).expect("JSON");
    let models = models.as_array().expect("a list");
    let default = models.iter().find(|model| model["configured"] == true);
    let folder = default.and_then(|model| model["folder"].as_str());
    PathBuf::from(folder.expect("the default model is there: run `make model`"))
}

/// What `model probe --json` says, of which the exit code says the same.
#[track_caller]
fn probe(operator: &Operator) -> Value {
    let ran = operator.runs(&["model", "probe", "--json"], "");
    let report: Value = serde_json::from_str(&ran.stdout())
        .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout(), ran.stderr()));
    let code = i32::from(report["passed"] != true);
    assert_eq!(ran.code(), code, "{report:#}\n{}", ran.stderr());
    report
}

/// Asserts that every check about this passed, and that there are checks about it.
#[track_caller]
fn check_passed(report: &Value, about: &str) {
    let checks = report["checks"].as_array().expect("a list of checks");
    let mut count = 0;
    for check in checks.iter().filter(|check| check["about"] == about) {
        assert_eq!(check["passed"], true, "{report:#}");
        count += 1;
    }
    assert!(count > 0, "{report:#}");
}

/// Asserts that the model answers a question, whatever the guard lets through of its noise.
#[track_caller]
fn check_replies(operator: &Operator) {
    let ran = operator.runs(&["chat", "--new"], WRITTEN).well();
    assert!(ran.stdout().chars().count() > 5, "{}", ran.stdout());
    let log = ran.stderr();
    assert!(log.contains("turn answered"), "{log}");
    assert!(!log.contains("something failed"), "{log}");
}

fn operator() -> Operator {
    Operator::default().with("CONSULTANT__LOG__LEVEL", "debug")
}

fn with_model(operator: Operator, model: &Path) -> Operator {
    operator.with("CONSULTANT__MODEL__PATH", model.to_string_lossy())
}

/// A folder in Hugging Face form that is configured.
fn with_tiny() -> (Operator, PathBuf) {
    let operator = operator();
    let folder = operator.folder().join("tiny-llama-0.1");
    make_model(&folder, &shelf());
    (with_model(operator, &folder), folder)
}

#[test]
fn heavy_the_default_model_passes_every_check_of_the_probe() {
    let report = probe(&operator());
    check_passed(&report, "port");
    check_passed(&report, "wit");
    assert_eq!(report["passed"], true, "{report:#}");
}

#[test]
fn heavy_people_read_the_probe_too_and_its_queue_is_the_configured_one() {
    let (operator, _) = with_tiny();
    let operator = operator.with("CONSULTANT__MODEL__QUEUE_LIMIT", "3");
    let ran = operator.runs(&["model", "probe"], "");
    let text = ran.stdout();
    let mut lines = text.lines();
    let line = lines.find(|line| line.contains("full_queue_is_busy"));
    let line = line.expect("a line for each check");
    assert!(line.starts_with("ok "), "{text}");
    assert!(line.contains("3 waited"), "{text}");
}

/// What the tiny model writes differs with its weights, so another text shows that quantising was
/// done. Eight bits may be too fine to show.
#[test]
fn heavy_a_folder_in_hugging_face_form_keeps_its_promises_as_it_is_and_quantised() {
    let mut written = Vec::new();
    for isq in ["", "Q8_0", "Q4K"] {
        let (operator, _) = with_tiny();
        let operator = operator.with("CONSULTANT__MODEL__ISQ", isq);
        let report = probe(&operator);
        assert_eq!(report["model"], "tiny-llama-0.1");
        check_passed(&report, "port");
        check_replies(&operator);
        written.push(seen(&report, "greedy_repeats"));
    }
    assert_ne!(written.first(), written.last(), "{written:#?}");
}

#[test]
fn heavy_a_gguf_file_is_used_where_it_lies() {
    let whole = shelf().join("model-q8_0.gguf");
    check_replies(&with_model(operator(), &whole));
    // Where it has neither a manifest nor a tokenizer beside it, its own tokenizer serves.
    let operator = operator();
    let bare = operator.folder().join("bare.gguf");
    std::os::unix::fs::symlink(whole, &bare).expect("a link");
    let operator = with_model(operator, &bare);
    let report = probe(&operator);
    assert_eq!(report["model"], "bare");
    check_passed(&report, "port");
    let tokenizer = shelf().join("tokenizer.json");
    let operator = operator.with("CONSULTANT__MODEL__TOKENIZER", tokenizer.to_string_lossy());
    check_replies(&operator);
}

#[test]
fn heavy_settings_that_do_not_fit_a_gguf_file_are_told() {
    let file = shelf().join("model-q8_0.gguf");
    let operator = with_model(operator(), &file).with("CONSULTANT__MODEL__ISQ", "Q4K");
    check_refused(&operator, "already quantised");
    let operator = with_model(self::operator(), &file);
    operator.writes("tokenizer.json", "{}");
    let tokenizer = operator.folder().join("tokenizer.json");
    let operator = operator.with("CONSULTANT__MODEL__TOKENIZER", tokenizer.to_string_lossy());
    check_refused(&operator, "tokenizer.json");
}

#[test]
fn heavy_a_broken_folder_is_told_by_the_name_of_its_file() {
    let (operator, folder) = with_tiny();
    let check = |file: &str, content: Option<&[u8]>| {
        let path = folder.join(file);
        let whole = fs::read(&path).expect(file);
        match content {
            Some(content) => fs::write(&path, content).expect(file),
            None => fs::remove_file(&path).expect(file),
        }
        check_refused(&operator, file);
        fs::write(&path, whole).expect(file);
    };
    check("config.json", None);
    check("config.json", Some(b"{"));
    check("tokenizer.json", None);
    check("tokenizer.json", Some(b"{}"));
    check("tokenizer_config.json", None);
    check("model.safetensors", None);
    let weights = fs::read(folder.join("model.safetensors")).expect("weights");
    check("model.safetensors", Some(&weights[..weights.len() / 2]));
    check("model.safetensors", Some(&weights[..20]));
}

#[test]
fn heavy_what_only_the_engine_finds_wrong_is_an_error_and_no_crash() {
    let (operator, folder) = with_tiny();
    let path = folder.join("config.json");
    let config = fs::read_to_string(&path).expect("the config");
    for (from, to) in [
        ("LlamaForCausalLM", "NobodysForCausalLM"),
        ("\"num_hidden_layers\":2", "\"num_hidden_layers\":3"),
        ("\"hidden_size\":256,", ""),
        ("\"intermediate_size\":512", "\"intermediate_size\":1024"),
    ] {
        let changed = config.replace(from, to);
        assert_ne!(changed, config, "{from} is not in {config}");
        fs::write(&path, changed).expect("the config is written");
        check_refused(&operator, "tiny-llama-0.1");
    }
}

/// What a check saw.
fn seen(report: &Value, name: &str) -> String {
    let checks = report["checks"].as_array().expect("a list of checks");
    let check = checks.iter().find(|check| check["name"] == name);
    check.expect(name)["seen"].to_string()
}

/// Asserts that whatever loads the model ends with 1 and this in its error, and says nothing else.
#[track_caller]
fn check_refused(operator: &Operator, told: &str) {
    for command in [&["chat"][..], &["model", "probe"]] {
        let ran = operator.runs(command, "hello\n");
        assert_eq!(ran.code(), 1, "{}{}", ran.stdout(), ran.stderr());
        assert_eq!(ran.stdout(), "");
        let error = ran.stderr();
        let error = error.lines().find(|line| line.starts_with("error: "));
        let error = error.expect("an error is told");
        assert!(error.contains(told), "{told}: {error}");
        assert!(!ran.stderr().contains("panicked"), "{}", ran.stderr());
    }
}
