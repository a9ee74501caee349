//! The macro that defines a section in one place: its struct, its keys, their documentation and
//! their ranges. The reader, the unknown-key check and `config/example.yaml` all follow from it;
//! only the default values stand elsewhere, in `config/default.yaml`.

use super::reader::Reader;

/// A part of the configuration. The top level is the section with the empty name.
pub(super) trait Section: Sized {
    const INFO: SectionInfo;

    /// Reads every key; each that is wrong becomes a problem, and then there is no section.
    fn read(reader: &mut Reader) -> Option<Self>;
}

/// What is known about a section without reading it.
pub(super) struct SectionInfo {
    pub(super) name: &'static str,
    pub(super) docs: &'static [&'static str],
    pub(super) keys: &'static [KeyInfo],
}

/// What is known about a key without reading it.
pub(super) struct KeyInfo {
    pub(super) name: &'static str,
    pub(super) docs: &'static [&'static str],
    /// As in Rust, for example `1..=4096`.
    pub(super) range: Option<&'static str>,
}

impl SectionInfo {
    /// The key as a path, for example `store.url`; at the top level just the key.
    pub(super) fn path_of(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }
}

/// `section! { /// docs … struct Name = "section" { /// docs … key: Type [range], } }`
macro_rules! section {
    (
        $(#[doc = $doc:literal])*
        $vis:vis struct $Name:ident = $section:literal {
            $( $(#[doc = $key_doc:literal])* $key:ident: $Type:ty $([$range:expr])?, )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, serde::Serialize)]
        $vis struct $Name {
            $( $(#[doc = $key_doc])* pub $key: $Type, )*
        }

        impl $crate::config::schema::Section for $Name {
            const INFO: $crate::config::schema::SectionInfo = $crate::config::schema::SectionInfo {
                name: $section,
                docs: &[$($doc),*],
                keys: &[$( $crate::config::schema::KeyInfo {
                    name: stringify!($key),
                    docs: &[$($key_doc),*],
                    range: $crate::config::schema::range_text!($($range)?),
                }, )*],
            };

            fn read(reader: &mut $crate::config::reader::Reader) -> Option<Self> {
                $( let $key = $crate::config::schema::read_key!(
                    reader, Self::INFO, stringify!($key), $Type $(, $range)?
                ); )*
                Some(Self { $( $key: $key?, )* })
            }
        }
    };
}

macro_rules! range_text {
    () => {
        None
    };
    ($range:expr) => {
        Some(stringify!($range))
    };
}

macro_rules! read_key {
    ($reader:ident, $info:expr, $key:expr, $Type:ty) => {
        $reader.read::<$Type>(&$info.path_of($key))
    };
    ($reader:ident, $info:expr, $key:expr, $Type:ty, $range:expr) => {
        $reader.read_within::<$Type>(&$info.path_of($key), &$range)
    };
}

pub(super) use {range_text, read_key, section};
