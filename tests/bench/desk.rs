//! What a desk adds: how long words take from a customer to the room in which people read them, and from
//! an agent to the customer, from platform to platform over the doubles' sockets. One message at a
//! time, in several conversations in turn.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use async_trait::async_trait;
use consultant_tests::{
    discord::{self, DiscordDouble, TOKEN},
    telegram::{self, TelegramDouble},
    watch::Watcher,
};
use hdrhistogram::Histogram;
use tempfile::TempDir;
use tokio::{
    process::Command,
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    time::{Instant, timeout},
};

use super::load::{
    bots::{Settings, common, without_limits},
    process::Running,
};

/// Conversations that people have, in each row.
const TALKS: usize = 10;
/// Messages that are measured in each direction.
const MESSAGES: usize = 500;
/// Messages before these.
const WARM_UP: usize = 50;
/// Whatever takes longer never comes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Prints a row for each pair of platforms.
pub(super) async fn measure(binary: &Path) -> anyhow::Result<()> {
    println!(
        "\nthe relay, one message at a time, {MESSAGES} each way over the platforms' doubles on the same cores \
         (goal: p99 < 50 ms)\n\
         The platforms' own rate limits are off, and so is the quiet period, for which customers' words\n\
         wait on their way to a desk too.\n\
         {:<36}{:>30}{:>30}",
        "  p50 / p95 / p99 in ms", "customer to room", "agent to customer"
    );
    for customers in [Platform::Telegram, Platform::Discord] {
        for desk in [Platform::Telegram, Platform::Discord] {
            let [there, back] = measure_pair(binary, customers, desk).await?;
            let name = format!("  {customers:?} customers, {desk:?} desk");
            println!("{name:<36}{:>30}{:>30}", row(&there), row(&back));
        }
    }
    Ok(())
}

