//! Conversations of the demo company with a model that is not the test's own.

use consultant_core::ChannelName;
use jiff::Timestamp;

use super::{model::ScriptedModel, *};
use crate::{
    company,
    config::{Environment, Sources, load},
    house::{engine_settings, session_timeout},
};
use consultant_knowledge::SmallModels;

/// The demo, with a model that writes this once.
fn stage_with(writes: &str) -> Stage {
    stage_whose_model(vec![writes.to_owned()])
}

/// The demo, with a model that writes these, one after another.
fn stage_whose_model(writes: Vec<String>) -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let config = load(&Sources {
        environment: Environment::from_iter([("HOME", folder.path())]),
        config_file: None,
        working_dir: folder.path().to_owned(),
    })
    .unwrap();
    let model = ScriptedModel::new(writes, vec![Language::EN]);
    Stage {
        company: company::load(&CompanyFiles::Embedded, &SmallModels::default()).unwrap(),
        trace: None,
        settings: engine_settings(&config),
        languages: vec![Language::EN],
        session_timeout: session_timeout(&config),
        model: Some(Arc::new(model)),
    }
}

/// What comes out otherwise, by what it is about, where the model writes this.
async fn misses(writes: &str, conversation: &str) -> String {
    let text = format!(
        "conversations:\n  - name: a\n    turns:\n      - says: I paint watercolours, what do you \
         say to me about that?\n{conversation}"
    );
    let tests = Tests::Text("a.yaml", &text);
    let report = run(tests, "", stage_with(writes)).await.unwrap();
    report.render()
}

#[tokio::test]
async fn a_real_model_writes_other_words_and_is_judged_by_the_rest() {
    let scripted = "        expect: {reply: {contains: lovely, lacks: banana}, actions: [answer]}\n    \
                    model: [A lovely hobby.]\n";
    let told = misses("Soft light helps.", scripted).await;
    assert!(told.contains("1 passed"), "{told}");
    let told = misses("Take a banana.", scripted).await;
    assert!(told.contains("wanted nothing with \"banana\""), "{told}");
    let none = "        expect: {reply: lovely}\n";
    let told = misses("Soft light helps.", none).await;
    assert!(told.contains("wanted something with \"lovely\""), "{told}");
}

#[tokio::test]
async fn what_a_model_writes_is_recorded_as_what_the_model_of_the_test_writes() {
    let stage = stage_with("Soft light helps.");
    let mut recording = Recording::new(&stage, Timestamp::UNIX_EPOCH, ChannelName::Telegram);
    let said = recording
        .hears("I paint watercolours, what do you say to me about that?")
        .await;
    assert!(said.unwrap().contains("Soft light helps."));
    let text = recording.text(None).unwrap();
    assert!(text.contains("model:\n  - Soft light helps.\n"), "{text}");
    let scripted = Stage {
        model: None,
        ..stage
    };
    let report = run(Tests::Text("a.yaml", &text), "", scripted)
        .await
        .unwrap();
    assert_eq!(
        (report.len(), report.failed()),
        (1, 0),
        "{}",
        report.render()
    );
}

#[tokio::test]
async fn simulated_customers_read_what_the_model_writes() {
    let folder = tempfile::tempdir().unwrap();
    let personas = folder.path().join("personas.yaml");
    let asks = "I paint watercolours, what do you say to me about that?";
    let text = format!(
        "personas: [{{name: Ann, goal: {{stage: close}}, opens: ['{asks}'], \
         answers: {{other: ['{asks}']}}}}]"
    );
    std::fs::write(&personas, text).unwrap();
    let wanted = Wanted {
        personas: Some(&personas),
        words: "",
        times: 1,
        seed: 1,
        voice: None,
    };
    let stage = stage_whose_model(vec!["Soft light helps.".to_owned(); 9]);
    let simulation = simulate(wanted, stage, |_, _| {}).await;
    let told = simulation
        .unwrap_or_else(|it| panic!("{}", it.render()))
        .render();
    assert!(told.contains("bot:      Soft light helps."), "{told}");
}
