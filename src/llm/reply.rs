//! A reply on its way from the engine to the caller.
//!
//! The engine waits for a channel of capacity one, and while it waits for one conversation all
//! others stand still. So a task takes every piece at once, whatever the caller does.

use std::{future::poll_fn, sync::Arc, time::Instant};

use consultant_core::ports::{Finish, Generated, ModelError};
use mistralrs::Response;
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc::UnboundedSender},
    time::{Instant as TokioInstant, timeout_at},
};

use crate::{
    chooser::Reins,
    engine::Engine,
    request::{Ready, failure},
};

/// What a caller's stream receives.
pub(crate) type Item = Result<Generated, ModelError>;

/// Waits for a turn, runs the request, and hands on its pieces until it ends, the time is over
/// or the caller is gone.
pub(crate) async fn run(
    engine: Arc<Engine>,
    request: Ready,
    place: OwnedSemaphorePermit,
    deadline: Instant,
    caller: UnboundedSender<Item>,
) {
    let written = write(&engine, request, &caller);
    let end = tokio::select! {
        () = caller.closed() => return,
        end = timeout_at(TokioInstant::from_std(deadline), written) => end,
    };
    let end = match end {
        Ok(Ok(finish)) => Ok(Generated::Done(finish)),
        Ok(Err(error)) => Err(error),
        Err(_) => Ok(Generated::Done(Finish::TimeLimit)),
    };
    drop(place);
    // A caller who is gone needs no answer.
    drop(caller.send(end));
}

async fn write(
    engine: &Engine,
    request: Ready,
    caller: &UnboundedSender<Item>,
) -> Result<Finish, ModelError> {
    let _turn = engine.turn().await?;
    let running = Running(engine.submit(request).await?);
    let mut sent = String::new();
    while let Some(response) = running.next().await {
        let piece = piece_of(response)?;
        if piece.is_empty() {
            continue;
        }
        sent.push_str(&piece);
        drop(caller.send(Ok(Generated::Piece(piece))));
    }
    let progress = running.0.progress();
    let Some(finish) = progress.finish else {
        return Err(ModelError::Failed(
            "the engine stopped in the middle".into(),
        ));
    };
    if let Some(rest) = engine.rest(&progress.tokens, &sent) {
        drop(caller.send(Ok(Generated::Piece(rest))));
    }
    if let Some(permille) = sureness(&progress.scores) {
        drop(caller.send(Ok(Generated::Sure { permille })));
    }
    Ok(finish)
}

/// The geometric mean of probabilities, in thousandths; nothing of none.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of tokens, and a number from 0 to 1000"
)]
fn sureness(log_probabilities: &[f32]) -> Option<u16> {
    if log_probabilities.is_empty() {
        return None;
    }
    let sum: f32 = log_probabilities.iter().sum();
    let mean = sum / log_probabilities.len() as f32;
    Some((mean.exp().clamp(0.0, 1.0) * 1000.0).round() as u16)
}

/// A request that the engine works on; dropping this stops it at its next token.
pub(crate) struct Running(pub(crate) Arc<Reins>);

impl Running {
    /// The engine's next word, `None` once it has none.
    pub(crate) async fn next(&self) -> Option<Response> {
        let word = poll_fn(|context| self.0.replies().poll_recv(context));
        tokio::select! {
            biased;
            word = word => word,
            () = self.0.ended.notified() => self.0.replies().try_recv().ok(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.stop();
    }
}

fn piece_of(response: Response) -> Result<String, ModelError> {
    match response {
        Response::Chunk(chunk) => {
            let pieces = chunk.choices.into_iter();
            Ok(pieces.filter_map(|choice| choice.delta.content).collect())
        }
        other => Err(failure(other)),
    }
}
