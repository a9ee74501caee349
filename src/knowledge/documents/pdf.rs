//! Pages to print: what a page draws, put into lines and paragraphs by where it is drawn.
//!
//! A PDF may hold anything: a few kilobytes can unfold to gigabytes, and no parser foresees it all.
//! So whoever reads one from elsewhere does so in a process of its own, with limits of memory and
//! time; here, a panic is a document that cannot be read.

mod layout;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
};

use consultant_core::At;
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, RenderContent, SoftMask,
    font::{Glyph as DrawnGlyph, GlyphRun},
    hayro_cmap::BfString,
    hayro_syntax::{DecryptionError, LoadPdfError, Pdf, page::Page},
    interpret_page,
    kurbo::{Affine, BezPath, Rect},
};

use super::block::{Block, Headings, NotRead, Parsed, heading};
use layout::{Glyph, Paragraph};

/// Pages that are read at the most.
const MOST_PAGES: usize = 500;

/// Glyphs of one page that are read at the most: far more than can be printed on one.
const MOST_GLYPHS: usize = 100_000;

/// Reads a PDF.
pub(super) fn parse(bytes: &[u8]) -> Result<Parsed, NotRead> {
    let read = || read(bytes.to_vec());
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(broken()))
}

fn read(bytes: Vec<u8>) -> Result<Parsed, NotRead> {
    let pdf = Pdf::new(bytes).map_err(not_opened)?;
    let pages = pdf.pages();
    if pages.len() > MOST_PAGES {
        let message = format!("has {} pages; at most {MOST_PAGES} are read", pages.len());
        return Err(NotRead::new(message, "split it"));
    }
    let cache = InterpreterCache::new();
    let drawn: Vec<Drawn> = pages.iter().map(|page| draw(page, &pdf, &cache)).collect();
    let draws = drawn.iter().any(|it| it.draws);
    let said: Vec<Vec<Paragraph>> = drawn
        .into_iter()
        .map(|it| layout::paragraphs(it.glyphs))
        .collect();
    if said.iter().all(Vec::is_empty) {
        return Err(without_text(draws));
    }
    Ok(parsed(&without_furniture(said)))
}

/// The pages without what most of them repeat at their top and bottom: the company's name, the
/// number of the page.
fn without_furniture(mut pages: Vec<Vec<Paragraph>>) -> Vec<Vec<Paragraph>> {
    let ends: [End; 2] = [<[_]>::first, <[_]>::last];
    for end in ends {
        let repeated = repeated(&pages, end);
        let leave_out = |page: &mut Vec<Paragraph>| {
            let found = end(page)
                .filter(|it| repeated.contains(&plain(it)))
                .cloned();
            page.retain(|it| found.as_ref() != Some(it));
        };
        pages.iter_mut().for_each(leave_out);
    }
    pages
}

/// One of the ends of a page.
type End = fn(&[Paragraph]) -> Option<&Paragraph>;

/// What stands at this end of most pages.
fn repeated(pages: &[Vec<Paragraph>], end: End) -> HashSet<String> {
    const PAGES: usize = 3;
    let mut times: HashMap<String, usize> = HashMap::new();
    for paragraph in pages.iter().filter_map(|page| end(page)) {
        *times.entry(plain(paragraph)).or_default() += 1;
    }
    let many = PAGES.max(pages.len() / 2);
    times.retain(|_, times| *times >= many);
    times.into_keys().collect()
}

/// The same on every page, whatever its number is.
fn plain(paragraph: &Paragraph) -> String {
    paragraph.text.replace(|c: char| c.is_ascii_digit(), "#")
}

