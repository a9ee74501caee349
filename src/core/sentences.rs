//! Cuts streamed model output into sentence-sized pieces, so that only what the guard has read
//! whole is ever shown.
//!
//! A state machine over characters: how the stream happens to be chunked cannot change a piece,
//! and the pieces joined are the stream. A piece keeps the white space that follows its sentence.
//! A sentence that does not end is held until [`SentenceStream::finish`], whatever its length:
//! released earlier, "29" could be shown before its "00 EUR" is known. The model's length limit
//! bounds the buffer.

use crate::fence::Fence;

/// Splits a stream of text into sentences.
#[derive(Clone, Debug, Default)]
pub struct SentenceStream {
    /// What is not released yet.
    held: String,
    /// The current line so far, also the part of it that was released.
    line: String,
    /// The code fence that is open.
    fence: Option<Fence>,
    /// Whether the held text already ends like a sentence.
    ending: Ending,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Ending {
    /// In the middle of a sentence.
    #[default]
    Open,
    /// After `.`, `!` or `?`: white space completes it, anything else goes on ("29.50").
    AtSpace,
    /// After `。`, `！` or `？`: complete, but for closing quotes and white space.
    Now,
}

impl SentenceStream {
    /// A stream at its start.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next chunk and returns the pieces that it completes.
    pub fn push(&mut self, chunk: &str) -> Vec<String> {
        let mut pieces = Vec::new();
        for c in chunk.chars() {
            self.feed(c, &mut pieces);
        }
        pieces
    }

    /// What is left when the stream has ended, complete or not.
    pub fn finish(self) -> Option<String> {
        (!self.held.is_empty()).then_some(self.held)
    }

    fn feed(&mut self, c: char, pieces: &mut Vec<String>) {
        if self.ending == Ending::Now && !c.is_whitespace() && !is_closer(c) && !ends_sentence(c) {
            self.release(pieces);
        }
        self.held.push(c);
        if c == '\n' {
            self.end_line();
            self.release(pieces);
            return;
        }
        if self.ending != Ending::Open && c.is_whitespace() {
            self.line.push(c);
            self.release(pieces);
            return;
        }
        if !(is_closer(c) && self.ending != Ending::Open) {
            self.ending = self.ending_after(c);
        }
        self.line.push(c);
    }

