//! From blocks to passages: a few whole sentences that stand under the same headings, short enough to
//! be read in a chat.

use consultant_core::{At, Passage, Place, sentences::SentenceStream};

use super::block::Block;

/// A passage is filled up to so many characters.
pub(super) const PASSAGE_CHARS: usize = 500;

/// A sentence with more characters than this is none that anybody reads in a chat.
pub(super) const SENTENCE_CHARS: usize = 2_000;

/// What became of the blocks of a document.
#[derive(Debug, Default)]
pub(super) struct Chopped {
    pub(super) passages: Vec<Passage>,
    /// Where a sentence was too long to be read.
    pub(super) too_long: Vec<Place>,
}

/// Makes passages of blocks, in their order.
pub(super) fn chop(blocks: Vec<Block>) -> Chopped {
    let mut chopped = Chopped::default();
    let mut open = Open::default();
    for block in blocks {
        let goes_on = !block.alone && open.goes_on_with(&block);
        if !goes_on {
            open.end(&mut chopped);
        }
        open.alone = block.alone;
        add(block, &mut open, &mut chopped);
    }
    open.end(&mut chopped);
    chopped
}

fn add(block: Block, open: &mut Open, chopped: &mut Chopped) {
    let place = Place {
        headings: block.headings,
        at: block.at,
    };
    let whole = block.text.chars().count();
    if open.characters > 0 && open.characters + whole >= PASSAGE_CHARS && whole <= PASSAGE_CHARS {
        // It fits into a passage of its own, so it is not torn.
        open.end(chopped);
    }
    let mut between = "\n";
    for sentence in sentences(&block.text) {
        let characters = sentence.chars().count();
        if characters > SENTENCE_CHARS {
            chopped.too_long.push(place.clone());
            continue;
        }
        let more = between.chars().count() + characters;
        if open.characters > 0 && open.characters + more > PASSAGE_CHARS {
            open.end(chopped);
        }
        open.add(&sentence, between, &place);
        between = "";
    }
}

/// The passage that is being filled.
#[derive(Debug, Default)]
struct Open {
    text: String,
    characters: usize,
    place: Place,
    alone: bool,
}

impl Open {
    fn goes_on_with(&self, block: &Block) -> bool {
        let same_page = match (self.place.at, block.at) {
            (Some(At::Page(one)), Some(At::Page(other))) => one == other,
            _ => true,
        };
        !self.alone && same_page && self.place.headings == block.headings
    }

    fn add(&mut self, sentence: &str, between: &str, place: &Place) {
        if self.characters == 0 {
            self.place = place.clone();
        } else {
            self.text.push_str(between);
        }
        self.text.push_str(sentence);
        self.characters = self.text.chars().count();
    }

    fn end(&mut self, chopped: &mut Chopped) {
        let text = std::mem::take(&mut self.text);
        self.characters = 0;
        let text = text.trim();
        if text.chars().any(char::is_alphanumeric) {
            chopped.passages.push(Passage {
                place: self.place.clone(),
                text: text.to_owned(),
                is_withheld: false,
            });
        }
    }
}

/// The sentences of a text, each with the white space behind it.
pub(crate) fn sentences(text: &str) -> Vec<String> {
    let mut stream = SentenceStream::new();
    let mut sentences = stream.push(text);
    sentences.extend(stream.finish());
    sentences
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block(headings: &[&str], line: usize, text: &str) -> Block {
        Block {
            headings: headings.iter().map(|it| (*it).to_owned()).collect(),
            at: Some(At::Line(line)),
            text: text.to_owned(),
            alone: false,
        }
    }

    fn read(blocks: Vec<Block>) -> Vec<(String, String)> {
        let passages = chop(blocks).passages.into_iter();
        passages.map(|it| (it.place.to_string(), it.text)).collect()
    }

    #[test]
    fn blocks_under_one_heading_share_a_passage_and_rows_do_not() {
        let mut row = block(&["A"], 5, "Zone: EU");
        row.alone = true;
        let blocks = vec![
            block(&["A"], 1, "First."),
            block(&["A"], 3, "Second. Third."),
            row,
            block(&["A"], 6, "Fourth."),
            block(&["B"], 9, "Fifth."),
            block(&["B"], 10, "---"),
        ];
        let of = |place: &str, text: &str| (place.to_owned(), text.to_owned());
        assert_eq!(
            read(blocks),
            [
                of("A, line 1", "First.\nSecond. Third."),
                of("A, line 5", "Zone: EU"),
                of("A, line 6", "Fourth."),
                of("B, line 9", "Fifth.\n---"),
            ]
        );
    }

    #[test]
    fn a_long_paragraph_is_cut_between_sentences_and_a_short_one_not_at_all() {
        let long = "This sentence has forty characters in it. ".repeat(20);
        let passages = read(vec![
            block(&[], 1, &"Before. ".repeat(50)),
            block(&[], 2, &"Whole. ".repeat(40)),
            block(&[], 3, &long),
        ]);
        assert_eq!(passages.len(), 4, "{passages:#?}");
        assert!(passages[1].1.starts_with("Whole."));
        assert!(passages[3].1.starts_with("This sentence"));
    }

    #[test]
    fn an_endless_sentence_is_left_out_and_told() {
        let endless = "word ".repeat(500);
        let chopped = chop(vec![block(&["A"], 7, &format!("Short. {endless}"))]);
        assert_eq!(chopped.passages.len(), 1);
        assert_eq!(chopped.too_long[0].to_string(), "A, line 7");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_sentence_torn(
            texts in proptest::collection::vec("([a-z]{1,30} ){0,30}[a-z]{1,9}[.!?。]", 0..12),
        ) {
            let blocks: Vec<Block> = texts.iter().map(|it| block(&[], 1, it)).collect();
            let passages = read(blocks);
            let plain = |text: &str| text.split_whitespace().collect::<String>();
            let all: String = passages.iter().map(|(_, text)| plain(text)).collect();
            let expect: String = texts.iter().map(|it| plain(it)).collect();
            prop_assert_eq!(all, expect);
            for (_, text) in &passages {
                prop_assert!(text.chars().count() <= PASSAGE_CHARS || sentences(text).len() == 1);
                prop_assert!(text.ends_with(['.', '!', '?', '。']), "{}", text);
            }
        }
    }
}
