//! A stateful double of Discord: gateway and REST API, version 10, over real sockets on
//! 127.0.0.1.
//!
//! It enforces what Discord enforces (token, intents, lengths, rights, nonces, the three seconds
//! of an interaction), and checks each request body against the published schema; a violation
//! fails the test when the double is dropped. The handle reads as a conversation:
//! `discord.customer("Ann").says("hello")`. Start reading at [`DiscordDouble`].

#![expect(clippy::expect_used, reason = "a harness fails its test by panicking")]

mod body;
mod card;
mod customer;
mod desks;
mod faults;
mod gateway;
mod interactions;
mod limits;
mod payload;
mod rest;
mod spec;
mod state;
mod threads;
mod trouble;

use std::{
    fmt::Debug,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinHandle,
    time::Instant,
};

use self::state::{Memory, PlaceKind, State};
pub use self::{
    customer::{Customer, Room, Upload},
    desks::{Received, Shown},
    faults::{Fault, Route},
    state::Right,
};
use crate::watch::Watched;

/// The token that the double accepts.
pub const TOKEN: &str = "MTIzNDU2Nzg5.double.token";
/// How long a test waits for anything before it fails.
const WAIT_LIMIT: Duration = Duration::from_secs(25);

/// A running double; dropping it stops it and fails the test if a request broke the schema.
pub struct DiscordDouble {
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

/// What the handle and the servers share.
struct Inner {
    address: SocketAddr,
    state: Mutex<State>,
    watched: Watched<Fault>,
    version: watch::Sender<u64>,
    /// Who learns of each message of the bot, where the double only carries load: it then checks no
    /// body and remembers nothing that grows.
    load: Option<mpsc::UnboundedSender<Posted>>,
}

/// A message of the bot as the platform took it.
#[derive(Clone, Copy, Debug)]
pub struct Posted {
    /// In which channel.
    pub place: u64,
    /// When.
    pub at: Instant,
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.version.send_modify(|version| *version += 1);
        result
    }

    /// The REST API's origin.
    fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    fn gateway_url(&self) -> String {
        format!("ws://{}", self.address)
    }

    fn take_fault(&self, route: Route) -> Option<Fault> {
        self.change(|state| {
            if self.load.is_none() {
                state.requests.push(route);
            }
            let at = state.faults.iter().position(|(of, _)| *of == route)?;
            state.faults.remove(at).map(|(_, fault)| fault)
        })
    }

    fn check_body(&self, route: Route, body: &[u8]) {
        if self.load.is_some() {
            return;
        }
        let found = spec::violations(route, body);
        if !found.is_empty() {
            self.change(|state| state.violations.extend(found));
        }
    }

    /// Waits until `look` gives an `Ok`; on the time limit it fails with the last `Err`.
    async fn wait<T, E: Debug>(&self, what: &str, look: impl Fn() -> Result<T, E>) -> T {
        let mut changes = self.version.subscribe();
        let give_up = Instant::now() + WAIT_LIMIT;
        loop {
            changes.borrow_and_update();
            let so_far = match look() {
                Ok(found) => return found,
                Err(so_far) => so_far,
            };
            let changed = tokio::time::timeout_at(give_up, changes.changed()).await;
            assert!(
                changed.is_ok(),
                "{what} did not come within {WAIT_LIMIT:?}; so far: {so_far:?}"
            );
        }
    }
}

impl DiscordDouble {
    /// Starts a double on a free port of 127.0.0.1.
    pub async fn start() -> Self {
        Self::start_with(None).await
    }

    /// Starts a double that only carries load. Every message of the bot comes through the receiver.
    pub async fn start_light() -> (Self, mpsc::UnboundedReceiver<Posted>) {
        let (load, posted) = mpsc::unbounded_channel();
        (Self::start_with(Some(load)).await, posted)
    }

    async fn start_with(load: Option<mpsc::UnboundedSender<Posted>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let mut state = State::new(TOKEN);
        if load.is_some() {
            state.memory = Memory::Newest;
        }
        let inner = Arc::new(Inner {
            address: listener.local_addr().expect("a bound port"),
            state: Mutex::new(state),
            watched: Watched::default(),
            version: watch::Sender::new(0),
            load,
        });
        let service =
            rest::routes(&inner).into_make_service_with_connect_info::<crate::wire::Cut>();
        let server = tokio::spawn(async move {
            let listener = crate::wire::Wires(listener);
            axum::serve(listener, service)
                .await
                .expect("the double serves");
        });
        Self { inner, server }
    }

    /// The REST API's origin.
    pub fn api_url(&self) -> String {
        self.inner.origin()
    }

