//! The model under test, and what every check does with it: ask, collect, compare.

use std::{sync::Arc, time::Duration};

use consultant_core::ports::{
    Constraint, Finish, Generate, Generated, LanguageModel, ModelError, Prompt, PromptMessage,
    Role, Sampling,
};
use futures::{StreamExt, stream::BoxStream};
use tokio::time::Instant;

/// How long one text may take on the slowest machine. It bounds a hang, it measures nothing.
const PATIENCE: Duration = Duration::from_mins(10);

/// Characters of a text that a report quotes.
const QUOTED_CHARS: usize = 40;

/// What was seen when a promise was kept, or what is wrong.
pub(super) type Verdict = Result<String, Flaw>;

/// What a model delivers.
pub(super) type Pieces = BoxStream<'static, Result<Generated, ModelError>>;

/// What is wrong, in plain words.
#[derive(Debug)]
pub(super) struct Flaw(pub(super) String);

impl From<ModelError> for Flaw {
    fn from(error: ModelError) -> Self {
        Self(error.to_string())
    }
}

/// A flaw unless this holds.
pub(super) fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Flaw> {
    if holds {
        Ok(())
    } else {
        Err(Flaw(otherwise()))
    }
}

/// The model under test.
pub(super) struct Subject {
    pub(super) model: Arc<dyn LanguageModel>,
    /// How many requests may wait, as the settings say.
    pub(super) queue_limit: usize,
}

/// A text as it was received.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) pieces: usize,
    pub(super) finish: Finish,
    /// From the call to the first piece, or to the end where there was none.
    pub(super) first_piece: Duration,
    /// From the call to the end.
    pub(super) took: Duration,
}

impl Subject {
    pub(super) fn new(model: Arc<dyn LanguageModel>, queue_limit: usize) -> Self {
        Self { model, queue_limit }
    }

    pub(super) fn name(&self) -> &str {
        &self.model.card().name
    }

    /// Has a text written to its end.
    pub(super) async fn write(&self, request: Generate) -> Result<Written, Flaw> {
        let begin = Instant::now();
        let pieces = self.model.generate(request).await?;
        collect(begin, pieces).await
    }
}

/// Receives a text to its end, which must be told, and once.
pub(super) async fn collect(begin: Instant, mut pieces: Pieces) -> Result<Written, Flaw> {
    let mut text = String::new();
    let mut count = 0;
    let mut first_piece = None;
    let mut finish = None;
    while let Some(item) = pieces.next().await {
        let item = item?;
        ensure(finish.is_none(), || format!("{item:?} came after the end"))?;
        match item {
            Generated::Piece(piece) => {
                first_piece.get_or_insert_with(|| begin.elapsed());
                text.push_str(&piece);
                count += 1;
            }
            Generated::Sure { .. } => {}
            Generated::Done(why) => finish = Some(why),
        }
    }
    let took = begin.elapsed();
    let finish =
        finish.ok_or_else(|| Flaw(format!("{} broke off without an end", quoted(&text))))?;
    Ok(Written {
        text,
        pieces: count,
        finish,
        first_piece: first_piece.unwrap_or(took),
        took,
    })
}

/// A wish for the likeliest text of at most so many tokens.
pub(super) fn wish(question: &str, max_tokens: usize) -> Generate {
    Generate {
        prompt: asked(question),
        max_tokens,
        time_limit: PATIENCE,
        sampling: GREEDY,
        constraint: Constraint::Free,
    }
}

/// A prompt of one question.
pub(super) fn asked(question: &str) -> Prompt {
    Prompt {
        messages: vec![message(Role::User, question)],
    }
}

pub(super) fn message(role: Role, text: &str) -> PromptMessage {
    PromptMessage {
        role,
        text: text.to_owned(),
    }
}

/// The likeliest token always.
const GREEDY: Sampling = Sampling {
    temperature: 0.0,
    top_p: 1.0,
    top_k: 0,
    repetition_penalty: 1.0,
    seed: None,
};

/// Any token, as likely as the model says.
pub(super) fn sampled(seed: u64) -> Sampling {
    Sampling {
        temperature: 1.0,
        seed: Some(seed),
        ..GREEDY
    }
}

/// The beginning of a text, on one line.
pub(super) fn quoted(text: &str) -> String {
    let mut letters = text.chars();
    let beginning: String = letters.by_ref().take(QUOTED_CHARS).collect();
    let more = if letters.next().is_some() { "…" } else { "" };
    format!("{beginning:?}{more}")
}
