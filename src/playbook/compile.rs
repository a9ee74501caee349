//! From source to a playbook, or to every problem at once.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use rhai::{
    AST, CallFnOptions, Dynamic, Engine, Module, OptimizationLevel, Scope,
    module_resolvers::StaticModuleResolver,
};
use sha2::{Digest, Sha256};

use consultant_core::PlaybookVersion;

use crate::{
    api::{self, StageLine},
    library::Library,
    lint::{self, Findings, Mention},
    loader::{self, Loaded, Script},
    playbook::{RhaiPlaybook, Stage},
    problem::{Problem, suggestion},
    sandbox::{self, Fault, TIME_LIMIT, guarded},
};

/// Compiles a playbook. `file` is what diagnostics call it.
///
/// Whatever can be found without a customer is found here: wrong syntax, unknown functions,
/// modules, stages and properties, texts without English. What needs the catalogue is found by
/// [`RhaiPlaybook::check`].
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
    playbook.ok_or(problems)
}

/// What came of compiling a playbook, right or wrong.
#[derive(Default)]
pub(crate) struct Attempt {
    /// There if and only if there are no problems.
    pub(crate) playbook: Option<RhaiPlaybook>,
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
    let mut findings = lint::check(&engine, main, &loaded.modules);
    problems.append(&mut findings.problems);
    problems.extend(missing_functions(main));

    engine.set_optimization_level(level);
    let mut stages = Vec::new();
    match run_stages(&mut engine, &loaded, main) {
        Ok(found) => stages = found,
        // What failed for a reason that is already told is not told twice.
        Err(problem) if problems.is_empty() => problems.push(problem),
        Err(_) => {}
    }
    if !stages.is_empty() {
        problems.extend(check_stages(main, &stages));
        problems.extend(check_gotos(&findings, &stages));
    }
    problems.sort_by(in_order);
    let playbook = problems.is_empty().then(|| RhaiPlaybook {
        file: file.to_owned(),
        version: version(&loaded, main),
        ast: optimised(&engine, main),
        engine,
        stages: stages.into_iter().map(Stage::from).collect(),
        mentions: findings.mentions.clone(),
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

/// What runs, optimised as the engine says. Optimising forgets the tree's source, which errors in modules need.
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
            Problem::with_file(&main.file, message).hint(*hint)
        })
        .collect()
}

/// Loads the modules into the engine, then asks the script for its stages.
fn run_stages(
    engine: &mut Engine,
    loaded: &Loaded,
    main: &Script,
) -> Result<Vec<StageLine>, Problem> {
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
        .map_err(|fault| fault_problem(script, loaded, &fault))?;
        resolver.insert(name.as_str(), module);
        engine.set_module_resolver(resolver.clone());
    }
    let declared = guarded(TIME_LIMIT, || {
        let options = CallFnOptions::new();
        engine.call_fn_with_options::<Dynamic>(options, &mut Scope::new(), &main.ast, "stages", ())
    })
    .map_err(|fault| fault_problem(main, loaded, &fault))?;
    stage_lines(declared).ok_or_else(|| {
        Problem::with_file(&main.file, "`stages` returned no list of stages")
            .hint("write `fn stages() { [stage(\"greet\", [])] }`: the first one begins")
    })
}

fn stage_lines(declared: Dynamic) -> Option<Vec<StageLine>> {
    let declared = declared.into_array().ok()?;
    let lines: Option<Vec<StageLine>> = declared
        .into_iter()
        .map(Dynamic::try_cast::<StageLine>)
        .collect();
    lines.filter(|lines| !lines.is_empty())
}

fn fault_problem(script: &Script, loaded: &Loaded, fault: &Fault) -> Problem {
    let other = fault.file.as_ref().and_then(|file| {
        let mut modules = loaded.modules.values();
        modules.find(|module| &module.file == file)
    });
    let place = other.unwrap_or(script);
    Problem::at(
        &place.file,
        &place.source,
        fault.position,
        fault.message.as_str(),
    )
}

fn check_stages(main: &Script, stages: &[StageLine]) -> Vec<Problem> {
    let names: Vec<&str> = stages.iter().map(|stage| stage.name.as_str()).collect();
    let at =
        |stage: &StageLine, message| Problem::at(&main.file, &main.source, stage.position, message);
    let mut problems = Vec::new();
    for (index, stage) in stages.iter().enumerate() {
        if stage.name.trim().is_empty() {
            problems.push(at(stage, "a stage has no name".to_owned()));
        }
        if names[..index].contains(&stage.name.as_str()) {
            problems.push(at(stage, format!("there are two stages `{}`", stage.name)));
        }
        for next in &stage.next {
            if !names.contains(&next.as_str()) {
                let message = format!(
                    "`{}` leads to a stage `{next}` that is not declared",
                    stage.name
                );
                problems.push(at(stage, message).hint(suggestion(next, &names)));
            }
        }
    }
    problems
}

fn check_gotos(findings: &Findings, stages: &[StageLine]) -> Vec<Problem> {
    let names: Vec<&str> = stages.iter().map(|stage| stage.name.as_str()).collect();
    let unknown = |(stage, _): &&(String, Problem)| !names.contains(&stage.as_str());
    findings
        .gotos
        .iter()
        .filter(unknown)
        .map(|(stage, place)| Problem {
            message: format!("there is no stage `{stage}`"),
            hint: Some(suggestion(stage, &names)),
            ..place.clone()
        })
        .collect()
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
