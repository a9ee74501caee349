//! Customers' files: fetched from Discord's own servers and from nowhere else, up to a size and a
//! time, and kept only if their bytes are what they claim to be.

use std::time::Duration;

use consultant_core::{
    Address, Attachment, Content,
    ports::{Cause, MediaError, MediaStore},
};
use futures::{StreamExt, stream};
use reqwest::{Client, Url, redirect::Policy};
use tokio::{sync::Semaphore, time::timeout};
use tracing::{error, info};

use super::{
    DiscordSettings,
    reading::Wanted,
    rest::{DISCORD_ORIGIN, origin},
};
use crate::file_type::is_what_it_claims;

/// Where Discord keeps what people send. The address of a file comes with a message: without this
/// list it could name a server inside the house.
const FILE_ORIGINS: [&str; 2] = ["https://cdn.discordapp.com", "https://media.discordapp.net"];
/// For one file.
const TIME_LIMIT: Duration = Duration::from_secs(30);
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// So many files are had at once, from everybody; each may be in memory whole.
const AT_ONCE: usize = 4;
/// Of one message: less, so that a message of ten files leaves room for somebody else's.
const AT_ONCE_OF_A_MESSAGE: usize = 3;

/// Fetches files.
#[derive(Debug)]
pub(super) struct Files {
    client: Client,
    origins: Vec<String>,
    limit_bytes: u64,
    time_limit: Duration,
    at_once: Semaphore,
}

/// Why there is no content.
enum Missing {
    TooLarge,
    NotReceived(Cause),
}

impl Files {
    pub(super) fn new(settings: &DiscordSettings) -> Result<Self, Cause> {
        let client = Client::builder()
            .connect_timeout(CONNECT_LIMIT)
            .redirect(Policy::none())
            .build()?;
        let custom = origin(settings);
        let custom = (custom != DISCORD_ORIGIN).then(|| custom.to_owned());
        let origins = FILE_ORIGINS.map(str::to_owned).into_iter().chain(custom);
        Ok(Self {
            client,
            origins: origins.collect(),
            limit_bytes: settings.max_file_bytes,
            time_limit: TIME_LIMIT.min(settings.file_time_limit),
            at_once: Semaphore::new(AT_ONCE),
        })
    }

    /// Fetches and keeps a message's files, in their order.
    pub(super) async fn keep(
        &self,
        files: Vec<Wanted>,
        from: &Address,
        media: &dyn MediaStore,
    ) -> Vec<Attachment> {
        let keeping = files.into_iter().map(|file| async move {
            let content = self.content(&file, from, media).await;
            Attachment::File {
                what: file.what,
                name: Some(file.name).filter(|name| !name.is_empty()),
                content,
            }
        });
        stream::iter(keeping)
            .buffered(AT_ONCE_OF_A_MESSAGE)
            .collect()
            .await
    }

    async fn content(&self, file: &Wanted, from: &Address, media: &dyn MediaStore) -> Content {
        let limit_bytes = self.limit_bytes;
        // To wait for others is no fault of this file, so its time begins behind them.
        let _permit = self.at_once.acquire().await;
        let bytes = match self.fetch(file).await {
            Ok(bytes) => bytes,
            Err(Missing::TooLarge) => return Content::TooLarge { limit_bytes },
            Err(Missing::NotReceived(cause)) => return not_received(&cause),
        };
        if !fits(file, &bytes) {
            return Content::WrongType;
        }
        match media.keep(from, bytes).await {
            Ok(kept) => Content::Kept(kept),
            Err(error) => not_kept(&error),
        }
    }

    /// Tries twice, and for no longer than a file may take.
    async fn fetch(&self, file: &Wanted) -> Result<Vec<u8>, Missing> {
        if file.bytes > self.limit_bytes {
            return Err(Missing::TooLarge);
        }
        let url = self.allowed(&file.url)?;
        let trying = async {
            match self.fetch_once(url.clone()).await {
                Err(Missing::NotReceived(_)) => self.fetch_once(url.clone()).await,
                fetched => fetched,
            }
        };
        let in_time = timeout(self.time_limit, trying).await;
        in_time.unwrap_or_else(|late| Err(Missing::NotReceived(late.into())))
    }

