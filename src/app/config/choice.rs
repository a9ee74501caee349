//! Settings that are one word of a closed list.

/// Defines an enum, the word of each variant, and how it is read.
macro_rules! choice {
    (
        $(#[$meta:meta])*
        $vis:vis enum $Name:ident { $( $(#[$variant_meta:meta])* $Variant:ident = $word:literal, )* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
        $vis enum $Name {
            $( $(#[$variant_meta])* #[serde(rename = $word)] $Variant, )*
        }

        impl $Name {
            const ALL: &'static [(&'static str, Self)] = &[$( ($word, Self::$Variant), )*];

            /// The word that stands for it in the configuration.
            pub const fn word(self) -> &'static str {
                match self { $( Self::$Variant => $word, )* }
            }
        }

        impl $crate::config::setting::Setting for $Name {
            fn read(
                raw: $crate::config::setting::Raw<'_>,
            ) -> Result<Self, $crate::config::problem::Wrong> {
                $crate::config::choice::pick(raw.text()?, Self::ALL)
            }
        }
    };
}

pub(super) use choice;

use super::problem::{Wrong, closest, shown_name};

/// The variant of this word, whatever its case.
pub(super) fn pick<T: Copy>(text: &str, all: &[(&str, T)]) -> Result<T, Wrong> {
    if let Some((_, value)) = all.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)) {
        return Ok(*value);
    }
    let words: Vec<&str> = all.iter().map(|(word, _)| *word).collect();
    let hint = match closest(text, words.iter().copied()) {
        Some(word) => format!("did you mean `{word}`? Choose one of: {}", words.join(", ")),
        None => format!("choose one of: {}", words.join(", ")),
    };
    Err(Wrong::new(
        format!("`{}` is not one of the choices", shown_name(text)),
        hint,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[(&str, u8)] = &[("text", 0), ("json", 1)];

    #[test]
    fn a_word_is_found_in_any_case_and_a_typing_error_is_told() {
        assert_eq!(pick("JSON", ALL), Ok(1));
        assert_eq!(
            pick("jsn", ALL).unwrap_err().hint,
            "did you mean `json`? Choose one of: text, json"
        );
        assert_eq!(
            pick("xml", ALL).unwrap_err().hint,
            "choose one of: text, json"
        );
    }
}
