//! `consultant playbook definitions`: what editors need to know of playbooks.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use consultant_playbook::reference;

use super::docs::{json_text, write};
use crate::{
    cli::PlaybookDefinitionsArgs,
    failure::{Failure, because},
    output,
};

/// Prints the definitions of the API, or writes all files for editors into a folder.
pub(super) fn run(args: &PlaybookDefinitionsArgs) -> Result<ExitCode, Failure> {
    let Some(folder) = &args.out else {
        output::print(&reference::api_definitions());
        return Ok(ExitCode::SUCCESS);
    };
    if let Some(script) = script_in(folder).map_err(|error| unusable(folder, &error))? {
        let what = format!("{} holds scripts: {}", folder.display(), script.display());
        let hint = "name another folder, such as `editor`: every file ending in .rhai beside a \
                    playbook is taken for one";
        return Err(Failure::new(what, hint));
    }
    fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))?;
    let files = [
        ("playbook.d.rhai", reference::api_definitions()),
        ("rhai.d.rhai", reference::language_definitions()),
        (
            "rhai-playbook.tmLanguage.json",
            json_text(&reference::grammar())?,
        ),
    ];
    for (name, text) in &files {
        write(&folder.join(name), text)?;
    }
    let names = files.map(|(name, _)| name).join(", ");
    output::note(&format!("written to {}: {names}\n", folder.display()));
    Ok(ExitCode::SUCCESS)
}

/// A script in a folder that is no definition.
fn script_in(folder: &Path) -> io::Result<Option<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut paths = entries.flatten().map(|entry| entry.path());
    let is_script = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy());
        name.is_some_and(|name| name.ends_with(".rhai") && !name.ends_with(".d.rhai"))
    };
    Ok(paths.find(is_script))
}

fn unusable(folder: &Path, error: &io::Error) -> Failure {
    let what = format!("{} cannot be written to", folder.display());
    because(&what, error, "name a folder that you may write to")
}
