//! Which model serves: what the config names, or the default one on its shelf, verified.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use consultant_core::{
    Language,
    ports::{
        Encoder, EncoderTrainer, Generate, Generated, LanguageModel, ModelCard, ModelError, Prompt,
        TUNED_RECORD, TokenScore,
    },
};
use consultant_weights::{
    KnownModel, MODEL_FILE, WeightsError, check_folder, check_gguf, check_tokenizer, verify,
};
use futures::stream::BoxStream;

use crate::{
    config::{self, Config, ModelPath},
    failure::{Failure, because},
};

/// What the heavy backends can do for the rest of the house. `backends.rs` implements it over the
/// model crates; tests over a scripted model.
#[async_trait]
pub trait Backends: Send + Sync {
    /// Accelerators that were compiled in, for example `cuda`.
    fn accelerators(&self) -> Vec<&'static str>;

    /// Loads a model. Errors are plain words.
    async fn load(&self, choice: ModelChoice) -> Result<LoadedModel, Failure>;

    /// Loads a sentence encoder from its folder. Errors are plain words.
    fn encoder(&self, name: &str, folder: &Path) -> Result<Arc<dyn Encoder>, Failure>;

    /// What fine-tunes sentence encoders.
    fn encoder_trainer(&self) -> Arc<dyn EncoderTrainer>;
}

/// A model in memory.
pub struct LoadedModel {
    /// Through the port, as the engine uses it.
    pub model: Arc<dyn LanguageModel>,
    /// Straight to the library, for comparison.
    pub straight: Arc<dyn Straight>,
}

/// The same request without anything of ours around it: the yardstick of `model bench`.
#[async_trait]
pub trait Straight: Send + Sync {
    /// Has this many tokens written after a prompt.
    async fn run(&self, prompt: &Prompt, tokens: usize) -> Result<StraightRun, ModelError>;
}

/// What a straight run took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StraightRun {
    /// From the call to the first token.
    pub first_token: Duration,
    /// After the first token.
    pub tokens_per_second: f64,
}

/// Which model to load, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelChoice {
    /// Where it is.
    pub source: ModelSource,
    /// What it is.
    pub card: ModelCard,
    /// In-situ quantisation, by mistral.rs's name for it.
    pub isq: Option<String>,
    /// Requests that may wait.
    pub queue_limit: usize,
}

/// Where a model is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelSource {
    /// A GGUF file, and the folder of its tokenizer where it is not its own.
    Gguf {
        /// The file.
        file: PathBuf,
        /// A `tokenizer.json` that replaces the file's own.
        tokenizer: Option<PathBuf>,
    },
    /// A folder in Hugging Face form.
    Folder(PathBuf),
    /// A hub id, which mistral.rs resolves.
    Hub(String),
}

/// The folder of the default model.
pub fn default_folder(models_dir: &Path) -> PathBuf {
    models_dir.join(KnownModel::smollm2().name)
}

/// The folder of the sentence encoder.
pub fn encoder_folder(models_dir: &Path) -> PathBuf {
    models_dir.join(KnownModel::minilm().name)
}

/// What the encoder in a folder is called in what is made with it. One that was fine-tuned says it
/// itself: its name holds some of its weights' hash, because two of them may have stood in folders
/// of one name.
pub fn encoder_name(folder: &Path) -> String {
    #[derive(serde::Deserialize)]
    struct Record {
        name: String,
    }
    let record = std::fs::read(folder.join(TUNED_RECORD)).ok();
    let record = record.and_then(|it| serde_json::from_slice::<Record>(&it).ok());
    record.map_or_else(|| name_of(folder.file_name()), |it| it.name)
}

