//! Markdown: paragraphs, items of lists and rows of tables under their headings. What is written in
//! HTML inside, and what stands for a picture, is left out.

use consultant_core::At;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::block::{Block, Headings, Lines, Parsed, row, tidy};

/// Reads Markdown.
pub(super) fn parse(text: &str) -> Parsed {
    let mut reader = Reader::new(text);
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter();
    for (event, at) in events {
        reader.take(event, at.start);
    }
    reader.flush();
    Parsed {
        title: reader.title,
        language: None,
        blocks: reader.blocks,
    }
}

/// What was read so far.
struct Reader<'a> {
    lines: Lines<'a>,
    title: Option<String>,
    headings: Headings,
    blocks: Vec<Block>,
    /// The block that is being read, and the line where it begins.
    open: String,
    line: usize,
    /// What stands before the next block: the mark of an item.
    mark: String,
    /// For each list that is open, the number of its next item, if it has numbers.
    lists: Vec<Option<u64>>,
    /// How many pictures and blocks of HTML are open, whose text is left out.
    left_out: usize,
    /// Where the link that is open leads.
    link: Option<String>,
    table: Table,
}

#[derive(Default)]
struct Table {
    columns: Vec<String>,
    cells: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            lines: Lines::new(text),
            title: None,
            headings: Headings::default(),
            blocks: Vec::new(),
            open: String::new(),
            line: 1,
            mark: String::new(),
            lists: Vec::new(),
            left_out: 0,
            link: None,
            table: Table::default(),
        }
    }

    fn take(&mut self, event: Event<'_>, at: usize) {
        match event {
            Event::Start(tag) => self.begin(tag, at),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) if self.left_out == 0 => {
                self.open.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak => self.open.push('\n'),
            Event::Rule => self.flush(),
            _ => {}
        }
    }

    fn begin(&mut self, tag: Tag<'_>, at: usize) {
        match tag {
            Tag::Paragraph | Tag::CodeBlock(CodeBlockKind::Indented | CodeBlockKind::Fenced(_)) => {
                self.start_at(at);
            }
            Tag::Heading { .. } | Tag::Table(_) | Tag::TableHead | Tag::TableRow => {
                self.flush();
                self.start_at(at);
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => {
                self.flush();
                self.start_at(at);
                self.mark = self.next_mark();
            }
            Tag::Image { .. } | Tag::HtmlBlock => self.left_out += 1,
            Tag::Link { dest_url, .. } => self.link = Some(dest_url.into_string()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => self.end_heading(level),
            TagEnd::Paragraph | TagEnd::CodeBlock | TagEnd::Item => self.flush(),
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::TableCell => self.table.cells.push(std::mem::take(&mut self.open)),
            TagEnd::TableHead => self.table.columns = std::mem::take(&mut self.table.cells),
            TagEnd::TableRow => self.end_row(),
            TagEnd::Table => self.table = Table::default(),
            TagEnd::Image | TagEnd::HtmlBlock => self.left_out = self.left_out.saturating_sub(1),
            TagEnd::Link => self.end_link(),
            _ => {}
        }
    }

    fn end_heading(&mut self, level: HeadingLevel) {
        let text = std::mem::take(&mut self.open);
        if level == HeadingLevel::H1 && self.title.is_none() {
            self.title = Some(tidy(&text)).filter(|it| !it.is_empty());
        }
        let level = match level {
            HeadingLevel::H1 => 1,
            HeadingLevel::H2 => 2,
            HeadingLevel::H3 => 3,
            HeadingLevel::H4 => 4,
            HeadingLevel::H5 => 5,
            HeadingLevel::H6 => 6,
        };
        self.headings.enter(level, &text);
    }

    fn end_row(&mut self) {
        let cells = std::mem::take(&mut self.table.cells);
        let text = row(&self.table.columns, &cells);
        self.add(text, true);
    }

    /// Where a link leads is stated too, where its text does not say it already.
    fn end_link(&mut self) {
        let Some(link) = self.link.take() else {
            return;
        };
        let address = link.strip_prefix("mailto:").unwrap_or(&link);
        let leads_out = address != link || link.contains("://");
        if self.left_out == 0 && leads_out && !self.open.contains(address) {
            self.open.push_str(" (");
            self.open.push_str(address);
            self.open.push(')');
        }
    }

    /// The mark of the item that begins: its number, or a dash.
    fn next_mark(&mut self) -> String {
        match self.lists.last_mut() {
            Some(Some(number)) => {
                let mark = format!("{number}. ");
                *number = number.saturating_add(1);
                mark
            }
            _ => "- ".to_owned(),
        }
    }

    /// A block may begin here.
    fn start_at(&mut self, at: usize) {
        self.line = self.lines.of(at);
    }

    /// Ends the block that is open.
    fn flush(&mut self) {
        let open = std::mem::take(&mut self.open);
        let text = tidy(&open);
        if !text.is_empty() {
            let mark = std::mem::take(&mut self.mark);
            self.add(mark + &text, false);
        }
    }

    fn add(&mut self, text: String, alone: bool) {
        if !text.is_empty() {
            self.blocks.push(Block {
                headings: self.headings.path(),
                at: Some(At::Line(self.line)),
                text,
                alone,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let parsed = parse(text);
        let lines = parsed.blocks.iter().map(|block| {
            let at = block.at.map_or_else(String::new, |it| it.to_string());
            let alone = if block.alone { " |" } else { "" };
            format!(
                "{at} [{}]{alone} {}\n",
                block.headings.join(" > "),
                block.text
            )
        });
        format!("title {:?}\n{}", parsed.title, lines.collect::<String>())
    }

    #[test]
    fn paragraphs_lists_and_tables_stand_under_their_headings() {
        insta::assert_snapshot!(read(
            "Before all.\n\n# Shipping *and* returns\n\nWe ship to\nmost countries.\n\n\
             ## Costs\n\n| Zone | Price |\n|------|-------|\n| EU | 5 EUR |\n| World | |\n\n\
             ### Express\n\n1. Order.\n2. Wait:\n   - a day\n   - or two\n\n     and rest\n\n\
             ## Questions\n\n> Ask [us](mailto:a@b.example), see <https://x.example> or \
             [this](#up).\n\n```\nCODE 12\n```\n"
        ));
    }

    #[test]
    fn html_and_pictures_are_left_out() {
        insta::assert_snapshot!(read(
            "<div hidden>secret</div>\n\nSeen <b>bold</b> ![a picture](x.png) text.\n\n\
             <!-- a comment -->\n\n<script>\nalert(1)\n</script>\n"
        ));
    }

    #[test]
    fn chinese_lines_are_joined_without_a_space() {
        insta::assert_snapshot!(read("# 退货\n\n七天之内\n可以退货。\n"));
    }
}
