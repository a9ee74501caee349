//! `exchange` and `draft(…)`: what FAQ rules see of a recorded question with its answer, and what
//! they make of it.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use consultant_core::{
    AnswerSource, Currency, Exchange, FaqDraft,
    extract::{ClaimKind, find_claims},
    find,
};
use rhai::{
    Array, Dynamic, Engine, EvalAltResult, ImmutableString, Map, NativeCallContext, Position,
};

use super::{
    actions::tag_name,
    lists::{one_or_more, strings},
    texts::{MAX_TEXT_BYTES, is_blank},
    turn::{MAX_TEXT_CHARS, optional},
    wordings::Plain,
};
use crate::problem::suggestion;

type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// The longest question of a draft, in bytes of UTF-8.
const MAX_QUESTION_BYTES: usize = 1024;
/// The most drafts that one call may make, returned or thrown away: their texts do not count in
/// the engine's limits.
const MAX_DRAFTS_MADE: usize = 16;

/// Every property of `exchange`, for the check of misspelt ones.
pub(crate) const PROPERTIES: [&str; 9] = [
    "question",
    "answer",
    "language",
    "asked_times",
    "source",
    "by_person",
    "nearest",
    "has_price",
    "has_contact",
];

/// The keys of `draft(#{ … })`.
const KEYS: [&str; 4] = ["question", "answer", "tags", "review"];

/// An exchange as scripts see it.
#[derive(Clone)]
pub(crate) struct ExchangeView(Arc<Exchange>);

/// A draft, and the line that made it.
#[derive(Clone, Debug)]
pub(crate) struct Drafted {
    pub(crate) draft: FaqDraft,
    /// The module that made it, where that is not the script itself.
    pub(crate) file: Option<String>,
    pub(crate) position: Position,
}

/// What one call carries along, as [`super::Call`] does for a turn.
#[derive(Clone)]
pub(crate) struct Drafting {
    exchange: Arc<Exchange>,
    drafts_made: Arc<AtomicUsize>,
}

impl ExchangeView {
    pub(crate) const fn new(exchange: Arc<Exchange>) -> Self {
        Self(exchange)
    }
}

impl Drafting {
    pub(crate) fn new(exchange: Arc<Exchange>) -> Self {
        Self {
            exchange,
            drafts_made: Arc::default(),
        }
    }

    /// The exchange of the call that a native function serves, for one more draft.
    fn one_more(ctx: &NativeCallContext<'_>) -> Outcome<Arc<Exchange>> {
        let drafting = ctx
            .tag()
            .and_then(|tag| tag.read_lock::<Self>().map(|drafting| drafting.clone()))
            .ok_or("`draft` needs an exchange: call it inside `faq_draft`")?;
        let made = drafting.drafts_made.fetch_add(1, Ordering::Relaxed);
        if made >= MAX_DRAFTS_MADE {
            return Err(format!("an exchange makes at most {MAX_DRAFTS_MADE} drafts").into());
        }
        Ok(drafting.exchange)
    }
}

pub(super) fn register(engine: &mut Engine) {
    register_exchange(engine);
    engine
        .register_type_with_name::<Drafted>("Draft")
        .register_fn("draft", |ctx: NativeCallContext<'_>| {
            draft(&ctx, &Map::new())
        })
        .register_fn("draft", |ctx: NativeCallContext<'_>, how: Map| {
            draft(&ctx, &how)
        });
}

