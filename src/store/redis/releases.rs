//! Versions of the playbook, and what was decided about them.

use async_trait::async_trait;
use consultant_core::{
    KeptVersion, PlaybookVersion, ReleaseEvent,
    ports::{ReleaseLog, StoreError},
};

use super::RedisStore;
use crate::{
    record::corrupt,
    release::{decode_release, decode_version, encode_release, encode_version},
};

const ADDING: &str = "adding a decision";
const READING: &str = "reading decisions";

#[async_trait]
impl ReleaseLog for RedisStore {
    async fn keep_version(&self, version: &KeptVersion) -> Result<(), StoreError> {
        let body = encode_version(version)?;
        let mut pipeline = ::redis::pipe();
        let keep = pipeline.cmd("HSETNX").arg(self.keys.versions());
        keep.arg(version.id.as_str()).arg(body).ignore();
        self.link
            .send("keeping a playbook version", &pipeline)
            .await
    }

    async fn kept_version(&self, id: &PlaybookVersion) -> Result<Option<KeptVersion>, StoreError> {
        let mut pipeline = ::redis::pipe();
        let get = pipeline.cmd("HGET").arg(self.keys.versions());
        get.arg(id.as_str());
        let what = "reading a playbook version";
        let (body,): (Option<String>,) = self.link.send(what, &pipeline).await?;
        body.map(|body| decode_version(id, &body)).transpose()
    }

    async fn kept_versions(&self) -> Result<Vec<PlaybookVersion>, StoreError> {
        let mut pipeline = ::redis::pipe();
        pipeline.cmd("HKEYS").arg(self.keys.versions());
        let what = "listing playbook versions";
        let (mut ids,): (Vec<String>,) = self.link.send(what, &pipeline).await?;
        ids.sort_unstable();
        Ok(ids.into_iter().map(PlaybookVersion).collect())
    }

    async fn add_release(&self, event: &ReleaseEvent) -> Result<bool, StoreError> {
        let body = encode_release(event)?;
        let name = || format!("release {body}");
        let token = self.token(name);
        let outcome = self.add_once(event.number, &token, &body).await;
        self.tokens.keep_if_uncertain(name, token, &outcome);
        outcome
    }

    /// The numbers first: whoever asks again and again for what is new is seldom told anything.
    async fn releases(&self, after: u64) -> Result<Vec<ReleaseEvent>, StoreError> {
        let key = self.keys.releases();
        let mut pipeline = ::redis::pipe();
        pipeline.cmd("HKEYS").arg(&key);
        let (fields,): (Vec<String>,) = self.link.send(READING, &pipeline).await?;
        let numbers = fields.iter().map(|field| decode_number(field));
        let mut numbers: Vec<u64> = numbers.collect::<Result<_, _>>()?;
        numbers.retain(|number| *number > after);
        numbers.sort_unstable();
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let mut pipeline = ::redis::pipe();
        pipeline.cmd("HMGET").arg(&key).arg(&numbers);
        let (values,): (Vec<String>,) = self.link.send(READING, &pipeline).await?;
        let found = numbers.into_iter().zip(&values);
        found
            .map(|(number, value)| decode_release(number, body_of(value)))
            .collect()
    }
}

impl RedisStore {
    /// Whether the number was free, or given by this very call before its answer was lost.
    async fn add_once(&self, number: u64, token: &str, body: &str) -> Result<bool, StoreError> {
        let key = self.keys.releases();
        let value = format!("{token} {body}");
        let mut pipeline = ::redis::pipe();
        let add = pipeline.cmd("HSETNX").arg(&key).arg(number);
        add.arg(&value).ignore();
        pipeline.cmd("HGET").arg(&key).arg(number);
        let (found,): (String,) = self.link.send(ADDING, &pipeline).await?;
        Ok(found == value)
    }
}

fn decode_number(field: &str) -> Result<u64, StoreError> {
    let number = field.parse();
    number.map_err(|error: std::num::ParseIntError| corrupt("a decision's number", error))
}

/// What stands behind the token; where there is none, the reading of it says what is wrong.
fn body_of(value: &str) -> &str {
    value.split_once(' ').map_or(value, |(_, body)| body)
}
