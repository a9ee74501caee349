//! `consultant completions` and `consultant man`: made from the same words as `--help`.

use std::{fs, path::Path, process::ExitCode};

use clap::CommandFactory;
use clap_complete::Shell;

use crate::{
    cli::Cli,
    failure::{Failure, because},
    output,
};

/// Prints completions for a shell.
pub fn completions(shell: Shell) -> ExitCode {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "consultant", &mut text);
    output::print(&String::from_utf8_lossy(&text));
    ExitCode::SUCCESS
}

/// Writes one manual page for each command into a folder.
pub fn pages(folder: &Path) -> Result<ExitCode, Failure> {
    fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
        .map_err(|error| {
            let what = format!("the manual pages cannot be written to {}", folder.display());
            because(&what, &error, "name a folder that you may write to")
        })?;
    output::note(&format!(
        "manual pages written; read one with: man -l {}/consultant.1\n",
        folder.display()
    ));
    Ok(ExitCode::SUCCESS)
}
