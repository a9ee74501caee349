//! `consultant playbook docs`: the reference of what playbooks can do.

use std::{fs, path::Path, process::ExitCode};

use consultant_playbook::reference;

use crate::{
    cli::PlaybookDocsArgs,
    failure::{Failure, because},
    output,
};

/// Prints the reference, or writes it into a file.
pub(super) fn run(args: &PlaybookDocsArgs) -> Result<ExitCode, Failure> {
    let text = if args.json.json {
        json_text(&reference::data())?
    } else {
        reference::markdown()
    };
    match &args.out {
        Some(file) => write(file, &text)?,
        None => output::print(&text),
    }
    Ok(ExitCode::SUCCESS)
}

/// A value as indented JSON.
pub(super) fn json_text(value: &impl serde::Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value);
    let text = text.map_err(|error| because("the reference", &error, "this is a bug"))?;
    Ok(format!("{text}\n"))
}

/// Writes a text into a file.
pub(super) fn write(file: &Path, text: &str) -> Result<(), Failure> {
    fs::write(file, text).map_err(|error| {
        let what = format!("{} cannot be written", file.display());
        because(&what, &error, "name a file in a folder that is there")
    })
}
