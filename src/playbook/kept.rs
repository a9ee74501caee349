//! A version as it is kept: all scripts word for word, and the way back from them to a playbook
//! that answers turns. A version keeps its name, also where a later program would hash otherwise.

use consultant_core::{KeptScript, KeptVersion, PlaybookVersion, RELEASE_FORMAT, ScriptRole};

use crate::{
    compile::compile_with_rules,
    coverage::{Trace, compile_traced},
    library::Library,
    lint::Lint,
    playbook::RhaiPlaybook,
    problem::Problem,
    together::{NamedScript, RuleScripts},
};

/// Compiles a kept version, which answers under the name that it is kept under.
pub fn compile_kept(kept: &KeptVersion) -> Result<RhaiPlaybook, Vec<Problem>> {
    let (main, rules, library) = taken_apart(kept).map_err(|problem| vec![problem])?;
    let playbook = compile_with_rules(main, rules, &library)?;
    Ok(playbook.named(&kept.id))
}

/// As [`compile_kept`], for a playbook that is watched.
pub fn compile_kept_traced(kept: &KeptVersion) -> Result<(RhaiPlaybook, Trace), Vec<Problem>> {
    let (main, rules, library) = taken_apart(kept).map_err(|problem| vec![problem])?;
    let (playbook, trace) = compile_traced(main, rules, &library)?;
    Ok((playbook.named(&kept.id), trace))
}

/// The playbook itself, the rules beside it, and what they may import.
fn taken_apart(kept: &KeptVersion) -> Result<(NamedScript<'_>, RuleScripts<'_>, Library), Problem> {
    let mut library = Library::empty();
    for script in &kept.scripts {
        if script.role == ScriptRole::Module {
            library.add(&script.name, &script.file, &script.source)?;
        }
    }
    let of = |role| {
        let mut scripts = kept.scripts.iter();
        let script = scripts.find(|it| it.role == role);
        script.map(|it: &KeptScript| (it.file.as_str(), it.source.as_str()))
    };
    let rules = RuleScripts {
        escalation: of(ScriptRole::Escalation),
        faq: of(ScriptRole::Faq),
    };
    let main = of(ScriptRole::Playbook);
    main.map(|main| (main, rules, library)).ok_or_else(|| {
        let message = "this version holds no playbook".to_owned();
        Problem::with_file(kept.id.as_str(), message).of(Lint::UnreadableScript)
    })
}

impl RhaiPlaybook {
    /// The scripts that it was compiled from, as they are kept.
    pub fn kept(&self) -> KeptVersion {
        KeptVersion {
            format: RELEASE_FORMAT,
            id: self.version.clone(),
            scripts: self.scripts.clone(),
        }
    }

    fn named(mut self, id: &PlaybookVersion) -> Self {
        self.version = id.clone();
        self
    }
}

#[cfg(test)]
mod tests {
    use consultant_core::ports::Playbook;

    use super::*;
    use crate::{compile, shop};

    const MAIN: &str = "import \"words\" as w;\n\
        fn stages() { [stage(\"talk\", [])] }\n\
        fn reply(turn) { [say(w::hello())] }";

    fn playbook() -> RhaiPlaybook {
        let mut library = Library::empty();
        library
            .add(
                "words",
                "lib/words.rhai",
                "fn hello() { #{ en: \"Hi\", zh: \"你好\" } }",
            )
            .unwrap();
        library
            .add("spare", "lib/spare.rhai", "fn no() { 1 }")
            .unwrap();
        compile("shop.rhai", MAIN, &library).unwrap()
    }

    #[test]
    fn what_is_kept_answers_as_it_did_under_the_same_name() {
        let playbook = playbook();
        let kept = playbook.kept();
        let names: Vec<&str> = kept.scripts.iter().map(|it| it.file.as_str()).collect();
        assert_eq!(
            names,
            ["shop.rhai", "lib/words.rhai"],
            "what is not imported is left out"
        );
        let again = compile_kept(&kept).unwrap();
        assert_eq!(again.version(), playbook.version());
        let turn = shop::turn();
        assert_eq!(
            again.answer(&turn).unwrap(),
            playbook.answer(&turn).unwrap()
        );
        let (traced, _) = compile_kept_traced(&kept).unwrap();
        assert_eq!(traced.version(), playbook.version());
    }

    #[test]
    fn rules_are_kept_with_the_playbook() {
        let mut library = Library::empty();
        let words = "fn hello() { \"Hi\" }";
        library.add("words", "lib/words.rhai", words).unwrap();
        let angry =
            "import \"words\" as w;\nfn escalation(_turn) { hand_off(\"always\", w::hello()) }";
        let rules = RuleScripts {
            escalation: Some(("escalation.rhai", angry)),
            faq: Some(("faq.rhai", "fn faq_draft(_exchange) { draft() }")),
        };
        let playbook = compile_with_rules(("shop.rhai", MAIN), rules, &library).unwrap();
        let kept = playbook.kept();
        let names: Vec<&str> = kept.scripts.iter().map(|it| it.file.as_str()).collect();
        let expected = ["shop.rhai", "lib/words.rhai", "escalation.rhai", "faq.rhai"];
        assert_eq!(names, expected);
        let again = compile_kept(&kept).unwrap();
        assert_eq!(again.kept(), kept);
        assert_eq!(again.answer(&shop::turn()).unwrap().actions.len(), 3);
        assert!(again.faq_rules().is_some());
    }

    #[test]
    fn a_version_keeps_its_name() {
        let kept = KeptVersion {
            id: "as-it-was".into(),
            ..playbook().kept()
        };
        assert_eq!(compile_kept(&kept).unwrap().version().as_str(), "as-it-was");
    }

    #[test]
    fn what_no_longer_compiles_says_why() {
        let mut kept = playbook().kept();
        kept.scripts[1].source = "fn hello() { no_longer_there() }".to_owned();
        let problems = compile_kept(&kept).unwrap_err();
        assert_eq!(problems[0].file, "lib/words.rhai");
        kept.scripts.clear();
        let problems = compile_kept(&kept).unwrap_err();
        assert!(problems[0].message.contains("no playbook"), "{problems:?}");
    }
}
