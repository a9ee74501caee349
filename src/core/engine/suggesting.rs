//! The answer to what was asked, where rules read no value in it: the model chooses among the values
//! that there may be, and the customer is asked whether that is what they mean. Small models are bad
//! at it, so it is a setting.

use std::{pin::pin, time::Duration};

use futures::{
    StreamExt,
    future::{Either, select},
};

use super::{Engine, open_turn::OpenTurn};
use crate::{
    Burst, Happening, InboundEvent, Interrupt, Turn, Unread,
    clean::TextKind,
    ports::{Finish, Generate, Generated, ModelError, Sampling},
};

/// Tokens of a value.
const VALUE_TOKENS: usize = 24;

/// The customer waits for no longer than this to be asked again in other words.
const VALUE_TIME: Duration = Duration::from_secs(4);

impl Engine {
    /// Has the model read the answer, where it reads the customer's language. Whatever goes wrong, the
    /// customer is asked again, as without a model, and what went wrong is returned. `None` where the
    /// customer wrote again meanwhile: then nothing is answered yet.
    pub(super) async fn read_by_model(
        &self,
        burst: &Burst,
        open: &mut OpenTurn,
        interrupt: &Interrupt,
    ) -> Option<Vec<Happening>> {
        let mut failed = Vec::new();
        let Some(unread) = self.unread(burst, open) else {
            return Some(failed);
        };
        let sign = pin!(interrupt.given());
        let written = pin!(self.value(self.request(&unread, &open.turn)));
        let Either::Right((written, _)) = select(sign, written).await else {
            return None;
        };
        match written {
            Ok(written) => {
                let suggested = written.and_then(|it| unread.suggestion(&it, &open.turn));
                open.turn.suggested = suggested;
            }
            // A full queue is no failure: the customer is asked in other words.
            Err(ModelError::Busy { .. }) => {}
            Err(error) => failed.push(Happening::ModelFailed {
                reason: error.to_string(),
            }),
        }
        Some(failed)
    }

    /// What there is for the model to read, if it is to read at all.
    fn unread(&self, burst: &Burst, open: &OpenTurn) -> Option<Unread> {
        let is_message = matches!(burst.first().event, InboundEvent::Message { .. });
        let is_words = open.said.kind == TextKind::Words;
        let languages = &self.model.card().languages;
        let reads = self.settings.reads_answers && languages.contains(&open.session.language);
        let may_be = reads && is_message && is_words;
        may_be.then(|| open.playbook.unread(&open.turn))?
    }

    fn request(&self, unread: &Unread, turn: &Turn) -> Generate {
        Generate {
            prompt: unread.prompt(turn),
            max_tokens: VALUE_TOKENS,
            time_limit: VALUE_TIME.min(self.settings.time_limit),
            sampling: Sampling {
                temperature: 0.0,
                top_p: 1.0,
                top_k: 0,
                repetition_penalty: 1.0,
                seed: Some(0),
            },
            constraint: unread.constraint(),
        }
    }

    /// What the model writes for a value; nothing where it comes to no end in time. Dropping it cancels
    /// the model at its next token.
    async fn value(&self, request: Generate) -> Result<Option<String>, ModelError> {
        let mut stream = self.model.generate(request).await?;
        let mut written = String::new();
        while let Some(item) = stream.next().await {
            match item? {
                Generated::Piece(piece) => written.push_str(&piece),
                Generated::Sure { .. } => {}
                Generated::Done(Finish::Stop) => return Ok(Some(written)),
                Generated::Done(_) => return Ok(None),
            }
        }
        Ok(None)
    }
}
