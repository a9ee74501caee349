//! Which lines and branches of a playbook ran: a playbook that is compiled to be watched, for the
//! test runner alone.
//!
//! Rhai's debugger interface tells of every node before it runs. It is registered on an engine of
//! its own, whose trees are not optimised, so that what is told stands where its author wrote it;
//! the engine that serves customers has none.
//!
//! Start at [`plan`], which finds what could run; [`recorder`] counts what did, and [`asked`] tells
//! of one turn what was asked in it.

mod asked;
mod plan;
mod recorder;

use std::{collections::HashMap, sync::Arc};

use rhai::OptimizationLevel;

use crate::{
    api::Declared,
    compile::{compile_with, new_engine},
    library::Library,
    loader,
    playbook::RhaiPlaybook,
    problem::Problem,
};

pub use asked::{Counted, Question, Way};
use plan::Plan;
use recorder::{Counts, Recorder};

/// Counts what runs of a watched playbook and of the modules that it imports.
pub struct Trace {
    recorder: Arc<Recorder>,
    plans: Vec<Plan>,
    declared: Arc<Declared>,
}

/// What ran of one script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptCoverage {
    /// The script, as it was named to the compiler.
    pub file: String,
    /// Lines on which a statement begins, from 1, each with how often it ran.
    pub lines: Vec<(usize, u64)>,
    /// Ways to go on, in the order of the source.
    pub branches: Vec<Branch>,
}

/// One of the ways to go on at a fork.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The line, from 1.
    pub line: usize,
    /// Branches of one fork share its number.
    pub fork: usize,
    /// For people: `else of if`.
    pub what: &'static str,
    /// How often it was taken; `None` where the fork itself was never reached.
    pub taken: Option<u64>,
}

/// Compiles as [`compile`] does, for a playbook that is watched. It answers as the other one does,
/// only slower.
///
/// [`compile`]: crate::compile
pub fn compile_traced(
    file: &str,
    source: &str,
    library: &Library,
) -> Result<(RhaiPlaybook, Trace), Vec<Problem>> {
    let recorder = Arc::new(Recorder::default());
    let mut engine = new_engine();
    engine.set_optimization_level(OptimizationLevel::None);
    recorder::watch(&mut engine, &recorder);
    let playbook = compile_with(file, source, library, engine)?;
    let trace = Trace {
        recorder,
        plans: plans(file, source, library),
        declared: Arc::clone(&playbook.declared),
    };
    Ok((playbook, trace))
}

/// The playbook first, then its modules by their names.
fn plans(file: &str, source: &str, library: &Library) -> Vec<Plan> {
    let mut engine = new_engine();
    engine.set_optimization_level(OptimizationLevel::None);
    let loaded = loader::load(&engine, file, source, library);
    let scripts = loaded.main.iter().chain(loaded.modules.values());
    scripts.map(Plan::of).collect()
}

impl Trace {
    /// What has run so far: the playbook first, then its modules.
    pub fn scripts(&self) -> Vec<ScriptCoverage> {
        let counts = self.recorder.counts();
        let of = self.with_counts(&counts);
        of.map(|(plan, counts)| plan.coverage(&counts)).collect()
    }

    /// Every script with what ran of it.
    fn with_counts<'a>(
        &'a self,
        counts: &'a HashMap<String, Counts>,
    ) -> impl Iterator<Item = (&'a Plan, Counts)> {
        let main = self.plans.first().map_or("", |plan| plan.file.as_str());
        self.plans.iter().map(move |plan| {
            let mut found = counts.get(&plan.file).cloned().unwrap_or_default();
            // What has no name is the playbook itself.
            if let Some(unnamed) = counts.get("").filter(|_| plan.file == main) {
                found.add(unnamed);
            }
            (plan, found)
        })
    }
}

#[cfg(test)]
mod tests;
