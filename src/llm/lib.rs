//! The language model on mistral.rs.
//!
//! The only crate that knows mistral.rs. It implements [`LanguageModel`] and nothing else; what
//! surprises stands in `chooser`: tokens are chosen by us, not by the engine's sampler, for the
//! sake of seeds, of scores, and of memory. Nothing is printed; mistral.rs logs through
//! `tracing` under the targets `mistralrs*`. Start reading at [`load()`].

mod settings;

mod load;
mod words;

mod constraint;
mod request;
mod sampling;

mod chooser;
mod engine;
mod reply;

mod baseline;
mod model;

pub use baseline::Baseline;
pub use load::LoadError;
pub use model::{MistralModel, load};
pub use settings::{DeviceChoice, LlmSettings, ModelSource};
