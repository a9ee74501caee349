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
    Burst, InboundEvent, Interrupt, Suggestion, Turn, Unread,
    clean::TextKind,
    ports::{Finish, Generate, Generated, Sampling},
};

/// Tokens of a value.
const VALUE_TOKENS: usize = 24;

/// The customer waits for no longer than this to be asked again in other words.
const VALUE_TIME: Duration = Duration::from_secs(4);

/// How reading an answer ended.
enum Read {
    /// With a suggestion, or without one.
    Done(Option<Suggestion>),
    /// The customer wrote again.
    Interrupted,
}

impl Engine {
    /// Has the model read the answer, where it reads the customer's language. Whatever goes wrong, the
    /// customer is asked again, as without a model. Returns whether the customer wrote again
    /// meanwhile: then nothing is answered yet.
    pub(super) async fn read_by_model(
        &self,
        burst: &Burst,
        open: &mut OpenTurn,
        interrupt: &Interrupt,
    ) -> bool {
        let is_message = matches!(burst.first().event, InboundEvent::Message { .. });
        let is_words = open.said.kind == TextKind::Words;
        let languages = &self.model.card().languages;
        let reads = self.settings.reads_answers && languages.contains(&open.session.language);
        if !(reads && is_message && is_words) {
            return false;
        }
        let Some(unread) = open.playbook.unread(&open.turn) else {
            return false;
        };
        match self.read(&unread, &open.turn, interrupt).await {
            Read::Done(suggested) => {
                open.turn.suggested = suggested;
                false
            }
            Read::Interrupted => true,
        }
    }

    async fn read(&self, unread: &Unread, turn: &Turn, interrupt: &Interrupt) -> Read {
        let sign = pin!(interrupt.given());
        let written = pin!(self.value(unread, turn));
        match select(sign, written).await {
            Either::Left(_) => Read::Interrupted,
            Either::Right((written, _)) => {
                let suggested = written.and_then(|it| unread.suggestion(&it, turn));
                Read::Done(suggested)
            }
        }
    }

    /// What the model writes for a value. Dropping it cancels the model at its next token.
    async fn value(&self, unread: &Unread, turn: &Turn) -> Option<String> {
        let request = Generate {
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
        };
        let mut stream = self.model.generate(request).await.ok()?;
        let mut written = String::new();
        while let Some(item) = stream.next().await {
            match item.ok()? {
                Generated::Piece(piece) => written.push_str(&piece),
                Generated::Done(Finish::Stop) => return Some(written),
                Generated::Done(_) => return None,
            }
        }
        None
    }
}
