//! `consultant customer erase`: forgets conversations for ever, also such as cannot be read. Versions
//! of the playbook and the decisions about them stay: they are the company's, and name no customer.

use std::{collections::BTreeSet, process::ExitCode};

use consultant_core::{
    Address, ConversationId,
    ports::{MediaStore, StoreError, WholeStore},
};
use consultant_store::MediaFolder;
use serde::Serialize;

use super::{all, nothing_of, unreadable, words};
use crate::{
    failure::{Failure, because},
    output,
};

/// What is to be forgotten.
#[derive(Serialize)]
pub(super) struct Found {
    conversation: ConversationId,
    addresses: Vec<Address>,
    /// `None` where the conversation cannot be read.
    ledger_events: Option<usize>,
}

/// What was forgotten.
#[derive(Serialize)]
struct Done<'a> {
    erased: &'a [Found],
    files: usize,
    bookmarks: usize,
}

pub(super) async fn look(
    store: &dyn WholeStore,
    ids: &[ConversationId],
) -> Result<Vec<Found>, Failure> {
    let mut found = Vec::new();
    for id in ids {
        let ledger_events = match store.export(*id).await {
            Ok(Some(record)) => Some(record.ledger.len()),
            Ok(None) => return Err(nothing_of(id)),
            Err(StoreError::Corrupt { .. }) => None,
            Err(error) => return Err(unreadable(error)),
        };
        found.push(Found {
            conversation: *id,
            addresses: store.addresses(*id).await.map_err(unreadable)?,
            ledger_events,
        });
    }
    Ok(found)
}

pub(super) fn ask_first(found: &[Found]) -> Failure {
    let what: Vec<String> = found.iter().map(Found::words).collect();
    Failure::usage(
        format!("this would forget {}, for ever", what.join(" and ")),
        "add --yes to do it; `consultant customer export` shows what it is first",
    )
}

impl Found {
    fn words(&self) -> String {
        let places: Vec<String> = self.addresses.iter().map(Address::to_string).collect();
        let events = self.ledger_events;
        let events = events.map_or("what cannot be read".to_owned(), |events| {
            format!("{events} ledger events")
        });
        let (id, places) = (self.conversation, places.join(", "));
        format!("conversation {id} at {places} with {events}")
    }
}

/// Files first: if the process ends in between, the conversation still names what is to be erased.
pub(super) async fn run(
    (store, files): (&dyn WholeStore, &MediaFolder),
    found: &[Found],
    json: bool,
) -> Result<ExitCode, Failure> {
    let mut erased = 0;
    for address in found.iter().flat_map(|it| &it.addresses) {
        let gone = files.erase(address).await;
        erased += gone.map_err(|error| because("files", &error, "run it again"))?;
    }
    let bookmarks = forget_bookmarks(store, found).await?;
    for it in found {
        store.erase(it.conversation).await.map_err(unreadable)?;
    }
    let what: Vec<String> = found.iter().map(Found::words).collect();
    let words = format!("erased: {}, and {erased} files\n", what.join(" and "));
    let done = Done {
        erased: found,
        files: erased,
        bookmarks,
    };
    output::tell(json, &done, &words);
    Ok(ExitCode::SUCCESS)
}

/// Forgets how far a channel has read in a place where nobody else's conversation takes place. A
/// bookmark ends in the name of its place; one that also names a place of others is theirs too.
async fn forget_bookmarks(store: &dyn WholeStore, found: &[Found]) -> Result<usize, Failure> {
    let addresses = || found.iter().flat_map(|it| &it.addresses);
    let channels: BTreeSet<_> = addresses().map(|it| it.channel).collect();
    let gone: BTreeSet<&str> = addresses().flat_map(|it| words(&it.place)).collect();
    let mut marks = Vec::new();
    for channel in channels {
        let of_channel = store.bookmarks(&format!("{channel}:")).await;
        marks.extend(of_channel.map_err(unreadable)?);
    }
    marks.retain(|(name, _)| gone.contains(tail(name)));
    if marks.is_empty() {
        return Ok(0);
    }
    let others = words_of_others(store, found).await?;
    marks.retain(|(name, value)| {
        let mut named = std::iter::once(tail(name)).chain(words(value));
        !named.any(|word| others.contains(word))
    });
    for (name, _) in &marks {
        store.forget_bookmark(name).await.map_err(unreadable)?;
    }
    Ok(marks.len())
}

fn tail(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or_default()
}

async fn words_of_others(
    store: &dyn WholeStore,
    found: &[Found],
) -> Result<BTreeSet<String>, Failure> {
    let mut others = BTreeSet::new();
    for id in all(store).await? {
        if found.iter().all(|it| it.conversation != id) {
            let addresses = store.addresses(id).await.map_err(unreadable)?;
            let named = addresses.iter().flat_map(|it| words(&it.place));
            others.extend(named.map(str::to_owned));
        }
    }
    Ok(others)
}
