//! What speaks for the scripts as they lie in the folder: that they compile and check, and how
//! their own conversations come out.

use std::sync::Arc;

use consultant_core::Proof;

use crate::{
    company::{self, Company},
    config::{CompanyFiles, Config},
    diagnostics::Diagnostic,
    house::engine_settings,
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
pub async fn prove(config: &Config) -> Result<Proven, Vec<Diagnostic>> {
    let company = company::load(&config.company)?;
    let (watched, trace) = company::load_traced(&config.company)?;
    let stage = Stage {
        company: watched,
        trace: Some(Arc::new(trace)),
        settings: engine_settings(config),
        languages: config.model.languages.clone(),
        model: None,
    };
    let report = play(&config.company, stage).await?;
    let proof = Proof {
        warnings: company.warnings,
        tests_played: report.len(),
        tests_failed: report.failed(),
        branches_percent: report.branches_percent().filter(|_| !report.is_empty()),
        overridden: None,
    };
    Ok(Proven {
        company,
        proof,
        report,
    })
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
