//! From what a page draws to what it says: glyphs to lines, lines to paragraphs.
//!
//! The order of drawing is kept, because nearly every program draws in the order of reading, and
//! columns sorted by their height would be read across. Lengths are in points, from the upper left.

use hayro_interpret::kurbo::{Affine, Point};

use super::super::block::tidy;

/// Units that an em has in a glyph's own space.
const EM_UNITS: f64 = 1000.0;

/// All these are shares of an em.
/// A gap between two glyphs that is a space.
const SPACE: f64 = 0.18;
/// So far apart two baselines are two lines.
const BASELINE: f64 = 0.45;
/// So far apart two lines are two paragraphs.
const LEADING: f64 = 1.8;
/// So near the same glyph drawn twice is drawn bold.
const BOLD: f64 = 0.15;
/// What a glyph takes where its font does not say.
const ADVANCE: f64 = 0.5;

/// Letters of two sizes are of two paragraphs from this ratio on.
const SIZES: f64 = 1.12;

/// A line that leaves more of its column free than this share ends its paragraph.
const FREE: f64 = 0.25;

/// A drawn character.
#[derive(Clone, Debug)]
pub(super) struct Glyph {
    text: String,
    x: f64,
    y: f64,
    /// Where the next one would stand.
    end: f64,
    /// The em.
    size: f64,
}

/// Lines that belong together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Paragraph {
    /// What it says, tidied.
    pub(super) text: String,
    /// How large its letters are, in points.
    pub(super) size: f64,
}

impl Glyph {
    /// A glyph that is drawn with a transform from its own space; `None` where it stands aslant, as
    /// stamps over a page do, or cannot be seen.
    pub(super) fn new(text: String, advance: Option<f64>, at: Affine) -> Option<Self> {
        let origin = at * Point::ZERO;
        let right = at * Point::new(EM_UNITS, 0.0) - origin;
        let up = at * Point::new(0.0, EM_UNITS) - origin;
        let size = up.hypot();
        let is_upright = right.x > 0.0 && right.y.abs() < right.x * 0.1;
        let fits = [origin.x, origin.y, size, right.x]
            .iter()
            .all(|it| it.is_finite());
        let advance = advance.map_or(ADVANCE, |it| it / EM_UNITS);
        (is_upright && fits && size > 0.1).then(|| Self {
            text,
            x: origin.x,
            y: origin.y,
            end: origin.x + advance.max(0.0) * right.x,
            size,
        })
    }
}

/// What a page says, paragraph by paragraph.
pub(super) fn paragraphs(glyphs: Vec<Glyph>) -> Vec<Paragraph> {
    let lines: Vec<Line> = lines(glyphs).into_iter().map(Line::of).collect();
    let lines: Vec<Line> = lines.into_iter().filter(|it| !it.text.is_empty()).collect();
    let grouped = lines.chunk_by(Line::goes_on_in);
    grouped.flat_map(split_short).collect()
}

/// The glyphs of each line, in the order in which they are drawn.
fn lines(glyphs: Vec<Glyph>) -> Vec<Vec<Glyph>> {
    let mut lines: Vec<Vec<Glyph>> = Vec::new();
    for glyph in glyphs {
        let last = lines
            .last_mut()
            .and_then(|line| Some((line.last()?.clone(), line)));
        match last {
            Some((before, line)) if on_one_line(&before, &glyph) => line.push(glyph),
            _ => lines.push(vec![glyph]),
        }
    }
    lines
}

fn on_one_line(before: &Glyph, next: &Glyph) -> bool {
    (before.y - next.y).abs() < BASELINE * before.size.max(next.size)
}

/// A line of text.
struct Line {
    text: String,
    x: f64,
    y: f64,
    end: f64,
    size: f64,
}

impl Line {
    fn of(mut glyphs: Vec<Glyph>) -> Self {
        glyphs.sort_by(|a, b| a.x.total_cmp(&b.x));
        glyphs.dedup_by(|next, before| {
            next.text == before.text && (next.x - before.x).abs() < BOLD * before.size
        });
        let mut text = String::new();
        let mut end = f64::INFINITY;
        for glyph in &glyphs {
            if glyph.x - end > SPACE * glyph.size {
                text.push(' ');
            }
            text.push_str(&glyph.text);
            end = glyph.end;
        }
        let of = |part: fn(&Glyph) -> f64| glyphs.iter().map(part);
        Self {
            text: tidy(&text),
            x: of(|it| it.x).fold(f64::INFINITY, f64::min),
            y: of(|it| it.y).fold(0.0, f64::max),
            end: of(|it| it.end).fold(0.0, f64::max),
            size: of(|it| it.size).fold(0.0, f64::max),
        }
    }

