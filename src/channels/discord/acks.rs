//! How slash commands and pressed buttons are acknowledged.
//!
//! Discord waits three seconds for it, and never tells of one a second time. One that is
//! acknowledged and then lost leaves "thinking…" behind for ever, one that is not tells its
//! customer by itself that nothing happened. So the store gets a moment first; where it needs
//! longer, "thinking…" is said before Discord loses patience; and whoever is not heard after all
//! is asked to send it again. Start reading at [`attend`].
//!
//! At a desk nothing is written into a deferred reply, because what comes of a command or a button
//! there is for everybody in the room, so that nothing may be left that still says "thinking…"
//! ([`Shows`]).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use consultant_core::{Language, wording};
use serde_json::{Value, json};
use tokio::{runtime::Handle, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::warn;

use super::{
    api::{Api, ONLY_FOR_ONE},
    reference::Interaction,
    rest::Failure,
};

/// How long the store is waited for. The rest of the three seconds is for Discord's answer, and
/// for a second try.
const STORE_FIRST: Duration = Duration::from_millis(1_500);
/// Discord forgets an interaction that is not acknowledged within three seconds.
const ACKNOWLEDGE_LIMIT: Duration = Duration::from_millis(1_400);
/// How long a stop waits for those who are still to be told.
const LAST_WORDS: Duration = Duration::from_secs(5);
const ALREADY_ACKNOWLEDGED: isize = 40_060;
/// What whoever gave a command at a desk reads when it arrived.
const ARRIVED: &str = "✓";

/// The acknowledgements that are on their way.
#[derive(Debug)]
pub(super) struct Acks {
    open: Mutex<HashMap<u64, Steps>>,
    tasks: TaskTracker,
}

/// What an acknowledgement shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shows {
    /// "Thinking…", until the answer is written there.
    Thinking,
    /// A mark, to whoever gave the command alone.
    Mark,
    /// Nothing.
    Nothing,
}

/// What happened to one interaction so far.
#[derive(Clone, Debug, Default)]
struct Steps {
    stored: CancellationToken,
    /// Nobody holds it any more.
    let_go: CancellationToken,
    /// Discord was told, or could not be.
    acknowledged: CancellationToken,
}

/// An interaction that is not stored yet. Whoever drops it asks the customer to send it again.
#[derive(Debug)]
pub(super) struct Pending(Steps);

impl Pending {
    pub(super) fn is_stored(&self) {
        self.0.stored.cancel();
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.let_go.cancel();
    }
}

