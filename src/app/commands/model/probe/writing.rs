//! Free text: its limits, and what repeats and what varies.

use consultant_core::ports::{Finish, Generate, Role};

use super::subject::{Subject, Verdict, Written, ensure, message, quoted, sampled, wish};

/// What no model answers in a few words.
const STORY: &str = "Tell me a very long story about a town of lamp makers.";

/// The length of a short text.
const SHORT_TOKENS: usize = 16;

/// Long enough that no time limit of a check leaves it whole, short enough for small contexts.
pub(super) const LONG_TOKENS: usize = 400;

/// The seed of the text that is repeated, and others.
const SEED: u64 = 7;
const OTHER_SEEDS: [u64; 2] = [8, 9];

/// A long text.
pub(super) fn story(max_tokens: usize) -> Generate {
    wish(STORY, max_tokens)
}

/// The limit is why a text ends, and a piece is a token or more, so there are no more pieces than
/// tokens.
pub(super) async fn length_limit(subject: &Subject) -> Verdict {
    for limit in [1, SHORT_TOKENS] {
        let written = subject.write(story(limit)).await?;
        ensure(written.finish == Finish::Length, || {
            format!("with a limit of {limit} tokens: {}", end_of(&written))
        })?;
        ensure(written.pieces <= limit, || {
            format!("{} pieces for a limit of {limit} tokens", written.pieces)
        })?;
    }
    Ok(format!(
        "texts of 1 and of {SHORT_TOKENS} tokens ended at their limits"
    ))
}

/// What a model that writes words wrote has as many tokens when it is cut again. Noise has not:
/// its tokens come together into others.
pub(super) async fn exact_length(subject: &Subject) -> Verdict {
    let written = subject.write(story(SHORT_TOKENS)).await?;
    let tokens = subject.model.count_tokens(&written.text).await?;
    ensure(tokens == SHORT_TOKENS, || {
        format!(
            "{} has {tokens} tokens; the limit was {SHORT_TOKENS}",
            quoted(&written.text)
        )
    })?;
    Ok(format!("{} has {tokens} tokens", quoted(&written.text)))
}

/// The limit is half of what a short text took, and the text could be far longer.
pub(super) async fn time_limit(subject: &Subject) -> Verdict {
    let limit = subject.write(story(SHORT_TOKENS)).await?.took / 2;
    let request = Generate {
        time_limit: limit,
        ..story(LONG_TOKENS)
    };
    let written = subject.write(request).await?;
    ensure(written.finish == Finish::TimeLimit, || {
        format!("with {} ms: {}", limit.as_millis(), end_of(&written))
    })?;
    Ok(format!(
        "a limit of {} ms ended a text after {} ms and {} pieces",
        limit.as_millis(),
        written.took.as_millis(),
        written.pieces
    ))
}

/// Without chance, and without any seed, the same question has the same answer.
pub(super) async fn greedy_repeats(subject: &Subject) -> Verdict {
    let request = || story(SHORT_TOKENS);
    let first = subject.write(request()).await?;
    let second = subject.write(request()).await?;
    same("at temperature 0", &first, &second)
}

/// The same seed gives the same text.
pub(super) async fn seed_repeats(subject: &Subject) -> Verdict {
    let first = subject.write(seeded(SEED)).await?;
    let second = subject.write(seeded(SEED)).await?;
    same("with one seed", &first, &second)
}

/// Another seed gives another text. Not each must, so several are tried.
pub(super) async fn seeds_differ(subject: &Subject) -> Verdict {
    let first = subject.write(seeded(SEED)).await?;
    let mut others = 0;
    for seed in OTHER_SEEDS {
        let written = subject.write(seeded(seed)).await?;
        others += usize::from(written.text != first.text);
    }
    let seeds = OTHER_SEEDS.len();
    ensure(others > 0, || {
        format!("{seeds} other seeds gave {} too", quoted(&first.text))
    })?;
    Ok(format!("{others} of {seeds} other seeds gave another text"))
}

/// What was read beforehand makes a text start sooner, and changes nothing in it.
pub(super) async fn warm_start(subject: &Subject) -> Verdict {
    let system = "You sell lamps in a small shop. ".repeat(12);
    let request = || {
        let mut request = wish("What should I put on my desk?", SHORT_TOKENS);
        let messages = &mut request.prompt.messages;
        messages.insert(0, message(Role::System, system.trim_end()));
        request
    };
    let cold = subject.write(request()).await?;
    let mut fixed = request().prompt;
    fixed.messages.truncate(1);
    subject.model.warm(&fixed).await?;
    let warm = subject.write(request()).await?;
    same("cold and warm", &cold, &warm)?;
    Ok(format!(
        "the same text, begun after {} instead of {} ms",
        warm.first_piece.as_millis(),
        cold.first_piece.as_millis()
    ))
}

fn seeded(seed: u64) -> Generate {
    Generate {
        sampling: sampled(seed),
        ..story(SHORT_TOKENS)
    }
}

fn same(when: &str, first: &Written, second: &Written) -> Verdict {
    let equal = first.text == second.text && first.finish == second.finish;
    ensure(equal, || {
        format!(
            "{when}: {}, then {}",
            quoted(&first.text),
            quoted(&second.text)
        )
    })?;
    Ok(format!("{} twice", quoted(&first.text)))
}

fn end_of(written: &Written) -> String {
    format!(
        "{} ended by {:?} after {} pieces",
        quoted(&written.text),
        written.finish,
        written.pieces
    )
}