    /// Whether a line is followed by another one of its paragraph.
    fn goes_on_in(&self, next: &Self) -> bool {
        let size = self.size.max(next.size);
        let down = next.y - self.y;
        let beside = next.x > self.end || next.end < self.x;
        size < SIZES * self.size.min(next.size) && down > 0.0 && down < LEADING * size && !beside
    }
}

/// Cuts lines that belong together behind each that is left before its column is full.
fn split_short(lines: &[Line]) -> Vec<Paragraph> {
    let left = lines.iter().map(|it| it.x).fold(f64::INFINITY, f64::min);
    let right = lines.iter().map(|it| it.end).fold(0.0, f64::max);
    // What goes on with a small letter goes on.
    let is_full = |line: &Line, next: &Line| {
        let goes_on = next.text.starts_with(char::is_lowercase);
        goes_on || right - line.end < FREE * (right - left)
    };
    lines.chunk_by(is_full).map(paragraph).collect()
}

fn paragraph(lines: &[Line]) -> Paragraph {
    let mut text = String::new();
    for line in lines {
        let goes_on = line.text.starts_with(char::is_lowercase);
        let stem = text
            .strip_suffix('-')
            .filter(|it| it.ends_with(char::is_alphabetic));
        match stem {
            Some(stem) if goes_on => text.truncate(stem.len()),
            _ => text.push('\n'),
        }
        text.push_str(&line.text);
    }
    Paragraph {
        text: tidy(&text),
        size: lines.iter().map(|it| it.size).fold(0.0, f64::max),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Glyphs of a text as a typewriter with letters of 10 points draws them.
    fn typed(text: &str, x: f64, y: f64) -> Vec<Glyph> {
        let scale = Affine::scale_non_uniform(0.01, -0.01);
        (0_i32..)
            .zip(text.chars())
            .filter(|(_, c)| *c != ' ')
            .filter_map(|(at, c)| {
                let place = Affine::translate((x + 5.0 * f64::from(at), y));
                Glyph::new(c.to_string(), Some(500.0), place * scale)
            })
            .collect()
    }

    #[track_caller]
    fn check(lines: &[(&str, f64, f64)], expect: &[&str]) {
        let glyphs = lines.iter().flat_map(|(text, x, y)| typed(text, *x, *y));
        let found = paragraphs(glyphs.collect());
        let texts: Vec<&str> = found.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(texts, expect);
    }

    #[test]
    fn lines_are_joined_and_words_put_together() {
        check(
            &[
                ("You can return every-", 50.0, 100.0),
                ("thing within 14 days", 50.0, 112.0),
                ("of delivery.", 50.0, 124.0),
                ("We pay for it.", 50.0, 160.0),
            ],
            &[
                "You can return everything within 14 days of delivery.",
                "We pay for it.",
            ],
        );
    }

    #[test]
    fn a_line_that_is_left_early_ends_its_paragraph() {
        check(
            &[
                ("Monday 9-18", 50.0, 100.0),
                ("Tuesday by appointment only please", 50.0, 112.0),
            ],
            &["Monday 9-18", "Tuesday by appointment only please"],
        );
    }

    #[test]
    fn columns_are_read_one_after_the_other() {
        check(
            &[
                ("left one", 50.0, 100.0),
                ("left two", 50.0, 112.0),
                ("right one", 300.0, 100.0),
            ],
            &["left one left two", "right one"],
        );
    }

    #[test]
    fn what_is_drawn_twice_is_read_once_and_what_stands_aslant_not_at_all() {
        let mut glyphs = typed("bold", 50.0, 100.0);
        glyphs.extend(typed("bold", 50.4, 100.0));
        assert_eq!(paragraphs(glyphs)[0].text, "bold");
        let aslant = Affine::rotate(0.8) * Affine::scale(0.01);
        assert!(Glyph::new("x".to_owned(), None, aslant).is_none());
        let nowhere = Affine::translate((f64::NAN, 0.0)) * Affine::scale(0.01);
        assert!(Glyph::new("x".to_owned(), None, nowhere).is_none());
    }
}
