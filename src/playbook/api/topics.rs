//! `topic("weather", ["weather", "天气"], #{ en: "…" })`: one line of `small_talk()`.

use consultant_core::LocalText;
use rhai::{Array, Dynamic, Engine, EvalAltResult, NativeCallContext};

use super::{declared::Line, lists::strings, texts::local_text};

/// Something that people talk about and that has nothing to do with buying.
#[derive(Clone, Debug)]
pub(crate) struct Topic {
    pub(crate) id: String,
    pub(crate) words: Vec<String>,
    pub(crate) answer: LocalText,
}

/// A topic and where it stands.
pub(crate) type TopicLine = Line<Topic>;

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<TopicLine>("Topic")
        .register_fn("topic", topic);
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn topic(
    ctx: NativeCallContext<'_>,
    id: &str,
    words: Array,
    answer: Dynamic,
) -> Result<TopicLine, Box<EvalAltResult>> {
    if words.is_empty() {
        return Err("a topic has words to know it by".into());
    }
    Ok(Line {
        what: Topic {
            id: id.to_owned(),
            words: strings("the words of a topic", &words)?,
            answer: local_text(&answer)?,
        },
        file: ctx.call_source().map(str::to_owned),
        position: ctx.call_position(),
    })
}
