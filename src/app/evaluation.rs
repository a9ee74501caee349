//! Measurements of the whole consultant, as anyone can run them: `consultant eval`.

mod latency;
mod page;

pub mod intent;
pub mod retrieval;
pub mod truth;
