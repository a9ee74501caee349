//! The reference for programs: editors, search, whatever else shows it.

use serde::Serialize;

use super::{Entry, Kind, SECTIONS, Section, signature::Signature};

/// The form of what follows; goes up when a reader would have to change.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Data {
    version: u32,
    sections: Vec<SectionData>,
}

#[derive(Serialize)]
struct SectionData {
    title: &'static str,
    intro: &'static str,
    entries: Vec<EntryData>,
}

#[derive(Serialize)]
struct EntryData {
    name: &'static str,
    kind: Kind,
    on: Option<&'static str>,
    signatures: Vec<Signature>,
    what: &'static str,
    errors: &'static [&'static str],
    example: &'static str,
}

/// The whole reference, to be serialised.
pub fn data() -> impl Serialize {
    Data {
        version: VERSION,
        sections: SECTIONS.iter().map(SectionData::of).collect(),
    }
}

impl SectionData {
    fn of(section: &Section) -> Self {
        Self {
            title: section.title,
            intro: section.intro,
            entries: section.entries.iter().map(EntryData::of).collect(),
        }
    }
}

impl EntryData {
    fn of(entry: &Entry) -> Self {
        let signatures = entry.signatures.iter();
        Self {
            name: entry.name(),
            kind: entry.kind,
            on: entry.on,
            signatures: signatures.map(|it| Signature::read(it)).collect(),
            what: entry.what,
            errors: entry.errors,
            example: entry.example,
        }
    }
}
