//! How well texts were put into categories: the usual figures, and how far to trust what was said
//! of them.

use std::collections::BTreeMap;

use serde::Serialize;

/// Bins of the reliability diagram.
const BINS: usize = 15;
/// The pairs of categories that are told, of those that were taken for one another.
const MAX_CONFUSED: usize = 20;

/// A text that was put into a category.
#[derive(Clone, Debug, PartialEq)]
pub struct Classified {
    /// Its category; `None` where it belongs to none.
    pub expected: Option<String>,
    /// What it was taken for.
    pub found: String,
    /// How sure that was said to be: 0 to 1.
    pub confidence: f64,
    /// How much it looks like any of the categories; higher is more.
    pub score: f64,
    /// Whether it was taken for one of them at all.
    pub in_scope: bool,
}

/// What came of all of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Of the texts with a category, the share that was put into it: 0 to 1.
    pub accuracy: f64,
    /// The mean of all categories' F1: 0 to 1.
    pub macro_f1: f64,
    /// How far confidence is from the share that is right, on average: 0 to 1.
    pub calibration_error: f64,
    /// Texts with a category.
    pub texts: usize,
    /// How texts without a category were told apart; `None` where there were none.
    pub out_of_scope: Option<OutOfScope>,
    /// Each category's figures.
    pub categories: BTreeMap<String, Category>,
    /// What was taken for something else, the most frequent first.
    pub confused: Vec<Confused>,
    /// How right those were that were about so sure; without bins that are empty.
    pub reliability: Vec<Bin>,
}

/// One category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Category {
    /// Of what was taken for it, the share that is: 0 to 1.
    pub precision: f64,
    /// Of what is of it, the share that was taken for it: 0 to 1.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
    /// Its texts.
    pub texts: usize,
}

/// A category that was taken for another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Confused {
    /// What it is.
    pub expected: String,
    /// What it was taken for.
    pub found: String,
    /// How often.
    pub texts: usize,
}

/// Texts about which something was said with about the same confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Their mean confidence.
    pub confidence: f64,
    /// The share that is right.
    pub accuracy: f64,
    /// How many they are.
    pub texts: usize,
}

/// How texts without a category were told apart from those with one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OutOfScope {
    /// Texts without a category.
    pub texts: usize,
    /// How probable it is that such a text has a lower score than one with a category.
    pub auroc: f64,
    /// The share of them that was refused.
    pub recall: f64,
    /// The share of the texts with a category that was not.
    pub kept: f64,
    /// The share of them that would be refused by the limit that keeps 95% of the others.
    pub recall_at_95_kept: f64,
}

impl Figures {
    /// The figures of some texts; `None` where none of them has a category.
    pub fn of(classified: &[Classified]) -> Option<Self> {
        let inside: Vec<(&str, &Classified)> = classified
            .iter()
            .filter_map(|it| Some((it.expected.as_deref()?, it)))
            .collect();
        if inside.is_empty() {
            return None;
        }
        let right = |(expected, it): &&(&str, &Classified)| *expected == it.found;
        let categories = categories(&inside);
        let f1 = categories.values().map(|it| it.f1).sum::<f64>();
        let reliability = reliability(&inside);
        let errors = reliability.iter().map(|bin| {
            let error = (bin.confidence - bin.accuracy).abs();
            error * share(bin.texts, inside.len())
        });
        Some(Self {
            accuracy: share(inside.iter().filter(right).count(), inside.len()),
            macro_f1: f1 / count(categories.len()),
            calibration_error: errors.sum(),
            texts: inside.len(),
            out_of_scope: out_of_scope(classified),
            categories,
            confused: confused(&inside),
            reliability,
        })
    }
}

/// The figures of all categories that have texts.
fn categories(inside: &[(&str, &Classified)]) -> BTreeMap<String, Category> {
    let mut counts: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for (expected, it) in inside {
        let (texts, _, right) = counts.entry(expected).or_default();
        *texts += 1;
        *right += usize::from(*expected == it.found);
        let (_, taken, _) = counts.entry(&it.found).or_default();
        *taken += 1;
    }
    let with_texts = counts.into_iter().filter(|(_, (texts, ..))| *texts > 0);
    let figures = with_texts.map(|(category, (texts, taken, right))| {
        let figures = Category {
            precision: share(right, taken),
            recall: share(right, texts),
            f1: share(2 * right, texts + taken),
            texts,
        };
        (category.to_owned(), figures)
    });
    figures.collect()
}

fn confused(inside: &[(&str, &Classified)]) -> Vec<Confused> {
    let mut pairs: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (expected, it) in inside {
        if *expected != it.found {
            *pairs.entry((expected, &it.found)).or_default() += 1;
        }
    }
    let mut confused: Vec<Confused> = pairs
        .into_iter()
        .map(|((expected, found), texts)| Confused {
            expected: expected.to_owned(),
            found: found.to_owned(),
            texts,
        })
        .collect();
    confused.sort_by_key(|it| std::cmp::Reverse(it.texts));
    confused.truncate(MAX_CONFUSED);
    confused
}

