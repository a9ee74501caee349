//! Vectors of texts that are encoded again and again, kept in a SQLite file so that a start does
//! not have to compute them anew. What is lost here is only time.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use sha2::{Digest, Sha256};

/// With more vectors than these in the file, all are forgotten before others are kept: nothing tells
/// which of them are still of use.
const MOST: i64 = 1_000_000;

/// How long another process may hold the file.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

/// A file of vectors.
#[derive(Debug)]
pub struct VectorFile(Connection);

/// The file cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the file of vectors: {0}")]
pub struct VectorFileError(#[from] rusqlite::Error);

impl VectorFile {
    /// Opens the file, and makes it where it is missing.
    pub fn open(file: &Path) -> Result<Self, VectorFileError> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, numbers BLOB NOT NULL)",
        )?;
        Ok(Self(connection))
    }

    /// The vector of a text, as this encoder made it; `None` where that is not known.
    pub fn get(&self, encoder: &str, text: &str) -> Result<Option<Vec<f32>>, VectorFileError> {
        let mut read = self
            .0
            .prepare_cached("SELECT numbers FROM vector WHERE key = ?1")?;
        let numbers: Option<Vec<u8>> = read
            .query_row([key(encoder, text)], |row| row.get(0))
            .optional()?;
        Ok(numbers.map(|bytes| {
            bytes
                .as_chunks()
                .0
                .iter()
                .map(|it| f32::from_le_bytes(*it))
                .collect()
        }))
    }

    /// Keeps the vectors of texts.
    pub fn put<'a>(
        &mut self,
        encoder: &str,
        vectors: impl IntoIterator<Item = (&'a str, &'a [f32])>,
    ) -> Result<(), VectorFileError> {
        let step = self
            .0
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let kept: i64 = step.query_row("SELECT count(*) FROM vector", [], |row| row.get(0))?;
        if kept > MOST {
            step.execute("DELETE FROM vector", [])?;
        }
        for (text, vector) in vectors {
            let numbers: Vec<u8> = vector.iter().flat_map(|it| it.to_le_bytes()).collect();
            step.prepare_cached("INSERT OR REPLACE INTO vector VALUES (?1, ?2)")?
                .execute(params![key(encoder, text), numbers])?;
        }
        Ok(step.commit()?)
    }
}

/// Tells a text of an encoder from all others, and does not tell the text.
fn key(encoder: &str, text: &str) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(encoder.as_bytes());
    hash.update([0]);
    hash.update(text.as_bytes());
    hash.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_is_found_again_for_its_text_and_its_encoder_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vectors.sqlite");
        let (one, other) = ([0.5, -1.25], [3.0]);
        {
            let mut file = VectorFile::open(&path).unwrap();
            let both = [("one", &one[..]), ("other", &other[..])];
            file.put("mini", both).unwrap();
        }
        let file = VectorFile::open(&path).unwrap();
        let get = |encoder, text| file.get(encoder, text).unwrap();
        assert_eq!(get("mini", "one"), Some(one.to_vec()));
        assert_eq!(get("mini", "other"), Some(other.to_vec()));
        assert_eq!(get("maxi", "one"), None);
        assert_eq!(get("mini", "two"), None);
    }

    #[test]
    fn what_is_no_file_of_vectors_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vectors.sqlite");
        std::fs::write(
            &path,
            "no database at all, and long enough to be read as one",
        )
        .unwrap();
        assert!(VectorFile::open(&path).is_err());
    }
}
