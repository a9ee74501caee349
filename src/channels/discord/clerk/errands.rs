//! What the clerk sends out for and does not wait for.

use std::{sync::Arc, time::Duration};

use consultant_core::{Inbound, InboundEvent, ports::MediaStore};
use serde_json::Value;
use serenity::all::{ChannelId, Message};
use tracing::{info, warn};

use super::{
    super::{
        DiscordChannel,
        api::PAGE,
        bookmarks::Mark,
        ears::Ears,
        reading::{Said, is_from_a_person, without_mention},
        rest::Failure,
    },
    message_inbound,
};

/// The pauses between two tries: doubled from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How often a thread is tried to be opened; the customer waits meanwhile.
const THREAD_TRIES: u32 = 3;
/// The longest name of a thread, in characters; Discord takes 100.
const THREAD_NAME: usize = 80;
/// There is a thread under this message already: a restart came in between.
const THREAD_EXISTS: isize = 160_004;

/// What an errand brought back.
pub(super) enum Done {
    /// A message with all that belongs to it.
    Prepared(Box<Prepared>),
    /// What people said meanwhile, oldest first.
    Missed(Vec<Message>),
    /// The place is gone, or the right to read there.
    Gone,
}

/// A message with all that belongs to it.
pub(super) struct Prepared {
    pub(super) message: Box<Message>,
    /// The thread that was opened for it, or in which the bot is addressed by it.
    pub(super) thread: Option<ChannelId>,
    pub(super) inbound: Inbound,
}

/// Opens a thread where one is wanted, and fetches the files.
pub(super) async fn prepare(
    (channel, media): (Arc<DiscordChannel>, Arc<dyn MediaStore>),
    message: Box<Message>,
    said: Said,
    (opens, joins): (bool, Option<ChannelId>),
) -> Done {
    let opened = if opens {
        open_thread(&channel, &message).await
    } else {
        None
    };
    let thread = opened.or(joins);
    let place = thread.unwrap_or(message.channel_id);
    let mut inbound = message_inbound(&message, place, said.event);
    if let InboundEvent::Message { attachments, .. } = &mut inbound.event {
        let files = channel.files.keep(said.files, &inbound.address, &*media);
        *attachments = files.await;
    }
    Done::Prepared(Box::new(Prepared {
        message,
        thread,
        inbound,
    }))
}

/// The thread's id is the message's. Where none can be opened, the talk stays in the channel.
async fn open_thread(channel: &DiscordChannel, message: &Message) -> Option<ChannelId> {
    let name = thread_name(message, channel);
    for attempt in 1..=THREAD_TRIES {
        let opened = channel
            .api
            .open_thread(message.channel_id, message.id, &name);
        match opened.await {
            Ok(()) | Err(Failure::Answer(_, THREAD_EXISTS, _)) => {
                return Some(ChannelId::new(message.id.get()));
            }
            Err(failure) if failure.is_passing() && attempt < THREAD_TRIES => {
                tokio::time::sleep(pause_after(&failure, attempt)).await;
            }
            Err(failure) => {
                warn!(channel = "discord", ?failure, "no thread could be opened");
                return None;
            }
        }
    }
    None
}

/// The customer's own words, or name: no wording of ours.
fn thread_name(message: &Message, channel: &DiscordChannel) -> String {
    let text = without_mention(&message.content, channel.bot);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let named = if words.is_empty() {
        message.author.display_name()
    } else {
        &words
    };
    named.chars().take(THREAD_NAME).collect()
}

/// Asks a place for everything behind its mark. As long as Discord cannot answer it is asked
/// again: whoever wrote there waits for an answer, and what is said there meanwhile comes after.
pub(super) async fn ask(
    channel: Arc<DiscordChannel>,
    ears: Arc<Ears>,
    place: ChannelId,
    mark: Mark,
) -> Done {
    let mut after = mark.ask_after();
    let mut missed = Vec::new();
    loop {
        let Some(page) = page(&channel, place, after).await else {
            return Done::Gone;
        };
        let Some(newest) = page.iter().filter_map(id_of).max() else {
            return Done::Missed(missed);
        };
        let is_last = page.len() < PAGE;
        missed.extend(page.into_iter().filter_map(|json| read(json, mark, &ears)));
        missed.sort_by_key(|message: &Message| message.id);
        if is_last {
            return Done::Missed(missed);
        }
        after = newest;
    }
}

fn id_of(message: &Value) -> Option<u64> {
    message.get("id")?.as_str()?.parse().ok()
}

fn read(json: Value, mark: Mark, ears: &Ears) -> Option<Message> {
    let Ok(mut message) = serde_json::from_value::<Message>(json) else {
        ears.count_one_unreadable("a missed message");
        return None;
    };
    // Without it a message looks like a direct one.
    message.guild_id = mark.guild;
    is_from_a_person(&message).then_some(message)
}

async fn page(channel: &DiscordChannel, place: ChannelId, after: u64) -> Option<Vec<Value>> {
    let mut attempt = 0;
    loop {
        let failure = match channel.api.messages_after(place, after).await {
            Ok(page) => return Some(page),
            Err(failure) => failure,
        };
        if !failure.is_passing() {
            warn_not_fetched(place, &failure);
            return None;
        }
        attempt += 1;
        tell_not_yet_fetched(place, attempt, &failure);
        tokio::time::sleep(pause_after(&failure, attempt)).await;
    }
}

fn tell_not_yet_fetched(place: ChannelId, attempt: u32, failure: &Failure) {
    info!(
        channel = "discord",
        place = place.get(),
        attempt,
        ?failure,
        "what was missed could not be fetched yet"
    );
}

fn warn_not_fetched(place: ChannelId, failure: &Failure) {
    warn!(
        channel = "discord",
        place = place.get(),
        ?failure,
        "what was missed cannot be fetched"
    );
}

fn pause_after(failure: &Failure, attempt: u32) -> Duration {
    match failure {
        Failure::Wait(after) => *after,
        _ => FIRST_PAUSE
            .saturating_mul(1 << attempt.min(10).saturating_sub(1))
            .min(LONGEST_PAUSE),
    }
}
