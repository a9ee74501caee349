//! The one who takes what was heard, one by one in each place, decides whether the bot was meant,
//! and hands it to the engine; and who asks Discord for what was not heard.
//!
//! What takes a while (fetching files, opening a thread, asking for what was missed) happens
//! beside the clerk's work. Only its own place waits for it, in a [`Lane`], so that nothing there
//! is overtaken and nobody elsewhere is held up.

mod errands;

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use consultant_core::{
    Inbound, InboundEvent,
    ports::{Intake, MediaStore, StoreError},
};
use serenity::all::{ChannelId, GuildId, Message, MessageUpdateEvent};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, JoinSet},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use self::errands::{Done, Prepared};
use super::{
    DiscordChannel,
    asked::Asked,
    bookmarks::Bookmarks,
    ears::{Ears, Heard, edited_at},
    place::Place,
    reading::{Said, edit_names_the_bot, made_at, names_the_bot, said, without_mention},
};

/// The pauses between two tries to store an inbound: doubled from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How many places are asked at the same time for what was missed there.
const PLACES_AT_ONCE: usize = 4;
/// Above this much that waits for its place, nothing more is taken in: the queue before it is
/// bounded, and what does not fit into that is fetched from Discord later.
const MOST_WAITING: usize = 4_096;

/// What a clerk works with.
pub(super) struct Desk {
    pub(super) channel: Arc<DiscordChannel>,
    pub(super) ears: Arc<Ears>,
    pub(super) bookmarks: Arc<Bookmarks>,
    pub(super) intake: Arc<dyn Intake>,
    pub(super) media: Arc<dyn MediaStore>,
}

/// The clerk of one run of the channel.
pub(super) struct Clerk {
    desk: Desk,
    stop: CancellationToken,
    lanes: HashMap<ChannelId, Lane>,
    /// Places that are still to be asked for what was missed, in order.
    to_ask: VecDeque<ChannelId>,
    asking: usize,
    errands: JoinSet<(ChannelId, Done)>,
    /// Something was not stored before the stop: from then on no place counts as heard.
    gave_up: bool,
}

/// What waits in one place.
#[derive(Default)]
struct Lane {
    waiting: VecDeque<Heard>,
    /// An errand of this place is on its way.
    busy: bool,
    /// First of all, the place is to be asked for what was missed.
    ask: bool,
}

/// What is to be done next in a place.
enum Next {
    Nothing,
    Ask,
    AskLater,
    Take(Heard),
}

impl Clerk {
    pub(super) fn new(desk: Desk, stop: CancellationToken) -> Self {
        Self {
            desk,
            stop,
            lanes: HashMap::new(),
            to_ask: VecDeque::new(),
            asking: 0,
            errands: JoinSet::new(),
            gave_up: false,
        }
    }

    /// Works until it is stopped and has nothing left to do. An errand that is on its way then is
    /// left: its place does not count as heard, so the next start asks for it.
    pub(super) async fn work(mut self, mut queue: mpsc::Receiver<Heard>) {
        loop {
            let has_room = self
                .lanes
                .values()
                .map(|it| it.waiting.len())
                .sum::<usize>()
                < MOST_WAITING;
            tokio::select! {
                biased;
                Some(done) = self.errands.join_next() => self.back(done).await,
                heard = queue.recv(), if has_room => match heard {
                    Some(heard) => self.take_in(heard).await,
                    None => return,
                },
                () = self.stop.cancelled() => return,
            }
            if queue.is_empty() && self.desk.ears.take_overflow() {
                self.ask_everywhere().await;
            }
        }
    }

    async fn take_in(&mut self, heard: Heard) {
        let place = match &heard {
            Heard::Message(message) => message.channel_id,
            Heard::Edited(edit) => edit.channel_id,
            Heard::Asked(asked, _) => asked.place.channel,
            Heard::NewSession => return self.ask_everywhere().await,
        };
        let lane = self.lanes.entry(place).or_default();
        lane.waiting.push_back(heard);
        self.advance(place).await;
    }

    /// Asks every place that spoke before for what was said since.
    async fn ask_everywhere(&mut self) {
        for place in self.desk.bookmarks.places() {
            let lane = self.lanes.entry(place).or_default();
            if !lane.ask {
                lane.ask = true;
                self.to_ask.push_back(place);
            }
        }
        self.ask_next().await;
    }

    async fn ask_next(&mut self) {
        while self.asking < PLACES_AT_ONCE
            && let Some(place) = self.to_ask.pop_front()
        {
            self.advance(place).await;
        }
    }

