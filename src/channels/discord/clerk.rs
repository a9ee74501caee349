//! The one who takes what was heard, one by one in each place, decides whether the bot was meant,
//! and hands it to the engine; and who asks Discord for what was not heard.
//!
//! What takes a while (fetching files, opening a thread, asking for what was missed) happens
//! beside the clerk's work. Only its own place waits for it, in a [`Lane`], so that nothing there
//! is overtaken and nobody elsewhere is held up.

mod at_desk;
mod door;
mod errands;
mod lane;

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use consultant_core::{
    Address, Inbound, InboundEvent,
    ports::{Intake, MediaStore},
};
use serenity::all::{ChannelId, GuildId, Message, MessageId, MessageUpdateEvent};
use tokio::{
    sync::mpsc,
    task::{Id, JoinError, JoinSet},
};
use tokio_util::sync::CancellationToken;
use tracing::error;

use self::{
    door::Handed,
    errands::{Done, Prepared, Wanted},
    lane::Lane,
};
use super::{
    DiscordChannel,
    acks::Pending,
    asked::Asked,
    at_desk::Person,
    bookmarks::Bookmarks,
    desk_rooms::Standing,
    ears::{Ears, Heard, edited_at},
    memory::Memory,
    place::Place,
    reading::{Said, edit_names_the_bot, names_the_bot, without_mention},
};

/// How many places are asked at the same time for what was missed there.
const PLACES_AT_ONCE: usize = 4;
/// Above this much that waits for its place, nothing more is taken in: the queue before it is
/// bounded, and what does not fit into that is fetched from Discord later.
const MOST_WAITING: usize = 4_096;
/// Of how many messages of the desk it is remembered who wrote them.
const PEOPLE_REMEMBERED: usize = 10_000;

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
    /// Until when somebody listened before this session, where anybody ever did.
    listened_until: Option<u64>,
    errands: JoinSet<Done>,
    sent: HashMap<Id, Sent>,
    /// Who wrote which message at the desk.
    people: Memory<MessageId, Person>,
    /// Where something was not stored before the stop. From then on no place counts as heard, and
    /// nothing more is stored of these, or it would overtake.
    gave_up: HashSet<Address>,
}

/// An errand that is on its way.
struct Sent {
    place: ChannelId,
    what: Errand,
}

enum Errand {
    /// What was missed is asked for.
    Ask,
    /// A message waits for what belongs to it.
    Prepare(Box<Message>, Wanted),
    /// Whether the place is a room of the desk is asked.
    Look,
}

impl Sent {
    /// The places that wait for it: also a thread that it opens, for that has its message's id
    /// and can be written in before anybody here knows that it is there.
    fn places(&self) -> Vec<ChannelId> {
        let mut places = vec![self.place];
        if let Errand::Prepare(message, wanted) = &self.what
            && wanted.opens
        {
            places.push(ChannelId::new(message.id.get()));
        }
        places
    }
}

/// What is to be done next in a place.
enum Next {
    Nothing,
    Ask,
    AskLater,
    Look(GuildId),
    Take(Heard),
}

impl Clerk {
    pub(super) fn new(desk: Desk, stop: CancellationToken) -> Self {
        Self {
            listened_until: desk.bookmarks.listened_until(),
            desk,
            stop,
            lanes: HashMap::new(),
            to_ask: VecDeque::new(),
            asking: 0,
            errands: JoinSet::new(),
            sent: HashMap::new(),
            people: Memory::of(PEOPLE_REMEMBERED),
            gave_up: HashSet::new(),
        }
    }

