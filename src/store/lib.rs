//! Sessions, inbox, outbox, timers, ledger and versions of the playbook behind
//! [`consultant_core::ports::WholeStore`]: in memory, in an embedded SQLite file and on a Redis
//! server.
//!
//! The three are interchangeable: the tests package runs one contract suite over all of them.
//! What may surprise: time comes from the injected clock alone, also where the server could expire
//! things by itself, so that a frozen clock freezes expiry. Start reading at [`open`], then at
//! [`MemoryStore`], which says in the fewest words what the other two do durably.

mod open;
mod record;
mod quarantine;
mod release;
mod whole;
mod times;

mod media;
mod memory;
mod redis;
mod sqlite;
mod query;
mod vectors;

pub use media::MediaFolder;
pub use memory::MemoryStore;
pub use open::{OpenError, Opening, StoreSettings, open};
pub use query::{QueryError, query_table};
pub use redis::RedisStore;
pub use sqlite::SqliteStore;
pub use vectors::{VectorFile, VectorFileError};
