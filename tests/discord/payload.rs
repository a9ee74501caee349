//! The JSON of Discord's objects and events, with every field that a real one always has. The
//! published schema does not cover the gateway, so the required fields follow the reference and
//! serenity's model: an event that lacks one would reach nobody.

use serde_json::{Value, json};

use super::state::{Closed, Place, PlaceKind, Snowflake, State, timestamp_of};

pub(super) const GUILDS: u64 = 1;
pub(super) const GUILD_MESSAGES: u64 = 1 << 9;
pub(super) const DIRECT_MESSAGES: u64 = 1 << 12;
pub(super) const MESSAGE_CONTENT: u64 = 1 << 15;

/// The fields of a message that only the gateway sends.
pub(super) const GATEWAY_ONLY: [&str; 3] = ["guild_id", "member", "channel_type"];

const JOINED_AT: &str = "2026-01-01T00:00:00.000000+00:00";

/// What a customer's message carries beside its text.
#[derive(Clone, Debug, Default)]
pub(super) struct Extras {
    pub(super) mentions_bot: bool,
    pub(super) reply_to: Option<Value>,
    pub(super) more: Option<(&'static str, Value)>,
    pub(super) flags: u64,
}

pub(super) fn user(id: Snowflake, name: &str, bot: bool) -> Value {
    json!({
        "id": id.to_string(), "username": name, "discriminator": "0", "global_name": name,
        "avatar": null, "bot": bot, "public_flags": 0,
    })
}

pub(super) fn bot(state: &State) -> Value {
    user(state.bot, "consultant", true)
}

pub(super) fn application(state: &State) -> Value {
    json!({
        "id": state.application.to_string(), "name": "consultant", "icon": null,
        "description": "", "bot_public": true, "bot_require_code_grant": false,
        "verify_key": "00", "flags": 0, "bot": bot(state),
    })
}

pub(super) fn ready(state: &State, session: &str, gateway_url: &str) -> Value {
    json!({
        "v": 10, "user": bot(state), "session_id": session, "resume_gateway_url": gateway_url,
        "guilds": [{ "id": state.guild.to_string(), "unavailable": true }], "shard": [0, 1],
        "application": { "id": state.application.to_string(), "flags": 0 },
    })
}

pub(super) fn channel(state: &State, id: Snowflake) -> Value {
    let Some(place) = state.places.get(&id) else {
        return Value::Null;
    };
    let newest = place.messages.last().map(|message| message.id.to_string());
    let mut json = json!({ "id": id.to_string(), "last_message_id": newest, "flags": 0 });
    json["type"] = json!(type_of(place.kind));
    match place.kind {
        PlaceKind::Direct { user: with } => {
            json["recipients"] = json!([user(with, &name_of(state, with), false)]);
        }
        PlaceKind::Text => {
            in_guild(&mut json, state, &place.name);
        }
        PlaceKind::Forum => {
            let tags = place.tags.iter().map(|id| tag(*id));
            json["available_tags"] = tags.collect();
            let requires = !place.tags.is_empty();
            json["flags"] = json!(if requires { 1 << 4 } else { 0 });
            in_guild(&mut json, state, &place.name);
        }
        PlaceKind::Thread { parent } => {
            let thread = &place.thread;
            json["parent_id"] = json!(parent.to_string());
            json["thread_metadata"] = json!({
                "archived": thread.archived, "auto_archive_duration": 1440,
                "archive_timestamp": JOINED_AT, "locked": thread.locked,
            });
            let owner = if thread.by_bot {
                state.bot
            } else {
                state.guild
            };
            json["owner_id"] = json!(owner.to_string());
            json["message_count"] = json!(place.messages.len());
            json["member_count"] = json!(1);
            if thread.tags.is_array() {
                json["applied_tags"] = thread.tags.clone();
            }
            in_guild(&mut json, state, &place.name);
        }
    }
    json
}

fn tag(id: Snowflake) -> Value {
    json!({
        "id": id.to_string(), "name": format!("tag {id}"), "moderated": false,
        "emoji_id": null, "emoji_name": null,
    })
}

/// The reference's "Channel Types".
pub(super) const fn type_of(kind: PlaceKind) -> u8 {
    match kind {
        PlaceKind::Text => 0,
        PlaceKind::Direct { .. } => 1,
        PlaceKind::Thread { .. } => 11,
        PlaceKind::Forum => 15,
    }
}

fn in_guild(json: &mut Value, state: &State, name: &str) {
    json["guild_id"] = json!(state.guild.to_string());
    json["name"] = json!(name);
    json["position"] = json!(0);
    json["permission_overwrites"] = json!([]);
}

fn name_of(state: &State, id: Snowflake) -> String {
    let known = state.users.iter().find(|(_, user)| **user == id);
    known.map_or_else(|| "somebody".to_owned(), |(name, _)| name.clone())
}

/// The role that a guild makes for a bot when it comes (the reference's "Role Tags Structure").
fn own_role(state: &State) -> Value {
    json!({
        "id": state.own_role.to_string(), "name": "consultant", "color": 0,
        "colors": { "primary_color": 0, "secondary_color": null, "tertiary_color": null },
        "hoist": false, "icon": null, "unicode_emoji": null, "position": 1, "permissions": "0",
        "managed": true, "mentionable": false, "flags": 0,
        "tags": { "bot_id": state.bot.to_string() },
    })
}

pub(super) fn guild(state: &State) -> Value {
    let of_kind = |threads: bool| -> Vec<Value> {
        let there = |it: &(&Snowflake, &Place)| it.1.closed != Some(Closed::Deleted);
        let there = state.places.iter().filter(there);
        let wanted = there.filter(|(_, place)| match place.kind {
            PlaceKind::Direct { .. } => false,
            PlaceKind::Text | PlaceKind::Forum => !threads,
            PlaceKind::Thread { .. } => threads && !place.thread.archived,
        });
        wanted.map(|(id, _)| channel(state, *id)).collect()
    };
    json!({
        "id": state.guild.to_string(), "name": "Lamp lovers", "icon": null, "splash": null,
        "discovery_splash": null, "owner_id": state.guild.to_string(), "afk_channel_id": null,
        "afk_timeout": 300, "verification_level": 0, "default_message_notifications": 0,
        "explicit_content_filter": 0, "roles": [own_role(state)], "emojis": [], "features": [], "mfa_level": 0,
        "application_id": null, "system_channel_id": null, "system_channel_flags": 0,
        "rules_channel_id": null, "vanity_url_code": null, "description": null, "banner": null,
        "premium_tier": 0, "preferred_locale": "en-US", "public_updates_channel_id": null,
        "nsfw_level": 0, "stickers": [], "premium_progress_bar_enabled": false,
        "safety_alerts_channel_id": null, "joined_at": JOINED_AT, "large": false,
        "unavailable": false, "member_count": 3, "voice_states": [], "members": [],
        "channels": of_kind(false), "threads": of_kind(true), "presences": [],
        "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [],
    })
}

/// A message as the gateway sends it; REST sends the same without what [`GATEWAY_ONLY`] names.
pub(super) fn message(
    state: &State,
    place: Snowflake,
    id: Snowflake,
    author: &Value,
    text: &str,
) -> Value {
    let mut json = json!({
        "id": id.to_string(), "channel_id": place.to_string(), "author": author,
        "content": text, "timestamp": timestamp_of(id), "edited_timestamp": null, "tts": false,
        "mention_everyone": false, "mentions": [], "mention_roles": [], "attachments": [],
        "embeds": [], "pinned": false, "type": 0, "flags": 0, "components": [],
    });
    let room = state.places.get(&place);
    if let Some(room) = room {
        json["channel_type"] = json!(type_of(room.kind));
    }
    if let Some(room) = room.filter(|room| !matches!(room.kind, PlaceKind::Direct { .. })) {
        json["guild_id"] = json!(state.guild.to_string());
        json["member"] = json!({
            "roles": [], "joined_at": JOINED_AT, "deaf": false, "mute": false, "flags": 0,
        });
        if matches!(room.kind, PlaceKind::Thread { .. }) {
            json["position"] = json!(room.messages.len());
        }
    }
    json
}

pub(super) fn decorate(json: &mut Value, state: &State, extras: &Extras) {
    if extras.mentions_bot {
        json["mentions"] = json!([bot(state)]);
    }
    if let Some(referenced) = &extras.reply_to {
        json["type"] = json!(19);
        json["message_reference"] = json!({
            "type": 0, "message_id": referenced["id"], "channel_id": referenced["channel_id"],
        });
        json["referenced_message"] = referenced.clone();
    }
    if let Some((field, value)) = &extras.more {
        json[*field] = value.clone();
    }
    json["flags"] = json!(extras.flags);
}

/// What is the same in a slash command and in a pressed button.
#[derive(Clone, Debug)]
pub(super) struct Given<'a> {
    pub(super) id: Snowflake,
    pub(super) token: &'a str,
    pub(super) place: Snowflake,
    pub(super) user: (Snowflake, &'a str),
    pub(super) locale: &'a str,
}

pub(super) fn command(state: &State, given: &Given<'_>, name: &str) -> Value {
    let mut json = interaction(state, given);
    json["type"] = json!(2);
    let mut registered = state.commands.as_array().into_iter().flatten();
    let registered = registered.find(|command| command["name"] == name);
    // A command that was taken away may still be given by an app that has not heard of it.
    let id = registered.map_or_else(
        || json!(state.application.to_string()),
        |command| command["id"].clone(),
    );
    json["data"] = json!({ "id": id, "name": name, "type": 1 });
    json
}

/// A button under this message of the bot's was pressed.
pub(super) fn press(state: &State, given: &Given<'_>, button: &str, message: &Value) -> Value {
    let mut json = interaction(state, given);
    json["type"] = json!(3);
    json["data"] = json!({ "custom_id": button, "component_type": 2 });
    json["message"] = message.clone();
    json
}

fn interaction(state: &State, given: &Given<'_>) -> Value {
    let Given { id, place, .. } = given;
    let mut json = json!({
        "id": id.to_string(), "application_id": state.application.to_string(),
        "channel": channel(state, *place), "channel_id": place.to_string(), "token": given.token,
        "version": 1, "locale": given.locale, "entitlements": [], "app_permissions": "0",
        "authorizing_integration_owners": {}, "context": 1, "attachment_size_limit": 10_485_760,
    });
    let user = user(given.user.0, given.user.1, false);
    let room = state.places.get(place).map(|place| place.kind);
    if matches!(room, Some(PlaceKind::Direct { .. })) {
        json["user"] = user;
    } else {
        json["guild_id"] = json!(state.guild.to_string());
        json["guild_locale"] = json!("en-US");
        json["context"] = json!(0);
        json["member"] = json!({
            "user": user, "nick": null, "avatar": null, "roles": [], "joined_at": JOINED_AT,
            "deaf": false, "mute": false, "flags": 0, "permissions": "0",
        });
    }
    json
}
