//! `consultant health`: for container health checks and monitors.

use std::process::ExitCode;

use serde::Serialize;

use crate::{
    cli::JsonArgs,
    clock::SystemClock,
    config::Config,
    failure::Failure,
    health::{self, Health, Unwell},
    output,
};

/// What programs are told, who look at `well` first.
#[derive(Serialize)]
#[serde(untagged)]
enum Told {
    Well {
        well: bool,
        #[serde(flatten)]
        health: Health,
    },
    Unwell {
        well: bool,
        reason: String,
        hint: &'static str,
    },
}

/// Exits with 0 while `serve` runs and is well.
pub fn run(args: JsonArgs, config: &Config) -> Result<ExitCode, Failure> {
    match health::check(&config.data_dir, &SystemClock) {
        Ok(health) if args.json => output::print_json(&Told::Well { well: true, health }),
        Ok(health) => {
            let channels: Vec<&str> = health.channels.keys().map(String::as_str).collect();
            output::print(&format!(
                "well: {} (process {})\n",
                channels.join(", "),
                health.process_id
            ));
        }
        Err(unwell) if args.json => {
            output::print_json(&Told::Unwell {
                well: false,
                reason: unwell.to_string(),
                hint: hint(&unwell),
            });
            return Ok(ExitCode::FAILURE);
        }
        Err(unwell) => return Err(Failure::new(unwell.to_string(), hint(&unwell))),
    }
    Ok(ExitCode::SUCCESS)
}

fn hint(unwell: &Unwell) -> &'static str {
    match unwell {
        Unwell::NotRunning(_) => "start `consultant serve` with the same data_dir",
        Unwell::Stale { .. } => "the process hangs or was killed; look at its log and restart it",
        Unwell::ChannelStopped(_) => "the log says why; a wrong token is the usual reason",
        Unwell::Unreadable { .. } => "check who owns the data folder",
    }
}
