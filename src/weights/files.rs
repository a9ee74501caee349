//! Plain file work: hashing while copying, and writing so that a crash leaves nothing half.

use std::{
    fs::{self, File},
    io::{self, BufReader, Read, Write},
    path::Path,
};

use sha2::{Digest, Sha256};

use crate::WeightsError;

const BUFFER_BYTES: usize = 1 << 20;

/// What went through a copy.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Copied {
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// Copies a stream, hashing it, and tells after each buffer how many bytes went through.
pub(crate) fn copy_hashed(
    from: &mut dyn Read,
    to: &mut dyn Write,
    told: &mut dyn FnMut(u64),
) -> io::Result<Copied> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut bytes = 0;
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let part = buffer.get(..read).unwrap_or_default();
        hasher.update(part);
        to.write_all(part)?;
        bytes += read as u64;
        told(bytes);
    }
    Ok(Copied {
        bytes,
        sha256: hex(&hasher.finalize()),
    })
}

/// The size and hash of a file.
pub(crate) fn hash_file(path: &Path, told: &mut dyn FnMut(u64)) -> Result<Copied, WeightsError> {
    let file = File::open(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => WeightsError::Missing(path.to_owned()),
        _ => WeightsError::io("cannot open", path, source),
    })?;
    copy_hashed(&mut BufReader::new(file), &mut io::sink(), told)
        .map_err(|source| WeightsError::io("cannot read", path, source))
}

/// Writes a file through a temporary name: it is there whole, or not at all.
pub(crate) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut File) -> Result<(), WeightsError>,
) -> Result<(), WeightsError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.partial"));
    let mut file = File::create(&temporary)
        .map_err(|source| WeightsError::io("cannot create", &temporary, source))?;
    write(&mut file)?;
    file.sync_all()
        .map_err(|source| WeightsError::io("cannot write", &temporary, source))?;
    fs::rename(&temporary, path).map_err(|source| WeightsError::io("cannot name", path, source))
}

/// Writes a small text file whole.
pub(crate) fn write_text(path: &Path, text: &str) -> Result<(), WeightsError> {
    write_whole(path, |file| {
        file.write_all(text.as_bytes())
            .map_err(|source| WeightsError::io("cannot write", path, source))
    })
}

/// Removes a folder with all in it; that there is none is fine.
pub(crate) fn remove_folder(path: &Path) -> Result<(), WeightsError> {
    match fs::remove_dir_all(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(WeightsError::io("cannot remove", path, source))
        }
        _ => Ok(()),
    }
}

/// Creates a folder with its parents.
pub(crate) fn create_folder(path: &Path) -> Result<(), WeightsError> {
    fs::create_dir_all(path).map_err(|source| WeightsError::io("cannot create", path, source))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_counted_and_hashed() {
        let mut to = Vec::new();
        let mut told = 0;
        let copied = copy_hashed(&mut &b"abc"[..], &mut to, &mut |bytes| told = bytes).unwrap();
        assert_eq!(to, b"abc");
        assert_eq!((copied.bytes, told), (3, 3));
        assert_eq!(
            copied.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_text(&path, "old").unwrap();
        let failed = write_whole(&path, |_| Err(WeightsError::gguf("x", &"no")));
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }

    #[test]
    fn removing_what_is_not_there_is_fine() {
        let folder = tempfile::tempdir().unwrap();
        remove_folder(&folder.path().join("none")).unwrap();
    }
}
