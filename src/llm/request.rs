//! Our requests in the engine's form, and its failures in ours.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use consultant_core::ports::{Constraint, Generate, ModelError, Prompt, Role, Sampling};
use mistralrs::{
    NormalRequest, Request, RequestLike, RequestMessage, Response, SamplingParams, TextMessageRole,
    TextMessages,
};
use tokio::sync::mpsc::{self, Sender};

use crate::{
    chooser::{Chooser, Reins, Wish},
    constraint::grammar,
    words::Words,
};

/// The longest reason that is handed on, in characters.
const REASON_CHARS: usize = 200;
/// The engine is never to reach its own length limit: what ends there is kept for ever.
const SPARE_TOKENS: usize = 8;

/// A request, checked and ready to be sent.
pub(crate) struct Ready {
    pub(crate) messages: RequestMessage,
    pub(crate) sampling: SamplingParams,
    pub(crate) constraint: mistralrs::Constraint,
    pub(crate) wish: Wish,
    pub(crate) max_tokens: usize,
}

/// Checks a wish for text and puts it into the engine's form.
pub(crate) fn generation(request: &Generate, words: &Words) -> Result<Ready, ModelError> {
    check(request)?;
    let seed = request
        .sampling
        .seed
        .unwrap_or_else(|| RandomState::new().hash_one(0));
    let sampling = request.sampling;
    let wish = match request.constraint {
        Constraint::Free => Wish::Free { sampling, seed },
        _ => Wish::Constrained { sampling, seed },
    };
    Ok(Ready {
        messages: messages(&request.prompt, words),
        sampling: engine_sampling(sampling, request.max_tokens),
        constraint: grammar(&request.constraint)?,
        wish,
        max_tokens: request.max_tokens,
    })
}

/// A request that writes exactly these tokens.
pub(crate) fn forced(prompt: &Prompt, tokens: Vec<u32>, words: &Words) -> Ready {
    Ready {
        messages: messages(prompt, words),
        sampling: greedy(tokens.len() + SPARE_TOKENS),
        constraint: mistralrs::Constraint::None,
        max_tokens: tokens.len(),
        wish: Wish::Forced(tokens),
    }
}

impl Ready {
    /// The engine's request, and the reins of it.
    pub(crate) fn into_request(self, ends: Arc<[u32]>) -> (Request, Arc<Reins>) {
        let (sender, receiver) = mpsc::channel(1);
        let reins = Reins::new(receiver);
        let chooser = Chooser {
            reins: Arc::clone(&reins),
            wish: self.wish,
            ends,
            max_tokens: self.max_tokens,
        };
        let mut request = plain(self.messages, self.sampling, sender);
        request.constraint = self.constraint;
        request.logits_processors = Some(vec![Arc::new(chooser)]);
        (Request::Normal(Box::new(request)), reins)
    }
}

/// A streamed request as the engine's own clients send it.
pub(crate) fn plain(
    messages: RequestMessage,
    sampling: SamplingParams,
    sender: Sender<Response>,
) -> NormalRequest {
    let mut request = NormalRequest::new_simple(messages, sampling, sender, 0, None, None);
    request.is_streaming = true;
    request
}

/// The likeliest token always. The length is set with it, since the engine has none by itself.
pub(crate) fn greedy(max_tokens: usize) -> SamplingParams {
    SamplingParams {
        temperature: Some(0.0),
        max_len: Some(max_tokens),
        ..SamplingParams::neutral()
    }
}

/// Penalties are the engine's; the rest is the chooser's.
fn engine_sampling(sampling: Sampling, max_tokens: usize) -> SamplingParams {
    let penalty = sampling.repetition_penalty;
    SamplingParams {
        repetition_penalty: (penalty > 1.0).then_some(penalty),
        ..greedy(max_tokens.saturating_add(SPARE_TOKENS))
    }
}

fn check(request: &Generate) -> Result<(), ModelError> {
    let sampling = &request.sampling;
    let refused = |reason: &str| Err(ModelError::Refused(reason.into()));
    if request.max_tokens == 0 {
        return refused("max_tokens is 0");
    }
    if !sampling.temperature.is_finite() || sampling.temperature < 0.0 {
        return refused("the temperature is not a number from 0 on");
    }
    if !(sampling.top_p > 0.0 && sampling.top_p <= 1.0) {
        return refused("top_p is not above 0 and at most 1");
    }
    if !sampling.repetition_penalty.is_finite() || sampling.repetition_penalty <= 0.0 {
        return refused("the repetition penalty is not a number above 0");
    }
    if request.prompt.messages.is_empty() {
        return refused("the prompt has no message");
    }
    Ok(())
}

/// The prompt in chat form. No text in it can pose as a role or end its message.
pub(crate) fn messages(prompt: &Prompt, words: &Words) -> RequestMessage {
    let mut messages = TextMessages::new();
    for message in &prompt.messages {
        let role = match message.role {
            Role::System => TextMessageRole::System,
            Role::User => TextMessageRole::User,
            Role::Assistant => TextMessageRole::Assistant,
        };
        messages = messages.add_message(role, words.disarm(&message.text));
    }
    messages.take_messages()
}

/// The engine's failure in our words, without the answer so far.
pub(crate) fn failure(response: Response) -> ModelError {
    match response {
        Response::ValidationError(error) => ModelError::Refused(brief(&error.to_string())),
        Response::InternalError(error) => ModelError::Failed(brief(&error.to_string())),
        Response::ModelError(message, _) => ModelError::Failed(brief(&message)),
        _ => ModelError::Failed("the engine answered with something else".into()),
    }
}

fn brief(reason: &str) -> String {
    let line = reason.lines().next().unwrap_or_default();
    line.chars().take(REASON_CHARS).collect()
}
