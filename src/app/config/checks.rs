//! What must hold between keys.

use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use super::{
    net::StoreUrl,
    paths::lexical,
    problem::Told,
    reader::Reader,
    secret::Secret,
    sections::{Discord, Model, Store, Telegram},
    setting::{Raw, RawValue, Setting},
};

/// Models must survive an emptied data folder.
pub(super) fn models_outlive_data(
    data_dir: Option<&Path>,
    models_dir: Option<&Path>,
    reader: &mut Reader,
) {
    let (Some(data), Some(models)) = (data_dir, models_dir) else {
        return;
    };
    if lexical(models).starts_with(lexical(data)) {
        let key = if reader.layer("models_dir") >= reader.layer("data_dir") {
            "models_dir"
        } else {
            "data_dir"
        };
        let hint = "data_dir may be emptied to start anew, and models must outlive that; \
                    choose two separate folders";
        reader.problem(key, "puts models_dir inside data_dir", hint);
    }
}

/// Puts a relative SQLite path into the data folder, and asks whose password counts.
pub(super) fn store(mut store: Store, data_dir: &Path, reader: &mut Reader) -> Store {
    store.url = store.url.within(data_dir);
    if store.ca_file.is_some() && !store.url.is_tls() {
        let hint = "only `rediss://` has certificates; remove it, or change store.url";
        reader.problem(
            "store.ca_file",
            "is set, but the store does not speak TLS",
            hint,
        );
    }
    if store.password.is_some() && !matches!(store.url, StoreUrl::Redis(_)) {
        let hint = "only Redis has one; remove it, or set store.url to the Redis server";
        reader.problem(
            "store.password",
            "is set, but the store has no password",
            hint,
        );
    }
    if store.password.is_some() && store.url.has_password() {
        let hint = "keep one of them; store.password may hold any character";
        reader.problem(
            "store.password",
            "is set, and store.url holds a password too",
            hint,
        );
    }
    store
}

/// A tokenizer that is named must be there.
pub(super) fn model(model: Model, reader: &mut Reader) -> Model {
    if let Some(path) = model.tokenizer.as_deref().filter(|path| !path.is_file()) {
        let message = format!("names `{}`, which is no file", path.display());
        reader.problem(
            "model.tokenizer",
            message,
            "name a tokenizer.json, or leave it empty",
        );
    }
    model
}

/// The token, from wherever it was given.
pub(super) fn telegram(mut telegram: Telegram, reader: &mut Reader) -> Option<Telegram> {
    let keys = TokenKeys {
        token: "telegram.token",
        file: "telegram.token_file",
    };
    telegram.token = keys
        .resolve(telegram.token, telegram.token_file.clone(), reader)
        .ok()?;
    webhook(&telegram, reader);
    Some(telegram)
}

/// Whoever knows the address of a webhook without a secret could speak for any customer.
fn webhook(telegram: &Telegram, reader: &mut Reader) {
    const KEY: &str = "telegram.webhook_secret";
    /// Telegram takes up to 256 of these characters; fewer than 16 could be guessed.
    const LENGTH: std::ops::RangeInclusive<usize> = 16..=256;
    let make = "make one with `openssl rand -hex 32`";
    match (&telegram.webhook_url, &telegram.webhook_secret) {
        (Some(_), None) => {
            let message = "is missing, but telegram.webhook_url is set";
            reader.problem(KEY, message, make);
        }
        (None, Some(_)) => {
            let hint = "set telegram.webhook_url too, or remove it";
            reader.problem(KEY, "is set, but there is no telegram.webhook_url", hint);
        }
        (Some(_), Some(secret)) => {
            let secret = secret.secret().expose_secret();
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            if !LENGTH.contains(&secret.len()) || !secret.chars().all(plain) {
                let message = "is not 16 to 256 letters, digits, `_` and `-`";
                reader.problem(KEY, message, make);
            }
        }
        (None, None) => {}
    }
}

/// The token, from wherever it was given.
pub(super) fn discord(mut discord: Discord, reader: &mut Reader) -> Option<Discord> {
    let keys = TokenKeys {
        token: "discord.token",
        file: "discord.token_file",
    };
    discord.token = keys
        .resolve(discord.token, discord.token_file.clone(), reader)
        .ok()?;
    Some(discord)
}

/// The two keys that may give a token.
struct TokenKeys {
    token: &'static str,
    file: &'static str,
}

impl TokenKeys {
    /// The stronger layer wins; in one layer they contradict each other.
    fn resolve(
        &self,
        token: Option<Secret>,
        file: Option<PathBuf>,
        reader: &mut Reader,
    ) -> Result<Option<Secret>, Told> {
        let Some(file) = file else { return Ok(token) };
        let (token_layer, file_layer) = (reader.layer(self.token), reader.layer(self.file));
        match token {
            Some(token) if token_layer > file_layer => Ok(Some(token)),
            Some(_) if token_layer == file_layer => {
                let message = format!("is set together with {}", self.token);
                reader.problem(self.file, message, "keep one of them");
                Err(Told)
            }
            _ => self.read_file(&file, reader).map(Some),
        }
    }

    fn read_file(&self, file: &Path, reader: &mut Reader) -> Result<Secret, Told> {
        /// Far above any platform's token.
        const LONGEST_TOKEN_FILE_BYTES: u64 = 4096;
        let size = std::fs::metadata(file).map(|metadata| metadata.len());
        let text = match size {
            Ok(size) if size > LONGEST_TOKEN_FILE_BYTES => {
                Err("is too long for a token".to_owned())
            }
            Ok(_) => {
                std::fs::read_to_string(file).map_err(|error| format!("cannot be read: {error}"))
            }
            Err(error) => Err(format!("cannot be read: {error}")),
        };
        let read = text.and_then(|text| {
            let raw = Raw {
                given: RawValue::Text(&text),
                base: Path::new(""),
            };
            Secret::read(raw).map_err(|wrong| wrong.message)
        });
        let hint = "the file holds the token and nothing else";
        read.map_err(|what| {
            reader.problem(
                self.file,
                format!("names `{}`, which {what}", file.display()),
                hint,
            );
            Told
        })
    }
}
