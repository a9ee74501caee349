//! What is written: a folder in the form of the one it began with, and beside the weights a record
//! of how they came about.

use std::{fmt::Write as _, fs, io, path::Path};

use candle_core::safetensors;
use consultant_core::ports::{TUNED_RECORD, Tuned, TunedText, Tuning, TuningError, TuningSettings};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::{
    base::Base,
    course::Learned,
    error::{failed, unwritable},
};

/// Letters of a hash that tell encoders apart.
const TELLING: usize = 12;

/// How an encoder was trained.
#[derive(Serialize)]
struct Record<'a> {
    format: &'static str,
    base: Files,
    texts: usize,
    held_back: usize,
    categories: usize,
    /// The share of what was learned that was kept.
    believed: f64,
    /// Of all texts with their categories, in their order.
    texts_sha256: String,
    settings: &'a TuningSettings,
    weights_sha256: String,
    #[serde(flatten)]
    tuned: &'a Tuned,
}

/// What it began with.
#[derive(Serialize)]
struct Files {
    name: String,
    weights_sha256: String,
}

/// A place beside a folder that is not there yet, where it comes together.
pub(crate) fn beside(out: &Path) -> Result<TempDir, TuningError> {
    if out.exists() {
        return Err(unwritable(out, "it is there already"));
    }
    let parent = out.parent().filter(|it| !it.as_os_str().is_empty());
    tempfile::Builder::new()
        .prefix(".tuned-")
        .tempdir_in(parent.unwrap_or(Path::new(".")))
        .map_err(|error| unwritable(out, error))
}

/// Writes all of a folder or nothing of it.
pub(crate) fn write(
    task: &Tuning<'_>,
    base: &Base,
    learned: Learned,
    beside: &TempDir,
) -> Result<Tuned, TuningError> {
    let wrong = |error: io::Error| unwritable(task.out, error);
    for name in ["config.json", "tokenizer.json"] {
        fs::copy(base.folder.join(name), beside.path().join(name)).map_err(wrong)?;
    }
    let weights = beside.path().join("model.safetensors");
    let share = believed(task, learned.categories);
    let tensors = base.moved(&learned.numbers, share)?;
    let tensors = tensors.into_iter().collect();
    safetensors::save(&tensors, &weights).map_err(failed)?;
    let hash = hash_of(&weights).map_err(wrong)?;
    let base_name = name_of(&base.folder);
    let tuned = Tuned {
        name: format!(
            "{base_name}-{}",
            hash.chars().take(TELLING).collect::<String>()
        ),
        round: learned.round,
        rounds: learned.rounds,
        ended: learned.ended,
    };
    let record = Record {
        format: "consultant-tuned-encoder-1",
        base: Files {
            name: base_name,
            weights_sha256: hash_of(&base.folder.join("model.safetensors")).map_err(wrong)?,
        },
        texts: task.learned.len(),
        held_back: task.held_back.len(),
        categories: learned.categories,
        believed: share,
        texts_sha256: hash_of_texts(task),
        settings: &task.settings,
        weights_sha256: hash,
        tuned: &tuned,
    };
    let record = serde_json::to_vec_pretty(&record).map_err(|it| wrong(it.into()))?;
    fs::write(beside.path().join(TUNED_RECORD), record).map_err(wrong)?;
    persist(beside, task.out).map_err(wrong)?;
    Ok(tuned)
}

/// Gives the folder its name, once all of it is on the disk.
fn persist(beside: &TempDir, out: &Path) -> io::Result<()> {
    for entry in fs::read_dir(beside.path())? {
        fs::File::open(entry?.path())?.sync_all()?;
    }
    fs::rename(beside.path(), out)
}

fn name_of(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or(folder.as_os_str());
    name.to_string_lossy().into_owned()
}

fn hash_of(file: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(&mut fs::File::open(file)?, &mut hasher)?;
    Ok(hexadecimal(hasher))
}

fn hash_of_texts(task: &Tuning<'_>) -> String {
    let mut hasher = Sha256::new();
    for TunedText { text, category } in task.learned.iter().chain(task.held_back) {
        for part in [text, category] {
            hasher.update(part.len().to_le_bytes());
            hasher.update(part);
        }
    }
    hexadecimal(hasher)
}

fn hexadecimal(hasher: Sha256) -> String {
    let bytes = hasher.finalize();
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    })
}

/// The share of what was learned that is kept.
#[expect(clippy::cast_precision_loss, reason = "texts are counted")]
fn believed(task: &Tuning<'_>, categories: usize) -> f64 {
    let each = task.learned.len() as f64 / categories.max(1) as f64;
    each / (each + task.settings.doubt.max(0.0))
}
