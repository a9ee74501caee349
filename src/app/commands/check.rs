//! `consultant check`: config, catalogue, FAQ and playbook, every problem of each.

use std::process::ExitCode;

use serde::Serialize;

use crate::{
    cli::JsonArgs,
    company,
    config::{CompanyFiles, Sources, look},
    diagnostics::Diagnostic,
    output,
};

/// What a program reads.
#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    problems: &'a [Diagnostic],
}

/// Exits with 1 if there is any problem.
pub fn run(args: JsonArgs, sources: &Sources) -> ExitCode {
    let looked = look(sources);
    let mut problems = Diagnostic::from_config(looked.problems);
    problems.extend(company::check(&looked.company));
    let mut checked = String::new();
    if let Some(config) = looked.config.filter(|_| problems.is_empty()) {
        match company::load(&config.company) {
            Ok(company) => checked = summary(&config.company, &company),
            Err(found) => problems = found,
        }
    }
    if args.json {
        output::print_json(&Report {
            ok: problems.is_empty(),
            problems: &problems,
        });
    } else if problems.is_empty() {
        output::print(&checked);
    } else {
        let text: String = problems.iter().map(Diagnostic::render).collect();
        let plural = if problems.len() == 1 { "" } else { "s" };
        output::print(&format!("{text}{} problem{plural} found\n", problems.len()));
    }
    if problems.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn summary(files: &CompanyFiles, company: &company::Company) -> String {
    let (catalog, faq) = (company.knowledge.catalog(), company.knowledge.faq());
    let from = match files {
        CompanyFiles::Embedded => "the demo company".to_owned(),
        CompanyFiles::Files { catalog, .. } => catalog.display().to_string(),
    };
    format!(
        "{}: {} products, {} discounts, {} answers, playbook {} ({from})\nno problems found\n",
        catalog.company.name,
        catalog.products.len(),
        catalog.discounts.len(),
        faq.entries.len(),
        company.playbook.version(),
    )
}
