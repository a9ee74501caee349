//! A simulated customer in words of its own. The rules decide what it means to say; a language
//! model, which reads who it is and what was said to it, puts that into words. Chance comes from
//! the same seed, so the same customer says the same on the same machine.

use std::{sync::Arc, time::Duration};

use consultant_core::{
    ports::{
        Constraint, Finish, Generate, Generated, LanguageModel, ModelError, Prompt, PromptMessage,
        Role, Sampling,
    },
    script::fits_language,
};
use futures::StreamExt;
use unicode_segmentation::UnicodeSegmentation;

use super::{dice::Dice, persona::Persona};

/// Customers write short messages.
const MOST_TOKENS: usize = 40;
/// Longer ones are no longer what was meant.
const MOST_LETTERS: usize = 160;
/// So much of what the bot said last is read.
const HEARD_LETTERS: usize = 240;
/// A message that takes longer is said as the rules have it.
const PATIENCE: Duration = Duration::from_mins(1);

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) text: String,
    /// Whether the model put it into words.
    pub(super) by_model: bool,
}

/// How one customer speaks.
pub(super) struct Voice<'a> {
    persona: &'a Persona,
    model: Option<Arc<dyn LanguageModel>>,
    dice: Dice,
    last: String,
}

impl<'a> Voice<'a> {
    /// A voice of its own where there is a model, and the rules' own words otherwise.
    pub(super) fn new(
        persona: &'a Persona,
        (number, seed): (u32, u64),
        model: Option<Arc<dyn LanguageModel>>,
    ) -> Self {
        Self {
            persona,
            model,
            dice: Dice::new(seed, &format!("{}, in its own words", persona.name), number),
            last: String::new(),
        }
    }

    /// What it writes where it means this and was told that. It writes what it means where the
    /// model cannot: in another language, at too great a length, or without a number that matters.
    pub(super) async fn says(&mut self, meant: String, heard: &str) -> Said {
        let seed = self.dice.throw();
        let worded = match &self.model {
            Some(model) if writes_in_language_of(&**model, &meant) => {
                worded(&**model, self.prompt(&meant, heard), seed)
                    .await
                    .ok()
            }
            _ => None,
        };
        let worded = worded.as_deref().and_then(one_line);
        // Said twice, it would be the customer who runs in circles.
        let worded = worded.filter(|it| keeps_numbers(it, &meant) && *it != self.last);
        let by_model = worded.is_some();
        let text = worded.unwrap_or(meant);
        self.last.clone_from(&text);
        Said { text, by_model }
    }

    fn prompt(&self, meant: &str, heard: &str) -> Prompt {
        let who = self.persona.manner.as_deref().unwrap_or(PLAIN_MANNER);
        let mut messages = vec![message(
            Role::System,
            format!("{INSTRUCTION} The customer {who}."),
        )];
        for (heard, meant, written) in EXAMPLES {
            messages.push(message(Role::User, wish(heard, meant)));
            messages.push(message(Role::Assistant, (*written).to_owned()));
        }
        messages.push(message(Role::User, wish(heard, meant)));
        Prompt { messages }
    }
}

const INSTRUCTION: &str = "You write the messages of a customer in the chat of a company. Each \
                           time you are told what the company wrote and what the customer means. \
                           Write the customer's message in other words: one short line, with the \
                           same numbers and names.";

const PLAIN_MANNER: &str = "writes as people do in a chat";

/// What was heard, what is meant, and how it might be said.
const EXAMPLES: &[(&str, &str, &str)] = &[
    (
        "",
        "What does the oak shelf cost?",
        "hey, what's the price of the oak shelf?",
    ),
    (
        "How many would you like?",
        "two please",
        "I'd take two of them",
    ),
    (
        "It costs 80 EUR. Shall I order it?",
        "That is too expensive",
        "hm, that's more than I wanted to pay",
    ),
    ("Shall I order it?", "yes", "sure, go ahead"),
];

fn wish(heard: &str, meant: &str) -> String {
    let heard: String = heard.graphemes(true).take(HEARD_LETTERS).collect();
    let heard = if heard.is_empty() {
        "(nothing yet)"
    } else {
        heard.trim()
    };
    format!("The company wrote: {heard}\nThe customer means: {meant}")
}

fn message(role: Role, text: String) -> PromptMessage {
    PromptMessage { role, text }
}

