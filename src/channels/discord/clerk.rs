//! The one who takes what was heard, one by one, decides whether the bot was meant, and hands it
//! to the engine; and who asks Discord for what a lost session did not hear.

use std::{collections::HashMap, sync::Arc, time::Duration};

use consultant_core::{
    Command, Inbound, InboundEvent,
    ports::{Intake, StoreError},
};
use serenity::{
    all::{ChannelId, CommandInteraction, GuildId, Message, MessageId},
    http::MessagePagination,
};
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use super::{
    DiscordChannel,
    ears::{Ears, Heard},
    place::Place,
    reading::{event_of, is_from_a_person, made_at, names_the_bot},
    recent::Recent,
    rest::{Failure, call},
};

/// The pauses between two tries to store an inbound: doubled from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How many places are asked for missed messages: those heard last. Discord allows some 50
/// requests a second, and a customer should not wait for the thousandth place.
const PLACES_REMEMBERED: usize = 200;
/// How often a place is asked before it is left alone until the next lost session.
const CATCH_UP_TRIES: u32 = 5;
/// The most messages that Discord returns at once.
const PAGE: u8 = 100;

/// Until where a place was heard.
#[derive(Clone, Copy)]
struct HeardUntil {
    message: MessageId,
    guild: Option<GuildId>,
}

/// The clerk of one run of the channel.
pub(super) struct Clerk {
    channel: Arc<DiscordChannel>,
    ears: Arc<Ears>,
    intake: Arc<dyn Intake>,
    stop: CancellationToken,
    places: HashMap<ChannelId, HeardUntil>,
    /// Threads in which the bot was addressed: there it listens to everything.
    joined: Recent,
}

impl Clerk {
    pub(super) fn new(
        channel: Arc<DiscordChannel>,
        ears: Arc<Ears>,
        intake: Arc<dyn Intake>,
        stop: CancellationToken,
    ) -> Self {
        Self {
            channel,
            ears,
            intake,
            stop,
            places: HashMap::new(),
            joined: Recent::default(),
        }
    }

    /// Works until it is stopped and has nothing left to do.
    pub(super) async fn work(mut self, mut queue: mpsc::Receiver<Heard>) {
        loop {
            tokio::select! {
                biased;
                heard = queue.recv() => match heard {
                    Some(heard) => self.take(heard).await,
                    None => return,
                },
                () = self.stop.cancelled() => return,
            }
            if queue.is_empty() && self.ears.take_overflow() {
                self.catch_up().await;
            }
        }
    }

    async fn take(&mut self, heard: Heard) {
        match heard {
            Heard::Message(message) => self.take_message(&message).await,
            Heard::Command(command, acknowledged) => {
                self.take_command(&command, acknowledged).await;
            }
            Heard::NewSession => self.catch_up().await,
        }
    }

    async fn take_message(&mut self, message: &Message) {
        self.remember(message);
        if !self.is_addressed(message) {
            return;
        }
        let place = Place {
            channel: message.channel_id,
            user: message.guild_id.map(|_| message.author.id),
        };
        let event = event_of(message, self.channel.bot);
        self.hand_over(inbound(message.id.get(), place, None, event))
            .await;
    }

    /// In direct messages always; in a guild when named or replied to; in a thread from then on.
    fn is_addressed(&mut self, message: &Message) -> bool {
        if message.guild_id.is_none() {
            return true;
        }
        let thread = message.position.is_some() || self.ears.is_thread(message.channel_id);
        let named = names_the_bot(message, self.channel.bot);
        if thread && named {
            self.joined.insert(message.channel_id.get());
        }
        named || (thread && self.joined.contains(message.channel_id.get()))
    }

    async fn take_command(&self, command: &CommandInteraction, acknowledged: JoinHandle<bool>) {
        let place = Place {
            channel: command.channel_id,
            user: command.guild_id.map(|_| command.user.id),
        };
        if acknowledged.await.unwrap_or(false) {
            self.channel
                .pending()
                .add(place.address(), command.token.clone());
        }
        let name = &command.data.name;
        let event = match Command::from_name(name) {
            Some(command) => InboundEvent::Command { command },
            // A command of an older version; as a text it still gets an answer.
            None => InboundEvent::Message {
                text: format!("/{name}"),
            },
        };
        let locale = Some(command.locale.clone());
        self.hand_over(inbound(command.id.get(), place, locale, event))
            .await;
    }

