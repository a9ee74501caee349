//! `consultant health`: for container health checks and monitors.

use std::process::ExitCode;

use serde::Serialize;

use crate::{
    cli::JsonArgs,
    clock::SystemClock,
    config::Config,
    failure::Failure,
    health::{self, ChannelHealth, Health, Unwell},
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
            let channels: Vec<String> = health.channels.iter().map(told).collect();
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

fn told((name, channel): (&String, &ChannelHealth)) -> String {
    match channel.unreadable {
        0 => name.clone(),
        1 => format!("{name} (1 update could not be read; a newer version may)"),
        count => format!("{name} ({count} updates could not be read; a newer version may)"),
    }
}

fn hint(unwell: &Unwell) -> &'static str {
    match unwell {
        Unwell::NotRunning(_) => "start `consultant serve` with the same data_dir",
        Unwell::Stale { .. } => "the process hangs or was killed; look at its log and restart it",
        Unwell::ChannelStopped(_) => "the log says why; a wrong token is the usual reason",
        Unwell::Contested(_) => {
            "stop the other program, or give this one a bot of its own (`@BotFather`)"
        }
        Unwell::Unreadable { .. } => {
            "check who owns the data folder, and that `serve` is of the same version"
        }
    }
}
