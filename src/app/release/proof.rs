//! What speaks for the scripts as they lie in the folder: that they compile and check, and how
//! their own conversations come out.

use std::{fmt::Write, sync::Arc};

use consultant_core::Proof;
use consultant_knowledge::SmallModels;
use sha2::{Digest, Sha256};

use crate::{
    company::{self, Company},
    config::{CompanyFiles, Config},
    diagnostics::Diagnostic,
    house::{engine_settings, session_timeout},
    playtest::{self, Report, Stage, Tests, folder_of_tests},
};

/// A company whose files are right, and how its conversations came out.
pub struct Proven {
    /// The company. Its playbook is not the watched one that was played.
    pub company: Company,
    /// Figures for the record.
    pub proof: Proof,
    /// What was played.
    pub report: Report,
}

/// Reads, checks and plays the company's files. Every error of every file is told instead.
/// Customers are understood as they are when it serves: with `meaning`, where there is one.
pub async fn prove((config, models): (&Config, &SmallModels)) -> Result<Proven, Vec<Diagnostic>> {
    let company = company::load(&config.company, &SmallModels::default())?;
    let (watched, trace) = company::load_traced(&config.company, models)?;
    if watched.kept.id != company.kept.id {
        return Err(vec![changed_meanwhile(&company)]);
    }
    let stage = Stage {
        company: watched,
        trace: Some(Arc::new(trace)),
        settings: engine_settings(config),
        languages: config.model.languages.clone(),
        session_timeout: session_timeout(config),
        model: None,
    };
    let report = play(&config.company, stage).await?;
    let proof = Proof {
        warnings: company.warnings,
        tests_played: report.conversations(),
        tests_failed: report.failed(),
        branches_percent: report.branches_percent().filter(|_| !report.is_empty()),
        overridden: None,
        facts: facts(&company),
    };
    Ok(Proven {
        company,
        proof,
        report,
    })
}

/// One hash of the catalogue and the answers.
fn facts(company: &Company) -> String {
    let mut hash = Sha256::new();
    hash.update(&company.knowledge.catalog().hash);
    hash.update(&company.knowledge.faq().hash);
    let hash = hash.finalize();
    hash.iter().take(8).fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    })
}

/// What is played has to be what is published.
fn changed_meanwhile(company: &Company) -> Diagnostic {
    let script = company.kept.scripts.first();
    Diagnostic {
        file: script.map_or_else(String::new, |it| it.file.clone()),
        message: "a script was changed while it was looked at".to_owned(),
        hint: Some("once it is saved, say it again".to_owned()),
        ..Diagnostic::default()
    }
}

/// Plays what there is; a company without a folder of conversations has none.
async fn play(files: &CompanyFiles, stage: Stage) -> Result<Report, Vec<Diagnostic>> {
    let folder = folder_of_tests(files);
    let tests = match folder.as_deref() {
        None => Tests::Demo,
        Some(folder) if folder.is_dir() => Tests::Folder(folder),
        Some(_) => Tests::None,
    };
    playtest::run(tests, "", stage).await
}
