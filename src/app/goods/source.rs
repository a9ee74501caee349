//! Where goods are fetched from: a narrow port, and what implements it.

use std::{path::PathBuf, time::Duration};

use async_trait::async_trait;
use consultant_store::query_table;
use futures::StreamExt;
use reqwest::{Client, StatusCode, header};
use secrecy::ExposeSecret;

use crate::config::{GoodsSource, Secret};

/// The most that is taken from elsewhere, in bytes.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// How long one fetch may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Somewhere that goods come from.
#[async_trait]
pub trait CatalogSource: Send + Sync {
    /// What it is called in the log; nothing secret.
    fn name(&self) -> String;

    /// The goods as they are now: a file as the configuration says how to read. `None` where they are
    /// those that were accepted last, which is only asked where these are still there.
    async fn fetch(&mut self, are_kept: bool) -> Result<Option<Vec<u8>>, SourceError>;

    /// What was fetched last is kept.
    fn accept(&mut self) {}
}

/// Why goods could not be fetched. Those that were fetched last go on serving.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The server could not be reached, or broke off.
    #[error("{0}")]
    Unreachable(String),
    /// It answered with something else than the file.
    #[error("the server answered {0}")]
    Refused(StatusCode),
    /// There is too much of it.
    #[error("there are more than {} MiB", MAX_BYTES >> 20)]
    TooLarge,
    /// The database did not answer the query.
    #[error("{0}")]
    Database(String),
}

impl GoodsSource {
    /// What fetches from there.
    pub fn open(&self) -> Box<dyn CatalogSource> {
        match self {
            Self::Url { url, token } => Box::new(UrlSource {
                url: url.secret().expose_secret().to_owned(),
                token: token.clone(),
                // Where it leads elsewhere, the address is nobody's business: it may hold a key.
                client: Client::builder().referer(false).build().unwrap_or_default(),
                tag: None,
                fetched_tag: None,
            }),
            Self::Sqlite { database, query } => Box::new(SqliteSource {
                database: database.clone(),
                query: query.clone(),
            }),
        }
    }
}

/// A file on a server.
struct UrlSource {
    url: String,
    token: Option<Secret>,
    client: Client,
    /// What the server called the version that is kept, and the one that was fetched last.
    tag: Option<header::HeaderValue>,
    fetched_tag: Option<header::HeaderValue>,
}

#[async_trait]
impl CatalogSource for UrlSource {
    fn name(&self) -> String {
        // A query may hold a key.
        self.url.split('?').next().unwrap_or_default().to_owned()
    }

    async fn fetch(&mut self, are_kept: bool) -> Result<Option<Vec<u8>>, SourceError> {
        let mut request = self.client.get(&self.url).timeout(PATIENCE);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.secret().expose_secret());
        }
        if let Some(tag) = self.tag.as_ref().filter(|_| are_kept) {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        let answer = request.send().await.map_err(unreachable)?;
        match answer.status() {
            StatusCode::NOT_MODIFIED => return Ok(None),
            StatusCode::OK => {}
            other => return Err(SourceError::Refused(other)),
        }
        let tag = answer.headers().get(header::ETAG).cloned();
        let mut bytes = Vec::new();
        let mut body = answer.bytes_stream();
        while let Some(chunk) = body.next().await {
            bytes.extend_from_slice(&chunk.map_err(unreachable)?);
            if bytes.len() > MAX_BYTES {
                return Err(SourceError::TooLarge);
            }
        }
        self.fetched_tag = tag;
        Ok(Some(bytes))
    }

    fn accept(&mut self) {
        self.tag = self.fetched_tag.take();
    }
}

/// The error in words, without the address: its query may hold a key.
fn unreachable(error: reqwest::Error) -> SourceError {
    let error = error.without_url();
    let mut told = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    SourceError::Unreachable(told)
}

/// The answer of a database file.
struct SqliteSource {
    database: PathBuf,
    query: String,
}

#[async_trait]
impl CatalogSource for SqliteSource {
    fn name(&self) -> String {
        self.database.display().to_string()
    }

    async fn fetch(&mut self, _are_kept: bool) -> Result<Option<Vec<u8>>, SourceError> {
        let (database, query) = (self.database.clone(), self.query.clone());
        let asking = tokio::task::spawn_blocking(move || {
            let rows = query_table(&database, &query, PATIENCE);
            let rows = rows.map_err(|error| SourceError::Database(error.to_string()))?;
            as_csv(&rows)
        });
        let answer = asking.await;
        answer.unwrap_or_else(|error| Err(SourceError::Database(error.to_string())))
    }
}

/// Rows as a table is kept: the names of the columns first.
fn as_csv(rows: &[Vec<String>]) -> Result<Option<Vec<u8>>, SourceError> {
    let mut written = csv::Writer::from_writer(Vec::new());
    for row in rows {
        let row = written.write_record(row);
        row.map_err(|error| SourceError::Database(error.to_string()))?;
    }
    let bytes = written.into_inner();
    let bytes = bytes.map_err(|error| SourceError::Database(error.to_string()))?;
    if bytes.len() > MAX_BYTES {
        return Err(SourceError::TooLarge);
    }
    Ok(Some(bytes))
}
