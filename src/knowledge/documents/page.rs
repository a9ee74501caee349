//! Pages of the web: what a reader would see of them, under its headings. Scripts, styles, hidden
//! parts and navigation are left out; of a page that marks its main part, all else is.

use ego_tree::{NodeId, NodeRef, iter::Edge};
use scraper::{ElementRef, Html, Node, Selector, node::Element};

use super::block::{Block, Headings, Parsed, heading, row, tidy};

/// Elements that say nothing, or nothing of their page.
const LEFT_OUT: [&str; 23] = [
    "script", "style", "noscript", "template", "head", "nav", "footer", "aside", "form", "button",
    "select", "textarea", "svg", "math", "iframe", "object", "canvas", "audio", "video", "picture",
    "dialog", "menu", "datalist",
];

/// Roles that mean the same.
const LEFT_OUT_ROLES: [&str; 7] = [
    "navigation",
    "search",
    "menu",
    "menubar",
    "dialog",
    "alertdialog",
    "complementary",
];

/// Elements that stand within a line; all others begin one.
const INLINE: [&str; 30] = [
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "img", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strong", "sub",
    "sup", "time", "u", "var",
];

/// A cell with more than this is no cell of a table of facts, but a part of a page that is laid out
/// by one.
const CELL_CHARS: usize = 400;

/// Reads a page.
pub(super) fn parse(text: &str) -> Parsed {
    let html = Html::parse_document(text);
    let root = html.root_element();
    let content = content_of(&html).unwrap_or(root);
    let mut reader = Reader::default();
    reader.read(content);
    let title = first_text(&html, "h1").or_else(|| first_text(&html, "title"));
    Parsed {
        title,
        language: root.attr("lang").map(str::to_owned),
        blocks: reader.blocks,
    }
}

/// The part that the page marks as its own, where there is one such.
fn content_of(html: &Html) -> Option<ElementRef<'_>> {
    ["main, [role=main]", "article"]
        .iter()
        .find_map(|selector| {
            let selector = Selector::parse(selector).ok()?;
            let mut found = html.select(&selector).filter(|it| !is_inside_left_out(*it));
            let first = found.next()?;
            found.next().is_none().then_some(first)
        })
}

fn is_inside_left_out(element: ElementRef<'_>) -> bool {
    let mut above = element.ancestors().filter_map(ElementRef::wrap);
    is_left_out(element.value()) || above.any(|it| is_left_out(it.value()))
}

fn first_text(html: &Html, selector: &str) -> Option<String> {
    let selector = Selector::parse(selector).ok()?;
    let found = html.select(&selector).next()?;
    let text: String = found.text().collect();
    Some(heading(&text)).filter(|it| !it.is_empty())
}

/// What was read so far.
#[derive(Default)]
struct Reader {
    headings: Headings,
    blocks: Vec<Block>,
    /// The block that is being read.
    open: String,
    /// What stands before it: the mark of an item.
    mark: &'static str,
    /// What is being left out, until it ends.
    left_out: Option<NodeId>,
}

impl Reader {
    fn read(&mut self, content: ElementRef<'_>) {
        for edge in content.traverse() {
            match edge {
                Edge::Open(node) if self.left_out.is_none() => self.open(node),
                Edge::Close(node) if self.left_out.is_none() => self.close(node),
                Edge::Close(node) if self.left_out == Some(node.id()) => {
                    self.left_out = None;
                    self.flush_around(node);
                }
                _ => {}
            }
        }
        self.flush();
    }