/// What stands under which heading. What is set larger than most is a heading.
fn parsed(pages: &[Vec<Paragraph>]) -> Parsed {
    let most = usual_size(pages);
    let mut headings = Headings::default();
    let mut parsed = Parsed::default();
    let numbered = (1..).zip(pages);
    let numbered = numbered.flat_map(|(number, page)| page.iter().map(move |it| (number, it)));
    for (number, paragraph) in numbered {
        if let Some(level) = level(paragraph, most) {
            headings.enter(level, &paragraph.text);
            let is_title = number == 1 && parsed.title.is_none();
            parsed.title = parsed
                .title
                .or_else(|| is_title.then(|| heading(&paragraph.text)));
            continue;
        }
        parsed.blocks.push(Block {
            headings: headings.path(),
            at: Some(At::Page(number)),
            text: paragraph.text.clone(),
            alone: false,
        });
    }
    parsed
}

/// The size of the letters that most of the text is set in, in points.
fn usual_size(pages: &[Vec<Paragraph>]) -> f64 {
    let mut sizes: BTreeMap<u64, (usize, f64)> = BTreeMap::new();
    for paragraph in pages.iter().flatten() {
        let of_this = sizes
            .entry(paragraph.size.to_bits())
            .or_insert((0, paragraph.size));
        of_this.0 += paragraph.text.chars().count();
    }
    let usual = sizes
        .into_values()
        .max_by_key(|(characters, _)| *characters);
    usual.map_or(0.0, |(_, size)| size)
}

/// The level of a heading; `None` where it is none.
fn level(paragraph: &Paragraph, usual: f64) -> Option<usize> {
    const LONGEST: usize = 100;
    let is_short = paragraph.text.chars().count() <= LONGEST;
    let ends = paragraph.text.ends_with(['.', '。', ',', ';']);
    if !is_short || ends || paragraph.size < 1.15 * usual {
        return None;
    }
    Some(if paragraph.size >= 1.5 * usual { 1 } else { 2 })
}

fn not_opened(error: LoadPdfError) -> NotRead {
    match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => NotRead::new(
            "is encrypted, and opens with a password alone",
            "save it without a password",
        ),
        LoadPdfError::Decryption(_) => NotRead::new(
            "is encrypted in a way that cannot be read",
            "save it without encryption",
        ),
        LoadPdfError::Invalid => broken(),
    }
}

fn broken() -> NotRead {
    NotRead::new("is a broken PDF", "print it to a new PDF, or save it anew")
}

fn without_text(draws: bool) -> NotRead {
    if draws {
        NotRead::new(
            "has pictures and no text: it was scanned",
            "have a program recognise its text, and save that",
        )
    } else {
        NotRead::new("has no text", "write something, or remove it")
    }
}

/// What one page draws.
#[derive(Default)]
struct Drawn {
    glyphs: Vec<Glyph>,
    /// Whether it draws anything else.
    draws: bool,
}

fn draw<'a>(page: &Page<'a>, pdf: &'a Pdf, cache: &InterpreterCache<'a>) -> Drawn {
    let settings = InterpreterSettings {
        render_content: RenderContent::PAGE,
        ..InterpreterSettings::default()
    };
    let upright = page.initial_transform(true).as_coeffs();
    let (width, height) = page.render_dimensions();
    let room = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let mut context = Context::new(Affine::new(upright), room, cache, pdf.xref(), settings);
    let mut drawn = Drawn::default();
    interpret_page(page, &mut context, &mut drawn);
    drawn
}

impl Device<'_> for Drawn {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        self.draws = true;
        let room = MOST_GLYPHS.saturating_sub(self.glyphs.len());
        let glyphs = run.glyphs().iter().take(room).filter_map(|glyph| {
            let at = props.transform * glyph.transform();
            let text = match glyph.as_unicode()? {
                BfString::Char(character) => character.to_string(),
                BfString::String(text) => text,
            };
            Glyph::new(text, advance(glyph), at)
        });
        self.glyphs.extend(glyphs);
    }

    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {
        self.draws = true;
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {
        self.draws = true;
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// How far the next glyph stands, in units of its own space.
fn advance(glyph: &DrawnGlyph<'_>) -> Option<f64> {
    let advance = match glyph {
        DrawnGlyph::Outline(glyph) => glyph.advance_width(),
        DrawnGlyph::Type3(glyph) => glyph.advance_width(),
    };
    advance.map(f64::from)
}

#[cfg(test)]
mod tests;
