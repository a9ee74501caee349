//! The company: its catalogue, its reviewed answers and its playbook, read and checked together.
//! All problems of all files are found in one go, and nothing is used unless all is right.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use consultant_core::{
    Catalog, Documents, KeptVersion,
    ports::{Knowledge, Playbook},
};
use consultant_knowledge::{Gathered, ShopKnowledge, SmallModels, gather};
use consultant_playbook::{
    FaqRules, Library, NamedScript, RhaiPlaybook, RuleScripts, Trace, compile_kept,
    compile_kept_traced, compile_traced, compile_with_rules, read_script,
};

use crate::{
    config::{CompanyFiles, FoundFiles, GoodsFile, PlaybookPlace},
    diagnostics::Diagnostic,
    documents,
    goods::{self, Laid},
    log,
    starters::shop as demo,
};

/// A company that is ready to serve.
#[derive(Clone)]
pub struct Company {
    /// Its facts, and what messages mean in their light.
    pub knowledge: Arc<dyn Knowledge>,
    /// Its rules.
    pub playbook: Arc<dyn Playbook>,
    /// What becomes a reviewed answer, where there are rules for it. Tests alone ask them yet.
    pub faq_rules: Option<Arc<FaqRules>>,
    /// The stages that the playbook declares, each with those that may follow it.
    pub stages: Vec<(String, Vec<String>)>,
    /// How many things in the playbook look wrong and stop nothing.
    pub warnings: usize,
    /// The scripts of the playbook, as they are kept.
    pub kept: KeptVersion,
}

impl Company {
    fn new(knowledge: Arc<dyn Knowledge>, playbook: RhaiPlaybook) -> Self {
        Self {
            knowledge,
            stages: playbook.transitions(),
            warnings: playbook.warnings().len(),
            kept: playbook.kept(),
            faq_rules: playbook.faq_rules(),
            playbook: Arc::new(playbook),
        }
    }
}

/// The company's facts alone, read and checked: for whoever has its rules from elsewhere.
pub fn load_facts(
    files: &CompanyFiles,
    models: &SmallModels,
) -> Result<Arc<dyn Knowledge>, Vec<Diagnostic>> {
    Texts::of(files).facts(models)
}

/// As [`load_facts`], where `before` serves: what has not changed of its documents is not read again,
/// and of one that broke, what it said before goes on.
pub fn load_facts_again(
    files: &CompanyFiles,
    models: &SmallModels,
    before: &Documents,
) -> Result<Arc<dyn Knowledge>, Vec<Diagnostic>> {
    let texts = Texts {
        before: Some(before),
        ..Texts::of(files)
    };
    texts.facts(models)
}

/// A company with the rules of a kept version. What the catalogue of today lacks is found out when
/// a turn needs it: a conversation goes on with what it began with.
pub fn load_version(
    kept: &KeptVersion,
    facts: Arc<dyn Knowledge>,
) -> Result<Company, Vec<Diagnostic>> {
    let playbook = compile_kept(kept).map_err(|problems| of_version(kept, problems))?;
    Ok(Company::new(facts, playbook))
}

/// What a kept version lacks of these facts, or why it does not run at all; nothing where it fits.
pub fn misfits(kept: &KeptVersion, facts: &dyn Knowledge) -> Vec<Diagnostic> {
    let problems = match compile_kept(kept) {
        Ok(playbook) => playbook.check(&facts.catalog(), &facts.faq()),
        Err(problems) => problems,
    };
    let diagnostics = of_version(kept, problems).into_iter();
    diagnostics.filter(Diagnostic::is_error).collect()
}

/// Whether a kept version runs with this program, whatever the facts are.
pub fn runs(kept: &KeptVersion) -> Result<(), Vec<Diagnostic>> {
    let compiled = compile_kept(kept);
    compiled.map_or_else(|problems| Err(of_version(kept, problems)), |_| Ok(()))
}

/// As [`load_version`], with a playbook that tells which of its lines ran.
pub fn load_version_traced(
    kept: &KeptVersion,
    facts: Arc<dyn Knowledge>,
) -> Result<(Company, Trace), Vec<Diagnostic>> {
    let compiled = compile_kept_traced(kept).map_err(|problems| of_version(kept, problems))?;
    Ok((Company::new(facts, compiled.0), compiled.1))
}

