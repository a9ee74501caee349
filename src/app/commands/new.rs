//! `consultant new`: a company to start from, as a home folder of one's own.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use serde::Serialize;

use crate::{
    cli::NewArgs,
    failure::{Failure, because},
    output,
    starters::Starter,
};

/// Where the playbook of a home folder lies; there is exactly one.
const PLAYBOOKS: &str = "scripts/playbooks";

/// What a program reads.
#[derive(Serialize)]
struct Made<'a> {
    starter: &'a str,
    folder: PathBuf,
    files: Vec<&'a str>,
}

/// What a program reads of a starter.
#[derive(Serialize)]
struct Listed {
    name: &'static str,
    about: &'static str,
}

/// Writes a starter, or lists what there is.
pub fn run(args: &NewArgs) -> Result<ExitCode, Failure> {
    let Some(folder) = args.folder.as_deref().filter(|_| !args.list) else {
        list(args.json.json);
        return Ok(ExitCode::SUCCESS);
    };
    let starter = args.from;
    refuse_other_playbooks(starter, folder)?;
    if !args.force {
        refuse_what_is_there(starter, folder)?;
    }
    for (path, _, text) in starter.files() {
        let file = folder.join(path);
        write(&file, text).map_err(|error| {
            let what = format!("{} cannot be written", file.display());
            because(&what, &error, "name a folder that you may write to")
        })?;
    }
    let made = Made {
        starter: starter.name(),
        folder: std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()),
        files: starter.files().map(|(path, ..)| path).to_vec(),
    };
    output::tell(args.json.json, &made, &what_next(starter, folder));
    Ok(ExitCode::SUCCESS)
}

fn list(json: bool) {
    let listed = Starter::ALL.map(|starter| Listed {
        name: starter.name(),
        about: starter.about(),
    });
    if json {
        output::print_json(&listed);
        return;
    }
    let lines = listed.map(|it| format!("{:<13} {}\n", it.name, it.about));
    output::print(&lines.concat());
}

fn refuse_what_is_there(starter: Starter, folder: &Path) -> Result<(), Failure> {
    let files = starter.files().map(|(path, ..)| path);
    let there: Vec<&str> = files
        .into_iter()
        .filter(|path| folder.join(path).exists())
        .collect();
    if there.is_empty() {
        return Ok(());
    }
    let what = format!(
        "{} holds {} already; nothing was written",
        folder.display(),
        there.join(", ")
    );
    Err(Failure::new(
        what,
        "name a folder that is empty or not there, or write over them with --force",
    ))
}

/// A second playbook beside the one that is written would keep either from being served.
fn refuse_other_playbooks(starter: Starter, folder: &Path) -> Result<(), Failure> {
    let own = starter.files().map(|(path, ..)| folder.join(path));
    let listed = fs::read_dir(folder.join(PLAYBOOKS));
    let paths = listed.into_iter().flatten().flatten().map(|it| it.path());
    let mut others = paths.filter(|path| {
        path.extension().is_some_and(|ending| ending == "rhai") && !own.contains(path)
    });
    match others.next() {
        None => Ok(()),
        Some(other) => Err(Failure::new(
            format!(
                "{} is there already, and a home folder has one playbook; nothing was written",
                other.display()
            ),
            "name another folder, or move that playbook away",
        )),
    }
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(file, text)
}

fn what_next(starter: Starter, folder: &Path) -> String {
    let files = starter
        .files()
        .map(|(path, what, _)| format!("  {path:<36} {what}\n"));
    format!(
        "{}: {}.\n{}\nIn that folder, every command uses these files:\n  \
         cd {}\n  \
         consultant check          names every mistake with its line and what to do\n  \
         consultant playbook test  plays the conversations of scripts/tests\n  \
         consultant chat           talk to it\n  \
         consultant serve          serve every channel that has a token\n",
        folder.display(),
        starter.about(),
        files.concat(),
        folder.display(),
    )
}
