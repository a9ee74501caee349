//! Loading a model, with errors that an operator can act on.
//!
//! mistral.rs answers many bad inputs with a panic, so it loads on a thread of its own, and a
//! panic there becomes an error here.

use std::{
    any::Any,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use mistralrs::{
    AnyModelBuilder, GgufModelBuilder, MistralRs, ModelDType, TextModelBuilder, TokenSource,
    best_device, core::MistralRsBuilder, parse_isq_value,
};
use tokio::runtime::Handle;

use crate::{
    DeviceChoice, LlmSettings, ModelSource,
    words::{Words, words},
};

/// Warmed prompts that an accelerator keeps; a CPU keeps all.
const WARM_PROMPTS: usize = 16;

/// Why a model could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder is not there or not readable.
    #[error(
        "the model's {what} {path} cannot be read: {source}; run `consultant model fetch`, or name another model"
    )]
    NotReadable {
        /// What it is, for example `file`.
        what: &'static str,
        /// Where it should be.
        path: PathBuf,
        /// Why it cannot be read.
        #[source]
        source: std::io::Error,
    },
    /// The named file is no GGUF file.
    #[error("{0} is not a GGUF file: it does not begin with `GGUF`")]
    NotGguf(PathBuf),
    /// The in-situ quantisation is unknown.
    #[error("in-situ quantisation `{0}` is unknown: try `q8_0`, `q4k`, `8` or `4`")]
    UnknownIsq(String),
    /// A GGUF file is quantised already.
    #[error("{0} is a GGUF file, which is already quantised: remove the `isq` setting")]
    IsqOnGguf(PathBuf),
    /// mistral.rs cannot run it.
    #[error("mistral.rs cannot load {model}: {reason}")]
    Engine {
        /// The file, folder or id.
        model: String,
        /// What it said.
        reason: String,
    },
}

/// A model in memory.
pub(crate) struct Loaded {
    pub(crate) engine: Arc<MistralRs>,
    pub(crate) words: Words,
    pub(crate) ends: Arc<[u32]>,
    pub(crate) context_tokens: usize,
    pub(crate) on_cpu: bool,
}

/// Loads the model of these settings.
pub(crate) async fn load(settings: &LlmSettings) -> Result<Loaded, LoadError> {
    let name = describe(&settings.model);
    let builder = builder(settings)?;
    let engine_error = |reason: String| LoadError::Engine {
        model: name.clone(),
        // What follows the first line is a stack trace.
        reason: reason.lines().next().unwrap_or_default().to_owned(),
    };
    let handle = Handle::current();
    let task = tokio::task::spawn_blocking(move || handle.block_on(build(builder)));
    match task.await {
        Ok(Ok(loaded)) => Ok(loaded),
        Ok(Err(reason)) => Err(engine_error(reason)),
        Err(stopped) => Err(engine_error(panic_text(stopped))),
    }
}

async fn build(builder: AnyModelBuilder) -> Result<Loaded, String> {
    let (pipeline, scheduler, _) = builder
        .build_pipeline()
        .await
        .map_err(|error| format!("{error:#}"))?;
    let (words, ends, context_tokens, on_cpu) = {
        let pipeline = pipeline.lock().await;
        let tokenizer = pipeline.tokenizer().ok_or("it has no tokenizer")?;
        let metadata = pipeline.get_metadata();
        let words = words!(tokenizer);
        let on_cpu = pipeline.device().is_cpu();
        let mut ends = metadata.eos_tok.clone();
        // A grammar ends with a token that it finds by its name, whatever the model's own is. It
        // takes any token where it finds none, so only what is no text counts.
        let of_grammars = metadata
            .tok_env()
            .map(|env| env.tok_trie().eos_tokens().to_vec());
        let is_control = |token: &u32| words.decode(&[*token]).is_some_and(|it| it.is_empty());
        ends.extend(of_grammars.into_iter().flatten().filter(is_control));
        (words, ends, metadata.max_seq_len, on_cpu)
    };
    if ends.is_empty() {
        return Err("its tokenizer names no token that ends an answer".into());
    }
    // Without end tokens, for the reason that `chooser` gives.
    let engine = MistralRsBuilder::new(pipeline, scheduler, false, None)
        .with_disable_eos_stop(true)
        .with_prefix_cache_n(WARM_PROMPTS)
        .build()
        .await;
    Ok(Loaded {
        engine,
        words,
        ends: ends.into(),
        context_tokens,
        on_cpu,
    })
}

