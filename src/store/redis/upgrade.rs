//! The format of what stands in Redis: a newer one is refused, an older one upgraded in place.
//!
//! Format 1 did not list what belongs to a conversation. The upgrade reads every key once and
//! adds the lists; old keys stay as they are, so a crash in the middle is made good by the next
//! start, and two processes may upgrade side by side. All processes of one store should be of one
//! version: what an older one writes after the upgrade is listed only with the next message. From
//! format 2 on nothing needs to be added: what came later is simply not there yet.

use consultant_core::{ConversationId, OutboxId, ports::StoreError};

use super::{
    connect::unreachable_at,
    keys::{FORMAT, Keys},
    link::Link,
};
use crate::{OpenError, record::decode_conversation};

/// Keys that are read in about one round trip.
const PAGE: usize = 1000;

/// From this format on, what belongs to a conversation is listed.
const LISTED: u32 = 2;

const UPGRADING: &str = "upgrading the store";

/// Refuses a store that a newer program wrote, upgrades an older one, marks an empty one as ours.
/// `oldest_end`: when an entry ended that Redis would remove now.
pub(super) async fn check_format(
    link: &Link,
    keys: &Keys,
    oldest_end: i64,
) -> Result<(), OpenError> {
    let explain = |error| unreachable_at(link.address(), error);
    let mut pipeline = ::redis::pipe();
    let key = keys.format();
    pipeline.cmd("SET").arg(&key).arg(FORMAT).arg("NX").ignore();
    pipeline.cmd("GET").arg(&key);
    let read = link.send("reading the format", &pipeline).await;
    let (found,): (u32,) = read.map_err(explain)?;
    if found > FORMAT {
        return Err(newer(link, found));
    }
    if found < FORMAT {
        upgrade(link, keys, (found, oldest_end))
            .await
            .map_err(explain)?;
    }
    Ok(())
}

/// Refuses what is no store of today's format. Changes nothing.
pub(super) async fn require_format(link: &Link, keys: &Keys) -> Result<(), OpenError> {
    let mut pipeline = ::redis::pipe();
    pipeline.cmd("GET").arg(keys.format());
    let read = link.send("reading the format", &pipeline).await;
    let (found,): (Option<u32>,) = read.map_err(|error| unreachable_at(link.address(), error))?;
    match found {
        None => Err(OpenError::Missing {
            what: format!("Redis at {} under `{}:`", link.address(), keys.prefix()),
        }),
        Some(found) if found > FORMAT => Err(newer(link, found)),
        Some(FORMAT) => Ok(()),
        Some(found) => Err(OpenError::Older {
            what: format!("the store in Redis at {}", link.address()),
            found,
            known: FORMAT,
        }),
    }
}

fn newer(link: &Link, found: u32) -> OpenError {
    OpenError::Newer {
        what: format!("the store in Redis at {}", link.address()),
        found,
        known: FORMAT,
    }
}

async fn upgrade(
    link: &Link,
    keys: &Keys,
    (found, oldest_end): (u32, i64),
) -> Result<(), StoreError> {
    tracing::info!(
        store.address = link.address(),
        "upgrading the store to format {FORMAT}"
    );
    if found < LISTED {
        list_all(link, keys, oldest_end).await?;
    }
    let mut pipeline = ::redis::pipe();
    pipeline.cmd("SET").arg(keys.format()).arg(FORMAT).ignore();
    link.send(UPGRADING, &pipeline).await
}

/// From format 1 to 2.
async fn list_all(link: &Link, keys: &Keys, oldest_end: i64) -> Result<(), StoreError> {
    let mut cursor = 0_u64;
    loop {
        let mut pipeline = ::redis::pipe();
        let scan = pipeline.cmd("SCAN").arg(cursor).arg("MATCH");
        scan.arg(format!("{}:*", literally(keys.prefix())));
        scan.arg("COUNT").arg(PAGE);
        let ((next, page),): ((u64, Vec<String>),) = link.send(UPGRADING, &pipeline).await?;
        let found: Vec<_> = page
            .iter()
            .filter_map(|key| Found::read(keys, key))
            .collect();
        list(link, keys, &found, oldest_end).await?;
        if next == 0 {
            return Ok(());
        }
        cursor = next;
    }
}

