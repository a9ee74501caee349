//! Counts the nodes that run. The counts of all threads are added up, so that they are the same
//! in whatever order conversations are played.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use rhai::{
    ASTNode, Dynamic, Engine, Expr, Position, Stmt,
    debugger::{Debugger, DebuggerCommand, DebuggerEvent},
};

/// A node, as the engine tells of it. A statement and an expression may begin at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Spot {
    is_statement: bool,
    position: Position,
}

impl Spot {
    /// Of a statement; `None` where the engine tells of nothing because nothing is there.
    pub(super) fn of_statement(statement: &Stmt) -> Option<Self> {
        match statement {
            Stmt::Expr(expression) => Self::of_expression(expression),
            other => Some(Self::at(true, other.position())),
        }
    }

    /// Of an expression, which may be a block.
    pub(super) fn of_expression(expression: &Expr) -> Option<Self> {
        match expression {
            Expr::Stmt(block) => Self::first_of(block.statements()),
            other => Some(Self::at(false, other.position())),
        }
    }

    /// Of what runs first in a block.
    pub(super) fn first_of(block: &[Stmt]) -> Option<Self> {
        block.iter().find_map(Self::of_statement)
    }

    pub(super) const fn at(is_statement: bool, position: Position) -> Self {
        Self {
            is_statement,
            position,
        }
    }
}

/// How often the nodes of one script ran.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    ran: HashMap<Spot, u64>,
    /// Loops, and how often each was begun with something to do.
    entered: HashMap<Spot, u64>,
}

impl Counts {
    pub(super) fn ran(&self, spot: Spot) -> u64 {
        self.ran.get(&spot).copied().unwrap_or(0)
    }

    pub(super) fn entered(&self, spot: Spot) -> u64 {
        self.entered.get(&spot).copied().unwrap_or(0)
    }

    /// What ran beyond these.
    pub(super) fn without(&self, before: &Self) -> Self {
        let beyond = |now: &HashMap<Spot, u64>, before: &HashMap<Spot, u64>| {
            let rest = |spot, times: u64| times - before.get(spot).copied().unwrap_or(0).min(times);
            let counts = now.iter().map(|(spot, times)| (*spot, rest(spot, *times)));
            counts.collect()
        };
        Self {
            ran: beyond(&self.ran, &before.ran),
            entered: beyond(&self.entered, &before.entered),
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (spot, times) in &other.ran {
            *self.ran.entry(*spot).or_default() += times;
        }
        for (spot, times) in &other.entered {
            *self.entered.entry(*spot).or_default() += times;
        }
    }
}

/// Counts by script.
#[derive(Default)]
pub(super) struct Recorder(Mutex<HashMap<String, Counts>>);

impl Recorder {
    pub(super) fn counts(&self) -> HashMap<String, Counts> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.clone()
    }

    fn note(&self, script: &str, spot: Spot, entered: Option<Spot>) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !counts.contains_key(script) {
            counts.insert(script.to_owned(), Counts::default());
        }
        if let Some(counts) = counts.get_mut(script) {
            *counts.ran.entry(spot).or_default() += 1;
            if let Some(a_loop) = entered {
                *counts.entered.entry(a_loop).or_default() += 1;
            }
        }
    }
}

/// Loops of one call that were begun, each with the first node of its body, which tells that there
/// is something to do.
#[derive(Clone, Default)]
struct Begun(Vec<(Spot, Spot)>);

impl Begun {
    /// The loop that is entered with this node, if one is.
    fn hear(&mut self, spot: Spot, node: &ASTNode<'_>) -> Option<Spot> {
        let entered = self.0.iter().position(|(body, _)| *body == spot);
        let entered = entered.map(|index| self.0.swap_remove(index).1);
        let body = match node {
            ASTNode::Stmt(Stmt::For(parts, _)) => Spot::first_of(parts.2.body.statements()),
            ASTNode::Stmt(Stmt::While(parts, _)) => Spot::first_of(parts.body.statements()),
            _ => None,
        };
        if let Some(body) = body {
            self.0.retain(|(other, _)| *other != body);
            self.0.push((body, spot));
        }
        entered
    }
}

/// Lets a recorder hear of everything that runs in an engine.
#[expect(
    deprecated,
    reason = "rhai marks what may change so; the version is pinned and tested"
)]
pub(super) fn watch(engine: &mut Engine, recorder: &Arc<Recorder>) {
    let recorder = Arc::clone(recorder);
    engine.register_debugger(
        |_, mut debugger| {
            debugger.set_state(Dynamic::from(Begun::default()));
            debugger
        },
        move |mut context, event, node, script, position| {
            let is_node = matches!(event, DebuggerEvent::Start | DebuggerEvent::Step);
            if is_node && !position.is_none() {
                let spot = Spot::at(matches!(node, ASTNode::Stmt(_)), position);
                let state = context.debugger_mut().map(Debugger::state_mut);
                let entered = state.and_then(|state| {
                    let begun = state.write_lock::<Begun>();
                    begun.and_then(|mut begun| begun.hear(spot, &node))
                });
                recorder.note(script.unwrap_or_default(), spot, entered);
            }
            Ok(DebuggerCommand::StepInto)
        },
    );
}
