//! Measurements of the whole consultant, as anyone can run them: `consultant eval`.

pub mod intent;
pub mod truth;