    /// Works until it is stopped and has nothing left to do. An errand that is on its way then is
    /// left: its place does not count as heard, so the next start asks for it. Commands and buttons
    /// that wait there are dropped, which asks their customers to send them again.
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
                Some(done) = self.errands.join_next_with_id() => self.back(done).await,
                heard = queue.recv(), if has_room => match heard {
                    Some(heard) => self.take_in(heard).await,
                    None => return,
                },
                () = self.stop.cancelled() => return,
            }
            if queue.is_empty() && self.desk.ears.take_overflow() {
                self.ask_after_overflow().await;
            }
        }
    }

    /// What found no room is asked for, and what guilds told meanwhile is looked at.
    async fn ask_after_overflow(&mut self) {
        self.ask_everywhere().await;
        for guild in self.desk.ears.take_untold() {
            self.take_in(guild).await;
        }
    }

    async fn take_in(&mut self, heard: Heard) {
        if let Some((place, _)) = heard.place() {
            let lane = self.lanes.entry(place).or_default();
            lane.waiting.push_back(heard);
            return self.advance(place).await;
        }
        match heard {
            Heard::NewSession => {
                self.listened_until = self.desk.bookmarks.listened_until();
                self.ask_everywhere().await;
            }
            Heard::Guild(guild, channels) => self.ask_silent_places(guild, &channels).await,
            // From its beginning on it is a place to be asked for what was missed.
            Heard::Room(room, guild) => {
                let bookmarks = &self.desk.bookmarks;
                bookmarks.meet(room, room.get(), Some(guild)).await;
            }
            Heard::Message(_) | Heard::Edited(_) | Heard::TakenBack(_) | Heard::Asked(..) => {}
        }
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

    /// Asks those places of a guild in which somebody spoke for the first time while nobody
    /// listened. The others are asked in any case.
    async fn ask_silent_places(&mut self, guild: GuildId, channels: &[(ChannelId, u64)]) {
        let Some(until) = self.listened_until else {
            return;
        };
        for (place, newest) in channels {
            if *newest > until && self.desk.bookmarks.listen_from(*place, until, guild) {
                self.lanes.entry(*place).or_default().ask = true;
                self.to_ask.push_back(*place);
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
                Next::Look(guild) => self.look(place, guild),
                Next::Take(heard) => self.take(heard).await,
            }
        }
    }

    fn next_in(&mut self, place: ChannelId) -> Next {
        let may_ask = self.asking < PLACES_AT_ONCE;
        let Some(lane) = self.lanes.get_mut(&place) else {
            return Next::Nothing;
        };
        if lane.errands > 0 {
            return Next::Nothing;
        }
        if lane.ask {
            // Somebody who waits here is not made to wait for the quieter places.
            let now = may_ask || !lane.waiting.is_empty();
            return if now { Next::Ask } else { Next::AskLater };
        }
        let next = lane.waiting.front().and_then(Heard::place);
        if let Some((_, Some(guild))) = next
            && self.desk.channel.desk_rooms.standing(place, Some(guild)) == Standing::Unknown
        {
            return Next::Look(guild);
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
        self.asking += 1;
        let (channel, ears) = (Arc::clone(&self.desk.channel), Arc::clone(&self.desk.ears));
        let what = Errand::Ask;
        self.send(
            Sent { place, what },
            errands::ask(channel, ears, place, mark),
        );
    }

    fn look(&mut self, place: ChannelId, guild: GuildId) {
        let (channel, ears) = (Arc::clone(&self.desk.channel), Arc::clone(&self.desk.ears));
        let what = Errand::Look;
        let errand = async move {
            errands::look(&channel, &ears, place, guild).await;
            Done::Looked
        };
        self.send(Sent { place, what }, errand);
    }

    fn send(&mut self, sent: Sent, errand: impl Future<Output = Done> + Send + 'static) {
        for place in sent.places() {
            self.lanes.entry(place).or_default().errands += 1;
        }
        let id = self.errands.spawn(errand).id();
        self.sent.insert(id, sent);
    }

    /// An errand came back, or was lost on its way.
    async fn back(&mut self, done: Result<(Id, Done), JoinError>) {
        let id = match &done {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        let Some(sent) = self.sent.remove(&id) else {
            return;
        };
        let places = sent.places();
        for place in &places {
            if let Some(lane) = self.lanes.get_mut(place) {
                lane.errands -= 1;
            }
        }
        if matches!(sent.what, Errand::Ask) {
            self.asking -= 1;
        }
        match done {
            Ok((_, done)) => self.settle(sent.place, done).await,
            Err(error) => self.lost_errand(sent, &error).await,
        }
        for place in places {
            Box::pin(self.advance(place)).await;
        }
        self.ask_next().await;
    }

    async fn settle(&mut self, place: ChannelId, done: Done) {
        match done {
            Done::Prepared(prepared) => self.hand_over_prepared(*prepared).await,
            Done::Missed(missed) => self.sort_in(place, missed),
            // Who may not read what was said may still hear what is being said.
            Done::Closed | Done::Looked => {}
            Done::Gone => self.desk.bookmarks.forget(place),
        }
    }

    /// A defect ended an errand. The message that waited for it goes on without; a place that was
    /// being asked is asked again after the next lost session.
    async fn lost_errand(&mut self, sent: Sent, error: &JoinError) {
        error!(channel = "discord", place = sent.place.get(), %error, "an errand was lost");
        match sent.what {
            Errand::Prepare(message, wanted) => {
                let said = self.said_in(&message);
                let prepared = errands::unprepared(message, said, wanted);
                self.hand_over_prepared(prepared).await;
            }
            Errand::Look => self.desk.channel.desk_rooms.is_below(sent.place, None),
            Errand::Ask => {}
        }
    }

    /// What a channel is to the desk of the company's people.
    fn standing(&self, channel: ChannelId, guild: Option<GuildId>) -> Standing {
        self.desk.channel.desk_rooms.standing(channel, guild)
    }

    fn sort_in(&mut self, place: ChannelId, mut missed: Vec<Message>) {
        let lane = self.lanes.entry(place).or_default();
        // One that was asked before somebody found that all is wanted brings only a part.
        let anew = !lane.ask && std::mem::take(&mut lane.anew);
        missed.retain(|message| {
            self.desk.ears.is_news(message.id.get()) || (anew && !lane.waits_for(message.id))
        });
        lane.sort_in(missed);
    }

    async fn take(&mut self, heard: Heard) {
        let place = heard.place();
        if let Some((channel, guild)) = place
            && let Standing::AtDesk(place) = self.standing(channel, guild)
        {
            return self.take_at_desk(place, heard).await;
        }
        match heard {
            Heard::Message(message) => self.take_message(message).await,
            Heard::Edited(edit) => self.take_edit(&edit).await,
            Heard::Asked(asked, pending) => self.take_asked(*asked, pending).await,
            Heard::TakenBack(_) | Heard::NewSession | Heard::Guild(..) | Heard::Room(..) => {}
        }
    }

    async fn take_message(&mut self, message: Box<Message>) {
        let (channel, id, guild) = (message.channel_id, message.id.get(), message.guild_id);
        self.desk.bookmarks.meet(channel, id, guild).await;
        let bot = self.desk.ears.names_in(guild);
        let in_thread = self.desk.ears.is_in_a_thread(&message);
        let named = names_the_bot(&message, bot);
        let is_meant = guild.is_none() || named || self.desk.bookmarks.is_joined(channel);
        if !is_meant {
            return self.heard(channel, id, guild);
        }
        let wanted = Wanted {
            place: Place::of_customer(channel, guild.map(|_| message.author.id)),
            opens: self.desk.channel.settings.open_threads && guild.is_some() && !in_thread,
            joins: (in_thread && named).then_some(channel),
        };
        let said = self.said_in(&message);
        if wanted.opens || !said.files.is_empty() {
            return self.prepare(message, said, wanted);
        }
        let prepared = errands::unprepared(message, said, wanted);
        self.hand_over_prepared(prepared).await;
    }

    fn prepare(&mut self, message: Box<Message>, said: Said, wanted: Wanted) {
        let (channel, media) = (Arc::clone(&self.desk.channel), Arc::clone(&self.desk.media));
        let sent = Sent {
            place: message.channel_id,
            what: Errand::Prepare(message.clone(), wanted),
        };
        let bot = self.desk.ears.names_in(message.guild_id);
        let errand = errands::prepare((channel, media), message, said, wanted, bot);
        self.send(sent, errand);
    }

    async fn hand_over_prepared(&mut self, prepared: Prepared) {
        let Prepared {
            message,
            thread,
            found,
            inbound,
        } = prepared;
        if self.hand_over(inbound).await == Handed::Stopped {
            return;
        }
        let (id, guild) = (message.id.get(), message.guild_id);
        self.heard(message.channel_id, id, guild);
        let Some(thread) = thread.filter(|_| self.gave_up.is_empty()) else {
            return;
        };
        if found && !self.desk.bookmarks.is_joined(thread) {
            let bookmarks = &self.desk.bookmarks;
            bookmarks.join_from_its_beginning(thread, id, guild);
            let lane = self.lanes.entry(thread).or_default();
            (lane.ask, lane.anew) = (true, true);
            return;
        }
        self.desk.bookmarks.join(thread, id, guild);
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
        let channel = if went_on { opened } else { edit.channel_id };
        let place = Place::of_customer(channel, edit.guild_id.map(|_| author.id));
        let bot = self.desk.ears.names_in(edit.guild_id);
        let is_meant = edit.guild_id.is_none()
            || edit_names_the_bot(edit, bot)
            || self.desk.bookmarks.is_joined(place.channel);
        if !is_meant {
            return;
        }
        let text = without_mention(content, bot);
        let key = format!("discord:{}:edit:{time}", edit.id);
        let event = InboundEvent::Edited { text };
        let mut inbound = Inbound::new(key, place.address(), time, event);
        inbound.message = Some(edit.id.to_string().as_str().into());
        self.hand_over(inbound).await;
    }

    async fn take_asked(&mut self, asked: Asked, pending: Pending) {
        let mut inbound = asked.inbound_at(asked.place, asked.event.clone());
        inbound.message = Some(asked.given.name());
        self.hand_over_asked(inbound, &asked, pending).await;
    }

    /// Hands in what was asked by a command or a button; it is acknowledged as stored.
    async fn hand_over_asked(&mut self, inbound: Inbound, asked: &Asked, pending: Pending) {
        let (channel, id, guild) = (asked.place.channel, asked.given.id, asked.guild);
        self.desk.bookmarks.meet(channel, id, guild).await;
        match self.hand_over(inbound).await {
            Handed::Stored => pending.is_stored(),
            Handed::LeftOut => {}
            Handed::Stopped => return,
        }
        self.heard(channel, id, guild);
    }

    fn heard(&self, place: ChannelId, message: u64, guild: Option<GuildId>) {
        if self.gave_up.is_empty() {
            self.desk.bookmarks.heard(place, message, guild);
        }
    }
}
