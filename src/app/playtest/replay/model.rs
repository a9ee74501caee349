//! Stands for the model in a replay: whatever it is asked, it writes the same.

use async_trait::async_trait;
use consultant_core::{
    Language, in_form,
    ports::{Generate, Generated, LanguageModel, ModelCard, ModelError, Prompt, TokenScore},
};
use futures::stream::BoxStream;

use super::super::model::whole;

/// What stands for the model's words. It claims nothing, so no guard refuses it.
pub(super) const WORDS: &str = "(the model writes)";

/// Writes [`WORDS`].
pub(super) struct Placeholder(ModelCard);

impl Placeholder {
    /// In place of a model that writes in these languages.
    pub(super) fn of(languages: Vec<Language>) -> Self {
        Self(ModelCard {
            name: "placeholder".to_owned(),
            languages,
        })
    }
}

#[async_trait]
impl LanguageModel for Placeholder {
    fn card(&self) -> &ModelCard {
        &self.0
    }

    async fn generate(
        &self,
        request: Generate,
    ) -> Result<BoxStream<'static, Result<Generated, ModelError>>, ModelError> {
        let nothing = in_form(None, &request.constraint);
        Ok(whole(nothing.unwrap_or_else(|| WORDS.to_owned())))
    }

    async fn score(
        &self,
        _prompt: &Prompt,
        _continuation: &str,
    ) -> Result<Vec<TokenScore>, ModelError> {
        Err(ModelError::Refused("a placeholder only writes".to_owned()))
    }

    async fn count_tokens(&self, text: &str) -> Result<usize, ModelError> {
        Ok(text.split_whitespace().count())
    }

    async fn warm(&self, _prompt: &Prompt) -> Result<(), ModelError> {
        Ok(())
    }
}