fn builder(settings: &LlmSettings) -> Result<AnyModelBuilder, LoadError> {
    match &settings.model {
        ModelSource::Gguf { file, tokenizer } => gguf(settings, file, tokenizer.as_deref()),
        ModelSource::Folder(folder) => {
            check_readable("file", &folder.join("config.json"))?;
            hugging_face(settings, &folder.to_string_lossy(), TokenSource::None)
        }
        ModelSource::Hub(id) => hugging_face(settings, id, TokenSource::CacheToken),
    }
}

fn gguf(
    settings: &LlmSettings,
    file: &Path,
    tokenizer: Option<&Path>,
) -> Result<AnyModelBuilder, LoadError> {
    check_gguf(file)?;
    if settings.isq.is_some() {
        return Err(LoadError::IsqOnGguf(file.to_owned()));
    }
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut builder = GgufModelBuilder::new(folder.to_string_lossy(), vec![name])
        .with_token_source(TokenSource::None)
        .with_max_num_seqs(engine_slots(settings))
        .with_prefix_cache_n(Some(WARM_PROMPTS));
    if settings.device == DeviceChoice::Cpu {
        builder = builder.with_force_cpu();
    }
    if let Some(tokenizer) = tokenizer {
        check_readable("tokenizer", &tokenizer.join("tokenizer.json"))?;
        check_readable("tokenizer", &tokenizer.join("tokenizer_config.json"))?;
        builder = builder.with_tok_model_id(tokenizer.to_string_lossy());
    }
    Ok(AnyModelBuilder::Gguf(builder))
}

fn hugging_face(
    settings: &LlmSettings,
    model: &str,
    token: TokenSource,
) -> Result<AnyModelBuilder, LoadError> {
    let force_cpu = settings.device == DeviceChoice::Cpu;
    let device = best_device(force_cpu).map_err(|error| LoadError::Engine {
        model: model.to_owned(),
        reason: error.to_string(),
    })?;
    // Files say bf16 by default, which a CPU computes a hundred times slower than f32.
    let dtype = if device.is_cpu() {
        ModelDType::F32
    } else {
        ModelDType::Auto
    };
    let mut builder = TextModelBuilder::new(model)
        .with_token_source(token)
        .with_dtype(dtype)
        .with_max_num_seqs(engine_slots(settings))
        .with_prefix_cache_n(Some(WARM_PROMPTS));
    if force_cpu {
        builder = builder.with_force_cpu();
    }
    if let Some(isq) = &settings.isq {
        let kind =
            parse_isq_value(isq, Some(&device)).map_err(|_| LoadError::UnknownIsq(isq.clone()))?;
        builder = builder.with_isq(kind);
    }
    Ok(AnyModelBuilder::Text(builder))
}

/// A cancelled request holds its slot until its next token.
fn engine_slots(settings: &LlmSettings) -> usize {
    settings.max_running.max(1) * 2
}

fn check_gguf(file: &Path) -> Result<(), LoadError> {
    let not_readable = |source| LoadError::NotReadable {
        what: "file",
        path: file.to_owned(),
        source,
    };
    let mut magic = Vec::new();
    File::open(file)
        .and_then(|file| file.take(4).read_to_end(&mut magic))
        .map_err(not_readable)?;
    if magic == b"GGUF" {
        return Ok(());
    }
    Err(LoadError::NotGguf(file.to_owned()))
}

fn check_readable(what: &'static str, path: &Path) -> Result<(), LoadError> {
    File::open(path)
        .map(drop)
        .map_err(|source| LoadError::NotReadable {
            what,
            path: path.to_owned(),
            source,
        })
}

fn describe(model: &ModelSource) -> String {
    match model {
        ModelSource::Gguf { file, .. } => file.display().to_string(),
        ModelSource::Folder(folder) => folder.display().to_string(),
        ModelSource::Hub(id) => id.clone(),
    }
}

fn panic_text(stopped: tokio::task::JoinError) -> String {
    let Ok(panic) = stopped.try_into_panic() else {
        return "loading was stopped".into();
    };
    let text = text_of(panic.as_ref()).unwrap_or("it gave no reason");
    format!("it stopped while loading: {text}")
}

fn text_of(panic: &(dyn Any + Send)) -> Option<&str> {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
}
