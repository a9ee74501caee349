//! Texts per language: `#{ en: "Hello", zh: "你好" }`, or a plain string, which is English.

use consultant_core::{Language, LocalText};
use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString, Map, NativeCallContext};

use super::call::Call;

/// The longest text of a reply, in bytes of UTF-8; the platforms' own limits are lower, and
/// channels split there.
pub(crate) const MAX_TEXT_BYTES: usize = 16 * 1024;

/// Texts that scripts put together themselves.
pub(super) fn register(engine: &mut Engine) {
    engine.register_fn("local", |ctx: NativeCallContext<'_>, text: Dynamic| {
        let language = Call::turn_of(&ctx)?.understanding.language;
        let text = local_text(&text)?;
        Ok::<_, Box<EvalAltResult>>(text.get(language).to_owned())
    });
}

/// The text that a script gave, which has English and is nowhere empty.
pub(crate) fn local_text(value: &Dynamic) -> Result<LocalText, Box<EvalAltResult>> {
    let text = if let Some(english) = value.read_lock::<ImmutableString>() {
        LocalText::one(Language::EN, english.as_str())
    } else if let Some(texts) = value.read_lock::<Map>() {
        from_map(&texts)?
    } else {
        let what = value.type_name();
        return Err(
            format!("a text is a string or `#{{ en: \"…\", zh: \"…\" }}`, not {what}").into(),
        );
    };
    check(&text)?;
    Ok(text)
}

fn from_map(texts: &Map) -> Result<LocalText, Box<EvalAltResult>> {
    texts
        .iter()
        .map(|(code, text)| {
            let language: Language = code
                .parse()
                .map_err(|error: consultant_core::NotALanguage| error.to_string())?;
            let text = text
                .read_lock::<ImmutableString>()
                .ok_or_else(|| format!("the text for `{code}` is not a string"))?;
            Ok((language, text.to_string()))
        })
        .collect::<Result<_, Box<EvalAltResult>>>()
        .map(LocalText)
}

fn check(text: &LocalText) -> Result<(), Box<EvalAltResult>> {
    for (language, words) in &text.0 {
        if is_blank(words) {
            return Err(format!("the text for `{language}` is empty").into());
        }
        if words.len() > MAX_TEXT_BYTES {
            let length = words.len();
            return Err(format!(
                "the text for `{language}` has {length} bytes; the most is {MAX_TEXT_BYTES}"
            )
            .into());
        }
    }
    if text.0.contains_key(&Language::EN) {
        Ok(())
    } else {
        Err("the text has no English (`en`), which every other language falls back to".into())
    }
}

/// Whether nobody would see anything: only blanks, controls and zero-width characters.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|character| {
        character.is_whitespace()
            || character.is_control()
            || matches!(
                character,
                '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
            )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(script: &str, expect: Result<&[(&str, &str)], &str>) {
        let value: Dynamic = crate::sandbox::engine().eval(script).unwrap();
        let expect = expect
            .map(|pairs| {
                let pair = |(code, text): &(&str, &str)| (code.parse().unwrap(), (*text).into());
                LocalText(pairs.iter().map(pair).collect())
            })
            .map_err(str::to_owned);
        let got = local_text(&value).map_err(|error| error.to_string());
        match (got, expect) {
            (Err(got), Err(expect)) => assert!(got.contains(&expect), "{got}"),
            (got, expect) => assert_eq!(got, expect),
        }
    }

    #[test]
    fn a_text_is_a_string_or_a_map_with_english() {
        check(r#""Hi""#, Ok(&[("en", "Hi")]));
        check(
            r#"#{ en: "Hi", zh: "你好" }"#,
            Ok(&[("en", "Hi"), ("zh", "你好")]),
        );
    }

    #[test]
    fn what_is_no_text_is_told_apart() {
        check("#{}", Err("has no English"));
        check(r#"#{ zh: "你好" }"#, Err("has no English"));
        check(
            r#"#{ en: "Hi", zh: " \u200b" }"#,
            Err("text for `zh` is empty"),
        );
        check(r#""""#, Err("text for `en` is empty"));
        check(r#"#{ english: "Hi" }"#, Err("not a language code"));
        check("#{ en: 5 }", Err("text for `en` is not a string"));
        check("42", Err("not i64"));
    }
}
