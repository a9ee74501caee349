//! Splits a reply into parts that a platform accepts.
//!
//! A part ends at the best boundary in the second half of its room (paragraph, line, sentence),
//! else at the last word. A code fence that is cut is closed and opened again with its language.
//! Where a part ends depends only on the text that fits into it and one character more, so a
//! growing text never changes a part before its last; only the last part may still be rewritten,
//! and a fence that is open at the very end stays open, because its end may be on the way.

mod walk;

use unicode_segmentation::UnicodeSegmentation;
use walk::{Cut, Walk};

use crate::fence::Fence;

/// The least limit: two fence lines and a few characters between them. A smaller one counts as
/// this.
pub const MIN_LIMIT_UTF16_UNITS: usize = 16;

/// Splits a text into parts of at most `limit_utf16_units` each.
///
/// No part is empty, and nothing is lost but white space between parts (and a closing fence line
/// that a cut has made needless). Words, links and inline code are cut only where nothing else
/// fits, a grapheme only where it is longer than a whole part. A blank text has no parts.
pub fn split_text(text: &str, limit_utf16_units: usize) -> Vec<String> {
    let limit = limit_utf16_units.max(MIN_LIMIT_UTF16_UNITS);
    pieces(text, limit).into_iter().map(Piece::render).collect()
}

/// Cuts a text that is shown letter by letter into parts of at most this length, where a line or a
/// word ends if that is not too far off, and never within a grapheme that fits.
pub fn split_verbatim(text: &str, limit_utf16_units: usize) -> Vec<String> {
    let limit = limit_utf16_units.max(MIN_LIMIT_UTF16_UNITS);
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut length = 0;
    for word in text.trim().split_inclusive(char::is_whitespace) {
        if length + units(word) > limit && !part.trim().is_empty() {
            parts.push(std::mem::take(&mut part).trim_end().to_owned());
            length = 0;
        }
        for grapheme in word.graphemes(true).flat_map(|it| bounded(it, limit)) {
            if length + units(grapheme) > limit {
                parts.push(std::mem::take(&mut part));
                length = 0;
            }
            part.push_str(grapheme);
            length += units(grapheme);
        }
    }
    parts.push(part);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// A grapheme whole, or character by character where it is longer than anything may be.
fn bounded(grapheme: &str, limit: usize) -> Vec<&str> {
    if units(grapheme) <= limit {
        return vec![grapheme];
    }
    grapheme.split_inclusive(|_: char| true).collect()
}

/// A part: a piece of the text, and what makes it whole.
#[derive(Debug)]
struct Piece<'a> {
    opening: String,
    body: &'a str,
    closing: String,
}

impl Piece<'_> {
    fn render(self) -> String {
        format!("{}{}{}", self.opening, self.body, self.closing)
    }
}

/// Where the next part begins, and in what.
struct Position<'a> {
    rest: &'a str,
    fence: Option<Fence>,
    at_line_start: bool,
}

fn pieces(text: &str, limit: usize) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut next = Position {
        rest: text.trim_end(),
        fence: None,
        at_line_start: true,
    };
    loop {
        next = next.skip_needless();
        if next.rest.is_empty() {
            return pieces;
        }
        let opening = next
            .fence
            .as_ref()
            .map_or(String::new(), |fence| fence.opening(limit / 2));
        let room = limit - units(&opening);
        let Some(view) = view(next.rest, room) else {
            pieces.push(Piece {
                opening,
                body: next.rest,
                closing: String::new(),
            });
            return pieces;
        };
        let walk = Walk::new(
            view,
            room,
            limit / 2,
            next.fence.clone(),
            next.at_line_start,
        );
        let cut = walk.best_cut();
        pieces.push(Piece {
            opening,
            body: before(next.rest, cut.end),
            closing: cut.fence.as_ref().map_or(String::new(), Fence::closing),
        });
        next = next.after(cut);
    }
}

impl Position<'_> {
    /// Passes over the white space between parts, and over the end of a fence that the last part
    /// has closed already.
    fn skip_needless(self) -> Self {
        match &self.fence {
            None => {
                let rest = skip_blank(self.rest);
                let skipped = before(self.rest, self.rest.len() - rest.len());
                Self {
                    rest,
                    at_line_start: self.at_line_start || skipped.contains('\n'),
                    ..self
                }
            }
            Some(fence) => {
                let line = self.rest.split('\n').next().unwrap_or_default();
                if !self.at_line_start || !fence.closes_at(line) {
                    return self;
                }
                Self {
                    rest: skip_blank(after(self.rest, line.len())),
                    fence: None,
                    at_line_start: true,
                }
            }
        }
    }

    fn after(self, cut: Cut) -> Self {
        Self {
            rest: after(self.rest, cut.next),
            fence: cut.fence,
            at_line_start: cut.at_line_start,
        }
    }
}

/// The text without its leading white space, but for such that carries a mark.
fn skip_blank(text: &str) -> &str {
    let blank = |grapheme: &&str| grapheme.trim().is_empty();
    let length = text.graphemes(true).take_while(blank).map(str::len).sum();
    after(text, length)
}

/// What fits into the room and one character more; `None` if all of the text fits.
fn view(text: &str, room: usize) -> Option<&str> {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.len_utf16();
        if used > room {
            return Some(before(text, at + c.len_utf8()));
        }
    }
    None
}

fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

fn before(text: &str, at: usize) -> &str {
    text.get(..at).unwrap_or(text)
}

fn after(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

#[cfg(test)]
mod tests;
