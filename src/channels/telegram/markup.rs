//! From the Markdown subset to a text and its entities, counted in UTF-16 units. Entities and never
//! `MarkdownV2`: there is nothing to escape, so no price with a dot in it can break a message.
//!
//! A text that Markdown would shorten in a way that loses words (link definitions) is left as it is.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use teloxide::types::{MessageEntity, MessageEntityKind};

/// A text as Telegram takes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Marked {
    /// The words.
    pub(super) text: String,
    /// How parts of them look.
    pub(super) entities: Vec<MessageEntity>,
}

/// Formats a text. One that would come out empty or longer than `limit_units` stays as it is.
pub(super) fn format(source: &str, limit_units: usize) -> Marked {
    let parser = Parser::new_ext(source, Options::empty());
    let defines_links = parser.reference_definitions().iter().next().is_some();
    let mut writer = Writer::new(source);
    for (event, range) in parser.into_offset_iter() {
        writer.event(event, &range);
    }
    let marked = writer.finish();
    if defines_links || marked.text.is_empty() || units(&marked.text) > limit_units {
        return Marked {
            text: source.to_owned(),
            entities: Vec::new(),
        };
    }
    marked
}

/// A text's length in UTF-16 units.
pub(super) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

struct Writer<'a> {
    source: &'a str,
    text: String,
    units: usize,
    entities: Vec<MessageEntity>,
    open: Vec<Open>,
    /// One per open list: the next number, or none for bullets.
    lists: Vec<Option<u64>>,
    /// A list item's mark was just written: its first paragraph goes on the same line.
    after_mark: bool,
}

/// A style that has begun.
struct Open {
    start: usize,
    kind: Option<MessageEntityKind>,
}

impl<'a> Writer<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            text: String::with_capacity(source.len()),
            units: 0,
            entities: Vec::new(),
            open: Vec::new(),
            lists: Vec::new(),
            after_mark: false,
        }
    }

    fn event(&mut self, event: Event<'_>, range: &Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag, range),
            Event::End(tag) => self.end(tag),
            Event::Code(code) => self.code(&code),
            Event::SoftBreak | Event::HardBreak => self.push("\n"),
            Event::Rule => {
                self.begin_block(range.start);
                self.push("—");
            }
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text) => self.push(&text),
            Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: &Range<usize>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.begin_block(range.start),
            Tag::Heading { .. } => {
                self.begin_block(range.start);
                self.open(Some(MessageEntityKind::Bold));
            }
            Tag::BlockQuote(_) => {
                self.begin_block(range.start);
                self.after_mark = true;
                self.open(Some(MessageEntityKind::Blockquote));
            }
            Tag::CodeBlock(kind) => {
                self.begin_block(range.start);
                self.open(Some(pre(kind)));
            }
            Tag::List(first) => self.lists.push(*first),
            Tag::Item => self.item(range.start),
            Tag::Strong => self.open(Some(MessageEntityKind::Bold)),
            Tag::Emphasis => self.open(Some(MessageEntityKind::Italic)),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.open(link(dest_url)),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock => {
                self.trim_newlines();
                self.close();
            }
            TagEnd::Heading(_)
            | TagEnd::BlockQuote(_)
            | TagEnd::Strong
            | TagEnd::Emphasis
            | TagEnd::Link
            | TagEnd::Image => self.close(),
            TagEnd::HtmlBlock => self.trim_newlines(),
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Item => self.after_mark = false,
            _ => {}
        }
    }

    /// Separates a block from the one before as the source does: by a line or by an empty line.
    fn begin_block(&mut self, source_start: usize) {
        if std::mem::take(&mut self.after_mark) || self.text.is_empty() {
            return;
        }
        let before = self.source.get(..source_start).unwrap_or("");
        let lines = before
            .chars()
            .rev()
            .take_while(|c| c.is_whitespace() || *c == '>')
            .filter(|c| *c == '\n')
            .count();
        self.trim_newlines();
        self.push(if lines > 1 { "\n\n" } else { "\n" });
    }

    fn item(&mut self, source_start: usize) {
        self.after_mark = false;
        self.begin_block(source_start);
        let depth = self.lists.len().saturating_sub(1);
        self.push(&"  ".repeat(depth));
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                let mark = format!("{number}. ");
                *number += 1;
                mark
            }
            _ => "• ".to_owned(),
        };
        self.push(&mark);
        self.after_mark = true;
    }

    /// Code can stand in no other style, so the open ones pause for it.
    fn code(&mut self, code: &str) {
        let paused: Vec<Open> = std::mem::take(&mut self.open);
        for open in &paused {
            self.entity(open.kind.clone(), open.start);
        }
        let start = self.units;
        self.push(code);
        self.entity(Some(MessageEntityKind::Code), start);
        let start = self.units;
        let resumed = paused.into_iter().map(|open| Open { start, ..open });
        self.open = resumed.collect();
    }

    fn open(&mut self, kind: Option<MessageEntityKind>) {
        let start = self.units;
        self.open.push(Open { start, kind });
    }

    fn close(&mut self) {
        if let Some(open) = self.open.pop() {
            self.entity(open.kind, open.start);
        }
    }

    fn entity(&mut self, kind: Option<MessageEntityKind>, start: usize) {
        if let Some(kind) = kind
            && self.units > start
        {
            let length = self.units - start;
            self.entities.push(MessageEntity::new(kind, start, length));
        }
    }

    fn push(&mut self, text: &str) {
        self.units += units(text);
        self.text.push_str(text);
    }

    fn trim_newlines(&mut self) {
        let kept = self.text.trim_end_matches('\n').len();
        self.units -= self.text.len() - kept;
        self.text.truncate(kept);
    }

    /// Telegram trims texts; entities must end where the trimmed text does.
    fn finish(mut self) -> Marked {
        while !self.open.is_empty() {
            self.close();
        }
        let text = self.text.trim_end().to_owned();
        let end = units(&text);
        for entity in &mut self.entities {
            entity.length = entity.length.min(end.saturating_sub(entity.offset));
        }
        self.entities.retain(|entity| entity.length > 0);
        self.entities
            .sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
        Marked {
            text,
            entities: self.entities,
        }
    }
}

