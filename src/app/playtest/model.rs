//! A model that writes what a test says, and notes where it was asked for more.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use consultant_core::{
    Language,
    ports::{
        Finish, Generate, Generated, LanguageModel, ModelCard, ModelError, Prompt, TokenScore,
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

    /// How often it was asked since this was last called, and had nothing to write.
    pub(super) fn take_asked_in_vain(&self) -> usize {
        std::mem::take(&mut self.script().asked_in_vain)
    }

    /// What nobody has asked for.
    pub(super) fn left(&self) -> usize {
        self.script().texts.len()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl LanguageModel for ScriptedModel {
    fn card(&self) -> &ModelCard {
        &self.card
    }

    async fn generate(
        &self,
        _request: Generate,
    ) -> Result<BoxStream<'static, Result<Generated, ModelError>>, ModelError> {
        let mut script = self.script();
        let Some(text) = script.texts.pop_front() else {
            script.asked_in_vain += 1;
            let why = "the test says nothing that the model writes here";
            return Err(ModelError::Refused(why.to_owned()));
        };
        drop(script);
        let written = [
            Ok(Generated::Piece(text)),
            Ok(Generated::Done(Finish::Stop)),
        ];
        Ok(stream::iter(written).boxed())
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
