//! What is heard at a desk: all of it goes in, whoever it speaks to, and no threads are opened.

use consultant_core::{Inbound, desk::DeskEvent};
use serenity::all::{Message, MessageUpdateEvent};
use tracing::debug;

use super::{
    super::{
        acks::Pending,
        asked::Asked,
        at_desk::{self, Person},
        ears::{Heard, TakenBack, edited_at},
        place::Place,
        reading::{Said, made_at, said},
    },
    Clerk, Standing,
    errands::{self, Wanted},
};

impl Clerk {
    /// Takes what was heard at this place of the desk.
    pub(super) async fn take_at_desk(&mut self, place: Place, heard: Heard) {
        match heard {
            Heard::Message(message) => self.take_message_at_desk(place, message).await,
            Heard::Edited(edit) => self.take_edit_at_desk(place, &edit).await,
            Heard::TakenBack(message) => self.take_taken_back(place, message).await,
            Heard::Asked(asked, pending) => self.take_asked_at_desk(place, *asked, pending).await,
            Heard::NewSession | Heard::Guild(..) | Heard::Room(..) => {}
        }
    }

    /// What a message says, at a desk or elsewhere.
    pub(super) fn said_in(&self, message: &Message) -> Said {
        let bot = self.desk.ears.names_in(message.guild_id);
        match self.standing(message.channel_id, message.guild_id) {
            Standing::AtDesk(_) => at_desk::wrote(message, bot),
            Standing::Elsewhere | Standing::Unknown => said(message, bot),
        }
    }

    async fn take_message_at_desk(&mut self, place: Place, message: Box<Message>) {
        let (id, guild) = (message.id.get(), message.guild_id);
        self.desk.bookmarks.meet(place.channel, id, guild).await;
        let person = Person::who_wrote(&message);
        self.people.learn(message.id, person);
        let wanted = Wanted::nothing_at(place);
        let said = self.said_in(&message);
        if said.files.is_empty() {
            let prepared = errands::unprepared(message, said, wanted);
            return self.hand_over_prepared(prepared).await;
        }
        self.prepare(message, said, wanted);
    }

    async fn take_edit_at_desk(&mut self, place: Place, edit: &MessageUpdateEvent) {
        if let Some(person) = Person::who_rewrote(edit) {
            self.people.learn(edit.id, person);
        }
        let bot = self.desk.ears.names_in(edit.guild_id);
        let rewritten = at_desk::rewrote(edit, bot).zip(edited_at(edit));
        if let Some((event, time)) = rewritten {
            let key = format!("discord:{}:edit:{time}", edit.id);
            let mut inbound = Inbound::new(key, place.address(), time, event);
            inbound.message = Some(edit.id.to_string().as_str().into());
            self.hand_over(inbound).await;
        }
    }

    /// Discord tells neither who took a message back nor when. Who wrote it is taken for who did:
    /// nobody else can, but for a moderator.
    async fn take_taken_back(&mut self, place: Place, taken_back: TakenBack) {
        let message = taken_back.message;
        let Some(person) = self.people.get(&message) else {
            return debug!(
                channel = "discord",
                message.id = message.get(),
                "a message was taken back of which nobody knows who wrote it"
            );
        };
        let event = person.did(DeskEvent::TookBack);
        let key = format!("discord:{message}:deleted");
        let mut inbound = Inbound::new(key, place.address(), made_at(message.get()), event);
        inbound.message = Some(message.to_string().as_str().into());
        self.hand_over(inbound).await;
    }

    async fn take_asked_at_desk(&mut self, place: Place, asked: Asked, pending: Pending) {
        let event = at_desk::asked(&asked.by, asked.event.clone());
        let mut inbound = asked.inbound_at(place, event);
        inbound.message.clone_from(&asked.under);
        self.hand_over_asked(inbound, &asked, pending).await;
    }
}
