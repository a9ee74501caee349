//! `consultant check`: config, catalogue, FAQ and playbook, every problem of each; and what the
//! lints of scripts mean.

use std::process::ExitCode;

use consultant_playbook::Lint;
use serde::Serialize;

use crate::{
    cli::CheckArgs,
    company,
    config::{CompanyFiles, Sources, look},
    desks,
    diagnostics::Diagnostic,
    failure::Failure,
    output::{self, counted},
};
use consultant_knowledge::SmallModels;

/// What a program reads.
#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    errors: usize,
    warnings: usize,
    problems: &'a [Diagnostic],
}

/// What was looked at and what came of it.
struct Checked {
    problems: Vec<Diagnostic>,
    /// Of a company without errors.
    summary: String,
}

/// Exits with 1 if there is any error; with `--strict` also if there is any warning.
pub fn run(args: &CheckArgs, sources: &Sources) -> Result<ExitCode, Failure> {
    if let Some(name) = &args.explain {
        explain(name)?;
        return Ok(ExitCode::SUCCESS);
    }
    let checked = check(sources);
    let errors = checked.problems.iter().filter(|it| it.is_error()).count();
    let warnings = checked.problems.len() - errors;
    let ok = errors == 0 && (warnings == 0 || !args.strict);
    if args.json.json {
        output::print_json(&Report {
            ok,
            errors,
            warnings,
            problems: &checked.problems,
        });
    } else {
        output::print(&words(&checked));
    }
    Ok(if ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn check(sources: &Sources) -> Checked {
    let looked = look(sources);
    let mut problems = Diagnostic::from_config(looked.problems);
    problems.extend(company::check(&looked.company));
    let mut summary = String::new();
    let is_right = !problems.iter().any(Diagnostic::is_error);
    if let Some(config) = looked.config.filter(|_| is_right) {
        match company::load(&config.company, &SmallModels::default()) {
            Ok(company) => summary = summarise(&config.company, &company),
            Err(found) => problems.extend(found),
        }
        if let Some(file) = &config.desk {
            problems.extend(desks::read(file).err().unwrap_or_default());
        }
    }
    Checked { problems, summary }
}

fn words(checked: &Checked) -> String {
    let Checked { problems, summary } = checked;
    if problems.is_empty() {
        return format!("{summary}no problems found\n");
    }
    let told: String = problems.iter().map(Diagnostic::render).collect();
    let explained = problems.iter().find_map(|problem| problem.lint);
    let more = explained.map_or_else(String::new, |lint| {
        format!("`consultant check --explain {lint}` says more about one of them\n")
    });
    format!(
        "{told}{summary}{} found\n{more}",
        Diagnostic::count(problems)
    )
}

/// Prints the page of a lint, or the list of all.
fn explain(name: &str) -> Result<(), Failure> {
    if name == "list" {
        output::print(&list());
        return Ok(());
    }
    let Some(lint) = Lint::named(name) else {
        let hint = Lint::nearest(name).map_or_else(
            || "`consultant check --explain` lists all that there are".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(Failure::usage(format!("there is no lint `{name}`"), hint));
    };
    output::print(lint.page());
    Ok(())
}

fn list() -> String {
    let width = Lint::ALL.iter().map(|lint| lint.name().len()).max();
    let width = width.unwrap_or_default();
    let line = |lint: &Lint| {
        let (name, severity) = (lint.name(), lint.severity().name());
        format!("{severity:<7}  {name:<width$}  {}\n", lint.summary())
    };
    let lines: String = Lint::ALL.iter().map(line).collect();
    format!("{lines}\n`consultant check --explain NAME` shows the page of one\n")
}

fn summarise(files: &CompanyFiles, company: &company::Company) -> String {
    let (catalog, faq) = (company.knowledge.catalog(), company.knowledge.faq());
    let from = match files {
        CompanyFiles::Embedded => "the demo company".to_owned(),
        CompanyFiles::Files { catalog, .. } => catalog.display().to_string(),
    };
    let documents = company.knowledge.documents();
    let documents = match documents.documents.len() {
        0 => String::new(),
        count => format!(
            " {} with {},",
            counted(count, "document"),
            counted(documents.passages(), "passage")
        ),
    };
    format!(
        "{}: {}, {}, {},{documents} playbook {} ({from})\n",
        catalog.company.name,
        counted(catalog.products.len(), "product"),
        counted(catalog.discounts.len(), "discount"),
        counted(faq.entries.len(), "answer"),
        company.playbook.version(),
    )
}
