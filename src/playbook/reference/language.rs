//! The language's own functions for editors: what Rhai writes of the sandbox, tidied. Left as it is
//! it has types that no reader knows, and a dozen twins of every operator for numbers that no value
//! of a playbook has.

use std::collections::BTreeSet;

use crate::sandbox;

/// Part of the language itself, not of any package of the engine.
const KEYWORDS: &str = "\
/// The name of a value's type: `\"i64\"`, `\"string\"`, `\"decimal\"`, `\"array\"`.
fn type_of(value: ?) -> String;

/// Does nothing in a playbook: there is nowhere to print to.
fn print(value: ?) -> ();

/// Does nothing in a playbook: there is nowhere to print to.
fn debug(value: ?) -> ();
";

/// What fails by name in a playbook, so that nobody is offered it.
const NOT_OFFERED: [&str; 3] = ["fn sleep(", "fn zip(", "fn map(_: map,"];

/// Numbers that no value of a playbook is.
const FOREIGN: [&str; 10] = [
    "i8", "i16", "i32", "i128", "u8", "u16", "u32", "u64", "u128", "f32",
];

/// Types by the names that the reference has for them.
const TYPES: [(&str, &str); 6] = [
    ("Decimal", "decimal"),
    ("Fn", "FnPtr"),
    ("RhaiResult", "?"),
    ("array", "Array"),
    ("map", "Map"),
    ("string", "String"),
];

/// The definitions of what the language itself has in a playbook.
pub fn language_definitions() -> String {
    let engine = sandbox::engine();
    let written = engine.definitions().include_standard_packages(true);
    let written = written.static_module();
    let mut seen = BTreeSet::new();
    let definitions = written.split("\n\n").filter_map(tidied);
    let definitions: Vec<String> = definitions
        .filter(|(_, definition)| seen.insert(definition.clone()))
        .map(|(comments, definition)| format!("\n{comments}{definition}\n"))
        .collect();
    format!("module static;\n\n{KEYWORDS}{}", definitions.concat())
}

/// The comments of a definition and the definition itself; none where a playbook has no use for it.
fn tidied(item: &str) -> Option<(String, String)> {
    let (comments, definition) = match item.rsplit_once('\n') {
        Some((comments, definition)) => (format!("{comments}\n"), definition),
        None => (String::new(), item),
    };
    let mut words = definition.split(|letter: char| !letter.is_alphanumeric());
    let fails = NOT_OFFERED.iter().any(|it| definition.starts_with(it));
    if fails || words.any(|word| FOREIGN.contains(&word)) {
        return None;
    }
    let (head, returns) = definition.strip_suffix(';')?.rsplit_once(" -> ")?;
    let (name, values) = head.strip_suffix(')')?.split_once('(')?;
    let values = values.split(", ").filter(|value| !value.is_empty());
    let values: Vec<String> = values
        .map(|value| match value.rsplit_once(": ") {
            Some((name, kind)) => format!("{name}: {}", type_name(kind)),
            None => type_name(value).to_owned(),
        })
        .collect();
    let returns = type_name(returns);
    Some((
        comments,
        format!("{name}({}) -> {returns};", values.join(", ")),
    ))
}

/// A type's name, or `?` for what is none.
fn type_name(written: &str) -> &str {
    if let Some((_, name)) = TYPES.iter().find(|(known, _)| *known == written) {
        return name;
    }
    let is_name = |letter: char| letter.is_alphanumeric() || "<>?_".contains(letter);
    let is_whole = written.matches('<').count() == written.matches('>').count();
    let is_known = !written.is_empty() && written.chars().all(is_name) && is_whole;
    if is_known || written == "()" {
        written
    } else {
        "?"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(item: &str, expect: Option<&str>) {
        let tidied = tidied(item).map(|(comments, definition)| format!("{comments}{definition}"));
        assert_eq!(tidied.as_deref(), expect);
    }

    #[test]
    fn what_rhai_writes_is_tidied() {
        check(
            "/// Cuts it.\nfn crop(string: string, range: range=) -> ();",
            Some("/// Cuts it.\nfn crop(string: String, range: ?) -> ();"),
        );
        check(
            "fn map(_: array, _: Fn) -> EvalAltResult>>;",
            Some("fn map(_: Array, _: FnPtr) -> ?;"),
        );
        check(
            "op +(int, Decimal) -> Decimal;",
            Some("op +(int, decimal) -> decimal;"),
        );
        check(
            "fn to_decimal(_: ?) -> ;",
            Some("fn to_decimal(_: ?) -> ?;"),
        );
        check("op +(i8, i8) -> i8;", None);
        check("fn sleep(_: int) -> ();", None);
        check("fn map(_: map, _: Fn) -> EvalAltResult>>;", None);
    }
}
