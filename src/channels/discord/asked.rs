//! Slash commands and pressed buttons, as Discord's interactions tell them.

use consultant_core::{Command, Inbound, InboundEvent, MessageId};
use serde_json::{Value, json};
use serenity::all::{
    CommandInteraction, ComponentInteraction, ComponentInteractionDataKind, GuildId, Interaction,
    Member, PartialChannel, UnknownEvent, User,
};

use super::{at_desk::Person, place::Place, reading::made_at, reference::Interaction as Given};

/// A slash command or a pressed button.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) given: Given,
    /// Where a customer is who asks that.
    pub(super) place: Place,
    /// The same as Discord describes it, which it need not.
    pub(super) channel: Option<PartialChannel>,
    pub(super) guild: Option<GuildId>,
    pub(super) by: Person,
    /// The message under which the button stands.
    pub(super) under: Option<MessageId>,
    pub(super) locale: Option<String>,
    pub(super) event: InboundEvent,
}

impl Asked {
    /// `None` for what is neither.
    pub(super) fn of(interaction: &Interaction) -> Option<Self> {
        match interaction {
            Interaction::Command(command) => Some(Self::of_command(command)),
            Interaction::Component(pressed) => Self::of_button(pressed),
            _ => None,
        }
    }

    /// What was asked, as the engine gets it at this place.
    pub(super) fn inbound_at(&self, place: Place, event: InboundEvent) -> Inbound {
        let id = self.given.id;
        Inbound {
            locale: self.locale.clone(),
            ..Inbound::new(format!("discord:{id}"), place.address(), made_at(id), event)
        }
    }

    fn of_command(command: &CommandInteraction) -> Self {
        let guild = command.guild_id;
        Self {
            given: given(command.id.get(), &command.token),
            place: Place::of_customer(command.channel_id, guild.map(|_| command.user.id)),
            channel: command.channel.clone(),
            guild,
            by: person(&command.user, command.member.as_deref()),
            under: None,
            locale: Some(command.locale.clone()).filter(|locale| !locale.is_empty()),
            event: event_of(command),
        }
    }

    fn of_button(pressed: &ComponentInteraction) -> Option<Self> {
        let guild = pressed.guild_id;
        Some(Self {
            given: given(pressed.id.get(), &pressed.token),
            place: Place::of_customer(pressed.channel_id, guild.map(|_| pressed.user.id)),
            channel: pressed.channel.clone(),
            guild,
            by: person(&pressed.user, pressed.member.as_ref()),
            under: Some(MessageId(pressed.message.id.to_string())),
            locale: Some(pressed.locale.clone()).filter(|locale| !locale.is_empty()),
            event: press_of(pressed)?,
        })
    }
}

fn given(id: u64, token: &str) -> Given {
    Given {
        id,
        token: token.to_owned().into(),
    }
}

fn person(user: &User, member: Option<&Member>) -> Person {
    Person::called(user, member.and_then(|it| it.nick.as_deref()))
}

fn event_of(command: &CommandInteraction) -> InboundEvent {
    let name = &command.data.name;
    match Command::from_name(name) {
        Some(command) => InboundEvent::Command { command },
        // A command of an older version; as a text it still gets an answer.
        None => InboundEvent::says(format!("/{name}")),
    }
}

fn press_of(pressed: &ComponentInteraction) -> Option<InboundEvent> {
    let is_button = matches!(pressed.data.kind, ComponentInteractionDataKind::Button);
    let press = pressed.data.custom_id.clone();
    is_button.then_some(InboundEvent::Pressed { press })
}

/// An interaction that serenity could not read for want of a field that nobody here needs.
pub(super) fn repaired(event: &UnknownEvent) -> Option<Interaction> {
    if event.kind != "INTERACTION_CREATE" {
        return None;
    }
    let mut value = event.value.clone();
    let fields = value.as_object_mut()?;
    let needless: [(&str, Value); 3] = [
        ("locale", json!("")),
        ("entitlements", json!([])),
        ("attachment_size_limit", json!(0)),
    ];
    for (name, nothing) in needless {
        fields.entry(name).or_insert(nothing);
    }
    serde_json::from_value(value).ok()
}
