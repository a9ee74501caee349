//! What is told of a suite that was played.

use std::{collections::BTreeMap, fmt::Write};

use consultant_learning::truth::{Attack, Finding, Judge, Question};
use serde::Serialize;

use crate::{evaluation::page, playtest::Replied};

/// An attack that was played.
pub(super) struct Attacked {
    attack: Attack,
    turns: usize,
    by_model: usize,
    refused: usize,
    /// The first reply with something that nobody stated.
    first: Option<Invention>,
    findings: usize,
}

/// A reply with something that nobody stated.
#[derive(Clone, Debug, Serialize)]
struct Invention {
    name: String,
    kind: String,
    said: String,
    replied: String,
    findings: Vec<Finding>,
    by_model: bool,
}

impl Attacked {
    pub(super) fn new(attack: Attack) -> Self {
        Self {
            attack,
            turns: 0,
            by_model: 0,
            refused: 0,
            first: None,
            findings: 0,
        }
    }

    pub(super) fn add(&mut self, reply: &Replied, findings: Vec<Finding>) {
        let said = self.attack.says.get(self.turns).cloned();
        self.turns += 1;
        self.by_model += usize::from(reply.by_model);
        self.refused += usize::from(!reply.refused.is_empty());
        self.findings += findings.len();
        if self.first.is_none() && !findings.is_empty() {
            self.first = Some(Invention {
                name: self.attack.name.clone(),
                kind: self.attack.kind.clone(),
                said: said.unwrap_or_default(),
                replied: reply.text.trim().to_owned(),
                findings,
                by_model: reply.by_model,
            });
        }
    }
}

/// A question that was played.
pub(super) struct Asked {
    question: Question,
    came: Came,
    needs_model: bool,
    replied: String,
}

/// What came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    /// An answer.
    Answer,
    /// The question back, with what answers it among what can be chosen.
    Choice,
    /// Nothing, because the guard refused a draft that would have answered.
    Blocked,
    /// Nothing; the guard refused drafts that answered nothing.
    Refused,
    /// Nothing.
    Nothing,
}

impl Asked {
    pub(super) fn of(question: Question, reply: &Replied) -> Self {
        let offers = |fact: &String| reply.asked_back.contains(fact);
        let answers = |draft: &String| Judge::answers(&question, draft);
        let came = match () {
            () if Judge::answers(&question, &reply.text) => Came::Answer,
            () if question.facts.iter().any(offers) => Came::Choice,
            () if reply.drafts.iter().any(answers) => Came::Blocked,
            () if !reply.drafts.is_empty() => Came::Refused,
            () => Came::Nothing,
        };
        Self {
            came,
            needs_model: reply.asked_model,
            replied: reply.text.trim().to_owned(),
            question,
        }
    }
}

/// How true a consultant is.
#[derive(Debug, Serialize)]
pub struct Truth {
    attacks: Attacks,
    questions: Questions,
}

#[derive(Debug, Serialize)]
struct Attacks {
    cases: usize,
    by_hand: usize,
    turns: usize,
    /// Of the messages that were written by hand.
    near_duplicates: usize,
    turns_by_model: usize,
    turns_refused_by_guard: usize,
    /// Figures, links and words that nobody stated, in all replies.
    invented: usize,
    cases_with_inventions: usize,
    kinds: BTreeMap<String, Share>,
    examples: Vec<Invention>,
}

#[derive(Debug, Serialize)]
struct Questions {
    cases: usize,
    answered: usize,
    answered_percent: f64,
    asked_back: usize,
    asked_back_percent: f64,
    /// Whose drafts the guard refused, good or bad.
    refused_by_guard: usize,
    /// Of those, drafts that would have answered.
    blocked_by_guard: usize,
    blocked_percent: f64,
    without_model: usize,
    without_model_percent: f64,
    topics: BTreeMap<String, Share>,
    unanswered: Vec<Unanswered>,
}

/// So many of all.
#[derive(Debug, Default, Serialize)]
struct Share {
    cases: usize,
    /// Attacks: without an invention. Questions: answered.
    well: usize,
}

#[derive(Debug, Serialize)]
struct Unanswered {
    name: String,
    topic: String,
    said: String,
    replied: String,
    blocked: bool,
}

impl Truth {
    pub(super) fn new(
        attacked: Vec<Attacked>,
        asked: Vec<Asked>,
        (by_hand, near_duplicates): (usize, usize),
    ) -> Self {
        Self {
            attacks: Attacks::new(attacked, (by_hand, near_duplicates)),
            questions: Questions::new(asked),
        }
    }

    /// Whether nothing was played.
    pub const fn is_empty(&self) -> bool {
        self.attacks.cases == 0 && self.questions.cases == 0
    }

    /// How much reached customers that nobody stated.
    pub const fn invented(&self) -> usize {
        self.attacks.invented
    }

    /// For people, with so many examples of each kind.
    pub fn render(&self, most: usize) -> String {
        let mut text = String::new();
        self.attacks.render(&mut text, most);
        self.questions.render(&mut text, most);
        text
    }
}

impl Truth {
    /// For people, as a page of its own with a bar for each kind of case.
    pub fn html(&self) -> Result<String, minijinja::Error> {
        page::render(PAGE, self)
    }
}

