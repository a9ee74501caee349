//! Problems in files, shown with their line and a caret. Config, catalogue, FAQ and scripts each
//! report in their own words; here they get one face, and one JSON form.

use std::fmt::Write;

use consultant_playbook::{Lint, Severity};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource};
use serde::{Serialize, Serializer};

use crate::{config, output::counted};

/// One problem in one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How grave it is.
    #[serde(serialize_with = "severity_name")]
    pub severity: Severity,
    /// The lint that found it in a script, which has a page.
    #[serde(flatten, serialize_with = "lint_and_page")]
    pub lint: Option<Lint>,
    /// The file, or the name of an environment variable.
    pub file: String,
    /// From 1.
    pub line: Option<usize>,
    /// In characters, from 1.
    pub column: Option<usize>,
    /// Characters that are wrong, at least 1.
    pub length: usize,
    /// The key's path in a YAML file.
    pub key: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
    /// The file's text, for the caret; not for programs, and never of a file with secrets.
    #[serde(skip)]
    pub text: Option<String>,
}

impl Diagnostic {
    /// Problems of the configuration. Their lines are never shown: they may hold a token.
    pub fn from_config(problems: Vec<config::Problem>) -> Vec<Self> {
        let from = |problem: config::Problem| Self {
            file: problem.source,
            line: problem.place.map(|place| place.line),
            column: problem.place.map(|place| place.column),
            length: 1,
            key: problem.key,
            message: problem.message,
            hint: Some(problem.hint).filter(|hint| !hint.is_empty()),
            ..Self::default()
        };
        problems.into_iter().map(from).collect()
    }

    /// A problem of a catalogue, of reviewed answers or of a table, with the text that it stands in.
    pub fn from_facts(problem: consultant_knowledge::Problem, text: Option<String>) -> Self {
        Self {
            text,
            file: problem.file,
            line: Some(problem.line),
            column: Some(problem.column),
            length: problem.width,
            key: Some(problem.key).filter(|key| !key.is_empty()),
            message: problem.message,
            hint: problem.hint,
            severity: if problem.is_warning {
                Severity::Warning
            } else {
                Severity::Error
            },
            ..Self::default()
        }
    }

    /// A problem that a lint found in a script, whose text is at hand.
    pub fn from_script(problem: consultant_playbook::Problem, text: Option<String>) -> Self {
        Self {
            severity: problem.lint.severity(),
            lint: Some(problem.lint),
            file: problem.file,
            line: problem.line,
            column: problem.column,
            length: problem.length,
            key: None,
            message: problem.message,
            hint: problem.hint,
            text,
        }
    }

    /// The same, at the end of its text where it lies behind that: what is missing at the end is
    /// missed on a line that is not there, and YAML breaks lines where no editor does.
    #[must_use]
    pub fn within_its_text(mut self) -> Self {
        let lines: Vec<&str> = self.text.iter().flat_map(|text| text.split('\n')).collect();
        if let Some(last) = lines.last()
            && self.line.is_some_and(|line| line > lines.len())
        {
            self.line = Some(lines.len());
            self.column = Some(last.chars().count() + 1);
        }
        self
    }

    /// Whether the company cannot go live with it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// `2 errors, 1 warning`.
    pub fn count(problems: &[Self]) -> String {
        let errors = problems.iter().filter(|problem| problem.is_error()).count();
        let warnings = counted(problems.len() - errors, "warning");
        format!("{}, {warnings}", counted(errors, "error"))
    }

    /// `file:line:column: error[lint]: message`, the line with a caret, and the hint.
    pub fn render(&self) -> String {
        let mut rendered = self.headline();
        if let Some(excerpt) = self.excerpt() {
            rendered.push_str(&excerpt);
        }
        if let Some(hint) = &self.hint {
            writeln!(rendered, "  hint: {hint}").ok();
        }
        rendered.push('\n');
        rendered
    }

    fn headline(&self) -> String {
        let mut line = self.file.clone();
        for number in [self.line, self.column].into_iter().flatten() {
            write!(line, ":{number}").ok();
        }
        if let Some(key) = &self.key {
            write!(line, ": {key}").ok();
        }
        match (self.lint, self.severity) {
            (Some(lint), severity) => write!(line, ": {severity}[{lint}]").ok(),
            (None, Severity::Warning) => write!(line, ": {}", self.severity).ok(),
            (None, Severity::Error) => None,
        };
        format!("{line}: {}\n", self.message)
    }

