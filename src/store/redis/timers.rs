//! Timers, which become inbounds. They live with their conversation; one list over all says from
//! when on a conversation may have due ones. It may say too early, never too late: whoever finds
//! it wrong puts it right and then looks again, because a timer may have been set in between.

use std::sync::PoisonError;

use async_trait::async_trait;
use consultant_core::{
    ConversationId, Envelope, Timer,
    ports::{StoreError, Timers},
};
use jiff::Timestamp;

use super::{RedisStore, scripts::Call};
use crate::{
    record::{decode, decode_conversation, encode, fired},
    times::{Stamp, moment},
};

/// Conversations that are looked into in one round trip.
const PAGE: usize = 64;

const READING: &str = "reading the timers";

/// An attempt to fire a timer. Repeated with the same token, it is told the first outcome.
#[derive(Clone)]
pub(super) struct Attempt {
    timer: Timer,
    body: String,
    token: String,
}

/// A conversation with a time from the list or from its own timers, in milliseconds.
type Listed = (String, i64);

#[async_trait]
impl Timers for RedisStore {
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        loop {
            let mut pipeline = ::redis::pipe();
            let list = pipeline.cmd("ZRANGE").arg(self.keys.due()).arg(0);
            list.arg(PAGE - 1).arg("WITHSCORES");
            let (page,): (Vec<Listed>,) = self.link.send(READING, &pipeline).await?;
            let Some((_, first)) = page.first() else {
                return Ok(None);
            };
            let homes = conversations(&page)?;
            let actual = self.earliest(&homes).await?;
            if actual.first() == Some(&Some(*first)) {
                return Ok(Some(moment(*first)));
            }
            let found = page.iter().map(|(_, listed)| Some(*listed)).zip(&actual);
            let wrong = homes.iter().zip(found).filter(|(_, (a, b))| a != *b);
            let wrong = wrong.map(|(home, (_, actual))| (*home, *actual));
            self.settle(&wrong.collect::<Vec<_>>()).await?;
        }
    }

    async fn fire_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Envelope>, StoreError> {
        let mut attempts = self.unsettled(Vec::new());
        let due = match self.due(now.as_millisecond(), limit).await {
            Ok(due) => due,
            Err(error) => {
                self.unsettled(attempts);
                return Err(error);
            }
        };
        let unsettled = attempts.len();
        for (timer, body) in due {
            if !attempts.iter().any(|earlier| earlier.body == body) {
                let token = self.times.mint().to_string();
                let attempt = Attempt { timer, body, token };
                attempts.push(attempt);
            }
        }
        // What was only found, and is not tried now, will be found again.
        attempts.truncate(limit.max(unsettled));
        let outcome = self.fire(&attempts).await;
        if matches!(outcome, Err(StoreError::Unavailable { .. })) {
            self.unsettled(attempts);
        }
        outcome
    }

    async fn timers(&self, conversation: ConversationId) -> Result<Vec<Timer>, StoreError> {
        let mut pipeline = ::redis::pipe();
        pipeline
            .cmd("HVALS")
            .arg(&self.keys.of(conversation).timers);
        let (bodies,): (Vec<String>,) = self.link.send(READING, &pipeline).await?;
        timers(conversation, &bodies)
    }
}

/// Timers from their JSON, by due time.
pub(super) fn timers(home: ConversationId, bodies: &[String]) -> Result<Vec<Timer>, StoreError> {
    let what = format_args!("a timer of conversation {home}");
    let timers = bodies.iter().map(|body| decode(what, body));
    let mut timers: Vec<Timer> = timers.collect::<Result<_, _>>()?;
    timers.sort_by(|a, b| (a.due, &a.id).cmp(&(b.due, &b.id)));
    Ok(timers)
}

fn conversations(page: &[Listed]) -> Result<Vec<ConversationId>, StoreError> {
    page.iter().map(|(id, _)| decode_conversation(id)).collect()
}

