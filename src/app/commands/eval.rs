//! `consultant eval`: measurements of the whole consultant.

use std::process::ExitCode;

use super::playbook::{bar, real_model, write};
use crate::{
    cli::{EvalCommand, EvalTruthArgs, Writer},
    company,
    config::Config,
    evaluation::truth,
    failure::{Failure, because},
    house::{engine_settings, session_timeout},
    model::Backends,
    output,
    playtest::Stage,
};

/// Measures.
pub async fn run(
    command: EvalCommand,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    match command {
        EvalCommand::Truth(args) => truth(args, config, backends).await,
    }
}

/// Exits with 1 where something reached a customer that nobody stated.
async fn truth(
    args: EvalTruthArgs,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    let suite = truth::read(&args.suite)?;
    let model = match args.replies {
        Writer::Model => Some(real_model(config, backends).await?),
        Writer::Rules => None,
    };
    let stage = Stage {
        company: company::load(&config.company)?,
        trace: None,
        settings: engine_settings(config),
        languages: config.model.languages.clone(),
        session_timeout: session_timeout(config),
        model,
    };
    let stated = company::stated(&config.company)?;
    let stated: Vec<&str> = stated.iter().map(String::as_str).collect();
    let wanted = truth::Wanted {
        words: &args.words,
        varied: !args.by_hand,
    };
    let bar = bar(args.json.json);
    let truth = truth::measure(suite, wanted, (&stated, stage), |done, all| {
        bar.set_length(u64::try_from(all).unwrap_or_default());
        bar.set_position(u64::try_from(done).unwrap_or_default());
    })
    .await?;
    bar.finish_and_clear();
    if truth.is_empty() {
        let what = format!("no case has {:?} in its name", args.words);
        return Err(Failure::new(
            what,
            "leave the words out to play all of them",
        ));
    }
    if let Some(file) = &args.html {
        let failed = |error: minijinja::Error| because("the page", &error, "this is a bug");
        write(file, &truth.html().map_err(failed)?)?;
    }
    if args.json.json {
        output::print_json(&truth);
    } else {
        output::print(&truth.render(args.examples));
    }
    Ok(if truth.invented() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
