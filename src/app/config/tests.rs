//! The configuration as an operator meets it: files and variables in, settings or problems out.

mod example;
mod goods;
mod strange;

use std::{fs, path::Path};

use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::*;

/// A machine: a home folder, a working directory with files, and variables.
struct World {
    folder: TempDir,
    variables: Vec<(String, String)>,
    config_file: Option<PathBuf>,
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let home = folder.path().join("home").display().to_string();
        fs::create_dir(folder.path().join("work")).unwrap();
        Self {
            folder,
            variables: vec![("HOME".to_owned(), home)],
            config_file: None,
        }
    }

    fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.folder.path().join("work").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn config(self, text: impl AsRef<[u8]>) -> Self {
        self.file("config/consultant.yaml", text)
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    fn option(mut self, file: &str) -> Self {
        self.config_file = Some(PathBuf::from(file));
        self
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    fn load(&self) -> Result<Config, Vec<Problem>> {
        load(&Sources {
            environment: self.variables.iter().cloned().collect(),
            config_file: self.config_file.clone(),
            working_dir: self.work(),
        })
    }

    fn loaded(&self) -> Config {
        self.load()
            .unwrap_or_else(|problems| panic!("{}", render(&problems)))
    }

    /// The problems as an operator reads them, with this machine's folder as `~~`.
    fn problems(&self) -> String {
        let problems = self.load().expect_err("a problem");
        render(&problems).replace(&self.folder.path().display().to_string(), "~~")
    }
}

/// The token of a secret, for comparison.
fn token(secret: Option<&Secret>) -> &str {
    secret.map_or("none", |secret| secret.secret().expose_secret())
}

#[test]
fn with_nothing_at_all_the_demo_company_serves_from_the_defaults() {
    let config = World::new();
    let shown = serde_json::to_string_pretty(&config.loaded()).unwrap();
    let shown = shown.replace(&config.folder.path().display().to_string(), "~~");
    insta::assert_snapshot!(shown);
}

#[test]
fn each_layer_is_stronger_than_the_one_before() {
    let world = World::new().config("log: {level: warn}\nmodel: {top_k: 1, queue_limit: 1}\n");
    assert_eq!(world.loaded().log.level, LogLevel::Warn);
    let world = world.file("config/later.yaml", "model: {top_k: 2}\n");
    assert_eq!(
        (world.loaded().model.top_k, world.loaded().model.queue_limit),
        (2, 1)
    );
    let world = world
        .file("mine.yaml", "model: {top_k: 3}\n")
        .option("mine.yaml");
    assert_eq!(world.loaded().model.top_k, 3);
    let world = world.variable("CONSULTANT__MODEL__TOP_K", "4");
    assert_eq!(world.loaded().model.top_k, 4);
}

#[test]
fn every_contract_variable_is_obeyed() {
    let world = World::new()
        .file("model.gguf", "x")
        .variable("CONSULTANT__TELEGRAM__TOKEN", "12345:AAH")
        .variable("CONSULTANT__TELEGRAM__API_URL", "http://127.0.0.1:8081")
        .variable("CONSULTANT__DISCORD__TOKEN", "MTIz.abc")
        .variable("CONSULTANT__DISCORD__API_URL", "http://127.0.0.1:8082/")
        .variable("CONSULTANT__DISCORD__GATEWAY_URL", "ws://127.0.0.1:8083")
        .variable("CONSULTANT__STORE__URL", "rediss://:pass@127.0.0.1:6379/1")
        .variable("CONSULTANT__MODEL__PATH", "model.gguf")
        .variable("CONSULTANT__DATA_DIR", "state");
    let config = world.loaded();
    assert_eq!(token(config.telegram.token.as_ref()), "12345:AAH");
    assert_eq!(config.telegram.api_url.as_str(), "http://127.0.0.1:8081");
    assert_eq!(token(config.discord.token.as_ref()), "MTIz.abc");
    assert_eq!(config.discord.api_url.as_str(), "http://127.0.0.1:8082");
    assert_eq!(
        config.discord.gateway_url.unwrap().as_str(),
        "ws://127.0.0.1:8083"
    );
    assert_eq!(config.store.url.to_string(), "rediss://127.0.0.1:6379/1");
    assert_eq!(
        config.model.path,
        Some(ModelPath::Local(world.work().join("model.gguf")))
    );
    assert_eq!(config.data_dir, world.work().join("state"));
}

#[test]
fn an_emptied_data_folder_keeps_the_models() {
    let world = World::new().variable("CONSULTANT__DATA_DIR", "state");
    let config = world.loaded();
    assert_eq!(
        config.models_dir,
        world.folder.path().join("home/.cache/consultant/models")
    );
    let StoreUrl::Sqlite(path) = config.store.url else {
        panic!("not SQLite")
    };
    assert_eq!(path, world.work().join("state/sessions.sqlite"));
    insta::assert_snapshot!(
        world
            .variable("CONSULTANT__MODELS_DIR", "x/../state/models")
            .problems()
    );
}

#[test]
fn the_xdg_folders_are_honoured_and_relative_ones_ignored() {
    let world = World::new()
        .variable("XDG_CACHE_HOME", "/var/cache/ann")
        .variable("XDG_DATA_HOME", "not/absolute");
    assert_eq!(
        world.loaded().models_dir,
        Path::new("/var/cache/ann/consultant/models")
    );
    let expected = world.folder.path().join("home/.local/share/consultant");
    assert_eq!(world.loaded().data_dir, expected);
}

#[test]
fn without_a_home_folder_the_missing_folders_are_asked_for() {
    let mut world = World::new();
    world.variables.clear();
    insta::assert_snapshot!(world.problems());
}

#[test]
fn a_clone_serves_its_own_company_and_a_config_folder_names_others() {
    let clone = World::new()
        .file("config/catalog.yaml", "")
        .file("config/faq.yaml", "")
        .file("scripts/playbooks/demo.rhai", "")
        .file("scripts/escalation.rhai", "")
        .file("scripts/lib/money.rhai", "");
    let CompanyFiles::Files {
        playbook,
        escalation_rules,
        faq_rules,
        scripts_lib,
        ..
    } = clone.loaded().company
    else {
        panic!("the demo company")
    };
    let file = clone.work().join("scripts/playbooks/demo.rhai");
    assert_eq!(playbook.file(), Ok(file.clone()));
    let rules = clone.work().join("scripts/escalation.rhai");
    assert_eq!((escalation_rules, faq_rules), (Some(rules), None));
    assert_eq!(scripts_lib, Some(clone.work().join("scripts/lib")));

    let clone = clone.file("scripts/playbooks/second.rhai", "");
    // A second one is no reason not to start: what was published serves on.
    let second = clone.work().join("scripts/playbooks/second.rhai");
    let CompanyFiles::Files { playbook, .. } = clone.loaded().company else {
        panic!("the demo company")
    };
    assert_eq!(playbook.file(), Err(vec![file, second.clone()]));
    let clone = clone.config("company: {playbook: ../scripts/playbooks/second.rhai}\n");
    let CompanyFiles::Files { playbook, .. } = clone.loaded().company else {
        panic!("the demo")
    };
    let named = playbook.file().unwrap().canonicalize().unwrap();
    assert_eq!(named, second.canonicalize().unwrap());
}

#[test]
fn half_a_company_is_refused() {
    let world = World::new()
        .file("shop/catalog.yaml", "")
        .config("company:\n  catalog: ../shop/catalog.yaml\n  faq: ../shop/missing.yaml\n");
    insta::assert_snapshot!(world.problems());
}

#[test]
fn a_token_file_holds_the_token_and_the_stronger_layer_wins() {
    let world = World::new()
        .file("secrets/telegram", "12345:FILE\n")
        .config("telegram: {token_file: ../secrets/telegram}\n");
    assert_eq!(token(world.loaded().telegram.token.as_ref()), "12345:FILE");
    let world = world.variable("CONSULTANT__TELEGRAM__TOKEN", "12345:ENV");
    assert_eq!(token(world.loaded().telegram.token.as_ref()), "12345:ENV");
}

#[test]
fn every_problem_with_tokens_is_told_without_showing_one() {
    let world = World::new()
        .file("secrets/long", "SECRET".repeat(1000))
        .config(
            "telegram: {token: SECRET, token_file: x}\ndiscord: {token_file: ../secrets/long}\n",
        )
        .file(
            "config/z.yaml",
            "store: {url: 'redis://:SECRET@h', password: SECRET1}\n",
        );
    let problems = world.problems();
    assert!(!problems.contains("SECRET"), "{problems}");
    insta::assert_snapshot!(problems);
    let spaced = World::new().variable("CONSULTANT__DISCORD__TOKEN", "Bot SECRET");
    insta::assert_snapshot!(spaced.problems());
}

#[test]
fn a_webhook_needs_a_secret_that_telegram_takes_and_nobody_guesses() {
    let problems = |config: &str| World::new().config(config).problems();
    let url = "telegram: {webhook_url: 'https://shop.example.org/telegram'";
    let missing = problems(&format!("{url}}}\n"));
    assert!(missing.contains("telegram.webhook_secret"), "{missing}");
    for wrong in ["SECRETTOOSHORT", "SECRET with a space in it"] {
        let told = problems(&format!("{url}, webhook_secret: '{wrong}'}}\n"));
        assert!(told.contains("telegram.webhook_secret"), "{told}");
        assert!(!told.contains("SECRET"), "{told}");
    }
    let alone = problems("telegram: {webhook_secret: SECRETSECRETSECRET}\n");
    assert!(alone.contains("telegram.webhook_url"), "{alone}");
    let config = format!("{url}, webhook_secret: 0123456789_abcdef-}}\n");
    let loaded = World::new().config(config).loaded();
    assert!(loaded.telegram.webhook_secret.is_some());
}

#[test]
fn secrets_are_never_shown() {
    let world = World::new()
        .config("store: {url: 'redis://ann:SECRET@h'}\n")
        .variable("CONSULTANT__TELEGRAM__TOKEN", "SECRET")
        .variable("CONSULTANT__DISCORD__TOKEN", "SECRET");
    let config = world.loaded();
    let shown = format!("{config:?} {}", serde_json::to_string(&config).unwrap());
    assert!(
        shown.contains("[secret]") && !shown.contains("SECRET"),
        "{shown}"
    );
    assert!(
        !format!(
            "{:?}",
            world.variables.iter().cloned().collect::<Environment>()
        )
        .contains("SECRET")
    );
}

#[test]
fn all_problems_are_told_at_once_each_with_its_place() {
    let world = World::new().config(
        "\
data_dri: here
modle:
  top_k: 1
model:
  top_k: many
  top_p: 1.5
  max_tokens: 0
  temperature: [1]
  languages: [en, klingon]
  isq: Q4_K
  path: missing.gguf
  tokenizer: missing.json
  enabled: yes
store:
  ulr: x
  url: postgres://h
  session_timeout_days: -1
telegram: 12
discord:
  token: 12345
  api_url: http://ann:SECRET@host
  gateway_url: https://host
token: SECRET
log:
  level: inof
  format:
reply:
  language: 中文
  disclosure: Hi
",
    );
    let world = world.variable("CONSULTANT__STORE__ULR", "SECRET");
    let world = world.variable("CONSULTANT__DISCORD__WATCHDOG_SECONDS", "4");
    let world = world.variable("consultant__log__level", "warn");
    let world = world.variable("CONSULTANT__COLOUR", "SECRET");
    let problems = world.problems();
    assert!(!problems.contains("SECRET"), "{problems}");
    insta::assert_snapshot!(problems);
}

#[test]
fn what_is_no_configuration_is_told_with_its_place() {
    let mut told = String::new();
    let texts: [&[u8]; 10] = [
        b"- a list",
        b"just words",
        b"store:\n\turl: x\n",
        b"store: {url: x\n",
        b"log: {level: info}\nlog: {level: warn}\n",
        b"1: one\nlog:\n  2: two\n",
        b"a: 1\n---\nb: 2\n",
        b"store: *nobody\n",
        b"log: {level: !secret info}\n",
        b"log: \xff\xfe\n",
    ];
    for text in texts {
        told.push_str(&World::new().config(text).problems());
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_file_that_cannot_be_used_is_named() {
    let missing = World::new().option("nowhere.yaml").problems();
    let folder = World::new()
        .file("conf.d/x", "")
        .option("conf.d")
        .problems();
    let large = World::new().config("#".repeat(1024 * 1024 + 1)).problems();
    let ending = World::new()
        .file("config/consultant.yml", "log: {level: warn}\n")
        .problems();
    insta::assert_snapshot!([missing, folder, large, ending].concat());
}

#[test]
fn an_empty_variable_is_not_given_and_an_empty_section_is_no_problem() {
    let world = World::new()
        .config("telegram:\ndiscord:\n  # token:\n")
        .variable("CONSULTANT__TELEGRAM__TOKEN", "");
    assert!(world.loaded().telegram.token.is_none());
    let catalogue_only = World::new().config("");
    assert_eq!(catalogue_only.loaded().company, CompanyFiles::Embedded);
}

#[test]
fn the_disclosure_may_be_worded_for_each_language() {
    let world = World::new().config("reply:\n  disclosure:\n    en: A machine.\n    zh: 机器。\n");
    let disclosure = world.loaded().reply.disclosure.unwrap();
    assert_eq!(disclosure.get("zh".parse().unwrap()), "机器。");
    let world = World::new().variable("CONSULTANT__REPLY__DISCLOSURE", "{zh: 机器。}");
    let disclosure = world.loaded().reply.disclosure.unwrap();
    assert_eq!(disclosure.get("zh".parse().unwrap()), "机器。");
}

#[test]
fn an_authority_needs_tls_and_a_prefix_plain_letters() {
    let store = |keys: &str| World::new().config(format!("store: {keys}\n"));
    let config = store("{url: 'rediss://h', ca_file: ca.pem, key_prefix: shop-2}").loaded();
    assert!(config.store.ca_file.unwrap().ends_with("config/ca.pem"));
    assert_eq!(config.store.key_prefix.as_str(), "shop-2");
    for keys in ["{url: 'redis://h', ca_file: ca.pem}", "{ca_file: ca.pem}"] {
        let told = store(keys).problems();
        assert!(told.contains("store.ca_file: is set, but"), "{told}");
    }
    let told = store("{key_prefix: 'a:b'}").problems();
    assert!(told.contains("store.key_prefix: has more than"), "{told}");
}
