//! `objection("too_expensive", ["too expensive", "太贵"], #{ en: "…" })`: one line of
//! `objections()`.

use consultant_core::LocalText;
use rhai::{Array, Dynamic, Engine, EvalAltResult, NativeCallContext};

use super::{declared::Line, lists::strings, texts::local_text};

/// What customers have against buying, and what is said to it.
#[derive(Clone, Debug)]
pub(crate) struct Objection {
    pub(crate) id: String,
    /// Wordings in which it is raised, in any language.
    pub(crate) words: Vec<String>,
    /// What is said the first time, the second time, …; never empty. The last one stays.
    pub(crate) answers: Vec<LocalText>,
}

/// An objection and where it stands.
pub(crate) type ObjectionLine = Line<Objection>;

impl Objection {
    /// What to say when it was raised so often before.
    pub(crate) fn answer(&self, times: u32) -> Option<&LocalText> {
        let at = usize::try_from(times).unwrap_or(usize::MAX);
        self.answers.get(at).or_else(|| self.answers.last())
    }
}

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<ObjectionLine>("Objection")
        .register_fn("objection", objection);
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn objection(
    ctx: NativeCallContext<'_>,
    id: &str,
    words: Array,
    answers: Dynamic,
) -> Result<ObjectionLine, Box<EvalAltResult>> {
    let answers = match answers.read_lock::<Array>() {
        Some(list) => list.iter().map(local_text).collect::<Result<_, _>>()?,
        None => vec![local_text(&answers)?],
    };
    if answers.is_empty() || words.is_empty() {
        return Err("an objection has words to know it by and at least one answer".into());
    }
    Ok(Line {
        what: Objection {
            id: id.to_owned(),
            words: strings("the words of an objection", &words)?,
            answers,
        },
        file: ctx.call_source().map(str::to_owned),
        position: ctx.call_position(),
    })
}