fn row(waits: &Histogram<u64>) -> String {
    let ms =
        |quantile| Duration::from_micros(waits.value_at_quantile(quantile)).as_secs_f64() * 1e3;
    format!("{:.1} / {:.1} / {:.1}", ms(0.5), ms(0.95), ms(0.99))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Platform {
    Telegram,
    Discord,
}

/// Both platforms, a desk on one of them, and the product between.
struct House {
    telegram: TelegramDouble,
    discord: DiscordDouble,
    shown: UnboundedReceiver<Shown>,
    desk: Desk,
    folder: Option<TempDir>,
}

enum Desk {
    Telegram(telegram::Group, telegram::Customer),
    Discord(discord::Room, discord::Customer),
}

/// Somebody in one place.
enum Writer {
    Telegram(telegram::Customer),
    Discord(discord::Customer),
}

/// A conversation that an agent has: the customer and the agent, each with the place where the other
/// reads.
struct Talk {
    customer: (Writer, String),
    agent: (Writer, String),
}

/// A message of the bot, as its platform took it.
struct Shown {
    place: String,
    at: Instant,
}

async fn measure_pair(
    binary: &Path,
    customers: Platform,
    desk: Platform,
) -> anyhow::Result<[Histogram<u64>; 2]> {
    let mut house = House::build(desk).await?;
    let running = house.start(binary)?;
    let measured = measure_running(&mut house, customers).await;
    let measured = measured.with_context(|| running.log())?;
    running.stop().await?;
    Ok(measured)
}

async fn measure_running(
    house: &mut House,
    customers: Platform,
) -> anyhow::Result<[Histogram<u64>; 2]> {
    house.discord.wait_for_session(1).await;
    let mut talks = Vec::new();
    for number in 0..TALKS {
        talks.push(house.talk(customers, number).await?);
    }
    let mut waits = [Histogram::new(3)?, Histogram::new(3)?];
    for number in 0..WARM_UP + MESSAGES {
        let talk = &talks[number % TALKS];
        let ways = [
            (&talk.customer, &talk.agent.1),
            (&talk.agent, &talk.customer.1),
        ];
        for ((from, to), waits) in ways.into_iter().zip(&mut waits) {
            let micros = house.one(&from.0, to, number).await?;
            if number >= WARM_UP {
                waits.record(micros)?;
            }
        }
    }
    Ok(waits)
}

impl House {
    async fn build(desk: Platform) -> anyhow::Result<Self> {
        let (telegram, discord) = (TelegramDouble::start().await, DiscordDouble::start().await);
        let (tell, shown) = mpsc::unbounded_channel();
        telegram.watch(Arc::new(Watch(tell.clone())));
        discord.watch(Arc::new(Watch(tell)));
        let desk = match desk {
            Platform::Telegram => Desk::Telegram(telegram.forum("Team"), telegram.customer("Mia")),
            Platform::Discord => {
                Desk::Discord(discord.guild_channel("team"), discord.customer("Mia"))
            }
        };
        Ok(Self {
            telegram,
            discord,
            shown,
            desk,
            folder: Some(tempfile::tempdir()?),
        })
    }

    /// The product as a process, as an operator configures it.
    fn start(&mut self, binary: &Path) -> anyhow::Result<Running> {
        let folder = self.folder.take().context("a house is started once")?;
        let (place, account) = match &self.desk {
            Desk::Telegram(group, mia) => (
                format!("telegram: {}", group.chat_id()),
                format!("telegram: {}", mia.user_id()),
            ),
            Desk::Discord(channel, mia) => (
                format!("discord: {}", channel.id()),
                format!("discord: {}", mia.user()),
            ),
        };
        let yaml = format!("desks: {{{place}}}\nagents:\n  mia: {{name: Mia, {account}}}\n");
        std::fs::create_dir_all(folder.path().join("config"))?;
        std::fs::write(folder.path().join("config/desk.yaml"), yaml)?;
        let mut command = Command::new(std::path::absolute(binary)?);
        command.arg("serve").env_clear().envs(common(&folder));
        command.envs(without_limits()).envs(self.platforms());
        Running::start(command, None, folder)
    }

    fn platforms(&self) -> Settings {
        let telegram = (self.telegram.token(), self.telegram.url());
        vec![
            (
                "CONSULTANT__STORE__URL",
                "sqlite:sessions.sqlite".to_owned(),
            ),
            ("CONSULTANT__TELEGRAM__TOKEN", telegram.0.to_owned()),
            ("CONSULTANT__TELEGRAM__API_URL", telegram.1.to_owned()),
            ("CONSULTANT__DISCORD__TOKEN", TOKEN.to_owned()),
            ("CONSULTANT__DISCORD__API_URL", self.discord.api_url()),
            (
                "CONSULTANT__DISCORD__GATEWAY_URL",
                self.discord.gateway_url(),
            ),
        ]
    }

    /// A customer asks for a person, and Mia takes the conversation.
    async fn talk(&mut self, customers: Platform, number: usize) -> anyhow::Result<Talk> {
        let name = format!("Customer {number}");
        let (customer, place) = match customers {
            Platform::Telegram => {
                let who = self.telegram.customer(&name);
                let place = who.chat_id().to_string();
                (Writer::Telegram(who), place)
            }
            Platform::Discord => {
                let who = self.discord.customer(&name);
                let place = who.place();
                (Writer::Discord(who), place)
            }
        };
        customer.says("I want to talk to a person");
        let (agent, room) = self.room(number + 1).await?;
        // The card.
        self.comes(&room).await?;
        self.settle().await;
        agent.says("/take");
        self.comes(&place).await?;
        self.settle().await;
        Ok(Talk {
            customer: (customer, place),
            agent: (agent, room),
        })
    }

    /// Mia in the newest of so many rooms, and its place.
    async fn room(&self, count: usize) -> anyhow::Result<(Writer, String)> {
        let none = "no room was opened";
        Ok(match &self.desk {
            Desk::Telegram(group, mia) => {
                let room = group.wait_for_topics(count).await.pop().context(none)?;
                (Writer::Telegram(mia.in_room(&room)), room.address())
            }
            Desk::Discord(channel, mia) => {
                let room = channel.wait_for_threads(count).await.pop().context(none)?;
                (Writer::Discord(mia.at(&room)), room.id())
            }
        })
    }

    /// Microseconds until a message is where it is read.
    async fn one(&mut self, from: &Writer, to: &str, number: usize) -> anyhow::Result<u64> {
        let began = Instant::now();
        from.says(&format!("Message number {number}"));
        let came = self.comes(to).await?;
        let wait = came.saturating_duration_since(began);
        Ok(u64::try_from(wait.as_micros())?)
    }

    /// When the next message of the bot comes to this place.
    async fn comes(&mut self, to: &str) -> anyhow::Result<Instant> {
        let came = timeout(PATIENCE, self.next_at(to)).await;
        let came = came.with_context(|| format!("nothing came to {to}"))?;
        came.context("the doubles ended")
    }

    async fn next_at(&mut self, place: &str) -> Option<Instant> {
        loop {
            let shown = self.shown.recv().await?;
            if shown.place == place {
                return Some(shown.at);
            }
        }
    }

    /// Waits until nothing more comes anywhere.
    async fn settle(&mut self) {
        const QUIET: Duration = Duration::from_millis(200);
        while let Ok(Some(_)) = timeout(QUIET, self.shown.recv()).await {}
    }
}

impl Writer {
    fn says(&self, text: &str) {
        match self {
            Self::Telegram(who) => drop(who.says(text)),
            Self::Discord(who) => drop(who.says(text)),
        }
    }
}

/// Tells of each message of the bot when its platform took it.
struct Watch(UnboundedSender<Shown>);

impl Watch {
    fn tell(&self, call: &str, place: &str) {
        let Self(tell) = self;
        if matches!(call, "send" | "sendMessage") {
            let (place, at) = (place.to_owned(), Instant::now());
            // Nobody measures any more when the receiver is gone.
            tell.send(Shown { place, at }).ok();
        }
    }
}

#[async_trait]
impl Watcher<telegram::Fault> for Watch {
    async fn before(&self, _: &str, _: &str) -> Option<telegram::Fault> {
        None
    }

    async fn after(&self, call: &str, place: &str) {
        self.tell(call, place);
    }
}

#[async_trait]
impl Watcher<discord::Fault> for Watch {
    async fn before(&self, _: &str, _: &str) -> Option<discord::Fault> {
        None
    }

    async fn after(&self, call: &str, place: &str) {
        self.tell(call, place);
    }
}
