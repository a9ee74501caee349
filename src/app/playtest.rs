//! Conversations that stand beside a playbook and say what must come of them: played through the
//! whole engine, over a store in memory, a clock that stands still, and a model that writes what
//! the test says. Nothing reaches a customer, a network or a disk.
//!
//! Start at [`case`], the form of a file; [`play`] plays it, [`check`] judges what was seen. Cases of
//! FAQ rules stand in the same files: [`faq`].

mod again;
mod case;
mod check;
mod coverage;
mod done;
mod faq;
mod house;
mod model;
mod places;
mod play;
mod record;
mod replay;
mod report;
mod simulate;
mod talks;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use consultant_core::{Language, engine::EngineSettings, ports::LanguageModel};
use consultant_playbook::Trace;
use futures::{StreamExt, stream};

use crate::{company::Company, config::CompanyFiles, diagnostics::Diagnostic};

pub(crate) use again::{Again, PlayedTurn};
pub use record::Recording;
pub use replay::{Base, Recorded, Replay, Replayed, Replayer, Sides, Versions, replay_all};
pub use report::Report;
pub use simulate::{Simulation, Wanted, simulate};
pub use talks::{Replied, Talk, hold};

use case::Cases;
use play::Played;

/// How long sessions live where a ledger is played again: where one had expired stands in it.
const AS_RECORDED: Duration = Duration::from_hours(24 * 365 * 100);

/// The demo's own conversations, compiled in beside its playbook.
const DEMO: (&str, &str) = ("scripts/tests/demo.yaml", crate::starters::shop::TESTS);

/// Where the conversations are.
#[derive(Clone, Copy, Debug)]
pub enum Tests<'a> {
    /// Those of the demo company.
    Demo,
    /// Every `*.yaml` file of a folder.
    Folder(&'a Path),
    /// One file, by its name and text.
    Text(&'a str, &'a str),
    /// There are none.
    None,
}

/// The folder of a company's conversations, which need not be there: `scripts/tests` for a playbook
/// in `scripts/playbooks`. None for the demo, whose conversations are compiled in.
pub fn folder_of_tests(company: &CompanyFiles) -> Option<PathBuf> {
    match company {
        CompanyFiles::Embedded => None,
        CompanyFiles::Files { playbook, .. } => {
            let scripts = playbook.folder().parent();
            Some(scripts.unwrap_or(Path::new("")).join("tests"))
        }
    }
}

/// What to play them with.
#[derive(Clone)]
pub struct Stage {
    /// Whose rules and facts.
    pub company: Company,
    /// Tells which lines of its scripts ran, where they are watched.
    pub trace: Option<Arc<Trace>>,
    /// How replies are made.
    pub settings: EngineSettings,
    /// Languages in which a scripted model may write.
    pub languages: Vec<Language>,
    /// How long a session lives after its last turn.
    pub session_timeout: Duration,
    /// Writes instead of a scripted one.
    pub model: Option<Arc<dyn LanguageModel>>,
}

/// Plays every conversation and every case of FAQ rules whose name holds these words. As many
/// conversations at a time as there are cores; with a real model one after another, because it has
/// the cores for itself.
/// Problems of the files are told instead, all of them at once.
pub async fn run(tests: Tests<'_>, words: &str, stage: Stage) -> Result<Report, Vec<Diagnostic>> {
    let cases = match tests {
        Tests::Demo => case::read_texts(&[DEMO])?,
        Tests::Folder(folder) => case::read_folder(folder)?,
        Tests::Text(file, text) => case::read_texts(&[(file, text)])?,
        Tests::None => Cases::default(),
    };
    let Cases {
        mut conversations,
        mut faq_rules,
    } = cases;
    conversations.retain(|case| case.name.contains(words));
    faq_rules.retain(|case| case.name.contains(words));
    let stage = Arc::new(stage);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let at_once = if stage.model.is_some() { 1 } else { cores };
    let playing = conversations.into_iter().map(|case| {
        let stage = Arc::clone(&stage);
        // A task of its own, so that it may run on a core of its own.
        async move {
            let playing = tokio::spawn(play::play(case.clone(), stage)).await;
            playing.unwrap_or_else(|panic| Played::broken(&case, &panic))
        }
    });
    let mut played: Vec<Played> = stream::iter(playing).buffered(at_once).collect().await;
    let rules = stage.company.faq_rules.as_deref();
    played.extend(faq_rules.iter().map(|case| faq::play(case, rules)));
    let scripts = stage.trace.as_ref().map(|trace| trace.scripts());
    Ok(Report::new(played, &stage.company.stages, scripts))
}

#[cfg(test)]
mod strange;
#[cfg(test)]
mod tests;
