//! The command line without the real model: what `consultant` is, but with a scripted model in its
//! place, so that the commands can be driven as an operator drives them without the release
//! binary.

use std::process::ExitCode;

use clap::Parser;
use consultant_app::{cli::Cli, commands, config::Environment};
use consultant_tests::scripted::ScriptedModel;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(_no_threads) => return ExitCode::FAILURE,
    };
    let model = ScriptedModel::default();
    let code = runtime.block_on(commands::run(cli, Environment::from_process(), &model));
    // As the real one: reading standard input cannot be interrupted.
    runtime.shutdown_background();
    code
}
