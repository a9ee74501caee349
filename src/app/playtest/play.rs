//! Plays a conversation turn by turn, in every order where any will do.

use std::sync::Arc;

use consultant_core::{Command, Currency, InboundEvent, Press, ports::StoreError};
use tokio::task::JoinError;

use super::{
    Stage,
    case::{Case, Detailed, Expect, Step, Words, Writes},
    check::{Miss, check},
    house::{Seen, TestHouse},
    places::Places,
};

/// A conversation that was played, or a case of FAQ rules.
#[derive(Clone, Debug)]
pub(super) struct Played {
    pub(super) of: Of,
    pub(super) name: String,
    pub(super) file: String,
    pub(super) turns: usize,
    pub(super) failures: Vec<Failure>,
    /// Every turn, for coverage.
    pub(super) seen: Vec<Seen>,
}

/// What a case is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// A conversation.
    Conversation,
    /// FAQ rules, which have no turns.
    FaqRules,
}

/// A turn that came out otherwise.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) line: usize,
    /// What the customer did.
    pub(super) after: String,
    pub(super) misses: Vec<Miss>,
}

/// Plays a conversation.
pub(super) async fn play(case: Case, stage: Arc<Stage>) -> Played {
    let mut played = Played::new(&case);
    if case.any_order.is_empty() {
        let turns = case.turns.clone();
        played.one(&case, &stage, &turns).await;
    }
    for order in orders(&case.any_order) {
        let turns: Vec<Step> = order.into_iter().map(Step::saying).collect();
        played.one(&case, &stage, &turns).await;
        if !played.failures.is_empty() {
            break;
        }
    }
    played
}

impl Step {
    fn saying(text: String) -> Self {
        Self {
            says: Some(text),
            ..Self::default()
        }
    }

    fn name(&self) -> String {
        match (&self.says, &self.presses, &self.after) {
            (Some(text), ..) => format!("the customer says {text:?}"),
            (_, Some(label), _) => format!("the customer presses {label:?}"),
            (.., Some(time)) => format!("{time:#} later"),
            _ => "nothing".to_owned(),
        }
    }
}

