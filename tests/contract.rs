//! One contract suite per port, run by every implementation of it.

pub mod clock;
pub mod store;
