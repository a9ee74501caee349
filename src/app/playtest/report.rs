//! What came of all conversations: for people, for programs, and as `JUnit` for build servers.

use std::fmt::Write;

use consultant_playbook::ScriptCoverage;
use serde::Serialize;

use super::{
    check::Miss,
    coverage::{Coverage, Scripts, lcov},
    play::{Failure, Of, Played},
};

/// Places that never ran, of which people are told; programs get all.
const MOST_PLACES: usize = 20;

/// What came of all conversations.
#[derive(Clone)]
pub struct Report {
    played: Vec<Played>,
    coverage: Coverage,
}

#[derive(Serialize)]
struct Json<'a> {
    passed: usize,
    failed: usize,
    conversations: Vec<JsonCase<'a>>,
    faq_rules: Vec<JsonCase<'a>>,
    coverage: &'a Coverage,
}

#[derive(Serialize)]
struct JsonCase<'a> {
    name: &'a str,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    turns: Option<usize>,
    failures: Vec<JsonFailure<'a>>,
}

#[derive(Serialize)]
struct JsonFailure<'a> {
    line: usize,
    after: &'a str,
    what: &'static str,
    wanted: &'a str,
    got: &'a str,
}

impl Report {
    pub(super) fn new(
        played: Vec<Played>,
        stages: &[(String, Vec<String>)],
        scripts: Option<Vec<ScriptCoverage>>,
    ) -> Self {
        let coverage = Coverage::of(&played, stages, scripts);
        Self { played, coverage }
    }

    /// How many were played.
    pub fn len(&self) -> usize {
        self.played.len()
    }

    /// How many of them were conversations: what a playbook says and does.
    pub fn conversations(&self) -> usize {
        let is = |played: &&Played| played.of == Of::Conversation;
        self.played.iter().filter(is).count()
    }

    /// Whether none was played.
    pub fn is_empty(&self) -> bool {
        self.played.is_empty()
    }

    /// How many came out otherwise than expected.
    pub fn failed(&self) -> usize {
        self.played.iter().filter(|it| it.is_failed()).count()
    }

    /// For people: every failure with its place, what was wanted and what came; then the figures.
    pub fn render(&self) -> String {
        let (mut text, coverage) = (self.render_cases(), &self.coverage);
        writeln!(
            text,
            "{}; {} of {} stages and {} of {} transitions seen",
            self.passed_and_failed(),
            coverage.stages_seen,
            coverage.stages,
            coverage.transitions_seen,
            coverage.transitions,
        )
        .ok();
        if !coverage.never.is_empty() {
            writeln!(text, "never seen: {}", coverage.never.join(", ")).ok();
        }
        if let Some(scripts) = &coverage.scripts {
            render_scripts(&mut text, scripts);
        }
        text
    }

    /// For people who chose a few: what those did not come through tells nothing.
    pub fn render_chosen(&self) -> String {
        format!("{}{}\n", self.render_cases(), self.passed_and_failed())
    }

    fn render_cases(&self) -> String {
        let mut text = String::new();
        for played in &self.played {
            let mark = if played.is_failed() { "FAILED" } else { "ok" };
            writeln!(text, "{mark:<7}{} ({})", played.name, played.length()).ok();
            for failure in &played.failures {
                render_failure(&mut text, &played.file, failure);
            }
        }
        text
    }

    fn passed_and_failed(&self) -> String {
        let failed = self.failed();
        format!("{} passed, {failed} failed", self.len() - failed)
    }

    /// Every failure with its place, what was wanted and what came.
    pub fn render_failures(&self) -> String {
        let mut text = String::new();
        for played in self.played.iter().filter(|it| it.is_failed()) {
            writeln!(text, "FAILED {} ({})", played.name, played.length()).ok();
            for failure in &played.failures {
                render_failure(&mut text, &played.file, failure);
            }
        }
        text
    }

    /// How many of a hundred branches were taken, rounded down; `None` where nobody counted.
    pub fn branches_percent(&self) -> Option<u8> {
        let branches = self.coverage.scripts.as_ref()?.branches;
        (0..=100)
            .rev()
            .find(|percent| branches.is_at_least(*percent))
    }

    /// The share of branches that were taken, in percent, where it is below this one.
    pub fn branches_below(&self, percent: u8) -> Option<String> {
        let branches = self.coverage.scripts.as_ref()?.branches;
        (!branches.is_at_least(percent)).then(|| branches.percent())
    }

    /// Which lines and branches ran, as an lcov tracefile.
    pub fn lcov(&self) -> String {
        self.coverage.scripts.as_ref().map(lcov).unwrap_or_default()
    }

    /// For programs.
    pub fn json(&self) -> impl Serialize {
        Json {
            passed: self.len() - self.failed(),
            failed: self.failed(),
            conversations: self.json_of(Of::Conversation),
            faq_rules: self.json_of(Of::FaqRules),
            coverage: &self.coverage,
        }
    }

