//! Walks over what fits into a part and finds the best place to end it.

mod inline;

use inline::Inline;
use unicode_segmentation::UnicodeSegmentation;

use super::units;
use crate::{extract::is_han, fence::Fence};

/// Where a part ends and the next begins, in bytes.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    pub(super) end: usize,
    pub(super) next: usize,
    /// The fence that is open there.
    pub(super) fence: Option<Fence>,
    /// Whether the next part begins with a whole line.
    pub(super) at_line_start: bool,
    rank: Rank,
    units: usize,
}

/// How good an end is, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Inside a fence line, or right behind one that opens.
    FenceLine,
    /// Between two graphemes.
    Grapheme,
    /// Inside a link, inline code or a line of code, but between words.
    Protected,
    /// Inside emphasis, but between words: taken only where the second half of the room has nothing
    /// better, so that few words before it do not become a part of their own.
    Emphasis,
    Word,
    Sentence,
    Line,
    Paragraph,
}

/// The walk over one part's view: what fits, and one character more.
pub(super) struct Walk<'a> {
    view: &'a str,
    room: usize,
    fence_room: usize,
    fence: Option<Fence>,
    /// Where the line begins; `None` in a line whose beginning was in the last part.
    line: Option<usize>,
    inline: Inline,
    used: usize,
    cuts: Vec<Cut>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        view: &'a str,
        room: usize,
        fence_room: usize,
        fence: Option<Fence>,
        at_line_start: bool,
    ) -> Self {
        Self {
            view,
            room,
            fence_room,
            fence,
            line: at_line_start.then_some(0),
            inline: Inline::default(),
            used: 0,
            cuts: Vec::new(),
        }
    }

    pub(super) fn best_cut(mut self) -> Cut {
        let mut last = "";
        let graphemes = self.view.grapheme_indices(true);
        for (at, grapheme) in graphemes {
            if at > 0 {
                self.visit(at, last, grapheme);
            }
            if last.ends_with('\n') && grapheme != "\n" && grapheme != "\r\n" {
                self.inline = Inline::default();
            }
            self.inline.step(grapheme, last);
            self.used += units(grapheme);
            last = grapheme;
        }
        self.choose()
    }

    /// Considers the boundary at `at`, between these two graphemes.
    fn visit(&mut self, at: usize, last: &str, next: &str) {
        if last.ends_with('\n') {
            self.line = Some(at);
        }
        let opened = next.ends_with('\n') && self.end_line(at);
        let rank = if opened || self.in_fence_line(at, next) {
            Rank::FenceLine
        } else if self.fence.is_some() {
            code_rank(last, next)
        } else if is_blank(last) {
            // The cut before the white space is the same, with less to trim.
            return;
        } else {
            self.text_rank(at, last, next)
        };
        self.offer(at, next, rank);
    }

    /// Takes the whole line before `at` into account; whether it opens a fence.
    fn end_line(&mut self, at: usize) -> bool {
        let Some(line) = self.line.and_then(|start| self.view.get(start..at)) else {
            return false;
        };
        let was_open = self.fence.is_some();
        self.fence = Fence::after(self.fence.as_ref(), line)
            .filter(|fence| was_open || fence.fits(self.fence_room));
        !was_open && self.fence.is_some()
    }

    /// Whether `at` is inside a line that opens or closes a fence, as far as it can be seen.
    fn in_fence_line(&self, at: usize, next: &str) -> bool {
        let so_far = self.line.and_then(|start| self.view.get(start..at));
        !next.ends_with('\n') && so_far.is_some_and(|line| Fence::of(line).is_some())
    }

    fn text_rank(&self, at: usize, last: &str, next: &str) -> Rank {
        let rest = self.view.get(at..).unwrap_or_default();
        let blank = rest
            .graphemes(true)
            .take_while(|grapheme| is_blank(grapheme));
        let newlines = blank.filter(|grapheme| grapheme.ends_with('\n')).count();
        match newlines {
            0 => {}
            1 => return Rank::Line,
            _ => return Rank::Paragraph,
        }
        let rank = if is_blank(next) {
            let text = self.view.get(..at).unwrap_or_default();
            if ends_sentence(text) {
                Rank::Sentence
            } else {
                Rank::Word
            }
        } else if self.inline.opens_emphasis(last, rest) {
            unspaced_rank(last, rest.trim_start_matches('*'))
        } else if last == "*" && self.inline.is_emphasized_before(next) {
            Rank::Grapheme
        } else {
            unspaced_rank(last, next)
        };
        if rank < Rank::Word {
            rank
        } else if self.inline.is_in_code_or_link() {
            Rank::Protected
        } else if self.inline.is_emphasized_before(next) {
            Rank::Emphasis
        } else {
            rank
        }
    }

    fn offer(&mut self, at: usize, next: &str, rank: Rank) {
        let closing = self
            .fence
            .as_ref()
            .map_or(0, |fence| units(&fence.closing()));
        if self.used + closing > self.room {
            return;
        }
        let line_end = next.ends_with('\n');
        let skipped = if self.fence.is_some() && line_end {
            next.len()
        } else {
            0
        };
        self.cuts.push(Cut {
            end: at,
            next: at + skipped,
            fence: self.fence.clone(),
            at_line_start: line_end,
            rank,
            units: self.used,
        });
    }

    /// The best boundary in the second half of the room; else its last word, outside of emphasis
    /// if there is one; else the last word; else the last of what is worse.
    fn choose(mut self) -> Cut {
        let half = self.room / 2;
        let late = |least: Rank| {
            let cuts = self.cuts.iter();
            cuts.filter(move |cut| cut.units >= half && cut.rank >= least)
        };
        let by_word = |cut: &&Cut| (cut.rank.min(Rank::Word), cut.units);
        let best = late(Rank::Sentence).max_by_key(|cut| (cut.rank, cut.units));
        let best = best
            .or_else(|| late(Rank::Emphasis).max_by_key(by_word))
            .or_else(|| self.cuts.iter().max_by_key(by_word));
        match best.cloned() {
            Some(cut) => cut,
            None => self.cut_inside_grapheme(),
        }
    }

    /// One grapheme is longer than the room: as many of its characters as fit.
    fn cut_inside_grapheme(&mut self) -> Cut {
        let closing = self
            .fence
            .as_ref()
            .map_or(0, |fence| units(&fence.closing()));
        let mut used = closing;
        let fits = |c: &char| {
            used += c.len_utf16();
            used <= self.room
        };
        let end = self.view.chars().take_while(fits).map(char::len_utf8).sum();
        Cut {
            end,
            next: end,
            fence: self.fence.clone(),
            at_line_start: false,
            rank: Rank::Grapheme,
            units: self.room,
        }
    }
}

