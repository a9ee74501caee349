//! Standard output and standard error of the commands: the only place that writes to them.

use std::io::{self, Write};

/// So many of something: `1 row`, `2 rows`.
pub fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// Writes to standard output. A reader that has gone away (`| head`) is no error.
pub fn print(text: &str) {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .ok();
}

/// Writes to standard error.
pub fn note(text: &str) {
    let mut out = io::stderr().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .ok();
}

/// Writes a value as indented JSON, for programs.
pub fn print_json(value: &impl serde::Serialize) {
    let text = serde_json::to_string_pretty(value).unwrap_or_else(|_| "null".to_owned());
    print(&format!("{text}\n"));
}

/// What a command did: JSON for programs on standard output, or words for people on standard error.
pub fn tell(json: bool, value: &impl serde::Serialize, words: &str) {
    if json {
        print_json(value);
    } else {
        note(words);
    }
}
