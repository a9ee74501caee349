//! Choosing tokens ourselves, at the one place where mistral.rs asks: its logits processor.
//!
//! Three facts of mistral.rs 0.8.1 make this file:
//! - Its sampler has no seed per request, so seeded sampling happens here.
//! - A sequence that ends by itself leaves its whole key-value cache (about 24 MB for the default
//!   model) in the prefix cache, which never evicts on a CPU. A sequence whose receiver is gone
//!   leaves nothing. So no reply ends by itself: the engine runs without end tokens, and the
//!   chooser shuts the reply's channel at the very token that ends it, before the engine can
//!   start another step. Only [`warm`](crate::MistralModel) fills the prefix cache.
//! - Raw logits, the other way to score, abort the engine when any other request runs beside.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use consultant_core::ports::{Finish, Sampling};
use mistralrs::{CustomLogitsProcessor, Response, Result, Tensor};
use tokio::sync::{Notify, mpsc::Receiver};

use crate::sampling;

/// The reins of one running request, held by the engine's chooser and by our reply.
pub(crate) struct Reins {
    replies: Mutex<Receiver<Response>>,
    progress: Mutex<Progress>,
    pub(crate) ended: Notify,
}

/// How far a request is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    /// Why it ended, once it did.
    pub(crate) finish: Option<Finish>,
    /// What was chosen, as far as the chooser knows it.
    pub(crate) tokens: Vec<u32>,
    /// Natural logarithms of their probabilities, where nothing forbids other tokens.
    pub(crate) scores: Vec<f32>,
    /// The place in the answer that was asked last, with the length of its context.
    asked: Option<(Place, usize)>,
}

/// A place in an answer.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// From 0.
    number: usize,
    /// Whether it is asked once more, because a grammar refused the first choice.
    again: bool,
}

impl Progress {
    /// The place that is asked now, and whether it was asked before. Only a change of the
    /// context's length tells: after a warm start its first value lacks the tokens that were read
    /// before, so it is no count.
    fn place(&mut self, context: usize) -> Place {
        let (number, again) = match self.asked {
            None => (0, false),
            Some((place, before)) if before == context => (place.number, true),
            Some((place, _)) => (place.number + 1, false),
        };
        let place = Place { number, again };
        self.asked = Some((place, context));
        place
    }
}

impl Reins {
    pub(crate) fn new(replies: Receiver<Response>) -> Arc<Self> {
        Arc::new(Self {
            replies: Mutex::new(replies),
            progress: Mutex::default(),
            ended: Notify::new(),
        })
    }

    /// The engine's side of the conversation.
    pub(crate) fn replies(&self) -> MutexGuard<'_, Receiver<Response>> {
        lock(&self.replies)
    }

    pub(crate) fn progress(&self) -> Progress {
        lock(&self.progress).clone()
    }

    /// Makes the engine drop the request at its next token.
    pub(crate) fn stop(&self) {
        self.replies().close();
    }

    fn end(&self, progress: &mut Progress, finish: Finish) {
        progress.finish = Some(finish);
        self.stop();
        self.ended.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a request wants of its tokens.
pub(crate) enum Wish {
    /// Anything, up to a length.
    Free { sampling: Sampling, seed: u64 },
    /// What a grammar allows: the engine may refuse a choice and ask again.
    Constrained { sampling: Sampling, seed: u64 },
    /// Exactly these tokens, each with its log-probability.
    Forced(Vec<u32>),
}

/// The logits processor of one request.
pub(crate) struct Chooser {
    pub(crate) reins: Arc<Reins>,
    pub(crate) wish: Wish,
    /// Tokens that end an answer.
    pub(crate) ends: Arc<[u32]>,
    pub(crate) max_tokens: usize,
}

impl CustomLogitsProcessor for Chooser {
    /// Called once per token, and once more where a grammar refused the first choice. `context`
    /// ends with the tokens so far. The answer leaves one token possible.
    fn apply(&self, logits: &Tensor, context: &[u32]) -> Result<Tensor> {
        let logits = logits.to_vec1::<f32>()?;
        let mut progress = lock(&self.reins.progress);
        let place = progress.place(context.len());
        let token = match &self.wish {
            Wish::Free { sampling, seed } => {
                let token = sampling::choose(&logits, sampling, *seed, place.number);
                let score = sampling::log_probability(&logits, token);
                progress.scores.push(score);
                self.note_free(&mut progress, token, place.number);
                token
            }
            Wish::Constrained { sampling, seed } => {
                let token = sampling::choose(&logits, sampling, *seed, place.number);
                self.note_constrained(&mut progress, context, token, place);
                token
            }
            Wish::Forced(tokens) => self.note_forced(&mut progress, &logits, tokens, place.number),
        };
        one_token(logits.len(), token)
    }
}

impl Chooser {
    fn note_free(&self, progress: &mut Progress, token: u32, place: usize) {
        if self.ends.contains(&token) {
            self.reins.end(progress, Finish::Stop);
            return;
        }
        progress.tokens.push(token);
        if place + 1 >= self.max_tokens {
            self.reins.end(progress, Finish::Length);
        }
    }

    /// Whether a first choice stands is only known at the next token, so the end may be seen one
    /// token late here.
    fn note_constrained(&self, progress: &mut Progress, context: &[u32], token: u32, place: Place) {
        let is_end = |token: &u32| self.ends.contains(token);
        let ended_before = place.number > 0 && context.last().is_some_and(is_end);
        if ended_before || (place.again && is_end(&token)) {
            self.reins.end(progress, Finish::Stop);
        } else if place.number >= self.max_tokens {
            self.reins.end(progress, Finish::Length);
        }
    }

    fn note_forced(
        &self,
        progress: &mut Progress,
        logits: &[f32],
        tokens: &[u32],
        place: usize,
    ) -> u32 {
        let Some(token) = tokens.get(place) else {
            self.reins.end(progress, Finish::Stop);
            return 0;
        };
        progress
            .scores
            .push(sampling::log_probability(logits, *token));
        if place + 1 == tokens.len() {
            self.reins.end(progress, Finish::Stop);
        }
        *token
    }
}

/// Logits under which only this token is possible.
fn one_token(vocabulary: usize, token: u32) -> Result<Tensor> {
    let mut logits = vec![f32::NEG_INFINITY; vocabulary];
    if let Some(chosen) = logits.get_mut(token as usize) {
        *chosen = 0.0;
    }
    Tensor::from_vec(logits, vocabulary, &mistralrs::Device::Cpu)
}