    /// Does what waits in a place, up to its next errand.
    async fn advance(&mut self, place: ChannelId) {
        loop {
            match self.next_in(place) {
                Next::Nothing => return,
                Next::Ask => self.ask(place),
                Next::AskLater => return self.to_ask.push_back(place),
                Next::Take(heard) => self.take(heard).await,
            }
        }
    }

    fn next_in(&mut self, place: ChannelId) -> Next {
        let may_ask = self.asking < PLACES_AT_ONCE;
        let Some(lane) = self.lanes.get_mut(&place) else {
            return Next::Nothing;
        };
        if lane.busy {
            return Next::Nothing;
        }
        if lane.ask {
            // Somebody who waits here is not made to wait for the quieter places.
            let now = may_ask || !lane.waiting.is_empty();
            return if now { Next::Ask } else { Next::AskLater };
        }
        if let Some(heard) = lane.waiting.pop_front() {
            return Next::Take(heard);
        }
        self.lanes.remove(&place);
        Next::Nothing
    }

    fn ask(&mut self, place: ChannelId) {
        let Some(lane) = self.lanes.get_mut(&place) else {
            return;
        };
        lane.ask = false;
        let Some(mark) = self.desk.bookmarks.mark(place) else {
            return;
        };
        lane.busy = true;
        self.asking += 1;
        let (channel, ears) = (Arc::clone(&self.desk.channel), Arc::clone(&self.desk.ears));
        let asking = errands::ask(channel, ears, place, mark);
        self.errands.spawn(async move { (place, asking.await) });
    }

    /// An errand came back.
    async fn back(&mut self, done: Result<(ChannelId, Done), tokio::task::JoinError>) {
        let (place, done) = match done {
            Ok(done) => done,
            Err(error) => return self.lost_errand(&error),
        };
        if let Some(lane) = self.lanes.get_mut(&place) {
            lane.busy = false;
        }
        match done {
            Done::Prepared(prepared) => self.hand_over_prepared(*prepared).await,
            Done::Missed(missed) => self.sort_in(place, missed),
            Done::Gone => {
                self.asking -= 1;
                self.desk.bookmarks.forget(place);
            }
        }
        Box::pin(self.advance(place)).await;
        self.ask_next().await;
    }

    /// No place may stay busy for an errand that never comes back.
    fn lost_errand(&mut self, error: &tokio::task::JoinError) {
        error!(channel = "discord", %error, "an errand was lost");
        self.asking = 0;
        for lane in self.lanes.values_mut() {
            lane.busy = false;
        }
    }

    /// What was missed comes before what was heard since.
    fn sort_in(&mut self, place: ChannelId, missed: Vec<Message>) {
        self.asking -= 1;
        let ears = Arc::clone(&self.desk.ears);
        let lane = self.lanes.entry(place).or_default();
        for message in missed.into_iter().rev() {
            if ears.is_news(message.id.get()) {
                lane.waiting.push_front(Heard::Message(Box::new(message)));
            }
        }
    }

    async fn take(&mut self, heard: Heard) {
        match heard {
            Heard::Message(message) => self.take_message(message).await,
            Heard::Edited(edit) => self.take_edit(&edit).await,
            Heard::Asked(asked, acknowledged) => self.take_asked(*asked, acknowledged).await,
            Heard::NewSession => {}
        }
    }

    async fn take_message(&mut self, message: Box<Message>) {
        let (channel, id, guild) = (message.channel_id, message.id.get(), message.guild_id);
        self.desk.bookmarks.meet(channel, id, guild).await;
        let in_thread = self.is_thread(&message);
        let named = names_the_bot(&message, self.desk.channel.bot);
        let is_meant = guild.is_none() || named || self.desk.bookmarks.is_joined(channel);
        if !is_meant {
            return self.heard(channel, id, guild);
        }
        let joins = (in_thread && named).then_some(channel);
        let opens = self.desk.channel.settings.open_threads && guild.is_some() && !in_thread;
        let said = said(&message, self.desk.channel.bot);
        if opens || !said.files.is_empty() {
            return self.prepare(message, said, (opens, joins));
        }
        let inbound = message_inbound(&message, channel, said.event);
        let thread = joins;
        self.hand_over_prepared(Prepared {
            message,
            thread,
            inbound,
        })
        .await;
    }

    fn is_thread(&self, message: &Message) -> bool {
        message.position.is_some() || self.desk.ears.is_thread(message.channel_id)
    }

