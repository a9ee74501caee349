//! Which company serves: the operator's files, or the demo that is compiled in.
//!
//! The demo serves only as a whole. Mixing its answers with another company's catalogue would
//! promise things in that company's name.

use std::path::PathBuf;

use serde::Serialize;

use super::{
    home::{Home, files_with_ending},
    problem::Told,
    reader::Reader,
    sections::CompanyKeys,
};

/// Where the company's facts and rules come from. Every file was there when it was looked for.
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
        playbook: PathBuf,
        /// The folder of scripts that the playbook may import.
        scripts_lib: Option<PathBuf>,
    },
}

pub(super) fn resolve(keys: CompanyKeys, home: &Home, reader: &mut Reader) -> Option<CompanyFiles> {
    let configured = [&keys.catalog, &keys.faq, &keys.playbook, &keys.scripts_lib];
    let any_configured = configured.iter().any(|key| key.is_some());
    let catalog = part(
        "company.catalog",
        keys.catalog,
        home.existing("config/catalog.yaml"),
        reader,
    );
    let faq = part(
        "company.faq",
        keys.faq,
        home.existing("config/faq.yaml"),
        reader,
    );
    let playbook = part(
        "company.playbook",
        keys.playbook,
        only_playbook(home),
        reader,
    );
    let lib = part(
        "company.scripts_lib",
        keys.scripts_lib,
        home.existing("scripts/lib"),
        reader,
    );
    let parts = [&catalog, &faq, &playbook];
    if !any_configured && parts.iter().all(|part| matches!(part, Part::Absent)) {
        return Some(CompanyFiles::Embedded);
    }
    let catalog = catalog.required("company.catalog", "a catalogue", reader);
    let faq = faq.required("company.faq", "an FAQ", reader);
    let playbook = playbook.required("company.playbook", "exactly one playbook", reader);
    let scripts_lib = lib.optional().ok()?;
    Some(CompanyFiles::Files {
        catalog: catalog?,
        faq: faq?,
        playbook: playbook?,
        scripts_lib,
    })
}

/// One file or folder of the company.
enum Part {
    Found(PathBuf),
    Absent,
    /// Configured, but not there; the problem is told already.
    Wrong,
}

fn part(
    key: &str,
    configured: Option<PathBuf>,
    found: Option<PathBuf>,
    reader: &mut Reader,
) -> Part {
    match (configured, found) {
        (Some(path), _) if path.exists() => Part::Found(path),
        (Some(path), _) => {
            let message = format!("names `{}`, which is not there", path.display());
            let hint = "a relative path starts at the folder of the file that holds it, \
                        or at the working directory for a variable";
            reader.problem(key, message, hint);
            Part::Wrong
        }
        (None, Some(path)) => Part::Found(path),
        (None, None) => Part::Absent,
    }
}

impl Part {
    fn required(self, key: &str, what: &str, reader: &mut Reader) -> Option<PathBuf> {
        match self {
            Self::Found(path) => Some(path),
            Self::Wrong => None,
            Self::Absent => {
                let message = format!("is not set, and the home folder does not hold {what}");
                let hint = "a company needs its catalogue, its FAQ and its playbook; without any \
                            of them the demo company serves";
                reader.problem(key, message, hint);
                None
            }
        }
    }

    fn optional(self) -> Result<Option<PathBuf>, Told> {
        match self {
            Self::Found(path) => Ok(Some(path)),
            Self::Absent => Ok(None),
            Self::Wrong => Err(Told),
        }
    }
}

/// The playbook, when there is no choice.
fn only_playbook(home: &Home) -> Option<PathBuf> {
    let folder = home.existing("scripts/playbooks")?;
    <[PathBuf; 1]>::try_from(files_with_ending(&folder, "rhai"))
        .ok()
        .map(|[playbook]| playbook)
}