impl Played {
    fn new(case: &Case) -> Self {
        Self {
            of: Of::Conversation,
            name: case.name.clone(),
            file: case.places.file.clone(),
            turns: 0,
            failures: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// A case of FAQ rules, with what came out otherwise.
    pub(super) fn of_faq_rules(
        name: &str,
        places: &Places,
        asked: String,
        misses: Vec<Miss>,
    ) -> Self {
        let mut played = Self {
            of: Of::FaqRules,
            name: name.to_owned(),
            file: places.file.clone(),
            turns: 0,
            failures: Vec::new(),
            seen: Vec::new(),
        };
        if !misses.is_empty() {
            played.fail(places.name, asked, misses);
        }
        played
    }

    /// A conversation whose playing panicked: a defect of ours, and no success.
    pub(super) fn broken(case: &Case, panic: &JoinError) -> Self {
        let mut played = Self::new(case);
        let miss = Miss {
            what: "the program",
            wanted: "an end".to_owned(),
            got: format!("{panic}; this is a bug, please report it"),
        };
        played.fail(case.places.name, "playing it".to_owned(), vec![miss]);
        played
    }

    async fn one(&mut self, case: &Case, stage: &Stage, turns: &[Step]) {
        let mut house = TestHouse::new(case, stage);
        if let Err(miss) = house.belongs_to(&case.served_as).await {
            return self.fail(case.places.name, "served_as".to_owned(), vec![miss]);
        }
        let is_loose = has_other_words(case, stage);
        let mut last = Seen::default();
        let mut said = Vec::new();
        for (number, step) in turns.iter().enumerate() {
            self.turns += 1;
            said.push(step.name());
            let line = case.places.turn(number);
            match act(&mut house, step, &last).await {
                Ok(seen) => {
                    let seen = seen.after(step, &last);
                    let home = house.currency();
                    let expect = judged(&step.expect, is_loose && !seen.written.is_empty());
                    self.expect(line, &step.name(), (&expect, &seen, home));
                    self.seen.push(seen.clone());
                    last = seen;
                }
                Err(miss) => return self.fail(line, step.name(), vec![miss]),
            }
        }
        let in_order = format!("in this order: {}", said.join(", "));
        let home = house.currency();
        let expect = judged(&case.expect, is_loose && !last.written.is_empty());
        self.expect(case.places.name, &in_order, (&expect, &last, home));
        if house.unasked() > 0 {
            let miss = Miss {
                what: "the model",
                wanted: format!("{} more texts of `model` asked for", house.unasked()),
                got: "nobody asked".to_owned(),
            };
            self.fail(case.places.name, in_order, vec![miss]);
        }
    }

    fn expect(
        &mut self,
        line: usize,
        after: &str,
        (expect, seen, home): (&Expect, &Seen, Currency),
    ) {
        let misses = check(expect, seen, home);
        if !misses.is_empty() {
            self.fail(line, after.to_owned(), misses);
        }
    }

    fn fail(&mut self, line: usize, after: String, misses: Vec<Miss>) {
        self.failures.push(Failure {
            line,
            after,
            misses,
        });
    }
}

/// Whether a real model writes where the test says what is written.
fn has_other_words(case: &Case, stage: &Stage) -> bool {
    let has_texts = matches!(&case.model, Writes::Texts(texts) if !texts.is_empty());
    has_texts && stage.model.is_some()
}

/// What is judged of a turn. Where a real model wrote other words than the test says, its words
/// are not compared; what they must lack, prices, language and all else are.
fn judged(expect: &Expect, has_other_words: bool) -> Expect {
    let mut expect = expect.clone();
    if let Some(Words(words)) = expect.reply.as_mut().filter(|_| has_other_words) {
        *words = Detailed {
            lacks: std::mem::take(&mut words.lacks),
            ..Detailed::default()
        };
    }
    expect
}

/// Carries out one step.
pub(super) async fn act(house: &mut TestHouse, step: &Step, last: &Seen) -> Result<Seen, Miss> {
    let acted = if let Some(text) = &step.says {
        let command = text.strip_prefix('/').and_then(Command::from_name);
        let event = command.map(|command| InboundEvent::Command { command });
        let event = event.unwrap_or_else(|| InboundEvent::says(text));
        house.hears(event).await
    } else if let Some(label) = &step.presses {
        let press = button(label, last)?.to_string();
        house.hears(InboundEvent::Pressed { press }).await
    } else {
        let time = step.after.unwrap_or_default().unsigned_abs();
        house.waits(time).await
    };
    acted.map_err(|error| broken(&error))
}

fn broken(error: &StoreError) -> Miss {
    Miss {
        what: "the turn",
        wanted: "an end".to_owned(),
        got: error.to_string(),
    }
}

fn button(label: &str, last: &Seen) -> Result<Press, Miss> {
    let cards = last.replies.iter().filter_map(|reply| reply.card.as_ref());
    let buttons: Vec<_> = cards.flat_map(|card| &card.buttons).collect();
    let found = buttons.iter().find(|button| button.label == label);
    found.map(|button| button.press.clone()).ok_or_else(|| {
        let labels: Vec<&str> = buttons.iter().map(|it| it.label.as_str()).collect();
        Miss {
            what: "the buttons",
            wanted: format!("one with the label {label:?}"),
            got: format!("{labels:?}"),
        }
    })
}

/// Every order of some facts; none of none.
fn orders(facts: &[String]) -> Vec<Vec<String>> {
    match facts {
        [] => Vec::new(),
        [one] => vec![vec![one.clone()]],
        _ => (0..facts.len())
            .flat_map(|first| {
                let mut rest = facts.to_vec();
                let first = rest.remove(first);
                orders(&rest).into_iter().map(move |mut order| {
                    order.insert(0, first.clone());
                    order
                })
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_order_means_every_order_once() {
        let facts = ["a", "b", "c"].map(str::to_owned);
        let mut found: Vec<String> = orders(&facts).iter().map(|it| it.concat()).collect();
        found.sort();
        assert_eq!(found, ["abc", "acb", "bac", "bca", "cab", "cba"]);
        assert!(orders(&[]).is_empty());
    }
}
