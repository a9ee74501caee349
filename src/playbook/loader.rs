//! Parsing a script and everything that it imports. Imports are known before anything runs,
//! because an import must name its module in quotes.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Engine, Expr, OptimizationLevel, Position, Stmt};

use crate::{
    library::{Library, NAME_HINT, is_module_name},
    lint::Lint,
    problem::{Problem, nearest},
    sandbox::MAX_SCRIPT_BYTES,
};

/// A parsed script or module. The tree is not optimised, so that checks see what was written.
pub(crate) struct Script {
    pub(crate) file: String,
    pub(crate) source: String,
    pub(crate) ast: AST,
    pub(crate) imports: Vec<Import>,
}

/// `import "texts" as t;`
pub(crate) struct Import {
    pub(crate) module: String,
    pub(crate) alias: String,
    /// Where the module is named.
    pub(crate) position: Position,
}

/// A playbook with all that it imports.
#[derive(Default)]
pub(crate) struct Loaded {
    /// The playbook itself; `None` where it could not be parsed.
    pub(crate) main: Option<Script>,
    /// Modules that could be parsed.
    pub(crate) modules: BTreeMap<String, Script>,
    /// Names of modules, each after the ones that it imports.
    pub(crate) order: Vec<String>,
    /// Names of modules that were met on the way, also of broken ones.
    pub(crate) met: BTreeSet<String>,
    /// What is wrong so far.
    pub(crate) problems: Vec<Problem>,
}

/// Parses a playbook and its modules. `engine` must have optimising switched off.
pub(crate) fn load(engine: &Engine, file: &str, source: &str, library: &Library) -> Loaded {
    debug_assert_eq!(engine.optimization_level(), OptimizationLevel::None);
    let mut loader = Loader {
        engine,
        library,
        open: Vec::new(),
        loaded: Loaded::default(),
    };
    let main = loader.parse(file, source);
    if let Some(main) = &main {
        loader.follow(main);
    }
    loader.loaded.main = main;
    loader.loaded
}

struct Loader<'a> {
    engine: &'a Engine,
    library: &'a Library,
    /// The chain of imports that leads to the module at hand.
    open: Vec<String>,
    loaded: Loaded,
}

impl Loader<'_> {
    fn parse(&mut self, file: &str, source: &str) -> Option<Script> {
        if source.len() > MAX_SCRIPT_BYTES {
            let message = format!("{} bytes are too many", source.len());
            let hint = format!("a script has at most {MAX_SCRIPT_BYTES}; move texts to modules");
            let problem = Problem::with_file(file, message)
                .of(Lint::UnreadableScript)
                .hint(hint);
            self.loaded.problems.push(problem);
            return None;
        }
        match self.engine.compile(source) {
            Ok(mut ast) => {
                ast.set_source(file);
                let imports = self.imports(file, source, &ast);
                Some(Script {
                    file: file.to_owned(),
                    source: source.to_owned(),
                    ast,
                    imports,
                })
            }
            Err(error) => {
                let problem = parse_problem(file, source, &error);
                self.loaded.problems.push(problem);
                None
            }
        }
    }

    fn imports(&mut self, file: &str, source: &str, ast: &AST) -> Vec<Import> {
        let mut found = Vec::new();
        ast.walk(&mut |path: &[ASTNode<'_>]| {
            if let Some(ASTNode::Stmt(Stmt::Import(import, position))) = path.last() {
                let (module, alias) = &**import;
                match module {
                    Expr::StringConstant(name, position) => found.push(Import {
                        module: name.to_string(),
                        alias: alias.as_str().to_owned(),
                        position: *position,
                    }),
                    _ => self.loaded.problems.push(
                        Problem::at(file, source, *position, "an import must name its module")
                            .of(Lint::UnknownModule)
                            .hint("write `import \"texts\" as texts;`"),
                    ),
                }
            }
            true
        });
        found
    }

    fn follow(&mut self, script: &Script) {
        for import in &script.imports {
            if self.open.contains(&import.module) {
                let message = format!("`{}` imports itself, by way of others", import.module);
                let problem = problem(script, import, message).of(Lint::ImportCycle);
                let hint = "move what both need to a third module";
                self.loaded.problems.push(problem.hint(hint));
            } else if self.loaded.met.insert(import.module.clone()) {
                self.open(script, import);
            }
        }
    }

    fn open(&mut self, script: &Script, import: &Import) {
        let name = &import.module;
        if !is_module_name(name) {
            return self.complain(
                script,
                import,
                format!("`{name}` is not a module"),
                NAME_HINT,
            );
        }
        if self.library.is_unreadable(name) {
            return;
        }
        let Some(module) = self.library.get(name) else {
            let hint = nearest(name, self.library.names()).map_or_else(
                || format!("modules stand in `scripts/lib`, this one as `{name}.rhai`"),
                |near| format!("did you mean `{near}`?"),
            );
            return self.complain(
                script,
                import,
                format!("there is no module `{name}`"),
                &hint,
            );
        };
        let Some(parsed) = self.parse(&module.file, &module.source) else {
            return;
        };
        self.open.push(name.clone());
        self.follow(&parsed);
        self.open.pop();
        self.loaded.order.push(name.clone());
        self.loaded.modules.insert(name.clone(), parsed);
    }

    fn complain(&mut self, script: &Script, import: &Import, message: String, hint: &str) {
        let problem = problem(script, import, message).of(Lint::UnknownModule);
        self.loaded.problems.push(problem.hint(hint));
    }
}

fn problem(script: &Script, import: &Import, message: String) -> Problem {
    Problem::at(&script.file, &script.source, import.position, message)
}

fn parse_problem(file: &str, source: &str, error: &rhai::ParseError) -> Problem {
    use rhai::ParseErrorType as E;
    let message = error.err_type().to_string();
    let problem = Problem::at(file, source, error.position(), message).of(Lint::Syntax);
    match error.err_type() {
        E::VariableUndefined(name) => problem.hint(format!(
            "declare it with `let {name} = …;`; a constant of the script is `global::{name}`"
        )),
        E::ExprTooDeep => problem.hint("split it into several functions"),
        E::Reserved(name) | E::BadInput(rhai::LexError::ImproperSymbol(name, _))
            if name == "eval" =>
        {
            problem.hint("a playbook cannot run text as a script")
        }
        _ => problem,
    }
}
