//! Which company serves: the operator's files, or the demo that is compiled in.
//!
//! The demo serves only as a whole. Mixing its answers with another company's catalogue would
//! promise things in that company's name.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{
    goods::GoodsFile,
    home::{Home, files_with_ending},
    reader::Reader,
};

/// Where the company's facts and rules come from. Every file but the playbook was there when it was
/// looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CompanyFiles {
    /// The demo company, compiled into the program.
    Embedded,
    /// The operator's own.
    Files {
        /// The catalogue.
        catalog: PathBuf,
        /// The reviewed answers.
        faq: PathBuf,
        /// The playbook.
        playbook: PlaybookPlace,
        /// The rules that say when a person is needed.
        escalation_rules: Option<PathBuf>,
        /// The rules that say what becomes a reviewed answer.
        faq_rules: Option<PathBuf>,
        /// The folder of scripts that the playbook may import.
        scripts_lib: Option<PathBuf>,
        /// The folder of documents, which may not be there.
        documents: Option<PathBuf>,
        /// What is laid over the catalogue.
        goods: Option<Box<GoodsFile>>,
    },
}

impl CompanyFiles {
    /// The catalogue's file; none of the demo.
    pub fn catalog(&self) -> Option<&Path> {
        match self {
            Self::Embedded => None,
            Self::Files { catalog, .. } => Some(catalog),
        }
    }

    /// What is laid over the catalogue, if anything is.
    pub fn goods(&self) -> Option<&GoodsFile> {
        match self {
            Self::Embedded => None,
            Self::Files { goods, .. } => goods.as_deref(),
        }
    }
}

/// Where the playbook is. It may be gone, or be one of two for a while: what was published serves
/// on, and a house that cannot start for it would serve nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PlaybookPlace {
    /// This file.
    File(PathBuf),
    /// The only one in this folder, which is asked for each time.
    OnlyOneIn(PathBuf),
}

impl PlaybookPlace {
    /// The folder that holds it.
    pub fn folder(&self) -> &Path {
        match self {
            Self::File(file) => file.parent().unwrap_or(Path::new("")),
            Self::OnlyOneIn(folder) => folder,
        }
    }

    /// The file, or all that are there where it is none or more than one.
    pub fn file(&self) -> Result<PathBuf, Vec<PathBuf>> {
        match self {
            Self::File(file) => Ok(file.clone()),
            Self::OnlyOneIn(folder) => {
                let one = <[PathBuf; 1]>::try_from(files_with_ending(folder, "rhai"));
                one.map(|[playbook]| playbook)
            }
        }
    }
}

/// What was found of a company's own files. What is missing has a problem of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundFiles {
    /// The catalogue.
    pub catalog: Option<PathBuf>,
    /// The reviewed answers.
    pub faq: Option<PathBuf>,
    /// The playbook.
    pub playbook: Option<PlaybookPlace>,
    /// The rules that say when a person is needed; a company may do without.
    pub escalation_rules: Option<PathBuf>,
    /// The rules that say what becomes a reviewed answer; a company may do without.
    pub faq_rules: Option<PathBuf>,
    /// The folder of scripts that the playbook may import; a company may do without.
    pub scripts_lib: Option<PathBuf>,
    /// The folder of documents; a company may do without.
    pub documents: Option<PathBuf>,
    /// What is laid over the catalogue; a company may do without.
    pub goods: Option<Box<GoodsFile>>,
}

/// A company that serves, or what there is of one that cannot.
pub(super) struct Resolved {
    pub(super) files: Option<CompanyFiles>,
    /// Empty where the demo serves.
    pub(super) found: FoundFiles,
}

/// Reads each key on its own, so that a wrong one does not hide the files of the others.
pub(super) fn resolve(home: &Home, reader: &mut Reader) -> Resolved {
    let catalog = part(
        "company.catalog",
        home.existing("config/catalog.yaml"),
        reader,
    );
    let faq = part("company.faq", home.existing("config/faq.yaml"), reader);
    let playbook = playbook(home, reader);
    let escalation_rules = part(
        "company.escalation_rules",
        home.existing("scripts/escalation.rhai"),
        reader,
    );
    let faq_rules = part(
        "company.faq_rules",
        home.existing("scripts/faq.rhai"),
        reader,
    );
    let lib = part("company.scripts_lib", home.existing("scripts/lib"), reader);
    let documents = documents(&faq, reader);
    let optional = [&escalation_rules, &faq_rules, &lib, &documents];
    let any_is_configured = optional
        .iter()
        .any(|part| !matches!(part, Part::Absent | Part::AtHome(_)));
    let own = playbook.is_own() || catalog.is_own() || faq.is_own();
    if !own && !any_is_configured {
        return Resolved {
            files: Some(CompanyFiles::Embedded),
            found: FoundFiles::default(),
        };
    }
    let all_are_right = !optional.iter().any(|part| matches!(part, Part::Wrong));
    let found = FoundFiles {
        catalog: catalog.required("company.catalog", "a catalogue", reader),
        faq: faq.required("company.faq", "an FAQ", reader),
        playbook: playbook.required("company.playbook", "a playbook", reader),
        escalation_rules: escalation_rules.path(),
        faq_rules: faq_rules.path(),
        scripts_lib: lib.path(),
        documents: documents.path(),
        goods: None,
    };
    Resolved {
        files: found.complete().filter(|_| all_are_right),
        found,
    }
}

