//! What an update calls itself, and what its answer refers to: `MESSAGE`, or
//! `interaction:ID:TOKEN` for a slash command or a button, whose deferred reply the token
//! completes. It lives in the store with its update, so that a restart within the token's 15
//! minutes still completes the reply.

use std::fmt;

use consultant_core::MessageId;
use secrecy::{ExposeSecret, SecretString};

use super::place::snowflake;

const INTERACTION: &str = "interaction:";

/// A slash command or a pressed button that was acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Interaction {
    pub(super) id: u64,
    /// Whoever has it can write in the bot's name there.
    pub(super) token: SecretString,
}

/// What an answer refers to.
#[derive(Clone, Debug)]
pub(super) enum Reference {
    Message(u64),
    Interaction(Interaction),
}

impl Reference {
    /// `None` for a text that this channel never made.
    pub(super) fn of(name: &MessageId) -> Option<Self> {
        let Some(rest) = name.as_str().strip_prefix(INTERACTION) else {
            return snowflake(name.as_str()).map(Self::Message);
        };
        let (id, token) = rest.split_once(':')?;
        Some(Self::Interaction(Interaction {
            id: snowflake(id)?,
            token: is_token(token).then(|| token.to_owned().into())?,
        }))
    }
}

/// A token becomes part of a path, so nothing that would change the path is one.
fn is_token(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=+~.".contains(&byte);
    !text.is_empty() && !text.starts_with('.') && text.bytes().all(plain)
}

impl Interaction {
    /// The name that goes through the store, if the token can be one.
    pub(super) fn name(&self) -> MessageId {
        format!("{INTERACTION}{}:{}", self.id, self.token.expose_secret())
            .as_str()
            .into()
    }
}

impl fmt::Display for Interaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "interaction {}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expect: &str) {
        let read = match Reference::of(&name.into()) {
            None => "nothing".to_owned(),
            Some(Reference::Message(id)) => format!("message {id}"),
            Some(Reference::Interaction(given)) => {
                assert_eq!(given.name().as_str(), name);
                given.to_string()
            }
        };
        assert_eq!(read, expect);
    }

    #[test]
    fn a_name_reads_as_it_was_written() {
        check("77", "message 77");
        check("interaction:77:aW50-ZX_Jh==", "interaction 77");
        check("interaction:77:", "nothing");
        check("interaction:77:../../users/@me", "nothing");
        check("interaction:0:a", "nothing");
        check("interaction:77", "nothing");
        check("0", "nothing");
        check("", "nothing");
    }

    #[test]
    fn a_token_is_not_shown() {
        let given = Reference::of(&"interaction:77:secret".into()).unwrap();
        assert!(!format!("{given:?}").contains("secret"));
    }
}
