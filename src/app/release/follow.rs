//! Follows what is decided elsewhere: a manager's command is another process.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::Served;
use crate::log;

/// How often the store is asked.
const EVERY: Duration = Duration::from_secs(1);

/// Works until `stop`. While the store cannot be read, what served goes on serving.
pub(super) async fn follow(served: Arc<Served>, stop: CancellationToken) {
    let mut failing = false;
    while stop
        .run_until_cancelled(tokio::time::sleep(EVERY))
        .await
        .is_some()
    {
        let decided = served.follow().await;
        match &decided {
            Ok(events) => events.iter().for_each(log::decided),
            Err(error) if !failing => log::decisions_unread(error),
            Err(_) => {}
        }
        failing = decided.is_err();
    }
}