impl FoundFiles {
    fn complete(&self) -> Option<CompanyFiles> {
        let found = self.clone();
        Some(CompanyFiles::Files {
            catalog: found.catalog?,
            faq: found.faq?,
            playbook: found.playbook?,
            escalation_rules: found.escalation_rules,
            faq_rules: found.faq_rules,
            scripts_lib: found.scripts_lib,
            documents: found.documents,
            goods: found.goods,
        })
    }
}

/// One file or folder of the company.
enum Part<P = PathBuf> {
    Configured(P),
    /// Not configured, but where it is looked for.
    AtHome(P),
    Absent,
    /// Configured, but not as a path or not there; the problem is told already.
    Wrong,
}

/// A file that may be named, or lie at home; what is named and not there is a problem.
pub(super) fn file_at(key: &str, at_home: Option<PathBuf>, reader: &mut Reader) -> Option<PathBuf> {
    part(key, at_home, reader).path()
}

fn part(key: &str, at_home: Option<PathBuf>, reader: &mut Reader) -> Part {
    let Some(configured) = reader.read::<Option<PathBuf>>(key) else {
        return Part::Wrong;
    };
    match (configured, at_home) {
        (Some(path), _) if path.exists() => Part::Configured(path),
        (Some(path), _) => {
            let message = format!("names `{}`, which is not there", path.display());
            let hint = "a relative path starts at the folder of the file that holds it, \
                        or at the working directory for a variable";
            reader.problem(key, message, hint);
            Part::Wrong
        }
        (None, Some(path)) => Part::AtHome(path),
        (None, None) => Part::Absent,
    }
}

impl<P> Part<P> {
    fn path(self) -> Option<P> {
        match self {
            Self::Configured(path) | Self::AtHome(path) => Some(path),
            Self::Absent | Self::Wrong => None,
        }
    }

    fn required(self, key: &str, what: &str, reader: &mut Reader) -> Option<P> {
        if matches!(self, Self::Absent) {
            let message = format!("is not set, and the home folder does not hold {what}");
            let hint = "a company needs its catalogue, its FAQ and its playbook; without any \
                        of them the demo company serves";
            reader.problem(key, message, hint);
        }
        self.path()
    }
}

/// The folder of documents; where none is named, the one beside the reviewed answers, which may be
/// made later.
fn documents(faq: &Part, reader: &mut Reader) -> Part {
    const KEY: &str = "company.documents";
    let beside = match faq {
        Part::Configured(faq) | Part::AtHome(faq) => faq.parent().map(|it| it.join("documents")),
        Part::Absent | Part::Wrong => None,
    };
    let folder = part(KEY, beside.filter(|it| it.is_dir() || !it.exists()), reader);
    if let Part::Configured(path) = &folder
        && !path.is_dir()
    {
        let message = format!("names `{}`, which is no folder", path.display());
        reader.problem(KEY, message, "name the folder that the documents lie in");
        return Part::Wrong;
    }
    folder
}

/// The playbook, whether it is there or not: who only has an empty folder for it has no company.
fn playbook(home: &Home, reader: &mut Reader) -> Part<PlaybookPlace> {
    let Some(configured) = reader.read::<Option<PathBuf>>("company.playbook") else {
        return Part::Wrong;
    };
    match (configured, home.existing("scripts/playbooks")) {
        (Some(file), _) => Part::Configured(PlaybookPlace::File(file)),
        (None, Some(folder)) => Part::AtHome(PlaybookPlace::OnlyOneIn(folder)),
        (None, None) => Part::Absent,
    }
}

impl Part<PlaybookPlace> {
    fn is_own(&self) -> bool {
        match self {
            Self::Configured(_) | Self::Wrong => true,
            Self::AtHome(place) => place
                .file()
                .map_or_else(|files| !files.is_empty(), |_| true),
            Self::Absent => false,
        }
    }
}

impl Part {
    fn is_own(&self) -> bool {
        !matches!(self, Self::Absent)
    }
}
