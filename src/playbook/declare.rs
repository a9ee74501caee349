//! What a playbook declares, asked for once: each declaring function is called without a turn, and
//! what it returns is checked.

use std::collections::BTreeSet;

use consultant_core::{SlotKind, SlotSpec};
use rhai::{CallFnOptions, Dynamic, Engine, Position, Scope};

use crate::{
    api::{
        Declared, Line, ObjectionLine, PromotionLine, SlotLine, StageLine, TopicLine, UpsellLine,
    },
    lint::Lint,
    loader::{Loaded, Script},
    problem::{Problem, suggestion},
    sandbox::{Fault, TIME_LIMIT, guarded},
};

/// The most lines of one declaration.
const MAX_LINES: usize = 200;

/// The functions that declare something, each with a line as an example.
pub(crate) const DECLARING: [(&str, &str); 6] = [
    ("stages", "stage(\"greet\", [])"),
    ("slots", "slot(\"seats\", \"quantity\")"),
    (
        "promotions",
        "promotion(\"five\", #{ en: \"…\" }).percent(10).min_pieces(5)",
    ),
    (
        "objections",
        "objection(\"price\", [\"too expensive\"], #{ en: \"…\" })",
    ),
    (
        "small_talk",
        "topic(\"weather\", [\"weather\"], #{ en: \"…\" })",
    ),
    ("upsells", "goes_with(\"desk\", \"lamp\", #{ en: \"…\" })"),
];

/// Everything that a playbook declares, with whatever is wrong with it.
pub(crate) fn declared(
    engine: &Engine,
    loaded: &Loaded,
    main: &Script,
) -> (Declared, Vec<Problem>) {
    let mut asker = Asker {
        engine,
        loaded,
        main,
        problems: Vec::new(),
    };
    let stages: Vec<StageLine> = asker.lines("stages");
    asker.check_stages(&stages);
    let slots: Vec<SlotLine> = asker.lines("slots");
    asker.twice("slots", &slots, |slot| &slot.name);
    asker.check_slots(&slots);
    let promotions: Vec<PromotionLine> = asker.lines("promotions");
    asker.twice("promotions", &promotions, |it| &it.promotion.id);
    asker.check_promotions(&promotions);
    let objections: Vec<ObjectionLine> = asker.lines("objections");
    asker.twice("objections", &objections, |it| &it.id);
    let topics: Vec<TopicLine> = asker.lines("small_talk");
    asker.twice("topics", &topics, |it| &it.id);
    let upsells: Vec<UpsellLine> = asker.lines("upsells");
    asker.check_needs(&stages, &slots);
    let declared = Declared {
        stages,
        slots: whats(slots),
        promotions: whats(promotions)
            .into_iter()
            .map(|draft| draft.promotion)
            .collect(),
        objections: whats(objections),
        topics: whats(topics),
        upsells: whats(upsells),
    };
    (declared, asker.problems)
}

fn whats<T>(lines: Vec<Line<T>>) -> Vec<T> {
    lines.into_iter().map(|line| line.what).collect()
}

struct Asker<'a> {
    engine: &'a Engine,
    loaded: &'a Loaded,
    main: &'a Script,
    problems: Vec<Problem>,
}

