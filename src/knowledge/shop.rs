//! The knowledge of one shop: its facts, and what a message means in their light.

use std::{collections::BTreeSet, sync::Arc};

use consultant_core::{
    Audience, Catalog, Currency, Documents, Faq, FaqHit, Intent, Language, PassageHit,
    ProductMention, TrainedIntent, Understanding, find,
    ports::{Encoder, EncoderError, Knowledge, Offered},
};

use crate::{
    Category, Problem,
    intent::{IntentRules, TrainedIntents},
    language,
    load::{doubts_about_catalog, doubts_about_faq, load_catalog_with_categories, load_faq},
    mention::Names,
    offered::Lists,
    quantity,
    retrieve::{Answers, Asked, Passages},
    text,
};

/// A file's name, for messages, and its text.
pub type NamedText<'a> = (&'a str, &'a str);

/// What is wrong with the files of a shop, and its catalogue and FAQ where they are right.
#[derive(Debug, Default)]
pub struct Examined {
    /// Every problem, those of the catalogue first.
    pub problems: Vec<Problem>,
    /// `None` where it is broken or was not given.
    pub catalog: Option<Catalog>,
    /// `None` where it is broken or was not given.
    pub faq: Option<Faq>,
}

/// Everything that is wrong with the files that could be read.
pub fn examine(catalog: Option<NamedText<'_>>, faq: Option<NamedText<'_>>) -> Examined {
    let mut examined = Examined::default();
    if let Some((file, text)) = catalog {
        match load_catalog_with_categories(file, text) {
            Ok(loaded) => {
                examined.problems = doubts_about_catalog(file, text, &loaded.catalog);
                examined.catalog = Some(loaded.catalog);
            }
            Err(problems) => examined.problems = problems,
        }
    }
    if let Some((file, text)) = faq {
        match load_faq(file, text, examined.catalog.as_ref()) {
            Ok(faq) => {
                if let Some(catalog) = &examined.catalog {
                    let doubts = doubts_about_faq(file, text, catalog);
                    examined.problems.extend(doubts);
                }
                examined.faq = Some(faq);
            }
            Err(problems) => examined.problems.extend(problems),
        }
    }
    examined
}

/// From this confidence small talk is nothing else.
const SURELY_SMALL_TALK: f64 = 0.6;

/// Reviewed answers that a message may mean, at the most.
const ANSWERS: usize = 3;

/// The company's facts, and what a message means in their light.
pub struct ShopKnowledge {
    catalog: Arc<Catalog>,
    faq: Arc<Faq>,
    documents: Arc<Documents>,
    categories: Vec<Category>,
    intents: IntentRules,
    names: Names,
    answers: Answers,
    passages: Passages,
    meaning: Option<Meaning>,
    trained: TrainedIntents,
    moods: TrainedIntents,
    lists: Lists,
}

/// The small models that understand customers, as far as there are any.
#[derive(Clone, Default)]
pub struct SmallModels {
    /// Find answers by their meaning.
    pub meaning: Option<Meaning>,
    /// Tell what is wanted.
    pub trained: TrainedIntents,
    /// Tell what mood a customer is in.
    pub moods: TrainedIntents,
}

/// What finds answers by their meaning.
#[derive(Clone)]
pub struct Meaning {
    /// For what the company states: the same texts again and again.
    pub of_texts: Arc<dyn Encoder>,
    /// For what customers write.
    pub of_messages: Arc<dyn Encoder>,
    /// The languages that both read. All others are understood by words alone.
    pub languages: Vec<Language>,
}

impl ShopKnowledge {
    /// The knowledge in both files, or everything that is wrong with them. This knows the
    /// categories' words too, so prefer it to [`ShopKnowledge::new`].
    pub fn load(catalog: NamedText<'_>, faq: NamedText<'_>) -> Result<Self, Vec<Problem>> {
        let loaded = load_catalog_with_categories(catalog.0, catalog.1);
        let known = loaded.as_ref().ok().map(|loaded| &loaded.catalog);
        let entries = load_faq(faq.0, faq.1, known);
        match (loaded, entries) {
            (Ok(loaded), Ok(entries)) => {
                let (catalog, faq) = (Arc::new(loaded.catalog), Arc::new(entries));
                Ok(Self::with_categories(catalog, faq, loaded.categories))
            }
            (catalog, faq) => {
                let mut problems = catalog.err().unwrap_or_default();
                problems.extend(faq.err().unwrap_or_default());
                Err(problems)
            }
        }
    }

    /// Knowledge from snapshots. Categories are known by their ids only.
    pub fn new(catalog: Arc<Catalog>, faq: Arc<Faq>) -> Self {
        Self::with_categories(catalog, faq, Vec::new())
    }

