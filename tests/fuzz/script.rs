//! A playbook, a module and a customer's messages, made of any bytes: checked, compiled and run.
//! Whatever they are, nothing panics, every problem lies inside its text, and what compiles
//! answers, or fails with an error that names a line.
//!
//! The fuzz target calls this with what it makes up, and `tests/it/fuzzed.rs` with the inputs that
//! are kept.

use std::sync::{Arc, LazyLock};

use consultant_core::{
    Action, Audience, Decision, PlaybookVersion, Turn,
    ports::{Knowledge, Playbook, PlaybookError},
};
use consultant_knowledge::ShopKnowledge;
use consultant_playbook::{
    Library, Problem, RhaiPlaybook, RuleScripts, ScriptCoverage, compile, compile_traced, examine,
};
use jiff::{Timestamp, civil::Date};

/// Stands between the playbook, the module `words`, and the messages.
const SEPARATOR: &str = "\n%%\n";

/// What is said to a playbook where the input says nothing: about a product, a number, nothing.
const MESSAGES: [&str; 4] = [
    "Hello",
    "How much is the Halo desk lamp?",
    "two please",
    "台灯",
];

/// More messages tell nothing new.
const MOST_MESSAGES: usize = 6;

/// What playbooks promise: `MAX_ACTIONS`, and what declarations add by themselves.
const MOST_ACTIONS: usize = 32 + 64;

static SHOP: LazyLock<Option<ShopKnowledge>> = LazyLock::new(|| {
    let catalog = include_str!("../../config/catalog.yaml");
    let faq = include_str!("../../config/faq.yaml");
    ShopKnowledge::load(("catalog.yaml", catalog), ("faq.yaml", faq)).ok()
});

/// The texts of an input.
struct Input {
    playbook: String,
    module: Option<String>,
    messages: Vec<String>,
}

/// Does with an input all that is done with scripts.
pub(crate) fn try_script(bytes: &[u8]) {
    let input = Input::of(bytes);
    let library = input.library();
    let Some(shop) = &*SHOP else {
        return assert!(SHOP.is_some(), "the demo's facts are right");
    };
    let (catalog, faq) = (shop.catalog(), shop.faq());
    let script = ("main.rhai", input.playbook.as_str());
    let examined = examine(
        Some(script),
        RuleScripts::default(),
        &library,
        Some(&catalog),
        Some(&faq),
    );
    input.assert_inside(&examined);
    match compile(script.0, script.1, &library) {
        Ok(playbook) => input.try_playbook(&playbook, &library, shop),
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            assert!(problems.iter().all(Problem::is_error), "{problems:?}");
            assert!(examined.iter().any(Problem::is_error), "{problems:?}");
            input.assert_inside(&problems);
        }
    }
}

impl Input {
    fn of(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut parts = text.split(SEPARATOR).map(str::to_owned);
        let playbook = parts.next().unwrap_or_default();
        let module = parts.next().filter(|module| !module.is_empty());
        let mut messages: Vec<String> = parts.take(MOST_MESSAGES).collect();
        if messages.is_empty() {
            messages = MESSAGES.map(str::to_owned).into();
        }
        Self {
            playbook,
            module,
            messages,
        }
    }

    fn library(&self) -> Library {
        let mut library = Library::empty();
        if let Some(module) = &self.module {
            let added = library.add("words", "words.rhai", module.as_str());
            assert_eq!(added, Ok(()));
        }
        library
    }

    fn text(&self, file: &str) -> &str {
        match (file, &self.module) {
            ("main.rhai", _) => &self.playbook,
            ("words.rhai", Some(module)) => module,
            _ => "",
        }
    }

    fn has_line(&self, file: &str, line: usize) -> bool {
        // A place behind the last line break is a line to whoever reads the message.
        (1..=self.text(file).split('\n').count()).contains(&line)
    }

    fn assert_inside(&self, problems: &[Problem]) {
        for problem in problems {
            assert!(!problem.message.is_empty(), "{problem:?}");
            assert!(problem.length > 0, "{problem:?}");
            let Some(line) = problem.line else { continue };
            assert!(self.has_line(&problem.file, line), "{problem:?}");
            let text = self.text(&problem.file);
            let width = text.split('\n').nth(line - 1).map(|it| it.chars().count());
            let column = problem.column.unwrap_or(1);
            // The end of a line is a place too: something is missing there.
            assert!(
                (1..=width.unwrap_or(0) + 1).contains(&column),
                "{problem:?}"
            );
            let range = problem.byte_range(text);
            let marked = range.and_then(|range| text.get(range));
            assert!(marked.is_some(), "{problem:?}");
        }
    }

