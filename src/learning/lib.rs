//! What conversations teach, and how that is measured. Plain computation: no network, no file, no
//! clock. [`truth`] measures whether a consultant says only what its company states.

pub mod truth;
