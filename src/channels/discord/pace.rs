//! Discord's rate limits, as it tells them with every answer: until when a kind of request must
//! not be made in a place, and until when none at all.
//!
//! Whoever has to wait is told for how long and nobody else is held up, which is why nothing
//! sleeps here. (serenity's own limiter sleeps inside the call, lets others run into a global
//! limit one by one, and is off for any other API than Discord's.)

use std::{collections::HashMap, time::Duration};

use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use serenity::all::ChannelId;
use tokio::time::Instant;

/// The pause after a 429 that does not say how long.
const UNTOLD_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause that is believed; after it the request is tried and may be told again.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// Above this many entries those of the past are forgotten.
const ENTRIES: usize = 1_024;

/// What is asked of Discord; each kind has a limit of its own in each place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Send,
    Edit,
    Read,
    Typing,
    Thread,
    Look,
    Change,
    /// A change of a name, of which Discord takes few.
    Name,
    Pin,
}

/// A limit: a kind of request in a place.
pub(super) type Bucket = (Kind, ChannelId);

/// Until when who has to wait.
#[derive(Debug, Default)]
pub(super) struct Paces {
    everywhere: Option<Instant>,
    buckets: HashMap<Bucket, Instant>,
}

/// The body of a 429.
#[derive(Default, Deserialize)]
struct Flood {
    retry_after: Option<f64>,
    #[serde(default)]
    global: bool,
}

impl Paces {
    /// How long this request has to wait; `None` when it may go.
    pub(super) fn wait(&self, bucket: Bucket, now: Instant) -> Option<Duration> {
        let here = self.buckets.get(&bucket).copied();
        let until = here.max(self.everywhere)?;
        until.checked_duration_since(now).filter(|it| !it.is_zero())
    }

    /// Notes what the head of an answer says: after the last request that a limit allows, the
    /// next one has to wait.
    pub(super) fn note(&mut self, bucket: Bucket, headers: &HeaderMap, now: Instant) {
        let spent = number(headers, "x-ratelimit-remaining").is_some_and(|left| left < 1.0);
        let reset = number(headers, "x-ratelimit-reset-after").and_then(pause);
        if let Some(reset) = reset.filter(|_| spent) {
            self.hold(bucket, now, reset);
        }
    }

    /// Notes a 429 and returns how long to wait. One without a bucket concerns that request only.
    pub(super) fn flooded(
        &mut self,
        bucket: Option<Bucket>,
        headers: &HeaderMap,
        body: &[u8],
        now: Instant,
    ) -> Duration {
        let told: Option<Flood> = serde_json::from_slice(body).ok();
        // Whatever stands before Discord answers without its JSON, and means the whole address.
        let is_global = told.as_ref().is_none_or(|told| told.global)
            || headers.contains_key("x-ratelimit-global");
        let after = told.and_then(|told| told.retry_after);
        let after = after.or_else(|| number(headers, RETRY_AFTER.as_str()));
        let after = after.and_then(pause).unwrap_or(UNTOLD_PAUSE);
        if is_global {
            self.everywhere = self.everywhere.max(Some(now + after));
        } else if let Some(bucket) = bucket {
            self.hold(bucket, now, after);
        }
        after
    }

    fn hold(&mut self, bucket: Bucket, now: Instant, after: Duration) {
        if self.buckets.len() >= ENTRIES {
            self.buckets.retain(|_, until| *until > now);
        }
        self.buckets.insert(bucket, now + after);
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<f64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

fn pause(seconds: f64) -> Option<Duration> {
    let told = Duration::try_from_secs_f64(seconds).ok()?;
    Some(told.min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Bucket = (Kind::Send, ChannelId::new(1));
    const THERE: Bucket = (Kind::Send, ChannelId::new(2));

    fn head(fields: &[(&'static str, &str)]) -> HeaderMap {
        let fields = fields.iter();
        fields
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn the_last_allowed_request_holds_up_the_next_one_there_only() {
        let (mut paces, now) = (Paces::default(), Instant::now());
        let left = |left| {
            head(&[
                ("x-ratelimit-remaining", left),
                ("x-ratelimit-reset-after", "2.5"),
            ])
        };
        paces.note(HERE, &left("1"), now);
        assert_eq!(paces.wait(HERE, now), None);
        paces.note(HERE, &left("0"), now);
        assert_eq!(paces.wait(HERE, now), Some(Duration::from_millis(2_500)));
        assert_eq!(paces.wait(THERE, now), None);
        assert_eq!(paces.wait((Kind::Edit, HERE.1), now), None);
        assert_eq!(paces.wait(HERE, now + Duration::from_secs(3)), None);
    }

    #[track_caller]
    fn check_flood(fields: &[(&'static str, &str)], body: &str, here: u64, there: Option<u64>) {
        let (mut paces, now) = (Paces::default(), Instant::now());
        let after = paces.flooded(Some(HERE), &head(fields), body.as_bytes(), now);
        assert_eq!(after, Duration::from_secs(here));
        assert_eq!(paces.wait(HERE, now), Some(after));
        assert_eq!(paces.wait(THERE, now), there.map(Duration::from_secs));
    }

    #[test]
    fn a_flood_holds_up_whom_it_names_for_as_long_as_it_says() {
        check_flood(&[], r#"{"retry_after": 7.0, "global": false}"#, 7, None);
        check_flood(&[], r#"{"retry_after": 7.0, "global": true}"#, 7, Some(7));
        let global = [("x-ratelimit-global", "true")];
        check_flood(&global, r#"{"retry_after": 3.0}"#, 3, Some(3));
        check_flood(&[("retry-after", "9")], "{}", 9, None);
        check_flood(&[("retry-after", "9")], "<html>", 9, Some(9));
        check_flood(&[], r#"{"retry_after": -1.0}"#, 5, None);
        check_flood(&[], r#"{"retry_after": 1e9}"#, 3_600, None);
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let (mut paces, now) = (Paces::default(), Instant::now());
        for place in 1..=ENTRIES as u64 {
            paces.hold((Kind::Send, ChannelId::new(place)), now, Duration::ZERO);
        }
        paces.hold(HERE, now, Duration::from_secs(1));
        assert_eq!(paces.buckets.len(), 1);
    }
}