    /// The line and its neighbours, with a caret under what is wrong.
    fn excerpt(&self) -> Option<String> {
        let text = self.text.clone()?;
        let start = byte_offset(&text, self.line?, self.column.unwrap_or(1))?;
        let rest = text.get(start..)?;
        let length: usize = rest
            .chars()
            .take(self.length.max(1))
            .take_while(|character| *character != '\n')
            .map(char::len_utf8)
            .sum();
        let label = LabeledSpan::new(Some("here".to_owned()), start, length);
        let report = miette::Report::new(MietteDiagnostic::new("").with_label(label))
            .with_source_code(NamedSource::new(&self.file, text));
        let mut excerpt = String::new();
        GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
            .with_context_lines(1)
            .render_report(&mut excerpt, report.as_ref())
            .ok()?;
        // Without the line of the place: it stands in the headline, in characters, and would
        // stand here once more in bytes.
        let lines = excerpt
            .lines()
            .skip_while(|line| !line.contains('╭'))
            .skip(1);
        Some(lines.fold(String::new(), |mut kept, line| {
            writeln!(kept, "{line}").ok();
            kept
        }))
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a field over like this"
)]
fn severity_name<S: Serializer>(severity: &Severity, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(severity.name())
}

/// For programs: `lint`, and where its page stands in the project.
#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a field over like this"
)]
fn lint_and_page<S: Serializer>(lint: &Option<Lint>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Named {
        lint: Option<&'static str>,
        page: Option<&'static str>,
    }
    let named = Named {
        lint: lint.map(Lint::name),
        page: lint.map(Lint::address),
    };
    named.serialize(serializer)
}

fn byte_offset(text: &str, line: usize, column: usize) -> Option<usize> {
    let line_start: usize = text
        .split_inclusive('\n')
        .take(line.checked_sub(1)?)
        .map(str::len)
        .sum();
    let rest = text.get(line_start..)?;
    let within: usize = rest
        .chars()
        .take(column.saturating_sub(1))
        .take_while(|character| *character != '\n')
        .map(char::len_utf8)
        .sum();
    Some(line_start + within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_shows_its_line_with_a_caret_and_a_hint() {
        let diagnostic = Diagnostic {
            file: "demo.rhai".into(),
            line: Some(2),
            column: Some(5),
            length: 5,
            message: "`gotto` is not a function".into(),
            hint: Some("did you mean `goto`?".into()),
            text: Some("fn reply(turn) {\n    gotto(\"价格\")\n}\n".into()),
            ..Diagnostic::default()
        };
        insta::assert_snapshot!(diagnostic.render());
    }

    #[test]
    fn a_lint_names_itself_and_its_severity() {
        let warning = Diagnostic {
            severity: Severity::Warning,
            lint: Some(Lint::UnusedVariable),
            file: "own.rhai".into(),
            line: Some(2),
            message: "nobody looks at the variable `n`".into(),
            ..Diagnostic::default()
        };
        let told = "own.rhai:2: warning[unused-variable]: nobody looks at the variable `n`\n\n";
        assert_eq!(warning.render(), told);
        let error = Diagnostic::default();
        assert_eq!(Diagnostic::count(&[]), "0 errors, 0 warnings");
        let problems = [error.clone(), warning, error];
        assert_eq!(Diagnostic::count(&problems), "2 errors, 1 warning");
    }

    #[test]
    fn a_problem_without_a_place_is_one_line_and_a_hint() {
        let diagnostic = Diagnostic {
            file: "CONSULTANT__STORE__URL".into(),
            key: Some("store.url".into()),
            message: "names no store".into(),
            hint: Some("write `sqlite:PATH`".into()),
            ..Diagnostic::default()
        };
        insta::assert_snapshot!(diagnostic.render(), @r"
        CONSULTANT__STORE__URL: store.url: names no store
          hint: write `sqlite:PATH`
        ");
    }

    #[test]
    fn a_place_outside_the_file_does_not_panic() {
        for (line, column) in [(0, 0), (9, 1), (1, 999), (usize::MAX, usize::MAX)] {
            let diagnostic = Diagnostic {
                line: Some(line),
                column: Some(column),
                text: Some("一\n二".into()),
                ..Diagnostic::default()
            };
            assert!(!diagnostic.render().is_empty());
        }
    }
}
