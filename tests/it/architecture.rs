//! The house plan, checked: which crate may use which, who owns which outside system, and that
//! what is generated is in sync. A failure here is a decision to be made, not a list to extend.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Which of our crates each crate may use. Arrows point down only, and nothing points sideways.
/// Crates of the plan that do not exist yet have their line already.
const ARROWS: [(&str, &[&str]); 15] = [
    ("consultant-core", &[]),
    ("consultant-playbook", &["core"]),
    ("consultant-knowledge", &["core"]),
    ("consultant-store", &["core"]),
    ("consultant-channels", &["core"]),
    ("consultant-weights", &["core"]),
    ("consultant-learning", &["core"]),
    ("consultant-insight", &["core"]),
    ("consultant-perception", &["core"]),
    ("consultant-llm", &["core"]),
    ("consultant-finetune", &["core"]),
    ("consultant-desk", MIDDLE),
    ("consultant-web", MIDDLE),
    ("consultant-app", APP),
    (
        "consultant",
        &["app", "core", "perception", "llm", "finetune"],
    ),
];

const MIDDLE: &[&str] = &[
    "core",
    "playbook",
    "knowledge",
    "store",
    "channels",
    "weights",
    "learning",
    "insight",
];

const APP: &[&str] = &[
    "core",
    "playbook",
    "knowledge",
    "store",
    "channels",
    "weights",
    "learning",
    "insight",
    "desk",
    "web",
];

/// The tests drive everything light directly, and the heavy crates through the release binary.
const TESTS: &str = "consultant-tests";

/// Who may use which outside system. The tests' doubles are servers, so they use axum too; `app`
/// mounts Telegram's webhook with it until there is a `web`.
const OWNERS: [(&str, &[&str]); 10] = [
    ("serenity", &["consultant-channels"]),
    ("teloxide", &["consultant-channels"]),
    ("axum", &["consultant-web", "consultant-app", TESTS]),
    ("redis", &["consultant-store"]),
    ("rusqlite", &["consultant-store"]),
    ("rhai", &["consultant-playbook"]),
    ("mistralrs", &["consultant-llm"]),
    (
        "candle-core",
        &[
            "consultant-weights",
            "consultant-perception",
            "consultant-finetune",
        ],
    ),
    (
        "candle-nn",
        &["consultant-perception", "consultant-finetune"],
    ),
    // Its tests compare what they train with what `perception` serves.
    (
        "candle-transformers",
        &["consultant-perception", "consultant-finetune"],
    ),
];

