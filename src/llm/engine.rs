//! The engine with its queue: who may wait, who may run, and what a request may ask for.

use std::sync::Arc;

use consultant_core::ports::{ModelError, Prompt};
use mistralrs::{MistralRs, Request, core::DetokenizationRequest};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit, mpsc};

use crate::{LlmSettings, chooser::Reins, load::Loaded, request::Ready, words::Words};

/// What a chat template adds to a message, in tokens, at most.
const FRAME_TOKENS: usize = 8;

pub(crate) struct Engine {
    mistral: Arc<MistralRs>,
    pub(crate) words: Words,
    ends: Arc<[u32]>,
    context_tokens: usize,
    queue_limit: usize,
    places: Arc<Semaphore>,
    running: Semaphore,
}

impl Engine {
    pub(crate) fn new(loaded: Loaded, settings: &LlmSettings) -> Self {
        let max_running = side_by_side(settings, loaded.on_cpu);
        Self {
            mistral: loaded.engine,
            words: loaded.words,
            ends: loaded.ends,
            context_tokens: settings.context_tokens.min(loaded.context_tokens),
            queue_limit: settings.queue_limit,
            places: Arc::new(Semaphore::new(max_running + settings.queue_limit)),
            running: Semaphore::new(max_running),
        }
    }

    /// A place among those who wait or run.
    pub(crate) fn place(&self) -> Result<OwnedSemaphorePermit, ModelError> {
        Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| ModelError::Busy {
                queue_limit: self.queue_limit,
            })
    }

    /// Waits until it is this request's turn to run; first come, first served.
    pub(crate) async fn turn(&self) -> Result<SemaphorePermit<'_>, ModelError> {
        self.running
            .acquire()
            .await
            .map_err(|_| ModelError::Failed("the engine is closed".into()))
    }

    /// Sends a request to the engine.
    pub(crate) async fn submit(&self, request: Ready) -> Result<Arc<Reins>, ModelError> {
        let (request, reins) = request.into_request(Arc::clone(&self.ends));
        self.send(request).await?;
        Ok(reins)
    }

    pub(crate) async fn send(&self, request: Request) -> Result<(), ModelError> {
        let sender = self
            .mistral
            .get_sender(None)
            .map_err(|_| ModelError::Failed("the engine is gone".into()))?;
        sender
            .send(request)
            .await
            .map_err(|_| ModelError::Failed("the engine is gone".into()))
    }

    /// Waits until the engine has noticed which requests were dropped: it answers small questions
    /// between two steps, and after two of them a whole step lies behind it.
    pub(crate) async fn settle(&self) -> Result<(), ModelError> {
        for _ in 0..2 {
            let (sender, mut receiver) = mpsc::channel(1);
            let question = DetokenizationRequest {
                tokens: Vec::new(),
                skip_special_tokens: true,
                response: sender,
            };
            self.send(Request::Detokenize(question)).await?;
            receiver.recv().await;
        }
        Ok(())
    }

    /// Whether a prompt and so many tokens fit the model's context, estimated from above.
    pub(crate) fn check_fits(&self, prompt: &Prompt, tokens: usize) -> Result<(), ModelError> {
        let count = |text: &str| self.words.encode(text).map_or(text.len(), |ids| ids.len());
        let messages = prompt.messages.iter();
        let prompt_tokens: usize = messages
            .map(|message| count(&message.text) + FRAME_TOKENS)
            .sum();
        if prompt_tokens.saturating_add(tokens) <= self.context_tokens {
            return Ok(());
        }
        Err(ModelError::Refused(format!(
            "a prompt of about {prompt_tokens} tokens and an answer of {tokens} are longer than \
             the context of {}",
            self.context_tokens
        )))
    }

    /// The end of an answer that the engine was stopped before handing over.
    pub(crate) fn rest(&self, tokens: &[u32], sent: &str) -> Option<String> {
        let whole = self.words.decode(tokens)?;
        let rest = whole.trim_start().strip_prefix(sent)?;
        // A character may have been cut in the middle.
        let rest = rest.trim_end_matches(char::REPLACEMENT_CHARACTER);
        (!rest.is_empty()).then(|| rest.to_owned())
    }
}

/// On a CPU one request runs at a time: measured with mistral.rs 0.8.1, two that are batched there
/// change each other's probabilities, and take longer than one after the other.
fn side_by_side(settings: &LlmSettings, on_cpu: bool) -> usize {
    if on_cpu && settings.max_running > 1 {
        tracing::warn!(
            max_running = settings.max_running,
            "on a CPU the model answers one request at a time"
        );
        return 1;
    }
    settings.max_running.max(1)
}