    fn prepare(
        &mut self,
        message: Box<Message>,
        said: Said,
        (opens, joins): (bool, Option<ChannelId>),
    ) {
        let place = message.channel_id;
        if let Some(lane) = self.lanes.get_mut(&place) {
            lane.busy = true;
        }
        let (channel, media) = (Arc::clone(&self.desk.channel), Arc::clone(&self.desk.media));
        let preparing = errands::prepare((channel, media), message, said, (opens, joins));
        self.errands.spawn(async move { (place, preparing.await) });
    }

    async fn hand_over_prepared(&mut self, prepared: Prepared) {
        let Prepared {
            message,
            thread,
            inbound,
        } = prepared;
        if !self.hand_over(inbound).await {
            return;
        }
        let (id, guild) = (message.id.get(), message.guild_id);
        self.heard(message.channel_id, id, guild);
        if let Some(thread) = thread.filter(|_| !self.gave_up) {
            self.desk.bookmarks.join(thread, id, guild);
        }
    }

    /// Edits of what was not meant for the bot are not either.
    async fn take_edit(&mut self, edit: &MessageUpdateEvent) {
        let (Some(author), Some(content), Some(time)) =
            (&edit.author, &edit.content, edited_at(edit))
        else {
            return;
        };
        // The message may have opened a thread, which has its id and where the talk went on.
        let opened = ChannelId::new(edit.id.get());
        let went_on = self.desk.bookmarks.is_joined(opened);
        let place = Place {
            channel: if went_on { opened } else { edit.channel_id },
            user: edit.guild_id.map(|_| author.id),
        };
        let is_meant = place.user.is_none()
            || edit_names_the_bot(edit, self.desk.channel.bot)
            || self.desk.bookmarks.is_joined(place.channel);
        if !is_meant {
            return;
        }
        let text = without_mention(content, self.desk.channel.bot);
        let key = format!("discord:{}:edit:{time}", edit.id);
        let event = InboundEvent::Edited { text };
        let mut inbound = Inbound::new(key, place.address(), time, event);
        inbound.message = Some(edit.id.to_string().as_str().into());
        self.hand_over(inbound).await;
    }

    async fn take_asked(&mut self, asked: Asked, acknowledged: JoinHandle<bool>) {
        let Asked {
            given,
            place,
            guild,
            locale,
            event,
        } = asked;
        let met = self
            .desk
            .bookmarks
            .meet(place.channel, given.id, guild.map(GuildId::new));
        met.await;
        let key = format!("discord:{}", given.id);
        let mut inbound = Inbound::new(key, place.address(), made_at(given.id), event);
        inbound.locale = locale;
        // An answer that came before the acknowledgement would have nothing to complete.
        if acknowledged.await.unwrap_or(false) {
            inbound.message = Some(given.name());
        }
        if self.hand_over(inbound).await {
            self.heard(place.channel, given.id, guild.map(GuildId::new));
        }
    }

    fn heard(&self, place: ChannelId, message: u64, guild: Option<GuildId>) {
        if !self.gave_up {
            self.desk.bookmarks.heard(place, message, guild);
        }
    }

    /// Tries until the store has it, so that nothing overtakes it. When stopping, tries once.
    async fn hand_over(&mut self, inbound: Inbound) -> bool {
        let mut pause = FIRST_PAUSE;
        while let Err(error) = self.desk.intake.accept(inbound.clone()).await {
            if self.stop.is_cancelled() {
                left_at_stop(&inbound, &error);
                self.gave_up = true;
                return false;
            }
            warn_not_stored(&error);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.cancelled() => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        true
    }
}

/// A message as the engine gets it, in this channel or thread.
fn message_inbound(message: &Message, channel: ChannelId, event: InboundEvent) -> Inbound {
    let place = Place {
        channel,
        user: message.guild_id.map(|_| message.author.id),
    };
    let id = message.id;
    let key = format!("discord:{id}");
    let mut inbound = Inbound::new(key, place.address(), made_at(id.get()), event);
    inbound.message = Some(id.to_string().as_str().into());
    inbound
}

fn warn_not_stored(error: &StoreError) {
    warn!(channel = "discord", %error, "not stored yet; trying again");
}

fn left_at_stop(inbound: &Inbound, error: &StoreError) {
    let key = inbound.key.as_str();
    error!(
        channel = "discord", inbound.key = key, %error,
        "not stored before the stop; the next start asks Discord for it again"
    );
}
