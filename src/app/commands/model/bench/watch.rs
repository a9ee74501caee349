//! What the bench puts around the model and below the engine: a model that notes times, and a
//! screen that shows nothing.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use consultant_core::{
    Address, ChannelName, Receipt,
    ports::{
        Channel, ChannelLimits, DeliveryError, Generate, Generated, LanguageModel, ModelCard,
        ModelError, Post, Preview, Prompt, TokenScore,
    },
};
use futures::{StreamExt, stream::BoxStream};

/// What a turn took, seen from its beginning.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// To the model's first piece of text.
    pub(super) first_token: Duration,
    /// To its last.
    pub(super) end: Duration,
    /// Pieces, which are tokens.
    pub(super) tokens: usize,
}

impl Seen {
    pub(super) fn decoding(&self) -> Duration {
        self.end.saturating_sub(self.first_token)
    }
}

#[derive(Default)]
struct Notes {
    started: Option<Instant>,
    request: Option<Generate>,
    seen: Seen,
}

/// The model, with a watch.
pub(super) struct WatchedModel {
    model: Arc<dyn LanguageModel>,
    notes: Arc<Mutex<Notes>>,
}

impl WatchedModel {
    pub(super) fn new(model: Arc<dyn LanguageModel>) -> Self {
        Self {
            model,
            notes: Arc::default(),
        }
    }

    /// The turn begins now.
    pub(super) fn start(&self) {
        *lock(&self.notes) = Notes {
            started: Some(Instant::now()),
            ..Notes::default()
        };
    }

    /// The first request of the turn and its times; `None` when the model was not asked.
    pub(super) fn take(&self) -> Option<(Generate, Seen)> {
        let mut notes = lock(&self.notes);
        let request = notes.request.take()?;
        (notes.seen.tokens > 0).then_some((request, notes.seen))
    }

    pub(super) async fn prompt_tokens(&self, prompt: &Prompt) -> Result<usize, ModelError> {
        let mut tokens = 0;
        for message in &prompt.messages {
            tokens += self.model.count_tokens(&message.text).await?;
        }
        Ok(tokens)
    }
}

#[async_trait]
impl LanguageModel for WatchedModel {
    fn card(&self) -> &ModelCard {
        self.model.card()
    }

    async fn generate(
        &self,
        request: Generate,
    ) -> Result<BoxStream<'static, Result<Generated, ModelError>>, ModelError> {
        // A rewrite after a refusal is not the turn's first token.
        let first = {
            let mut notes = lock(&self.notes);
            let first = notes.request.is_none();
            notes.request.get_or_insert_with(|| request.clone());
            first
        };
        let stream = self.model.generate(request).await?;
        let notes = Arc::clone(&self.notes);
        Ok(stream
            .inspect(move |item| {
                if let (true, Ok(Generated::Piece(_))) = (first, item) {
                    note_piece(&notes);
                }
            })
            .boxed())
    }

    async fn score(
        &self,
        prompt: &Prompt,
        continuation: &str,
    ) -> Result<Vec<TokenScore>, ModelError> {
        self.model.score(prompt, continuation).await
    }

    async fn count_tokens(&self, text: &str) -> Result<usize, ModelError> {
        self.model.count_tokens(text).await
    }

    async fn warm(&self, prompt: &Prompt) -> Result<(), ModelError> {
        self.model.warm(prompt).await
    }
}

fn note_piece(notes: &Mutex<Notes>) {
    let mut notes = lock(notes);
    let Some(since) = notes.started.map(|started| started.elapsed()) else {
        return;
    };
    if notes.seen.tokens == 0 {
        notes.seen.first_token = since;
    }
    notes.seen.end = since;
    notes.seen.tokens += 1;
}

fn lock(notes: &Mutex<Notes>) -> std::sync::MutexGuard<'_, Notes> {
    notes.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A channel without a screen.
pub(super) struct NoScreen;

#[async_trait]
impl Channel for NoScreen {
    fn name(&self) -> ChannelName {
        ChannelName::Terminal
    }

    fn limits(&self, _: &Address) -> ChannelLimits {
        ChannelLimits {
            message_utf16_units: usize::MAX,
            preview: Preview::Edits(Duration::from_millis(50)),
            typing_interval: None,
        }
    }

    async fn send(&self, _: &Address, post: Post<'_>) -> Result<Receipt, DeliveryError> {
        Ok(Receipt(post.nonce.to_owned()))
    }

    async fn edit(&self, _: &Address, _: &Receipt, _: Post<'_>) -> Result<(), DeliveryError> {
        Ok(())
    }

    async fn delete(&self, _: &Address, _: &Receipt) -> Result<(), DeliveryError> {
        Ok(())
    }

    async fn draft(&self, _: &Address, _: Post<'_>) -> Result<(), DeliveryError> {
        Ok(())
    }

    async fn typing(&self, _: &Address) -> Result<(), DeliveryError> {
        Ok(())
    }
}
