//! Versions of the playbook: published, tried on some customers, taken back.
//!
//! What was ever decided lies in the store ([`ReleaseLog`]), which `consultant playbook` adds to
//! and every serving process follows. Nothing here is in a turn's way: a turn takes what [`Served`]
//! holds at that moment, and a new version is compiled before it is put there.
//!
//! Start at [`publish`], the way of a script to customers; [`served`] is what the engine asks;
//! [`Watcher`] looks at the files of a running company.
//!
//! [`ReleaseLog`]: consultant_core::ports::ReleaseLog

mod changes;
mod decide;
mod facts;
mod follow;
mod named;
mod proof;
mod publish;
mod served;
mod start;
mod told;
mod watch;

pub use decide::{Decisions, Undecided, releases};
pub use facts::{FactsLook, FactsWatcher, FreshFacts};
pub use named::{Named, resolve};
pub use proof::{Proven, prove};
pub use publish::{Refusal, Share, Wish, publish};
pub use served::Served;
pub use start::open;
pub use told::{spoke, told};
pub use watch::{Following, Watcher};