impl Asker<'_> {
    /// What a declaring function returns; nothing where there is no such function.
    fn lines<T: Clone + Send + Sync + 'static>(&mut self, name: &str) -> Vec<T> {
        let mut functions = self.main.ast.iter_functions();
        if !functions.any(|it| it.name == name && it.params.is_empty()) {
            return Vec::new();
        }
        match self.call(name) {
            Ok(returned) => self.listed(name, returned),
            Err(fault) => {
                self.problems
                    .push(fault_problem(self.main, self.loaded, &fault));
                Vec::new()
            }
        }
    }

    fn call(&self, name: &str) -> Result<Dynamic, Fault> {
        let scope = &mut Scope::new();
        guarded(TIME_LIMIT, || {
            let options = CallFnOptions::new();
            self.engine
                .call_fn_with_options::<Dynamic>(options, scope, &self.main.ast, name, ())
        })
    }

    fn listed<T: Clone + Send + Sync + 'static>(
        &mut self,
        name: &str,
        returned: Dynamic,
    ) -> Vec<T> {
        let example = DECLARING.iter().find(|(known, _)| *known == name);
        let example = example.map_or("", |(_, example)| example);
        let hint = format!("write `fn {name}() {{ [{example}] }}`");
        let function = self.main.ast.shared_lib().get_script_fn(name, 0);
        let at = function.map_or(Position::NONE, |it| it.body.start_position());
        // A list of nothing declares nothing, but a conversation has to begin somewhere.
        let least = usize::from(name == "stages" || !returned.is_array());
        let items = returned.into_array().unwrap_or_default();
        let count = items.len();
        let lines: Option<Vec<T>> = items.into_iter().map(Dynamic::try_cast::<T>).collect();
        match lines {
            Some(lines) if (least..=MAX_LINES).contains(&count) => return lines,
            Some(_) if count > MAX_LINES => {
                let message = format!("`{name}` declares {count}; the most is {MAX_LINES}");
                self.complain(at, message, hint);
            }
            _ => {
                let message = format!("`{name}` returned no list of {}", name.replace('_', " "));
                self.complain(at, message, hint);
            }
        }
        Vec::new()
    }

    fn complain(&mut self, position: Position, message: String, hint: impl Into<String>) {
        let problem = Problem::at(&self.main.file, &self.main.source, position, message);
        self.problems.push(problem.hint(hint));
    }

    /// Says of which kind the last problem is.
    fn is_about(&mut self, lint: Lint) {
        if let Some(last) = self.problems.last_mut() {
            last.lint = lint;
        }
    }

    /// A problem with a line, which may stand in a module.
    fn complain_of<T>(&mut self, line: &Line<T>, message: String, hint: impl Into<String>) {
        let fault = Fault {
            file: line.file.clone(),
            position: line.position,
            message,
        };
        let problem = fault_problem(self.main, self.loaded, &fault);
        self.problems.push(problem.hint(hint));
    }

    fn complain_of_stage(&mut self, stage: &StageLine, message: String, hint: impl Into<String>) {
        let problem = stage_problem(self.main, self.loaded, stage, message);
        self.problems.push(problem.hint(hint));
    }

    fn twice<T>(&mut self, what: &str, lines: &[Line<T>], name: impl Fn(&T) -> &String) {
        let mut seen = BTreeSet::new();
        for line in lines {
            let name = name(&line.what);
            if name.trim().is_empty() {
                self.complain_of(line, format!("one of the {what} has no name"), "name it");
            } else if !seen.insert(name) {
                let message = format!("there are two {what} `{name}`");
                self.complain_of(line, message, "give one of them another name");
            }
        }
    }

    fn check_stages(&mut self, stages: &[StageLine]) {
        let names: Vec<&str> = stages.iter().map(|stage| stage.name.as_str()).collect();
        for (index, stage) in stages.iter().enumerate() {
            if stage.name.trim().is_empty() {
                self.complain_of_stage(stage, "a stage has no name".to_owned(), "name it");
            }
            if names[..index].contains(&stage.name.as_str()) {
                let message = format!("there are two stages `{}`", stage.name);
                self.complain_of_stage(stage, message, "give one of them another name");
            }
            for next in stage.next.iter().filter(|it| !names.contains(&it.as_str())) {
                let message = format!(
                    "`{}` leads to a stage `{next}` that is not declared",
                    stage.name
                );
                self.complain_of_stage(stage, message, suggestion(next, &names));
                self.is_about(Lint::UnknownStage);
            }
        }
        if let Some(first) = stages.first().filter(|it| it.won) {
            let message = format!(
                "a conversation begins in `{}`, so every one would be a deal",
                first.name
            );
            let hint =
                "write `.won()` behind the stage that is reached when the customer has decided";
            self.complain_of_stage(first, message, hint);
        }
    }

    /// What a stage needs is declared.
    fn check_needs(&mut self, stages: &[StageLine], slots: &[SlotLine]) {
        let names: Vec<&str> = slots.iter().map(|slot| slot.what.name.as_str()).collect();
        for stage in stages {
            for slot in stage
                .needs
                .iter()
                .filter(|it| !names.contains(&it.as_str()))
            {
                let message = format!(
                    "the stage `{}` needs a slot `{slot}` that `slots` does not declare",
                    stage.name
                );
                self.complain_of_stage(stage, message, suggestion(slot, &names));
                self.is_about(Lint::UnknownSlot);
            }
        }
    }

    fn check_slots(&mut self, slots: &[SlotLine]) {
        for line in slots {
            if let Some((message, hint)) = wrong_slot(&line.what) {
                self.complain_of(line, message, hint);
            }
        }
    }

    fn check_promotions(&mut self, promotions: &[PromotionLine]) {
        for line in promotions {
            let promotion = &line.what.promotion;
            if !line.what.has_reduction {
                let message = format!("the promotion `{}` takes nothing off", promotion.id);
                self.complain_of(line, message, "add `.percent(10)` or `.amount_off(20)`");
            }
            if let (Some(from), Some(until)) = (promotion.from, promotion.until)
                && from > until
            {
                let message = format!("the promotion `{}` ends before it starts", promotion.id);
                self.complain_of(line, message, "exchange the two days");
            }
        }
    }
}

