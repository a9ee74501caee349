//! The Dockerfile, read as a program: it cannot be built on every machine, so what it must hold
//! is asserted here, and that it takes the same steps as the Makefile.

use std::{path::PathBuf, process::Command};

/// One stage: the image it starts from, its name, and its instructions.
#[derive(Default)]
struct Stage {
    image: String,
    name: String,
    instructions: Vec<(String, String)>,
}

impl Stage {
    /// The arguments of every instruction of this kind.
    fn all(&self, kind: &str) -> Vec<&str> {
        let same = self.instructions.iter().filter(|(found, _)| found == kind);
        same.map(|(_, arguments)| arguments.as_str()).collect()
    }

    /// The arguments of the last instruction of this kind, which is the one that counts.
    #[track_caller]
    fn last(&self, kind: &str) -> &str {
        self.all(kind)
            .last()
            .copied()
            .unwrap_or_else(|| panic!("no {kind} in stage {}", self.name))
    }

    /// The only RUN with this text in it.
    #[track_caller]
    fn run_with(&self, text: &str) -> &str {
        let found: Vec<&str> = self
            .all("RUN")
            .into_iter()
            .filter(|run| run.contains(text))
            .collect();
        assert_eq!(found.len(), 1, "RUN with {text:?} in stage {}", self.name);
        found[0]
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Instructions with their continuation lines joined and comments left out.
fn instructions(text: &str) -> Vec<(String, String)> {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'));
    let joined = lines.fold(String::new(), |text, line| match line.strip_suffix('\\') {
        Some(open) => text + open.trim_end() + " ",
        None => text + line + "\n",
    });
    let split = |line: &str| {
        line.split_once(' ')
            .map(|(kind, rest)| (kind.to_uppercase(), rest.trim().to_owned()))
    };
    joined.lines().filter_map(split).collect()
}

/// The stages in their order, with the global arguments put into their images.
fn stages() -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    let mut arguments: Vec<(String, String)> = Vec::new();
    for (kind, rest) in instructions(&read("Dockerfile")) {
        match (kind.as_str(), stages.last_mut()) {
            ("FROM", _) => stages.push(from(&rest, &arguments)),
            ("ARG", None) => {
                let (name, value) = rest.split_once('=').expect("a global ARG has a default");
                arguments.push((format!("${{{name}}}"), value.to_owned()));
            }
            (_, Some(stage)) => stage.instructions.push((kind, rest)),
            (_, None) => panic!("{kind} before the first FROM"),
        }
    }
    stages
}

fn from(rest: &str, arguments: &[(String, String)]) -> Stage {
    let (image, name) = rest.split_once(" AS ").expect("every stage has a name");
    let image = arguments
        .iter()
        .fold(image.to_owned(), |image, (name, value)| {
            image.replace(name.as_str(), value)
        });
    Stage {
        image,
        name: name.to_owned(),
        ..Stage::default()
    }
}

#[track_caller]
fn two_stages() -> (Stage, Stage) {
    let stages: [Stage; 2] = stages().try_into().unwrap_or_else(|all: Vec<Stage>| {
        panic!("{} stages instead of build and run", all.len());
    });
    let [build, run] = stages;
    (build, run)
}

#[test]
fn it_builds_in_one_stage_and_runs_in_another() {
    let (build, run) = two_stages();
    assert_eq!(
        (build.name.as_str(), build.image.as_str()),
        ("build", "rust:1.95-bookworm")
    );
    assert_eq!(
        (run.name.as_str(), run.image.as_str()),
        ("run", "debian:bookworm-slim")
    );
    assert_eq!(
        run.last("COPY"),
        "--from=build /out/consultant /usr/local/bin/consultant"
    );
    assert!(build.run_with("cargo build").ends_with("/out/consultant"));
}

#[test]
fn the_rust_version_is_the_one_of_the_workspace_and_of_the_dependency_check() {
    let version = "1.95";
    assert!(read("Cargo.toml").contains(&format!("rust-version = \"{version}\"")));
    assert!(read(".ci/deps.sh").contains(&format!("RUST_AT_LEAST={version}\n")));
    assert!(two_stages().0.image.contains(&format!("rust:{version}-")));
}

#[test]
fn the_build_takes_the_steps_of_the_makefile() {
    let step = "cargo build --release --locked";
    let (build, _) = two_stages();
    assert!(read("Makefile").contains(&format!("RELEASE_BUILD := {step} ")));
    assert!(
        build
            .run_with("cargo build")
            .contains(&format!("&& {step} "))
    );
    assert_eq!(build.all("ARG"), ["FEATURES=\"\""]);
    assert!(
        build
            .run_with("cargo build")
            .contains("${FEATURES:+--features \"$FEATURES\"}")
    );
}

#[test]
fn the_build_installs_the_packages_that_make_deps_installs() {
    let install = two_stages().0.run_with("apt-get install").to_owned();
    assert!(install.contains("$(.ci/deps.sh --list)"), "{install}");
    let list = Command::new(root().join(".ci/deps.sh"))
        .arg("--list")
        .output()
        .unwrap();
    assert!(list.status.success());
    let list = String::from_utf8(list.stdout).unwrap();
    assert_eq!(
        list.lines().collect::<Vec<_>>(),
        ["build-essential", "pkg-config", "libssl-dev"]
    );
    let installer = read(".ci/deps.sh");
    for package in list.lines() {
        assert!(
            installer.contains(&format!("echo {package};")),
            "{package} is never installed"
        );
    }
}

#[test]
fn the_build_is_cached_and_not_tied_to_the_building_machine() {
    let (build, _) = two_stages();
    let run = build.run_with("cargo build");
    for cache in ["/usr/local/cargo/registry", "/cache/target"] {
        assert!(
            run.contains(&format!("--mount=type=cache,target={cache} ")),
            "{cache}"
        );
    }
    assert_eq!(build.last("ENV"), "CARGO_TARGET_DIR=/cache/target");
    assert!(run.contains("amd64) cpu=x86-64-v3 ;;"));
    assert!(run.contains("export RUSTFLAGS=\"-C target-cpu=$cpu\""));
    assert!(!run.contains("native"));
}

#[test]
fn it_runs_as_nobody_special_with_state_and_models_on_volumes() {
    let (_, run) = two_stages();
    let user: u32 = run
        .last("USER")
        .parse()
        .expect("a number, which orchestrators can check");
    assert_ne!(user, 0);
    assert!(run.run_with("useradd").contains(&format!("--uid {user} ")));
    assert_eq!(run.last("VOLUME"), r#"["/data", "/models"]"#);
    let environment = run.last("ENV");
    assert!(environment.contains("CONSULTANT__DATA_DIR=/data "));
    assert!(environment.contains("CONSULTANT__MODELS_DIR=/models "));
    let order = |kind| run.instructions.iter().position(|(found, _)| found == kind);
    assert!(
        order("RUN") < order("USER"),
        "packages are installed before the rights are given up"
    );
}

#[test]
fn it_serves_and_says_whether_it_is_well() {
    let (_, run) = two_stages();
    assert_eq!(run.last("ENTRYPOINT"), r#"["consultant"]"#);
    assert_eq!(run.last("CMD"), r#"["serve"]"#);
    assert!(
        run.last("HEALTHCHECK")
            .ends_with(r#"CMD ["consultant", "health"]"#)
    );
    assert_eq!(run.last("STOPSIGNAL"), "SIGTERM");
    let install = run.run_with("apt-get install");
    for package in ["ca-certificates", "libssl3", "python3-pip"] {
        assert!(install.contains(&format!(" {package} ")), "{package}");
    }
}

#[test]
fn no_secret_and_no_state_is_copied_into_the_image() {
    let ignored = read(".dockerignore");
    for line in ["/data", "**/.env", "config/consultant.yaml", ".git"] {
        assert!(ignored.lines().any(|found| found == line), "{line}");
    }
    for stage in stages() {
        for environment in stage.all("ENV").into_iter().chain(stage.all("ARG")) {
            let upper = environment.to_uppercase();
            assert!(
                !upper.contains("TOKEN") && !upper.contains("PASSWORD"),
                "{environment}"
            );
        }
    }
}
