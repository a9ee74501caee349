//! What a test does to Discord: wrong answers, broken connections, lost and reordered events, limits,
//! outages. The ways in which a single request goes wrong stand in [`faults`](super::faults).

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    Customer, DiscordDouble, Fault, Route,
    gateway::Outgoing,
    state::{Flood, Limits},
};
use crate::watch::Watcher;

impl DiscordDouble {
    /// The next request to this route goes wrong so; faults of one route queue up.
    pub fn fail_next(&self, route: Route, fault: Fault) {
        self.inner
            .change(|state| state.faults.push_back((route, fault)));
    }

    /// Lets somebody watch every call that sends or edits, with its channel for a place.
    pub fn watch(&self, watcher: Arc<dyn Watcher<Fault>>) {
        self.inner.watched.by(watcher);
    }

    /// From now on a nonce is remembered for so long, three minutes otherwise.
    pub fn remember_nonces_for(&self, life: Duration) {
        self.inner.change(|state| state.nonce_life = life);
    }

    /// From now on the API refuses the token, and the gateway does not notice yet.
    pub fn refuse_token(&self, refuses: bool) {
        self.inner.change(|state| state.token_revoked = refuses);
    }

    /// From now on the token is good for nothing: 401, and 4004 on the gateway.
    pub fn revoke_token(&self) {
        self.inner.change(|state| state.token_revoked = true);
        self.close_connections(Some(4004));
    }

    /// As if the operator had not switched on the Message Content intent: 4014.
    pub fn forbid_message_content(&self) {
        self.inner.change(|state| state.content_forbidden = true);
    }

    /// Heartbeats are acknowledged, or not.
    pub fn acknowledge_heartbeats(&self, acks: bool) {
        self.inner.change(|state| state.acks = acks);
    }

