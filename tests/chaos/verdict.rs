//! What each customer sees in the end, judged: every question answered in exactly one message, in
//! order, and every long answer whole.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    plan::{Say, Wants},
    talker::WRITTEN,
};

/// Rows of a long answer, as the playbook writes them.
const ROWS: usize = 120;

/// What was found in one conversation, or in many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Findings {
    /// Questions that were asked.
    pub(super) messages: usize,
    /// Messages of the bot that answer them; one may answer a burst.
    pub(super) answers: usize,
    /// Questions without an answer, and rows that a long answer lacks.
    pub(super) lost: usize,
    /// Questions and rows that stand behind later ones.
    pub(super) misordered: usize,
    /// Those that the platform itself told behind later ones.
    pub(super) misorders_explained: usize,
    /// Messages that came once more because the platform cannot tell a repeated send.
    pub(super) doubles_explained: usize,
    /// All other doubles: repeated messages, and questions that two messages answer.
    pub(super) doubles_unexplained: usize,
}

impl Findings {
    /// Whether every guarantee was kept.
    pub(super) const fn is_clean(&self) -> bool {
        self.lost == 0 && self.misordered == 0 && self.doubles_unexplained == 0
    }

    /// Adds another's.
    pub(super) const fn add(&mut self, other: &Self) {
        self.messages += other.messages;
        self.answers += other.answers;
        self.lost += other.lost;
        self.misordered += other.misordered;
        self.misorders_explained += other.misorders_explained;
        self.doubles_explained += other.doubles_explained;
        self.doubles_unexplained += other.doubles_unexplained;
    }
}

/// What a customer may see that is no fault of the product.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Excuses {
    /// Messages that may have come once more.
    pub(super) doubles: usize,
    /// Messages that the platform told behind later ones.
    pub(super) misorders: usize,
}

/// The button that asks a question.
pub(super) fn press_of(question: usize) -> String {
    format!("details:p{question}")
}

/// The word that names a question in its text and in its answer.
pub(super) fn name_of(question: usize) -> String {
    format!("q{question}")
}

/// Which questions these messages answer.
pub(super) fn answered(seen: &[String]) -> BTreeSet<usize> {
    seen.iter().flat_map(|text| questions(text)).collect()
}

/// Judges what one customer sees who asked these questions, the first one being number 1.
pub(super) fn judge(says: &[Say], seen: &[String], excuses: Excuses) -> Findings {
    let asked = says.len();
    let (once, repeated) = without_repeats(seen);
    let mut findings = Findings {
        messages: asked,
        doubles_explained: repeated.min(excuses.doubles),
        doubles_unexplained: repeated.saturating_sub(excuses.doubles),
        ..Findings::default()
    };
    let mut found = BTreeSet::new();
    let mut newest = 0;
    for text in &once {
        let named = questions(text);
        findings.answers += usize::from(!named.is_empty());
        for question in named {
            findings.misordered += usize::from(question < newest);
            findings.doubles_unexplained += usize::from(!found.insert(question));
            newest = newest.max(question);
        }
    }
    findings.misorders_explained = findings.misordered.min(excuses.misorders);
    findings.misordered -= findings.misorders_explained;
    findings.lost = (1..=asked).filter(|it| !found.contains(it)).count();
    let rows = rows(&once);
    judge_rows(&rows, &mut findings);
    let long = says
        .iter()
        .zip(1..)
        .filter(|(say, _)| say.wants == Wants::Long);
    findings.lost += long
        .filter(|(_, number)| {
            found.contains(number) && !rows.keys().any(|name| belongs(name, *number))
        })
        .count();
    findings
}

/// Every message is unlike all others, so the same words twice are the same message twice; and a
/// written answer that another one goes on with was left behind while it was written.
fn without_repeats(seen: &[String]) -> (Vec<&str>, usize) {
    let mut known = BTreeSet::new();
    let once: Vec<&str> = seen
        .iter()
        .zip(1..)
        .filter(|(text, after)| !seen.iter().skip(*after).any(|it| goes_on_with(it, text)))
        .map(|(text, _)| text.as_str())
        .filter(|text| known.insert(*text))
        .collect();
    let repeated = seen.len() - once.len();
    (once, repeated)
}

/// Whether both are written answers, and the later one answers all that the earlier one does.
fn goes_on_with(later: &str, earlier: &str) -> bool {
    let written = |text: &str| text.contains(WRITTEN);
    written(later) && written(earlier) && questions(later).starts_with(&questions(earlier))
}

/// The questions that a message names, in its order.
fn questions(text: &str) -> Vec<usize> {
    let number = |word: &str| word.strip_prefix('q')?.parse().ok();
    text.split_whitespace().filter_map(number).collect()
}

/// The rows of long answers, by the answer's name.
fn rows<'a>(once: &[&'a str]) -> BTreeMap<&'a str, Vec<usize>> {
    let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for line in once.iter().flat_map(|text| text.lines()) {
        let row = line
            .strip_prefix("row ")
            .and_then(|it| it.split_once(" of "));
        let Some((number, rest)) = row else { continue };
        let name = rest.split(':').next().unwrap_or_default();
        rows.entry(name)
            .or_default()
            .extend(number.parse::<usize>());
    }
    rows
}

