//! `faq.yaml`: reviewed answers with the wordings of their questions.

use std::collections::BTreeMap;

use consultant_core::{Catalog, Faq, FaqEntry, FaqId, Language, LocalText};

use super::{
    content_hash,
    fields::{At, MAX_TEXT_CHARS, Report, Spot},
    names::{Names, ScopedNames},
    placeholder,
    scope::{Audiences, SCOPE_KEYS, scope},
};
use crate::{problem::Problem, yaml::Node};

const MAX_ENTRIES: usize = 50_000;
const MAX_WORDINGS: usize = 20;

/// Reads an FAQ and fills its placeholders from the catalogue, or says everything that is wrong.
/// Without a catalogue (because that has problems of its own) the placeholders' keys are not
/// looked up, and their places in the answers stay empty: good for reporting only.
pub fn load_faq(file: &str, text: &str, catalog: Option<&Catalog>) -> Result<Faq, Vec<Problem>> {
    let (mut report, node) = Report::parse(file, text)?;
    let faq = read(&mut report, &node, catalog);
    report.finish(faq)
}

fn read(report: &mut Report<'_>, node: &Node, catalog: Option<&Catalog>) -> Option<Faq> {
    let root = Spot::root(node);
    if *node == Node::Null {
        report.add(
            &root.at,
            "the FAQ is empty",
            "write `entries:` with at least one entry",
        );
        return None;
    }
    let spot = root
        .fields(report, &["entries"])?
        .require(report, "entries")?;
    let items = spot.items(report, MAX_ENTRIES);
    if items.is_empty() && matches!(spot.node, Node::Seq(_)) {
        report.add(&spot.at, "the FAQ has no entries", "write at least one");
    }
    let (mut ids, mut questions) = (Names::default(), ScopedNames::default());
    let entries: Vec<FaqEntry> = items
        .iter()
        .filter_map(|item| entry(report, item, catalog, (&mut ids, &mut questions)))
        .collect();
    if let Some(catalog) = catalog {
        speaks_like(report, &spot, catalog, &entries);
    }
    let mut faq = Faq {
        entries,
        hash: String::new(),
    };
    faq.hash = content_hash(&faq);
    Some(faq)
}

/// The entries that can be read, each with its place.
pub(super) fn entries(node: &Node, catalog: Option<&Catalog>) -> Vec<(FaqEntry, At)> {
    let mut unheard = Report::unheard();
    let root = Spot::root(node);
    let spot = root.fields(&mut unheard, &["entries"]);
    let spot = spot.and_then(|fields| fields.require(&mut unheard, "entries"));
    let items = spot.map_or_else(Vec::new, |spot| spot.items(&mut unheard, MAX_ENTRIES));
    let (mut ids, mut asked) = (Names::default(), ScopedNames::default());
    let read = items.iter().filter_map(|item| {
        let read = entry(&mut unheard, item, catalog, (&mut ids, &mut asked))?;
        Some((read, item.at.clone()))
    });
    read.collect()
}

/// Languages that the catalogue has and the FAQ lacks: a customer would get half an answer.
fn speaks_like(report: &mut Report<'_>, spot: &Spot<'_>, catalog: &Catalog, entries: &[FaqEntry]) {
    let missing = |language: &&Language| {
        !entries.is_empty() && !entries.iter().any(|it| it.answer.0.contains_key(language))
    };
    for language in catalog.company.about.0.keys().filter(missing) {
        report.add(
            &spot.at,
            format!("the catalogue has texts in `{language}`, the FAQ has none"),
            format!("add `{language}` to questions and answers"),
        );
    }
}

fn entry(
    report: &mut Report<'_>,
    spot: &Spot<'_>,
    catalog: Option<&Catalog>,
    (ids, asked): (&mut Names, &mut ScopedNames),
) -> Option<FaqEntry> {
    let mut known = vec!["id", "questions", "answer"];
    known.extend(SCOPE_KEYS);
    let fields = spot.fields(report, &known)?;
    let id_spot = fields.require(report, "id");
    let id = id_spot.as_ref().and_then(|spot| spot.id(report));
    let questions = fields.require(report, "questions");
    let questions = questions.map(|spot| spot.local_lists(report, MAX_WORDINGS));
    let answer = fields.require(report, "answer");
    let answer = answer.map(|spot| answer_text(report, &spot, catalog));
    let scope = scope(report, &fields, catalog.map(Audiences::of));
    let (id, questions, answer) = (id?, questions?, answer?);
    let template = fields.get("answer").filter(|_| answer.is_filled);
    let template = template.map(|spot| spot.local(&mut Report::unheard(), MAX_TEXT_CHARS));
    ids.take_id(report, &id_spot?.at, &id);
    let mut wordings: BTreeMap<Language, Vec<String>> = BTreeMap::new();
    for (language, list) in questions {
        for (position, (question, at)) in list.into_iter().enumerate() {
            // The owner names the wording, so a repetition within the entry is found as well.
            asked.take(
                report,
                &at,
                &question,
                (&format!("{id}, {language} {}", position + 1), &scope),
            );
            wordings.entry(language).or_default().push(question);
        }
    }
    Some(FaqEntry {
        id: FaqId(id),
        questions: wordings,
        answer: answer.text,
        template,
        scope,
    })
}

/// An answer as a customer reads it.
struct Answer {
    text: LocalText,
    /// Whether anything was filled in.
    is_filled: bool,
}

fn answer_text(report: &mut Report<'_>, spot: &Spot<'_>, catalog: Option<&Catalog>) -> Answer {
    let mut is_filled = false;
    let mut text = spot.local(report, MAX_TEXT_CHARS);
    for (language, answer) in &mut text.0 {
        match placeholder::fill(answer, catalog) {
            Ok(filled) => {
                is_filled |= *answer != filled;
                *answer = filled;
            }
            Err(wrong) => {
                let place = spot.field(language.code());
                let at = place.map_or_else(|| spot.at.clone(), |spot| spot.at);
                for unfilled in wrong {
                    report.add(&at, unfilled.message, unfilled.hint);
                }
            }
        }
    }
    Answer { text, is_filled }
}
