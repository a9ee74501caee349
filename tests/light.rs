//! The command line without the real model: what `consultant` is, but with a scripted model in its
//! place, so that the commands can be driven as an operator drives them without the release
//! binary.

use std::process::ExitCode;

use clap::Parser;
use consultant_app::{cli::Cli, commands, config::Environment};
use consultant_tests::scripted::ScriptedModel;

#[tokio::main]
async fn main() -> ExitCode {
    let model = ScriptedModel::default();
    commands::run(Cli::parse(), Environment::from_process(), &model).await
}
