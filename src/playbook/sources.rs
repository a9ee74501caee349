//! What a version of the scripts consists of, word for word, and the name that follows from it.

use std::collections::BTreeMap;

use consultant_core::PlaybookVersion;
use sha2::{Digest, Sha256};

use crate::loader::{Loaded, Script};

/// The source of a script and of every module that it imports.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    main: String,
    modules: BTreeMap<String, String>,
}

impl Sources {
    pub(crate) fn of(main: &Script, loaded: &Loaded) -> Self {
        let modules = loaded.modules.iter();
        Self {
            main: main.source.clone(),
            modules: modules
                .map(|(name, script)| (name.clone(), script.source.clone()))
                .collect(),
        }
    }
}

/// SHA-256 over the playbook's source, every imported module's name and source, and the name and
/// source of the rules that stand beside it, each with its length before it; 16 hexadecimal digits.
/// No module has a name with a dot, so rules are never taken for one.
pub(crate) fn version(
    playbook: &Sources,
    escalation: Option<&Sources>,
    faq: Option<&Sources>,
) -> PlaybookVersion {
    let rules = [("escalation.rhai", escalation), ("faq.rhai", faq)];
    let rules = rules.map(|(name, sources)| Some((name, sources?)));
    let all = rules.iter().flatten().map(|(_, sources)| *sources);
    let modules: BTreeMap<&str, &str> = [playbook]
        .into_iter()
        .chain(all)
        .flat_map(|sources| &sources.modules)
        .map(|(name, source)| (name.as_str(), source.as_str()))
        .collect();
    let rules = rules.iter().flatten();
    let rules = rules.map(|(name, sources)| (*name, sources.main.as_str()));
    let named = modules.into_iter().chain(rules);
    let mut hash = Sha256::new();
    for part in [playbook.main.as_str()]
        .into_iter()
        .chain(named.flat_map(|(name, source)| [name, source]))
    {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digits = format!("{:x}", hash.finalize());
    PlaybookVersion(digits.chars().take(16).collect())
}