/// What would give `core` a runtime, a network, a file system or a clock.
const NOT_IN_CORE: [&str; 8] = [
    "tokio",
    "tokio-util",
    "async-std",
    "reqwest",
    "hyper",
    "rusqlite",
    "redis",
    "tracing",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn metadata() -> Metadata {
    let manifest = root().join("Cargo.toml");
    MetadataCommand::new()
        .manifest_path(manifest)
        .no_deps()
        .exec()
        .expect("cargo metadata")
}

/// The crates of ours that this one uses, also for its own tests.
fn ours(package: &Package) -> BTreeSet<&str> {
    let names = package
        .dependencies
        .iter()
        .map(|dependency| dependency.name.as_str());
    names
        .filter(|name| name.starts_with("consultant"))
        .collect()
}

fn allowed(package: &str) -> BTreeSet<String> {
    let full = |short: &&str| format!("consultant-{short}");
    if package == TESTS {
        let light = APP.iter().chain(&["app", "perception", "finetune"]);
        return light.map(full).collect();
    }
    let (_, arrows) = ARROWS
        .iter()
        .find(|(name, _)| *name == package)
        .unwrap_or_else(|| {
            panic!("{package} has no arrows: draw them here and in ARCHITECTURE.md")
        });
    arrows.iter().map(full).collect()
}

#[test]
fn arrows_point_down_and_never_sideways() {
    let metadata = metadata();
    let packages = metadata.workspace_packages();
    assert!(
        packages.len() >= 10,
        "only {} crates were found",
        packages.len()
    );
    for package in packages {
        let allowed = allowed(&package.name);
        for used in ours(package) {
            assert!(
                allowed.contains(used),
                "{} must not use {used}",
                package.name
            );
        }
    }
}

#[test]
fn each_outside_system_has_one_owner() {
    let metadata = metadata();
    for (system, owners) in OWNERS {
        let users: Vec<&str> = metadata
            .workspace_packages()
            .into_iter()
            .filter(|package| package.dependencies.iter().any(|used| used.name == system))
            .map(|package| package.name.as_str())
            .collect();
        assert!(
            !users.is_empty(),
            "nobody uses {system}; take its line away"
        );
        for user in users {
            assert!(
                owners.contains(&user),
                "{user} must not use {system}; it belongs to {owners:?}"
            );
        }
    }
}

#[test]
fn the_core_has_no_runtime_no_network_no_files_and_no_clock() {
    let metadata = metadata();
    let packages = metadata.workspace_packages();
    let core = packages
        .iter()
        .find(|package| package.name == "consultant-core")
        .expect("core");
    let normal = core
        .dependencies
        .iter()
        .filter(|used| used.kind == DependencyKind::Normal);
    for used in normal {
        assert!(
            !NOT_IN_CORE.contains(&used.name.as_str()),
            "core must not use {}",
            used.name
        );
    }
    let forbidden = [
        "std::fs",
        "std::net",
        "std::env",
        "std::thread",
        "std::process",
        "Instant",
    ];
    for file in rust_files(&root().join("src/core")) {
        let text = fs::read_to_string(&file).unwrap();
        for word in forbidden {
            let used = text
                .lines()
                .any(|line| line.contains(word) && !line.trim().starts_with("//"));
            assert!(!used, "{} uses {word}", file.display());
        }
    }
}

#[test]
fn no_test_builds_mistral_rs() {
    let metadata = metadata();
    for package in metadata.workspace_packages() {
        if !["consultant", "consultant-llm"].contains(&package.name.as_str()) {
            continue;
        }
        for target in &package.targets {
            let what = format!("{} of {}", target.name, package.name);
            assert!(!target.test, "{what} would build mistral.rs for a test");
            assert!(
                !target.is_test(),
                "{what} is an integration test: put it into tests/it"
            );
            assert!(
                target.is_bin() || !target.doctest,
                "{what} would build doc tests"
            );
        }
    }
}

#[test]
fn every_crate_is_held_to_the_lints_of_the_workspace() {
    for package in metadata().workspace_packages() {
        let manifest = fs::read_to_string(&package.manifest_path).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{}",
            package.name
        );
    }
}

#[test]
fn every_module_opens_by_saying_what_it_is() {
    let files: Vec<PathBuf> = ["src", "tests"]
        .iter()
        .flat_map(|folder| rust_files(&root().join(folder)))
        .collect();
    assert!(files.len() > 20, "only {} files were found", files.len());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let opening = text.lines().next().unwrap_or_default();
        let said = opening.strip_prefix("//! ").unwrap_or_default();
        assert!(
            said.chars().count() > 10,
            "{} opens with {opening:?}",
            file.display()
        );
    }
}

#[test]
fn no_module_hides_in_a_file_called_mod() {
    for file in rust_files(&root().join("src")) {
        assert!(
            !file.ends_with("mod.rs"),
            "{}: name it after its module",
            file.display()
        );
    }
}

#[test]
fn the_example_of_the_configuration_is_in_sync() {
    let example = fs::read_to_string(root().join("config/example.yaml")).unwrap();
    let generated = consultant_app::config::example_yaml();

    assert!(
        example == generated,
        "write it anew: consultant config example > config/example.yaml"
    );
}

/// Every Rust file below a folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                rust_files(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect()
}
