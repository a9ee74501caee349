//! Which lines and branches of a company's scripts ran: they are compiled to be watched, for the
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
    compile::{compile_in, new_engine},
    library::Library,
    lint::Role,
    loader,
    playbook::RhaiPlaybook,
    problem::Problem,
    together::{NamedScript, RuleScripts},
};

pub use asked::{Counted, Question, Way};
use plan::Plan;
use recorder::{Counts, Recorder};

/// Counts what runs of a watched playbook, of the rules beside it, and of the modules that they
/// import.
pub struct Trace {
    watched: Vec<Watched>,
    /// What the playbook declares.
    declared: Arc<Declared>,
}

/// One script that is watched, with its modules.
struct Watched {
    recorder: Arc<Recorder>,
    /// The script first, then its modules by their names.
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

/// Compiles as [`compile_with_rules`] does, for scripts that are watched. They answer as the others
/// do, only slower.
///
/// [`compile_with_rules`]: crate::compile_with_rules
pub fn compile_traced(
    playbook: NamedScript<'_>,
    rules: RuleScripts<'_>,
    library: &Library,
) -> Result<(RhaiPlaybook, Trace), Vec<Problem>> {
    let scripts = [
        (Role::Playbook, Some(playbook)),
        (Role::Escalation, rules.escalation),
        (Role::Faq, rules.faq),
    ];
    let recorders = scripts.map(|(role, script)| Some((role, script?, Arc::default())));
    let recorders: Vec<(Role, NamedScript<'_>, Arc<Recorder>)> =
        recorders.into_iter().flatten().collect();
    let compiled = compile_in(playbook, rules, library, &mut |role| {
        let mut engine = new_engine(role);
        engine.set_optimization_level(OptimizationLevel::None);
        for (_, _, recorder) in recorders.iter().filter(|(of, ..)| *of == role) {
            recorder::watch(&mut engine, recorder);
        }
        engine
    })?;
    let watched = recorders
        .into_iter()
        .map(|(role, script, recorder)| Watched {
            recorder,
            plans: plans(role, script, library),
        });
    let watched = watched.collect();
    let declared = Arc::clone(&compiled.declared);
    Ok((compiled, Trace { watched, declared }))
}

/// The script first, then its modules by their names.
fn plans(role: Role, (file, source): NamedScript<'_>, library: &Library) -> Vec<Plan> {
    let mut engine = new_engine(role);
    engine.set_optimization_level(OptimizationLevel::None);
    let loaded = loader::load(&engine, file, source, library);
    let scripts = loaded.main.iter().chain(loaded.modules.values());
    scripts.map(Plan::of).collect()
}

impl Trace {
    /// What has run so far: the playbook first, then its modules, then the rules with theirs. A
    /// module that several scripts import is told once, with all that ran of it.
    pub fn scripts(&self) -> Vec<ScriptCoverage> {
        let counts = self.counts();
        let none = Counts::default();
        let of = |plan: &Plan| plan.coverage(counts.get(&plan.file).unwrap_or(&none));
        self.plans().into_iter().map(of).collect()
    }

    /// What has run so far, by file.
    fn counts(&self) -> HashMap<String, Counts> {
        let mut counts: HashMap<String, Counts> = HashMap::new();
        for (file, found) in self.watched.iter().flat_map(Watched::counts) {
            counts.entry(file).or_default().add(&found);
        }
        counts
    }

    /// Every script once, in the order of [`Trace::scripts`].
    fn plans(&self) -> Vec<&Plan> {
        let mut plans: Vec<&Plan> = Vec::new();
        for plan in self.watched.iter().flat_map(|it| &it.plans) {
            if !plans.iter().any(|it| it.file == plan.file) {
                plans.push(plan);
            }
        }
        plans
    }
}

impl Watched {
    /// What ran, by file. What has no name is the script itself.
    fn counts(&self) -> impl Iterator<Item = (String, Counts)> {
        let main = self.plans.first().map_or("", |plan| plan.file.as_str());
        let counts = self.recorder.counts().into_iter();
        counts.map(move |(file, found)| match file.as_str() {
            "" => (main.to_owned(), found),
            _ => (file, found),
        })
    }
}

#[cfg(test)]
mod tests;
