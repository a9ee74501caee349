//! Definition files, in the form that Rhai's language server reads: signatures with what they do.
//!
//! Rhai can write such files from an engine, but it would name no parameter of the API and explain
//! nothing, so this one comes from the table.

use std::fmt::Write;

use super::{Entry, Kind, entries, sentence, signature::Signature};

const HEAD: &str = "\
/// What a playbook of Consultant can call and see.
///
/// Written by `consultant playbook definitions`; do not edit it here.
module static;
";

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

fn write_definition(file: &mut String, entry: &Entry, signature: &Signature) {
    let complains = entry
        .errors
        .iter()
        .map(|it| format!("Complains: {}", sentence(it)));
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
    several
        .map(|it| format!("`{}`: `{}`", it.name, it.kind))
        .collect()
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
