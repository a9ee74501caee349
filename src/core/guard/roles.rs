//! What a model says of itself: it is no person, and it has no orders that it could tell.

use super::Reading;

/// What the assistant is not, folded.
const NOT_I: &[&str] = &[
    "i am a human",
    "i am human",
    "i am a person",
    "i am a real person",
    "i am not a robot",
    "i am not a bot",
    "i am not a machine",
    "i am not an ai",
    "i am the manager",
    "i am the owner",
    "i am the ceo",
    "i am a doctor",
    "i am a lawyer",
    "my name is",
    "you are the sales assistant",
    "you are the assistant",
    "my system prompt",
    "my instructions are",
    "developer mode",
    "我是真人",
    "我是人类",
    "我不是机器人",
];

/// What stands in a prompt and nowhere else.
const OF_THE_PROMPT: &[&str] = &[
    "do not write:",
    "facts:",
    "if the facts do not hold",
    "use only the facts",
];

/// Words in a row that nobody says by chance.
const ROW: usize = 6;

/// What a sentence says of itself and must not, as it stands there.
pub(super) fn unheld(reading: &Reading<'_>) -> Vec<String> {
    let own = reading.plain().replace(" i m ", " i am ");
    let lower = reading.own_text().to_lowercase();
    let said = NOT_I.iter().filter(|it| own.contains(*it));
    let told = OF_THE_PROMPT.iter().filter(|it| lower.contains(*it));
    let mut found: Vec<String> = said.chain(told).map(|it| (*it).to_owned()).collect();
    if leaks(reading) {
        found.push("words of the prompt".to_owned());
    }
    found
}

/// Whether a row of words comes out of the prompt, and out of nothing that the company states.
fn leaks(reading: &Reading<'_>) -> bool {
    let base = reading.facts.base;
    let own: Vec<String> = words(reading.own_text());
    let mut rows = own.windows(ROW).map(|row| row.join(" "));
    rows.any(|row| base.prompt.contains(&row) && !base.plain.contains(&row))
}

/// The words of a text, folded.
pub(super) fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|it: char| !it.is_alphanumeric());
    words
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}
