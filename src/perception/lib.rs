//! Small models on candle: the sentence encoder.
//!
//! Local files only: nothing here opens a connection. [`SentenceEncoder`] reads a folder in Hugging
//! Face form and implements core's [`Encoder`].
//!
//! [`Encoder`]: consultant_core::ports::Encoder

mod encoder;
mod error;

pub use encoder::SentenceEncoder;
pub use error::PerceptionError;
