//! The reference for people, as Markdown.

use std::{collections::BTreeSet, fmt::Write};

use super::{Entry, Kind, SECTIONS, Section, sentence, signature::Signature};
use crate::sandbox::{
    MAX_ARRAY_ITEMS, MAX_CALL_LEVELS, MAX_MODULES, MAX_OPERATIONS, MAX_SCRIPT_BYTES,
    MAX_STRING_BYTES, TIME_LIMIT,
};

const HEAD: &str = "# The playbook reference

<!-- Written by `consultant playbook docs`; do not edit it here. -->

Everything that a playbook can declare, do and see. New to playbooks? Begin with [the tutorial](tutorial.md), which takes a quarter of an hour.

A playbook is one file, `scripts/playbooks/NAME.rhai`, in the language [Rhai](https://rhai.rs/book). For every message of a customer its `reply(turn)` is called once and returns a list of actions, which are carried out in order. It cannot do anything else: no files, no clock, no waiting; the same turn always gets the same answer. `consultant check` finds mistakes before a customer does, and `consultant playbook test` plays conversations that you write down.

Beside it may stand rules that are scripts too: [when a colleague is needed](#escalation-rules), in `scripts/escalation.rhai`, and [what becomes a reviewed answer](#faq-rules), in `scripts/faq.rhai`.

```rhai
";

/// A playbook to begin with.
pub(super) const WHOLE: &str = r#"fn stages() {
    [stage("greet", ["offer"]), stage("offer", [])]
}

fn reply(turn) {
    if turn.first_contact && turn.intent == "greet" {
        return [say(#{ en: "Hello! What are you looking for?", zh: "您好！您在找什么？" })];
    }
    if turn.intent == "order" && turn.products.len > 0 {
        return to_offer(turn) + [offer(turn.products[0], (), turn.quantity)];
    }
    [answer()]
}

// Functions of your own may be called from `reply`.
fn to_offer(turn) {
    if turn.stage == "offer" { [] } else { [goto("offer")] }
}"#;

const HOW_TO_READ: &str = r#"
```

Functions that several playbooks share stand in `scripts/lib/NAME.rhai`; write `import "NAME" as n;` at the top of the playbook, then `n::function(…)`.

## How to read this

`offer(product: Product | String, quantity: int) -> Action` takes a product or its id in quotes, and a whole number; it makes an action. What a function complains about is told with file and line: by `consultant check` where it can be seen in the script, otherwise in the log, while the message is answered as by `answer()`. Each example is compiled and run by the product's own tests. Lines without a function around them stand inside `reply`, those about an exchange inside `faq_draft`.

| type | what it is |
|---|---|
| `Text` | what customers read: `"Hello"`, or one per language, `#{ en: "Hello", zh: "你好" }`; English is always there |
| `String` | a text in quotes, `"seats"`; with values in it, `` `${turn.slots.seats} seats` `` |
| `int`, `decimal`, `float` | a whole number, an exact number (prices), any other number; `number` is any of them |
| `bool` | `true` or `false` |
| `Array` | a list, `["a", "b"]`: `list.len`, `list[0]`, `"a" in list`, `list + list`, `for item in list { … }` |
| `Map` | named values, `#{ team: "sales" }`: `map.team` |
| `()` | nothing: compare with it, `turn.quantity == ()` |
| `?` | anything |
| `Action` | what `reply` returns a list of |
| `Draft` | what `faq_draft` returns |
"#;

/// The whole reference.
pub fn markdown() -> String {
    let mut page = format!("{HEAD}{WHOLE}{HOW_TO_READ}");
    page.push_str("\n## Contents\n\n");
    for section in &SECTIONS {
        write_contents(&mut page, section);
    }
    page.push_str("- [Limits](#limits)\n");
    for section in &SECTIONS {
        write!(page, "\n## {}\n\n{}\n", section.title, section.intro).ok();
        for entry in section.entries {
            write_entry(&mut page, entry);
        }
    }
    write_limits(&mut page);
    page
}

fn write_contents(page: &mut String, section: &Section) {
    let title = section.title;
    let letters = title.to_lowercase();
    let letters = letters
        .chars()
        .filter(|it| it.is_alphanumeric() || *it == ' ');
    let anchor: String = letters.map(|it| if it == ' ' { '-' } else { it }).collect();
    let owners: BTreeSet<_> = section.entries.iter().map(|entry| entry.on).collect();
    // Of several types, each has a name of its own.
    let several = owners.iter().flatten().count() > 1;
    let names = section.entries.iter().map(|entry| {
        let name = entry.name().to_owned();
        let name = if several { entry.title() } else { name };
        format!("`{name}`")
    });
    let names: Vec<String> = names.collect();
    writeln!(page, "- [{title}](#{anchor}): {}", names.join(" ")).ok();
}

fn write_entry(page: &mut String, entry: &Entry) {
    write!(page, "\n### `{}`\n\n", entry.title()).ok();
    if entry.kind == Kind::Property {
        let signature = entry.signatures.first().copied().unwrap_or_default();
        write!(page, "`{}`. ", Signature::read(signature).returns).ok();
    } else {
        writeln!(page, "```\n{}\n```\n", entry.signatures.join("\n")).ok();
    }
    write!(page, "{}\n\n", entry.what).ok();
    if let [only] = entry.errors {
        write!(page, "Complains: {}\n\n", sentence(only)).ok();
    } else if !entry.errors.is_empty() {
        page.push_str("Complains:\n\n");
        for error in entry.errors {
            writeln!(page, "- {error}").ok();
        }
        page.push('\n');
    }
    write!(page, "```rhai\n{}\n```\n", entry.example).ok();
}

fn write_limits(page: &mut String) {
    let kib = |bytes: usize| bytes / 1024;
    write!(
        page,
        "\n## Limits\n\nA script that goes over one of these fails with its line, and the message \
         is answered as by `answer()`.\n\n\
         | what | the most |\n|---|---|\n\
         | steps of one turn | {MAX_OPERATIONS} |\n\
         | time of one turn | {} ms |\n\
         | functions that call each other, one inside the other | {MAX_CALL_LEVELS} |\n\
         | a text | {} KiB |\n\
         | a list | {MAX_ARRAY_ITEMS} items |\n\
         | a script | {} KiB |\n\
         | modules in `scripts/lib` | {MAX_MODULES} |\n",
        TIME_LIMIT.as_millis(),
        kib(MAX_STRING_BYTES),
        kib(MAX_SCRIPT_BYTES),
    )
    .ok();
}