/// What the config asks for; `None` when it asks for no model at all. Files that were fetched are
/// verified against their manifest first.
pub fn choose(config: &Config) -> Result<Option<ModelChoice>, Failure> {
    let settings = &config.model;
    if !settings.enabled {
        return Ok(None);
    }
    let (name, source) = match &settings.path {
        None => default_model(&config.models_dir)?,
        Some(ModelPath::Hub(id)) => (id.clone(), ModelSource::Hub(id.clone())),
        Some(ModelPath::Local(path)) => local_model(path, settings)?,
    };
    Ok(Some(ModelChoice {
        source,
        card: ModelCard {
            name,
            languages: settings.languages.clone(),
        },
        isq: settings.isq.map(|isq| isq.word().to_owned()),
        queue_limit: settings.queue_limit,
    }))
}

fn default_model(models_dir: &Path) -> Result<(String, ModelSource), Failure> {
    let folder = default_folder(models_dir);
    let manifest = verify(&folder).map_err(|error| unusable(&error))?;
    let source = ModelSource::Gguf {
        file: folder.join(MODEL_FILE),
        tokenizer: Some(folder.join("tokenizer.json")),
    };
    Ok((manifest.name, source))
}

fn local_model(path: &Path, settings: &config::Model) -> Result<(String, ModelSource), Failure> {
    if path.is_dir() && path.join(MODEL_FILE).is_file() {
        let manifest = verify(path).map_err(|error| unusable(&error))?;
        let tokenizer = Some(path.join("tokenizer.json"));
        let source = ModelSource::Gguf {
            file: path.join(MODEL_FILE),
            tokenizer,
        };
        return Ok((manifest.name, source));
    }
    if path.is_dir() {
        check_folder(path).map_err(|error| unusable(&error))?;
        return Ok((
            name_of(path.file_name()),
            ModelSource::Folder(path.to_owned()),
        ));
    }
    if let Some(folder) = path
        .parent()
        .filter(|it| it.join("manifest.json").is_file())
    {
        verify(folder).map_err(|error| unusable(&error))?;
    }
    // A damaged file must be found here: mistral.rs would end the whole process over it.
    check_gguf(path).map_err(|error| unusable(&error))?;
    let beside = path.with_file_name("tokenizer.json");
    let tokenizer = settings
        .tokenizer
        .clone()
        .or_else(|| beside.is_file().then_some(beside));
    if let Some(tokenizer) = &tokenizer {
        check_tokenizer(tokenizer).map_err(|error| unusable(&error))?;
    }
    Ok((
        name_of(path.file_stem()),
        ModelSource::Gguf {
            file: path.to_owned(),
            tokenizer,
        },
    ))
}

fn name_of(part: Option<&OsStr>) -> String {
    part.map_or_else(
        || "model".to_owned(),
        |part| part.to_string_lossy().into_owned(),
    )
}

fn unusable(error: &WeightsError) -> Failure {
    because(
        "the language model cannot be used",
        error,
        "run `consultant model fetch`, or set model.path; with model.enabled: false the \
         consultant answers from the catalogue and the FAQ alone",
    )
}

/// Stands in when the config asks for no model: it writes in no language, so the engine never
/// asks it.
pub struct NoModel(ModelCard);

impl Default for NoModel {
    fn default() -> Self {
        Self(ModelCard {
            name: "none".to_owned(),
            languages: Vec::<Language>::new(),
        })
    }
}

impl NoModel {
    fn refusal() -> ModelError {
        ModelError::Refused("model.enabled is false".to_owned())
    }
}

#[async_trait]
impl LanguageModel for NoModel {
    fn card(&self) -> &ModelCard {
        &self.0
    }

    async fn generate(
        &self,
        _request: Generate,
    ) -> Result<BoxStream<'static, Result<Generated, ModelError>>, ModelError> {
        Err(Self::refusal())
    }

    async fn score(
        &self,
        _prompt: &Prompt,
        _continuation: &str,
    ) -> Result<Vec<TokenScore>, ModelError> {
        Err(Self::refusal())
    }

    async fn count_tokens(&self, _text: &str) -> Result<usize, ModelError> {
        Err(Self::refusal())
    }

    async fn warm(&self, _prompt: &Prompt) -> Result<(), ModelError> {
        Ok(())
    }
}