    /// Knowledge from snapshots, with the categories' words.
    pub fn with_categories(
        catalog: Arc<Catalog>,
        faq: Arc<Faq>,
        categories: Vec<Category>,
    ) -> Self {
        Self {
            intents: IntentRules::new(),
            names: Names::new(&catalog, &categories),
            answers: Answers::new(&faq),
            passages: Passages::new(&Documents::default()),
            catalog,
            faq,
            documents: Arc::default(),
            categories,
            meaning: None,
            trained: TrainedIntents::default(),
            moods: TrainedIntents::default(),
            lists: Lists::default(),
        }
    }

    /// From here on, these documents are a source of answers too.
    #[must_use]
    pub fn with_documents(mut self, documents: Arc<Documents>) -> Self {
        self.passages = Passages::new(&documents);
        self.documents = documents;
        self
    }

    /// From here on, reviewed answers and passages of documents are found by their meaning too.
    /// Everything that they say is encoded for it; where that fails, they are found by their words as
    /// before.
    pub fn learn_meaning(&mut self, meaning: Meaning) -> Result<(), EncoderError> {
        let (languages, encoder) = (&meaning.languages, &*meaning.of_texts);
        self.answers
            .learn_meaning((&self.faq, &self.catalog), languages, encoder)?;
        self.passages
            .learn_meaning(&self.documents, languages, encoder)?;
        self.meaning = Some(meaning);
        Ok(())
    }

    /// From here on, these say what is wanted where the reviewed phrases are not sure.
    #[must_use]
    pub fn with_trained(mut self, trained: TrainedIntents) -> Self {
        self.trained = trained;
        self
    }

    /// From here on, these say what mood a customer is in.
    #[must_use]
    pub fn with_moods(mut self, moods: TrainedIntents) -> Self {
        self.moods = moods;
        self
    }

    /// The reviewed answers that fit a message, best first, at most so many: what
    /// [`Knowledge::understand`] finds, and more of it, for whomever they are.
    pub fn find(&self, text: &str, most: usize) -> Vec<FaqHit> {
        let folded = text::fold(text);
        let tokens = text::tokens(&folded);
        let language = language::detect(&folded, &tokens, None);
        let question = self.question(&folded, &tokens, language);
        self.answers.find(question.asked(), most, None)
    }

    /// What is searched for where somebody says this.
    fn question<'a>(&self, folded: &'a str, tokens: &[String], language: Language) -> Question<'a> {
        let asks = asks(folded, tokens);
        let wish = self.intents.classify(tokens, asks);
        let (intent, confidence) = wish;
        // A yes, a no, a greeting means what was said before, and nothing by itself.
        let is_answer = intent.is_small_talk() && confidence >= SURELY_SMALL_TALK;
        let meaning = if is_answer {
            None
        } else {
            self.meaning_of(folded, language)
        };
        Question {
            text: folded,
            meaning,
            wish,
            asks,
            is_answer,
        }
    }

    /// What the trained intents take it for. What is an answer to what was said before is none of
    /// their categories.
    fn trained(&self, question: &Question<'_>, language: Language) -> Option<TrainedIntent> {
        let meaning = question.meaning.as_deref();
        let asked = !question.is_answer;
        asked.then(|| self.trained.judge(question.text, meaning, language))?
    }

    fn answers_for(&self, question: &Question<'_>, audience: &Audience) -> Vec<FaqHit> {
        let entries = &self.faq.entries;
        let holds = |entry: usize| entries[entry].scope.holds_for(audience);
        let some = !self.faq.is_for_everyone();
        let holds = some.then_some(&holds as &dyn Fn(usize) -> bool);
        self.answers.find(question.asked(), ANSWERS, holds)
    }

    fn passages_for(
        &self,
        question: &Question<'_>,
        language: Language,
        audience: &Audience,
    ) -> Vec<PassageHit> {
        if question.is_answer || self.documents.is_empty() {
            return Vec::new();
        }
        let meaning = question.meaning.as_deref();
        let goods = meaning.and_then(|it| self.answers.goods_near(it));
        let asked = question.asked();
        self.passages.find(asked, &self.documents, goods, |it| {
            // Facts for the model are in English, whatever the customer writes.
            let is_read = it.language == language || it.language == Language::EN;
            is_read && it.scope.holds_for(audience)
        })
    }

    /// Numbers in the names of these products' variants: "the 160 oak" is one desk.
    fn sizes(&self, products: &[ProductMention]) -> Vec<String> {
        let products = products.iter();
        let products = products.filter_map(|it| self.catalog.product(&it.product));
        let variants = products.flat_map(|it| &it.variants);
        let names = variants.flat_map(|it| it.name.0.values());
        let words = names.flat_map(|name| text::tokens(name));
        words
            .filter(|word| word.starts_with(|it: char| it.is_ascii_digit()))
            .collect()
    }

    /// The point where a message stands, where an encoder reads its language. A message that cannot
    /// be encoded is understood by its words.
    fn meaning_of(&self, text: &str, language: Language) -> Option<Vec<f32>> {
        let meaning = self.meaning.as_ref()?;
        if !meaning.languages.contains(&language) || text.trim().is_empty() {
            return None;
        }
        meaning.of_messages.encode(&[text]).ok()?.pop()
    }

    /// The categories with their names for customers.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }
}

