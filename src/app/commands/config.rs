//! `consultant config`: every setting with its meaning, and the settings in force.

use std::process::ExitCode;

use crate::{
    cli::ConfigCommand,
    config::{Sources, example_yaml, load},
    diagnostics::Diagnostic,
    failure::Failure,
    output,
};

/// Prints settings.
pub fn run(command: ConfigCommand, sources: &Sources) -> Result<ExitCode, Failure> {
    match command {
        ConfigCommand::Example => output::print(&example_yaml()),
        ConfigCommand::Show(args) => {
            let config = load(sources).map_err(Diagnostic::from_config)?;
            if args.json {
                output::print_json(&config);
                return Ok(ExitCode::SUCCESS);
            }
            let text = serde_yaml::to_string(&config).map_err(|error| {
                Failure::new(
                    format!("the settings cannot be shown: {error}"),
                    "this is a bug",
                )
            })?;
            output::print(&text);
        }
    }
    Ok(ExitCode::SUCCESS)
}
