//! What could run of a script: its lines, and the ways to go on at each fork.
//!
//! A line counts where a statement begins on it. Forks are `if`, `switch`, `for`, `while` and
//! `catch`. The sides of `&&` and `||` are none: what they decide is a fork already.

use std::collections::BTreeMap;

use rhai::{ASTNode, Expr, FlowControl, Position, Stmt, StmtBlock, SwitchCasesCollection};

use crate::loader::Script;

use super::{
    Branch, Question, ScriptCoverage, asked,
    recorder::{Counts, Spot},
};

/// What could run of a script.
pub(super) struct Plan {
    pub(super) file: String,
    pub(super) source: String,
    /// By line, each what may run there.
    lines: BTreeMap<usize, Vec<Spot>>,
    /// By the place of each.
    forks: BTreeMap<(Option<usize>, Option<usize>), Fork>,
}

/// A place where a script goes one way or another.
struct Fork {
    whole: Spot,
    line: usize,
    /// What decides, as it is written.
    text: String,
    ways: Vec<Way>,
}

struct Way {
    line: usize,
    what: &'static str,
    times: Times,
}

/// How it is told how often a way was taken.
enum Times {
    /// As often as this ran.
    Ran(Spot),
    /// As often as the fork was reached and none of these ran.
    Without(Vec<Spot>),
    /// As often as the loop had something to do.
    Entered,
    /// As often as it had not.
    NotEntered,
}

impl Plan {
    pub(super) fn of(script: &Script) -> Self {
        let mut plan = Self {
            file: script.file.clone(),
            source: script.source.clone(),
            lines: BTreeMap::new(),
            forks: BTreeMap::new(),
        };
        script.ast.walk(&mut |path: &[ASTNode<'_>]| {
            if let Some(ASTNode::Stmt(statement)) = path.last() {
                plan.statement(statement);
            }
            true
        });
        plan
    }

    fn statement(&mut self, statement: &Stmt) {
        let start = match statement {
            Stmt::Noop(_) | Stmt::Share(_) | Stmt::Block(_) => return,
            Stmt::Expr(expression) if matches!(**expression, Expr::Stmt(_)) => return,
            Stmt::Assignment(parts) => parts.1.lhs.start_position(),
            other => other.position(),
        };
        self.line(start, Spot::of_statement(statement));
        let whole = Spot::at(true, statement.position());
        let ways = match statement {
            Stmt::If(parts, place) => ways_of_if(parts, *place),
            Stmt::Switch(parts, place) => self.ways_of_switch(&parts.1, *place),
            Stmt::For(parts, place) => ways_of_loop(&parts.2.body, *place),
            Stmt::While(parts, place) if !is_endless(&parts.expr) => {
                ways_of_loop(&parts.body, *place)
            }
            Stmt::TryCatch(parts, place) => {
                let caught = Spot::first_of(parts.branch.statements()).map(Times::Ran);
                caught
                    .map(|it| way(*place, "catch", it))
                    .into_iter()
                    .collect()
            }
            _ => return,
        };
        let place = statement.position();
        let fork = Fork {
            whole,
            line: place.line().unwrap_or(0),
            text: self.deciding(statement),
            ways,
        };
        self.forks.insert((place.line(), place.position()), fork);
    }

    /// What decides at a fork, as it is written, up to the block that follows.
    fn deciding(&self, statement: &Stmt) -> String {
        let from = statement.position();
        match statement {
            Stmt::If(parts, _) | Stmt::While(parts, _) => {
                asked::between(&self.source, from, parts.body.position())
            }
            Stmt::For(parts, _) => asked::between(&self.source, from, parts.2.body.position()),
            _ => asked::to_the_end(&self.source, from),
        }
    }

    fn line(&mut self, start: Position, spot: Option<Spot>) {
        if let (Some(line), Some(spot)) = (start.line(), spot) {
            self.lines.entry(line).or_default().push(spot);
        }
    }

