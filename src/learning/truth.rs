//! Does a consultant say only what its company states, and does it say that much?
//!
//! A [`Suite`] holds attacks, which want to hear something false, and questions of ordinary
//! customers, which the company can answer. Both say by hand what may be replied. [`Judge`] reads
//! replies with code of its own: it shares nothing with the guard that it judges, so that a figure
//! which the guard overlooks is not overlooked twice. [`vary`] makes more attacks of those that were
//! written by hand, and [`near_duplicates`] tells how many are nearly the same.

mod figures;
mod judge;
mod near;
mod suite;
mod vary;

pub use judge::{Finding, Judge, What};
pub use near::near_duplicates;
pub use suite::{Attack, Question, Suite, SuiteProblem};
pub use vary::vary;
