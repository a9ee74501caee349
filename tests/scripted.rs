//! A language model that writes what a test tells it to, a few letters at a time, as a real one
//! does; and that can be slow, busy or broken.

use std::{
    collections::VecDeque,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use consultant_app::{
    failure::{Failure, because},
    model::{Backends, LoadedModel, ModelChoice, Straight, StraightRun},
};
use consultant_core::{
    Language,
    ports::{
        Encoder, EncoderTrainer, Finish, Generate, Generated, LanguageModel, ModelCard, ModelError,
        Prompt, TokenScore,
    },
};
use consultant_finetune::BertTrainer;
use consultant_perception::SentenceEncoder;
use futures::{StreamExt, stream, stream::BoxStream};
use tokio::sync::Notify;

/// Letters of one piece.
const PIECE_CHARS: usize = 4;

/// What the model does with one request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Writes this to its end.
    Text(String),
    /// Writes this to its end, this sure of it, in thousandths.
    Sure(String, u16),
    /// Writes this and is cut off by the length limit.
    CutOff(String),
    /// Writes this, then waits until [`ScriptedModel::release`] before it ends.
    Held(String),
    /// Its queue is full.
    Busy,
    /// It fails in the middle of this text.
    Breaks(String),
}

/// A model that writes what a test tells it to.
#[derive(Clone)]
pub struct ScriptedModel {
    card: ModelCard,
    script: Arc<Mutex<Script>>,
    gate: Arc<Notify>,
}

#[derive(Default)]
struct Script {
    replies: VecDeque<Reply>,
    prompts: Vec<Prompt>,
}

impl Default for ScriptedModel {
    fn default() -> Self {
        Self {
            card: ModelCard {
                name: "scripted".to_owned(),
                languages: vec![Language::EN],
            },
            script: Arc::default(),
            gate: Arc::default(),
        }
    }
}

impl ScriptedModel {
    /// The next request is answered like this. A request without a script fails its test.
    pub fn will(&self, reply: Reply) {
        self.script().replies.push_back(reply);
    }

    /// The next request is answered with this text.
    pub fn will_write(&self, text: &str) {
        self.will(Reply::Text(text.to_owned()));
    }

    /// Lets a held reply go on.
    pub fn release(&self) {
        self.gate.notify_one();
    }

    /// Every prompt that the model was given, oldest first.
    pub fn prompts(&self) -> Vec<Prompt> {
        self.script().prompts.clone()
    }

    /// Scripted replies that nobody has asked for.
    pub fn unasked(&self) -> usize {
        self.script().replies.len()
    }

    fn script(&self) -> std::sync::MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Item = Result<Generated, ModelError>;

fn pieces(text: &str) -> Vec<Item> {
    let letters: Vec<char> = text.chars().collect();
    letters
        .chunks(PIECE_CHARS)
        .map(|it| Ok(Generated::Piece(it.iter().collect())))
        .collect()
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
        let reply = {
            let mut script = self.script();
            let reply = script.replies.pop_front();
            if !matches!(reply, Some(Reply::Busy)) {
                script.prompts.push(request.prompt);
            }
            reply
        };
        let done = |finish| stream::iter([Ok(Generated::Done(finish))]);
        match reply {
            None => Err(ModelError::Failed(
                "the test scripted no reply for this".to_owned(),
            )),
            Some(Reply::Busy) => Err(ModelError::Busy { queue_limit: 1 }),
            Some(Reply::Text(text)) => Ok(stream::iter(pieces(&text))
                .chain(done(Finish::Stop))
                .boxed()),
            Some(Reply::Sure(text, permille)) => Ok(stream::iter(pieces(&text))
                .chain(stream::iter([Ok(Generated::Sure { permille })]))
                .chain(done(Finish::Stop))
                .boxed()),
            Some(Reply::CutOff(text)) => Ok(stream::iter(pieces(&text))
                .chain(done(Finish::Length))
                .boxed()),
            Some(Reply::Breaks(text)) => {
                let failure = Err(ModelError::Failed("the test broke it".to_owned()));
                Ok(stream::iter(pieces(&text))
                    .chain(stream::iter([failure]))
                    .boxed())
            }
            Some(Reply::Held(text)) => {
                let gate = Arc::clone(&self.gate);
                let end = stream::once(async move {
                    gate.notified().await;
                    Ok(Generated::Done(Finish::Stop))
                });
                Ok(stream::iter(pieces(&text)).chain(end).boxed())
            }
        }
    }

    async fn score(
        &self,
        _prompt: &Prompt,
        continuation: &str,
    ) -> Result<Vec<TokenScore>, ModelError> {
        let score = |word: &str| TokenScore {
            token: word.to_owned(),
            log_probability: -1.0,
        };
        Ok(continuation.split_whitespace().map(score).collect())
    }

    async fn count_tokens(&self, text: &str) -> Result<usize, ModelError> {
        Ok(text.chars().count().div_ceil(PIECE_CHARS))
    }

    async fn warm(&self, _prompt: &Prompt) -> Result<(), ModelError> {
        Ok(())
    }
}

#[async_trait]
impl Straight for ScriptedModel {
    async fn run(&self, _prompt: &Prompt, _tokens: usize) -> Result<StraightRun, ModelError> {
        Err(ModelError::Refused(
            "a scripted model has no engine below it".to_owned(),
        ))
    }
}

#[async_trait]
impl Backends for ScriptedModel {
    fn accelerators(&self) -> Vec<&'static str> {
        Vec::new()
    }

    async fn load(&self, _choice: ModelChoice) -> Result<LoadedModel, Failure> {
        Ok(LoadedModel {
            model: Arc::new(self.clone()),
            straight: Arc::new(self.clone()),
        })
    }

    fn encoder(&self, name: &str, folder: &Path) -> Result<Arc<dyn Encoder>, Failure> {
        let encoder = SentenceEncoder::load(name, folder)
            .map_err(|error| because("the sentence encoder cannot be loaded", &error, ""))?;
        Ok(Arc::new(encoder))
    }

    fn encoder_trainer(&self) -> Arc<dyn EncoderTrainer> {
        Arc::new(BertTrainer)
    }
}
