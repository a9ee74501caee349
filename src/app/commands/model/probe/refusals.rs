//! Requests that can never work: each must be refused as such, since a caller tries again after
//! any other error.

use consultant_core::ports::{Constraint, Generate, ModelError, Prompt, Sampling};
use futures::StreamExt;

use super::{
    scoring::QUESTION,
    subject::{Flaw, Subject, Verdict, asked, wish},
};

/// Words of a prompt that no context holds which a shop can pay for.
const TOO_MANY_WORDS: usize = 50_000;

/// An answer that no context holds.
const TOO_MANY_TOKENS: usize = 100_000_000;

/// Every impossible request.
pub(super) async fn refuses(subject: &Subject) -> Verdict {
    let impossible = impossible();
    let count = impossible.len();
    for (what, request) in impossible {
        expect_refused(what, first_error(subject, request).await)?;
    }
    let long = asked(&"lamp ".repeat(TOO_MANY_WORDS));
    let scored = subject.model.score(&long, "A lamp.").await;
    expect_refused("scoring after a prompt beyond any context", scored.err())?;
    let warmed = subject.model.warm(&long).await;
    expect_refused("warming a prompt beyond any context", warmed.err())?;
    Ok(format!("{} impossible requests were refused", count + 2))
}

fn impossible() -> Vec<(&'static str, Generate)> {
    let possible = || wish(QUESTION, 8);
    let sampling = possible().sampling;
    let constrained = |choices: &[&str]| Generate {
        constraint: Constraint::Choice(choices.iter().map(ToString::to_string).collect()),
        ..possible()
    };
    let with = |sampling: Sampling| Generate {
        sampling,
        ..possible()
    };
    let top_p = Sampling {
        top_p: 0.0,
        ..sampling
    };
    let temperature = Sampling {
        temperature: -1.0,
        ..sampling
    };
    let no_message = Generate {
        prompt: Prompt::default(),
        ..possible()
    };
    vec![
        ("a choice of nothing", constrained(&[])),
        ("a choice of an empty text", constrained(&["lamp", ""])),
        (
            "a prompt beyond any context",
            wish(&"lamp ".repeat(TOO_MANY_WORDS), 8),
        ),
        (
            "an answer beyond any context",
            wish(QUESTION, TOO_MANY_TOKENS),
        ),
        ("an answer of no tokens", wish(QUESTION, 0)),
        ("a prompt without a message", no_message),
        ("a negative temperature", with(temperature)),
        ("a nucleus of nothing", with(top_p)),
    ]
}

/// The error that a request meets first, when it is made or when its text is received.
async fn first_error(subject: &Subject, request: Generate) -> Option<ModelError> {
    match subject.model.generate(request).await {
        Err(error) => Some(error),
        Ok(mut pieces) => pieces.next().await?.err(),
    }
}

fn expect_refused(what: &str, error: Option<ModelError>) -> Result<(), Flaw> {
    match error {
        Some(ModelError::Refused(_)) => Ok(()),
        Some(other) => Err(Flaw(format!("{what}: {other}"))),
        None => Err(Flaw(format!("{what} was accepted"))),
    }
}
