//! From source to a playbook, or to every problem at once.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rhai::{AST, Engine, Module, OptimizationLevel, Scope, module_resolvers::StaticModuleResolver};
use sha2::{Digest, Sha256};

use consultant_core::{KeptScript, PlaybookVersion, ScriptRole};

use crate::{
    api::{self, Declared, StageLine},
    declare,
    library::Library,
    lint::{self, Findings, Lint, Mention, Role},
    loader::{self, Loaded, Script},
    playbook::RhaiPlaybook,
    problem::{Problem, suggestion},
    sandbox::{self, TIME_LIMIT, guarded},
};

/// Compiles a playbook. `file` is what diagnostics call it.
///
/// Whatever can be found without a customer is found here: wrong syntax, unknown functions,
/// modules, stages and properties, texts without English. What needs the catalogue or the FAQ is
/// found by [`RhaiPlaybook::check`]. What is only a warning refuses nothing:
/// [`RhaiPlaybook::warnings`].
pub fn compile(file: &str, source: &str, library: &Library) -> Result<RhaiPlaybook, Vec<Problem>> {
    compile_with(file, source, library, new_engine())
}

/// The sandbox with the playbook's vocabulary.
pub(crate) fn new_engine() -> Engine {
    let mut engine = sandbox::engine();
    api::register(&mut engine);
    engine
}

pub(crate) fn compile_with(
    file: &str,
    source: &str,
    library: &Library,
    engine: Engine,
) -> Result<RhaiPlaybook, Vec<Problem>> {
    let Attempt {
        playbook, problems, ..
    } = attempt(file, source, library, engine);
    playbook.ok_or_else(|| problems.into_iter().filter(Problem::is_error).collect())
}

/// What came of compiling a playbook, right or wrong.
#[derive(Default)]
pub(crate) struct Attempt {
    /// There if and only if no problem is an error.
    pub(crate) playbook: Option<RhaiPlaybook>,
    /// Errors and warnings.
    pub(crate) problems: Vec<Problem>,
    /// What only a catalogue can judge, as far as the script could be read.
    pub(crate) mentions: Vec<Mention>,
    /// Names of the modules that the playbook imports, also of broken ones.
    pub(crate) imported: BTreeSet<String>,
}

pub(crate) fn attempt(file: &str, source: &str, library: &Library, mut engine: Engine) -> Attempt {
    let level = engine.optimization_level();
    engine.set_optimization_level(OptimizationLevel::None);
    let mut loaded = loader::load(&engine, file, source, library);
    let mut problems = std::mem::take(&mut loaded.problems);
    let imported = std::mem::take(&mut loaded.met);
    let Some(main) = &loaded.main else {
        return Attempt {
            problems,
            imported,
            ..Attempt::default()
        };
    };
    let mut findings = lint::check(&engine, main, Role::Playbook, &loaded.modules);
    problems.append(&mut findings.problems);
    problems.extend(findings.judge());
    problems.extend(missing_functions(main));

    engine.set_optimization_level(level);
    let mut declared = Declared::default();
    match load_modules(&mut engine, &loaded) {
        Ok(()) => {
            let (found, wrong) = declare::declared(&engine, &loaded, main);
            declared = found;
            // What failed for a reason that is already told is not told twice.
            if !problems.iter().any(Problem::is_error) || !declared.stages.is_empty() {
                problems.extend(wrong);
            }
        }
        Err(problem) if !problems.iter().any(Problem::is_error) => problems.push(problem),
        Err(_) => {}
    }
    if !declared.stages.is_empty() {
        problems.extend(check_gotos(&findings, &declared.stages));
        problems.extend(lint::stages::check(
            main,
            &loaded,
            (&declared.stages, &findings),
        ));
    }
    problems.sort_by(in_order);
    let is_right = !problems.iter().any(Problem::is_error);
    let playbook = is_right.then(|| RhaiPlaybook {
        file: file.to_owned(),
        version: version(&loaded, main),
        scripts: scripts(&loaded, main),
        ast: optimised(&engine, main),
        engine,
        declared: Arc::new(declared),
        mentions: findings.mentions.clone(),
        warnings: problems.clone(),
        time_limit: TIME_LIMIT,
    });
    Attempt {
        playbook,
        problems,
        mentions: findings.mentions,
        imported,
    }
}

