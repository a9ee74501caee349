//! `consultant customer export`: all that is kept of a customer, to be handed out. Which version of the
//! playbook answered them is in their ledger; its scripts are the company's and stay.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use consultant_core::{
    ConversationId, ConversationRecord, Media,
    ports::{MediaStore, WholeStore},
};
use consultant_store::MediaFolder;

use super::{nothing_of, unreadable};
use crate::{
    commands::store::named,
    failure::{Failure, because},
    output,
};

/// Prints the records, or writes them with their files into a new folder. Exits with 1 if a file
/// that belongs to them is not there.
pub(super) async fn run(
    (store, files): (&dyn WholeStore, &MediaFolder),
    ids: &[ConversationId],
    to: Option<&Path>,
) -> Result<ExitCode, Failure> {
    let mut records = Vec::new();
    for id in ids {
        let record = store.export(*id).await.map_err(unreadable)?;
        records.push(record.ok_or_else(|| nothing_of(id))?);
    }
    let Some(folder) = to else {
        output::print_json(&records);
        return Ok(ExitCode::SUCCESS);
    };
    let failed = |error: &io::Error| {
        let what = format!("the folder {} cannot be written", folder.display());
        because(&what, error, "name one that is not there yet")
    };
    begin(folder, &records).map_err(|error| failed(&error))?;
    let (mut written, mut missing) = (0, 0);
    for record in &records {
        for media in named(record) {
            match content(files, record, media).await {
                Some(content) => {
                    keep(folder, media, &content).map_err(|error| failed(&error))?;
                    written += 1;
                }
                None => missing += 1,
            }
        }
    }
    let lost = match missing {
        0 => String::new(),
        missing => format!("; {missing} files are missing or damaged"),
    };
    output::note(&format!(
        "{} conversations and {written} files in {}{lost}\n",
        records.len(),
        folder.display()
    ));
    Ok(if missing == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The folder is for the operator's eyes only, until it is handed over.
fn begin(folder: &Path, records: &[ConversationRecord]) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    builder.create(folder.join("files"))?;
    let mut json = fs::File::create_new(folder.join("customer.json"))?;
    serde_json::to_writer_pretty(&mut json, records)?;
    json.write_all(b"\n")
}

async fn content(
    files: &MediaFolder,
    record: &ConversationRecord,
    media: &Media,
) -> Option<Vec<u8>> {
    for address in &record.addresses {
        if let Ok(content) = files.read(address, media).await {
            return Some(content);
        }
    }
    None
}

/// Under its hash, by which the JSON names it, with an ending that opens it. What a customer
/// called it never becomes a path.
fn keep(folder: &Path, media: &Media, content: &[u8]) -> io::Result<()> {
    let kind = media.media_type.rsplit('/').next().unwrap_or_default();
    let kind = kind.rsplit('-').next().unwrap_or_default();
    let plain = kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let ending = match kind {
        "" | "stream" => "bin",
        kind if plain => kind,
        _ => "bin",
    };
    let name = format!("{}.{ending}", media.hash);
    fs::write(folder.join("files").join(name), content)
}
