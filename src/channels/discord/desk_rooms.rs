//! Which channels are rooms of the desk.
//!
//! A message does not name the channel above its own, so whatever does is remembered: a guild that
//! tells of its channels, a thread that comes or changes, a button's event. What nobody told of is
//! looked up once. Where something stands never changes, so that one telling is enough.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serenity::all::{ChannelId, Event, Guild, GuildChannel, GuildId};

use super::{memory::Memory, place::Place};

/// How many channels and threads are remembered: more than a guild has that are not archived. One that
/// is forgotten is looked up when somebody speaks there.
const REMEMBERED: usize = 20_000;

/// What a channel is to the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// People work there: a room, or the desk's own channel.
    AtDesk(Place),
    /// Customers are there, or nobody.
    Elsewhere,
    /// Nobody has told yet.
    Unknown,
}

/// Which channels are rooms of the desk, as far as it was told.
#[derive(Debug)]
pub(super) struct DeskRooms {
    desk: Option<ChannelId>,
    /// Whether a channel is a room.
    told: Mutex<Memory<ChannelId, bool>>,
}

impl DeskRooms {
    /// Of this desk, or of none.
    pub(super) fn of(desk: Option<u64>) -> Self {
        Self {
            desk: desk.filter(|id| *id != 0).map(ChannelId::new),
            told: Mutex::new(Memory::of(REMEMBERED)),
        }
    }

    /// What a channel is. Direct messages have no guild, and no desk is there.
    pub(super) fn standing(&self, channel: ChannelId, guild: Option<GuildId>) -> Standing {
        let (Some(desk), Some(_)) = (self.desk, guild) else {
            return Standing::Elsewhere;
        };
        if channel == desk {
            return Standing::AtDesk(Place::whole(desk));
        }
        match self.told().get(&channel) {
            Some(true) => Standing::AtDesk(Place::room(desk, channel)),
            Some(false) => Standing::Elsewhere,
            None => Standing::Unknown,
        }
    }

    /// A channel is below this one, or below none.
    pub(super) fn is_below(&self, channel: ChannelId, parent: Option<ChannelId>) {
        if self.desk.is_some() {
            let is_room = parent == self.desk;
            self.told().learn(channel, is_room);
        }
    }

    /// Learns from whatever names a thread or a channel; returns a room that was opened just now.
    pub(super) fn hear(&self, event: &Event) -> Option<(ChannelId, GuildId)> {
        match event {
            Event::GuildCreate(event) => self.hear_of_all(&event.guild),
            Event::ChannelCreate(event) => self.hear_of(&event.channel),
            Event::ThreadUpdate(event) => self.hear_of(&event.thread),
            Event::ThreadListSync(event) => event.threads.iter().for_each(|it| self.hear_of(it)),
            Event::ThreadCreate(event) => {
                let thread = &event.thread;
                self.hear_of(thread);
                let is_room = self.desk.is_some() && thread.parent_id == self.desk;
                return is_room.then_some((thread.id, thread.guild_id));
            }
            _ => {}
        }
        None
    }

    fn hear_of_all(&self, guild: &Guild) {
        let all = guild.channels.values().chain(&guild.threads);
        all.for_each(|channel| self.hear_of(channel));
    }

    fn hear_of(&self, channel: &GuildChannel) {
        self.is_below(channel.id, channel.parent_id);
    }

    fn told(&self) -> MutexGuard<'_, Memory<ChannelId, bool>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUILD: Option<GuildId> = Some(GuildId::new(1));
    const DESK: ChannelId = ChannelId::new(900);
    const THREAD: ChannelId = ChannelId::new(901);

    #[test]
    fn a_thread_is_a_room_when_it_is_below_the_desk() {
        let rooms = DeskRooms::of(Some(900));
        assert_eq!(rooms.standing(THREAD, GUILD), Standing::Unknown);
        rooms.is_below(THREAD, Some(ChannelId::new(7)));
        assert_eq!(rooms.standing(THREAD, GUILD), Standing::Elsewhere);
        rooms.is_below(THREAD, Some(DESK));
        let room = Standing::AtDesk(Place::room(DESK, THREAD));
        assert_eq!(rooms.standing(THREAD, GUILD), room);
    }

    #[test]
    fn the_channel_of_the_desk_needs_no_telling_and_direct_messages_none_either() {
        let rooms = DeskRooms::of(Some(900));
        let desk = Standing::AtDesk(Place::whole(DESK));
        assert_eq!(rooms.standing(DESK, GUILD), desk);
        assert_eq!(rooms.standing(THREAD, None), Standing::Elsewhere);
    }

    fn thread(id: u64, parent: ChannelId) -> serde_json::Value {
        serde_json::json!({
            "id": id.to_string(), "guild_id": "1", "parent_id": parent.to_string(), "type": 11,
            "name": "Ann", "position": 0, "permission_overwrites": [], "flags": 0,
        })
    }

    #[test]
    fn events_that_name_threads_tell_where_they_stand() {
        let rooms = DeskRooms::of(Some(900));
        let is_room = |id| match rooms.standing(ChannelId::new(id), GUILD) {
            Standing::AtDesk(_) => Some(true),
            Standing::Elsewhere => Some(false),
            Standing::Unknown => None,
        };
        let read = serde_json::from_value;
        let both = [thread(1, DESK), thread(2, ChannelId::new(7))];
        let sync = serde_json::json!({ "guild_id": "1", "threads": both, "members": [] });
        assert_eq!(
            rooms.hear(&Event::ThreadListSync(read(sync).unwrap())),
            None
        );
        assert_eq!([is_room(1), is_room(2)], [Some(true), Some(false)]);
        let update = serde_json::from_value(thread(3, DESK)).unwrap();
        assert_eq!(rooms.hear(&Event::ThreadUpdate(update)), None);
        assert_eq!([is_room(3), is_room(4)], [Some(true), None]);
        let create = serde_json::from_value(thread(4, DESK)).unwrap();
        let opened = rooms.hear(&Event::ThreadCreate(create));
        assert_eq!(opened, Some((ChannelId::new(4), GuildId::new(1))));
        let create = serde_json::from_value(thread(5, ChannelId::new(7))).unwrap();
        assert_eq!(rooms.hear(&Event::ThreadCreate(create)), None);
    }

    #[test]
    fn without_a_desk_nothing_is_asked_and_nothing_remembered() {
        for none in [None, Some(0)] {
            let rooms = DeskRooms::of(none);
            rooms.is_below(THREAD, None);
            assert_eq!(rooms.standing(THREAD, GUILD), Standing::Elsewhere);
        }
    }
}
