//! What an operator can decide about the model.

use std::path::PathBuf;

use consultant_core::ports::ModelCard;

/// Which model to run, and how.
#[derive(Clone, Debug)]
pub struct LlmSettings {
    /// Where the model is.
    pub model: ModelSource,
    /// In-situ quantisation of a Hugging Face model, for example `q8_0` or `4`; `None` runs it as
    /// it is. A GGUF file is already quantised.
    pub isq: Option<String>,
    /// What the model is, for people, logs and the choice of languages.
    pub card: ModelCard,
    /// How many requests may wait; one more is told `Busy`.
    pub queue_limit: usize,
    /// How many requests run side by side on an accelerator. On a CPU it is always one: batching
    /// gains nothing there, and mistral.rs 0.8.1 computes batches wrongly.
    pub max_running: usize,
    /// The longest prompt and answer together, in tokens.
    pub context_tokens: usize,
    /// Where to compute.
    pub device: DeviceChoice,
}

/// Where a model is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelSource {
    /// A GGUF file.
    Gguf {
        /// The file.
        file: PathBuf,
        /// A folder with its `tokenizer.json` and `tokenizer_config.json`. Without it the
        /// tokenizer inside the file is used, whose way to split texts mistral.rs may not know.
        tokenizer: Option<PathBuf>,
    },
    /// A folder as Hugging Face lays it out: `config.json`, safetensors, tokenizer.
    Folder(PathBuf),
    /// A model's id at the Hugging Face hub; it is downloaded at the first load.
    Hub(String),
}

/// Where to compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The accelerator that this program was built for, if there is one; else the CPU.
    Auto,
    /// The CPU.
    Cpu,
}
