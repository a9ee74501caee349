//! What the clerk sends out for and does not wait for.

use std::{sync::Arc, time::Duration};

use consultant_core::{
    Attachment, Content, Inbound, InboundEvent,
    desk::{AtDesk, DeskEvent},
    ports::MediaStore,
};
use serde_json::Value;
use serenity::all::{ChannelId, GuildId, Message};
use tracing::{info, warn};

use super::{
    super::{
        DiscordChannel,
        api::PAGE,
        bookmarks::Mark,
        desk_rooms::Standing,
        ears::Ears,
        place::Place,
        reading::{Names, Said, is_from_a_person, names_the_bot, without_mention},
        rest::Failure,
    },
    door::message_inbound,
};

/// The pauses between two tries: doubled from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How often a thread is tried to be opened; the customer waits meanwhile.
const THREAD_TRIES: u32 = 3;
/// The longest pause between two of them. Discord asks for minutes where many threads were
/// opened, and everybody in that channel would wait.
const LONGEST_PAUSE_FOR_A_THREAD: Duration = Duration::from_secs(2);
/// The longest name of a thread, in characters; Discord takes 100.
const THREAD_NAME: usize = 80;
/// There is a thread under this message already: a restart came in between.
const THREAD_EXISTS: isize = 160_004;

/// What an errand brought back.
pub(super) enum Done {
    /// A message with all that belongs to it.
    Prepared(Box<Prepared>),
    /// What people said to the bot meanwhile, oldest first, and until where they spoke.
    Missed(Vec<Message>),
    /// What was said there cannot be read: the right to it is missing.
    Closed,
    /// The place is gone.
    Gone,
    /// It is known what the place is to the desk.
    Looked,
}

/// What belongs to a message besides its files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// Where it was written, unless a thread is opened.
    pub(super) place: Place,
    /// A thread is to be opened for it.
    pub(super) opens: bool,
    /// It addresses the bot in this thread.
    pub(super) joins: Option<ChannelId>,
}

