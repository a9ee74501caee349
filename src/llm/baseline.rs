//! The engine without anything around it, for the benchmark that compares the two in one run.

use std::time::{Duration, Instant};

use consultant_core::ports::{ModelError, Prompt};
use mistralrs::{Request, Response};
use tokio::sync::mpsc;

use crate::{
    MistralModel,
    request::{failure, greedy, messages, plain},
};

/// How fast the engine alone answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Baseline {
    /// From sending the request to the first token.
    pub first_token: Duration,
    /// Tokens received.
    pub tokens: usize,
    /// Tokens per second after the first.
    pub tokens_per_second: f64,
}

impl MistralModel {
    /// Sends a prompt straight to mistral.rs, greedily, and measures `tokens` tokens of its
    /// answer. It does not wait in our queue: run it while nothing else runs.
    pub async fn baseline(&self, prompt: &Prompt, tokens: usize) -> Result<Baseline, ModelError> {
        let engine = self.engine();
        let (sender, mut receiver) = mpsc::channel(tokens.max(1));
        // The engine is stopped from here, so that it keeps nothing of this request.
        let sampling = greedy(tokens + 8);
        let request = plain(messages(prompt, &engine.words), sampling, sender);
        let begin = Instant::now();
        engine.send(Request::Normal(Box::new(request))).await?;
        let mut first = None;
        let mut received = 0;
        while received < tokens {
            match receiver.recv().await {
                Some(Response::Chunk(_)) => received += 1,
                Some(other) => return Err(failure(other)),
                None => return Err(ModelError::Failed("the engine is gone".into())),
            }
            first.get_or_insert_with(Instant::now);
        }
        let first = first.ok_or_else(|| ModelError::Refused("no tokens to measure".into()))?;
        let decoding = first.elapsed();
        drop(receiver);
        engine.settle().await?;
        Ok(Baseline {
            first_token: first - begin,
            tokens: received,
            tokens_per_second: rate(received - 1, decoding),
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of tokens is small")]
fn rate(tokens: usize, time: Duration) -> f64 {
    tokens as f64 / time.as_secs_f64().max(f64::EPSILON)
}