/// In the order in which somebody would mend them.
pub(crate) fn in_order(a: &Problem, b: &Problem) -> Ordering {
    (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column))
}

/// What runs, optimised as the engine says. Optimising forgets the tree's source, which errors in
/// modules need.
fn optimised(engine: &Engine, script: &Script) -> AST {
    let ast = script.ast.clone();
    let mut ast = engine.optimize_ast(&Scope::new(), ast, engine.optimization_level());
    ast.set_source(script.file.as_str());
    ast
}

fn missing_functions(main: &Script) -> Vec<Problem> {
    const NEEDED: [(&str, usize, &str); 2] = [
        (
            "stages",
            0,
            "write `fn stages() { [stage(\"greet\", [])] }`: the first one begins",
        ),
        (
            "reply",
            1,
            "write `fn reply(turn) { [answer()] }`: it returns the actions of a turn",
        ),
    ];
    NEEDED
        .iter()
        .filter(|(name, arity, _)| {
            let mut functions = main.ast.iter_functions();
            !functions.any(|function| function.name == *name && function.params.len() == *arity)
        })
        .map(|(name, arity, hint)| {
            let values = ["no value", "one value"][*arity];
            let message = format!("there is no function `{name}` that takes {values}");
            let problem = Problem::with_file(&main.file, message).hint(*hint);
            problem.of(Lint::MissingFunction)
        })
        .collect()
}

/// Loads the modules into the engine.
fn load_modules(engine: &mut Engine, loaded: &Loaded) -> Result<(), Problem> {
    let mut resolver = StaticModuleResolver::new();
    engine.set_module_resolver(resolver.clone());
    for name in &loaded.order {
        let Some(script) = loaded.modules.get(name) else {
            continue;
        };
        let ast = optimised(engine, script);
        let module = guarded(TIME_LIMIT, || {
            Module::eval_ast_as_new(Scope::new(), &ast, engine)
        })
        .map_err(|fault| declare::fault_problem(script, loaded, &fault))?;
        resolver.insert(name.as_str(), module);
        engine.set_module_resolver(resolver.clone());
    }
    Ok(())
}

fn check_gotos(findings: &Findings, stages: &[StageLine]) -> Vec<Problem> {
    let names: Vec<&str> = stages.iter().map(|stage| stage.name.as_str()).collect();
    let unknown = |(stage, _): &&(String, Problem)| !names.contains(&stage.as_str());
    findings
        .gotos
        .iter()
        .chain(&findings.stages)
        .filter(unknown)
        .map(|(stage, place)| Problem {
            lint: Lint::UnknownStage,
            message: format!("there is no stage `{stage}`"),
            hint: Some(suggestion(stage, &names)),
            ..place.clone()
        })
        .collect()
}

/// What is kept of a version.
fn scripts(loaded: &Loaded, main: &Script) -> Vec<KeptScript> {
    let kept = |role, name: &str, script: &Script| KeptScript {
        role,
        name: name.to_owned(),
        file: script.file.clone(),
        source: script.source.clone(),
    };
    let modules = loaded.modules.iter();
    let modules = modules.map(|(name, module)| kept(ScriptRole::Module, name, module));
    let main = kept(ScriptRole::Playbook, "playbook", main);
    [main].into_iter().chain(modules).collect()
}

/// SHA-256 over the playbook's source and every imported module's name and source, each with
/// its length before it; 16 hexadecimal digits.
fn version(loaded: &Loaded, main: &Script) -> PlaybookVersion {
    let modules: BTreeMap<&str, &str> = loaded
        .modules
        .iter()
        .map(|(name, script)| (name.as_str(), script.source.as_str()))
        .collect();
    let mut hash = Sha256::new();
    for part in [main.source.as_str()].into_iter().chain(
        modules
            .into_iter()
            .flat_map(|(name, source)| [name, source]),
    ) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digits = format!("{:x}", hash.finalize());
    PlaybookVersion(digits.chars().take(16).collect())
}
