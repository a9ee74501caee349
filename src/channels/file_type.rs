//! Whether a customer's file is what it claims to be, for every channel: judged by its first
//! bytes, for a name and a type are only claims.

use consultant_core::FileKind;
use infer::MatcherType;

/// Whether the first bytes fit what the file claims to be. A plain file may be anything but a
/// program, which nobody who opens it for a customer should meet.
pub(crate) fn is_what_it_claims(what: FileKind, bytes: &[u8]) -> bool {
    let found = infer::get(bytes);
    let kind = found
        .map(|kind| kind.matcher_type())
        .or_else(|| unknown_to_infer(bytes));
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

/// Sound and films of telephones, which [`infer`] does not tell: MP3 without tags beyond the most
/// usual kind, and 3GP.
fn unknown_to_infer(bytes: &[u8]) -> Option<MatcherType> {
    if is_mp3_frame(bytes) {
        Some(MatcherType::Audio)
    } else if is_3gp(bytes) {
        Some(MatcherType::Video)
    } else {
        None
    }
}

/// A frame's header in MPEG-1, 2 or 2.5, layer III (ISO/IEC 11172-3, 2.4.2.3; 13818-3): 11 bits of
/// synchronisation, version, layer, whether a checksum follows; then a bit rate and a sampling rate
/// that exist. The values that no standard defines tell it from other bytes.
fn is_mp3_frame(bytes: &[u8]) -> bool {
    let &[0xff, kind, rates, ..] = bytes else {
        return false;
    };
    let is_sync = kind & 0b1110_0000 == 0b1110_0000;
    let has_version = kind & 0b0001_1000 != 0b0000_1000;
    let is_layer_three = kind & 0b0000_0110 == 0b0000_0010;
    let has_bit_rate = rates & 0b1111_0000 != 0b1111_0000;
    let has_sampling_rate = rates & 0b0000_1100 != 0b0000_1100;
    is_sync && has_version && is_layer_three && has_bit_rate && has_sampling_rate
}

/// The file type box of a 3GPP or 3GPP2 file (3GPP TS 26.244, 5.3; 3GPP2 C.S0050): its brands are
/// `3gp4` to `3gp9`, `3ge6`, `3gg6`, `3gr6`, `3gs6`, `3g2a` to `3g2c` and the like.
fn is_3gp(bytes: &[u8]) -> bool {
    bytes.get(4..10).is_some_and(|brand| brand == b"ftyp3g")
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

    #[test]
    fn mp3_of_every_version_is_sound_without_tags_too() {
        for kind in [0xfb, 0xfa, 0xf3, 0xf2, 0xe3, 0xe2] {
            check(FileKind::Voice, &[0xff, kind, 0x90, 0x64], true);
            check(FileKind::Video, &[0xff, kind, 0x90, 0x64], false);
        }
        check(FileKind::Voice, b"ID3\x04\0\0\0\0\0\0", true);
        // A reserved version, bit rate or sampling rate, other layers, and text in UTF-16.
        for (kind, rates) in [
            (0xeb, 0x90),
            (0xf3, 0xf0),
            (0xf3, 0x9c),
            (0xf5, 0x90),
            (0xf7, 0x90),
            (0xd3, 0x90),
            (0xfe, b'h'),
        ] {
            check(FileKind::Voice, &[0xff, kind, rates, 0], false);
        }
        check(FileKind::Voice, &[0xff, 0xf3], false);
    }

    #[test]
    fn films_and_voices_of_old_telephones_are_what_they_claim() {
        for brand in [b"3gp4", b"3gp5", b"3gp6", b"3gs7", b"3g2a", b"3g2b"] {
            let file = [&b"\0\0\0\x18ftyp"[..], brand, b"\0\0\x02\0isom"].concat();
            check(FileKind::Video, &file, true);
            check(FileKind::Voice, &file, true);
            check(FileKind::Picture, &file, false);
        }
        check(FileKind::Video, b"\0\0\0\x18ftypxxxx\0\0\0\0", false);
        check(FileKind::Video, b"3gp5 is a brand", false);
    }
}