fn register_exchange(engine: &mut Engine) {
    engine
        .register_type_with_name::<ExchangeView>("Exchange")
        .register_get("question", |it: &mut ExchangeView| begin(&it.0.question))
        .register_get("answer", |it: &mut ExchangeView| begin(&it.0.answer))
        .register_get("language", |it: &mut ExchangeView| {
            it.0.language.code().to_owned()
        })
        .register_get("asked_times", |it: &mut ExchangeView| {
            i64::from(it.0.asked_times)
        })
        .register_get("source", |it: &mut ExchangeView| {
            it.0.source.name().to_owned()
        })
        .register_get("by_person", |it: &mut ExchangeView| is_by_person(&it.0))
        .register_get("nearest", |it: &mut ExchangeView| {
            let nearest = it.0.nearest.as_ref();
            optional(nearest.map(|hit| {
                Map::from([
                    ("id".into(), hit.entry.as_str().into()),
                    ("score".into(), hit.score.into()),
                ])
            }))
        })
        .register_get("has_price", |it: &mut ExchangeView| has_price(&it.0.answer))
        .register_get("has_contact", |it: &mut ExchangeView| {
            has_contact(&it.0.question) || has_contact(&it.0.answer)
        })
        .register_fn("says", |it: &mut ExchangeView, words: Dynamic| {
            let words = one_or_more("the words to look for", &words)?;
            Ok::<_, Box<EvalAltResult>>(Plain::new(&it.0.question).says(&words))
        });
}

fn begin(text: &str) -> String {
    text.chars().take(MAX_TEXT_CHARS).collect()
}

fn is_by_person(exchange: &Exchange) -> bool {
    exchange.source == AnswerSource::Person
}

/// Whether a text names an amount of money. The currency only settles what `$` and `¥` mean, which
/// makes no difference here.
fn has_price(text: &str) -> bool {
    let claims = find_claims(text, Currency::EUR);
    let mut kinds = claims.into_iter().map(|claim| claim.kind);
    kinds.any(|kind| matches!(kind, ClaimKind::Money { .. }))
}

fn has_contact(text: &str) -> bool {
    !find::emails(text).is_empty() || !find::phones(text).is_empty()
}

/// `draft(#{ question: "…", answer: "…", tags: ["…"], review: true })`; what is left out is taken
/// from the exchange.
fn draft(ctx: &NativeCallContext<'_>, how: &Map) -> Outcome<Drafted> {
    let exchange = Drafting::one_more(ctx)?;
    let mut draft = FaqDraft {
        question: exchange.question.clone(),
        answer: exchange.answer.clone(),
        language: exchange.language,
        tags: BTreeSet::new(),
        review: true,
    };
    for (key, value) in how {
        match key.as_str() {
            "question" => draft.question = text(key, value)?,
            "answer" => draft.answer = text(key, value)?,
            "tags" => draft.tags = tags(value)?,
            "review" => draft.review = review(value, &exchange)?,
            other => {
                let hint = suggestion(other, &KEYS);
                return Err(format!("a draft has no `{other}`; {hint}").into());
            }
        }
    }
    check("question", &draft.question, MAX_QUESTION_BYTES)?;
    check("answer", &draft.answer, MAX_TEXT_BYTES)?;
    Ok(Drafted {
        draft,
        file: ctx.call_source().map(str::to_owned),
        position: ctx.call_position(),
    })
}

fn text(key: &str, value: &Dynamic) -> Outcome<String> {
    let text = value.read_lock::<ImmutableString>();
    let text = text.ok_or_else(|| format!("the {key} of a draft is a text in quotes"))?;
    Ok(text.to_string())
}

fn check(what: &str, text: &str, most: usize) -> Outcome<()> {
    if is_blank(text) {
        return Err(format!("the {what} of a draft is empty").into());
    }
    if text.len() > most {
        let length = text.len();
        return Err(format!("the {what} of a draft has {length} bytes; the most is {most}").into());
    }
    Ok(())
}

fn tags(value: &Dynamic) -> Outcome<BTreeSet<String>> {
    let list = value.read_lock::<Array>();
    let list = list.ok_or("the tags of a draft are a list of names in quotes")?;
    let names = strings("the tags of a draft", &list)?;
    names.iter().map(|name| tag_name(name)).collect()
}

/// Nothing that no person has written is published before a person has read it.
fn review(value: &Dynamic, exchange: &Exchange) -> Outcome<bool> {
    let review = value
        .as_bool()
        .map_err(|_| "`review` of a draft is `true` or `false`")?;
    if review || is_by_person(exchange) {
        return Ok(review);
    }
    Err("an answer that no person gave is read by one first: leave `review: false` out".into())
}
