//! What could run of a script: its lines, and the ways to go on at each fork.
//!
//! A line counts where a statement begins on it. Forks are `if`, `switch`, `for`, `while` and
//! `catch`. The sides of `&&` and `||` are none: what they decide is a fork already.

use std::collections::BTreeMap;

use rhai::{AST, ASTNode, Expr, FlowControl, Position, Stmt, StmtBlock, SwitchCasesCollection};

use super::{
    Branch, ScriptCoverage,
    recorder::{Counts, Spot},
};

/// What could run of a script.
pub(super) struct Plan {
    pub(super) file: String,
    /// By line, each what may run there.
    lines: BTreeMap<usize, Vec<Spot>>,
    /// By the place of each.
    forks: BTreeMap<(Option<usize>, Option<usize>), Fork>,
}

/// A place where a script goes one way or another.
struct Fork {
    whole: Spot,
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
    pub(super) fn of(file: &str, ast: &AST) -> Self {
        let mut plan = Self {
            file: file.to_owned(),
            lines: BTreeMap::new(),
            forks: BTreeMap::new(),
        };
        ast.walk(&mut |path: &[ASTNode<'_>]| {
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
        self.forks
            .insert((place.line(), place.position()), Fork { whole, ways });
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