/// Problems of a kept version, with its own lines.
fn of_version(kept: &KeptVersion, problems: Vec<consultant_playbook::Problem>) -> Vec<Diagnostic> {
    let problems = problems.into_iter().map(|problem| {
        let script = kept.scripts.iter().find(|it| it.file == problem.file);
        Diagnostic::from_script(problem, script.map(|it| it.source.clone()))
    });
    problems.collect()
}

/// Reads and checks a company. Either nothing is wrong, or every error is named. `meaning` is for
/// whoever understands customers with it; to read and check the files needs none.
pub fn load(files: &CompanyFiles, models: &SmallModels) -> Result<Company, Vec<Diagnostic>> {
    let texts = Texts::of(files);
    let compiled =
        texts.playbook(|playbook, rules| compile_with_rules(playbook, rules, &texts.library).ok());
    let company = compiled.and_then(|playbook| texts.company(playbook, models));
    company.ok_or_else(|| texts.into_errors())
}

/// As [`load`], with a playbook that tells which of its lines ran: for tests alone.
pub fn load_traced(
    files: &CompanyFiles,
    models: &SmallModels,
) -> Result<(Company, Trace), Vec<Diagnostic>> {
    let texts = Texts::of(files);
    let compiled =
        texts.playbook(|playbook, rules| compile_traced(playbook, rules, &texts.library).ok());
    let company =
        compiled.and_then(|(playbook, trace)| Some((texts.company(playbook, models)?, trace)));
    company.ok_or_else(|| texts.into_errors())
}

/// All that the company states, word for word: its catalogue and its reviewed answers.
pub fn stated(files: &CompanyFiles) -> Result<Vec<String>, Vec<Diagnostic>> {
    let texts = Texts::of(files);
    let (Some(catalog), Some(faq)) = (&texts.catalog, &texts.faq) else {
        return Err(texts.into_errors());
    };
    Ok([catalog, faq].map(|it| it.text.clone()).into())
}

/// What is wrong with a company's documents, or looks wrong; warnings too.
pub fn check_documents(files: &CompanyFiles, catalog: &Catalog) -> Vec<Diagnostic> {
    let texts = Texts::of(files);
    let problems = texts.gather(catalog).problems.into_iter();
    problems.map(|it| texts.in_yaml(it)).collect()
}

/// The name and the text of the catalogue with the goods that are laid over it.
pub fn catalog_text(files: &CompanyFiles) -> Result<(String, String), Vec<Diagnostic>> {
    let mut texts = Texts::of(files);
    match texts.catalog.take() {
        Some(catalog) => Ok((catalog.name, catalog.text)),
        None => Err(texts.into_errors()),
    }
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
struct Texts<'a> {
    catalog: Option<Text>,
    faq: Option<Text>,
    playbook: Option<Text>,
    escalation_rules: Option<Text>,
    faq_rules: Option<Text>,
    library: Library,
    /// The folder of documents.
    documents: Option<PathBuf>,
    /// What was read of it last.
    before: Option<&'a Documents>,
    /// About what could not.
    unread: Vec<Diagnostic>,
}