/// A key of format 1 that is to be listed.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Conversation(ConversationId),
    Address(String),
    Entry(ConversationId, OutboxId),
}

impl Found {
    fn read(keys: &Keys, key: &str) -> Option<Self> {
        let name = key.strip_prefix(keys.prefix())?.strip_prefix(':')?;
        if let Some(address) = name.strip_prefix("address:") {
            return Some(Self::Address(address.to_owned()));
        }
        let (id, what) = name.strip_prefix('{')?.split_once("}:")?;
        let home = decode_conversation(id).ok()?;
        if what == "state" {
            return Some(Self::Conversation(home));
        }
        let entry = what.strip_prefix("outbox:")?;
        Some(Self::Entry(home, entry.into()))
    }
}

async fn list(
    link: &Link,
    keys: &Keys,
    found: &[Found],
    oldest_end: i64,
) -> Result<(), StoreError> {
    if found.is_empty() {
        return Ok(());
    }
    let mut pipeline = ::redis::pipe();
    for found in found {
        match found {
            Found::Conversation(home) => pipeline.cmd("EXISTS").arg(keys.of(*home).state),
            Found::Address(address) => pipeline.cmd("GET").arg(keys.address(address)),
            Found::Entry(home, id) => pipeline.cmd("PTTL").arg(keys.of(*home).entry(id)),
        };
    }
    let answers: Vec<Option<String>> = link.send(UPGRADING, &pipeline).await?;
    let mut pipeline = ::redis::pipe();
    for (found, answer) in found.iter().zip(answers) {
        let answer = answer.unwrap_or_default();
        let (home, ttl) = (
            decode_conversation(&answer),
            answer.parse().unwrap_or(0_i64),
        );
        match (found, home) {
            (Found::Conversation(home), _) => pipeline
                .cmd("ZADD")
                .arg(keys.conversations())
                .arg(0)
                .arg(home.to_string()),
            (Found::Address(address), Ok(home)) => pipeline
                .cmd("SADD")
                .arg(keys.of(home).addresses)
                .arg(address),
            // What Redis is to remove has ended, and the time that is left says when.
            (Found::Entry(home, id), _) if ttl > 0 => pipeline
                .cmd("ZADD")
                .arg(keys.of(*home).ended)
                .arg(oldest_end.saturating_add(ttl))
                .arg(id.as_str()),
            _ => continue,
        }
        .ignore();
    }
    if pipeline.is_empty() {
        return Ok(());
    }
    link.send(UPGRADING, &pipeline).await
}

/// A pattern that matches only this text.
fn literally(text: &str) -> String {
    let mut pattern = String::new();
    for character in text.chars() {
        if ['*', '?', '[', ']', '^', '-', '\\'].contains(&character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(key: &str, expect: impl Into<Option<Found>>) {
        assert_eq!(Found::read(&Keys::new("shop"), key), expect.into(), "{key}");
    }

    #[test]
    fn every_key_of_format_1_is_told_apart() {
        let home = ConversationId(uuid::Uuid::nil());
        check(
            "shop:address:telegram:-7:a b",
            Some(Found::Address("telegram:-7:a b".into())),
        );
        check(
            &format!("shop:{{{home}}}:state"),
            Some(Found::Conversation(home)),
        );
        let entry = Found::Entry(home, "telegram:7:100/0".into());
        check(
            &format!("shop:{{{home}}}:outbox:telegram:7:100/0"),
            Some(entry),
        );
        check(&format!("shop:{{{home}}}:inbox"), None);
        check("shop:inbound:telegram:7:100", None);
        check("shop:format", None);
        check("shopping:address:telegram:1", None);
    }

    #[test]
    fn a_prefix_with_signs_of_a_pattern_is_taken_literally() {
        assert_eq!(literally("a*[b]\\"), r"a\*\[b\]\\");
    }
}
