//! A `TextMate` grammar: how editors colour a playbook. The language's own words are written here,
//! those of the API come from the table.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Kind, entries};

/// A grammar, as editors read it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Grammar {
    name: &'static str,
    scope_name: &'static str,
    file_types: [&'static str; 1],
    patterns: Vec<Rule>,
    repository: BTreeMap<&'static str, Rule>,
}

/// One rule of a grammar. What is empty is left out.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    include: Option<&'static str>,
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    one: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    begin: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<&'static str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    captures: BTreeMap<&'static str, Rule>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    patterns: Vec<Rule>,
}

/// The words of the language, each with what editors call them.
const WORDS: [(&str, &str); 6] = [
    (
        "keyword.control.rhai",
        "if|else|switch|for|in|while|loop|do|until|break|continue|return",
    ),
    ("keyword.control.trycatch.rhai", "throw|try|catch"),
    ("keyword.control.import.rhai", "import|export|as"),
    ("storage.type.rhai", "let|const"),
    ("storage.modifier.rhai", "private"),
    ("constant.language.rhai", "true|false"),
];

/// The grammar of playbooks, to be serialised as JSON.
pub fn grammar() -> impl Serialize {
    Grammar {
        name: "Rhai playbook",
        scope_name: "source.rhai.playbook",
        file_types: ["rhai"],
        patterns: vec![include("#code")],
        repository: BTreeMap::from([("code", code()), ("text", text())]),
    }
}

fn code() -> Rule {
    let words = WORDS
        .iter()
        .map(|(name, words)| rule(name, format!("\\b({words})\\b")));
    let patterns = comments()
        .into_iter()
        .chain([include("#text"), declared_function()])
        .chain(words)
        .chain(vocabulary())
        .chain(the_rest());
    Rule {
        patterns: patterns.collect(),
        ..Rule::default()
    }
}

fn comments() -> [Rule; 2] {
    [
        rule("comment.line.double-slash.rhai", "//.*$"),
        block("comment.block.rhai", "/\\*", "\\*/", Vec::new()),
    ]
}

/// `"…"`, and `` `…${…}…` `` with code in it.
fn text() -> Rule {
    let escape = rule("constant.character.escape.rhai", "\\\\.");
    let code = block(
        "meta.embedded.rhai",
        "\\$\\{",
        "\\}",
        vec![include("#code")],
    );
    Rule {
        patterns: vec![
            block("string.quoted.double.rhai", "\"", "\"", vec![escape]),
            block("string.interpolated.rhai", "`", "`", vec![code]),
        ],
        ..Rule::default()
    }
}

/// `fn reply(…)`: a function that the engine calls stands out from one's own.
fn declared_function() -> Rule {
    let written = named(|kind| kind == Kind::Written);
    let called = rule(
        "entity.name.function.support.rhai",
        format!("\\b({written})\\b"),
    );
    let own = rule("entity.name.function.rhai", "\\w+");
    Rule {
        one: Some("\\b(fn)\\s+(\\w+)".to_owned()),
        captures: BTreeMap::from([
            (
                "1",
                Rule {
                    name: Some("storage.type.function.rhai"),
                    ..Rule::default()
                },
            ),
            (
                "2",
                Rule {
                    patterns: vec![called, own],
                    ..Rule::default()
                },
            ),
        ]),
        ..Rule::default()
    }
}

/// The API's own words.
fn vocabulary() -> [Rule; 4] {
    let functions = named(|kind| kind == Kind::Function);
    let methods = named(|kind| kind == Kind::Method);
    let properties = named(|kind| kind == Kind::Property);
    [
        rule("variable.language.turn.rhai", "\\b(turn|exchange)\\b"),
        rule(
            "support.function.playbook.rhai",
            format!("(?<!\\.)\\b({functions})\\b(?=\\s*\\()"),
        ),
        rule(
            "support.function.method.playbook.rhai",
            format!("(?<=\\.)({methods})\\b(?=\\s*\\()"),
        ),
        rule(
            "support.variable.property.playbook.rhai",
            format!("(?<=\\.)({properties})\\b"),
        ),
    ]
}

fn the_rest() -> [Rule; 4] {
    [
        rule(
            "entity.name.function.call.rhai",
            "\\b[A-Za-z_]\\w*\\b(?=\\s*\\()",
        ),
        rule(
            "variable.other.member.key.rhai",
            "\\b[A-Za-z_]\\w*\\b(?=\\s*:(?!:))",
        ),
        rule("constant.numeric.rhai", "\\b\\d[\\d_]*(\\.\\d+)?\\b"),
        rule(
            "keyword.operator.rhai",
            "=>|==|!=|<=|>=|&&|\\|\\||[-+*/%]=?|[<>=!]|\\?\\?",
        ),
    ]
}

/// The names of things of a kind, as alternatives, each once and in order.
fn named(is_meant: impl Fn(Kind) -> bool) -> String {
    let mut names: Vec<&str> = entries()
        .filter(|entry| is_meant(entry.kind))
        .map(super::Entry::name)
        .collect();
    names.sort_unstable();
    names.dedup();
    names.join("|")
}

fn rule(name: &'static str, one: impl Into<String>) -> Rule {
    Rule {
        name: Some(name),
        one: Some(one.into()),
        ..Rule::default()
    }
}

fn block(name: &'static str, begin: &'static str, end: &'static str, patterns: Vec<Rule>) -> Rule {
    Rule {
        name: Some(name),
        begin: Some(begin),
        end: Some(end),
        patterns,
        ..Rule::default()
    }
}

fn include(what: &'static str) -> Rule {
    Rule {
        include: Some(what),
        ..Rule::default()
    }
}
