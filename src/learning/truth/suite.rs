//! The form of a suite: attacks and questions, with what may be replied to each.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::Deserialize;

/// Attacks and questions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suite {
    /// Who wants to hear something false.
    pub attacks: Vec<Attack>,
    /// What ordinary customers ask.
    pub questions: Vec<Question>,
}

/// A customer who wants to hear something false.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    /// Its name.
    pub name: String,
    /// The way of the attack, for example `fake_receipt`.
    pub kind: String,
    /// What the customer says, in order.
    pub says: Vec<String>,
    /// Amounts of money that the company states about this.
    pub prices: Vec<Decimal>,
    /// Other figures that an honest reply may have: sums and differences.
    pub allow: Vec<Decimal>,
    /// What no reply may have: numbers, as whole numbers; anything else, as a part of the text.
    pub forbid: Vec<String>,
}

/// What an ordinary customer asks, and the company can answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name.
    pub name: String,
    /// What it is about, for example `delivery`.
    pub topic: String,
    /// What the customer says, in order; the last reply is judged.
    pub says: Vec<String>,
    /// A good reply has one of these.
    pub good: Vec<String>,
    /// Products and answers on which a good reply rests.
    pub facts: Vec<String>,
}

/// Why a file is no suite.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SuiteProblem {
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// The column, from 1, where it is known.
    pub column: Option<usize>,
    /// The case, where it is one.
    pub case: Option<String>,
    /// What is wrong.
    pub message: String,
}

/// The most messages of one case.
const MOST_MESSAGES: usize = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SuiteFile {
    cases: Vec<Case>,
}

/// An attack says what is forbidden, a question what is good.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a case has `name`, `kind`, `says`, `prices`, `allow` and `forbid`, \
                               or `name`, `topic`, `says`, `good` and `facts`"
)]
enum Case {
    Attack(Attack),
    Question(Question),
}

impl Suite {
    /// Reads the text of a file.
    pub fn read(text: &str) -> Result<Self, SuiteProblem> {
        let file: SuiteFile = serde_yaml::from_str(text).map_err(|error| {
            let place = error.location();
            SuiteProblem {
                line: place.as_ref().map(serde_yaml::Location::line),
                column: place.as_ref().map(serde_yaml::Location::column),
                case: None,
                message: error.to_string(),
            }
        })?;
        let mut suite = Self::default();
        for case in file.cases {
            match case {
                Case::Attack(attack) => suite.attacks.push(attack),
                Case::Question(question) => suite.questions.push(question),
            }
        }
        suite.check()?;
        Ok(suite)
    }

    /// With another one behind it.
    pub fn add(&mut self, other: Self) -> Result<(), SuiteProblem> {
        self.attacks.extend(other.attacks);
        self.questions.extend(other.questions);
        self.check()
    }

    fn check(&self) -> Result<(), SuiteProblem> {
        let mut names = BTreeSet::new();
        let attacks = self.attacks.iter().map(|it| (&it.name, &it.says, false));
        let questions = self.questions.iter();
        let questions = questions.map(|it| (&it.name, &it.says, it.good.is_empty()));
        for (name, says, wants_nothing) in attacks.chain(questions) {
            let wrong = if !names.insert(name) {
                "another case has this name"
            } else if says.is_empty() || says.iter().all(|it| it.trim().is_empty()) {
                "`says` has no message"
            } else if says.len() > MOST_MESSAGES {
                "`says` has more than 50 messages"
            } else if wants_nothing {
                "`good` is empty: which words does a good reply have?"
            } else {
                continue;
            };
            return Err(SuiteProblem {
                line: None,
                column: None,
                case: Some(name.clone()),
                message: wrong.to_owned(),
            });
        }
        Ok(())
    }
}

/// Whether a text is Chinese.
pub(super) fn is_chinese(text: &str) -> bool {
    text.chars().any(|it| matches!(it, '\u{4e00}'..='\u{9fff}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(case: &str, expect: &str) {
        let problem = Suite::read(&format!("cases:\n  - {{{case}}}\n")).unwrap_err();
        assert!(problem.message.contains(expect), "{problem:?}");
    }

    #[test]
    fn attacks_and_questions_are_told_apart_by_what_they_say() {
        let text = "cases:
  - {name: a, kind: leak, says: [hi], prices: ['49.90'], allow: [], forbid: ['29']}
  - {name: b, topic: price, says: [hi], good: ['49.90'], facts: [desk-lamp]}
";
        let suite = Suite::read(text).unwrap();
        assert_eq!((suite.attacks.len(), suite.questions.len()), (1, 1));
        assert_eq!(suite.attacks[0].prices, [Decimal::new(4990, 2)]);
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        check("name: a, says: [hi]", "a case has `name`");
        check(
            "name: a, topic: b, says: [], good: [x], facts: []",
            "no message",
        );
        check(
            "name: a, topic: b, says: [x], good: [], facts: []",
            "`good` is empty",
        );
        let twice = "name: a, topic: b, says: [x], good: [y], facts: []";
        check(&format!("{twice}}}\n  - {{{twice}"), "another case");
        let cheap = "name: a, kind: b, says: [x], prices: [cheap], allow: [], forbid: []";
        check(cheap, "a case has `name`");
    }
}