fn reliability(inside: &[(&str, &Classified)]) -> Vec<Bin> {
    let mut bins = vec![(0.0, 0, 0); BINS];
    for (expected, it) in inside {
        let at = (1..BINS)
            .take_while(|at| it.confidence >= share(*at, BINS))
            .count();
        let (confidence, right, texts) = &mut bins[at];
        *confidence += it.confidence;
        *right += usize::from(*expected == it.found);
        *texts += 1;
    }
    let filled = bins.into_iter().filter(|(.., texts)| *texts > 0);
    filled
        .map(|(confidence, right, texts)| Bin {
            confidence: confidence / count(texts),
            accuracy: share(right, texts),
            texts,
        })
        .collect()
}

fn out_of_scope(classified: &[Classified]) -> Option<OutOfScope> {
    let (inside, outside): (Vec<_>, Vec<_>) =
        classified.iter().partition(|it| it.expected.is_some());
    if outside.is_empty() {
        return None;
    }
    let mut scores: Vec<f64> = inside.iter().map(|it| it.score).collect();
    scores.sort_by(f64::total_cmp);
    let limit = scores.get(scores.len() / 20).copied().unwrap_or(f64::MIN);
    let below = |limit: f64| outside.iter().filter(|it| it.score < limit).count();
    let refused = outside.iter().filter(|it| !it.in_scope).count();
    let kept = inside.iter().filter(|it| it.in_scope).count();
    Some(OutOfScope {
        texts: outside.len(),
        auroc: auroc(&scores, &outside),
        recall: share(refused, outside.len()),
        kept: share(kept, inside.len()),
        recall_at_95_kept: share(below(limit), outside.len()),
    })
}

/// The area under the receiver operating characteristic: of all pairs of a text with a category and
/// one without, the share in which the first has the higher score; equal ones count half.
/// `scores` are those of the texts with a category, lowest first.
fn auroc(scores: &[f64], outside: &[&Classified]) -> f64 {
    let above = outside.iter().map(|it| {
        let lower = scores.partition_point(|score| *score < it.score);
        let not_higher = scores.partition_point(|score| *score <= it.score);
        count(scores.len() - not_higher) + count(not_higher - lower) / 2.0
    });
    above.sum::<f64>() / (count(scores.len()) * count(outside.len()))
}

fn share(part: usize, all: usize) -> f64 {
    if all == 0 {
        0.0
    } else {
        count(part) / count(all)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "texts are counted, and far fewer than 2^52"
)]
const fn count(texts: usize) -> f64 {
    texts as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classified(
        expected: Option<&str>,
        found: &str,
        (confidence, score): (f64, f64),
    ) -> Classified {
        Classified {
            expected: expected.map(str::to_owned),
            found: found.to_owned(),
            confidence,
            score,
            in_scope: score >= 2.0,
        }
    }

    #[track_caller]
    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found}, not {expected}");
    }

    #[test]
    fn the_figures_of_five_texts_are_as_by_hand() {
        let figures = Figures::of(&[
            classified(Some("a"), "a", (0.9, 5.0)),
            classified(Some("a"), "a", (0.9, 4.0)),
            classified(Some("a"), "b", (0.5, 3.0)),
            classified(Some("b"), "b", (0.7, 1.0)),
            classified(None, "b", (0.4, 0.5)),
            classified(None, "a", (0.4, 3.5)),
        ])
        .unwrap();
        near(figures.accuracy, 0.75);
        near(figures.categories["a"].precision, 1.0);
        near(figures.categories["a"].recall, 2.0 / 3.0);
        near(figures.categories["a"].f1, 0.8);
        near(figures.categories["b"].f1, 2.0 / 3.0);
        near(figures.macro_f1, f64::midpoint(0.8, 2.0 / 3.0));
        // Two of 0.9 are right, one of 0.5 is wrong, one of 0.7 is right.
        near(figures.calibration_error, 0.25 * (0.2 + 0.5 + 0.3));
        assert_eq!(figures.reliability.len(), 3);
        assert_eq!(
            figures.confused,
            [Confused {
                expected: "a".to_owned(),
                found: "b".to_owned(),
                texts: 1,
            }]
        );
        let outside = figures.out_of_scope.unwrap();
        assert_eq!(outside.texts, 2);
        // Of eight pairs the second text beats 3.0 and 1.0.
        near(outside.auroc, 6.0 / 8.0);
        near(outside.recall, 0.5);
        near(outside.kept, 0.75);
        near(outside.recall_at_95_kept, 0.5);
    }

    #[test]
    fn without_texts_of_a_category_there_are_no_figures() {
        assert_eq!(Figures::of(&[]), None);
        assert_eq!(Figures::of(&[classified(None, "a", (1.0, 1.0))]), None);
    }

    #[test]
    fn who_is_sure_and_right_is_calibrated() {
        let all = vec![classified(Some("a"), "a", (1.0, 1.0)); 4];
        let figures = Figures::of(&all).unwrap();
        near(figures.calibration_error, 0.0);
        near(figures.accuracy, 1.0);
        assert_eq!(figures.out_of_scope, None);
    }
}
