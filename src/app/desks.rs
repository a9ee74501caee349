//! The people who answer besides the bot, as `config/desk.yaml` says: read at the start, and again
//! whenever the file changes. A file that is wrong is told, and what was right before counts on.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use consultant_core::desk::{DeskBook, Desks};
use consultant_knowledge::load_desks;
use tokio_util::sync::CancellationToken;

use crate::{company::unreadable, config::Config, diagnostics::Diagnostic, failure::Failure, log};

/// How often the file is looked at: whoever is taken off the list has no access from then on.
const EVERY: Duration = Duration::from_secs(1);

/// The longest file, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Who answers, as the config says; nobody where it says nothing.
pub fn open(config: &Config) -> Result<DeskBook, Failure> {
    match &config.desk {
        Some(file) => Ok(DeskBook::of(read(file)?)),
        None => Ok(DeskBook::default()),
    }
}

/// Reads a file, or says everything that is wrong with it.
pub fn read(file: &Path) -> Result<Desks, Vec<Diagnostic>> {
    let text = text_of(file).map_err(|error| vec![unreadable(file, &error)])?;
    let loaded = load_desks(&file.display().to_string(), &text);
    let told = |problem| Diagnostic::from_facts(problem, Some(text.clone()));
    loaded.map_err(|problems| problems.into_iter().map(told).collect())
}

fn text_of(file: &Path) -> std::io::Result<String> {
    let bytes = std::fs::metadata(file)?.len();
    if bytes > MAX_BYTES {
        let message = format!("it has {bytes} bytes; at most {MAX_BYTES} are read");
        return Err(std::io::Error::new(
            std::io::ErrorKind::FileTooLarge,
            message,
        ));
    }
    std::fs::read_to_string(file)
}

/// The same people at the places that this process listens to: another one counts from the next start.
fn at_known_places(desks: Desks, before: &Desks) -> Desks {
    let mut teams = desks.teams;
    teams.retain(|_, team| before.places.contains(&team.place));
    Desks {
        places: before.places.clone(),
        teams,
        ..desks
    }
}

/// Looks at the file until `stop`.
pub async fn watch(file: PathBuf, book: DeskBook, stop: CancellationToken) {
    let mut seen = text_of(&file).ok();
    while !stop.is_cancelled() {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
        let path = file.clone();
        let looked = tokio::task::spawn_blocking(move || (text_of(&path).ok(), read(&path))).await;
        let Ok((text, desks)) = looked else { return };
        if text == seen {
            continue;
        }
        seen = text;
        match desks {
            Ok(desks) => {
                log::desks_renewed(desks.agents.len());
                book.exchange(at_known_places(desks, &book.now()));
            }
            Err(problems) => log::desks_not_renewed(&problems),
        }
    }
}
