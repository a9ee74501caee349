//! Fine-tuning of the sentence encoder on candle.
//!
//! [`BertTrainer`] implements core's [`EncoderTrainer`]: it reads an encoder's folder, learns from
//! texts with their categories, and writes another folder of the same form, which
//! `consultant-perception` loads like any other. The two crates share no code, only that form.
//!
//! Start reading in `course.rs`, which is learning as a whole; `bert.rs` is what is learned, and
//! `ops.rs` how it is computed.
//!
//! [`EncoderTrainer`]: consultant_core::ports::EncoderTrainer

mod trainer;
mod course;
mod batches;
mod classifier;
mod bert;
mod ops;
mod parameters;
mod adamw;
mod base;
mod folder;
mod error;
#[cfg(test)]
mod fixture;

pub use trainer::BertTrainer;
