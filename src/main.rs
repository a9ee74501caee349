//! The binary: command line, backends, and the house that `consultant-app` puts together.

mod backends;

use std::process::ExitCode;

use clap::Parser;
use consultant_app::{cli::Cli, commands, config::Environment};

/// A turn makes many small values on one thread and drops them on another, for which the system's
/// allocator takes locks: they were a quarter of a turn's time.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

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