    /// Arms that hold nothing run without a word: one of them is told by what did not run, and
    /// more of them not at all.
    fn ways_of_switch(&mut self, cases: &SwitchCasesCollection, place: Position) -> Vec<Way> {
        let (mut told, mut ways, mut silent) = (Vec::new(), Vec::new(), Vec::new());
        for (index, arm) in cases.expressions.iter().enumerate() {
            let is_default = cases.def_case == Some(index);
            let what = if is_default {
                "_ of switch"
            } else {
                "arm of switch"
            };
            let start = arm.rhs.start_position();
            let Some(spot) = Spot::of_expression(&arm.rhs) else {
                silent.push((start, what));
                continue;
            };
            if !matches!(arm.rhs, Expr::Stmt(_)) {
                self.line(start, Some(spot));
            }
            told.push(spot);
            ways.push(way(start, what, Times::Ran(spot)));
        }
        if cases.def_case.is_none() {
            silent.push((place, "no arm of switch"));
        }
        if let [(start, what)] = silent.as_slice() {
            ways.push(way(*start, what, Times::Without(told)));
        }
        ways
    }

    /// Its forks that were reached, with the ways that were taken.
    pub(super) fn questions(&self, counts: &Counts) -> Vec<Question> {
        let forks = self.forks.values();
        let reached = forks.filter(|fork| counts.ran(fork.whole) > 0);
        let of = |fork: &Fork| Question {
            file: self.file.clone(),
            line: fork.line,
            text: fork.text.clone(),
            taken: fork.gone(counts),
        };
        reached.map(of).collect()
    }

    /// What ran of it.
    pub(super) fn coverage(&self, counts: &Counts) -> ScriptCoverage {
        let most = |spots: &Vec<Spot>| spots.iter().map(|spot| counts.ran(*spot)).max();
        let lines = self.lines.iter();
        let lines = lines.map(|(line, spots)| (*line, most(spots).unwrap_or(0)));
        let forks = self.forks.values().enumerate();
        let branches = forks.flat_map(|(number, fork)| {
            let ways = fork.ways.iter();
            ways.map(move |way| Branch {
                line: way.line,
                fork: number,
                what: way.what,
                taken: fork.taken(way, counts),
            })
        });
        ScriptCoverage {
            file: self.file.clone(),
            lines: lines.collect(),
            branches: branches.collect(),
        }
    }
}

impl Fork {
    fn gone(&self, counts: &Counts) -> Vec<asked::Way> {
        let ways = self.ways.iter().map(|way| asked::Way {
            what: way.what,
            line: way.line,
            times: self.taken(way, counts).unwrap_or(0),
        });
        ways.filter(|way| way.times > 0).collect()
    }

    fn taken(&self, way: &Way, counts: &Counts) -> Option<u64> {
        let reached = counts.ran(self.whole);
        let taken = match &way.times {
            Times::Ran(spot) => counts.ran(*spot),
            Times::Without(others) => {
                let others = others.iter().map(|spot| counts.ran(*spot));
                reached.saturating_sub(others.sum())
            }
            Times::Entered => counts.entered(self.whole),
            Times::NotEntered => reached.saturating_sub(counts.entered(self.whole)),
        };
        (reached > 0).then_some(taken)
    }
}

fn way(place: Position, what: &'static str, times: Times) -> Way {
    Way {
        line: place.line().unwrap_or(0),
        what,
        times,
    }
}

/// A block that holds nothing runs without a word, and is told by the other one.
fn ways_of_if(parts: &FlowControl, place: Position) -> Vec<Way> {
    let body = Spot::first_of(parts.body.statements());
    let other = Spot::first_of(parts.branch.statements());
    let (first, second) = match (body, other) {
        (Some(body), Some(other)) => (Times::Ran(body), Times::Ran(other)),
        (Some(body), None) => (Times::Ran(body), Times::Without(vec![body])),
        (None, Some(other)) => (Times::Without(vec![other]), Times::Ran(other)),
        (None, None) => return Vec::new(),
    };
    vec![way(place, "if", first), way(place, "else of if", second)]
}

fn ways_of_loop(body: &StmtBlock, place: Position) -> Vec<Way> {
    if Spot::first_of(body.statements()).is_none() {
        return Vec::new();
    }
    vec![
        way(place, "loop with something to do", Times::Entered),
        way(place, "loop with nothing to do", Times::NotEntered),
    ]
}

/// `loop`, and `while true`: these always have something to do.
const fn is_endless(condition: &Expr) -> bool {
    matches!(condition, Expr::Unit(_) | Expr::BoolConstant(true, _))
}
