//! Talks that are held with a company's consultant and kept as they come: what was replied, and
//! what it took. Whoever holds them judges them.

use std::sync::Arc;

use consultant_core::{Happening, InboundEvent, Press, Source, ports::StoreError};
use futures::{StreamExt, stream};
use tokio::task::JoinError;

use super::{
    Stage,
    case::{Case, Writes, default_begin},
    house::{Seen, TestHouse},
};

/// What a customer says, message by message.
#[derive(Clone, Debug)]
pub struct Talk {
    /// Its name, which is where chance begins.
    pub name: String,
    /// The messages.
    pub says: Vec<String>,
}

/// What came of one message.
#[derive(Clone, Debug, Default)]
pub struct Replied {
    /// All that the customer reads: texts, cards and buttons.
    pub text: String,
    /// Whether a language model was asked, or would have been if there were one.
    pub asked_model: bool,
    /// Whether words of a language model are in the reply.
    pub by_model: bool,
    /// Claims for which the guard refused a draft.
    pub refused: Vec<String>,
    /// The sentences in them.
    pub drafts: Vec<String>,
    /// The reviewed answers that the customer can choose from.
    pub asked_back: Vec<String>,
}

/// Holds every talk in a house of its own, as many side by side as there are cores; with a real
/// model one after another.
pub async fn hold(
    talks: Vec<Talk>,
    stage: &Arc<Stage>,
    progress: impl Fn(usize, usize),
) -> Result<Vec<Vec<Replied>>, StoreError> {
    let all = talks.len();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let at_once = if stage.model.is_some() { 1 } else { cores };
    let holding = talks.into_iter().map(|talk| {
        let stage = Arc::clone(stage);
        async move {
            let held = tokio::spawn(async move { one(&talk, &stage).await }).await;
            held.unwrap_or_else(|panic| Err(broken(panic)))
        }
    });
    let mut holding = stream::iter(holding).buffered(at_once);
    let mut held = Vec::new();
    while let Some(replies) = holding.next().await {
        held.push(replies?);
        progress(held.len(), all);
    }
    Ok(held)
}

async fn one(talk: &Talk, stage: &Stage) -> Result<Vec<Replied>, StoreError> {
    let case = Case::begun(default_begin(), Writes::Texts(Vec::new()));
    let mut house = TestHouse::at(&talk.name, &case, stage);
    let mut replies = Vec::new();
    for message in &talk.says {
        let seen = house.hears(InboundEvent::says(message)).await?;
        replies.push(Replied::of(&seen));
    }
    Ok(replies)
}

fn broken(panic: JoinError) -> StoreError {
    StoreError::Unavailable {
        what: "a talk broke off".to_owned(),
        source: Box::new(panic),
    }
}

impl Replied {
    fn of(seen: &Seen) -> Self {
        let mut replied = Self {
            asked_model: seen.asked_in_vain > 0 || !seen.written.is_empty(),
            ..Self::default()
        };
        for entry in &seen.replies {
            replied.read(&entry.text);
            if let Some(card) = &entry.card {
                replied.read(&card.title);
                replied.read(card.price.as_deref().unwrap_or_default());
                card.buttons.iter().for_each(|it| replied.read(&it.label));
                let offered = card.buttons.iter().filter_map(|it| match &it.press {
                    Press::Faq(entry) => Some(entry.to_string()),
                    _ => None,
                });
                replied.asked_back.extend(offered);
            }
        }
        for happening in &seen.happenings {
            match happening {
                Happening::Answered { sources, .. } => {
                    replied.by_model |= sources.contains(&Source::Model);
                }
                Happening::GuardRefused { draft, claims } => {
                    replied.refused.extend(claims.iter().cloned());
                    replied.drafts.push(draft.clone());
                }
                _ => {}
            }
        }
        replied
    }

    fn read(&mut self, text: &str) {
        if !text.is_empty() {
            self.text.extend([text, "\n"]);
        }
    }
}