    /// The gateway's origin.
    pub fn gateway_url(&self) -> String {
        self.inner.gateway_url()
    }

    /// A person, in their direct message channel with the bot.
    pub fn customer(&self, name: &str) -> Customer {
        let (user, place) = self.inner.change(|state| {
            let user = state.user(name);
            (user, state.direct_place(user))
        });
        let double = Arc::clone(&self.inner);
        let name = name.to_owned();
        Customer {
            double,
            name,
            user,
            place,
        }
    }

    /// A text channel of the guild.
    pub fn guild_channel(&self, name: &str) -> Room {
        let place = self.inner.change(|state| {
            let known = state
                .places
                .iter()
                .find(|(_, place)| place.name == name && !rest::is_direct(place.kind));
            let known = known.map(|(id, _)| *id);
            known.unwrap_or_else(|| {
                let place = state.add_place(name, PlaceKind::Text);
                let json = payload::channel(state, place);
                state.dispatch("CHANNEL_CREATE", &json, payload::GUILDS);
                place
            })
        });
        let double = Arc::clone(&self.inner);
        Room { double, place }
    }

    /// The bot's own user id.
    pub fn bot_id(&self) -> String {
        self.inner.read(|state| state.bot.to_string())
    }

    /// The slash commands that the bot registered.
    pub fn commands(&self) -> Value {
        self.inner.read(|state| state.commands.clone())
    }

    /// Waits until the bot has registered this many slash commands.
    pub async fn wait_for_commands(&self, count: usize) {
        let look = || {
            let commands = self.commands();
            match commands.as_array().map_or(0, Vec::len) {
                known if known >= count => Ok(()),
                _ => Err(commands),
            }
        };
        self.inner.wait(&format!("{count} commands"), look).await;
    }

    /// How long each slash command waited for its first answer, in milliseconds; `None` for one
    /// that got none.
    pub fn interaction_waits(&self) -> Vec<Option<u128>> {
        self.inner.read(|state| {
            let open = state.interactions.values();
            open.map(|open| open.answered_after_ms).collect()
        })
    }

    /// How many requests a route got, refused ones included.
    pub fn requests(&self, route: Route) -> usize {
        self.inner
            .read(|state| state.requests.iter().filter(|seen| **seen == route).count())
    }

    /// Waits until a route got this many requests.
    pub async fn wait_for_requests(&self, route: Route, count: usize) {
        let look = || match self.requests(route) {
            seen if seen >= count => Ok(()),
            seen => Err(seen),
        };
        self.inner
            .wait(&format!("{count} requests to {route:?}"), look)
            .await;
    }

    /// How many times the bot began a session.
    pub fn identifies(&self) -> usize {
        self.inner.read(|state| state.identifies)
    }

    /// How many times the bot took a session up again.
    pub fn resumes(&self) -> usize {
        self.inner.read(|state| state.resumes)
    }

    /// Waits until the bot has begun this many sessions and is connected.
    pub async fn wait_for_session(&self, count: usize) {
        let look = || {
            let (seen, live) = self.inner.read(|state| {
                let live = state
                    .sessions
                    .values()
                    .any(|session| session.connection.is_some());
                (state.identifies, live)
            });
            if seen >= count && live {
                Ok(())
            } else {
                Err((seen, live))
            }
        };
        self.inner.wait(&format!("session {count}"), look).await;
    }

    /// Waits until so many more heartbeats were acknowledged.
    pub async fn wait_for_heartbeats(&self, count: usize) {
        let acked = || self.inner.read(|state| state.acked);
        let enough = acked() + count;
        let look = || match acked() {
            seen if seen >= enough => Ok(()),
            seen => Err(seen),
        };
        let what = format!("heartbeat {enough}");
        self.inner.wait(&what, look).await;
    }

    /// Waits until the bot has taken a session up again this many times.
    pub async fn wait_for_resume(&self, count: usize) {
        let look = || match self.resumes() {
            seen if seen >= count => Ok(()),
            seen => Err(seen),
        };
        self.inner.wait(&format!("resume {count}"), look).await;
    }

    // --- the schema -------------------------------------------------------------------------

    /// The request bodies that broke Discord's schema so far, in words.
    pub fn violations(&self) -> Vec<String> {
        self.inner.read(|state| state.violations.clone())
    }
}

impl Drop for DiscordDouble {
    fn drop(&mut self) {
        self.server.abort();
        let violations = self.violations();
        // A test that fails already has its own reason; a second panic would abort it.
        let fine = std::thread::panicking() || violations.is_empty();
        assert!(fine, "requests broke Discord's schema: {violations:#?}");
    }
}
