//! From source to a playbook, or to every problem at once.

use std::{cmp::Ordering, collections::BTreeSet, sync::Arc};

use rhai::{AST, Engine, Module, OptimizationLevel, Scope, module_resolvers::StaticModuleResolver};

use consultant_core::ScriptRole;

use crate::{
    api::{self, Declared, StageLine},
    declare,
    library::Library,
    lint::{self, Findings, Lint, Mention, Role, Slots},
    loader::{self, Loaded, Script},
    playbook::RhaiPlaybook,
    problem::{Problem, suggestion},
    rules::{ESCALATION, FAQ},
    sandbox::{self, TIME_LIMIT, guarded},
    sources::{sources, version},
    together::{self, Engines, NamedScript, RuleScripts},
};

/// The functions without which no message could be answered, with the number of values that each
/// takes, and how to write it.
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

/// Compiles a playbook. `file` is what diagnostics call it.
///
/// Whatever can be found without a customer is found here: wrong syntax, unknown functions,
/// modules, stages and properties, texts without English. What needs the catalogue or the FAQ is
/// found by [`RhaiPlaybook::check`]. What is only a warning refuses nothing:
/// [`RhaiPlaybook::warnings`].
pub fn compile(file: &str, source: &str, library: &Library) -> Result<RhaiPlaybook, Vec<Problem>> {
    compile_with_rules((file, source), RuleScripts::default(), library)
}

/// Compiles a playbook with the rules that stand beside it: they share its version, and what they
/// say of its stages and slots is checked.
pub fn compile_with_rules(
    playbook: NamedScript<'_>,
    rules: RuleScripts<'_>,
    library: &Library,
) -> Result<RhaiPlaybook, Vec<Problem>> {
    compile_in(playbook, rules, library, &mut new_engine)
}

/// The sandbox with the words of what a script is for.
pub(crate) fn new_engine(role: Role) -> Engine {
    let mut engine = sandbox::engine();
    match role {
        Role::Playbook | Role::Module => api::register(&mut engine),
        Role::Escalation => (ESCALATION.register)(&mut engine),
        Role::Faq => (FAQ.register)(&mut engine),
    }
    engine
}

/// The sandbox with the words of all scripts, for a module that nobody imports.
pub(crate) fn engine_of_all() -> Engine {
    let mut engine = new_engine(Role::Playbook);
    (FAQ.register)(&mut engine);
    engine
}

pub(crate) fn compile_in(
    playbook: NamedScript<'_>,
    rules: RuleScripts<'_>,
    library: &Library,
    engines: Engines<'_>,
) -> Result<RhaiPlaybook, Vec<Problem>> {
    let Attempt {
        playbook, problems, ..
    } = together::attempt(Some(playbook), rules, library, engines);
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
    /// Names of the modules that are imported, also of broken ones.
    pub(crate) imported: BTreeSet<String>,
    /// The names of the stages that are declared; empty where that could not be found out.
    pub(crate) stages: Vec<String>,
    /// The slots that it fills, where it could be read.
    pub(crate) slots: Option<Slots>,
}

/// Tries a playbook by itself. `looked_at` are slots that its rules look at.
pub(crate) fn attempt(
    (file, source): NamedScript<'_>,
    library: &Library,
    mut engine: Engine,
    looked_at: &Slots,
) -> Attempt {
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
    findings.slots.also_read_by(looked_at);
    problems.append(&mut findings.problems);
    problems.extend(findings.judge());
    problems.extend(missing_functions(main, &NEEDED));

    engine.set_optimization_level(level);
    let declared = declarations(&mut engine, &loaded, main, &mut problems);
    let stages: Vec<String> = declared.stages.iter().map(|it| it.name.clone()).collect();
    problems.extend(unknown_stages(&findings, &stages));
    if !declared.stages.is_empty() {
        let known: (&[StageLine], &Findings) = (&declared.stages, &findings);
        problems.extend(lint::stages::check(main, &loaded, known));
    }
    problems.sort_by(in_order);
    let is_right = !problems.iter().any(Problem::is_error);
    let scripts = sources(ScriptRole::Playbook, main, &loaded);
    let playbook = is_right.then(|| RhaiPlaybook {
        file: file.to_owned(),
        version: version(&scripts),
        scripts,
        ast: optimised(&engine, main),
        engine,
        declared: Arc::new(declared),
        escalation: None,
        faq: None,
        mentions: findings.mentions.clone(),
        warnings: problems.clone(),
        time_limit: TIME_LIMIT,
    });
    Attempt {
        playbook,
        problems,
        mentions: findings.mentions,
        imported,
        stages,
        slots: Some(findings.slots),
    }
}

/// What the playbook declares, with what is wrong with it.
fn declarations(
    engine: &mut Engine,
    loaded: &Loaded,
    main: &Script,
    problems: &mut Vec<Problem>,
) -> Declared {
    let is_broken = problems.iter().any(Problem::is_error);
    match load_modules(engine, loaded) {
        Ok(()) => {
            let (declared, wrong) = declare::declared(engine, loaded, main);
            // What failed for a reason that is already told is not told twice.
            if !is_broken || !declared.stages.is_empty() {
                problems.extend(wrong);
            }
            declared
        }
        Err(problem) => {
            problems.extend(Some(problem).filter(|_| !is_broken));
            Declared::default()
        }
    }
}

/// In the order in which somebody would mend them.
pub(crate) fn in_order(a: &Problem, b: &Problem) -> Ordering {
    (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column))
}

/// What runs, optimised as the engine says. Optimising forgets the tree's source, which errors in
/// modules need.
pub(crate) fn optimised(engine: &Engine, script: &Script) -> AST {
    let ast = script.ast.clone();
    let mut ast = engine.optimize_ast(&Scope::new(), ast, engine.optimization_level());
    ast.set_source(script.file.as_str());
    ast
}

/// The functions that are not there, each given with the number of values that it takes, and how
/// to write it.
pub(crate) fn missing_functions(main: &Script, needed: &[(&str, usize, &str)]) -> Vec<Problem> {
    needed
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
pub(crate) fn load_modules(engine: &mut Engine, loaded: &Loaded) -> Result<(), Problem> {
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

/// Stages that a script names and that are not declared. Where nothing could be found out about
/// stages, nothing is said of them.
pub(crate) fn unknown_stages(findings: &Findings, stages: &[String]) -> Vec<Problem> {
    if stages.is_empty() {
        return Vec::new();
    }
    let names: Vec<&str> = stages.iter().map(String::as_str).collect();
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
