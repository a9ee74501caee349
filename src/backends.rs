//! The only file that names the model crates: it turns the app's choice of a model into one that
//! is loaded.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use consultant_app::{
    failure::{Failure, because},
    model::{Backends, LoadedModel, ModelChoice, ModelSource, Straight, StraightRun},
};
use consultant_core::ports::{Encoder, EncoderTrainer, LanguageModel, ModelError, Prompt};
use consultant_finetune::BertTrainer;
use consultant_llm::{DeviceChoice, LlmSettings, MistralModel, load};
use consultant_perception::SentenceEncoder;

/// Requests that run side by side. On a processor batching gains nothing, so one after another
/// gives the first in the queue its answer soonest; an accelerator gains from several.
const MAX_RUNNING: usize = if cfg!(any(feature = "cuda", feature = "metal")) {
    8
} else {
    1
};

/// The longest prompt and answer together. Our prompts have a few hundred tokens.
const CONTEXT_TOKENS: usize = 2048;

/// Models on mistral.rs.
pub(crate) struct MistralRs;

#[async_trait]
impl Backends for MistralRs {
    fn accelerators(&self) -> Vec<&'static str> {
        [
            ("cuda", cfg!(feature = "cuda")),
            ("flash-attn", cfg!(feature = "flash-attn")),
            ("metal", cfg!(feature = "metal")),
            ("mkl", cfg!(feature = "mkl")),
        ]
        .into_iter()
        .filter_map(|(name, built)| built.then_some(name))
        .collect()
    }

    async fn load(&self, choice: ModelChoice) -> Result<LoadedModel, Failure> {
        let settings = LlmSettings {
            model: source(choice.source),
            isq: choice.isq,
            card: choice.card,
            queue_limit: choice.queue_limit,
            max_running: MAX_RUNNING,
            context_tokens: CONTEXT_TOKENS,
            device: DeviceChoice::Auto,
        };
        let model = load(settings)
            .await
            .map_err(|error| because("the language model cannot be loaded", &error, ""))?;
        Ok(LoadedModel {
            straight: Arc::new(StraightToMistral(Arc::clone(&model))),
            model: model as Arc<dyn LanguageModel>,
        })
    }

    fn encoder(&self, name: &str, folder: &Path) -> Result<Arc<dyn Encoder>, Failure> {
        let encoder = SentenceEncoder::load(name, folder)
            .map_err(|error| because("the sentence encoder cannot be loaded", &error, ""))?;
        Ok(Arc::new(encoder))
    }

    fn encoder_trainer(&self) -> Arc<dyn EncoderTrainer> {
        Arc::new(BertTrainer)
    }
}

fn source(source: ModelSource) -> consultant_llm::ModelSource {
    match source {
        ModelSource::Gguf { file, tokenizer } => {
            let folder = tokenizer.and_then(|json| json.parent().map(PathBuf::from));
            consultant_llm::ModelSource::Gguf {
                file,
                tokenizer: folder,
            }
        }
        ModelSource::Folder(folder) => consultant_llm::ModelSource::Folder(folder),
        ModelSource::Hub(id) => consultant_llm::ModelSource::Hub(id),
    }
}

/// The yardstick of `model bench`.
struct StraightToMistral(Arc<MistralModel>);

#[async_trait]
impl Straight for StraightToMistral {
    async fn run(&self, prompt: &Prompt, tokens: usize) -> Result<StraightRun, ModelError> {
        let run = self.0.baseline(prompt, tokens).await?;
        Ok(StraightRun {
            first_token: run.first_token,
            tokens_per_second: run.tokens_per_second,
        })
    }
}