impl Texts<'_> {
    fn of(files: &CompanyFiles) -> Self {
        match files {
            CompanyFiles::Embedded => Self::embedded(),
            CompanyFiles::Files {
                catalog,
                faq,
                playbook,
                escalation_rules,
                faq_rules,
                scripts_lib,
                documents,
                goods,
            } => Self::read(&FoundFiles {
                catalog: Some(catalog.clone()),
                faq: Some(faq.clone()),
                playbook: Some(playbook.clone()),
                escalation_rules: escalation_rules.clone(),
                faq_rules: faq_rules.clone(),
                scripts_lib: scripts_lib.clone(),
                documents: documents.clone(),
                goods: goods.clone(),
            }),
        }
    }

    fn read(found: &FoundFiles) -> Self {
        let mut texts = Self {
            documents: found.documents.clone(),
            ..Self::default()
        };
        let unread = &mut texts.unread;
        let mut read = |path: &Option<PathBuf>, read: fn(&Path) -> io::Result<String>| {
            let path = path.as_deref()?;
            let text = Text::read(path, read);
            text.map_err(|error| unread.push(unreadable(path, &error)))
                .ok()
        };
        texts.catalog = read(&found.catalog, |path| fs::read_to_string(path));
        texts.faq = read(&found.faq, |path| fs::read_to_string(path));
        texts.escalation_rules = read(&found.escalation_rules, read_script);
        texts.faq_rules = read(&found.faq_rules, read_script);
        match found.playbook.as_ref().map(which_playbook) {
            Some(Ok(file)) => texts.playbook = read(&Some(file), read_script),
            Some(Err(problem)) => unread.push(*problem),
            None => {}
        }
        if let Some(folder) = &found.scripts_lib {
            let (library, problems) = Library::read(folder);
            texts.library = library;
            let problems = problems.into_iter().map(|it| from_script(it, None));
            texts.unread.extend(problems);
        }
        texts.lay_goods(found.goods.as_deref());
        texts
    }

    /// Lays goods over the catalogue, where there are any. Without them there is no catalogue: the
    /// prices of its file alone are not those of today.
    fn lay_goods(&mut self, goods: Option<&GoodsFile>) {
        let Some(goods) = goods else { return };
        let Some(mut catalog) = self.catalog.take() else {
            return;
        };
        match goods::lay(goods, (&catalog.name, &catalog.text)) {
            Laid::Over(text) => {
                catalog.text = text;
                catalog.name = format!("{} with {}", catalog.name, goods.path.display());
                self.catalog = Some(catalog);
            }
            // What is wrong with the catalogue itself is told by whoever reads it.
            Laid::Nothing | Laid::NoBase => self.catalog = Some(catalog),
            Laid::Unreadable(error) => self.unread.push(unreadable(&goods.path, &error)),
            Laid::Wrong(problems) => {
                let problems = problems.into_iter();
                let told = problems.map(|it| Diagnostic::from_facts(it, None));
                self.unread.extend(told);
            }
        }
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
            escalation_rules: text("the demo's escalation.rhai", demo::ESCALATION),
            faq_rules: text("the demo's faq.rhai", demo::FAQ_RULES),
            ..Self::default()
        }
    }

    /// What comes of the playbook and the rules beside it, if it could be read.
    fn playbook<'a, T>(
        &'a self,
        compile: impl FnOnce(NamedScript<'a>, RuleScripts<'a>) -> Option<T>,
    ) -> Option<T> {
        compile(self.playbook.as_ref()?.named(), self.rules())
    }

    fn rules(&self) -> RuleScripts<'_> {
        RuleScripts {
            escalation: self.escalation_rules.as_ref().map(Text::named),
            faq: self.faq_rules.as_ref().map(Text::named),
        }
    }

    /// The company, if all of it is right.
    fn company(&self, playbook: RhaiPlaybook, models: &SmallModels) -> Option<Company> {
        let knowledge = self.knowledge(models)?;
        let (catalog, faq) = (knowledge.catalog(), knowledge.faq());
        let right = self.unread.is_empty() && playbook.check(&catalog, &faq).is_empty();
        right.then(|| Company::new(knowledge, playbook))
    }

    /// What catalogue and FAQ say, if both are right.
    fn knowledge(&self, models: &SmallModels) -> Option<Arc<dyn Knowledge>> {
        let (catalog, faq) = (self.catalog.as_ref()?, self.faq.as_ref()?);
        let knowledge = ShopKnowledge::load(catalog.named(), faq.named()).ok()?;
        let gathered = self.gather(&knowledge.catalog());
        log::documents_look_wrong(&gathered.problems);
        let mut knowledge = knowledge
            .with_documents(Arc::new(gathered.documents))
            .with_trained(models.trained.clone())
            .with_moods(models.moods.clone());
        if let Some(meaning) = &models.meaning
            && let Err(error) = knowledge.learn_meaning(meaning.clone())
        {
            log::not_encoded(&error);
        }
        Some(Arc::new(knowledge))
    }

    /// The documents, and what is wrong with them, which keeps nothing else from serving.
    fn gather(&self, catalog: &Catalog) -> Gathered {
        let Some(folder) = &self.documents else {
            return Gathered::default();
        };
        let nothing = Documents::default();
        let shelf = documents::read(folder, self.before.unwrap_or(&nothing));
        let mut gathered = gather(shelf.read, catalog);
        gathered.problems.splice(0..0, shelf.problems);
        gathered
    }

    /// The facts, whatever is wrong with the scripts.
    fn facts(mut self, models: &SmallModels) -> Result<Arc<dyn Knowledge>, Vec<Diagnostic>> {
        if let Some(knowledge) = self.knowledge(models) {
            return Ok(knowledge);
        }
        self.playbook = None;
        self.escalation_rules = None;
        self.faq_rules = None;
        self.library = Library::empty();
        Err(self.into_errors())
    }

    /// Why there is no company.
    fn into_errors(mut self) -> Vec<Diagnostic> {
        // They are none of the reasons.
        self.documents = None;
        let problems = self.into_problems().into_iter();
        problems.filter(Diagnostic::is_error).collect()
    }

    /// Every problem of every file, each looked for whatever the others have.
    fn into_problems(self) -> Vec<Diagnostic> {
        let facts = consultant_knowledge::examine(
            self.catalog.as_ref().map(Text::named),
            self.faq.as_ref().map(Text::named),
        );
        let scripts = consultant_playbook::examine(
            self.playbook.as_ref().map(Text::named),
            self.rules(),
            &self.library,
            facts.catalog.as_ref(),
            facts.faq.as_ref(),
        );
        let catalog = facts.catalog.as_ref();
        let documents = catalog.map_or_else(Vec::new, |it| self.gather(it).problems);
        let facts = facts.problems.into_iter().chain(documents);
        let facts = facts.map(|it| self.in_yaml(it));
        let scripts = scripts.into_iter().map(|it| self.in_script(it));
        let found: Vec<Diagnostic> = facts.chain(scripts).collect();
        self.unread.into_iter().chain(found).collect()
    }

    fn in_script(&self, problem: consultant_playbook::Problem) -> Diagnostic {
        let texts = [&self.playbook, &self.escalation_rules, &self.faq_rules];
        let mut texts = texts.into_iter().flatten();
        let file = texts.find(|text| text.name == problem.file);
        from_script(problem, file)
    }

    fn in_yaml(&self, problem: consultant_knowledge::Problem) -> Diagnostic {
        let texts = [&self.catalog, &self.faq];
        let mut texts = texts.into_iter().flatten();
        let file = texts.find(|text| text.name == problem.file);
        Diagnostic::from_facts(problem, file.map(|file| file.text.clone()))
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

pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic {
        file: path.display().to_string(),
        message: format!("cannot be read: {error}"),
        hint: Some("check the path in the config, and that the file may be read".into()),
        ..Diagnostic::default()
    }
}

/// The playbook's file; a problem where nobody can tell which one it is.
fn which_playbook(place: &PlaybookPlace) -> Result<PathBuf, Box<Diagnostic>> {
    let files = match place.file() {
        Ok(file) => return Ok(file),
        Err(files) => files,
    };
    let names = files.iter().filter_map(|file| file.file_name());
    let names: Vec<_> = names.map(|it| format!("`{}`", it.display())).collect();
    let message = match &*names {
        [] => "holds no playbook".to_owned(),
        names => format!("holds {} playbooks: {}", names.len(), names.join(", ")),
    };
    Err(Box::new(Diagnostic {
        file: place.folder().display().to_string(),
        message,
        hint: Some("leave one there, or name it: company.playbook".to_owned()),
        ..Diagnostic::default()
    }))
}

/// `file` is the script with the problem, where it was read here; else it is one that is imported.
fn from_script(problem: consultant_playbook::Problem, file: Option<&Text>) -> Diagnostic {
    let text = file.map(|file| file.text.clone());
    // Read once more for the line that is shown; without it the message stands alone.
    let text = text.or_else(|| fs::read_to_string(&problem.file).ok());
    Diagnostic::from_script(problem, text)
}