    async fn fetch_once(&self, url: Url) -> Result<Vec<u8>, Missing> {
        let answer = self.client.get(url).send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status);
        let answer = answer.map_err(without_url)?;
        if answer.status().is_redirection() {
            return Err(Missing::NotReceived("it is elsewhere".into()));
        }
        let mut body = answer.bytes_stream();
        let mut bytes = Vec::new();
        while let Some(more) = body.next().await {
            bytes.extend_from_slice(&more.map_err(without_url)?);
            if bytes.len() as u64 > self.limit_bytes {
                return Err(Missing::TooLarge);
            }
        }
        Ok(bytes)
    }

    /// The address, if it lies with Discord.
    fn allowed(&self, url: &str) -> Result<Url, Missing> {
        let foreign = || Missing::NotReceived("its address is not one of Discord's".into());
        let url = Url::parse(url).map_err(|_| foreign())?;
        let origin = url.origin().ascii_serialization();
        let plain = url.username().is_empty() && url.password().is_none();
        if plain && self.origins.contains(&origin) {
            Ok(url)
        } else {
            Err(foreign())
        }
    }
}

fn not_received(cause: &Cause) -> Content {
    info!(channel = "discord", error = %cause, "a file was not received");
    Content::NotReceived
}

fn not_kept(error: &MediaError) -> Content {
    error!(channel = "discord", %error, "a customer's file is not kept");
    error.content()
}

/// A file's address carries the right to read it.
fn without_url(error: reqwest::Error) -> Missing {
    Missing::NotReceived(error.without_url().into())
}

/// Whether the bytes are what the file is said to be. Discord names the type of a document too.
fn fits(file: &Wanted, bytes: &[u8]) -> bool {
    let is_pdf = || infer::get(bytes).is_some_and(|kind| kind.mime_type() == PDF);
    is_what_it_claims(file.what, bytes) && (file.media_type != PDF || is_pdf())
}

const PDF: &str = "application/pdf";

#[cfg(test)]
mod tests {
    use consultant_core::FileKind;

    use super::*;

    fn files(api_url: Option<&str>) -> Files {
        let settings = DiscordSettings {
            api_url: api_url.map(str::to_owned),
            ..DiscordSettings::new("token".into())
        };
        Files::new(&settings).unwrap()
    }

    #[track_caller]
    fn check_address(files: &Files, url: &str, expect: bool) {
        assert_eq!(files.allowed(url).is_ok(), expect, "{url}");
    }

    #[test]
    fn only_discords_servers_are_asked_for_files() {
        let discord = files(None);
        check_address(
            &discord,
            "https://cdn.discordapp.com/attachments/1/2/f.png?ex=1",
            true,
        );
        check_address(
            &discord,
            "https://media.discordapp.net/attachments/1/2/f.png",
            true,
        );
        check_address(&discord, "http://cdn.discordapp.com/f.png", false);
        check_address(&discord, "https://cdn.discordapp.com:8443/f.png", false);
        check_address(
            &discord,
            "https://cdn.discordapp.com@127.0.0.1/f.png",
            false,
        );
        check_address(&discord, "https://cdn.discordapp.com.example/f.png", false);
        check_address(&discord, "http://169.254.169.254/latest/meta-data", false);
        check_address(&discord, "file:///etc/passwd", false);
        check_address(&discord, "", false);
        let custom = files(Some("http://127.0.0.1:8082/"));
        check_address(&custom, "http://127.0.0.1:8082/files/1", true);
        check_address(&custom, "http://127.0.0.1:8083/files/1", false);
    }

    #[track_caller]
    fn check_bytes(what: FileKind, media_type: &str, bytes: &[u8], expect: bool) {
        let file = Wanted {
            what,
            name: String::new(),
            url: String::new(),
            bytes: 0,
            media_type: media_type.to_owned(),
        };
        assert_eq!(fits(&file, bytes), expect, "{what:?} {media_type}");
    }

    #[test]
    fn bytes_must_be_what_they_claim_to_be() {
        let (png, pdf) = (b"\x89PNG\r\n\x1a\n\0\0", b"%PDF-1.7\n");
        check_bytes(FileKind::Picture, "image/png", png, true);
        check_bytes(FileKind::Picture, "image/png", b"<html>", false);
        check_bytes(FileKind::Voice, "audio/ogg", b"OggS\0\0\0\0", true);
        check_bytes(FileKind::Voice, "audio/ogg", png, false);
        check_bytes(FileKind::Video, "video/mp4", png, false);
        check_bytes(FileKind::File, "application/pdf", pdf, true);
        check_bytes(FileKind::File, "application/pdf", b"MZ\x90", false);
        check_bytes(FileKind::File, "text/plain", b"hello", true);
        check_bytes(FileKind::File, "text/plain", b"MZ\x90\0\x03\0\0\0", false);
        check_bytes(FileKind::File, "application/zip", b"PK\x03\x04", true);
    }
}