/// What is searched for.
struct Question<'a> {
    text: &'a str,
    meaning: Option<Vec<f32>>,
    /// What is wanted by the reviewed phrases, and how sure they are.
    wish: (Intent, f64),
    asks: bool,
    /// Whether it is an answer to what was said before.
    is_answer: bool,
}

impl Question<'_> {
    fn asked(&self) -> Asked<'_> {
        Asked {
            text: self.text,
            meaning: self.meaning.as_deref(),
            asks: self.asks,
        }
    }
}

impl Knowledge for ShopKnowledge {
    fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog)
    }

    fn faq(&self) -> Arc<Faq> {
        Arc::clone(&self.faq)
    }

    fn documents(&self) -> Arc<Documents> {
        Arc::clone(&self.documents)
    }

    fn offered(&self, audience: &Audience) -> Offered {
        let facts = (&self.catalog, &self.faq, &self.documents);
        self.lists.of(audience, facts)
    }

    fn understand(
        &self,
        text: &str,
        previous: Option<Language>,
        audience: &Audience,
    ) -> Understanding {
        let folded = text::fold(text);
        let tokens = text::tokens(&folded);
        let named = self.names.find(&tokens, &text::proper(text));
        let mut codes = quantity::codes(&folded);
        codes.extend(self.sizes(&named.products));
        let pieces = |codes: &BTreeSet<String>| quantity::pieces(&tokens, &named.starts, codes);
        let mut quantity = pieces(&codes);
        // Where another number counts pieces, too, the amount is none: `449块，买十张`.
        let amounts: Vec<String> = amounts(text, self.catalog.currency).collect();
        if quantity.is_some_and(|it| amounts.contains(&it.to_string())) {
            codes.extend(amounts);
            quantity = pieces(&codes).or(quantity);
        }
        let language = language::detect(&folded, &tokens, previous);
        let question = self.question(&folded, &tokens, language);
        let trained = self.trained(&question, language);
        let heard = question.meaning.as_deref();
        let mood = self.moods.judge(&folded, heard, language);
        let faq = self.answers_for(&question, audience);
        let by_training = wanted_by_training(question.wish.0, trained.as_ref(), &faq);
        let (intent, confidence) = by_training.unwrap_or(question.wish);
        Understanding {
            language,
            intent,
            confidence,
            trained,
            mood,
            by_training: by_training.is_some(),
            quantity,
            number: quantity::first_number(&tokens, quantity),
            products: named.products,
            category: named.category,
            faq,
            passages: self.passages_for(&question, language, audience),
        }
    }
}

/// What is wanted by the trained intent of that name, where the reviewed phrases say nothing and no
/// reviewed answer is likely meant either.
fn wanted_by_training(
    by_phrases: Intent,
    trained: Option<&TrainedIntent>,
    faq: &[FaqHit],
) -> Option<(Intent, f64)> {
    let is_answered = faq.first().is_some_and(|it| it.score >= FaqHit::LIKELY);
    let trained = trained.filter(|_| by_phrases == Intent::Other && !is_answered)?;
    Some((Intent::from_name(&trained.label)?, trained.confidence))
}

/// The numbers of what may be an amount or a number of pieces: `449块`.
fn amounts(text: &str, home: Currency) -> impl Iterator<Item = String> {
    let amounts = find::amounts(text, home).into_iter();
    let amounts = amounts.filter(|it| it.text.contains('块'));
    let words = amounts.flat_map(|it| text::tokens(&it.text));
    words.filter(|word| word.starts_with(|it: char| it.is_ascii_digit()))
}

/// Whether a folded text asks something: by its mark, or by how it begins or ends.
fn asks(folded: &str, tokens: &[String]) -> bool {
    const ASKS_FOR: [&str; 15] = [
        "what", "whats", "how", "hows", "when", "where", "wheres", "who", "whos", "which", "why",
        "whose", "whom", "wich", "wat",
    ];
    const BEGINS: [&str; 13] = [
        "is", "are", "was", "do", "does", "did", "can", "could", "will", "would", "may", "should",
        "any",
    ];
    const HAN: [&str; 8] = [
        "怎么",
        "多少",
        "多久",
        "什么",
        "哪",
        "几天",
        "如何",
        "能不能",
    ];
    let begins = |at: usize, with: &[&str]| {
        tokens
            .get(at)
            .is_some_and(|word| with.contains(&word.as_str()))
    };
    let end = folded.trim_end_matches(|it: char| !it.is_alphanumeric());
    folded.contains(['?', '؟'])
        || HAN.iter().any(|it| folded.contains(it))
        || begins(0, &BEGINS)
        || begins(0, &ASKS_FOR)
        || begins(1, &ASKS_FOR)
        || ["吗", "呢", "不", "没有"]
            .iter()
            .any(|it| end.ends_with(it))
}

#[cfg(test)]
mod tests;