/// Whether a long answer of this name answers this question: `r3,r4` answers 3 and 4.
fn belongs(name: &str, question: usize) -> bool {
    let wanted = format!("r{question}");
    name.split(',').any(|word| word == wanted)
}

fn judge_rows(rows: &BTreeMap<&str, Vec<usize>>, findings: &mut Findings) {
    for numbers in rows.values() {
        let distinct: BTreeSet<usize> = numbers.iter().copied().collect();
        findings.lost += ROWS.saturating_sub(distinct.len());
        findings.doubles_unexplained += numbers.len() - distinct.len();
        findings.misordered += numbers.windows(2).filter(|pair| pair[1] < pair[0]).count();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::plan::Gap;

    fn asks(wants: &[Wants]) -> Vec<Say> {
        let gap = Gap::Pause(Duration::ZERO);
        wants
            .iter()
            .map(|wants| Say { gap, wants: *wants })
            .collect()
    }

    /// Lost, misordered, explained and unexplained doubles of three short questions.
    #[track_caller]
    fn check(seen: &[&str], doubles: usize, expect: [usize; 4]) {
        let seen: Vec<String> = seen.iter().copied().map(str::to_owned).collect();
        let excuses = Excuses {
            doubles,
            misorders: 0,
        };
        let found = judge(&asks(&[Wants::Few; 3]), &seen, excuses);
        let doubles = [found.doubles_explained, found.doubles_unexplained];
        let found = [found.lost, found.misordered, doubles[0], doubles[1]];
        assert_eq!(found, expect, "{seen:?}");
    }

    #[test]
    fn each_question_is_to_be_answered_in_one_message() {
        check(&["You asked: q1", "q2", "q3"], 0, [0, 0, 0, 0]);
        check(&["q1 q2\nq3"], 0, [0, 0, 0, 0]);
        check(&["q1", "one moment", "q2", "q3"], 0, [0, 0, 0, 0]);
        check(&[], 0, [3, 0, 0, 0]);
        check(&["q1", "q3"], 0, [1, 0, 0, 0]);
        check(&["q1", "q1 q2", "q3"], 0, [0, 0, 0, 1]);
    }

    #[test]
    fn a_message_that_came_twice_needs_an_excuse() {
        check(&["q1", "q1", "q2", "q3"], 0, [0, 0, 0, 1]);
        check(&["q1", "q1", "q2", "q3"], 1, [0, 0, 1, 0]);
        check(&["q1", "q1", "q1", "q2", "q3"], 1, [0, 0, 1, 1]);
        check(&["q1", "q2", "q1", "q3"], 1, [0, 0, 1, 0]);
        // No excuse covers another answer to the same question.
        check(&["q1", "q1 q2", "q3"], 5, [0, 0, 0, 1]);
    }

    #[test]
    fn a_written_answer_that_was_left_behind_is_a_double() {
        let left = format!("{WRITTEN} q1 today.");
        let whole = format!("{WRITTEN} q1 q2 today. That is all for now.");
        check(&[&left, &whole, "q3"], 0, [0, 0, 0, 1]);
        check(&[&left, &whole, "q3"], 1, [0, 0, 1, 0]);
        check(&[&whole, &left, "q3"], 1, [0, 1, 0, 1]);
    }

    #[test]
    fn what_the_platform_told_late_may_stand_late() {
        let seen: Vec<String> = ["q2", "q1", "q3"].map(str::to_owned).into();
        let excuses = Excuses {
            doubles: 0,
            misorders: 1,
        };
        let found = judge(&asks(&[Wants::Few; 3]), &seen, excuses);
        assert_eq!((found.misordered, found.misorders_explained), (0, 1));
    }

    #[test]
    fn an_answer_stands_behind_those_to_earlier_questions() {
        check(&["q2", "q1", "q3"], 0, [0, 1, 0, 0]);
        check(&["q1", "q3 q2"], 0, [0, 1, 0, 0]);
    }

    #[test]
    fn a_long_answer_is_to_be_whole() {
        let row = |number: usize| format!("row {number} of r1,r2: words");
        let rows = |numbers: std::ops::RangeInclusive<usize>| {
            numbers.map(row).collect::<Vec<_>>().join("\n")
        };
        let says = asks(&[Wants::Long, Wants::Few]);
        let judged = |parts: &[String]| judge(&says, parts, Excuses::default());
        let head = format!("q1 q2\n{}", rows(1..=60));
        let whole = [head.clone(), rows(61..=120)];
        assert!(judged(&whole).is_clean());
        assert_eq!(judged(std::slice::from_ref(&head)).lost, 60);
        assert_eq!(
            judged(&[head.clone(), rows(60..=120)]).doubles_unexplained,
            1
        );
        assert_eq!(judged(&[rows(61..=120), head]).misordered, 1);
        assert_eq!(judged(&["q1 q2".to_owned()]).lost, 1);
    }
}
