//! How people name a version: `live`, `trial`, `before`, `files`, or the first digits of its hash.

use consultant_core::{PlaybookVersion, Releases, ports::ReleaseLog};

use crate::failure::{Failure, because};

/// The fewest digits that name a version.
const LEAST_DIGITS: usize = 4;

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// The files as they lie there.
    Files,
    /// A kept version.
    Version(PlaybookVersion),
}

/// What a name stands for.
pub async fn resolve(
    name: &str,
    log: &dyn ReleaseLog,
    releases: &Releases,
) -> Result<Named, Failure> {
    let known = match name {
        "files" => return Ok(Named::Files),
        "live" => releases.live(),
        "before" => releases.before(),
        "trial" => releases.trial().map(|trial| &trial.version),
        digits => return by_digits(digits, log).await,
    };
    known.cloned().map(Named::Version).ok_or_else(|| {
        let what = match name {
            "trial" => "no version is on trial",
            "before" => "no version was live before",
            _ => "nothing was ever published",
        };
        Failure::new(what, "`consultant playbook history` shows what there was")
    })
}

async fn by_digits(digits: &str, log: &dyn ReleaseLog) -> Result<Named, Failure> {
    let kept = log.kept_versions().await;
    let kept = kept.map_err(|error| because("the kept versions cannot be read", &error, ""))?;
    let mut fitting = kept.iter().filter(|it| it.as_str().starts_with(digits));
    let hint = "`consultant playbook history` shows all; `live`, `before`, `trial` and `files` \
                are names too";
    match (fitting.next(), fitting.next()) {
        (Some(one), None) if digits.len() >= LEAST_DIGITS => Ok(Named::Version(one.clone())),
        (Some(_), _) => {
            let what = format!("`{digits}` may be more than one version");
            Err(Failure::usage(what, "write more of its digits"))
        }
        (None, _) => {
            let what = format!("there is no version `{digits}`");
            Err(Failure::usage(what, hint))
        }
    }
}
