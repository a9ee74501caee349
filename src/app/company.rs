//! The company: its catalogue, its reviewed answers and its playbook, read and checked together.
//! All problems of all files are found in one go, and nothing is used unless all is right.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use consultant_core::ports::{Knowledge, Playbook};
use consultant_knowledge::ShopKnowledge;
use consultant_playbook::{Library, compile, read_script};

use crate::{
    config::{CompanyFiles, FoundFiles},
    diagnostics::Diagnostic,
};

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
    /// The stages that the playbook declares, each with those that may follow it.
    pub stages: Vec<(String, Vec<String>)>,
    /// How many things in the playbook look wrong and stop nothing.
    pub warnings: usize,
}

/// Reads and checks a company. Either nothing is wrong, or every error is named.
pub fn load(files: &CompanyFiles) -> Result<Company, Vec<Diagnostic>> {
    let texts = match files {
        CompanyFiles::Embedded => Texts::embedded(),
        CompanyFiles::Files {
            catalog,
            faq,
            playbook,
            scripts_lib,
        } => Texts::read(&FoundFiles {
            catalog: Some(catalog.clone()),
            faq: Some(faq.clone()),
            playbook: Some(playbook.clone()),
            scripts_lib: scripts_lib.clone(),
        }),
    };
    texts.company().ok_or_else(|| {
        let problems = texts.into_problems().into_iter();
        problems.filter(Diagnostic::is_error).collect()
    })
}

/// Every problem of the files that were found, however many of them are missing or broken;
/// warnings too.
pub fn check(found: &FoundFiles) -> Vec<Diagnostic> {
    Texts::read(found).into_problems()
}

/// A file's name, for people, and its text.
struct Text {
    name: String,
    text: String,
}

/// What could be read.
#[derive(Default)]
struct Texts {
    catalog: Option<Text>,
    faq: Option<Text>,
    playbook: Option<Text>,
    library: Library,
    /// About what could not.
    unread: Vec<Diagnostic>,
}

impl Texts {
    fn read(found: &FoundFiles) -> Self {
        let mut texts = Self::default();
        let unread = &mut texts.unread;
        let mut read = |path: &Option<PathBuf>, read: fn(&Path) -> io::Result<String>| {
            let path = path.as_deref()?;
            let text = Text::read(path, read);
            text.map_err(|error| unread.push(unreadable(path, &error)))
                .ok()
        };
        texts.catalog = read(&found.catalog, |path| fs::read_to_string(path));
        texts.faq = read(&found.faq, |path| fs::read_to_string(path));
        texts.playbook = read(&found.playbook, read_script);
        if let Some(folder) = &found.scripts_lib {
            let (library, problems) = Library::read(folder);
            texts.library = library;
            let problems = problems.into_iter().map(|it| from_script(it, None));
            texts.unread.extend(problems);
        }
        texts
    }

    fn embedded() -> Self {
        let text = |name: &str, text: &str| {
            Some(Text {
                name: name.to_owned(),
                text: text.to_owned(),
            })
        };
        Self {
            catalog: text("the demo's catalog.yaml", demo::CATALOG),
            faq: text("the demo's faq.yaml", demo::FAQ),
            playbook: text("the demo's demo.rhai", demo::PLAYBOOK),
            ..Self::default()
        }
    }

    /// The company, if all of it is right.
    fn company(&self) -> Option<Company> {
        let (catalog, faq) = (self.catalog.as_ref()?, self.faq.as_ref()?);
        let knowledge = ShopKnowledge::load(catalog.named(), faq.named()).ok()?;
        let (file, script) = self.playbook.as_ref()?.named();
        let playbook = compile(file, script, &self.library).ok()?;
        let (catalog, faq) = (knowledge.catalog(), knowledge.faq());
        let right = self.unread.is_empty() && playbook.check(&catalog, &faq).is_empty();
        right.then(|| Company {
            knowledge: Arc::new(knowledge),
            stages: playbook.transitions(),
            warnings: playbook.warnings().len(),
            playbook: Arc::new(playbook),
        })
    }

    /// Every problem of every file, each looked for whatever the others have.
    fn into_problems(self) -> Vec<Diagnostic> {
        let facts = consultant_knowledge::examine(
            self.catalog.as_ref().map(Text::named),
            self.faq.as_ref().map(Text::named),
        );
        let playbook = self.playbook.as_ref();
        let scripts = consultant_playbook::examine(
            playbook.map(Text::named),
            &self.library,
            facts.catalog.as_ref(),
            facts.faq.as_ref(),
        );
        let facts = facts.problems.into_iter().map(|it| self.in_yaml(it));
        let scripts = scripts.into_iter().map(|it| from_script(it, playbook));
        let found: Vec<Diagnostic> = facts.chain(scripts).collect();
        self.unread.into_iter().chain(found).collect()
    }

    fn in_yaml(&self, problem: consultant_knowledge::Problem) -> Diagnostic {
        let texts = [&self.catalog, &self.faq];
        let mut texts = texts.into_iter().flatten();
        let file = texts.find(|text| text.name == problem.file);
        Diagnostic {
            text: file.map(|file| file.text.clone()),
            file: problem.file,
            line: Some(problem.line),
            column: Some(problem.column),
            length: problem.width,
            key: Some(problem.key).filter(|key| !key.is_empty()),
            message: problem.message,
            hint: problem.hint,
            ..Diagnostic::default()
        }
    }
}

impl Text {
    fn read(path: &Path, read: fn(&Path) -> io::Result<String>) -> io::Result<Self> {
        let name = path.display().to_string();
        read(path).map(|text| Self { name, text })
    }

    fn named(&self) -> (&str, &str) {
        (&self.name, &self.text)
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic {
        file: path.display().to_string(),
        message: format!("cannot be read: {error}"),
        hint: Some("check the path in the config, and that the file may be read".into()),
        ..Diagnostic::default()
    }
}

/// `main` is the playbook itself; a problem may also lie in a file that it imports.
fn from_script(problem: consultant_playbook::Problem, main: Option<&Text>) -> Diagnostic {
    let main = main.filter(|main| main.name == problem.file);
    let text = main.map(|main| main.text.clone());
    // Read once more for the line that is shown; without it the message stands alone.
    let text = text.or_else(|| fs::read_to_string(&problem.file).ok());
    Diagnostic::from_script(problem, text)
}