fn pre(kind: &CodeBlockKind<'_>) -> MessageEntityKind {
    let language = match kind {
        CodeBlockKind::Fenced(info) => info.split_whitespace().next().map(str::to_owned),
        CodeBlockKind::Indented => None,
    };
    MessageEntityKind::Pre { language }
}

/// A link's entity; none where the address is no web address, and the words stay.
fn link(address: &str) -> Option<MessageEntityKind> {
    let web = address.starts_with("https://") || address.starts_with("http://");
    let url = address.parse().ok().filter(|_| web)?;
    Some(MessageEntityKind::TextLink { url })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Shows the text and each entity with the words that it covers.
    fn shown(source: &str) -> String {
        let marked = format(source, 4096);
        let all: Vec<u16> = marked.text.encode_utf16().collect();
        let mut lines = vec![marked.text.clone()];
        for entity in &marked.entities {
            let words = &all[entity.offset..entity.offset + entity.length];
            let words = String::from_utf16(words).unwrap();
            let kind = match &entity.kind {
                MessageEntityKind::TextLink { url } => format!("link {url}"),
                MessageEntityKind::Pre { language } => format!("pre {language:?}"),
                kind => format!("{kind:?}").to_lowercase(),
            };
            lines.push(format!("[{kind}] {words:?}"));
        }
        lines.join("\n")
    }

    #[track_caller]
    fn check(source: &str, expect: &str) {
        assert_eq!(shown(source), expect, "for {source:?}");
    }

    #[test]
    fn styles_become_entities_counted_in_utf16() {
        check("**Pro** costs", "Pro costs\n[bold] \"Pro\"");
        check(
            "😀 **价格** *¥1*",
            "😀 价格 ¥1\n[bold] \"价格\"\n[italic] \"¥1\"",
        );
        check("`let x`", "let x\n[code] \"let x\"");
        check("***both***", "both\n[bold] \"both\"\n[italic] \"both\"");
    }

    #[test]
    fn code_stands_in_no_other_style() {
        check(
            "**a `b` c**",
            "a b c\n[bold] \"a \"\n[code] \"b\"\n[bold] \" c\"",
        );
    }

    #[test]
    fn fences_keep_their_language_and_their_lines() {
        check(
            "Look:\n\n```rust\nfn a() {\n\n}\n```\n\nDone.",
            "Look:\n\nfn a() {\n\n}\n\nDone.\n[pre Some(\"rust\")] \"fn a() {\\n\\n}\"",
        );
    }

    #[test]
    fn links_are_links_only_to_the_web() {
        check(
            "[here](https://example.org/a)",
            "here\n[link https://example.org/a] \"here\"",
        );
        check("[here](javascript:alert)", "here");
        check("[here](/relative)", "here");
    }

    #[test]
    fn lists_are_marked_and_keep_their_lines() {
        check(
            "We have:\n- a\n- **b**\n",
            "We have:\n• a\n• b\n[bold] \"b\"",
        );
        check("1. a\n2. b", "1. a\n2. b");
        check("- a\n  - b\n- c", "• a\n  • b\n• c");
        check("- a\n\n- b", "• a\n\n• b");
    }

    #[test]
    fn lines_and_paragraphs_stay_as_they_were_written() {
        check("a\nb\n\nc", "a\nb\n\nc");
        check("# Title\ntext", "Title\ntext\n[bold] \"Title\"");
    }

    #[test]
    fn what_is_no_markup_stays() {
        for text in [
            "2 * 3 * 4 = 24",
            "a_b_c",
            "<b>x</b>",
            "[]",
            "**half",
            "5 < 6 & 7",
            "[price]: 20",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn a_text_that_would_grow_past_the_limit_stays_as_it_is() {
        let marked = format("a\n- b", 4);
        assert_eq!(marked.text, "a\n- b");
        assert!(marked.entities.is_empty());
    }

    proptest! {
        #[test]
        fn entities_stand_on_characters_within_the_text(
            source in r"([a😀价*_`\[\]()\n>#. -]|\*\*|```|- |https://a\.b){0,60}",
        ) {
            let marked = format(&source, 4096);
            let all: Vec<u16> = marked.text.encode_utf16().collect();
            for entity in &marked.entities {
                prop_assert!(entity.length > 0);
                let end = entity.offset + entity.length;
                prop_assert!(end <= all.len(), "{marked:?}");
                prop_assert!(String::from_utf16(&all[entity.offset..end]).is_ok());
            }
        }
    }
}
