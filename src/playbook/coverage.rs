//! Which lines and branches of a playbook ran: a playbook that is compiled to be watched, for the
//! test runner alone.
//!
//! Rhai's debugger interface tells of every node before it runs. It is registered on an engine of
//! its own, whose trees are not optimised, so that what is told stands where its author wrote it;
//! the engine that serves customers has none.
//!
//! Start at [`plan`], which finds what could run; [`recorder`] counts what did.

mod plan;
mod recorder;

use std::sync::Arc;

use rhai::OptimizationLevel;

use crate::{
    compile::{compile_with, new_engine},
    library::Library,
    loader,
    playbook::RhaiPlaybook,
    problem::Problem,
};

use plan::Plan;
use recorder::{Counts, Recorder};

/// Counts what runs of a watched playbook and of the modules that it imports.
pub struct Trace {
    recorder: Arc<Recorder>,
    plans: Vec<Plan>,
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
    };
    Ok((playbook, trace))
}

/// The playbook first, then its modules by their names.
fn plans(file: &str, source: &str, library: &Library) -> Vec<Plan> {
    let mut engine = new_engine();
    engine.set_optimization_level(OptimizationLevel::None);
    let loaded = loader::load(&engine, file, source, library);
    let scripts = loaded.main.iter().chain(loaded.modules.values());
    scripts
        .map(|script| Plan::of(&script.file, &script.ast))
        .collect()
}

impl Trace {
    /// What has run so far: the playbook first, then its modules.
    pub fn scripts(&self) -> Vec<ScriptCoverage> {
        let main = self.plans.first().map_or("", |plan| plan.file.as_str());
        let counts = self.recorder.counts();
        let none = Counts::default();
        let of = |plan: &Plan| {
            let mut found = counts.get(&plan.file).unwrap_or(&none).clone();
            // What has no name is the playbook itself.
            if let Some(unnamed) = counts.get("").filter(|_| plan.file == main) {
                found.add(unnamed);
            }
            plan.coverage(&found)
        };
        self.plans.iter().map(of).collect()
    }
}

#[cfg(test)]
mod tests;
