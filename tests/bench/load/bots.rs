//! Who is measured, and how each is started.

use std::{net::TcpListener, path::Path};

use consultant_tests::{discord::TOKEN, redis::RedisServer, telegram::LightTelegram};
use tempfile::TempDir;
use tokio::process::Command;

use super::{
    crowd::{Crowd, DiscordCrowd, Platform},
    process::Running,
};

/// One row of the table.
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) bot: Bot,
    pub(super) conversations: usize,
    /// In percent of the saturation.
    pub(super) shares: &'static [u32],
}

/// Who answers.
pub(super) enum Bot {
    Product {
        store: Store,
        way: Way,
        /// With the quiet period and the pace that it has out of the box.
        defaults: bool,
    },
    Rival {
        /// The program and its arguments.
        command: Vec<String>,
        /// Whether it is the empty bot, which does nothing but answer.
        floor: bool,
    },
}

/// Where the product keeps its state.
#[derive(Clone, Copy)]
pub(super) enum Store {
    Sqlite,
    Redis,
    Memory,
}

/// How messages reach the product.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Poll,
    Webhook,
    Discord,
}

/// The rivals, and the floor: a bot of this program that only shows what the double carries.
pub(super) fn rivals(folder: &Path) -> Vec<(&'static str, Bot)> {
    let path = |file: &str| folder.join(file).display().to_string();
    let rival = |program: String, file: &str| Bot::Rival {
        command: vec![program, path(file)],
        floor: false,
    };
    let node = || "node".to_owned();
    let python = || path("venv/bin/python");
    let this = std::env::current_exe().unwrap_or_default();
    let floor = Bot::Rival {
        command: vec![this.display().to_string(), "empty-bot".to_owned()],
        floor: true,
    };
    vec![
        ("Telegraf, Redis", rival(node(), "node/telegraf_bot.js")),
        (
            "grammY with its runner, Redis",
            rival(node(), "node/grammy_bot.js"),
        ),
        ("aiogram, Redis", rival(python(), "python/aiogram_bot.py")),
        (
            "python-telegram-bot, Redis",
            rival(python(), "python/telegram_bot.py"),
        ),
        ("an empty Rust bot, no store", floor),
    ]
}

/// Starts a bot and its platform, and waits until it answers.
pub(super) async fn start(plan: &Plan, binary: &Path) -> anyhow::Result<(Running, Crowd)> {
    let folder = tempfile::tempdir()?;
    let platform = platform(plan).await?;
    let needs_redis = match plan.bot {
        Bot::Product { store, .. } => matches!(store, Store::Redis),
        Bot::Rival { floor, .. } => !floor,
    };
    let redis = needs_redis.then(RedisServer::start);
    let command = match &plan.bot {
        Bot::Product {
            store,
            way,
            defaults,
        } => {
            let mut command = Command::new(binary);
            command.arg("serve").env_clear().envs(common(&folder));
            command.envs(store_settings(*store, redis.as_ref()));
            command.envs(way_settings(*way, &platform)?);
            if !defaults {
                command.envs(without_limits());
            }
            command
        }
        Bot::Rival { command: words, .. } => rival_command(words, &platform, redis.as_ref()),
    };
    let running = Running::start(command, redis, folder)?;
    if let Platform::Discord(crowd) = &platform {
        // What is said before anybody listens is not caught up with: nobody knows the place yet.
        crowd.double.wait_for_session(1).await;
    }
    let mut crowd = Crowd::new(platform, plan.conversations);
    let met = crowd.meet_one().await;
    met.map_err(|error| error.context(running.log()))?;
    Ok((running, crowd))
}

async fn platform(plan: &Plan) -> anyhow::Result<Platform> {
    if let Bot::Product {
        way: Way::Discord, ..
    } = plan.bot
    {
        let crowd = DiscordCrowd::gather(plan.conversations).await?;
        crowd.double.guild_channel("shop");
        return Ok(Platform::Discord(crowd));
    }
    let (double, replies) = LightTelegram::start().await;
    Ok(Platform::Telegram(double, replies))
}

pub(crate) type Settings = Vec<(&'static str, String)>;

pub(crate) fn common(folder: &TempDir) -> Settings {
    let path = |name: &str| folder.path().join(name).display().to_string();
    vec![
        ("HOME", path("")),
        ("CONSULTANT__DATA_DIR", path("data")),
        ("CONSULTANT__MODELS_DIR", path("models")),
        ("CONSULTANT__MODEL__ENABLED", "false".to_owned()),
    ]
}

/// What keeps the product from writing faster than the real platforms allow, and customers from
/// being answered before they are done, is off.
pub(crate) fn without_limits() -> Settings {
    vec![
        ("CONSULTANT__TELEGRAM__PACED", "false".to_owned()),
        ("CONSULTANT__TELEGRAM__QUIET_PERIOD_MS", "0".to_owned()),
        ("CONSULTANT__DISCORD__QUIET_PERIOD_MS", "0".to_owned()),
        ("CONSULTANT__REPLY__TURNS_PER_MINUTE", "100000".to_owned()),
        (
            "CONSULTANT__REPLY__TURNS_PER_MINUTE_IN_ALL",
            "10000000".to_owned(),
        ),
    ]
}

fn store_settings(store: Store, redis: Option<&RedisServer>) -> Settings {
    let url = match (store, redis) {
        (Store::Redis, Some(redis)) => redis.url(),
        (Store::Memory, _) => "memory:".to_owned(),
        _ => "sqlite:sessions.sqlite".to_owned(),
    };
    vec![("CONSULTANT__STORE__URL", url)]
}

fn way_settings(way: Way, platform: &Platform) -> anyhow::Result<Settings> {
    let mut settings = match platform {
        Platform::Telegram(double, _) => vec![
            ("CONSULTANT__TELEGRAM__TOKEN", double.token().to_owned()),
            ("CONSULTANT__TELEGRAM__API_URL", double.url().to_owned()),
        ],
        Platform::Discord(crowd) => vec![
            ("CONSULTANT__DISCORD__TOKEN", TOKEN.to_owned()),
            ("CONSULTANT__DISCORD__API_URL", crowd.double.api_url()),
            (
                "CONSULTANT__DISCORD__GATEWAY_URL",
                crowd.double.gateway_url(),
            ),
        ],
    };
    if way == Way::Webhook {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        settings.extend([
            (
                "CONSULTANT__TELEGRAM__WEBHOOK_URL",
                format!("http://{address}/telegram"),
            ),
            ("CONSULTANT__TELEGRAM__WEBHOOK_LISTEN", address.to_string()),
            (
                "CONSULTANT__TELEGRAM__WEBHOOK_SECRET",
                "0123456789abcdef".to_owned(),
            ),
        ]);
    }
    Ok(settings)
}

fn rival_command(words: &[String], platform: &Platform, redis: Option<&RedisServer>) -> Command {
    let mut command = Command::new(words.first().map_or("false", String::as_str));
    command.args(words.iter().skip(1));
    if let Platform::Telegram(double, _) = platform {
        command.env("BOT_TOKEN", double.token());
        command.env("BOT_API_URL", double.url());
    }
    command.env(
        "BOT_REDIS_URL",
        redis.map_or_else(String::new, RedisServer::url),
    );
    // As in production.
    command.env("NODE_ENV", "production");
    command
}