const PAGE: &str = include_str!("page.html");

impl Attacks {
    fn new(attacked: Vec<Attacked>, (by_hand, near_duplicates): (usize, usize)) -> Self {
        let sum = |of: fn(&Attacked) -> usize| attacked.iter().map(of).sum();
        let mut kinds: BTreeMap<String, Share> = BTreeMap::new();
        for case in &attacked {
            let share = kinds.entry(case.attack.kind.clone()).or_default();
            share.cases += 1;
            share.well += usize::from(case.first.is_none());
        }
        Self {
            cases: attacked.len(),
            by_hand,
            turns: sum(|it| it.turns),
            near_duplicates,
            turns_by_model: sum(|it| it.by_model),
            turns_refused_by_guard: sum(|it| it.refused),
            invented: sum(|it| it.findings),
            cases_with_inventions: sum(|it| usize::from(it.first.is_some())),
            kinds,
            examples: attacked.into_iter().filter_map(|it| it.first).collect(),
        }
    }

    fn render(&self, text: &mut String, most: usize) {
        if self.cases == 0 {
            return;
        }
        writeln!(
            text,
            "attacks: {} cases ({} written by hand), {} turns; {} of the messages written by hand \
             are near duplicates\n  invented: {} in {} cases\n  the model wrote {} turns, the \
             guard refused drafts in {}",
            self.cases,
            self.by_hand,
            self.turns,
            self.near_duplicates,
            self.invented,
            self.cases_with_inventions,
            self.turns_by_model,
            self.turns_refused_by_guard,
        )
        .ok();
        render_shares(text, &self.kinds);
        for example in self.examples.iter().take(most) {
            let found: Vec<_> = example.findings.iter().map(|it| it.text.as_str()).collect();
            writeln!(
                text,
                "\n  {} ({}): {}\n    customer: {}\n    bot:      {}",
                example.name,
                example.kind,
                found.join("; "),
                example.said,
                example.replied.replace('\n', "\n              "),
            )
            .ok();
        }
        text.push('\n');
    }
}

impl Questions {
    fn new(asked: Vec<Asked>) -> Self {
        let count = |is: fn(&Asked) -> bool| asked.iter().filter(|it| is(it)).count();
        let cases = asked.len();
        let answered = count(|it| it.came == Came::Answer);
        let asked_back = count(|it| it.came == Came::Choice);
        let blocked = count(|it| it.came == Came::Blocked);
        let refused_by_guard = blocked + count(|it| it.came == Came::Refused);
        let without = count(|it| !it.needs_model);
        let mut topics: BTreeMap<String, Share> = BTreeMap::new();
        for case in &asked {
            let share = topics.entry(case.question.topic.clone()).or_default();
            share.cases += 1;
            share.well += usize::from(case.came == Came::Answer);
        }
        let unanswered = asked.into_iter().filter(|it| it.came != Came::Answer);
        Self {
            cases,
            answered,
            answered_percent: percent(answered, cases),
            asked_back,
            asked_back_percent: percent(asked_back, cases),
            refused_by_guard,
            blocked_by_guard: blocked,
            blocked_percent: percent(blocked, cases),
            without_model: without,
            without_model_percent: percent(without, cases),
            topics,
            unanswered: unanswered.map(Unanswered::of).collect(),
        }
    }

    fn render(&self, text: &mut String, most: usize) {
        if self.cases == 0 {
            return;
        }
        writeln!(
            text,
            "questions: {} cases\n  answered well: {} ({:.1} %)\n  asked back, with the answer among \
             what can be chosen: {} ({:.1} %)\n  good drafts blocked by the guard: {} ({:.1} \
             %), of {} whose drafts it refused\n  without the language model: {} ({:.1} %)",
            self.cases,
            self.answered,
            self.answered_percent,
            self.asked_back,
            self.asked_back_percent,
            self.blocked_by_guard,
            self.blocked_percent,
            self.refused_by_guard,
            self.without_model,
            self.without_model_percent,
        )
        .ok();
        render_shares(text, &self.topics);
        for example in self.unanswered.iter().take(most) {
            writeln!(
                text,
                "\n  {} ({})\n    customer: {}\n    bot:      {}",
                example.name,
                example.topic,
                example.said,
                example.replied.replace('\n', "\n              "),
            )
            .ok();
        }
    }
}

impl Unanswered {
    fn of(asked: Asked) -> Self {
        Self {
            name: asked.question.name,
            topic: asked.question.topic,
            said: asked.question.says.join(" / "),
            replied: asked.replied,
            blocked: asked.came == Came::Blocked,
        }
    }
}

fn render_shares(text: &mut String, shares: &BTreeMap<String, Share>) {
    for (name, share) in shares {
        writeln!(
            text,
            "  {name:<20} {:>5} of {:>5} well",
            share.well, share.cases
        )
        .ok();
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share of a few thousand cases, for people"
)]
fn percent(of: usize, all: usize) -> f64 {
    if all == 0 {
        return 0.0;
    }
    (of as f64 * 1000.0 / all as f64).round() / 10.0
}
