//! What a version of the scripts consists of, word for word, and the name that follows from it.

use consultant_core::{KeptScript, PlaybookVersion, ScriptRole};
use sha2::{Digest, Sha256};

use crate::loader::{Loaded, Script};

/// A script, which comes first, and every module that it imports.
pub(crate) fn sources(role: ScriptRole, main: &Script, loaded: &Loaded) -> Vec<KeptScript> {
    let kept = |role, name: &str, script: &Script| KeptScript {
        role,
        name: name.to_owned(),
        file: script.file.clone(),
        source: script.source.clone(),
    };
    let modules = loaded.modules.iter();
    let modules = modules.map(|(name, module)| kept(ScriptRole::Module, name, module));
    let main = kept(role, name_of(role), main);
    [main].into_iter().chain(modules).collect()
}

/// What a script is called that nobody imports.
const fn name_of(role: ScriptRole) -> &'static str {
    match role {
        ScriptRole::Playbook => "playbook",
        ScriptRole::Escalation => "escalation",
        ScriptRole::Faq => "faq",
        ScriptRole::Module => "",
    }
}

/// Adds rules with their modules to the scripts of a playbook. A module that both import is one.
pub(crate) fn add(scripts: &mut Vec<KeptScript>, more: &[KeptScript]) {
    for script in more {
        let mut known = scripts.iter();
        if !known.any(|it| (it.role, &it.name) == (script.role, &script.name)) {
            scripts.push(script.clone());
        }
    }
}

/// SHA-256 over the playbook's source, every imported module's name and source, and the name and
/// source of the rules that stand beside it, each with its length before it; 16 hexadecimal digits.
/// No module has a name with a dot, so rules are never taken for one.
pub(crate) fn version(scripts: &[KeptScript]) -> PlaybookVersion {
    let of = |role| scripts.iter().filter(move |script| script.role == role);
    let mut parts: Vec<String> = of(ScriptRole::Playbook)
        .map(|it| it.source.clone())
        .collect();
    let mut modules: Vec<&KeptScript> = of(ScriptRole::Module).collect();
    modules.sort_by_key(|module| &module.name);
    for module in modules {
        parts.extend([module.name.clone(), module.source.clone()]);
    }
    for rules in of(ScriptRole::Escalation).chain(of(ScriptRole::Faq)) {
        parts.extend([format!("{}.rhai", rules.name), rules.source.clone()]);
    }
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digits = format!("{:x}", hash.finalize());
    PlaybookVersion(digits.chars().take(16).collect())
}
