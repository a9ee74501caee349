//! The answer to what was asked, where rules read no value in it: the model chooses among the values
//! that there may be, and the customer is asked whether that is what they mean. Small models are bad
//! at it, so it is a setting.

use std::time::Duration;

use futures::StreamExt;

use super::{Engine, open_turn::OpenTurn};
use crate::{
    Burst, InboundEvent, Suggestion,
    clean::TextKind,
    ports::{Finish, Generate, Generated, Sampling},
};

/// Tokens of a value.
const VALUE_TOKENS: usize = 24;

/// The customer waits for no longer than this to be asked again in other words.
const VALUE_TIME: Duration = Duration::from_secs(4);

impl Engine {
    /// Has the model read the answer, where it reads the customer's language. Whatever goes wrong, the
    /// customer is asked again, as without a model.
    pub(super) async fn read_by_model(&self, burst: &Burst, open: &mut OpenTurn) {
        if !self.settings.reads_answers {
            return;
        }
        let is_message = matches!(burst.first().event, InboundEvent::Message { .. });
        let is_words = open.said.kind == TextKind::Words;
        let languages = &self.model.card().languages;
        if is_message && is_words && languages.contains(&open.session.language) {
            open.turn.suggested = self.suggested(open).await;
        }
    }

    async fn suggested(&self, open: &OpenTurn) -> Option<Suggestion> {
        let unread = open.playbook.unread(&open.turn)?;
        let request = Generate {
            prompt: unread.prompt(&open.turn),
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
                Generated::Done(Finish::Stop) => break,
                Generated::Done(_) => return None,
            }
        }
        unread.suggestion(&written, &open.turn)
    }
}
