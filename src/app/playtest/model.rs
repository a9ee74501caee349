//! The models of the tests: one that writes what a test says, and notes where it was asked for
//! more; and a note taker around whatever model writes.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use consultant_core::{
    Language, SlotValue, in_form,
    ports::{
        Constraint, Finish, Generate, Generated, LanguageModel, ModelCard, ModelError, Prompt,
        TokenScore,
    },
};
use futures::{StreamExt, stream, stream::BoxStream};

/// A model that writes what a test says.
pub(super) struct ScriptedModel {
    card: ModelCard,
    script: Mutex<Script>,
}

#[derive(Default)]
struct Script {
    texts: VecDeque<String>,
    asked_in_vain: usize,
}

impl ScriptedModel {
    pub(super) fn new(texts: Vec<String>, languages: Vec<Language>) -> Self {
        Self {
            card: ModelCard {
                name: "scripted".to_owned(),
                languages,
            },
            script: Mutex::new(Script {
                texts: texts.into(),
                asked_in_vain: 0,
            }),
        }
    }

    /// Writes these from now on, and nothing that was to be written before.
    pub(super) fn writes(&self, texts: Vec<String>) {
        lock(&self.script).texts = texts.into();
    }

    /// How often it was asked since this was last called, and had nothing to write.
    pub(super) fn take_asked_in_vain(&self) -> usize {
        std::mem::take(&mut lock(&self.script).asked_in_vain)
    }

    /// What nobody has asked for.
    pub(super) fn left(&self) -> usize {
        lock(&self.script).texts.len()
    }
}

#[async_trait]
impl LanguageModel for ScriptedModel {
    fn card(&self) -> &ModelCard {
        &self.card
    }

    async fn generate(
        &self,
        request: Generate,
    ) -> Result<BoxStream<'static, Result<Generated, ModelError>>, ModelError> {
        if let Some(nothing) = in_form(None, &request.constraint) {
            return Ok(whole(nothing));
        }
        let mut script = lock(&self.script);
        let Some(text) = script.texts.pop_front() else {
            script.asked_in_vain += 1;
            let why = "the test says nothing that the model writes here";
            return Err(ModelError::Refused(why.to_owned()));
        };
        drop(script);
        Ok(whole(text))
    }

    async fn score(
        &self,
        _prompt: &Prompt,
        _continuation: &str,
    ) -> Result<Vec<TokenScore>, ModelError> {
        Err(ModelError::Refused(
            "a scripted model only writes".to_owned(),
        ))
    }

    async fn count_tokens(&self, text: &str) -> Result<usize, ModelError> {
        Ok(text.split_whitespace().count())
    }

    async fn warm(&self, _prompt: &Prompt) -> Result<(), ModelError> {
        Ok(())
    }
}

/// A text as a stream of one piece.
pub(super) fn whole(text: String) -> BoxStream<'static, Result<Generated, ModelError>> {
    let written = [
        Ok(Generated::Piece(text)),
        Ok(Generated::Done(Finish::Stop)),
    ];
    stream::iter(written).boxed()
}

/// Another model, of which is noted what it writes.
pub(super) struct NotedModel {
    inner: Arc<dyn LanguageModel>,
    /// What it reads in answers, before it is asked itself.
    reads: Mutex<VecDeque<SlotValue>>,
    written: Arc<Mutex<Vec<String>>>,
}

impl NotedModel {
    pub(super) fn new(inner: Arc<dyn LanguageModel>) -> Self {
        Self {
            inner,
            reads: Mutex::default(),
            written: Arc::default(),
        }
    }

    /// What it reads in the next answers, and nothing that was left of earlier ones.
    pub(super) fn will_read(&self, values: Vec<SlotValue>) {
        *lock(&self.reads) = values.into();
    }

    /// What it has written since this was last called, one text a request.
    pub(super) fn take_written(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.written))
    }
}

#[async_trait]
impl LanguageModel for NotedModel {
    fn card(&self) -> &ModelCard {
        self.inner.card()
    }

    async fn generate(
        &self,
        request: Generate,
    ) -> Result<BoxStream<'static, Result<Generated, ModelError>>, ModelError> {
        if request.constraint != Constraint::Free {
            let value = lock(&self.reads).pop_front();
            let read = value.and_then(|it| in_form(Some(&it), &request.constraint));
            return match read {
                Some(read) => Ok(whole(read)),
                None => self.inner.generate(request).await,
            };
        }
        let pieces = self.inner.generate(request).await?;
        let written = Arc::clone(&self.written);
        let mut texts = lock(&written);
        let number = texts.len();
        texts.push(String::new());
        drop(texts);
        let noted = pieces.inspect(move |piece| {
            if let Ok(Generated::Piece(piece)) = piece
                && let Some(text) = lock(&written).get_mut(number)
            {
                text.push_str(piece);
            }
        });
        Ok(noted.boxed())
    }

    async fn score(
        &self,
        prompt: &Prompt,
        continuation: &str,
    ) -> Result<Vec<TokenScore>, ModelError> {
        self.inner.score(prompt, continuation).await
    }

    async fn count_tokens(&self, text: &str) -> Result<usize, ModelError> {
        self.inner.count_tokens(text).await
    }

    async fn warm(&self, prompt: &Prompt) -> Result<(), ModelError> {
        self.inner.warm(prompt).await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
