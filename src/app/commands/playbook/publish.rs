//! `consultant playbook publish`: the files become what customers get, if they check and their own
//! conversations come out as they should.

use std::process::ExitCode;

use consultant_core::{ReleaseEvent, ReleaseStep, ports::WholeStore};
use consultant_knowledge::SmallModels;

use super::{
    back::ended,
    releases::{decisions, refused, store, unreadable},
};
use crate::{
    cli::PlaybookPublishArgs,
    config::Config,
    failure::Failure,
    output,
    release::{Share, Wish, publish, spoke},
};

/// Publishes for everybody, or for a share.
pub(super) async fn run(
    args: PlaybookPublishArgs,
    (config, models): (&Config, &SmallModels),
    operator: &str,
) -> Result<ExitCode, Failure> {
    let store = store(config).await?;
    let wish = Wish {
        share: args.share.map(|percent| Share {
            percent,
            judged_after_minutes: args.judged_after,
        }),
        overridden: args.overridden,
    };
    let decisions = decisions(&*store, &args.decision, operator);
    let before = decisions.releases().await.map_err(unreadable)?;
    let published = publish((config, models), &decisions, &wish).await;
    let event = published.map_err(refused)?;
    let mut words = words(&event);
    if facts_changed(&*store, &event).await? {
        words.push_str(FACTS_CHANGED);
    }
    if let Some(trial) = before.trial() {
        words.extend([ended(trial).trim_start(), "\n"]);
    }
    output::tell(args.decision.json.json, &event, &words);
    Ok(ExitCode::SUCCESS)
}

const FACTS_CHANGED: &str = "Catalogue or FAQ were changed since the last publishing: a running \
                             `consultant serve` takes them in by itself, and does not serve a \
                             version that needs others than it has.\n";

/// Whether it was proven with other facts than the one before.
async fn facts_changed(store: &dyn WholeStore, event: &ReleaseEvent) -> Result<bool, Failure> {
    let events = store.releases(0).await.map_err(unreadable)?;
    let mut before = events.iter().rev().filter(|it| it.number < event.number);
    let before = before.find_map(|it| it.what.proof());
    let changed = before.zip(event.what.proof());
    Ok(changed.is_some_and(|(old, new)| !old.facts.is_empty() && old.facts != new.facts))
}

fn words(event: &ReleaseEvent) -> String {
    match &event.what {
        ReleaseStep::TrialBegan {
            version,
            percent,
            proof,
            ..
        } => format!(
            "{version} is on trial ({}): {percent} of a hundred who begin a conversation get it \
             from now on.\n`consultant playbook results` shows how it does, `consultant playbook \
             promote` gives it to everybody, `consultant playbook stop` ends it.\n",
            spoke(proof)
        ),
        ReleaseStep::Published { version, proof } => format!(
            "{version} is live ({}). Whoever begins a conversation gets it; running ones go on \
             with theirs.\n`consultant playbook rollback` takes it back.\n",
            spoke(proof)
        ),
        _ => String::new(),
    }
}