fn writes_in_language_of(model: &dyn LanguageModel, text: &str) -> bool {
    let languages = &model.card().languages;
    languages.iter().any(|it| fits_language(text, *it))
}

async fn worded(
    model: &dyn LanguageModel,
    prompt: Prompt,
    seed: u64,
) -> Result<String, ModelError> {
    let request = Generate {
        prompt,
        max_tokens: MOST_TOKENS,
        time_limit: PATIENCE,
        sampling: Sampling {
            temperature: 0.8,
            top_p: 0.9,
            top_k: 0,
            repetition_penalty: 1.0,
            seed: Some(seed),
        },
        constraint: Constraint::Free,
    };
    let mut pieces = model.generate(request).await?;
    let mut text = String::new();
    while let Some(piece) = pieces.next().await {
        match piece? {
            Generated::Piece(piece) => text.push_str(&piece),
            Generated::Sure { .. } => {}
            Generated::Done(Finish::Stop) => break,
            // What was cut off may say something else.
            Generated::Done(Finish::Length | Finish::TimeLimit) => text.clear(),
        }
    }
    Ok(text)
}

/// The message, if it is one line of a length that customers write.
fn one_line(text: &str) -> Option<String> {
    let line = text.trim().trim_matches('"').trim();
    let letters = line.graphemes(true).count();
    let fits = (1..=MOST_LETTERS).contains(&letters) && !line.contains(['\n', '\r']);
    fits.then(|| line.to_owned())
}

/// Whether all numbers that are meant are said, and no others.
fn keeps_numbers(text: &str, meant: &str) -> bool {
    numbers(text) == numbers(meant)
}

fn numbers(text: &str) -> Vec<&str> {
    let runs = text.split(|letter: char| !letter.is_ascii_digit());
    let mut numbers: Vec<&str> = runs.filter(|run| !run.is_empty()).collect();
    numbers.sort_unstable();
    numbers
}

#[cfg(test)]
mod tests {
    use consultant_core::Language;

    use super::*;
    use crate::playtest::model::ScriptedModel;

    const PERSONA: &str = "personas: [{name: Ann, goal: {stage: x}, opens: [hi]}]";

    /// What a customer says who means these, one after another, where the model writes those.
    async fn said(meant: &[&str], written: &[&str]) -> Vec<(String, bool)> {
        let personas = super::super::persona::parse("p.yaml", PERSONA).unwrap();
        let texts = written.iter().map(|it| (*it).to_owned()).collect();
        let model = ScriptedModel::new(texts, vec![Language::EN]);
        let mut voice = Voice::new(&personas[0], (1, 7), Some(Arc::new(model)));
        let mut all = Vec::new();
        for meant in meant {
            let said = voice.says((*meant).to_owned(), "How many?").await;
            all.push((said.text, said.by_model));
        }
        all
    }

    #[tokio::test]
    async fn what_is_meant_is_said_in_the_models_words() {
        let said = said(&["2 please", "yes"], &["\"I'd take 2\"\n", "sure"]).await;
        let expect = [("I'd take 2".to_owned(), true), ("sure".to_owned(), true)];
        assert_eq!(said, expect);
    }

    #[tokio::test]
    async fn where_the_model_says_something_else_it_is_said_as_the_rules_have_it() {
        let long = "word ".repeat(60);
        for written in ["3 please", "two, no 2, or 5", "", "2\nlines", &long] {
            let said = said(&["2 please"], &[written]).await;
            assert_eq!(said, [("2 please".to_owned(), false)], "{written:?}");
        }
    }

    #[tokio::test]
    async fn a_language_that_the_model_does_not_write_is_left_to_the_rules() {
        let said = said(&["光环台灯多少钱？", "hi"], &["hello"]).await;
        let expect = [
            ("光环台灯多少钱？".to_owned(), false),
            ("hello".to_owned(), true),
        ];
        assert_eq!(said, expect);
    }

    #[tokio::test]
    async fn nobody_runs_in_circles_for_want_of_words() {
        let said = said(&["yes", "ok"], &["sure", "sure"]).await;
        assert_eq!(said, [("sure".to_owned(), true), ("ok".to_owned(), false)]);
    }

    #[tokio::test]
    async fn a_model_that_fails_costs_its_words_only() {
        assert_eq!(said(&["hi"], &[]).await, [("hi".to_owned(), false)]);
    }
}
