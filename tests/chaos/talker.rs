//! The model of the process under test: it names what it was asked and goes on slowly, sentence by
//! sentence, so that there is time for a fault, a kill or another message while it writes.

use std::time::Duration;

use async_trait::async_trait;
use consultant_core::{
    Language,
    ports::{
        Finish, Generate, Generated, LanguageModel, ModelCard, ModelError, Prompt, Role, TokenScore,
    },
};
use futures::{StreamExt, stream, stream::BoxStream};

/// How every written answer begins, before the names of the questions.
pub(super) const WRITTEN: &str = "Here is what I think of";

/// What follows, a sentence a piece.
const MORE: [&str; 6] = [
    " today.",
    " It is a good question to ask.",
    " Many people ask us about it.",
    " We like to talk about it.",
    " There is a lot to say.",
    " That is all for now.",
];

/// The pause before each piece: together a little longer than the platforms' pace of edits.
const PAUSE: Duration = Duration::from_millis(350);

/// Writes about whatever it is asked.
pub(super) struct Talker(ModelCard);

impl Default for Talker {
    fn default() -> Self {
        Self(ModelCard {
            name: "talker".to_owned(),
            languages: vec![Language::EN],
        })
    }
}

/// The names of the questions, and of their changes, in the newest message of the customer.
fn asked(prompt: &Prompt) -> String {
    let newest = prompt
        .messages
        .iter()
        .rev()
        .find(|it| it.role == Role::User);
    let words = newest.into_iter().flat_map(|it| it.text.split_whitespace());
    let is_name = |word: &&str| {
        word.strip_prefix(['q', 'e'])
            .is_some_and(|number| number.parse::<usize>().is_ok())
    };
    words.filter(is_name).collect::<Vec<_>>().join(" ")
}

#[async_trait]
impl LanguageModel for Talker {
    fn card(&self) -> &ModelCard {
        &self.0
    }

    async fn generate(
        &self,
        request: Generate,
    ) -> Result<BoxStream<'static, Result<Generated, ModelError>>, ModelError> {
        let beginning = format!("{WRITTEN} {}", asked(&request.prompt));
        let more = MORE.into_iter().map(str::to_owned);
        let pieces = std::iter::once(beginning).chain(more);
        let pieces = stream::iter(pieces).then(|piece| async {
            tokio::time::sleep(PAUSE).await;
            Ok(Generated::Piece(piece))
        });
        let done = stream::iter([Ok(Generated::Done(Finish::Stop))]);
        Ok(pieces.chain(done).boxed())
    }

    async fn score(
        &self,
        _prompt: &Prompt,
        _continuation: &str,
    ) -> Result<Vec<TokenScore>, ModelError> {
        Err(ModelError::Refused("it only writes".to_owned()))
    }

    async fn count_tokens(&self, text: &str) -> Result<usize, ModelError> {
        Ok(text.split_whitespace().count())
    }

    async fn warm(&self, _prompt: &Prompt) -> Result<(), ModelError> {
        Ok(())
    }
}
