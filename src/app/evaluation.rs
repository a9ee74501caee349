//! Measurements of the whole consultant, as anyone can run them: `consultant eval`.

mod page;

pub mod intent;
pub mod truth;
