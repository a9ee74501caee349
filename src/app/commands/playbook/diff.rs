//! `consultant playbook diff`: what is different between two versions, line by line.

use std::{collections::BTreeMap, fmt::Write, process::ExitCode};

use consultant_core::{KeptScript, KeptVersion, PlaybookVersion, ScriptRole};
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use super::releases::{look, scripts, unreadable};
use crate::{cli::PlaybookDiffArgs, config::Config, failure::Failure, output, release::releases};

/// Lines around a change that are shown with it.
const AROUND: usize = 3;

/// What is different.
#[derive(Serialize)]
pub(super) struct Difference {
    from: PlaybookVersion,
    to: PlaybookVersion,
    scripts: Vec<ScriptDifference>,
}

/// What is different in one script.
#[derive(Serialize)]
struct ScriptDifference {
    file: String,
    added: usize,
    removed: usize,
    #[serde(skip)]
    text: String,
}

/// Shows it. Exits with 0 also where something is different.
pub(super) async fn run(args: PlaybookDiffArgs, config: &Config) -> Result<ExitCode, Failure> {
    let store = look(config).await?;
    let releases = releases(&*store).await.map_err(unreadable)?;
    let from = scripts(&args.from, config, &*store, &releases).await?;
    let to = scripts(&args.to, config, &*store, &releases).await?;
    let difference = Difference::between(&from, &to);
    if args.json.json {
        output::print_json(&difference);
    } else {
        output::print(&difference.render());
    }
    Ok(ExitCode::SUCCESS)
}

/// What tells one script of a version from another.
type Key<'a> = (ScriptRole, &'a str);

fn by_key(version: &KeptVersion) -> BTreeMap<Key<'_>, &KeptScript> {
    let scripts = version.scripts.iter();
    scripts
        .map(|it| ((it.role, it.name.as_str()), it))
        .collect()
}

impl Difference {
    pub(super) fn between(from: &KeptVersion, to: &KeptVersion) -> Self {
        let (old, new) = (by_key(from), by_key(to));
        let mut keys: Vec<Key<'_>> = old.keys().chain(new.keys()).copied().collect();
        keys.sort_unstable();
        keys.dedup();
        let scripts = keys.into_iter().filter_map(|key| {
            let (old, new) = (old.get(&key).copied(), new.get(&key).copied());
            ScriptDifference::between(old, new)
        });
        Self {
            from: from.id.clone(),
            to: to.id.clone(),
            scripts: scripts.collect(),
        }
    }

    /// One line a script: `scripts/playbooks/shop.rhai +2 -1`.
    pub(super) fn summary(&self) -> Vec<String> {
        let scripts = self.scripts.iter();
        scripts
            .map(|it| format!("{} +{} -{}", it.file, it.added, it.removed))
            .collect()
    }

    fn render(&self) -> String {
        if self.scripts.is_empty() {
            return format!("{} and {} hold the same scripts\n", self.from, self.to);
        }
        self.scripts.iter().map(|it| it.text.as_str()).collect()
    }
}

impl ScriptDifference {
    fn between(old: Option<&KeptScript>, new: Option<&KeptScript>) -> Option<Self> {
        let (before, after) = (source(old), source(new));
        let file = new.or(old)?.file.clone();
        let diff = TextDiff::from_lines(before, after);
        let count = |tag| diff.iter_all_changes().filter(|it| it.tag() == tag).count();
        let (added, removed) = (count(ChangeTag::Insert), count(ChangeTag::Delete));
        if added + removed == 0 {
            return None;
        }
        let mut text = String::new();
        let unified = diff
            .unified_diff()
            .context_radius(AROUND)
            .header(name(old), name(new))
            .to_string();
        write!(text, "{unified}").ok();
        Some(Self {
            file,
            added,
            removed,
            text,
        })
    }
}

fn source(script: Option<&KeptScript>) -> &str {
    script.map_or("", |it| it.source.as_str())
}

/// As programs that read such texts know what is not there.
fn name(script: Option<&KeptScript>) -> &str {
    script.map_or("/dev/null", |it| it.file.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(scripts: &[(ScriptRole, &str, &str)]) -> KeptVersion {
        let scripts = scripts.iter().map(|(role, name, source)| KeptScript {
            role: *role,
            name: (*name).to_owned(),
            file: format!("{name}.rhai"),
            source: (*source).to_owned(),
        });
        KeptVersion {
            format: 1,
            id: "v".into(),
            scripts: scripts.collect(),
        }
    }

    #[test]
    fn what_came_what_went_and_what_changed_is_shown_with_its_neighbours() {
        let main = ScriptRole::Playbook;
        let from = version(&[
            (main, "shop", "fn a() { 1 }\nfn price() { 20 }\n你好\n"),
            (ScriptRole::Module, "gone", "fn x() { 1 }\n"),
            (ScriptRole::Module, "same", "fn y() { 1 }\n"),
        ]);
        let to = version(&[
            (main, "shop", "fn a() { 1 }\nfn price() { 18 }\n你好\n"),
            (ScriptRole::Module, "same", "fn y() { 1 }\n"),
            (ScriptRole::Module, "came", "fn z() { 1 }\n"),
        ]);
        let difference = Difference::between(&from, &to);
        insta::assert_snapshot!(difference.render());
        assert_eq!(
            difference.summary(),
            ["shop.rhai +1 -1", "came.rhai +1 -0", "gone.rhai +0 -1"]
        );
        assert!(
            Difference::between(&to, &to)
                .render()
                .contains("the same scripts")
        );
    }
}
