//! Versions of the playbook: how they come to customers, stay with them, and are taken back.

mod commands;
mod running;
mod watching;

use consultant_app::{
    company::{self, Company},
    config::{CompanyFiles, PlaybookPlace},
};
use consultant_knowledge::SmallModels;
use consultant_tests::binary::Operator;
use tempfile::TempDir;

const CATALOG: &str = include_str!("../../config/catalog.yaml");
const FAQ: &str = include_str!("../../config/faq.yaml");

/// The demo's facts with this playbook.
pub(crate) fn company(playbook: &str) -> Company {
    company_of(str::to_owned, (playbook, None))
}

/// The demo's facts with this playbook and these rules of escalation.
pub(crate) fn ruled_company(playbook: &str, rules: &str) -> Company {
    company_of(str::to_owned, (playbook, Some(rules)))
}

/// The demo's facts, changed in this way, with this playbook.
fn company_of(change: fn(&str) -> String, (playbook, rules): (&str, Option<&str>)) -> Company {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let files = CompanyFiles::Files {
        catalog: write("catalog.yaml", &change(CATALOG)),
        faq: write("faq.yaml", &change(FAQ)),
        playbook: PlaybookPlace::File(write("shop.rhai", playbook)),
        escalation_rules: rules.map(|rules| write("escalation.rhai", rules)),
        faq_rules: None,
        scripts_lib: None,
        documents: None,
        goods: None,
    };
    company::load(&files, &SmallModels::default())
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// A playbook that greets with these words, and knows two stages.
fn greeting(words: &str) -> String {
    format!(
        "fn stages() {{ [stage(\"greet\", [\"talk\"]), stage(\"talk\", []).last()] }}\n\
         fn reply(turn) {{\n\
         \x20   let step = if turn.stage == \"greet\" {{ [goto(\"talk\")] }} else {{ [] }};\n\
         \x20   step + [say(#{{ en: \"{words}\", zh: \"{words}\" }})]\n\
         }}\n"
    )
}

/// A company of one's own, whose playbook greets with these words.
fn shop(words: &str) -> Operator {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"))
        .with("CONSULTANT__MODEL__ENABLED", "false")
        .with("USER", "ann");
    operator.writes("config/catalog.yaml", CATALOG);
    operator.writes("config/faq.yaml", FAQ);
    operator.writes("scripts/playbooks/shop.rhai", &greeting(words));
    operator.writes("scripts/tests/shop.yaml", &expecting(words));
    operator
}

/// A conversation in which these words are to be said.
fn expecting(words: &str) -> String {
    format!(
        "conversations:\n- name: a greeting\n  turns:\n  - says: hello\n    expect: {{reply: {words}, stage: talk}}\n"
    )
}
