//! `consultant playbook simulate`.

use std::process::ExitCode;

use super::{bar, real_model};
use crate::{
    cli::{PlaybookSimulateArgs, Writer},
    company,
    config::{CompanyFiles, Config},
    failure::Failure,
    house::{engine_settings, session_timeout},
    meaning,
    model::Backends,
    output,
    playtest::{Stage, Wanted, simulate},
};

/// Plays every persona; a file of them stands beside the playbook's folder.
pub(super) async fn run(
    args: PlaybookSimulateArgs,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    let wants_model = args.customers == Writer::Model || args.replies == Writer::Model;
    let model = if wants_model {
        Some(real_model(config, backends).await?)
    } else {
        None
    };
    let of = |writer: Writer| model.clone().filter(|_| writer == Writer::Model);
    let models = meaning::open(config, backends)?;
    let stage = Stage {
        company: company::load(&config.company, &models)?,
        settings: engine_settings(config),
        languages: Vec::new(),
        session_timeout: session_timeout(config),
        trace: None,
        model: of(args.replies),
    };
    let beside = match &config.company {
        CompanyFiles::Embedded => None,
        CompanyFiles::Files { .. } => {
            let tests = crate::playtest::folder_of_tests(&config.company);
            tests.map(|tests| tests.with_file_name("personas.yaml"))
        }
    };
    let personas = args.personas.clone().or(beside);
    let wanted = Wanted {
        personas: personas.as_deref(),
        words: &args.words,
        times: args.times,
        seed: args.seed,
        voice: of(args.customers),
    };
    let bar = bar(args.json.json);
    let simulation = simulate(wanted, stage, |done, all| {
        bar.set_length(u64::try_from(all).unwrap_or_default());
        bar.set_position(u64::try_from(done).unwrap_or_default());
    })
    .await?;
    bar.finish_and_clear();
    if simulation.is_empty() {
        let what = format!("no persona has {:?} in its name", args.words);
        return Err(Failure::new(
            what,
            "leave the words out to play all of them",
        ));
    }
    if args.json.json {
        output::print_json(&simulation);
    } else {
        output::print(&simulation.render());
    }
    let fine = !simulation.invents() && simulation.least_reached() >= args.least_reached;
    Ok(if fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
