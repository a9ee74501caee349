//! Telegram's HTML style, as `parse_mode` names it: a text with tags becomes words and entities.
//! Only what the Bot API documents is taken; anything else is refused in its words.

use serde_json::{Value, json};

/// Tags by the entity that they make.
const TAGS: [(&str, &str); 13] = [
    ("b", "bold"),
    ("strong", "bold"),
    ("i", "italic"),
    ("em", "italic"),
    ("u", "underline"),
    ("ins", "underline"),
    ("s", "strikethrough"),
    ("strike", "strikethrough"),
    ("del", "strikethrough"),
    ("code", "code"),
    ("pre", "pre"),
    ("blockquote", "blockquote"),
    ("tg-spoiler", "spoiler"),
];

/// The named characters that Telegram knows.
const CHARACTERS: [(&str, char); 4] = [("lt", '<'), ("gt", '>'), ("amp", '&'), ("quot", '"')];

/// A tag that is open, and where it began, in UTF-16 units.
struct Open<'a> {
    tag: &'a str,
    start: usize,
    entity: Value,
}

/// Reads a text: its words and their entities, or what is wrong with it.
pub(super) fn read(html: &str) -> Result<(String, Vec<Value>), String> {
    let mut words = String::new();
    let mut entities = Vec::new();
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut rest = html;
    while let Some(place) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at(place);
        words.push_str(before);
        if let Some(inside) = from.strip_prefix('<') {
            let (tag, after) = inside.split_once('>').ok_or("Unclosed start tag")?;
            turn(tag, units(&words), &mut open, &mut entities)?;
            rest = after;
        } else {
            let (character, after) = character(from);
            words.push(character);
            rest = after;
        }
    }
    words.push_str(rest);
    match open.pop() {
        Some(open) => Err(format!(
            "Can't find end tag corresponding to start tag \"{}\"",
            open.tag
        )),
        None => Ok((words, entities)),
    }
}

fn units(words: &str) -> usize {
    words.encode_utf16().count()
}

/// Opens or closes a tag. An entity without words is none.
fn turn<'a>(
    tag: &'a str,
    at: usize,
    open: &mut Vec<Open<'a>>,
    entities: &mut Vec<Value>,
) -> Result<(), String> {
    let Some(closing) = tag.strip_prefix('/') else {
        open.push(opened(tag, at)?);
        return Ok(());
    };
    let Some(last) = open.pop().filter(|last| last.tag == closing.trim()) else {
        return Err(format!("Unexpected end tag \"{closing}\""));
    };
    if at > last.start {
        let mut entity = last.entity;
        entity["offset"] = json!(last.start);
        entity["length"] = json!(at - last.start);
        entities.push(entity);
    }
    Ok(())
}

fn opened(tag: &str, start: usize) -> Result<Open<'_>, String> {
    let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
    let kind = TAGS.iter().find(|(known, _)| *known == name);
    let link = attributes.trim().strip_prefix("href=\"");
    let link = link.and_then(|link| link.strip_suffix('"'));
    let entity = match (kind, link) {
        (Some((_, kind)), _) => json!({ "type": kind }),
        (None, Some(url)) if name == "a" => json!({ "type": "text_link", "url": url }),
        _ => return Err(format!("Unsupported start tag \"{name}\"")),
    };
    Ok(Open {
        tag: name,
        start,
        entity,
    })
}

/// The character that a text beginning with an ampersand begins with, and what follows it.
fn character(from: &str) -> (char, &str) {
    let inside = from.strip_prefix('&').unwrap_or(from);
    let named = inside.split_once(';').and_then(|(name, after)| {
        let number = name.strip_prefix('#').and_then(|it| it.parse().ok());
        let known = CHARACTERS.iter().find(|(known, _)| *known == name);
        let known = known.map(|(_, character)| *character);
        Some((known.or_else(|| char::from_u32(number?))?, after))
    });
    named.unwrap_or(('&', inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expect: Result<(&str, &str), &str>) {
        let found = read(html).map(|(words, entities)| {
            let shown = entities
                .iter()
                .map(|one| format!("{}@{}+{}", one["type"], one["offset"], one["length"]));
            (words, shown.collect::<Vec<_>>().join(" ").replace('"', ""))
        });
        let expect = expect.map(|(words, marks)| (words.to_owned(), marks.to_owned()));
        assert_eq!(found, expect.map_err(str::to_owned));
    }

    #[test]
    fn tags_become_entities_and_names_become_characters() {
        check("plain", Ok(("plain", "")));
        check(
            "😀 <b>a &lt;b&gt; &#20013;</b>!",
            Ok(("😀 a <b> 中!", "bold@3+7")),
        );
        check("<b>a<i>b</i></b>", Ok(("ab", "italic@1+1 bold@0+2")));
        check("<a href=\"http://a\">x</a>", Ok(("x", "text_link@0+1")));
        check("<b></b>R&D", Ok(("R&D", "")));
    }

    #[test]
    fn what_telegram_does_not_read_is_refused() {
        check("<h1>a</h1>", Err("Unsupported start tag \"h1\""));
        check("<b>a</i>", Err("Unexpected end tag \"i\""));
        check(
            "<b>a",
            Err("Can't find end tag corresponding to start tag \"b\""),
        );
        check("1 < 2", Err("Unclosed start tag"));
    }
}
