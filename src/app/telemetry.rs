//! Logs. To standard error, always: standard output belongs to replies and to `--json`.
//!
//! The policy: a message that can be read alone, plus dotted fields; `error!` when somebody must
//! act, logged once, where it is handled; never bodies, names, phones or tokens.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{Log, LogFormat, LogLevel};

/// Libraries that log bodies, URLs with tokens, or a line a token.
const QUIET: [&str; 8] = [
    "hyper=warn",
    "hyper_util=warn",
    "mistralrs=error",
    "reqwest=warn",
    "rustls=warn",
    "serenity=error",
    "teloxide=error",
    "tungstenite=warn",
];

/// Starts logging as configured. Called once; a second call changes nothing.
///
/// Whoever talks in a terminal reads replies there, not a log: `chat` shows warnings only, unless
/// more than the default was asked for.
pub fn start(log: &Log, in_conversation: bool) {
    let level = match log.level {
        LogLevel::Info if in_conversation => LogLevel::Warn,
        level => level,
    };
    let filter = QUIET
        .iter()
        .filter_map(|quiet| quiet.parse().ok())
        .fold(EnvFilter::new(level.word()), EnvFilter::add_directive);
    let lines = fmt::layer()
        .with_writer(io::stderr)
        .with_target(false)
        .with_ansi(io::stderr().is_terminal());
    let registry = tracing_subscriber::registry().with(filter);
    // A second call fails, and the first subscriber stays.
    match log.format {
        LogFormat::Text => registry.with(lines.compact()).try_init().ok(),
        LogFormat::Json => registry
            .with(lines.json().flatten_event(true))
            .try_init()
            .ok(),
    };
}