impl Wanted {
    /// Nothing beside its files.
    pub(super) const fn nothing_at(place: Place) -> Self {
        Self {
            place,
            opens: false,
            joins: None,
        }
    }
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
    bot: Names,
) -> Done {
    let opened = if wanted.opens {
        open_thread(&channel, &message, bot).await
    } else {
        Opened::None
    };
    // The thread's id is the message's.
    let own = (opened != Opened::None).then(|| ChannelId::new(message.id.get()));
    let thread = own.or(wanted.joins);
    let place = own.map_or(wanted.place, |channel| Place {
        channel,
        ..wanted.place
    });
    let mut inbound = message_inbound(&message, place, said.event);
    if let Some(attachments) = attachments_of(&mut inbound.event) {
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
    let mut inbound = message_inbound(&message, wanted.place, said.event);
    if let Some(attachments) = attachments_of(&mut inbound.event) {
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

/// What hangs on a message of a customer, or of somebody at a desk.
const fn attachments_of(event: &mut InboundEvent) -> Option<&mut Vec<Attachment>> {
    match event {
        InboundEvent::Message { attachments, .. }
        | InboundEvent::AtDesk(AtDesk {
            what: DeskEvent::Wrote { attachments, .. },
            ..
        }) => Some(attachments),
        _ => None,
    }
}

/// Where none can be opened, the talk stays in the channel.
async fn open_thread(channel: &DiscordChannel, message: &Message, bot: Names) -> Opened {
    let name = thread_name(message, bot);
    for attempt in 1..=THREAD_TRIES {
        let opened = channel
            .api
            .open_thread(message.channel_id, message.id, &name);
        match opened.await {
            Ok(()) => return Opened::New,
            Err(Failure::Answer(_, THREAD_EXISTS, _)) => return Opened::Found,
            Err(failure) if attempt < THREAD_TRIES && passes_soon(&failure) => {
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

fn passes_soon(failure: &Failure) -> bool {
    match failure {
        Failure::Wait(after) => *after <= LONGEST_PAUSE_FOR_A_THREAD,
        failure => failure.is_passing(),
    }
}

/// The customer's own words, or name: no wording of ours.
fn thread_name(message: &Message, bot: Names) -> String {
    let text = without_mention(&message.content, bot);
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
    if let Some(guild) = mark.guild {
        ears.wait_for_names_in(guild).await;
    }
    let at_desk = is_at_desk(&channel, &ears, place, mark.guild).await;
    let mut after = mark.ask_after();
    let mut missed = Missed::since(mark, at_desk);
    loop {
        let page = match page(&channel, place, after).await {
            Ok(page) => page,
            Err(failure) if failure.is_of_an_unknown_place() => return Done::Gone,
            Err(_) => return Done::Closed,
        };
        let Some(newest) = page.iter().filter_map(id_of).max() else {
            return Done::Missed(missed.whole());
        };
        let is_last = page.len() < PAGE;
        let read = page.into_iter().filter_map(|json| read(json, mark, &ears));
        let mut read: Vec<Message> = read.collect();
        read.sort_by_key(|message| message.id);
        let bot = ears.names_in(mark.guild);
        for message in read {
            let in_thread = ears.is_in_a_thread(&message);
            missed.add(message, bot, in_thread);
        }
        if is_last {
            return Done::Missed(missed.whole());
        }
        after = newest;
    }
}

async fn is_at_desk(
    channel: &DiscordChannel,
    ears: &Ears,
    place: ChannelId,
    guild: Option<GuildId>,
) -> bool {
    let Some(guild) = guild else { return false };
    look(channel, ears, place, guild).await;
    let standing = channel.desk_rooms.standing(place, Some(guild));
    matches!(standing, Standing::AtDesk(_))
}

/// Finds out what a place is to the desk: its guild tells, at the beginning of a session, and else
/// Discord is asked, until it can answer. Where the bot may not look it hears nothing either.
pub(super) async fn look(channel: &DiscordChannel, ears: &Ears, place: ChannelId, guild: GuildId) {
    let is_known = || channel.desk_rooms.standing(place, Some(guild)) != Standing::Unknown;
    if is_known() {
        return;
    }
    ears.wait_for_names_in(guild).await;
    let mut attempt = 0;
    while !is_known() {
        match channel.api.look(place).await {
            Ok(looked) => channel.desk_rooms.is_below(place, looked.parent_id),
            Err(failure) if failure.is_passing() => {
                attempt += 1;
                tokio::time::sleep(pause_after(&failure, attempt)).await;
            }
            Err(_) => channel.desk_rooms.is_below(place, None),
        }
    }
}

/// What was missed in a place. A guild talks a lot, and little of it to the bot, so the rest is
/// dropped as it comes; of that the newest stays, because it moves the place's mark.
struct Missed {
    /// Everything is for the bot.
    is_ours: bool,
    meant: Vec<Message>,
    newest_of_the_rest: Option<Message>,
}

impl Missed {
    fn since(mark: Mark, at_desk: bool) -> Self {
        Self {
            is_ours: at_desk || mark.guild.is_none() || mark.joined,
            meant: Vec::new(),
            newest_of_the_rest: None,
        }
    }

    /// Takes the next one; they come oldest first.
    fn add(&mut self, message: Message, bot: Names, in_thread: bool) {
        let named = names_the_bot(&message, bot);
        // From then on the clerk listens to the whole thread.
        self.is_ours |= named && in_thread;
        if self.is_ours || named {
            self.meant.push(message);
            self.newest_of_the_rest = None;
        } else {
            self.newest_of_the_rest = Some(message);
        }
    }

    fn whole(mut self) -> Vec<Message> {
        self.meant.extend(self.newest_of_the_rest);
        self.meant
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

#[cfg(test)]
mod tests {
    use serde_json::json;
    use serenity::all::UserId;

    use super::*;

    const BOT: Names = Names {
        user: UserId::new(42),
        role: None,
    };

    fn message(id: u64, names_the_bot: bool) -> Message {
        let bot = json!([{ "id": "42", "username": "lamps", "discriminator": "0" }]);
        let json = json!({
            "id": id.to_string(), "channel_id": "2", "content": "", "edited_timestamp": null,
            "timestamp": "2026-01-01T00:00:00Z", "tts": false, "mention_everyone": false,
            "mentions": if names_the_bot { bot } else { json!([]) }, "mention_roles": [],
            "attachments": [], "embeds": [], "pinned": false, "type": 0,
            "author": { "id": "3", "username": "ann", "discriminator": "0" },
        });
        serde_json::from_value(json).unwrap()
    }

    /// Of the messages from 1 to 6, these name the bot.
    #[track_caller]
    fn check(place: Mark, in_thread: bool, naming: &[u64], expect: &[u64]) {
        let mut missed = Missed::since(place, false);
        for id in 1..=6 {
            missed.add(message(id, naming.contains(&id)), BOT, in_thread);
        }
        let kept = missed.whole();
        let kept: Vec<u64> = kept.iter().map(|message| message.id.get()).collect();
        assert_eq!(kept, expect);
    }

    #[test]
    fn of_a_guilds_chatter_only_the_newest_is_kept() {
        let channel = Mark::at(1, Some(GuildId::new(9)));
        check(channel, false, &[], &[6]);
        check(channel, false, &[2, 4], &[2, 4, 6]);
        check(channel, false, &[6], &[6]);
        check(channel, true, &[4], &[4, 5, 6]);
        let mut joined = channel;
        joined.joined = true;
        check(joined, true, &[], &[1, 2, 3, 4, 5, 6]);
        check(Mark::at(1, None), false, &[], &[1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn at_a_desk_everything_is_kept() {
        let mut missed = Missed::since(Mark::at(1, Some(GuildId::new(9))), true);
        missed.add(message(1, false), BOT, true);
        missed.add(message(2, false), BOT, true);
        assert_eq!(missed.whole().len(), 2);
    }
}
