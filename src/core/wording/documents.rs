//! What is said around the words of a document.

use crate::Language;

/// A passage of a document, word for word, and where it is from. In a language that has no reviewed
/// texts, the title stands alone.
pub fn quoted(language: Language, title: &str, passage: &str) -> String {
    match language {
        Language::ZH => format!("摘自《{title}》：\n{passage}"),
        Language::EN => format!("From “{title}”:\n{passage}"),
        _ => format!("“{title}”:\n{passage}"),
    }
}
