//! Text that must have a form: one of a list of choices, or JSON of a schema.

use consultant_core::ports::{Constraint, Finish, Generate};
use serde_json::{Value, json};

use super::subject::{Flaw, Subject, Verdict, ensure, quoted, sampled, wish};

/// More than any text of these checks needs, even written letter by letter.
const AMPLE_TOKENS: usize = 160;

/// Fewer than the long choice needs.
const FEW_TOKENS: usize = 4;

/// The kinds of wish that the form of an answer is asked of.
const KINDS: [&str; 3] = ["question", "order", "complaint"];

/// The longest remark in the JSON, in characters.
const REMARK_CHARS: usize = 20;

/// One of the list, whichever way tokens are chosen. One choice is the beginning of another.
pub(super) async fn choice(subject: &Subject) -> Verdict {
    let question = "Does a desk lamp give light? Answer yes or no.";
    one_of(subject, question, &["yes", "yes, it does", "no", "perhaps"]).await
}

/// Letters of several bytes each.
pub(super) async fn choice_in_chinese(subject: &Subject) -> Verdict {
    let question = "顾客想要什么？“我想买一盏台灯。”";
    one_of(subject, question, &["购买", "退货", "询问价格", "投诉"]).await
}

/// Letters that mean something to whoever builds a grammar. Each text is once the only choice, so
/// that none escapes the test.
pub(super) async fn odd_letters(subject: &Subject) -> Verdict {
    let odd = [
        "C++ (new)",
        r"a.b*c? \d{2}",
        "[x]|^$ 50% #1 & ~",
        "\"it's\" / <b> – 🙂",
    ];
    let question = "Which of these names do you like best?";
    for only in odd {
        one(subject, chosen(question, &[only]), &[only]).await?;
    }
    one_of(subject, question, &odd).await
}

/// The length limit holds for a choice too: what there is of it is its beginning.
pub(super) async fn choice_cut_off(subject: &Subject) -> Verdict {
    let long = "a warm light for reading, for writing and for all that you do at a desk at night";
    let request = Generate {
        max_tokens: FEW_TOKENS,
        ..chosen("What is a desk lamp for?", &[long])
    };
    let written = subject.write(request).await?;
    let begins = long.starts_with(&written.text) && written.text.len() < long.len();
    ensure(written.finish == Finish::Length && begins, || {
        format!(
            "{} ended by {:?} with a limit of {FEW_TOKENS} tokens",
            quoted(&written.text),
            written.finish
        )
    })?;
    Ok(format!(
        "a limit of {FEW_TOKENS} tokens left {}",
        quoted(&written.text)
    ))
}

/// JSON that parses, with the keys and types of its schema, whichever way tokens are chosen.
pub(super) async fn json_schema(subject: &Subject) -> Verdict {
    let question = "A customer writes: I would like two lamps, please. Note it as JSON.";
    let mut last = String::new();
    for sampling in [wish(question, AMPLE_TOKENS).sampling, sampled(1)] {
        let request = Generate {
            sampling,
            constraint: Constraint::JsonSchema(schema()),
            ..wish(question, AMPLE_TOKENS)
        };
        let written = subject.write(request).await?;
        ensure(written.finish == Finish::Stop, || {
            format!("{} ended by {:?}", quoted(&written.text), written.finish)
        })?;
        note(&written.text)?;
        last = written.text;
    }
    Ok(format!("{} and one more", quoted(&last)))
}

async fn one_of(subject: &Subject, question: &str, choices: &[&str]) -> Verdict {
    let likeliest = one(subject, chosen(question, choices), choices).await?;
    let any = Generate {
        sampling: sampled(1),
        ..chosen(question, choices)
    };
    let any = one(subject, any, choices).await?;
    Ok(format!("of {}: {likeliest} / {any}", choices.len()))
}

async fn one(subject: &Subject, request: Generate, choices: &[&str]) -> Verdict {
    let written = subject.write(request).await?;
    let listed = choices.contains(&written.text.as_str());
    ensure(listed && written.finish == Finish::Stop, || {
        format!(
            "{} of {choices:?}, ended by {:?}",
            quoted(&written.text),
            written.finish
        )
    })?;
    Ok(written.text)
}

fn chosen(question: &str, choices: &[&str]) -> Generate {
    let choices = choices.iter().map(|&choice| choice.to_owned()).collect();
    Generate {
        constraint: Constraint::Choice(choices),
        ..wish(question, AMPLE_TOKENS)
    }
}

/// Everything in it is bounded, so that a model without any wit comes to an end too.
fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "kind": { "type": "string", "enum": KINDS },
            "count": { "type": "integer", "minimum": 0, "maximum": 99 },
            "urgent": { "type": "boolean" },
            "remark": { "type": "string", "maxLength": REMARK_CHARS },
        },
        "required": ["kind", "count", "urgent", "remark"],
        "additionalProperties": false,
    })
}

/// Judges a text by the schema above.
fn note(text: &str) -> Result<(), Flaw> {
    let wrong = |what: &str| Flaw(format!("{} {what}", quoted(text)));
    let value: Value = serde_json::from_str(text).map_err(|_| wrong("is no JSON"))?;
    let object = value.as_object().ok_or_else(|| wrong("is no object"))?;
    let of = |key: &str| object.get(key).unwrap_or(&Value::Null);
    let kind = of("kind").as_str().is_some_and(|it| KINDS.contains(&it));
    let count = of("count").as_u64().is_some_and(|it| it <= 99);
    let urgent = of("urgent").is_boolean();
    let remark = of("remark").as_str();
    let remark = remark.is_some_and(|it| it.chars().count() <= REMARK_CHARS);
    for (fits, key) in [
        (kind, "kind"),
        (count, "count"),
        (urgent, "urgent"),
        (remark, "remark"),
    ] {
        ensure(fits, || format!("{} has no right `{key}`", quoted(text)))?;
    }
    ensure(object.len() == 4, || {
        format!("{} has keys of its own", quoted(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_note(text: &str, expected: &str) {
        let judged = note(text).map_err(|flaw| flaw.0);
        let told = judged.err().unwrap_or_else(|| "right".to_owned());
        assert!(told.ends_with(expected), "{told}");
    }

    #[test]
    fn a_note_is_judged_by_its_keys_and_types() {
        let right = r#"{"kind":"order","count":2,"urgent":false,"remark":"灯"}"#;
        check_note(right, "right");
        check_note("two lamps", "is no JSON");
        check_note("[1]", "is no object");
        check_note(&right.replace("order", "gift"), "no right `kind`");
        check_note(&right.replace('2', "\"2\""), "no right `count`");
        check_note(&right.replace('2', "100"), "no right `count`");
        check_note(&right.replace("false", "0"), "no right `urgent`");
        check_note(&right.replace('灯', &"灯".repeat(21)), "no right `remark`");
        check_note(&right.replace(r#","remark":"灯""#, ""), "no right `remark`");
        check_note(&right.replace('}', r#","more":1}"#), "keys of its own");
    }
}
