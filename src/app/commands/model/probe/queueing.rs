//! Several requests at once: waiting, leaving and being turned away.

use std::time::Duration;

use consultant_core::ports::{Finish, Generate, Generated, ModelError};
use futures::{StreamExt, future::try_join_all};
use tokio::time::Instant;

use super::{
    scoring::QUESTION,
    subject::{Flaw, Pieces, Subject, Verdict, asked, collect, ensure, quoted, wish},
    writing::{LONG_TOKENS, story},
};

/// The length of an answer to a short question.
const SHORT_TOKENS: usize = 8;

/// The length of the text whose drop must free the model: many times a short answer.
const CANCELLED_TOKENS: usize = 128;

/// More requests than any machine runs side by side.
const MOST_RUNNING: usize = 64;

/// How long, and how often, a request is tried again after an overflow.
const AGAIN_AFTER: Duration = Duration::from_millis(20);
const AGAIN: usize = 500;

/// Whoever waits gets an answer, and company changes no answer.
pub(super) async fn side_by_side(subject: &Subject) -> Verdict {
    let questions = ["What is red?", "Name a town.", "How do you read at night?"];
    let questions: Vec<&str> = questions
        .into_iter()
        .take(subject.queue_limit + 1)
        .collect();
    let mut alone = Vec::new();
    for question in &questions {
        alone.push(subject.write(wish(question, SHORT_TOKENS)).await?.text);
    }
    let all = questions
        .iter()
        .map(|question| subject.write(wish(question, SHORT_TOKENS)));
    let together = try_join_all(all).await?;
    for (alone, together) in alone.iter().zip(&together) {
        ensure(*alone == together.text, || {
            format!(
                "alone {}, in company {}",
                quoted(alone),
                quoted(&together.text)
            )
        })?;
    }
    Ok(format!(
        "{} at once were answered as each is alone",
        together.len()
    ))
}

/// A time limit counts from the call, also for who waits.
pub(super) async fn time_limit(subject: &Subject) -> Verdict {
    let running = begun(subject).await?;
    let request = Generate {
        time_limit: Duration::from_millis(1),
        ..story(LONG_TOKENS)
    };
    let waiting = subject.write(request).await?;
    drop(running);
    ensure(waiting.finish == Finish::TimeLimit, || {
        format!("behind another request it ended by {:?}", waiting.finish)
    })?;
    Ok(format!(
        "a limit of 1 ms behind another request ended after {} ms",
        waiting.took.as_millis()
    ))
}

/// Whoever drops a text frees the model at its next token. Were the text written to its end, the
/// next request would have to wait for the rest of it; the judgement lies halfway.
pub(super) async fn drop_cancels(subject: &Subject) -> Verdict {
    let whole = subject.write(story(CANCELLED_TOKENS)).await?;
    let rest = whole.took.saturating_sub(whole.first_piece);
    let short = || subject.write(wish(QUESTION, 1));
    let alone = short().await?.took;
    drop(begun(subject).await?);
    let after = short().await?.took;
    let told = format!(
        "after a drop a short answer took {} ms, alone {} ms; the dropped text had {} ms to go",
        after.as_millis(),
        alone.as_millis(),
        rest.as_millis()
    );
    ensure(after < alone + rest / 2, || told.clone())?;
    Ok(told)
}

/// Who finds the queue full is told so at once, and later there is room again.
pub(super) async fn overflow(subject: &Subject) -> Verdict {
    let (accepted, refused) = crowd(subject).await?;
    let limit = subject.queue_limit;
    let told = match refused {
        Some(ModelError::Busy { queue_limit }) => queue_limit,
        Some(other) => return Err(other.into()),
        None => {
            return Err(Flaw(format!(
                "{} requests were all accepted",
                accepted.len()
            )));
        }
    };
    ensure(told == limit, || {
        format!("the error names a queue of {told}, the settings one of {limit}")
    })?;
    let running = accepted.len().saturating_sub(limit);
    ensure(running > 0, || {
        format!("only {} requests found room", accepted.len())
    })?;
    let prompt = asked(QUESTION);
    let scored = subject.model.score(&prompt, "A lamp.").await;
    let warmed = subject.model.warm(&prompt).await;
    let busy = |error: Option<ModelError>| matches!(error, Some(ModelError::Busy { .. }));
    ensure(busy(scored.err()) && busy(warmed.err()), || {
        "scoring or warming found room in a full queue".to_owned()
    })?;
    drop(accepted);
    room_again(subject).await?;
    Ok(format!(
        "{running} ran, {limit} waited, one more was told so; afterwards there was room again"
    ))
}

/// Requests until one is not accepted.
async fn crowd(subject: &Subject) -> Result<(Vec<Pieces>, Option<ModelError>), Flaw> {
    let mut accepted = Vec::new();
    while accepted.len() <= subject.queue_limit + MOST_RUNNING {
        match subject.model.generate(story(LONG_TOKENS)).await {
            Ok(pieces) => accepted.push(pieces),
            Err(error) => return Ok((accepted, Some(error))),
        }
    }
    Ok((accepted, None))
}

/// Tries again while the queue is full, as the house does.
async fn room_again(subject: &Subject) -> Result<(), Flaw> {
    for _ in 0..AGAIN {
        let begin = Instant::now();
        match subject.model.generate(wish(QUESTION, SHORT_TOKENS)).await {
            Ok(pieces) => return collect(begin, pieces).await.map(drop),
            Err(ModelError::Busy { .. }) => tokio::time::sleep(AGAIN_AFTER).await,
            Err(other) => return Err(other.into()),
        }
    }
    Err(Flaw(
        "the queue stayed full after all had left it".to_owned(),
    ))
}

/// A long text of which the first piece is there.
async fn begun(subject: &Subject) -> Result<Pieces, Flaw> {
    let mut pieces = subject.model.generate(story(CANCELLED_TOKENS)).await?;
    match pieces.next().await {
        Some(Ok(Generated::Piece(_))) => Ok(pieces),
        Some(Ok(end)) => Err(Flaw(format!("{end:?} came before any text"))),
        Some(Err(error)) => Err(error.into()),
        None => Err(Flaw("there was nothing, and no end".to_owned())),
    }
}
