//! `consultant customer erase`: forgets conversations for ever, also such as cannot be read. Versions
//! of the playbook and the decisions about them stay: they are the company's, and name no customer.

use std::process::ExitCode;

use consultant_core::{
    Address, ConversationId,
    ports::{StoreError, WholeStore},
};
use consultant_store::MediaFolder;
use serde::Serialize;

use super::{nothing_of, unreadable};
use crate::{erasure, failure::Failure, output};

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

pub(super) async fn run(
    (store, files): (&dyn WholeStore, &MediaFolder),
    found: &[Found],
    json: bool,
) -> Result<ExitCode, Failure> {
    let ids: Vec<ConversationId> = found.iter().map(|it| it.conversation).collect();
    let forgotten = erasure::forget(store, files, &ids).await;
    let forgotten = forgotten.map_err(unreadable)?;
    let what: Vec<String> = found.iter().map(Found::words).collect();
    let files = forgotten.files;
    let words = format!("erased: {}, and {files} files\n", what.join(" and "));
    let done = Done {
        erased: found,
        files,
        bookmarks: forgotten.bookmarks,
    };
    output::tell(json, &done, &words);
    Ok(ExitCode::SUCCESS)
}
