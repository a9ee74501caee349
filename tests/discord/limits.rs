//! Rate limits, and what every answer says of them (the reference's "Rate Limits").

use std::time::Duration;

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use tokio::time::Instant;

use super::{
    faults::Route,
    state::{Flood, Snowflake, State},
};

/// What is left of a limit after a request.
pub(super) struct Left {
    route: Route,
    limit: usize,
    remaining: usize,
    rest: Duration,
}

impl Left {
    /// Writes it into the answer.
    #[expect(
        clippy::disallowed_methods,
        reason = "Discord names the wall-clock time at which a limit begins anew"
    )]
    pub(super) fn tell(&self, headers: &mut HeaderMap) {
        let rest = self.rest.as_secs_f64();
        let now = jiff::Timestamp::now().as_duration().as_secs_f64();
        for (name, value) in [
            ("x-ratelimit-limit", self.limit.to_string()),
            ("x-ratelimit-remaining", self.remaining.to_string()),
            ("x-ratelimit-reset", format!("{:.3}", now + rest)),
            ("x-ratelimit-reset-after", format!("{rest:.3}")),
            ("x-ratelimit-bucket", format!("{:?}", self.route)),
        ] {
            let value = HeaderValue::from_str(&value);
            let value = value.unwrap_or_else(|_| HeaderValue::from_static(""));
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

pub(super) fn place_in(path: &str) -> Option<Snowflake> {
    let (_, rest) = path.split_once("/channels/")?;
    rest.split('/').next()?.parse().ok()
}

/// How long this request has to wait, and whether everybody has to.
pub(super) fn told_to_wait(
    state: &mut State,
    route: Route,
    place: Option<Snowflake>,
) -> Option<(Duration, bool)> {
    let now = Instant::now();
    let State {
        floods, disobeyed, ..
    } = state;
    floods.retain(|flood| flood.until > now);
    let concerns = |flood: &&mut Flood| match flood.place {
        Some(of) => place == Some(of),
        None => !route.is_open(),
    };
    let flood = floods.iter_mut().find(concerns)?;
    *disobeyed += usize::from(flood.told);
    flood.told = true;
    Some((flood.until - now, flood.place.is_none()))
}

/// Counts a request against its limit, or says how long it has to wait.
pub(super) fn spend(
    state: &mut State,
    route: Route,
    place: Option<Snowflake>,
) -> Result<Option<Left>, Duration> {
    let (Some(limits), Some(place)) = (&mut state.limits, place) else {
        return Ok(None);
    };
    let now = Instant::now();
    let spent = limits.spent.entry((route, place)).or_insert((now, 0));
    if now - spent.0 >= limits.window {
        *spent = (now, 0);
    }
    let rest = (spent.0 + limits.window) - now;
    if spent.1 >= limits.requests {
        state.disobeyed += 1;
        return Err(rest);
    }
    spent.1 += 1;
    Ok(Some(Left {
        route,
        limit: limits.requests,
        remaining: limits.requests - spent.1,
        rest,
    }))
}

/// 429, in Discord's form.
pub(super) fn flood(retry_after: Duration, global: bool) -> Response {
    let seconds = retry_after.as_secs_f64();
    let body = json!({
        "message": "You are being rate limited.", "retry_after": seconds, "global": global,
    });
    let mut response = (StatusCode::TOO_MANY_REQUESTS, axum::Json(body)).into_response();
    let headers = response.headers_mut();
    let whole = HeaderValue::from(retry_after.as_secs().max(1));
    headers.insert(header::RETRY_AFTER, whole.clone());
    headers.insert("x-ratelimit-reset-after", whole);
    let scope = if global { "global" } else { "user" };
    headers.insert("x-ratelimit-scope", HeaderValue::from_static(scope));
    if global {
        headers.insert("x-ratelimit-global", HeaderValue::from_static("true"));
    }
    response
}
