//! Cases of FAQ rules: a question with its answer, and the draft that must come of it, or none.

use consultant_core::{AnswerSource, Exchange, FaqDraft, FaqHit, Language};
use consultant_playbook::{FaqRules, MadeDraft};
use serde::{Deserialize, Deserializer, de::Error};

use super::{
    case::{Words, Wrong},
    check::{Miss, Misses},
    places::Places,
    play::Played,
};

/// One case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaqCase {
    /// What it shows; unlike all others of its file.
    pub(super) name: String,
    exchange: Asked,
    expect: Wanted,
    #[serde(skip)]
    pub(super) places: Places,
}

/// The question with its answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    question: String,
    answer: String,
    #[serde(default = "english")]
    language: Language,
    #[serde(default = "once", rename = "asked_times")]
    times: u32,
    #[serde(deserialize_with = "source")]
    source: AnswerSource,
    nearest: Option<Nearest>,
}

const fn english() -> Language {
    Language::EN
}

const fn once() -> u32 {
    1
}

fn source<'de, D: Deserializer<'de>>(from: D) -> Result<AnswerSource, D::Error> {
    let name = String::deserialize(from)?;
    AnswerSource::named(&name).ok_or_else(|| {
        let known = AnswerSource::NAMES.map(|(_, name)| name).join(", ");
        D::Error::custom(format!("there is no source `{name}`; there are {known}"))
    })
}

/// The reviewed answer that fits best.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nearest {
    id: String,
    score: f64,
}

/// What must come of it.
#[derive(Clone, Debug)]
enum Wanted {
    Nothing,
    Draft(Box<WantedDraft>),
}

/// What the draft must be; what is not named may be anything.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedDraft {
    question: Option<Words>,
    answer: Option<Words>,
    tags: Option<Vec<String>>,
    review: Option<bool>,
}

impl<'de> Deserialize<'de> for Wanted {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match serde_yaml::Value::deserialize(from)? {
            serde_yaml::Value::String(word) if word == "none" => Ok(Self::Nothing),
            value @ serde_yaml::Value::Mapping(_) => {
                let draft = serde_yaml::from_value(value).map_err(D::Error::custom)?;
                Ok(Self::Draft(draft))
            }
            _ => Err(D::Error::custom(
                "`none` is wanted here, or what the draft must be: {question, answer, tags, review}",
            )),
        }
    }
}

impl FaqCase {
    /// What is wrong with it, and what to do.
    pub(super) fn what_is_wrong(&self) -> Option<Wrong> {
        if self.exchange.times == 0 {
            let hint = "`asked_times` counts this time too, and is 1 at least";
            return Some(("nobody asked", hint));
        }
        let score = self.exchange.nearest.as_ref().map(|it| it.score);
        let is_share = score.is_none_or(|score| (0.0..=1.0).contains(&score));
        (!is_share).then_some(("no answer fits so well", "a score is 0 to 1"))
    }
}

impl Asked {
    fn exchange(&self) -> Exchange {
        Exchange {
            question: self.question.clone(),
            answer: self.answer.clone(),
            language: self.language,
            asked_times: self.times,
            source: self.source,
            nearest: self.nearest.as_ref().map(|nearest| FaqHit {
                entry: nearest.id.as_str().into(),
                score: nearest.score,
            }),
        }
    }
}

/// Asks the rules, and judges what comes of it.
pub(super) fn play(case: &FaqCase, rules: Option<&FaqRules>) -> Played {
    let Some(rules) = rules else {
        let miss = Miss {
            what: "the FAQ rules",
            wanted: "scripts/faq.rhai, or another file in company.faq_rules".to_owned(),
            got: "there is none".to_owned(),
        };
        return played(case, vec![miss]);
    };
    let misses = match rules.ask(&case.exchange.exchange()) {
        Ok(made) => check(&case.expect, made.as_ref()),
        Err(error) => vec![Miss {
            what: "the FAQ rules",
            wanted: "a draft, or none".to_owned(),
            got: error.to_string(),
        }],
    };
    played(case, misses)
}

fn played(case: &FaqCase, misses: Vec<Miss>) -> Played {
    let asked = format!("the customer asks {:?}", case.exchange.question);
    Played::of_faq_rules(&case.name, &case.places, asked, misses)
}