    /// Whatever compiled also compiles to be watched, and answers the same both ways and twice.
    fn try_playbook(&self, playbook: &RhaiPlaybook, library: &Library, shop: &ShopKnowledge) {
        let script = (playbook.file(), self.playbook.as_str());
        let traced = compile_traced(script, RuleScripts::default(), library);
        assert!(traced.is_ok(), "{:?}", traced.err());
        let Ok((watched, trace)) = traced else { return };
        self.assert_inside(playbook.warnings());
        self.assert_inside(&playbook.check(&shop.catalog(), &shop.faq()));
        let mut turn = first_turn(playbook, shop);
        for message in &self.messages {
            message.clone_into(&mut turn.text);
            turn.understanding = shop.understand(
                message,
                Some(turn.understanding.language),
                &Audience::on(Date::constant(2026, 11, 30)),
            );
            let answered = playbook.answer(&turn);
            self.assert_same(&answered, &playbook.answer(&turn));
            self.assert_same(&answered, &watched.answer(&turn));
            match answered {
                Ok(decision) => self.take_in(&decision, playbook, &mut turn),
                Err(error) => self.assert_names_a_line(&error),
            }
        }
        let from = PlaybookVersion("0123456789abcdef".to_owned());
        if let Err(error) = playbook.migrate(&from, &turn) {
            self.assert_names_a_line(&error);
        }
        self.assert_covered(&trace.scripts());
    }

    /// Only time may make a difference: what runs out of it on one day does not on another.
    fn assert_same(
        &self,
        one: &Result<Decision, PlaybookError>,
        other: &Result<Decision, PlaybookError>,
    ) {
        if let (Ok(one), Ok(other)) = (one, other) {
            assert_eq!(one, other, "{}", self.playbook);
        }
    }

    fn take_in(&self, decision: &Decision, playbook: &RhaiPlaybook, turn: &mut Turn) {
        let Decision {
            actions, places, ..
        } = decision;
        assert!((1..=MOST_ACTIONS).contains(&actions.len()), "{actions:?}");
        assert_eq!(actions.len(), places.len(), "{places:?}");
        for place in places.iter().flatten() {
            assert!(self.has_line(&place.file, place.line), "{place:?}");
        }
        turn.awaiting = None;
        turn.first_contact = false;
        turn.turns += 1;
        for action in actions {
            assert!(!action.name().is_empty());
            follow(action, turn);
        }
        assert!(playbook.has_stage(&turn.stage), "{}", turn.stage);
    }

    fn assert_names_a_line(&self, error: &PlaybookError) {
        assert!(!error.message.is_empty(), "{error:?}");
        assert!(!error.message.contains("this is a bug"), "{error}");
        let line = error.line.unwrap_or(0);
        assert!(self.has_line(&error.file, line), "{error:?}");
    }

    fn assert_covered(&self, scripts: &[ScriptCoverage]) {
        for script in scripts {
            for (line, _) in &script.lines {
                assert!(self.has_line(&script.file, *line), "{script:?}");
            }
            for branch in &script.branches {
                assert!(self.has_line(&script.file, branch.line), "{branch:?}");
            }
        }
    }
}

fn first_turn(playbook: &RhaiPlaybook, shop: &ShopKnowledge) -> Turn {
    let understanding = shop.understand("", None, &Audience::on(Date::constant(2026, 11, 30)));
    let now = Timestamp::UNIX_EPOCH + std::time::Duration::from_hours(494_748);
    let facts = (shop.catalog(), Arc::clone(&shop.faq()));
    let mut turn = Turn::bare("", playbook.first_stage(), understanding, now, facts);
    turn.first_contact = true;
    turn
}

/// What the engine does with an action before the next turn, as far as playbooks see it.
fn follow(action: &Action, turn: &mut Turn) {
    match action {
        Action::Ask { slot, .. } => turn.awaiting = Some(slot.clone()),
        Action::Goto { stage } => turn.stage.clone_from(stage),
        Action::Set { slot, value } => match value {
            Some(value) => drop(turn.slots.insert(slot.clone(), value.clone())),
            None => drop(turn.slots.remove(slot)),
        },
        Action::Tag { tag, on: true } => drop(turn.tags.insert(tag.clone())),
        Action::Tag { tag, .. } => drop(turn.tags.remove(tag)),
        Action::Objection { id } => *turn.objections.entry(id.clone()).or_default() += 1,
        Action::Escalate { .. } => turn.escalated = true,
        _ => {}
    }
}
