//! What every [`WholeStore`] promises, with the ports beside it. An implementation runs the suite by naming a function that
//! sets up a fresh store: `store_contract!(setup)`, and `durable_store_contract!(setup)` where
//! the store outlives its process.
#![expect(
    clippy::expect_used,
    reason = "a contract speaks by failing, at the line of the promise that is broken"
)]

mod crowd;
mod dead_letters;
mod deliveries;
mod inbox;
mod places;
mod records;
mod releases;
mod restart;
mod sample;
mod sessions;
mod timers;

use std::{sync::Arc, time::Duration};

use consultant_core::ports::{Clock, WholeStore};
use consultant_store::StoreSettings;
use secrecy::SecretString;

use crate::contract::clock::FrozenClock;

pub use crowd::*;
pub use dead_letters::*;
pub use deliveries::*;
pub use inbox::*;
pub use places::*;
pub use records::*;
pub use releases::*;
pub use restart::*;
pub use sample::*;
pub use sessions::*;
pub use timers::*;

/// How long sessions live in the suite.
pub const SESSION_TIMEOUT: Duration = Duration::from_hours(1);

/// The retention of keys in the suite: the shortest that the port allows.
pub const RETENTION: Duration = Duration::from_hours(48);

/// A store with all that a case needs to try it.
pub struct Setup {
    /// The store.
    pub store: Arc<dyn WholeStore>,
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
    pub async fn another(&self) -> Arc<dyn WholeStore> {
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
) -> Arc<dyn WholeStore> {
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
            a_session_of_the_first_format_is_read_and_goes_on
            a_session_of_the_second_format_is_read_and_goes_on
            a_session_of_the_third_format_is_read_and_goes_on
            any_text_comes_back_as_it_was
            a_large_session_comes_back_whole
            an_inbound_is_new_once
            an_answered_inbound_is_a_duplicate_until_the_retention_ends
            an_unanswered_inbound_is_a_duplicate_for_ever
            a_key_is_a_duplicate_at_any_address
            one_address_is_one_conversation_and_order_rises
            answering_takes_inbounds_out_of_the_backlog
            a_commit_cannot_answer_for_another_conversation
            what_must_wait_refuses_the_whole_commit_once_it_is_answered
            what_somebody_else_answered_refuses_the_whole_commit
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
            failures_are_counted_until_the_inbound_is_answered
            a_buried_inbound_leaves_the_inbox_and_the_customer_is_told
            a_buried_inbound_is_a_duplicate_for_ever
            what_does_not_wait_cannot_be_counted_or_buried
            a_revived_inbound_waits_behind_the_others
            a_revived_inbound_can_be_answered
            a_dropped_letter_is_gone_and_its_key_is_known
            dead_letters_come_oldest_burial_first
            a_timer_fires_once_at_its_time
            a_timer_that_fired_is_an_inbound_like_any_other
            a_timer_moves_and_is_taken_back
            all_timers_are_taken_back_in_their_order
            timers_are_part_of_the_commit
            timers_fire_oldest_first_and_only_so_many
            a_timer_that_fired_does_not_fire_again_when_set_anew
            of_two_firers_one_gets_each_timer
            a_clock_that_jumps_back_or_forward_fires_each_timer_once
            a_clock_that_jumps_back_or_forward_forgets_no_key
            a_moved_place_leads_to_the_same_conversation
            a_place_with_a_conversation_keeps_it_when_another_moves_there
            a_room_leads_to_the_conversation_that_it_was_made_for
            a_room_that_is_gone_leads_nowhere
            entries_are_found_by_name_and_by_what_shows_them_also_once_they_ended
            an_address_leads_to_its_conversation
            a_bookmark_can_be_forgotten
            bookmarks_are_found_by_the_beginning_of_their_name
            a_record_is_the_same_after_it_was_erased_and_imported
            an_imported_conversation_goes_on_where_it_was
            what_is_there_already_refuses_an_import
            a_record_that_does_not_hang_together_is_refused
            an_erased_conversation_leaves_nothing
            who_was_erased_comes_back_as_a_stranger
            conversations_are_listed_in_order_and_by_pages
            a_version_that_was_never_kept_is_none
            a_version_that_is_kept_stays_as_it_was
            scripts_come_back_word_for_word
            decisions_come_in_order_and_only_those_behind_a_number
            a_number_is_given_once
            of_two_who_decide_at_once_one_is_first
            versions_and_decisions_of_a_newer_program_are_not_taken
            erasing_a_customer_leaves_versions_and_decisions
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
            a_restart_keeps_letters_timers_and_bookmarks
            a_timer_fired_by_one_process_is_not_fired_by_another
            two_processes_that_fire_at_once_fire_each_timer_once
            a_restart_keeps_versions_and_decisions
            of_two_processes_that_decide_at_once_one_is_first
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