fn code_rank(last: &str, next: &str) -> Rank {
    if next.ends_with('\n') {
        Rank::Line
    } else if is_blank(last) && !last.ends_with('\n') {
        Rank::Protected
    } else {
        Rank::Grapheme
    }
}

/// Chinese and Japanese may break between almost any two characters, though not before closing
/// punctuation.
fn unspaced_rank(last: &str, next: &str) -> Rank {
    let end = last.chars().next_back().unwrap_or(' ');
    let start = next.chars().next().unwrap_or(' ');
    if is_east_asian_end(start) || is_closer(start) || is_opener(end) {
        Rank::Grapheme
    } else if matches!(end, '。' | '！' | '？') {
        Rank::Sentence
    } else if is_east_asian(end) || is_east_asian(start) {
        Rank::Word
    } else {
        Rank::Grapheme
    }
}

fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(is_closer)
        .ends_with(['.', '!', '?', '…', '。', '！', '？', '؟', '।', '۔'])
}

fn is_east_asian(c: char) -> bool {
    is_han(c) || is_east_asian_end(c) || matches!(c, '\u{3040}'..='\u{30ff}')
}

fn is_east_asian_end(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '，' | '、' | '；' | '：')
}

fn is_opener(c: char) -> bool {
    matches!(c, '（' | '“' | '‘' | '「' | '『' | '《' | '【' | '(' | '[')
}

fn is_closer(c: char) -> bool {
    matches!(
        c,
        ')' | ']'
            | '}'
            | '"'
            | '\''
            | '”'
            | '’'
            | '»'
            | '」'
            | '』'
            | '）'
            | '】'
            | '》'
            | '*'
            | '_'
    )
}

fn is_blank(grapheme: &str) -> bool {
    !grapheme.is_empty() && grapheme.trim().is_empty()
}
