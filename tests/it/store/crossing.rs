//! A conversation that moves from store to store arrives as it left.

use consultant_tests::{
    contract::store::{Setup, exported},
    redis::{RedisServer, fresh_prefix},
};

#[tokio::test]
async fn a_conversation_crosses_from_sqlite_to_redis_to_memory_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", folder.path().join("a.db").display());
    let server = RedisServer::shared();
    let sqlite = Setup::open(&file, "unused", ()).await;
    let redis = Setup::open(&server.url(), &fresh_prefix(), ()).await;
    let memory = Setup::open("memory:", "unused", ()).await;

    let ann = sqlite.a_full_conversation().await;
    let record = exported(sqlite.store.as_ref(), ann).await;
    let mut carried = record.clone();
    sqlite.store.erase(ann).await.unwrap();
    for station in [&redis, &memory, &sqlite] {
        station.store.import(carried).await.unwrap();
        carried = exported(station.store.as_ref(), ann).await;
        assert_eq!(carried, record);
    }
    assert_eq!(memory.backlog().await, redis.backlog().await);
}