impl Acks {
    pub(super) fn new() -> Self {
        Self {
            open: Mutex::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// An interaction came: it is attended to on this runtime until it is stored or lost.
    pub(super) fn open(
        self: &Arc<Self>,
        api: &Arc<Api>,
        (given, locale, shows): (&Interaction, Option<&str>, Shows),
        runtime: &Handle,
    ) -> Pending {
        let steps = Steps::default();
        self.lock().insert(given.id, steps.clone());
        let (acks, api, given) = (Arc::clone(self), Arc::clone(api), given.clone());
        let (pending, sorry) = (Pending(steps.clone()), sorry(locale, shows));
        let attending = async move {
            attend(&api, (&given, shows), &steps, sorry).await;
            steps.acknowledged.cancel();
            acks.lock().remove(&given.id);
        };
        self.tasks.spawn_on(attending, runtime);
        pending
    }

    /// Returns when an answer may be written: before the acknowledgement there is nothing that it
    /// could complete. That there is an answer shows that the question is stored.
    pub(super) async fn wait(&self, interaction: u64) {
        let open = self.lock().get(&interaction).cloned();
        if let Some(steps) = open {
            steps.stored.cancel();
            steps.acknowledged.cancelled().await;
        }
    }

    /// Waits for those who are still to be told, for a while.
    pub(super) async fn finish(&self) {
        self.tasks.close();
        if timeout(LAST_WORDS, self.tasks.wait()).await.is_err() {
            let open = self.tasks.len();
            warn!(
                channel = "discord",
                open, "commands and buttons are left unanswered"
            );
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Steps>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn attend(api: &Api, (given, shows): (&Interaction, Shows), steps: &Steps, sorry: Value) {
    let decided = timeout(STORE_FIRST, is_stored(steps)).await;
    if decided == Ok(false) {
        // It was never acknowledged, so this is its first and last answer.
        return tell(given, &api.answer(given, sorry).await);
    }
    let trying = timeout(ACKNOWLEDGE_LIMIT, acknowledge(api, given, shows)).await;
    steps.acknowledged.cancel();
    warn_unacknowledged(given, trying);
    let is_stored = is_stored(steps).await;
    match shows {
        Shows::Mark if is_stored => warn_unmarked(given, complete(api, given, mark()).await),
        _ if is_stored => {}
        // What the token edits is the message under which the button stands.
        Shows::Nothing => tell(given, &api.follow_up(given, sorry).await),
        Shows::Thinking | Shows::Mark => tell(given, &complete(api, given, sorry).await),
    }
}

async fn complete(api: &Api, given: &Interaction, words: Value) -> Result<(), Failure> {
    api.complete(given, words, None).await.map(drop)
}

fn mark() -> Value {
    json!({ "content": ARRIVED, "allowed_mentions": { "parse": [] } })
}

/// Whether the store has it, as soon as that is decided.
async fn is_stored(steps: &Steps) -> bool {
    tokio::select! {
        () = steps.stored.cancelled() => {}
        () = steps.let_go.cancelled() => {}
    }
    // Whoever stores it lets it go right after.
    steps.stored.is_cancelled()
}

/// Acknowledges, and once more where no answer came or Discord asked for a moment.
async fn acknowledge(api: &Api, given: &Interaction, shows: Shows) -> Result<(), Failure> {
    match defer(api, given, shows).await {
        Err(Failure::NoAnswer(_)) => defer(api, given, shows).await,
        Err(Failure::Wait(after)) => {
            tokio::time::sleep(after).await;
            defer(api, given, shows).await
        }
        done => done,
    }
}

async fn defer(api: &Api, given: &Interaction, shows: Shows) -> Result<(), Failure> {
    match shows {
        Shows::Thinking => api.defer(given).await,
        Shows::Mark => api.defer_unseen(given).await,
        Shows::Nothing => api.defer_change(given).await,
    }
}

fn warn_unmarked(given: &Interaction, marked: Result<(), Failure>) {
    if let Err(failure) = marked {
        let id = given.id;
        warn!(
            channel = "discord",
            interaction.id = id,
            ?failure,
            "a command is not marked"
        );
    }
}

fn warn_unacknowledged<E: std::fmt::Debug>(
    given: &Interaction,
    tried: Result<Result<(), Failure>, E>,
) {
    match tried {
        Ok(Ok(()) | Err(Failure::Answer(_, ALREADY_ACKNOWLEDGED, _))) => {}
        failed => warn!(
            channel = "discord",
            interaction.id = given.id,
            ?failed,
            "a slash command or button was not acknowledged; its answer is a plain message"
        ),
    }
}

fn tell(given: &Interaction, told: &Result<(), Failure>) {
    warn!(
        channel = "discord",
        interaction.id = given.id,
        customer.told = told.is_ok(),
        "a slash command or button was not stored; its customer is asked to send it again"
    );
}

fn sorry(locale: Option<&str>, shows: Shows) -> Value {
    let language = locale.and_then(Language::from_tag);
    let text = wording::send_it_again(language.unwrap_or(Language::EN));
    let mut sorry = json!({ "content": text, "allowed_mentions": { "parse": [] } });
    if shows != Shows::Thinking {
        sorry["flags"] = json!(ONLY_FOR_ONE);
    }
    sorry
}
