//! Fuzz target: a document of any format; see [`document`].
#![no_main]

mod document;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| document::try_document(bytes));