    fn open(&mut self, node: NodeRef<'_, Node>) {
        match node.value() {
            Node::Text(text) => self.open.push_str(text),
            Node::Element(element) => {
                self.flush_around(node);
                if is_left_out(element) || element.name() == "table" && self.read_table(node) {
                    self.left_out = Some(node.id());
                } else if element.name() == "li" {
                    self.mark = "- ";
                } else if element.name() == "br" {
                    self.open.push('\n');
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, node: NodeRef<'_, Node>) {
        let Node::Element(element) = node.value() else {
            return;
        };
        match element.name() {
            "a" => self.open.push_str(&address(element, &self.open)),
            "h1" => self.end_heading(1),
            "h2" => self.end_heading(2),
            "h3" => self.end_heading(3),
            "h4" => self.end_heading(4),
            "h5" => self.end_heading(5),
            "h6" => self.end_heading(6),
            _ => self.flush_around(node),
        }
    }

    fn end_heading(&mut self, level: usize) {
        let text = std::mem::take(&mut self.open);
        self.headings.enter(level, &text);
    }

    /// Ends the block that is open where an element begins or ends a line.
    fn flush_around(&mut self, node: NodeRef<'_, Node>) {
        if let Node::Element(element) = node.value()
            && !INLINE.contains(&element.name())
            && element.name() != "br"
        {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let open = std::mem::take(&mut self.open);
        let text = tidy(&open);
        if !text.is_empty() {
            let mark = std::mem::take(&mut self.mark);
            self.add(mark.to_owned() + &text, false);
        }
    }

    fn add(&mut self, text: String, alone: bool) {
        if !text.is_empty() {
            self.blocks.push(Block {
                headings: self.headings.path(),
                at: None,
                text,
                alone,
            });
        }
    }

    /// Reads a table of facts row by row. Whether it is one: many pages are laid out with tables.
    fn read_table(&mut self, node: NodeRef<'_, Node>) -> bool {
        let Some(rows) = rows(node) else {
            return false;
        };
        let mut rows = rows.into_iter().peekable();
        let names = rows.next_if(|row| row.iter().all(|cell| cell.is_name));
        let columns: Vec<String> = names.into_iter().flatten().map(|it| it.text).collect();
        for cells in rows {
            let named = columns.is_empty() && cells.len() == 2;
            let cells: Vec<String> = cells.into_iter().map(|it| it.text).collect();
            let text = match (named, cells.as_slice()) {
                (true, [name, value]) => {
                    row(std::slice::from_ref(name), std::slice::from_ref(value))
                }
                _ => row(&columns, &cells),
            };
            self.add(text, true);
        }
        true
    }
}

struct Cell {
    text: String,
    /// Whether it names a column or a row.
    is_name: bool,
}

/// The rows of a table; `None` where it lays out a page.
fn rows(table: NodeRef<'_, Node>) -> Option<Vec<Vec<Cell>>> {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut left_out: Option<NodeId> = None;
    for edge in table.traverse() {
        match edge {
            Edge::Close(node) if left_out == Some(node.id()) => left_out = None,
            Edge::Open(node) if left_out.is_none() => match node.value() {
                Node::Element(it) if is_left_out(it) => left_out = Some(node.id()),
                Node::Element(it) => match it.name() {
                    "table" if node.id() != table.id() => return None,
                    "tr" => rows.push(Vec::new()),
                    name @ ("td" | "th") => rows.last_mut()?.push(Cell {
                        text: String::new(),
                        is_name: name == "th",
                    }),
                    name if !INLINE.contains(&name) => add_text(&mut rows, " ")?,
                    _ => {}
                },
                Node::Text(text) => add_text(&mut rows, text)?,
                _ => {}
            },
            _ => {}
        }
    }
    rows.retain(|row| row.iter().any(|cell| !cell.text.trim().is_empty()));
    Some(rows)
}

/// Adds to the last cell; `None` where it is too much for one. Between cells there is only space.
fn add_text(rows: &mut [Vec<Cell>], text: &str) -> Option<()> {
    let Some(cell) = rows.last_mut().and_then(|row| row.last_mut()) else {
        return Some(());
    };
    cell.text.push_str(text);
    let fits =
        cell.text.chars().count() <= CELL_CHARS || tidy(&cell.text).chars().count() <= CELL_CHARS;
    fits.then_some(())
}

/// Where a link leads, where its text does not say it already; for links out of the page alone.
fn address(element: &Element, said: &str) -> String {
    let link = element.attr("href").unwrap_or_default().trim();
    let address = link.strip_prefix("mailto:").unwrap_or(link);
    let leads_out = address != link || link.starts_with("https://") || link.starts_with("http://");
    if leads_out && !address.is_empty() && !said.contains(address) {
        format!(" ({address})")
    } else {
        String::new()
    }
}

fn is_left_out(element: &Element) -> bool {
    let is = |name: &str, value: &str| {
        element
            .attr(name)
            .is_some_and(|it| it.trim().eq_ignore_ascii_case(value))
    };
    let role = element
        .attr("role")
        .unwrap_or_default()
        .to_ascii_lowercase();
    LEFT_OUT.contains(&element.name())
        || LEFT_OUT_ROLES.contains(&role.as_str())
        || element.attr("hidden").is_some()
        || is("aria-hidden", "true")
        || is_styled_away(element.attr("style").unwrap_or_default())
}

fn is_styled_away(style: &str) -> bool {
    let plain: String = style
        .split_whitespace()
        .collect::<String>()
        .to_ascii_lowercase();
    let hides = [
        "display:none",
        "visibility:hidden",
        "opacity:0;",
        "font-size:0",
    ];
    hides.iter().any(|it| plain.contains(it)) || plain.ends_with("opacity:0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let parsed = parse(text);
        let lines = parsed.blocks.iter().map(|block| {
            let alone = if block.alone { "| " } else { "" };
            format!("[{}] {alone}{}\n", block.headings.join(" > "), block.text)
        });
        let lines: String = lines.collect();
        format!(
            "title {:?}, language {:?}\n{lines}",
            parsed.title, parsed.language
        )
    }

    #[test]
    fn what_a_reader_sees_is_read_under_its_headings() {
        insta::assert_snapshot!(read(
            "<!doctype html><html lang='en-GB'><head><title>Shop | Help</title>\
             <style>p{}</style></head><body><header><nav><a href='/'>Home</a></nav></header>\
             <main><h1>Shipping &amp; <em>returns</em></h1><p>We ship<br>worldwide. Write to \
             <a href='mailto:a@b.example'>us</a>.<h2>Costs</h2><table><tr><th>Zone<th>Price\
             <tr><td>EU<td>5&nbsp;EUR<tr><td>World<td></table><ul><li>One<li>Two <b>three</b></ul>\
             <table><tr><td>Phone<td>030 12</table><div>Loose <span>text</span></div></main>\
             <footer>Imprint</footer></body></html>"
        ));
    }

    #[test]
    fn what_is_hidden_is_left_out() {
        insta::assert_snapshot!(read(
            "<body><p>Seen.</p><p hidden>a</p><div aria-hidden=TRUE>b</div><p style='display : NONE'>c\
             </p><script>d</script><template><p>e</p></template><div role=navigation>f</div>\
             <!-- g --><noscript>h</noscript><p>Seen <span style=\"opacity:0\">i</span> too.</p>\
             <table><tr><td>Cell <i hidden>j</i></td></tr></table>"
        ));
    }

    #[test]
    fn a_table_that_lays_out_a_page_is_no_table_of_facts() {
        let long = "A word. ".repeat(60);
        let text = format!("<table><tr><td><p>{long}</p></td><td>Beside</td></tr></table>");
        let parsed = parse(&text);
        assert_eq!(parsed.blocks.len(), 2);
        assert!(parsed.blocks.iter().all(|it| !it.alone), "{parsed:?}");
    }

    #[test]
    fn a_page_that_is_broken_or_deep_is_read_as_far_as_it_goes() {
        let deep = "<div><b>".repeat(2_000) + "bottom";
        assert_eq!(parse(&deep).blocks.len(), 1);
        for text in [
            "",
            "<",
            "<p",
            "</p></p>",
            "<table><td>x",
            "<a href=",
            "\u{0}<p>\u{0}",
        ] {
            parse(text);
        }
    }
}
