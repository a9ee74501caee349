//! The binary: command line, backends, and the house that `consultant-app` puts together.

mod backends;

use std::process::ExitCode;

use clap::Parser;
use consultant_app::{cli::Cli, commands, config::Environment};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            consultant_app::output::note(&format!("error: no threads can be started: {error}\n"));
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(commands::run(
        cli,
        Environment::from_process(),
        &backends::MistralRs,
    ));
    // Reading standard input cannot be interrupted; do not wait for it.
    runtime.shutdown_background();
    code
}