fn check(wanted: &Wanted, made: Option<&MadeDraft>) -> Vec<Miss> {
    let mut misses = Misses::default();
    match (wanted, made) {
        (Wanted::Nothing, made) => misses.unless(made.is_none(), "the draft", "none", || {
            made.map(told).unwrap_or_default()
        }),
        (Wanted::Draft(_), None) => {
            misses.unless(false, "the draft", "one", || "none".to_owned());
        }
        (Wanted::Draft(wanted), Some(made)) => misses.of_the_draft(wanted, &made.draft),
    }
    misses.all()
}

/// A draft and where it was made, for people.
fn told(made: &MadeDraft) -> String {
    let MadeDraft { draft, place } = made;
    let (question, answer) = (&draft.question, &draft.answer);
    format!("{question:?}: {answer:?} ({}:{})", place.file, place.line)
}

impl Misses {
    fn of_the_draft(&mut self, wanted: &WantedDraft, draft: &FaqDraft) {
        if let Some(words) = &wanted.question {
            self.of_the_words("the question", &words.0, &draft.question);
        }
        if let Some(words) = &wanted.answer {
            self.of_the_words("the answer", &words.0, &draft.answer);
        }
        if let Some(tags) = &wanted.tags {
            let mut wanted: Vec<&str> = tags.iter().map(String::as_str).collect();
            wanted.sort_unstable();
            let got: Vec<&str> = draft.tags.iter().map(String::as_str).collect();
            let is_so = wanted == got;
            self.unless(is_so, "the tags", &list(&wanted), || list(&got));
        }
        if let Some(review) = wanted.review {
            let words = |review| if review { "a review" } else { "no review" };
            self.unless(review == draft.review, "the review", words(review), || {
                words(draft.review).to_owned()
            });
        }
    }
}

fn list(tags: &[&str]) -> String {
    if tags.is_empty() {
        return "none".to_owned();
    }
    tags.join(", ")
}

#[cfg(test)]
mod tests {
    use consultant_playbook::{Library, compile_faq};

    use super::*;

    const RULES: &str = "fn faq_draft(exchange) {
    if exchange.says(\"broken\") { throw \"no\"; }
    if exchange.asked_times >= 3 { draft(#{ tags: [\"b\", \"a\"] }) }
}";

    /// What comes out otherwise, by what it is about.
    #[track_caller]
    fn check_misses(exchange: &str, expect: &str, misses: &[&str]) {
        let rules = compile_faq("faq.rhai", RULES, &Library::empty()).unwrap();
        let text = format!(
            "{{name: a, exchange: {{{exchange}, answer: Yes., source: person}}, expect: {expect}}}"
        );
        let case: FaqCase = serde_yaml::from_str(&text).unwrap();
        let played = play(&case, Some(&rules));
        let found = played.failures.iter().flat_map(|it| &it.misses);
        let found: Vec<&str> = found.map(|it| it.what).collect();
        assert_eq!(found, misses, "{text}");
    }

    #[test]
    fn a_draft_is_judged_by_what_is_named() {
        let often = "question: Do you?, asked_times: 3";
        check_misses(often, "{}", &[]);
        check_misses(
            often,
            "{question: Do, answer: {is: Yes.}, tags: [a, b], review: true}",
            &[],
        );
        check_misses(
            often,
            "{question: Will, answer: {lacks: Yes}, tags: [], review: false}",
            &["the question", "the answer", "the tags", "the review"],
        );
        check_misses(often, "none", &["the draft"]);
        check_misses("question: Do you?", "none", &[]);
        check_misses("question: Do you?", "{}", &["the draft"]);
        check_misses("question: It is broken", "none", &["the FAQ rules"]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let refused = |exchange: &str, expect: &str| {
            let text = format!("{{name: a, exchange: {{{exchange}}}, expect: {expect}}}");
            serde_yaml::from_str::<FaqCase>(&text)
                .unwrap_err()
                .to_string()
        };
        let told = refused("question: a, answer: b, source: persn", "none");
        assert!(
            told.contains("there is no source `persn`; there are person"),
            "{told}"
        );
        let told = refused("question: a, answer: b, source: person", "nothing");
        assert!(told.contains("`none` is wanted here"), "{told}");
    }

    #[test]
    fn cases_without_rules_say_where_rules_stand() {
        let text = "{name: a, exchange: {question: a, answer: b, source: model}, expect: none}";
        let case: FaqCase = serde_yaml::from_str(text).unwrap();
        let played = play(&case, None);
        assert!(
            played.failures[0].misses[0]
                .wanted
                .contains("scripts/faq.rhai")
        );
    }
}
