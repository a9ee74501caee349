//! Slash commands and pressed buttons, as Discord's interactions tell them.

use consultant_core::{Command, InboundEvent};
use serde_json::{Value, json};
use serenity::all::{
    CommandInteraction, ComponentInteraction, ComponentInteractionDataKind, Interaction,
    UnknownEvent, UserId,
};

use super::{place::Place, reference::Interaction as Given};

/// A slash command or a pressed button.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) given: Given,
    pub(super) place: Place,
    pub(super) guild: Option<u64>,
    pub(super) locale: Option<String>,
    pub(super) event: InboundEvent,
}

impl Asked {
    /// `None` for what is neither.
    pub(super) fn of(interaction: &Interaction) -> Option<Self> {
        let (place, event) = match interaction {
            Interaction::Command(command) => (place_of_command(command), event_of(command)),
            Interaction::Component(pressed) => (place_of_button(pressed), press_of(pressed)?),
            _ => return None,
        };
        let locale = match interaction {
            Interaction::Command(command) => command.locale.clone(),
            Interaction::Component(pressed) => pressed.locale.clone(),
            _ => String::new(),
        };
        Some(Self {
            given: Given {
                id: interaction.id().get(),
                token: interaction.token().to_owned().into(),
            },
            place,
            guild: interaction.guild_id().map(serenity::all::GuildId::get),
            locale: Some(locale).filter(|locale| !locale.is_empty()),
            event,
        })
    }
}

fn place_of_command(command: &CommandInteraction) -> Place {
    Place {
        channel: command.channel_id,
        user: in_guild(command.guild_id.is_some(), command.user.id),
    }
}

fn place_of_button(pressed: &ComponentInteraction) -> Place {
    Place {
        channel: pressed.channel_id,
        user: in_guild(pressed.guild_id.is_some(), pressed.user.id),
    }
}

fn in_guild(is_guild: bool, user: UserId) -> Option<UserId> {
    is_guild.then_some(user)
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