    /// The heartbeat interval of connections made from now on.
    pub fn heartbeat_every(&self, interval: Duration) {
        let millis = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX);
        self.inner.change(|state| state.heartbeat_ms = millis);
    }

    /// Every gateway connection goes away without a close frame.
    pub fn drop_connections(&self) {
        self.tell_connections(&Outgoing::Drop);
    }

    /// Every gateway connection gets a close frame, with this code or without one. After 4009 the
    /// session is forgotten with all it missed.
    pub fn close_connections(&self, code: Option<u16>) {
        self.tell_connections(&Outgoing::Close(code));
        if code == Some(4009) {
            self.inner.change(|state| state.sessions.clear());
        }
    }

    /// From now on the gateway takes connections and never answers the upgrade; or it does again,
    /// those that hang excepted.
    pub fn hang_on_upgrade(&self, hangs: bool) {
        self.inner
            .change(|state| state.trouble.hangs_on_upgrade = hangs);
    }

    /// From now on a session's guilds are told so much later than its beginning.
    pub fn tell_guilds_late(&self, by: Duration) {
        self.inner
            .change(|state| state.trouble.guilds_late = Some(by));
    }

    /// Waits until so many connections hang, or did.
    pub async fn wait_for_hanging_upgrades(&self, count: usize) {
        let look = || match self.inner.read(|state| state.trouble.hanging) {
            seen if seen >= count => Ok(()),
            seen => Err(seen),
        };
        let what = format!("hanging upgrade {count}");
        self.inner.wait(&what, look).await;
    }

    /// Time passes on Discord's clock.
    pub fn time_passes(&self, time: Duration) {
        self.inner.change(|state| state.pass(time));
    }

    /// Op 7: the gateway asks to reconnect and resume.
    pub fn ask_to_reconnect(&self) {
        let frame = r#"{"op":7,"d":null,"s":null,"t":null}"#;
        self.tell_connections(&Outgoing::Frame(frame.to_owned()));
    }

    /// Op 9: the session is invalid; if it is not resumable, it is forgotten with all it missed.
    pub fn invalidate_sessions(&self, resumable: bool) {
        let frame = format!(r#"{{"op":9,"d":{resumable},"s":null,"t":null}}"#);
        self.tell_connections(&Outgoing::Frame(frame));
        if !resumable {
            self.inner.change(|state| state.sessions.clear());
        }
    }

    /// Sends the newest event once more.
    pub fn repeat_last_event(&self) {
        self.inner.change(|state| {
            let newest = state.last_event.clone().expect("an event was sent before");
            state.dispatch(newest.0, &newest.1, newest.2);
        });
    }

    /// Sends an event whose required fields are missing.
    pub fn sends_malformed_event(&self) {
        let broken = serde_json::json!({ "id": "1" });
        self.inner
            .change(|state| state.dispatch("MESSAGE_CREATE", &broken, 0));
    }

    /// Who asks for anything in this place is told to wait, until it is over. 429.
    pub fn floods_at(&self, customer: &Customer, over_in: Duration) {
        self.flood(Some(customer.place), over_in);
    }

    /// Whoever asks for anything is told to wait, until it is over: Discord's global limit.
    pub fn floods_everywhere(&self, over_in: Duration) {
        self.flood(None, over_in);
    }

    /// Waits until somebody was told to wait.
    pub async fn wait_until_told_to_wait(&self) {
        let told = |floods: &[Flood]| floods.iter().any(|flood| flood.told);
        let look = || {
            let told = self.inner.read(|state| told(&state.floods));
            told.then_some(()).ok_or("nobody")
        };
        self.inner.wait("a flood", look).await;
    }

    /// Nobody is told to wait any more.
    pub fn floods_are_over(&self) {
        self.inner.change(|state| state.floods.clear());
    }

    fn flood(&self, place: Option<u64>, over_in: Duration) {
        let until = Instant::now() + over_in;
        let told = false;
        self.inner
            .change(|state| state.floods.push(Flood { place, until, told }));
    }

    /// From now on so many requests of a kind are taken in each place in this time, and every
    /// answer says how many are left.
    pub fn limit_rates(&self, requests: usize, window: Duration) {
        let spent = HashMap::new();
        self.inner.change(|state| {
            state.limits = Some(Limits {
                requests,
                window,
                spent,
            });
        });
    }

    /// How many requests came although a limit was reached and the client knew.
    pub fn disobeyed(&self) -> usize {
        self.inner.read(|state| state.disobeyed)
    }

    /// Nothing answers any more, neither the API nor the gateway.
    pub fn goes_down(&self) {
        self.inner.change(|state| state.trouble.down = true);
        self.drop_connections();
    }

    /// Everything answers again; the sessions of before are forgotten.
    pub fn comes_back(&self) {
        self.inner.change(|state| {
            state.trouble.down = false;
            state.sessions.clear();
        });
    }

    /// From now on events are lost on their way, although the connection stands; or no longer.
    pub fn lose_events(&self, loses: bool) {
        self.inner
            .change(|state| state.trouble.loses_events = loses);
    }

    /// Whatever happens meanwhile is told in the reverse order.
    pub fn reversed(&self, happens: impl FnOnce()) {
        self.hold_events_back();
        happens();
        self.tell_reversed();
    }

    /// From now on events wait for [`DiscordDouble::tell_reversed`].
    pub fn hold_events_back(&self) {
        self.inner.change(|state| {
            state.held_back.get_or_insert_default();
        });
    }

    /// Tells what was held back, the newest first; returns the channel of each message of a
    /// customer among it.
    pub fn tell_reversed(&self) -> Vec<String> {
        self.inner.change(|state| {
            let held_back = state.held_back.take().unwrap_or_default();
            let told = held_back
                .into_iter()
                .rev()
                .filter_map(|(name, data, intent)| {
                    state.dispatch(name, &data, intent);
                    let by_bot = data["author"]["bot"].as_bool() == Some(true);
                    let is_said = name == "MESSAGE_CREATE" && !by_bot;
                    is_said.then(|| data["channel_id"].as_str().unwrap_or_default().to_owned())
                });
            told.collect()
        })
    }

    fn tell_connections(&self, what: &Outgoing) {
        self.inner.change(|state| {
            let live = state
                .sessions
                .values()
                .filter_map(|session| session.connection.as_ref());
            for connection in live {
                // A connection that is gone already needs no telling.
                drop(connection.send(what.clone()));
            }
        });
    }
}
