//! `consultant read-documents`: no command for people. The program starts itself with it, to read
//! documents where a hostile one ends nothing else.

use std::process::ExitCode;

use crate::{
    documents::answer_aside,
    failure::{Failure, because},
};

/// Answers on standard output what is asked on standard input.
pub fn run() -> Result<ExitCode, Failure> {
    let answered = answer_aside();
    let hint = "no command for people: `consultant check` reads the documents";
    answered.map_err(|error| because("reading documents", &error, hint))?;
    Ok(ExitCode::SUCCESS)
}