/// What is wrong with a declared slot, and a way out.
fn wrong_slot(spec: &SlotSpec) -> Option<(String, &'static str)> {
    let name = &spec.name;
    let is_choice = spec.kind == SlotKind::Choice;
    if is_choice && spec.options.is_empty() {
        let message = format!("the slot `{name}` is a choice without options");
        return Some((message, "add `.options([\"small\", \"large\"])`"));
    }
    if !is_choice && !spec.options.is_empty() {
        let message = format!("the slot `{name}` has options and is no choice");
        return Some((message, "declare it as a \"choice\""));
    }
    if spec.required && spec.ask.is_none() {
        let message = format!("the slot `{name}` is required and nobody can ask for it");
        return Some((message, "add `.ask(#{ en: \"…\" })`"));
    }
    if spec
        .least
        .zip(spec.most)
        .is_some_and(|(least, most)| least > most)
    {
        let message = format!("the slot `{name}` accepts no number at all");
        return Some((message, "exchange the two limits"));
    }
    let is_number = matches!(
        spec.kind,
        SlotKind::Number | SlotKind::Money | SlotKind::Quantity
    );
    if !is_number && (spec.least.is_some() || spec.most.is_some()) {
        let message = format!("the slot `{name}` has limits of a number and is none");
        return Some((
            message,
            "use `.not_past()` for a date, `.longest(50)` for a text",
        ));
    }
    None
}

/// A problem with a declared stage, at its place.
pub(crate) fn stage_problem(
    main: &Script,
    loaded: &Loaded,
    stage: &StageLine,
    message: String,
) -> Problem {
    let fault = Fault {
        file: stage.file.clone(),
        position: stage.position,
        message,
    };
    fault_problem(main, loaded, &fault)
}

pub(crate) fn fault_problem(script: &Script, loaded: &Loaded, fault: &Fault) -> Problem {
    let other = fault.file.as_ref().and_then(|file| {
        let mut modules = loaded.modules.values();
        modules.find(|module| &module.file == file)
    });
    let place = other.unwrap_or(script);
    Problem::at(
        &place.file,
        &place.source,
        fault.position,
        fault.message.as_str(),
    )
}
