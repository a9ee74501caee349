//! Scores: how likely the model finds a text.

use consultant_core::ports::TokenScore;

use super::subject::{Flaw, Subject, Verdict, asked, ensure, quoted};

pub(super) const QUESTION: &str = "What gives light on a desk?";

/// An answer that people give.
const LIKELY: &str = "A desk lamp gives light on a desk.";

/// Nonsense beside it: no words, the same words in no order, and words of something else.
const NONSENSE: [&str; 3] = [
    "Qzx vrk #7 ]] wpfl thx; grb zz.",
    "desk on a. light A gives desk lamp",
    "Every seventh herring prefers trigonometry.",
];

/// One finite log-probability a token, none above 0.
pub(super) async fn score(subject: &Subject) -> Verdict {
    let mut counts = Vec::new();
    for text in [LIKELY, "Qzx vrk #7", "台灯能照亮书桌。", "🙂", ""] {
        counts.push(scores(subject, text).await?.len());
    }
    let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
    Ok(format!(
        "texts of {} tokens have so many scores, finite and at most 0",
        counts.join(", ")
    ))
}

/// Sense is likelier than nonsense, token by token.
pub(super) async fn likely(subject: &Subject) -> Verdict {
    let sense = mean(&scores(subject, LIKELY).await?);
    let mut nonsense = Vec::new();
    for text in NONSENSE {
        nonsense.push(mean(&scores(subject, text).await?));
    }
    let told = format!("sense {sense:.2} a token, nonsense {nonsense:.2?}");
    ensure(nonsense.iter().all(|it| sense > *it), || told.clone())?;
    Ok(told)
}

async fn scores(subject: &Subject, text: &str) -> Result<Vec<TokenScore>, Flaw> {
    let scores = subject.model.score(&asked(QUESTION), text).await?;
    let tokens = subject.model.count_tokens(text).await?;
    ensure(scores.len() == tokens, || {
        format!(
            "{} has {tokens} tokens and {} scores",
            quoted(text),
            scores.len()
        )
    })?;
    let odd =
        |score: &&TokenScore| !score.log_probability.is_finite() || score.log_probability > 0.0;
    match scores.iter().find(odd) {
        Some(score) => Err(Flaw(format!(
            "{} is scored {}, which is no logarithm of a probability",
            quoted(&score.token),
            score.log_probability
        ))),
        None => Ok(scores),
    }
}

fn mean(scores: &[TokenScore]) -> f32 {
    let count = u16::try_from(scores.len()).unwrap_or(u16::MAX);
    let sum: f32 = scores.iter().map(|score| score.log_probability).sum();
    sum / f32::from(count)
}
