//! How well the right thing is found among many, best first.

use std::collections::BTreeMap;

use serde::Serialize;

/// The most pairs that are told, of those where something else stood before the right thing.
const MAX_MIXED_UP: usize = 20;

/// What was asked, what is right, and what was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// The question.
    pub asked: String,
    /// What is right; `None` where nothing is.
    pub right: Option<String>,
    /// What was found, best first, each with the chance that it is right: 0 to 1.
    pub found: Vec<(String, f64)>,
}

impl Search {
    /// How far from the best the right thing stands: 0 is the best; `None` where it was not found.
    fn rank(&self) -> Option<usize> {
        let right = self.right.as_ref()?;
        self.found.iter().position(|(it, _)| it == right)
    }
}

/// What came of all searches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankedFigures {
    /// Of the questions with an answer, the share whose answer was found first: 0 to 1.
    pub accuracy: f64,
    /// The share whose answer was among the first so many, by how many.
    pub recall_at: BTreeMap<usize, f64>,
    /// The mean of one over the answer's place; nothing where it was not found.
    pub mean_reciprocal_rank: f64,
    /// Questions with an answer.
    pub questions: usize,
    /// What is given for sure.
    pub sure: Sure,
    /// Questions without an answer, where there are any.
    pub unanswerable: Option<Unanswerable>,
    /// What stood before the right thing, the most frequent first.
    pub mixed_up: Vec<MixedUp>,
}

/// Answers that are given for sure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Sure {
    /// Of the questions with an answer, the share that is given one for sure: 0 to 1.
    pub given: f64,
    /// Of those, the share that is right: 0 to 1.
    pub right: f64,
}

/// Questions that have no answer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Unanswerable {
    /// How many.
    pub questions: usize,
    /// The share that is given an answer for sure all the same: 0 to 1.
    pub given: f64,
}

/// Two things of which the wrong one was found first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MixedUp {
    /// What is right.
    pub right: String,
    /// What was found.
    pub found: String,
    /// How often.
    pub questions: usize,
    /// One of the questions.
    pub example: String,
}

/// The places at which recall is told.
const PLACES: [usize; 4] = [1, 3, 5, 10];

impl RankedFigures {
    /// Of these searches. From the chance `sure`, an answer is given for sure.
    pub fn of(searches: &[Search], sure: f64) -> Self {
        let (answerable, unanswerable): (Vec<&Search>, Vec<&Search>) =
            searches.iter().partition(|it| it.right.is_some());
        let ranks: Vec<Option<usize>> = answerable.iter().map(|it| it.rank()).collect();
        let within = |places: usize| {
            let found = ranks
                .iter()
                .filter(|it| it.is_some_and(|rank| rank < places));
            share(found.count(), ranks.len())
        };
        let reciprocal = |rank: &usize| share(1, rank + 1);
        let reciprocal: f64 = ranks.iter().flatten().map(reciprocal).sum();
        let is_given = |it: &&&Search| it.found.first().is_some_and(|(_, chance)| *chance >= sure);
        let given: Vec<&&Search> = answerable.iter().filter(is_given).collect();
        let right = given.iter().filter(|it| it.rank() == Some(0)).count();
        Self {
            accuracy: within(1),
            recall_at: PLACES.map(|it| (it, within(it))).into(),
            mean_reciprocal_rank: reciprocal * share(1, ranks.len()),
            questions: ranks.len(),
            sure: Sure {
                given: share(given.len(), ranks.len()),
                right: share(right, given.len()),
            },
            unanswerable: (!unanswerable.is_empty()).then(|| Unanswerable {
                questions: unanswerable.len(),
                given: share(
                    unanswerable.iter().filter(is_given).count(),
                    unanswerable.len(),
                ),
            }),
            mixed_up: mixed_up(&answerable),
        }
    }
}

fn mixed_up(searches: &[&Search]) -> Vec<MixedUp> {
    let mut pairs: BTreeMap<(&str, &str), (usize, &str)> = BTreeMap::new();
    for search in searches {
        if let (Some(right), Some((found, _))) = (&search.right, search.found.first())
            && right != found
        {
            let pair = pairs.entry((right, found)).or_insert((0, &search.asked));
            pair.0 += 1;
        }
    }
    let mut mixed_up: Vec<MixedUp> = pairs
        .into_iter()
        .map(|((right, found), (questions, example))| MixedUp {
            right: right.to_owned(),
            found: found.to_owned(),
            questions,
            example: example.to_owned(),
        })
        .collect();
    mixed_up.sort_by_key(|it| std::cmp::Reverse(it.questions));
    mixed_up.truncate(MAX_MIXED_UP);
    mixed_up
}

/// A part of a whole; of nothing it is nothing.
#[expect(
    clippy::cast_precision_loss,
    reason = "no table of questions is that long"
)]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(right: Option<&str>, found: &[(&str, f64)]) -> Search {
        Search {
            asked: "?".to_owned(),
            right: right.map(str::to_owned),
            found: found
                .iter()
                .map(|(it, at)| ((*it).to_owned(), *at))
                .collect(),
        }
    }

    #[track_caller]
    fn near(found: f64, expect: f64) {
        assert!((found - expect).abs() < 1e-9, "{found}, not {expect}");
    }

    #[test]
    fn places_sureness_and_mix_ups_are_counted() {
        let searches = [
            search(Some("a"), &[("a", 0.9), ("b", 0.2)]),
            search(Some("b"), &[("a", 0.7), ("b", 0.2)]),
            search(Some("c"), &[]),
            search(Some("d"), &[("d", 0.3)]),
            search(None, &[("a", 0.8)]),
            search(None, &[("a", 0.1)]),
        ];
        let figures = RankedFigures::of(&searches, 0.6);
        near(figures.accuracy, 0.5);
        near(figures.recall_at[&3], 0.75);
        near(figures.mean_reciprocal_rank, 2.5 / 4.0);
        near(figures.sure.given, 0.5);
        near(figures.sure.right, 0.5);
        let unanswerable = figures.unanswerable.unwrap();
        assert_eq!(unanswerable.questions, 2);
        near(unanswerable.given, 0.5);
        let pair = figures.mixed_up.first().unwrap();
        assert_eq!(
            (pair.right.as_str(), pair.found.as_str(), pair.questions),
            ("b", "a", 1)
        );
    }

    #[test]
    fn of_nothing_comes_nothing() {
        let figures = RankedFigures::of(&[], 0.6);
        near(figures.accuracy, 0.0);
        near(figures.sure.right, 0.0);
        assert_eq!(figures.unanswerable, None);
    }
}
