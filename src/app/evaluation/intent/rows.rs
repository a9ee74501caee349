//! Reading files of rows.

use std::{fs, path::Path};

use consultant_learning::{Columns, Row, RowProblem, read_csv, read_json};

use crate::diagnostics::Diagnostic;

/// The largest file. What is larger is no table of examples.
const MOST_BYTES: u64 = 200_000_000;

/// All rows of some files. A name `FILE.json#LIST` is one list of a JSON file.
pub fn read(files: &[String], columns: Columns<'_>) -> Result<Vec<Row>, Vec<Diagnostic>> {
    let (mut rows, mut diagnostics) = (Vec::new(), Vec::new());
    for name in files {
        match read_one(name, columns) {
            Ok(more) => rows.extend(more),
            Err(problems) => {
                let told = problems.into_iter().map(|it| diagnostic(name, it));
                diagnostics.extend(told);
            }
        }
    }
    if diagnostics.is_empty() {
        Ok(rows)
    } else {
        Err(diagnostics)
    }
}

fn read_one(name: &str, columns: Columns<'_>) -> Result<Vec<Row>, Vec<RowProblem>> {
    let (file, list) = match name.rsplit_once('#') {
        Some((file, list)) if !Path::new(name).is_file() => (file, Some(list)),
        _ => (name, None),
    };
    let bytes = bytes(Path::new(file)).map_err(|message| {
        vec![RowProblem {
            line: None,
            message,
            hint: "name a CSV or JSON file that is there",
        }]
    })?;
    if Path::new(file).extension().is_some_and(|it| it == "json") {
        read_json(&bytes, list)
    } else {
        read_csv(&bytes, columns)
    }
}

fn bytes(file: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    if fs::metadata(file).map_err(unreadable)?.len() > MOST_BYTES {
        return Err(format!("it has more than {MOST_BYTES} bytes"));
    }
    fs::read(file).map_err(unreadable)
}

fn diagnostic(name: &str, problem: RowProblem) -> Diagnostic {
    Diagnostic {
        file: name.to_owned(),
        line: problem.line.and_then(|line| usize::try_from(line).ok()),
        length: 1,
        message: problem.message,
        hint: Some(problem.hint.to_owned()),
        ..Diagnostic::default()
    }
}
