//! The language model: what it is asked for, and what it hands over.

use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;

use crate::Language;

/// A language model that writes and that scores.
#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// What this model is.
    fn card(&self) -> &ModelCard;

    /// Starts writing. The stream ends with [`Generated::Done`] or an error; dropping it cancels
    /// at the next token. `request.max_tokens` and `request.time_limit` always hold.
    async fn generate(
        &self,
        request: Generate,
    ) -> Result<BoxStream<'static, Result<Generated, ModelError>>, ModelError>;

    /// The log-probability of each token of `continuation` (natural logarithm), read after `prompt`.
    async fn score(
        &self,
        prompt: &Prompt,
        continuation: &str,
    ) -> Result<Vec<TokenScore>, ModelError>;

    /// How many tokens this text has, without special tokens.
    async fn count_tokens(&self, text: &str) -> Result<usize, ModelError>;

    /// Reads the fixed beginning of later prompts, so that they start warm.
    async fn warm(&self, prompt: &Prompt) -> Result<(), ModelError>;
}

/// What a model is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelCard {
    /// Its name, for people and logs.
    pub name: String,
    /// Languages in which its free text may be shown to customers.
    pub languages: Vec<Language>,
}

/// A prompt in chat form. The fixed part stands first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// Messages, oldest first.
    pub messages: Vec<PromptMessage>,
}

/// One message of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptMessage {
    /// Who speaks.
    pub role: Role,
    /// The text, as data: the model's chat template decides about its framing.
    pub text: String,
}

/// Who speaks in a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The instructions.
    System,
    /// The customer.
    User,
    /// The model.
    Assistant,
}

/// A wish for text.
#[derive(Clone, Debug, PartialEq)]
pub struct Generate {
    /// What to read.
    pub prompt: Prompt,
    /// At most this many tokens.
    pub max_tokens: usize,
    /// At most this long, from the call on.
    pub time_limit: Duration,
    /// How to choose tokens.
    pub sampling: Sampling,
    /// What the text may be.
    pub constraint: Constraint,
}

/// How to choose tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// 0 chooses the likeliest token always.
    pub temperature: f64,
    /// Nucleus: the smallest set of tokens with this probability; 1 is all.
    pub top_p: f64,
    /// The k likeliest tokens only; 0 is all.
    pub top_k: usize,
    /// Above 1 discourages repeating.
    pub repetition_penalty: f32,
    /// The same seed gives the same text on the same machine.
    pub seed: Option<u64>,
}

/// What the text may be.
#[derive(Clone, Debug, PartialEq)]
pub enum Constraint {
    /// Anything.
    Free,
    /// One of these, word for word.
    Choice(Vec<String>),
    /// JSON of this schema.
    JsonSchema(serde_json::Value),
}

/// What a model hands over while it writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Generated {
    /// The next piece of text.
    Piece(String),
    /// How sure the model was of what it wrote, where it can say: the geometric mean of the
    /// probabilities of its tokens, in thousandths. Comes before the end.
    Sure {
        /// From 0 to 1000.
        permille: u16,
    },
    /// The end, and why.
    Done(Finish),
}

/// Why a model stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// It was done.
    Stop,
    /// The length limit.
    Length,
    /// The time limit.
    TimeLimit,
}

/// One scored token.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenScore {
    /// The token as text.
    pub token: String,
    /// Natural logarithm of its probability: at most 0.
    pub log_probability: f32,
}

/// Why a model did not answer.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Its queue is full: say "one moment" and try again.
    #[error("the model's queue of {queue_limit} requests is full")]
    Busy {
        /// How many may wait.
        queue_limit: usize,
    },
    /// The request can never work: a bug or a wrong setting.
    #[error("the model refused the request: {0}")]
    Refused(String),
    /// It failed; the same request may work later.
    #[error("the model failed: {0}")]
    Failed(String),
}
