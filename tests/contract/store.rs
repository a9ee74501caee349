//! What every [`Store`] promises. An implementation runs the suite by naming a function that
//! sets up a fresh store: `store_contract!(setup)`, and `durable_store_contract!(setup)` where
//! the store outlives its process.
#![expect(
    clippy::expect_used,
    reason = "a contract speaks by failing, at the line of the promise that is broken"
)]

mod crowd;
mod deliveries;
mod inbox;
mod restart;
mod sample;
mod sessions;

use std::{sync::Arc, time::Duration};

use consultant_core::ports::{Clock, Store};
use consultant_store::StoreSettings;
use secrecy::SecretString;

use crate::contract::clock::FrozenClock;

pub use crowd::*;
pub use deliveries::*;
pub use inbox::*;
pub use restart::*;
pub use sample::*;
pub use sessions::*;

/// How long sessions live in the suite.
pub const SESSION_TIMEOUT: Duration = Duration::from_hours(1);

/// The retention of keys in the suite: the shortest that the port allows.
pub const RETENTION: Duration = Duration::from_hours(48);

/// A store with all that a case needs to try it.
pub struct Setup {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Its clock.
    pub clock: Arc<FrozenClock>,
    url: SecretString,
    settings: StoreSettings,
    /// What must live as long as the store: its folder, its server.
    keep: Box<dyn Send + Sync>,
}

impl Setup {
    /// Opens the store that a URL names, with the suite's settings under a key prefix.
    pub async fn open(url: &str, prefix: &str, keep: impl Send + Sync + 'static) -> Self {
        let clock = Arc::new(FrozenClock::default());
        let url = SecretString::from(url);
        let settings = StoreSettings {
            session_timeout: SESSION_TIMEOUT,
            key_retention: RETENTION,
            key_prefix: prefix.to_owned(),
            ..StoreSettings::default()
        };
        Self {
            store: connect(&url, &settings, &clock).await,
            clock,
            url,
            settings,
            keep: Box::new(keep),
        }
    }

    /// Keeps a value for as long as this.
    #[must_use]
    pub fn keeping(mut self, value: impl Send + Sync + 'static) -> Self {
        self.keep = Box::new((self.keep, value));
        self
    }

    /// A second store over the same data, as another process would have it.
    pub async fn another(&self) -> Arc<dyn Store> {
        connect(&self.url, &self.settings, &self.clock).await
    }

    /// Leaves the store and opens it again, as a restart does.
    pub async fn reopen(&mut self) {
        self.store = self.another().await;
    }
}

async fn connect(
    url: &SecretString,
    settings: &StoreSettings,
    clock: &Arc<FrozenClock>,
) -> Arc<dyn Store> {
    let clock: Arc<dyn Clock> = Arc::<FrozenClock>::clone(clock);
    consultant_store::open(url, settings.clone(), clock)
        .await
        .expect("the store opens")
}

/// Makes a test of every case that any store must pass. `$setup` is an async function that
/// returns a [`Setup`].
#[macro_export]
macro_rules! store_contract {
    ($setup:path) => {
        $crate::contract_cases! { $setup;
            an_unknown_conversation_is_empty_at_version_zero
            a_session_is_overwritten_and_its_version_rises
            keeping_a_session_raises_its_version
            a_stale_version_conflicts_and_changes_nothing
            of_two_writers_one_wins
            a_session_expires_by_the_clock_and_its_version_stays
            each_put_renews_the_session
            keeping_a_session_does_not_renew_it
            a_forgotten_session_is_gone_and_its_version_stays
            a_newer_format_is_refused_and_stays
            any_text_comes_back_as_it_was
            a_large_session_comes_back_whole
            an_inbound_is_new_once
            an_answered_inbound_is_a_duplicate_until_the_retention_ends
            an_unanswered_inbound_is_a_duplicate_for_ever
            a_key_is_a_duplicate_at_any_address
            one_address_is_one_conversation_and_order_rises
            answering_takes_inbounds_out_of_the_backlog
            a_commit_cannot_answer_for_another_conversation
            the_backlog_is_in_order
            replacing_an_entry_keeps_what_is_shown
            ended_entries_leave_the_backlog
            parts_are_shown_in_order_and_edited_in_place
            an_unknown_entry_cannot_be_recorded
            a_stray_entry_is_refused_and_changes_nothing
            the_ledger_is_in_order_and_apart_per_conversation
            one_key_from_many_tasks_is_new_once
            a_new_address_from_many_tasks_is_one_conversation
            fifty_conversations_at_once_do_not_mix
            many_turns_of_one_conversation_never_overwrite_each_other
        }
    };
}

/// Makes a test of every case that a store which outlives its process must pass.
#[macro_export]
macro_rules! durable_store_contract {
    ($setup:path) => {
        $crate::contract_cases! { $setup;
            a_restart_keeps_everything
            a_duplicate_is_known_after_a_restart
            two_processes_cannot_overwrite_each_other
        }
    };
}

/// One test a case.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_cases {
    ($setup:path; $($case:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                $crate::contract::store::$case($setup().await).await;
            }
        )*
    };
}