impl RedisStore {
    /// Lists a conversation among those that may have due timers, from this time on.
    pub(super) fn list_due(
        &self,
        pipeline: &mut ::redis::Pipeline,
        home: ConversationId,
        due: Option<i64>,
    ) {
        if let Some(due) = due {
            let add = pipeline.cmd("ZADD").arg(self.keys.due()).arg("LT");
            add.arg(due).arg(home.to_string()).ignore();
        }
    }

    /// When the first timer of each conversation is due.
    async fn earliest(&self, homes: &[ConversationId]) -> Result<Vec<Option<i64>>, StoreError> {
        let mut pipeline = ::redis::pipe();
        for home in homes {
            let first = pipeline.cmd("ZRANGE").arg(self.keys.of(*home).due);
            first.arg(0).arg(0).arg("WITHSCORES");
        }
        let found: Vec<Vec<Listed>> = self.link.send(READING, &pipeline).await?;
        let firsts = found.into_iter().map(|it| it.first().map(|(_, due)| *due));
        Ok(firsts.collect())
    }

    /// Puts the list right: each conversation is listed by what was found. Looks again after that,
    /// for what was set in between.
    async fn settle(&self, found: &[(ConversationId, Option<i64>)]) -> Result<(), StoreError> {
        if found.is_empty() {
            return Ok(());
        }
        let due = self.keys.due();
        let mut pipeline = ::redis::pipe();
        for (home, earliest) in found {
            match earliest {
                None => pipeline.cmd("ZREM").arg(&due),
                Some(at) => pipeline.cmd("ZADD").arg(&due).arg("XX").arg(*at),
            }
            .arg(home.to_string())
            .ignore();
        }
        self.link.send::<()>(READING, &pipeline).await?;
        let homes: Vec<_> = found.iter().map(|(home, _)| *home).collect();
        let again = self.earliest(&homes).await?;
        let mut pipeline = ::redis::pipe();
        for (home, earliest) in homes.into_iter().zip(again) {
            self.list_due(&mut pipeline, home, earliest);
        }
        if pipeline.is_empty() {
            return Ok(());
        }
        self.link.send(READING, &pipeline).await
    }

    /// The oldest due timers, with their JSON, and not those that cannot be read: as many more are
    /// asked for as there are known to be of them, and again where that shows further ones.
    async fn due(&self, now: i64, limit: usize) -> Result<Vec<(Timer, String)>, StoreError> {
        loop {
            let unreadable = self.quarantine.len();
            let found = self.oldest(now, limit.saturating_add(unreadable)).await?;
            let mut due = self.bodies(&found).await?;
            if due.len() >= limit || self.quarantine.len() == unreadable {
                due.truncate(limit);
                return Ok(due);
            }
        }
    }

    /// The names of the oldest due timers. Reads the list page by page until no later page can hold
    /// an older one.
    async fn oldest(
        &self,
        now: i64,
        limit: usize,
    ) -> Result<Vec<(i64, ConversationId, String)>, StoreError> {
        let mut found: Vec<(i64, ConversationId, String)> = Vec::new();
        for offset in (0..).step_by(PAGE) {
            let mut pipeline = ::redis::pipe();
            let list = pipeline.cmd("ZRANGEBYSCORE").arg(self.keys.due());
            list.arg("-inf").arg(now).arg("WITHSCORES");
            list.arg("LIMIT").arg(offset).arg(PAGE);
            let (page,): (Vec<Listed>,) = self.link.send(READING, &pipeline).await?;
            let Some((_, last)) = page.last() else { break };
            found.extend(self.due_of(&conversations(&page)?, now, limit).await?);
            found.sort();
            found.truncate(limit);
            let is_full = found.len() == limit;
            if is_full && found.last().is_none_or(|(due, ..)| due <= last) {
                break;
            }
        }
        Ok(found)
    }

