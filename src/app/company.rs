//! The company: its catalogue, its reviewed answers and its playbook, read and checked together.
//! All problems of all files are found in one go, and nothing is used unless all is right.

use std::{fs, path::Path, sync::Arc};

use consultant_core::{
    Catalog,
    ports::{Knowledge, Playbook},
};
use consultant_knowledge::ShopKnowledge;
use consultant_playbook::{Library, RhaiPlaybook, compile, read_script};

use crate::{config::CompanyFiles, diagnostics::Diagnostic};

/// What the demo company consists of, compiled in.
mod demo {
    pub(super) const CATALOG: &str = include_str!("../../config/catalog.yaml");
    pub(super) const FAQ: &str = include_str!("../../config/faq.yaml");
    pub(super) const PLAYBOOK: &str = include_str!("../../scripts/playbooks/demo.rhai");
}

/// A company that is ready to serve.
pub struct Company {
    /// Its facts, and what messages mean in their light.
    pub knowledge: Arc<dyn Knowledge>,
    /// Its rules.
    pub playbook: Arc<dyn Playbook>,
}

/// Reads and checks a company. Either all is right, or every problem is named.
pub fn load(files: &CompanyFiles) -> Result<Company, Vec<Diagnostic>> {
    let texts = Texts::read(files)?;
    let mut problems = Vec::new();
    let knowledge = kept(texts.knowledge(), &mut problems);
    let playbook = kept(texts.playbook(), &mut problems);
    if let (Some(knowledge), Some(playbook)) = (&knowledge, &playbook) {
        problems.extend(texts.check_playbook(playbook, &knowledge.catalog()));
    }
    match (knowledge, playbook) {
        (Some(knowledge), Some(playbook)) if problems.is_empty() => Ok(Company {
            knowledge: Arc::new(knowledge),
            playbook: Arc::new(playbook),
        }),
        _ => Err(problems),
    }
}

fn kept<T>(result: Result<T, Vec<Diagnostic>>, problems: &mut Vec<Diagnostic>) -> Option<T> {
    result.map_err(|found| problems.extend(found)).ok()
}

/// A file's name, for people, and its text.
struct Text {
    name: String,
    text: String,
}

struct Texts {
    catalog: Text,
    faq: Text,
    playbook: Text,
    library: Library,
}

impl Texts {
    fn read(files: &CompanyFiles) -> Result<Self, Vec<Diagnostic>> {
        let (catalog, faq, playbook, scripts_lib) = match files {
            CompanyFiles::Embedded => return Ok(Self::embedded()),
            CompanyFiles::Files {
                catalog,
                faq,
                playbook,
                scripts_lib,
            } => (catalog, faq, playbook, scripts_lib),
        };
        let mut problems = Vec::new();
        let catalog = kept(Text::read(catalog), &mut problems);
        let faq = kept(Text::read(faq), &mut problems);
        let playbook = kept(Text::read_script(playbook), &mut problems);
        let library = match scripts_lib {
            Some(folder) => Library::read(folder)
                .map_err(|found| found.into_iter().map(|it| from_script(it, None)).collect()),
            None => Ok(Library::empty()),
        };
        let library = kept(library, &mut problems);
        match (catalog, faq, playbook, library) {
            (Some(catalog), Some(faq), Some(playbook), Some(library)) => Ok(Self {
                catalog,
                faq,
                playbook,
                library,
            }),
            _ => Err(problems),
        }
    }

    fn embedded() -> Self {
        let text = |name: &str, text: &str| Text {
            name: name.to_owned(),
            text: text.to_owned(),
        };
        Self {
            catalog: text("the demo's catalog.yaml", demo::CATALOG),
            faq: text("the demo's faq.yaml", demo::FAQ),
            playbook: text("the demo's demo.rhai", demo::PLAYBOOK),
            library: Library::empty(),
        }
    }

    fn knowledge(&self) -> Result<ShopKnowledge, Vec<Diagnostic>> {
        ShopKnowledge::load(
            (&self.catalog.name, &self.catalog.text),
            (&self.faq.name, &self.faq.text),
        )
        .map_err(|found| self.in_yaml(found))
    }

    fn playbook(&self) -> Result<RhaiPlaybook, Vec<Diagnostic>> {
        let Text { name, text } = &self.playbook;
        compile(name, text, &self.library).map_err(|found| {
            found
                .into_iter()
                .map(|it| from_script(it, Some(&self.playbook)))
                .collect()
        })
    }

    fn in_yaml(&self, found: Vec<consultant_knowledge::Problem>) -> Vec<Diagnostic> {
        let from = |problem: consultant_knowledge::Problem| {
            let of_faq = problem.file == self.faq.name;
            let file = if of_faq { &self.faq } else { &self.catalog };
            Diagnostic {
                text: Some(file.text.clone()),
                file: problem.file,
                line: Some(problem.line),
                column: Some(problem.column),
                length: problem.width,
                key: Some(problem.key).filter(|key| !key.is_empty()),
                message: problem.message,
                hint: problem.hint,
            }
        };
        found.into_iter().map(from).collect()
    }

    fn check_playbook(&self, playbook: &RhaiPlaybook, catalog: &Catalog) -> Vec<Diagnostic> {
        let found = playbook.check(catalog);
        found
            .into_iter()
            .map(|it| from_script(it, Some(&self.playbook)))
            .collect()
    }
}

impl Text {
    fn read(path: &Path) -> Result<Self, Vec<Diagnostic>> {
        Self::from_result(path, fs::read_to_string(path))
    }

    fn read_script(path: &Path) -> Result<Self, Vec<Diagnostic>> {
        Self::from_result(path, read_script(path))
    }

    fn from_result(path: &Path, read: std::io::Result<String>) -> Result<Self, Vec<Diagnostic>> {
        let name = path.display().to_string();
        match read {
            Ok(text) => Ok(Self { name, text }),
            Err(error) => Err(vec![Diagnostic {
                file: name,
                message: format!("cannot be read: {error}"),
                hint: Some("check the path in the config, and that the file may be read".into()),
                ..Diagnostic::default()
            }]),
        }
    }
}

/// `main` is the playbook itself; a problem may also lie in a file that it imports.
fn from_script(problem: consultant_playbook::Problem, main: Option<&Text>) -> Diagnostic {
    let main = main.filter(|main| main.name == problem.file);
    let text = main.map(|main| main.text.clone());
    Diagnostic {
        // Read once more for the line that is shown; without it the message stands alone.
        text: text.or_else(|| fs::read_to_string(&problem.file).ok()),
        file: problem.file,
        line: problem.line,
        column: problem.column,
        length: problem.length,
        key: None,
        message: problem.message,
        hint: problem.hint,
    }
}
