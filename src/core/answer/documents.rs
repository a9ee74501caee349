//! Passages of documents: quoted word for word where they surely answer, and otherwise facts for the
//! model.

use super::FactAnswer;
use crate::{
    Document, Intent, Language, Passage, PassageHit, Source, Turn, guard::prices_goods,
    sentences::SentenceStream, wording,
};

/// The longest passage that is quoted, in characters: more is a page and no answer.
const QUOTE_CHARS: usize = 600;

/// The passage that surely answers, quoted. Only in the customer's own language: nobody is quoted a
/// text that they may not be able to read.
pub(super) fn quoted(turn: &Turn, intent: Intent, is_about_product: bool) -> Option<FactAnswer> {
    if belongs_to_catalogue(turn, intent, is_about_product) {
        return None;
    }
    let best = turn.understanding.passages.first()?;
    let (document, passage) = turn.documents.found(best)?;
    let language = turn.understanding.language;
    let fits = document.language == language && passage.text.chars().count() <= QUOTE_CHARS;
    let is_sure = fits && best.score >= PassageHit::SURE && !passage.is_withheld;
    let may_be_said = is_sure && !prices_goods(document, passage, &turn.catalog);
    may_be_said.then(|| FactAnswer {
        text: wording::quoted(language, &document.title, &passage.text),
        source: Source::Document(document.key.to_string()),
        computed: Vec::new(),
    })
}

/// Whether the catalogue answers for sure: the range, the discounts, or one of the goods by name.
fn belongs_to_catalogue(turn: &Turn, intent: Intent, is_about_product: bool) -> bool {
    match intent {
        Intent::Browse | Intent::Discount => true,
        Intent::Features => is_about_product,
        Intent::Price | Intent::Stock | Intent::Order => {
            is_about_product || turn.understanding.category.is_some()
        }
        _ => intent.is_small_talk(),
    }
}

/// What useful passages say, each with its document's title, from the sentence on that fits best; at
/// most so many characters each. In the turn's language or in English, which facts for the model are
/// in.
pub(crate) fn useful(turn: &Turn, most_chars: usize) -> impl Iterator<Item = String> + '_ {
    let language = turn.understanding.language;
    let hits = turn.understanding.passages.iter();
    let useful = hits.filter(|hit| hit.score >= PassageHit::USEFUL);
    useful.filter_map(move |hit| {
        let (document, passage) = turn.documents.found(hit)?;
        let is_read = [language, Language::EN].contains(&document.language);
        (is_read && !passage.is_withheld)
            .then(|| fact(document, passage, (hit.sentence, most_chars)))
    })
}

/// Whole sentences, as long as they fit; the first one in any case.
fn fact(document: &Document, passage: &Passage, (from, most_chars): (usize, usize)) -> String {
    let mut stream = SentenceStream::new();
    let mut sentences = stream.push(&passage.text);
    sentences.extend(stream.finish());
    let mut fact = match passage.place.headings.last() {
        Some(heading) if *heading != document.title => format!("{} / {heading}: ", document.title),
        _ => format!("{}: ", document.title),
    };
    for (at, sentence) in sentences.iter().skip(from).enumerate() {
        let longer = fact.chars().count() + sentence.trim_end().chars().count();
        if at > 0 && longer > most_chars {
            break;
        }
        fact.push_str(sentence);
    }
    fact.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::{super::from_facts, *};
    use crate::{Documents, Faq, FaqEntry, FaqHit, LocalText, Place, Scope, Understanding, guard};

    fn hit(document: &str, score: f64) -> PassageHit {
        PassageHit {
            document: document.into(),
            passage: 0,
            sentence: 0,
            place: Place::default(),
            score,
        }
    }

    fn document(key: &str, language: Language, text: &str) -> Arc<Document> {
        Arc::new(Document {
            key: key.into(),
            title: "Returns".to_owned(),
            language,
            scope: Scope::default(),
            passages: vec![Passage {
                place: Place::default(),
                text: text.to_owned(),
                is_withheld: false,
            }],
            hash: String::new(),
        })
    }

    /// A turn in a language, with a document in English and one in Chinese, and an FAQ of one entry.
    fn turn(language: Language) -> Turn {
        let faq = Faq {
            entries: vec![FaqEntry {
                id: "costs".into(),
                questions: std::collections::BTreeMap::new(),
                answer: LocalText::one(Language::EN, "You pay."),
                template: None,
                scope: Scope::default(),
            }],
            hash: String::new(),
        };
        let facts = (Arc::new(guard::tests::catalog()), Arc::new(faq));
        let understanding = Understanding::of_nothing(language);
        let mut turn = Turn::bare("?", "x", understanding, Timestamp::UNIX_EPOCH, facts);
        turn.documents = Arc::new(Documents {
            documents: vec![
                document("en.md", Language::EN, "We pay for returns."),
                document("zh.md", Language::ZH, "退货运费由我们承担。"),
                document("long.md", Language::EN, &"We pay. ".repeat(100)),
            ],
            hash: String::new(),
        });
        turn
    }

    fn answered(turn: &Turn) -> Option<(String, Source)> {
        from_facts(turn).map(|FactAnswer { text, source, .. }| (text, source))
    }

    fn quoted(text: &str, key: &str) -> (String, Source) {
        (text.to_owned(), Source::Document(key.to_owned()))
    }

    #[test]
    fn a_sure_passage_is_quoted_in_its_own_language_alone() {
        let mut turn = turn(Language::EN);
        turn.understanding.passages = vec![hit("en.md", PassageHit::SURE)];
        assert_eq!(
            answered(&turn),
            Some(quoted("From “Returns”:\nWe pay for returns.", "en.md"))
        );
        turn.understanding.language = Language::ZH;
        assert_eq!(answered(&turn), None);
        turn.understanding.passages = vec![hit("zh.md", 1.0)];
        assert_eq!(
            answered(&turn),
            Some(quoted("摘自《Returns》：\n退货运费由我们承担。", "zh.md"))
        );
        turn.understanding.language = Language::EN;
        for other in [hit("en.md", 0.69), hit("long.md", 1.0), hit("gone.md", 1.0)] {
            turn.understanding.passages = vec![other];
            assert_eq!(answered(&turn), None);
        }
    }

    #[test]
    fn a_sure_reviewed_answer_comes_first_and_a_likely_one_second() {
        let mut turn = turn(Language::EN);
        turn.understanding.passages = vec![hit("en.md", 1.0)];
        let faq = |score| FaqHit {
            entry: "costs".into(),
            score,
        };
        turn.understanding.faq = vec![faq(FaqHit::SURE)];
        let reviewed = Some(("You pay.".to_owned(), Source::Faq("costs".to_owned())));
        assert_eq!(answered(&turn), reviewed);
        turn.understanding.faq = vec![faq(FaqHit::LIKELY)];
        assert!(matches!(answered(&turn), Some((_, Source::Document(_)))));
    }

    #[test]
    fn what_the_catalogue_answers_is_left_to_it() {
        let mut turn = turn(Language::EN);
        turn.understanding.passages = vec![hit("en.md", 1.0)];
        turn.understanding.confidence = 1.0;
        for (intent, is_quoted) in [
            (Intent::Price, true),
            (Intent::Delivery, true),
            (Intent::Browse, false),
            (Intent::Discount, false),
            (Intent::Thanks, false),
        ] {
            turn.understanding.intent = intent;
            let source = answered(&turn).map(|(_, source)| source);
            let of_document = matches!(source, Some(Source::Document(_)));
            assert_eq!(of_document, is_quoted, "{intent:?}");
        }
    }
}
