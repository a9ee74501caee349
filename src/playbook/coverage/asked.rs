//! What a script asked in a turn, and how each question fell: why one rule was taken and another
//! was not. Values are looked up afterwards, on an engine that nobody watches.

use std::collections::HashMap;

use consultant_core::Turn;
use rhai::{CallFnOptions, Dynamic, Map, OptimizationLevel, Position, Scope};

use crate::{
    api::{DateView, ProductView, TurnView},
    compile::new_engine,
    lint::Role,
    playbook::{understand, with_slots},
    sandbox::{TIME_LIMIT, guarded},
};

use super::{Trace, plan::Plan, recorder::Counts};

/// Values with more items than these are cut.
const MOST_ITEMS: usize = 5;

/// A moment in what a watched playbook has run; see [`Trace::asked_since`].
#[derive(Debug, Default)]
pub struct Counted(HashMap<String, Counts>);

/// Where a script went one way or another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The script, as it was named to the compiler.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// As it is written, up to the block: `if turn.intent == "person"`.
    pub text: String,
    /// Ways that were taken, in the order of the source.
    pub taken: Vec<Way>,
}

/// A way that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// For people: `else of if`.
    pub what: &'static str,
    /// The line where it begins, from 1.
    pub line: usize,
    /// How often.
    pub times: u64,
}

impl Trace {
    /// This moment.
    pub fn counted(&self) -> Counted {
        Counted(self.counts())
    }

    /// What was asked since that moment: the playbook's questions first, each script's in the order
    /// of its source.
    pub fn asked_since(&self, before: &Counted) -> Vec<Question> {
        let counts = self.counts();
        let since = counts.into_iter().map(|(script, counts)| {
            let before = before.0.get(&script);
            let counts = before.map_or_else(|| counts.clone(), |before| counts.without(before));
            (script, counts)
        });
        let since: HashMap<String, Counts> = since.collect();
        let none = Counts::default();
        let questions = |plan: &Plan| plan.questions(since.get(&plan.file).unwrap_or(&none));
        self.plans().into_iter().flat_map(questions).collect()
    }

    /// A line of a watched script, as it is written.
    pub fn line(&self, file: &str, line: usize) -> Option<&str> {
        let plan = self.plans().into_iter().find(|plan| plan.file == file)?;
        plan.source.lines().nth(line.checked_sub(1)?)
    }

    /// What an expression over `turn` is worth, for people: `"price"` for `turn.intent`. `None`
    /// where it cannot be worked out, or is a thing that has no short form.
    pub fn value(&self, turn: &Turn, expression: &str) -> Option<String> {
        let mut engine = new_engine(Role::Playbook);
        engine.set_optimization_level(OptimizationLevel::None);
        let script = format!("fn look(turn) {{ {expression} }}");
        let ast = engine.compile(script).ok()?;
        let understood = understand(&self.declared, turn);
        let turn = with_slots(turn, &understood.filled);
        let (call, turn) = TurnView::asked(&turn, &self.declared, &understood);
        let options = CallFnOptions::new().with_tag(call);
        let looked = guarded(TIME_LIMIT, || {
            let scope = &mut Scope::new();
            engine.call_fn_with_options::<Dynamic>(options, scope, &ast, "look", (turn,))
        });
        shown(&looked.ok()?)
    }
}

/// A value as a script would write it.
fn shown(value: &Dynamic) -> Option<String> {
    if value.is_unit() {
        return Some("()".to_owned());
    }
    if let Some(text) = value.read_lock::<rhai::ImmutableString>() {
        return Some(format!("{:?}", text.as_str()));
    }
    if let Some(items) = value.read_lock::<rhai::Array>() {
        let shown: Option<Vec<String>> = items.iter().take(MOST_ITEMS).map(shown).collect();
        let more = if items.len() > MOST_ITEMS {
            ", …"
        } else {
            ""
        };
        return shown.map(|shown| format!("[{}{more}]", shown.join(", ")));
    }
    if let Some(entries) = value.read_lock::<Map>() {
        let shown: Option<Vec<String>> = entries
            .iter()
            .take(MOST_ITEMS)
            .map(|(name, value)| Some(format!("{name}: {}", shown(value)?)))
            .collect();
        return shown.map(|shown| format!("#{{{}}}", shown.join(", ")));
    }
    if let Some(product) = value.read_lock::<ProductView>() {
        return Some(product.get().id.to_string());
    }
    if let Some(day) = value.read_lock::<DateView>() {
        return Some(day.0.to_string());
    }
    let is_plain = value.is_bool() || value.is_int() || value.is_float() || value.is_decimal();
    is_plain.then(|| value.to_string())
}

/// What stands between two places of a source, on one line. The end does not belong to it.
pub(super) fn between(source: &str, from: Position, to: Position) -> String {
    let (Some(start), Some(end)) = (byte_at(source, from), byte_at(source, to)) else {
        return String::new();
    };
    let text = source.get(start..end).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands from a place to the end of its line, without the block that begins there.
pub(super) fn to_the_end(source: &str, from: Position) -> String {
    let start = byte_at(source, from).unwrap_or(source.len());
    let rest = source.get(start..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default().trim_end();
    line.strip_suffix('{').unwrap_or(line).trim_end().to_owned()
}

fn byte_at(source: &str, place: Position) -> Option<usize> {
    let line = place.line()?.checked_sub(1)?;
    let mut lines = source.split_inclusive('\n');
    let start: usize = lines.by_ref().take(line).map(str::len).sum();
    let text = lines.next()?;
    let column = place.position()?.checked_sub(1)?;
    let at = text.char_indices().nth(column).map(|(at, _)| at);
    Some(start + at.unwrap_or(text.len()))
}
