//! How a command ends when it cannot do its work: plain words, what to try, and an exit code.

use std::process::ExitCode;

use crate::diagnostics::Diagnostic;

/// The exit code for a wrong command line or a missing setting.
pub const USAGE: u8 = 2;

/// The exit code for everything else.
pub const FAILED: u8 = 1;

/// Why a command could not do its work.
#[derive(Debug, Default)]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// What failed, with which value. Empty when the diagnostics say it all.
    pub message: String,
    /// What to try.
    pub hint: String,
    /// Places in files.
    pub diagnostics: Vec<Diagnostic>,
}

impl Failure {
    /// Something that is not there or does not work.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code: FAILED,
            message: message.into(),
            hint: hint.into(),
            diagnostics: Vec::new(),
        }
    }

    /// A wrong command line or a missing setting.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code: USAGE,
            ..Self::new(message, hint)
        }
    }

    /// The exit code for the operating system.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }

    /// The text for standard error.
    pub fn render(&self) -> String {
        let problems: String = self.diagnostics.iter().map(Diagnostic::render).collect();
        let line = |name: &str, text: &str| {
            if text.is_empty() {
                String::new()
            } else {
                format!("{name}: {text}\n")
            }
        };
        format!(
            "{problems}{}{}",
            line("error", &self.message),
            line("  hint", &self.hint)
        )
    }
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        let count = diagnostics.len();
        let plural = if count == 1 { "" } else { "s" };
        let message = format!("{count} problem{plural} found; nothing was started");
        Self {
            diagnostics,
            ..Self::new(message, "")
        }
    }
}

/// A failure from an error and all its causes.
pub fn because(what: &str, error: &dyn std::error::Error, hint: &str) -> Failure {
    let mut message = format!("{what}: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !message.contains(&cause_text) {
            message.push_str(": ");
            message.push_str(&cause_text);
        }
        source = cause.source();
    }
    Failure::new(message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the lid is shut")]
    struct Lid;

    #[derive(Debug, thiserror::Error)]
    #[error("the box cannot be read")]
    struct Boxed(#[source] Lid);

    #[test]
    fn a_failure_names_its_causes_and_what_to_try() {
        let failure = because("opening", &Boxed(Lid), "lift the lid");
        insta::assert_snapshot!(failure.render(), @r"
        error: opening: the box cannot be read: the lid is shut
          hint: lift the lid
        ");
    }

    #[test]
    fn usage_has_an_exit_code_of_its_own() {
        assert_eq!(Failure::usage("x", "y").code, USAGE);
        assert_eq!(Failure::new("x", "y").code, FAILED);
    }
}
