//! From the text of a file to a checked snapshot, or to everything that is wrong with it.

mod about;
mod audiences;
mod bundles;
mod catalog;
mod desk;
mod discounts;
mod doubts;
mod faq;
mod fields;
mod hours;
mod lacks;
mod names;
mod numbers;
mod placeholder;
mod prices;
mod products;
mod scope;

pub(crate) use about::{AboutDocument, about_document};
pub use catalog::{Category, LoadedCatalog, load_catalog, load_catalog_with_categories};
pub use desk::load_desks;
pub use doubts::doubts_about_faq;
pub(crate) use doubts::priced_otherwise;
pub use faq::load_faq;
pub(crate) use hours::WEEKDAYS;
pub(crate) use lacks::doubts_about_catalog;
pub(crate) use placeholder::fill;
pub(crate) use products::ONLY_VARIANT;

use sha2::{Digest, Sha256};

/// SHA-256 over a value's JSON: fields in their declared order and maps sorted, so the same
/// content has the same hash whatever the file's layout.
pub(crate) fn content_hash(value: &impl serde::Serialize) -> String {
    use std::fmt::Write;
    let bytes = serde_json::to_vec(value).unwrap_or_default();
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String cannot fail.
            write!(text, "{byte:02x}").ok();
            text
        })
}

#[cfg(test)]
mod tests;
