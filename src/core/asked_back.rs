//! Asking back: where a reviewed answer may fit and none surely does, the customer chooses.
//!
//! One that probably fits is given with the question that it answers, so that nobody takes it for
//! the answer to another one. Where several might fit, their questions are listed, with a button
//! each; "2" or "the second" chooses as pressing does.

use crate::{
    Button, Card, FaqEntry, FaqHit, FaqId, Language, Press, Session, Source, Turn, compose::Draft,
    wording,
};

/// A next entry with no more than this share of the best one's score is none to choose from.
const CLEARLY_NEXT: f64 = 0.6;

/// From this score an entry stands in the list below a better one.
const LISTED: f64 = 0.1;
/// Without anybody who writes, this score of the best one will do.
const BETTER_THAN_NOTHING: f64 = FaqHit::USEFUL;

/// Questions that are asked back at the most.
const QUESTIONS: usize = 3;

/// What reviewed answers can still do for a question that none surely answers.
pub(crate) enum Perhaps<'a> {
    /// This answer, with its question.
    Answer(&'a FaqEntry),
    /// One of these, which the customer chooses.
    OneOf(Vec<&'a FaqEntry>),
    /// Nothing.
    Nothing,
}

impl<'a> Perhaps<'a> {
    /// What may fit a turn. `writes` is whether somebody else could answer in free words.
    pub(crate) fn of(turn: &'a Turn, writes: bool) -> Self {
        let hits = &turn.understanding.faq;
        let Some(best) = hits.first() else {
            return Self::Nothing;
        };
        let least = if writes {
            FaqHit::LIKELY
        } else {
            BETTER_THAN_NOTHING
        };
        if best.score < least {
            return Self::Nothing;
        }
        let clearly_behind = |hit: &FaqHit| hit.score <= best.score * CLEARLY_NEXT;
        let listed = hits.iter().filter(|hit| hit.score >= LISTED);
        let entries = listed.filter_map(|hit| turn.faq.entry(&hit.entry));
        let mut entries: Vec<&FaqEntry> = entries.take(QUESTIONS).collect();
        if entries.len() > 1 && hits.get(1).is_some_and(clearly_behind) {
            entries.truncate(1);
        }
        match entries.as_slice() {
            [] => Self::Nothing,
            [only] => Self::Answer(only),
            _ => Self::OneOf(entries),
        }
    }

    /// Says it. Returns whether there was anything to say.
    pub(crate) fn say(&self, language: Language, session: &mut Session, draft: &mut Draft) -> bool {
        match self {
            Self::Answer(entry) => {
                let answer = entry.answer.get(language);
                let text = question(entry, language).map_or_else(
                    || answer.to_owned(),
                    |asked| wording::if_you_mean(language, asked, answer),
                );
                draft.say(text, Source::Faq(entry.id.to_string()));
            }
            // Who is asked back again and again has found no answer.
            Self::OneOf(entries) => {
                ask_back(entries, language, session, draft);
                return true;
            }
            Self::Nothing => return false,
        }
        session.unanswered = 0;
        true
    }
}

fn ask_back(entries: &[&FaqEntry], language: Language, session: &mut Session, draft: &mut Draft) {
    let asked: Vec<(&FaqId, String)> = entries
        .iter()
        .filter_map(|entry| Some((&entry.id, question(entry, language)?)))
        .enumerate()
        .map(|(at, (id, question))| (id, format!("{}. {question}", at + 1)))
        .collect();
    let lines: Vec<&str> = asked.iter().map(|(_, line)| line.as_str()).collect();
    draft.word("ask_back", wording::ask_back(language, &lines));
    session.asked_back = asked.iter().map(|(id, _)| (*id).clone()).collect();
    let buttons = asked.iter().map(|(id, line)| Button {
        label: line.clone(),
        press: Press::Faq((*id).clone()),
    });
    draft.card = Some(Card {
        title: String::new(),
        price: None,
        picture_url: None,
        buttons: buttons.filter(|button| button.press.fits()).collect(),
    });
}

/// The question of an entry that is shown, in a language that it has.
pub(crate) fn question(entry: &FaqEntry, language: Language) -> Option<&str> {
    let of = |language| entry.questions.get(&language)?.first();
    of(language)
        .or_else(|| of(Language::EN))
        .map(String::as_str)
}

/// Which of so many questions a text chooses: the first is 0. None where it says anything else.
pub(crate) fn chosen(text: &str, of: usize) -> Option<usize> {
    const WAYS: [&[&str]; QUESTIONS] = [
        &["1", "one", "first", "一", "第一个", "1号", "第1个"],
        &["2", "two", "second", "二", "第二个", "2号", "第2个"],
        &["3", "three", "third", "三", "第三个", "3号", "第3个"],
    ];
    const AROUND: [&str; 5] = ["the", "number", "one", "please", "question"];
    let folded = text.to_lowercase();
    let words: Vec<&str> = folded
        .split(|it: char| !it.is_alphanumeric())
        .filter(|it| !it.is_empty())
        .collect();
    let telling = words.iter().filter(|word| !AROUND.contains(word)).copied();
    let said = match (telling.collect::<Vec<_>>().as_slice(), words.as_slice()) {
        ([word], _) | ([], [word]) => *word,
        _ => return None,
    };
    let mut ways = WAYS.iter().take(of);
    ways.position(|ways| ways.contains(&said))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use jiff::Timestamp;

    use super::*;
    use crate::{Catalog, Faq, LocalText, PlaybookVersion, Understanding};

    #[track_caller]
    fn check(text: &str, of: usize, expect: Option<usize>) {
        assert_eq!(chosen(text, of), expect, "{text}");
    }

    #[test]
    fn numbers_and_ordinals_choose_and_sentences_do_not() {
        for text in [
            "2",
            "2.",
            "the second one",
            "Number two, please",
            "第二个",
            "second",
        ] {
            check(text, 3, Some(1));
        }
        check("one", 2, Some(0));
        for text in ["yes", "3", "two chairs", "", "the first and the second"] {
            check(text, 2, None);
        }
    }

    fn entry(id: &str) -> FaqEntry {
        FaqEntry {
            id: FaqId::from(id),
            questions: BTreeMap::from([(Language::EN, vec![format!("What of {id}?")])]),
            answer: LocalText::one(Language::EN, format!("All of {id}.")),
            scope: crate::Scope::default(),
            template: None,
        }
    }

    /// What is said to a question that these entries fit so well, and the buttons.
    fn said(scores: &[(&str, f64)], writes: bool) -> (String, Vec<String>) {
        let faq = Faq {
            entries: scores.iter().map(|(id, _)| entry(id)).collect(),
            hash: String::new(),
        };
        let hits = scores.iter().map(|(id, score)| FaqHit {
            entry: FaqId::from(*id),
            score: *score,
        });
        let understanding = Understanding {
            faq: hits.collect(),
            ..Understanding::of_nothing(Language::EN)
        };
        let facts = (Arc::new(Catalog::bare("")), Arc::new(faq));
        let turn = Turn::bare("?", "a", understanding, Timestamp::UNIX_EPOCH, facts);
        let version = PlaybookVersion::from("0");
        let mut session = Session::new(turn.now, Language::EN, "a", version);
        let mut draft = Draft::default();
        Perhaps::of(&turn, writes).say(Language::EN, &mut session, &mut draft);
        let text = draft.parts.iter().map(|part| match part {
            crate::compose::Part::Ready { text, .. } => text.as_str(),
            crate::compose::Part::Write => "-",
        });
        let buttons = draft.card.into_iter().flat_map(|card| card.buttons);
        let buttons: Vec<String> = buttons.map(|it| it.press.to_string()).collect();
        assert_eq!(session.asked_back.len(), buttons.len());
        (text.collect(), buttons)
    }

    #[test]
    fn a_probable_answer_comes_with_its_question() {
        let (text, buttons) = said(&[("wood", 0.5), ("glass", 0.2)], true);
        assert_eq!(text, "If you mean \"What of wood?\":\nAll of wood.");
        assert!(buttons.is_empty());
    }

    #[test]
    fn several_possible_ones_are_asked_back() {
        let (text, buttons) = said(&[("wood", 0.5), ("glass", 0.45), ("steel", 0.05)], true);
        assert!(
            text.contains("1. What of wood?\n2. What of glass?"),
            "{text}"
        );
        assert_eq!(buttons, ["faq:wood", "faq:glass"]);
    }

    #[test]
    fn what_hardly_fits_is_left_to_who_writes() {
        let scores = [("wood", 0.25), ("glass", 0.2)];
        assert_eq!(said(&scores, true).0, "");
        assert!(said(&scores, false).0.contains("1. What of wood?"));
        assert_eq!(said(&[("wood", 0.1)], false).0, "");
    }
}
