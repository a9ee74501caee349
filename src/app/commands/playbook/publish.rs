//! `consultant playbook publish`: the files become what customers get, if they check and their own
//! conversations come out as they should.

use std::process::ExitCode;

use consultant_core::{ReleaseEvent, ReleaseStep};

use super::releases::{decisions, refused, store};
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
    config: &Config,
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
    let published = publish(config, &decisions, &wish).await;
    let event = published.map_err(refused)?;
    output::tell(args.decision.json.json, &event, &words(&event));
    Ok(ExitCode::SUCCESS)
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
