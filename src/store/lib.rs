//! Sessions, inbox, outbox and ledger: memory, SQLite and Redis.
