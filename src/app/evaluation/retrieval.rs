//! How well reviewed answers are found, whether for questions that somebody labelled or for the
//! FAQ's own wordings, each asked while it is left out.

mod report;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use consultant_core::{
    Faq, FaqHit, Language,
    ports::{EncoderError, Knowledge},
};
use consultant_knowledge::{Meaning, ShopKnowledge};
use consultant_learning::{RankedFigures, Row, Search, some_of};

use crate::{diagnostics::Diagnostic, evaluation::latency::Latency};

pub use report::RetrievalReport;

/// Entries that are looked at.
const FOUND: usize = 10;

/// What is searched, and with what.
pub struct Searched<'a> {
    /// The company's facts.
    pub facts: &'a dyn Knowledge,
    /// What finds answers by their meaning, where something does.
    pub meaning: Option<&'a Meaning>,
}

impl Searched<'_> {
    /// Asks questions with the ids of their entries; `no_answer` stands for none.
    pub fn ask(
        &self,
        rows: &[Row],
        no_answer: &str,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<RetrievalReport, EncoderError> {
        let knowledge = self.knowing((*self.facts.faq()).clone())?;
        let mut asked = Asked::default();
        for (done, row) in rows.iter().enumerate() {
            let right = (row.category != no_answer).then(|| row.category.clone());
            asked.ask(&knowledge, (&row.text, right));
            progress(done + 1, rows.len());
        }
        Ok(self.report(&asked))
    }

    /// Asks wordings of a language, at most so many of them, each while it is left out.
    pub fn ask_itself(
        &self,
        language: Language,
        (most, seed): (usize, u64),
        mut progress: impl FnMut(usize, usize),
    ) -> Result<RetrievalReport, EncoderError> {
        let faq = self.facts.faq();
        let wordings = wordings(&faq, language);
        let chosen = some_of(&wordings, most, seed);
        let mut asked = Asked::default();
        for (done, (entry, wording)) in chosen.iter().copied().enumerate() {
            let mut without = (*faq).clone();
            let text = without.entries[entry]
                .questions
                .get_mut(&language)
                .map(|questions| questions.remove(wording));
            let right = without.entries[entry].id.to_string();
            if let Some(text) = text {
                asked.ask(&self.knowing(without)?, (&text, Some(right)));
            }
            progress(done + 1, chosen.len());
        }
        Ok(self.report(&asked))
    }

    fn knowing(&self, faq: Faq) -> Result<ShopKnowledge, EncoderError> {
        let mut knowledge = ShopKnowledge::new(self.facts.catalog(), Arc::new(faq));
        if let Some(meaning) = self.meaning {
            knowledge.learn_meaning(meaning.clone())?;
        }
        Ok(knowledge)
    }

    fn report(&self, asked: &Asked) -> RetrievalReport {
        RetrievalReport {
            figures: RankedFigures::of(&asked.searches, FaqHit::SURE),
            encoder: self.meaning.map(|it| it.of_messages.name().to_owned()),
            entries: self.facts.faq().entries.len(),
            latency: Latency::of(asked.times.clone()),
        }
    }
}

/// Rows whose entry the FAQ does not have.
pub fn unknown_entries(
    faq: &Faq,
    (file, rows): (&str, &[Row]),
    no_answer: &str,
) -> Vec<Diagnostic> {
    let known = |id: &str| faq.entries.iter().any(|entry| entry.id.as_str() == id);
    let unknown = rows
        .iter()
        .filter(|row| row.category != no_answer && !known(&row.category));
    let told = unknown.map(|row| Diagnostic {
        file: file.to_owned(),
        line: usize::try_from(row.line).ok(),
        message: format!("the FAQ has no entry `{}`", row.category),
        hint: Some(format!(
            "name an entry of the FAQ, or `{no_answer}` where none answers the question"
        )),
        ..Diagnostic::default()
    });
    told.collect()
}

/// The places of all wordings of a language that leave their entry another one.
fn wordings(faq: &Faq, language: Language) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    for (at, entry) in faq.entries.iter().enumerate() {
        let wordings = entry.questions.get(&language).map_or(0, Vec::len);
        if wordings > 1 {
            places.extend((0..wordings).map(|wording| (at, wording)));
        }
    }
    places
}

/// What was asked so far.
#[derive(Default)]
struct Asked {
    searches: Vec<Search>,
    times: Vec<Duration>,
}

impl Asked {
    fn ask(&mut self, knowledge: &ShopKnowledge, (text, right): (&str, Option<String>)) {
        let began = Instant::now();
        let found = knowledge.find(text, FOUND);
        self.times.push(began.elapsed());
        self.searches.push(Search {
            asked: text.to_owned(),
            right,
            found: found
                .into_iter()
                .map(|hit| (hit.entry.to_string(), hit.score))
                .collect(),
        });
    }
}
