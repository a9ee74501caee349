//! Bots on client libraries that are not the product's own, each a small program in
//! `tests/clients`. They keep the doubles honest: what only the product's own libraries can talk to
//! is no platform. Start at [`Client`].
//!
//! A program serves until its standard input ends, so it ends with its value and also when the test
//! process is killed. What it prints becomes the test's own output.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a harness fails its test where it stands"
)]

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    time::timeout,
};

use crate::{
    discord::{DiscordDouble, TOKEN},
    telegram::TelegramDouble,
};

/// How long a bot may take to start or to end. Python alone computes for seconds before aiogram is
/// imported, and the machine may be busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// What installs the libraries, and the programs that run them.
const HINT: &str = "run `make deps-test`, which installs what the tests need";

/// A client library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// grammY, for Telegram.
    Grammy,
    /// aiogram, for Telegram.
    Aiogram,
    /// discord.js, for Discord.
    DiscordJs,
}

/// A bot that runs.
pub struct Client {
    library: Library,
    process: Child,
}

impl Client {
    /// Starts a bot that talks to this Telegram, and waits until it polls.
    pub async fn on_telegram(library: Library, telegram: &TelegramDouble) -> Self {
        let client = Self::start(library, telegram.url(), telegram.token());
        telegram.wait_until_polled_within(PATIENCE).await;
        client
    }

    /// Starts a bot that talks to this Discord, and waits until it has a session and its commands.
    pub async fn on_discord(discord: &DiscordDouble) -> Self {
        let sessions = discord.identifies();
        let api = format!("{}/api", discord.api_url());
        let client = Self::start(Library::DiscordJs, &api, TOKEN);
        discord.wait_for_session(sessions + 1).await;
        discord.wait_for_commands(1).await;
        client
    }

    fn start(library: Library, api_url: &str, token: &str) -> Self {
        let packages = packages();
        let process = library
            .command(&packages)
            .env("API_URL", api_url)
            .env("BOT_TOKEN", token)
            .env("NODE_PATH", packages.join("node_modules"))
            .stdin(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let process = process.unwrap_or_else(|error| panic!("{library:?}: {error}; {HINT}"));
        Self { library, process }
    }

    /// Tells the bot to end, and waits until it did so well.
    pub async fn ends(mut self) {
        drop(self.process.stdin.take());
        let ended = timeout(PATIENCE, self.process.wait()).await;
        let status = ended.expect("the bot ends in time").expect("a status");
        assert!(status.success(), "{:?} ended with {status}", self.library);
    }
}

impl Library {
    fn command(self, packages: &Path) -> Command {
        let (program, script) = match self {
            Self::Grammy => (PathBuf::from("node"), "grammy.cjs"),
            Self::DiscordJs => (PathBuf::from("node"), "discord.cjs"),
            Self::Aiogram => (packages.join("venv/bin/python"), "aiogram_bot.py"),
        };
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
        let mut command = Command::new(program);
        command.arg(scripts.join(script));
        command
    }
}

/// Where `.ci/deps.sh` keeps the libraries: beside what cargo built, or in the Makefile's cache if
/// cargo was called without it. Without them the test fails: it never passes by not running.
fn packages() -> PathBuf {
    let me = std::env::current_exe().expect("the path of this test");
    let target = me.ancestors().nth(3).expect("target/debug/deps/it");
    let of_make = variable("XDG_CACHE_HOME")
        .or_else(|| Some(variable("HOME")?.join(".cache")))
        .map(|cache| cache.join("consultant/target"));
    let places = [Some(target.to_owned()), of_make];
    let mut folders = places.into_iter().flatten().map(|it| it.join("clients"));
    let found = folders.find(|folder| folder.join("stamp").is_file());
    found.unwrap_or_else(|| panic!("the client libraries are not installed; {HINT}"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the harness has no config; the user's cache is where it always is"
)]
fn variable(name: &str) -> Option<PathBuf> {
    let value = std::env::var_os(name).map(PathBuf::from);
    value.filter(|path| path.is_absolute())
}
