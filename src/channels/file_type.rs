//! Whether a customer's file is what it claims to be, for every channel: judged by its first
//! bytes, for a name and a type are only claims.

use consultant_core::FileKind;
use infer::MatcherType;

/// Whether the first bytes fit what the file claims to be. A plain file may be anything but a
/// program, which nobody who opens it for a customer should meet.
pub(crate) fn is_what_it_claims(what: FileKind, bytes: &[u8]) -> bool {
    let found = infer::get(bytes);
    let kind = found.map(|kind| kind.matcher_type());
    match what {
        FileKind::Picture => kind == Some(MatcherType::Image),
        // Sound alone may lie in a container for films (mp4, webm).
        FileKind::Voice => matches!(kind, Some(MatcherType::Audio | MatcherType::Video)),
        FileKind::Video => {
            // Telegram calls a GIF an animation, which is a film to us.
            kind == Some(MatcherType::Video)
                || found.is_some_and(|kind| kind.mime_type() == "image/gif")
        }
        FileKind::File => kind != Some(MatcherType::App),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(what: FileKind, bytes: &[u8], expect: bool) {
        assert_eq!(is_what_it_claims(what, bytes), expect, "{what:?}");
    }

    #[test]
    fn a_file_is_judged_by_its_bytes() {
        const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 0, 16];
        const OGG: &[u8] = b"OggS\0\x02";
        const PROGRAM: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        check(FileKind::Picture, JPEG, true);
        check(FileKind::Picture, OGG, false);
        check(FileKind::Voice, OGG, true);
        check(FileKind::Voice, JPEG, false);
        check(FileKind::Video, b"GIF89a", true);
        check(FileKind::Video, OGG, false);
        check(FileKind::File, JPEG, true);
        check(FileKind::File, b"just words", true);
        check(FileKind::File, PROGRAM, false);
        check(FileKind::File, b"MZ\x90\0\x03\0\0\0", false);
        check(FileKind::Picture, b"", false);
    }
}
