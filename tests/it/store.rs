//! The three stores: the contract over each, and what is each one's own.
mod memory {
    //! The store of tests.

    use consultant_tests::contract::store::Setup;

    async fn setup() -> Setup {
        Setup::open("memory:", "unused", ()).await
    }

    consultant_tests::store_contract!(setup);
}

mod commands;
mod crossing;
mod model;
mod redis;
mod redis_upgrade;
mod sqlite;
