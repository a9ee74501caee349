//! The port, and what lies behind it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use consultant_core::ports::{
    Generate, Generated, LanguageModel, ModelCard, ModelError, Prompt, TokenScore,
};
use futures::{StreamExt as _, stream, stream::BoxStream};
use mistralrs::{Request, Response};
use tokio::sync::mpsc;

use crate::{
    LlmSettings, LoadError,
    engine::Engine,
    load::load as load_model,
    reply::{self, Running},
    request::{failure, forced, generation, greedy, messages, plain},
};

/// A language model in this process.
pub struct MistralModel {
    card: ModelCard,
    engine: Arc<Engine>,
}

/// Loads a model. Needs a Tokio runtime of several threads; takes about a second for the default
/// model, and at most the time to read its file for others.
pub async fn load(settings: LlmSettings) -> Result<Arc<MistralModel>, LoadError> {
    let loaded = load_model(&settings).await?;
    let engine = Arc::new(Engine::new(loaded, &settings));
    Ok(Arc::new(MistralModel {
        card: settings.card,
        engine,
    }))
}

impl MistralModel {
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Runs a request to its natural end, so that the engine keeps what it has read.
    async fn read(&self, prompt: &Prompt) -> Result<(), ModelError> {
        let _turn = self.engine.turn().await?;
        let (sender, mut receiver) = mpsc::channel(1);
        let request = plain(messages(prompt, &self.engine.words), greedy(1), sender);
        self.engine.send(Request::Normal(Box::new(request))).await?;
        while let Some(response) = receiver.recv().await {
            if !matches!(response, Response::Chunk(_)) {
                return Err(failure(response));
            }
        }
        Ok(())
    }
}

#[async_trait]
impl LanguageModel for MistralModel {
    fn card(&self) -> &ModelCard {
        &self.card
    }

    async fn generate(
        &self,
        request: Generate,
    ) -> Result<BoxStream<'static, Result<Generated, ModelError>>, ModelError> {
        let deadline = deadline(request.time_limit);
        let ready = generation(&request, &self.engine.words)?;
        self.engine
            .check_fits(&request.prompt, request.max_tokens)?;
        let place = self.engine.place()?;
        let (sender, receiver) = mpsc::unbounded_channel();
        let engine = Arc::clone(&self.engine);
        tokio::spawn(reply::run(engine, ready, place, deadline, sender));
        let pieces = stream::unfold(receiver, |mut receiver| async {
            receiver.recv().await.map(|item| (item, receiver))
        });
        Ok(pieces.boxed())
    }

    async fn score(
        &self,
        prompt: &Prompt,
        continuation: &str,
    ) -> Result<Vec<TokenScore>, ModelError> {
        let tokens = self.tokens(continuation)?;
        if tokens.is_empty() {
            return Ok(Vec::new());
        }
        self.engine.check_fits(prompt, tokens.len())?;
        let _place = self.engine.place()?;
        let _turn = self.engine.turn().await?;
        let request = forced(prompt, tokens.clone(), &self.engine.words);
        let running = Running(self.engine.submit(request).await?);
        while let Some(response) = running.next().await {
            if !matches!(response, Response::Chunk(_)) {
                return Err(failure(response));
            }
        }
        let scores = running.0.progress().scores;
        if scores.len() < tokens.len() {
            return Err(ModelError::Failed(
                "the engine stopped in the middle".into(),
            ));
        }
        let scored = tokens.iter().zip(scores);
        Ok(scored
            .map(|(token, log_probability)| TokenScore {
                token: self.engine.words.spell(*token),
                log_probability,
            })
            .collect())
    }

    async fn count_tokens(&self, text: &str) -> Result<usize, ModelError> {
        self.tokens(text).map(|tokens| tokens.len())
    }

    async fn warm(&self, prompt: &Prompt) -> Result<(), ModelError> {
        self.engine.check_fits(prompt, 1)?;
        let _place = self.engine.place()?;
        self.read(prompt).await
    }
}

impl MistralModel {
    fn tokens(&self, text: &str) -> Result<Vec<u32>, ModelError> {
        self.engine
            .words
            .encode(text)
            .ok_or_else(|| ModelError::Refused("the text cannot be cut into tokens".into()))
    }
}

/// The end of a time from now; a time without end is a day.
fn deadline(limit: Duration) -> Instant {
    const DAY: Duration = Duration::from_hours(24);
    Instant::now() + limit.min(DAY)
}
