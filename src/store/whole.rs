//! Whole conversations on their way out of a store and into another one: what a record must
//! fulfil before it is written, and the one order in which every store hands it out, so that two
//! stores with the same content hand out the same record.

use std::{collections::BTreeSet, fmt};

use consultant_core::{
    ConversationRecord, InboundKey, RECORD_FORMAT,
    ports::{DeadLetter, StoreError},
};

use crate::record::{
    check_entries, check_format, check_timers, corrupt, newer_format, refuse_stray,
};

/// Refuses a record that this build cannot read, or whose parts do not belong together.
pub(crate) fn check_record(record: &ConversationRecord) -> Result<(), StoreError> {
    let home = record.conversation;
    let what = format_args!("the record of conversation {home}");
    if record.format > RECORD_FORMAT {
        return Err(newer_format(what, record.format, RECORD_FORMAT));
    }
    if let Some(kept) = &record.session {
        check_format(home, kept.session.format)?;
    }
    check_entries(home, what, record.outbox.iter().map(|kept| &kept.entry))?;
    check_timers(home, what, &record.timers)?;
    let mut letters = record.dead_letters.iter().map(|letter| &letter.envelope);
    let stray = letters.find(|envelope| envelope.conversation != home);
    let stray = stray.map(|stray| (stray.inbound.key.to_string(), stray.conversation));
    refuse_stray(what, stray)?;
    check_names(what, record)
}

/// Refuses a record that names something twice, or an inbound by two keys.
fn check_names(what: impl fmt::Display, record: &ConversationRecord) -> Result<(), StoreError> {
    let twice = first_twice(&record.addresses)
        .or_else(|| first_twice(record.inbox.iter().map(|kept| &kept.key)))
        .or_else(|| first_twice(record.dead_letters.iter().map(key_of)))
        .or_else(|| first_twice(record.outbox.iter().map(|kept| &kept.entry.id)))
        .or_else(|| first_twice(record.timers.iter().map(|timer| &timer.id)));
    if let Some(name) = twice {
        return Err(corrupt(what, format!("it holds {name} twice")));
    }
    let buried: BTreeSet<_> = record.dead_letters.iter().map(key_of).collect();
    let muddled = record.inbox.iter().find(|kept| {
        let waiting = kept.waiting.as_ref();
        waiting.is_some_and(|it| it.inbound.key != kept.key || buried.contains(&kept.key))
    });
    match muddled {
        None => Ok(()),
        Some(kept) => {
            let reason = format!("inbound {} waits under another key or is buried", kept.key);
            Err(corrupt(what, reason))
        }
    }
}

fn first_twice<T: Ord + fmt::Display>(names: impl IntoIterator<Item = T>) -> Option<String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if let Some(name) = seen.replace(name) {
            return Some(name.to_string());
        }
    }
    None
}

fn key_of(letter: &DeadLetter) -> &InboundKey {
    &letter.envelope.inbound.key
}

/// The record with its parts in the order in which every store hands them out.
pub(crate) fn in_order(mut record: ConversationRecord) -> ConversationRecord {
    record.addresses.sort();
    record
        .inbox
        .sort_by(|a, b| (a.accepted_at, &a.key).cmp(&(b.accepted_at, &b.key)));
    oldest_first(&mut record.dead_letters);
    let place = |kept: &consultant_core::KeptEntry| (kept.entry.sequence, kept.entry.id.clone());
    record.outbox.sort_by_key(place);
    record
        .timers
        .sort_by(|a, b| (a.due, &a.id).cmp(&(b.due, &b.id)));
    record
}

/// Sorts dead letters by their burial.
pub(crate) fn oldest_first(letters: &mut [DeadLetter]) {
    letters.sort_by_key(|letter| {
        let envelope = &letter.envelope;
        (letter.buried_at, envelope.conversation, envelope.sequence)
    });
}

/// The error for an import of what is there.
pub(crate) fn exists(what: &str, name: impl fmt::Display) -> StoreError {
    StoreError::Exists(format!("{what} {name}"))
}