    fn json_of(&self, of: Of) -> Vec<JsonCase<'_>> {
        let played = self.played.iter().filter(|it| it.of == of);
        played.map(JsonCase::of).collect()
    }

    /// For build servers, in the form that `JUnit` readers share.
    pub fn junit(&self) -> String {
        let (all, failed) = (self.len(), self.failed());
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{all}\" \
             failures=\"{failed}\">\n  <testsuite name=\"playbook\" tests=\"{all}\" \
             failures=\"{failed}\">\n"
        );
        xml.push_str(&properties(&self.coverage));
        for played in &self.played {
            let (name, file) = (escaped(&played.name), escaped(&played.file));
            write!(xml, "    <testcase name=\"{name}\" classname=\"{file}\">").ok();
            for failure in &played.failures {
                let mut told = String::new();
                render_failure(&mut told, &played.file, failure);
                let (message, told) = (escaped(&failure.after), escaped(&told));
                write!(
                    xml,
                    "\n      <failure message=\"{message}\">{told}</failure>\n    "
                )
                .ok();
            }
            xml.push_str("</testcase>\n");
        }
        xml.push_str("  </testsuite>\n</testsuites>\n");
        xml
    }
}

impl Played {
    fn is_failed(&self) -> bool {
        !self.failures.is_empty()
    }

    /// How long it was, for people.
    fn length(&self) -> String {
        match self.of {
            Of::Conversation => format!("{} turns", self.turns),
            Of::FaqRules => "FAQ rules".to_owned(),
        }
    }
}

impl<'a> JsonCase<'a> {
    fn of(played: &'a Played) -> Self {
        Self {
            name: &played.name,
            file: &played.file,
            turns: (played.of == Of::Conversation).then_some(played.turns),
            failures: played.failures.iter().flat_map(JsonFailure::all).collect(),
        }
    }
}

impl<'a> JsonFailure<'a> {
    fn all(failure: &'a Failure) -> impl Iterator<Item = Self> {
        failure.misses.iter().map(|miss| Self {
            line: failure.line,
            after: &failure.after,
            what: miss.what,
            wanted: &miss.wanted,
            got: &miss.got,
        })
    }
}

fn render_scripts(text: &mut String, scripts: &Scripts) {
    let (lines, branches) = (scripts.lines, scripts.branches);
    writeln!(
        text,
        "{} % of {} lines and {} % of {} branches ran",
        lines.percent(),
        lines.of,
        branches.percent(),
        branches.of,
    )
    .ok();
    for place in scripts.never_run.iter().take(MOST_PLACES) {
        writeln!(text, "  never: {place}").ok();
    }
    let more = scripts.never_run.len().saturating_sub(MOST_PLACES);
    if more > 0 {
        writeln!(text, "  and {more} more (--json tells all)").ok();
    }
}

/// What was come through, as `JUnit` knows it.
fn properties(coverage: &Coverage) -> String {
    let share = |ran: usize, of: usize| format!("{ran} of {of}");
    let mut all = vec![
        ("stages", share(coverage.stages_seen, coverage.stages)),
        (
            "transitions",
            share(coverage.transitions_seen, coverage.transitions),
        ),
    ];
    if let Some(scripts) = &coverage.scripts {
        all.push(("lines_percent", scripts.lines.percent()));
        all.push(("branches_percent", scripts.branches.percent()));
        all.push(("never_run", scripts.never_run.join(", ")));
    }
    let mut xml = "    <properties>\n".to_owned();
    for (name, value) in all {
        let value = escaped(&value);
        writeln!(xml, "      <property name=\"{name}\" value=\"{value}\"/>").ok();
    }
    xml.push_str("    </properties>\n");
    xml
}

fn render_failure(text: &mut String, file: &str, failure: &Failure) {
    let (line, after) = (failure.line, &failure.after);
    writeln!(text, "  {file}:{line}: {after}").ok();
    for Miss { what, wanted, got } in &failure.misses {
        writeln!(text, "    {what}").ok();
        writeln!(text, "      wanted {}", indented(wanted)).ok();
        writeln!(text, "      got    {}", indented(got)).ok();
    }
}

/// Further lines stand under the first, and no text commands a terminal.
fn indented(text: &str) -> String {
    let plain = |letter: char| letter.is_control() && letter != '\n';
    text.replace(plain, "\u{fffd}")
        .replace('\n', "\n             ")
}

/// What XML keeps for itself, and what it cannot hold at all.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(letter),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ if letter.is_control() => escaped.push('\u{fffd}'),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let miss = Miss {
            what: "the reply",
            wanted: "something with \"48\"".to_owned(),
            got: "It costs\n<49> & more\u{7}".to_owned(),
        };
        let failure = Failure {
            line: 7,
            after: "the customer says \"how much?\"".to_owned(),
            misses: vec![miss],
        };
        let played = |name: &str, failures| Played {
            of: Of::Conversation,
            name: name.to_owned(),
            file: "scripts/tests/a.yaml".to_owned(),
            turns: 2,
            failures,
            seen: Vec::new(),
        };
        let stages = [("greet".to_owned(), vec!["offer".to_owned()])];
        let lines: Vec<(usize, u64)> = (1..=60).map(|line| (line, (line % 2) as u64)).collect();
        let scripts = vec![ScriptCoverage {
            file: "scripts/playbooks/a.rhai".to_owned(),
            lines,
            branches: Vec::new(),
        }];
        let all = vec![
            played("一切顺利", Vec::new()),
            played("prices", vec![failure]),
        ];
        Report::new(all, &stages, Some(scripts))
    }

    #[test]
    fn people_read_what_was_wanted_and_what_came() {
        insta::assert_snapshot!(report().render());
    }

    #[test]
    fn build_servers_read_junit() {
        insta::assert_snapshot!(report().junit());
    }
}
