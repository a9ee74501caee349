//! A secret of the configuration: kept by `secrecy`, shown as `[secret]`.

use std::fmt;

use secrecy::SecretString;
use serde::{Serialize, Serializer};

/// A token or a password. Wiped from memory when dropped; shown as `[secret]` everywhere.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a secret in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The secret, for the client that needs it.
    pub fn secret(&self) -> &SecretString {
        &self.0
    }
}

impl From<Secret> for SecretString {
    fn from(secret: Secret) -> Self {
        secret.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::new("12345:AAH");
        assert_eq!(format!("{secret:?}"), "[secret]");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"[secret]\"");
        assert_eq!(secret.secret().expose_secret(), "12345:AAH");
    }
}