    async fn due_of(
        &self,
        homes: &[ConversationId],
        now: i64,
        limit: usize,
    ) -> Result<Vec<(i64, ConversationId, String)>, StoreError> {
        let mut pipeline = ::redis::pipe();
        for home in homes {
            let list = pipeline.cmd("ZRANGEBYSCORE").arg(self.keys.of(*home).due);
            list.arg("-inf").arg(now).arg("WITHSCORES");
            list.arg("LIMIT").arg(0).arg(limit);
        }
        let timers: Vec<Vec<Listed>> = self.link.send(READING, &pipeline).await?;
        let timers = homes.iter().zip(timers);
        let found = timers.flat_map(|(home, timers)| {
            let timers = timers.into_iter();
            timers.map(|(id, due)| (due, *home, id))
        });
        Ok(found.collect())
    }

    async fn bodies(
        &self,
        found: &[(i64, ConversationId, String)],
    ) -> Result<Vec<(Timer, String)>, StoreError> {
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let mut pipeline = ::redis::pipe();
        for (_, home, id) in found {
            pipeline.cmd("HGET").arg(self.keys.of(*home).timers).arg(id);
        }
        let bodies: Vec<Option<String>> = self.link.send(READING, &pipeline).await?;
        let mut due = Vec::new();
        for ((_, home, id), body) in found.iter().zip(bodies) {
            let Some(body) = body else { continue };
            let name = || format!("timer {id} of conversation {home}");
            let read = self.quarantine.pass(name, decode(name(), &body))?;
            due.extend(read.map(|timer| (timer, body)));
        }
        Ok(due)
    }

    /// Fires timers, each in a step of its own.
    async fn fire(&self, attempts: &[Attempt]) -> Result<Vec<Envelope>, StoreError> {
        if attempts.is_empty() {
            return Ok(Vec::new());
        }
        let stamp = self.times.stamp();
        let mut pipeline = ::redis::pipe();
        for attempt in attempts {
            self.add_firing(&mut pipeline, attempt, stamp)?;
        }
        let sequences: Vec<u64> = self.link.send("firing timers", &pipeline).await?;
        let done = attempts.iter().zip(sequences).filter(|(_, it)| *it > 0);
        let done = done.map(|(attempt, sequence)| Envelope {
            conversation: attempt.timer.conversation,
            sequence,
            inbound: fired(&attempt.timer),
        });
        Ok(done.collect())
    }

    fn add_firing(
        &self,
        pipeline: &mut ::redis::Pipeline,
        attempt: &Attempt,
        stamp: Stamp,
    ) -> Result<(), StoreError> {
        let timer = &attempt.timer;
        let home = timer.conversation;
        let (keys, inbound) = (self.keys.of(home), fired(timer));
        let call = Call::fire()
            .key(&keys.state)
            .key(&keys.inbox)
            .key(&keys.known)
            .key(&keys.buried)
            .key(&keys.timers)
            .key(&keys.due)
            .arg(timer.id.as_str())
            .arg(&attempt.body)
            .arg(inbound.key.as_str())
            .arg(&attempt.token)
            .arg(encode("an inbound", &inbound)?)
            .arg(stamp.now)
            .arg(stamp.forget_before)
            .arg(self.keep());
        let list = pipeline.cmd("ZADD").arg(self.keys.active()).arg(stamp.now);
        list.arg(home.to_string()).ignore();
        let pin = pipeline.cmd("SET").arg(self.keys.pin(&inbound.key));
        pin.arg(timer.address.to_string()).arg("NX");
        pin.arg("PX").arg(self.keep()).ignore();
        pipeline.add_command(call.command());
        Ok(())
    }

    /// Takes the attempts of unknown fate, and leaves these instead.
    fn unsettled(&self, attempts: Vec<Attempt>) -> Vec<Attempt> {
        let mut firing = self.firing.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut firing, attempts)
    }
}
