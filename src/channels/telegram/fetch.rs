//! Getting a customer's file: within a size and a time, checked by its bytes, and kept before the
//! message that it hangs on is stored. What cannot be had is said to the customer and holds up
//! nobody. teloxide's client is not used, because its time limit would bound the whole download.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use consultant_core::{
    Address, Content,
    ports::{Cause, MediaStore},
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::{sync::Semaphore, time::timeout};

use super::{
    api::{Api, ApiFailure},
    files::FileRef,
    log,
};
use crate::file_type::is_what_it_claims;

/// So many files are had at once, and so many of them for one place; each may be in memory whole.
const AT_ONCE: usize = 4;
const AT_ONCE_OF_A_PLACE: usize = 2;

/// How often a file is asked for, within the time limit.
const TRIES: usize = 3;
const PAUSE: Duration = Duration::from_millis(300);

/// What files are taken.
#[derive(Clone, Copy, Debug)]
pub struct FileRules {
    /// The longest file, in bytes.
    pub limit_bytes: u64,
    /// How long one file may take, from asking for it to its last byte.
    pub time_limit: Duration,
}

/// The client for files.
pub(super) struct Fetcher {
    client: reqwest::Client,
    rules: FileRules,
    at_once: Semaphore,
    /// Whoever sends many files keeps nobody else from having theirs.
    of_places: Mutex<HashMap<String, Weak<Semaphore>>>,
}

/// Why a file was not had.
enum Failed {
    /// It is longer than we take.
    TooLarge,
    /// Telegram will not hand it out.
    Refused(String),
    /// It did not work; another try may.
    Broken(String),
}

impl Fetcher {
    /// A client that follows no redirect: Telegram sends none, and another server shall not see
    /// the token.
    pub(super) fn new(rules: FileRules) -> Result<Self, Cause> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(rules.time_limit)
            .no_proxy()
            .build()?;
        Ok(Self {
            client,
            rules,
            at_once: Semaphore::new(AT_ONCE),
            of_places: Mutex::default(),
        })
    }

    /// The content of a file, kept; or why there is none.
    pub(super) async fn content(
        &self,
        api: &Api,
        file: &FileRef,
        from: &Address,
        media: &dyn MediaStore,
    ) -> Content {
        let limit_bytes = self.rules.limit_bytes;
        // To wait for others is no fault of this file, so its time begins behind them.
        let of_place = self.of_place(&from.place);
        let _own_permit = of_place.acquire().await;
        let _permit = self.at_once.acquire().await;
        let Ok(fetched) = timeout(self.rules.time_limit, self.fetch(api, file)).await else {
            log::file_not_received(file.what, "it took too long");
            return Content::NotReceived;
        };
        let bytes = match fetched {
            Ok(bytes) => bytes,
            Err(Failed::TooLarge) => return Content::TooLarge { limit_bytes },
            Err(Failed::Refused(reason) | Failed::Broken(reason)) => {
                log::file_not_received(file.what, &reason);
                return Content::NotReceived;
            }
        };
        if !is_what_it_claims(file.what, &bytes) {
            return Content::WrongType;
        }
        match media.keep(from, bytes).await {
            Ok(kept) => Content::Kept(kept),
            Err(error) => {
                log::file_not_kept(&error);
                error.content()
            }
        }
    }

    fn of_place(&self, place: &str) -> Arc<Semaphore> {
        let mut places = self
            .of_places
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = places.get(place).and_then(Weak::upgrade) {
            return known;
        }
        places.retain(|_, it| it.strong_count() > 0);
        let new = Arc::new(Semaphore::new(AT_ONCE_OF_A_PLACE));
        places.insert(place.to_owned(), Arc::downgrade(&new));
        new
    }

    async fn fetch(&self, api: &Api, file: &FileRef) -> Result<Vec<u8>, Failed> {
        self.check_size(file.bytes)?;
        let mut tried = self.try_once(api, file).await;
        for _ in 1..TRIES {
            if !matches!(tried, Err(Failed::Broken(_))) {
                break;
            }
            tokio::time::sleep(PAUSE).await;
            tried = self.try_once(api, file).await;
        }
        tried
    }

    async fn try_once(&self, api: &Api, file: &FileRef) -> Result<Vec<u8>, Failed> {
        let found = api.call("getFile", &json!({"file_id": file.id})).await;
        let found = found.map_err(refused)?;
        self.check_size(found["file_size"].as_u64())?;
        let path = found.get("file_path").and_then(Value::as_str);
        let url = path.and_then(|path| api.file_url(path));
        let url = url.ok_or_else(|| Failed::Refused("it has no path to it".to_owned()))?;
        self.download(api, url.expose_secret()).await
    }

    /// Reads no more than the limit, whatever the server says about the length.
    async fn download(&self, api: &Api, url: &str) -> Result<Vec<u8>, Failed> {
        let broken = |error: reqwest::Error| Failed::Broken(api.explain(&error.without_url()));
        let mut response = self.client.get(url).send().await.map_err(broken)?;
        let status = response.status();
        if status.is_server_error() {
            return Err(Failed::Broken(format!("its server answered {status}")));
        }
        if !status.is_success() {
            return Err(Failed::Refused(format!("its server answered {status}")));
        }
        self.check_size(response.content_length())?;
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            bytes.extend_from_slice(&chunk);
            self.check_size(u64::try_from(bytes.len()).ok())?;
        }
        Ok(bytes)
    }

    fn check_size(&self, bytes: Option<u64>) -> Result<(), Failed> {
        if bytes.is_some_and(|bytes| bytes > self.rules.limit_bytes) {
            return Err(Failed::TooLarge);
        }
        Ok(())
    }
}

/// Telegram hands out no file beyond 20 MB, whatever our own limit is.
fn refused(failure: ApiFailure) -> Failed {
    match failure {
        ApiFailure::Refused {
            code: 400,
            description,
            ..
        } if description.to_ascii_lowercase().contains("too big") => Failed::TooLarge,
        ApiFailure::Refused { code: 400, .. } => Failed::Refused(failure.to_string()),
        failure => Failed::Broken(failure.to_string()),
    }
}