    /// Hands out what is held, unless it is only white space, which then leads the next piece.
    fn release(&mut self, pieces: &mut Vec<String>) {
        self.ending = Ending::Open;
        if !self.held.trim().is_empty() {
            pieces.push(std::mem::take(&mut self.held));
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.fence = Fence::after(self.fence.as_ref(), &line);
    }

    /// `line` does not hold `c` yet.
    fn ending_after(&self, c: char) -> Ending {
        if self.fence.is_some() || Fence::of(&self.line).is_some() || !ends_sentence(c) {
            return Ending::Open;
        }
        if matches!(c, '。' | '！' | '？') || self.ending == Ending::Now {
            return Ending::Now;
        }
        if c == '.' && (is_list_number(&self.line) || is_abbreviation(&self.line)) {
            return Ending::Open;
        }
        Ending::AtSpace
    }
}

fn ends_sentence(c: char) -> bool {
    matches!(
        c,
        '.' | '!' | '?' | '…' | '。' | '！' | '？' | '।' | '؟' | '۔'
    )
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
            | '`'
            | '~'
    )
}

/// `1.` or `a.` at the start of a line numbers what follows.
fn is_list_number(line: &str) -> bool {
    let marker = line.trim_start_matches([' ', '\t', '>', '*', '-', '#']);
    let number = marker.len() <= 3 && marker.bytes().all(|b| b.is_ascii_digit());
    let letter = marker.len() == 1 && marker.bytes().all(|b| b.is_ascii_alphabetic());
    !marker.is_empty() && (number || letter)
}

/// Words whose full stop does not end a sentence. "No." is missing on purpose: more often it is
/// a whole answer.
const ABBREVIATIONS: [&str; 32] = [
    "e.g", "i.e", "eg", "ie", "dr", "mr", "mrs", "ms", "prof", "st", "vs", "cf", "approx", "incl",
    "excl", "fig", "vol", "inc", "ltd", "jr", "sr", "nr", "ca", "bzw", "z.b", "d.h", "u.a", "p.s",
    "a.m", "p.m", "u.s", "etc",
];

fn is_abbreviation(line: &str) -> bool {
    let word = line
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“' | '‘' | '/'))
        .next()
        .unwrap_or_default();
    let initial = word.len() == 1 && word != "I" && word.bytes().all(|b| b.is_ascii_uppercase());
    initial || ABBREVIATIONS.contains(&word.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(text: &str) -> Vec<String> {
        pieces_of_chunks(&[text])
    }

    fn pieces_of_chunks(chunks: &[&str]) -> Vec<String> {
        let mut stream = SentenceStream::new();
        let mut pieces: Vec<String> = chunks.iter().flat_map(|c| stream.push(c)).collect();
        pieces.extend(stream.finish());
        pieces
    }

    /// `|` marks where the text is expected to be cut.
    #[track_caller]
    fn check(marked: &str) {
        let expect: Vec<&str> = marked.split('|').collect();
        assert_eq!(pieces(&marked.replace('|', "")), expect);
    }

    #[test]
    fn english_is_cut_after_its_sentences() {
        check("Hello there. |How are you? |Fine! |Bye");
        check("He said \"Stop.\" |Then he left.");
        check("**It is here.** |Yes!? |Well... |ok");
        check("No. |It costs 29 EUR.");
    }

    #[test]
    fn chinese_is_cut_without_spaces() {
        check("您好！|这款台灯售价29欧元。|需要吗？");
        check("他说：“好的。”|然后走了。 |再见！！|好");
    }

    #[test]
    fn full_stops_inside_words_and_numbers_cut_nothing() {
        check("It costs 29.50 EUR. |Or 1.299,00 EUR.");
        check("Lamps, e.g. the small one, and so on. |Ask Dr. Smith.");
        check("See https://example.com/a.b?c=d. |Thanks");
        check("J. Smith and I. |We came.");
        check("At 5 p.m. we close. |Bye.");
    }

    #[test]
    fn lines_and_list_items_are_pieces() {
        check("We have:\n|- a lamp\n|- a mug\n|1. First. |Second\n|a. b");
        check("1. First\n|2. Second\n|\n3) Third");
        check("one\r\n|two");
    }

    #[test]
    fn code_is_cut_only_at_line_ends() {
        check("See:\n|```rust\n|let a = b. c(); // Yes! No.\n|```\n|Done. |Bye");
        check("~~~\n|a. b\n|```\n|c. d\n|~~~\n|End. |f");
    }

    #[test]
    fn blank_lines_lead_the_next_piece_and_nothing_is_lost() {
        check("a\n|\n\nb\n|\n");
        assert_eq!(pieces("  "), ["  "]);
        assert!(pieces("").is_empty());
    }

    #[test]
    fn a_sentence_without_an_end_waits_for_the_end_of_the_stream() {
        let mut stream = SentenceStream::new();
        assert!(stream.push(&"word ".repeat(5_000)).is_empty());
        assert!(stream.push("It costs 2").is_empty());
        assert!(
            stream
                .finish()
                .is_some_and(|rest| rest.ends_with("costs 2"))
        );
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[a-c0-9.!?。！？…”\"*` \n)]{0,80}",
            "((```|~~~|[a-z]{1,3}|\\.|\n|。| |Dr|1){0,30})",
        ]
    }

    proptest! {
        #![proptest_config(crate::proptests::config())]

        #[test]
        fn pieces_joined_are_the_input(text in text()) {
            prop_assert_eq!(pieces(&text).concat(), text);
        }

        #[test]
        fn any_chunking_gives_the_same_pieces(text in text(), size in 1_usize..6) {
            let chars: Vec<char> = text.chars().collect();
            let chunks: Vec<String> = chars.chunks(size).map(|c| c.iter().collect()).collect();
            let chunks: Vec<&str> = chunks.iter().map(String::as_str).collect();
            prop_assert_eq!(pieces_of_chunks(&chunks), pieces(&text));
        }

        #[test]
        fn no_piece_but_the_last_is_empty_or_blank(text in text()) {
            let pieces = pieces(&text);
            let last = pieces.len().saturating_sub(1);
            prop_assert!(pieces.iter().take(last).all(|piece| !piece.trim().is_empty()));
        }
    }
}
