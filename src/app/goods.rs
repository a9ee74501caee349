//! Goods from elsewhere: laid over the catalogue when it is read, and fetched while the house serves.
//! What cannot be fetched, or is not right, is told, and what was fetched last goes on serving.

mod feed;
mod overlay;
mod source;

pub use feed::{Feed, FeedError, Fetched};
pub use source::{CatalogSource, SourceError};

pub(crate) use overlay::{Laid, lay};