    /// Tries until the store has it, so that nothing overtakes it. When stopping, tries once.
    async fn hand_over(&self, inbound: Inbound) {
        let mut pause = FIRST_PAUSE;
        while let Err(error) = self.intake.accept(inbound.clone()).await {
            if self.stop.is_cancelled() {
                return lost_at_stop(&inbound, &error);
            }
            warn_not_stored(&error);
            self.rest(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn rest(&self, pause: Duration) {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.stop.cancelled() => {}
        }
    }

    fn remember(&mut self, message: &Message) {
        let until = HeardUntil {
            message: message.id,
            guild: message.guild_id,
        };
        let known = self.places.entry(message.channel_id).or_insert(until);
        known.message = known.message.max(message.id);
        if self.places.len() > PLACES_REMEMBERED {
            let quietest = self.places.iter().min_by_key(|(_, until)| until.message);
            if let Some(quietest) = quietest.map(|(channel, _)| *channel) {
                self.places.remove(&quietest);
            }
        }
    }

    /// Asks every place that spoke before for what was said since.
    async fn catch_up(&mut self) {
        let mut places: Vec<_> = self
            .places
            .iter()
            .map(|(id, until)| (*id, *until))
            .collect();
        places.sort_by_key(|(_, until)| std::cmp::Reverse(until.message));
        for (channel, until) in places {
            if self.stop.is_cancelled() {
                return;
            }
            self.catch_up_with(channel, until).await;
        }
    }

    async fn catch_up_with(&mut self, channel: ChannelId, mut until: HeardUntil) {
        loop {
            let Some(mut page) = self.fetch(channel, until.message).await else {
                return;
            };
            page.sort_by_key(|message| message.id);
            let Some(newest) = page.last().map(|message| message.id) else {
                return;
            };
            let more = page.len() >= usize::from(PAGE);
            for message in page {
                self.take_missed(message, until.guild).await;
            }
            if !more || self.stop.is_cancelled() {
                return;
            }
            until.message = newest;
        }
    }

    /// REST leaves out the guild, without which a message looks like a direct one.
    async fn take_missed(&mut self, mut message: Message, guild: Option<GuildId>) {
        if is_from_a_person(&message) && self.ears.is_news(message.id.get()) {
            message.guild_id = guild;
            self.take_message(&message).await;
        }
    }

    async fn fetch(&mut self, channel: ChannelId, after: MessageId) -> Option<Vec<Message>> {
        for attempt in 1..=CATCH_UP_TRIES {
            let after = MessagePagination::After(after);
            let asking = self
                .channel
                .http
                .get_messages(channel, Some(after), Some(PAGE));
            match call(asking).await {
                Ok(page) => return Some(page),
                Err(failure) if failure.is_gone() => {
                    self.places.remove(&channel);
                    return None;
                }
                Err(failure) => warn_not_fetched(channel, attempt, &failure),
            }
            self.rest(Duration::from_secs(u64::from(attempt))).await;
            if self.stop.is_cancelled() {
                return None;
            }
        }
        None
    }
}

fn warn_not_stored(error: &StoreError) {
    warn!(channel = "discord", %error, "not stored yet; trying again");
}

fn lost_at_stop(inbound: &Inbound, error: &StoreError) {
    let key = inbound.key.as_str();
    error!(channel = "discord", inbound.key = key, %error, "not stored before the stop");
}

fn warn_not_fetched(channel: ChannelId, attempt: u32, failure: &Failure) {
    warn!(
        channel = "discord",
        place = channel.get(),
        attempt,
        tries = CATCH_UP_TRIES,
        ?failure,
        "what was missed in a lost session could not be fetched"
    );
}

fn inbound(id: u64, place: Place, locale: Option<String>, event: InboundEvent) -> Inbound {
    Inbound {
        key: format!("discord:{id}").into(),
        address: place.address(),
        sent_at: made_at(id),
        locale,
        event,
    }
}
