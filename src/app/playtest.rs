//! Conversations that stand beside a playbook and say what must come of them: played through the
//! whole engine, over a store in memory, a clock that stands still, and a model that writes what
//! the test says. Nothing reaches a customer, a network or a disk.
//!
//! Start at [`case`], the form of a file; [`play`] plays it, [`check`] judges what was seen.

mod case;
mod check;
mod coverage;
mod house;
mod model;
mod places;
mod play;
mod report;
mod simulate;

use std::{path::Path, sync::Arc};

use consultant_core::engine::EngineSettings;
use futures::{StreamExt, stream};

use crate::{company::Company, diagnostics::Diagnostic};

pub use report::Report;
pub use simulate::{Simulation, Wanted, simulate};

use case::Case;
use play::Played;

/// The demo's own conversations, compiled in beside its playbook.
const DEMO: (&str, &str) = ("scripts/tests/demo.yaml", crate::starters::shop::TESTS);

/// Where the conversations are.
#[derive(Clone, Copy, Debug)]
pub enum Tests<'a> {
    /// Those of the demo company.
    Demo,
    /// Every `*.yaml` file of a folder.
    Folder(&'a Path),
}

/// What to play them with.
pub struct Stage {
    /// Whose rules and facts.
    pub company: Company,
    /// How replies are made.
    pub settings: EngineSettings,
    /// Languages in which a scripted model may write.
    pub languages: Vec<consultant_core::Language>,
}

/// Plays every conversation whose name holds these words, as many at a time as there are cores.
/// Problems of the files are told instead, all of them at once.
pub async fn run(tests: Tests<'_>, words: &str, stage: Stage) -> Result<Report, Vec<Diagnostic>> {
    let cases = match tests {
        Tests::Demo => case::read_texts(&[DEMO])?,
        Tests::Folder(folder) => case::read_folder(folder)?,
    };
    let cases: Vec<Case> = cases
        .into_iter()
        .filter(|case| case.name.contains(words))
        .collect();
    let stage = Arc::new(stage);
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let playing = cases.into_iter().map(|case| {
        let stage = Arc::clone(&stage);
        // A task of its own, so that it may run on a core of its own.
        async move {
            let playing = tokio::spawn(play::play(case.clone(), stage)).await;
            playing.unwrap_or_else(|panic| Played::broken(&case, &panic))
        }
    });
    let played: Vec<Played> = stream::iter(playing).buffered(at_once).collect().await;
    Ok(Report::new(played, &stage.company.stages))
}
