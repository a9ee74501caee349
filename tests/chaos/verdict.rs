//! What each customer sees in the end, judged: every question answered in exactly one message, in
//! order, and every long answer whole.

use std::collections::{BTreeMap, BTreeSet};

use consultant_core::{Language, wording};
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
    /// Questions that were changed after they were asked.
    pub(super) changes: usize,
    /// Reminders that were wished for.
    pub(super) reminders: usize,
    /// Questions without an answer, rows that a long answer lacks, changes that were neither
    /// answered nor noticed, and reminders that never came.
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
        self.changes += other.changes;
        self.reminders += other.reminders;
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
    /// Whether the platform may have kept a change of a message to itself.
    pub(super) changes_unheard: bool,
}

/// The button that asks a question.
pub(super) fn press_of(question: usize) -> String {
    format!("details:p{question}")
}

/// The word that names a question in its text and in its answer.
pub(super) fn name_of(question: usize) -> String {
    format!("q{question}")
}

/// The word that a changed question has besides its name.
pub(super) fn change_of(question: usize) -> String {
    format!("e{question}")
}

/// The questions of which these messages remind.
pub(super) fn reminded(seen: &[String]) -> BTreeSet<usize> {
    let words = seen.iter().flat_map(|text| text.split_whitespace());
    words.filter_map(|word| numbered('t', word)).collect()
}

/// The questions of which this customer wished to be reminded.
pub(super) fn wished(says: &[Say]) -> BTreeSet<usize> {
    let says = says.iter().zip(1..);
    says.filter_map(|(say, number)| (say.wants == Wants::Reminder).then_some(number))
        .collect()
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
    judge_changes(says, seen, excuses, &mut findings);
    judge_reminders(says, seen, &mut findings);
    findings
}

/// A change is part of the answer, or the customer is asked whether it shall be answered.
fn judge_changes(says: &[Say], seen: &[String], excuses: Excuses, findings: &mut Findings) {
    findings.changes = says.iter().filter(|say| say.edited.is_some()).count();
    if !excuses.changes_unheard {
        findings.lost += findings.changes - changes_heard(says, seen);
    }
}

/// How many changes are part of an answer, or noticed.
pub(super) fn changes_heard(says: &[Say], seen: &[String]) -> usize {
    let changed = says.iter().zip(1..).filter(|(say, _)| say.edited.is_some());
    let noticed = wording::edit_noticed(Language::EN);
    let is_heard = |number: usize| {
        let change = change_of(number);
        let heard = |text: &String| {
            text.starts_with(noticed) || text.split_whitespace().any(|word| word == change)
        };
        seen.iter().any(heard)
    };
    changed.filter(|(_, number)| is_heard(*number)).count()
}

/// Each reminder comes. That none comes twice is judged with all other messages: the same words
/// twice are a double.
fn judge_reminders(says: &[Say], seen: &[String], findings: &mut Findings) {
    let wished = wished(says);
    findings.reminders = wished.len();
    findings.lost += wished.difference(&reminded(seen)).count();
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
    let words = text.split_whitespace();
    words.filter_map(|word| numbered('q', word)).collect()
}

/// The number of a word like `q7`.
fn numbered(letter: char, word: &str) -> Option<usize> {
    word.strip_prefix(letter)?.parse().ok()
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
            .map(|wants| Say {
                gap,
                wants: *wants,
                edited: None,
            })
            .collect()
    }

    /// Lost, misordered, explained and unexplained doubles of three short questions.
    #[track_caller]
    fn check(seen: &[&str], doubles: usize, expect: [usize; 4]) {
        let seen: Vec<String> = seen.iter().copied().map(str::to_owned).collect();
        let excuses = Excuses {
            doubles,
            ..Excuses::default()
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
            misorders: 1,
            ..Excuses::default()
        };
        let found = judge(&asks(&[Wants::Few; 3]), &seen, excuses);
        assert_eq!((found.misordered, found.misorders_explained), (0, 1));
    }

    /// Lost and doubled of three questions whose second was changed.
    #[track_caller]
    fn check_change(seen: &[&str], expect: [usize; 2]) {
        let seen: Vec<String> = seen.iter().copied().map(str::to_owned).collect();
        let mut says = asks(&[Wants::Few; 3]);
        says[1].edited = Some(Gap::Answers);
        let found = judge(&says, &seen, Excuses::default());
        assert_eq!([found.lost, found.doubles_unexplained], expect, "{seen:?}");
        let excuses = Excuses {
            changes_unheard: true,
            ..Excuses::default()
        };
        assert_eq!(judge(&says, &seen, excuses).lost, 0, "{seen:?}");
    }

    #[test]
    fn a_change_is_answered_or_noticed_and_never_answered_beside_the_question() {
        let noticed = wording::edit_noticed(Language::EN);
        check_change(&["q1\nq2 e2", "q3"], [0, 0]);
        check_change(&["q1", "q2", noticed, "q3"], [0, 0]);
        check_change(&["q1", "q2", "q3"], [1, 0]);
        check_change(&["q1", "q2", "q2 e2", "q3"], [0, 1]);
        check_change(&["q1", "q2", noticed, noticed, "q3"], [0, 1]);
    }

    #[test]
    fn a_reminder_comes_once() {
        let says = asks(&[Wants::Few, Wants::Reminder]);
        let judged = |seen: &[&str]| {
            let seen: Vec<String> = seen.iter().copied().map(str::to_owned).collect();
            let found = judge(&says, &seen, Excuses::default());
            [found.lost, found.doubles_unexplained]
        };
        assert_eq!(judged(&["q1", "q2", "It is time for t2 now."]), [0, 0]);
        assert_eq!(judged(&["q1", "q2"]), [1, 0]);
        assert_eq!(judged(&["q1", "q2", "t2", "t2"]), [0, 1]);
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
