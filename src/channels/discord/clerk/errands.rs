//! What the clerk sends out for and does not wait for.

use std::{sync::Arc, time::Duration};

use consultant_core::{Attachment, Content, Inbound, InboundEvent, ports::MediaStore};
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
    door::message_inbound,
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
    /// What was said there cannot be read: the right to it is missing.
    Closed,
    /// The place is gone.
    Gone,
}

/// What belongs to a message besides its files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// A thread is to be opened for it.
    pub(super) opens: bool,
    /// It addresses the bot in this thread.
    pub(super) joins: Option<ChannelId>,
}

/// A message with all that belongs to it.
pub(super) struct Prepared {
    pub(super) message: Box<Message>,
    /// The thread that was opened for it, or in which the bot is addressed by it.
    pub(super) thread: Option<ChannelId>,
    /// The thread was there already: more may have been said in it.
    pub(super) found: bool,
    pub(super) inbound: Inbound,
}

/// Whether a thread stands under a message now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opened {
    New,
    Found,
    None,
}

/// Opens a thread where one is wanted, and fetches the files.
pub(super) async fn prepare(
    (channel, media): (Arc<DiscordChannel>, Arc<dyn MediaStore>),
    message: Box<Message>,
    said: Said,
    wanted: Wanted,
) -> Done {
    let opened = if wanted.opens {
        open_thread(&channel, &message).await
    } else {
        Opened::None
    };
    // The thread's id is the message's.
    let own = (opened != Opened::None).then(|| ChannelId::new(message.id.get()));
    let thread = own.or(wanted.joins);
    let place = thread.unwrap_or(message.channel_id);
    let mut inbound = message_inbound(&message, place, said.event);
    if let InboundEvent::Message { attachments, .. } = &mut inbound.event {
        let files = channel.files.keep(said.files, &inbound.address, &*media);
        *attachments = files.await;
    }
    Done::Prepared(Box::new(Prepared {
        message,
        thread,
        found: opened == Opened::Found,
        inbound,
    }))
}

/// A message that needs no errand, or whose errand was lost: then its files are missing.
pub(super) fn unprepared(message: Box<Message>, said: Said, wanted: Wanted) -> Prepared {
    let mut inbound = message_inbound(&message, message.channel_id, said.event);
    if let InboundEvent::Message { attachments, .. } = &mut inbound.event {
        let missing = said.files.into_iter().map(|file| Attachment::File {
            what: file.what,
            name: Some(file.name).filter(|name| !name.is_empty()),
            content: Content::NotReceived,
        });
        attachments.extend(missing);
    }
    Prepared {
        message,
        thread: wanted.joins,
        found: false,
        inbound,
    }
}

/// Where none can be opened, the talk stays in the channel.
async fn open_thread(channel: &DiscordChannel, message: &Message) -> Opened {
    let name = thread_name(message, channel);
    for attempt in 1..=THREAD_TRIES {
        let opened = channel
            .api
            .open_thread(message.channel_id, message.id, &name);
        match opened.await {
            Ok(()) => return Opened::New,
            Err(Failure::Answer(_, THREAD_EXISTS, _)) => return Opened::Found,
            Err(failure) if failure.is_passing() && attempt < THREAD_TRIES => {
                tokio::time::sleep(pause_after(&failure, attempt)).await;
            }
            Err(failure) => {
                warn!(channel = "discord", ?failure, "no thread could be opened");
                return Opened::None;
            }
        }
    }
    Opened::None
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
        let page = match page(&channel, place, after).await {
            Ok(page) => page,
            Err(failure) if failure.is_of_an_unknown_place() => return Done::Gone,
            Err(_) => return Done::Closed,
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

/// Fails with what no waiting cures.
async fn page(
    channel: &DiscordChannel,
    place: ChannelId,
    after: u64,
) -> Result<Vec<Value>, Failure> {
    let mut attempt = 0;
    loop {
        let failure = match channel.api.messages_after(place, after).await {
            Ok(page) => return Ok(page),
            Err(failure) => failure,
        };
        if !failure.is_passing() {
            warn_not_fetched(place, &failure);
            return Err(failure);
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
