//! Definition files, in the form that Rhai's language server reads: signatures with what they do.
//!
//! Rhai can write such files from an engine, but names no parameter and explains nothing, so those
//! of the API come from the table. Those of the language's own functions come from the engine, and
//! so hold just what the sandbox has.

use std::fmt::Write;

use super::{Entry, Kind, entries, signature::Signature};
use crate::sandbox;

const HEAD: &str = "\
/// What a playbook of Consultant can call and see.
///
/// Written by `consultant playbook definitions`; do not edit it here.
module static;
";

/// Part of the language itself, not of any package of the engine.
const KEYWORDS: &str = "\
/// The name of a value's type: `\"i64\"`, `\"string\"`, `\"decimal\"`, `\"array\"`.
fn type_of(value: ?) -> String;

/// Does nothing in a playbook: there is nowhere to print to.
fn print(value: ?);

/// Does nothing in a playbook: there is nowhere to print to.
fn debug(value: ?);
";

/// Fails by name in a playbook, so that nobody is offered it.
const NOT_OFFERED: &str = "fn sleep(";

/// The definitions of the API.
pub fn api_definitions() -> String {
    let mut file = HEAD.to_owned();
    let callable = entries().filter(|it| it.kind != Kind::Written && it.name() != "[]");
    for entry in callable {
        for signature in entry.signatures {
            write_definition(&mut file, entry, &Signature::read(signature));
        }
    }
    file
}

/// The definitions of what the language itself has in a playbook.
pub fn language_definitions() -> String {
    let engine = sandbox::engine();
    let own = engine.definitions().include_standard_packages(true);
    let own = own.static_module();
    let offered = own.split("\n\n").filter(|it| !it.contains(NOT_OFFERED));
    let offered: Vec<&str> = offered.collect();
    format!("module static;\n\n{KEYWORDS}\n{}\n", offered.join("\n\n"))
}

fn write_definition(file: &mut String, entry: &Entry, signature: &Signature) {
    let complains = entry.errors.iter().map(|it| format!("Complains: {it}."));
    let example = ["Example:", "```rhai"].into_iter();
    let example = example.chain(entry.example.lines()).chain(["```"]);
    let types = union_types(signature);
    let paragraphs = [vec![entry.what.to_owned()], types, complains.collect()];
    let paragraphs = paragraphs.iter().filter(|lines| !lines.is_empty());
    file.push('\n');
    for lines in paragraphs {
        for line in lines {
            writeln!(file, "/// {line}").ok();
        }
        file.push_str("///\n");
    }
    for line in example {
        writeln!(file, "/// {line}").ok();
    }
    writeln!(file, "{}", definition(entry, signature)).ok();
}

/// Parameters of several types, which the form has no word for.
fn union_types(signature: &Signature) -> Vec<String> {
    let parameters = signature.parameters.iter();
    let several = parameters.filter(|it| type_name(it.kind) == "?" && it.kind != "?");
    several.map(|it| format!("`{}`: `{}`", it.name, it.kind)).collect()
}

fn definition(entry: &Entry, signature: &Signature) -> String {
    let (name, returns) = (signature.name, type_name(signature.returns));
    let owner = entry.on.map(|on| format!("{}: {on}", on.to_lowercase()));
    let values = signature.parameters.iter();
    let values = values.map(|it| format!("{}: {}", it.name, type_name(it.kind)));
    let values: Vec<String> = owner.into_iter().chain(values).collect();
    let values = values.join(", ");
    match (entry.kind, entry.on) {
        (Kind::Property, _) => format!("fn get {name}({values}) -> {returns};"),
        (Kind::Operator, Some(on)) => format!("op {name}({on}, {on}) -> {returns};"),
        _ => format!("fn {name}({values}) -> {returns};"),
    }
}

/// A type in the form's own words. A text per language is no type of Rhai's.
fn type_name(name: &str) -> &str {
    match name {
        "Text" | "number" => "?",
        several if several.contains(" | ") => "?",
        one => one,
    }
}
