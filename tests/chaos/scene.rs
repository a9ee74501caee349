//! Where a schedule plays: both platforms, their customers, and the store's server.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use consultant_app::clock::SystemClock;
use consultant_core::{
    Address, ChannelName,
    ports::{Backlog, Clock, WholeStore},
};
use consultant_store::{StoreSettings, open};
use consultant_tests::{
    discord::{self, DiscordDouble},
    redis::RedisServer,
    telegram::{self, TelegramDouble},
};
use secrecy::SecretString;
use tokio::process::Command;

use super::{
    desk::Desk,
    fault::GatewayFault,
    plan::{Plan, StoreKind},
};

/// No byte of a database lies before this, so that no page can be written: a full disk.
const NO_ROOM_BYTES: u32 = 4_096;

/// What a picture begins with.
const PICTURE: &[u8] = b"\xff\xd8\xff\xe0\0\x10\x01\x02";

/// Both platforms, their customers, and the store's server.
pub(super) struct Scene {
    pub(super) telegram: TelegramDouble,
    pub(super) discord: DiscordDouble,
    /// Those of the plan, and behind them those who come before people.
    pub(super) customers: Vec<Customer>,
    pub(super) desk: Option<Desk>,
    /// The number of the first of these.
    first_talk: usize,
    pub(super) store: StoreServer,
    places: HashMap<String, usize>,
}

/// Somebody on one of the platforms.
pub(super) struct Customer {
    who: Who,
    in_public: bool,
    /// What the platform calls their newest message.
    newest: Mutex<Option<Newest>>,
}

enum Who {
    Telegram(telegram::Customer),
    Discord(discord::Customer),
}

#[derive(Clone)]
enum Newest {
    Update(i64),
    Message(String),
}

impl Scene {
    /// Both platforms with the plan's customers, and the plan's store.
    pub(super) async fn set(plan: &Plan, folder: &Path) -> anyhow::Result<Self> {
        let (telegram, discord) = (TelegramDouble::start().await, DiscordDouble::start().await);
        let mut customers = Vec::new();
        let mut places = HashMap::new();
        let others = plan
            .customers
            .iter()
            .map(|one| (one.channel, one.in_public));
        let talks = plan.talks().iter().map(|talk| (talk.channel, false));
        for (number, (channel, in_public)) in others.chain(talks).enumerate() {
            let (place, who) = match channel {
                ChannelName::Discord => on_discord(&discord, number, in_public),
                _ => on_telegram(&telegram, number, in_public),
            };
            places.insert(place, number);
            customers.push(Customer {
                who,
                in_public,
                newest: Mutex::default(),
            });
        }
        let desk = plan.desk.as_ref();
        let desk = desk.map(|it| Desk::open(it, &telegram, &discord));
        Ok(Self {
            telegram,
            discord,
            customers,
            desk,
            first_talk: plan.customers.len(),
            store: StoreServer::start(plan.store, folder).await?,
            places,
        })
    }

    /// The customer of an address or of a platform's own place, which names the same but for
    /// the customer of a group.
    /// Of a room it is the one whose conversation is led there.
    pub(super) fn customer_at(&self, place: &str) -> Option<usize> {
        let of_room = self.desk.as_ref().and_then(|desk| desk.customer_of(place));
        let chat = place.split(['#', '/']).next().unwrap_or(place);
        of_room.or_else(|| self.places.get(chat).copied())
    }

    /// Whether a person has the conversation of this customer, as the store says now.
    pub(super) async fn is_a_persons(&self, customer: usize) -> anyhow::Result<bool> {
        let store = self.store.open().await?;
        let address = self.customers[customer].address();
        let Some(conversation) = store.at(&address).await? else {
            return Ok(false);
        };
        let session = store.open(conversation).await?.session;
        Ok(session.is_some_and(|it| it.owner.is_person()))
    }

    /// Whether this customer comes before people.
    pub(super) fn is_of_a_talk(&self, customer: usize) -> bool {
        self.desk.is_some() && customer >= self.first_talk
    }

    /// Whether a platform's place is where people work.
    pub(super) fn is_at_desk(&self, place: &str) -> bool {
        self.desk.as_ref().is_some_and(|desk| desk.holds(place))
    }

    /// Whether it cannot be told, after a call whose answer is lost, if a message was shown there.
    pub(super) fn is_unsure(&self, customer: usize, at_desk: bool) -> bool {
        let customer = self.customers.get(customer);
        let on_telegram = |it: &Customer| matches!(it.who, Who::Telegram(_));
        match &self.desk {
            Some(desk) if at_desk => desk.is_on_telegram(),
            _ => customer.is_some_and(on_telegram),
        }
    }

    /// Whether the platform may lose a change of this customer's message for good: Discord tells of
    /// it once, and whoever asks later reads the message as it is by then.
    pub(super) fn may_lose_changes(&self, customer: usize) -> bool {
        let customer = self.customers.get(customer);
        customer.is_some_and(|it| matches!(it.who, Who::Discord(_)))
    }

    /// Does something to the gateway connection.
    pub(super) fn disturb_gateway(&self, fault: GatewayFault) {
        match fault {
            GatewayFault::Drop => self.discord.drop_connections(),
            GatewayFault::Close(code) => self.discord.close_connections(Some(code)),
            GatewayFault::CloseWithoutCode => self.discord.close_connections(None),
            GatewayFault::Op7 => self.discord.ask_to_reconnect(),
            GatewayFault::Op9 { resumable } => self.discord.invalidate_sessions(resumable),
        }
    }

    /// Hands out once more what was done last in the room of this customer.
    pub(super) fn repeat_newest_at_desk(&self, customer: usize) {
        if let Some(desk) = &self.desk {
            desk.repeat_newest(customer, &self.telegram);
        }
    }

    /// Hands out the newest update of this customer once more.
    pub(super) fn repeat_newest(&self, customer: usize) {
        let Some(customer) = self.customers.get(customer) else {
            return;
        };
        let newest = customer.newest().clone();
        match (&customer.who, newest) {
            (Who::Telegram(_), Some(Newest::Update(number))) => self.telegram.repeat_update(number),
            (Who::Discord(who), Some(Newest::Message(id))) => who.repeats(&id),
            _ => {}
        }
    }
}

fn on_telegram(telegram: &TelegramDouble, number: usize, in_public: bool) -> (String, Who) {
    let mut who = telegram.customer(&format!("Customer {number}"));
    if in_public {
        who = who.in_group(&telegram.group(&format!("Group {number}")));
    }
    (format!("telegram:{}", who.chat_id()), Who::Telegram(who))
}

fn on_discord(discord: &DiscordDouble, number: usize, in_public: bool) -> (String, Who) {
    let mut who = discord.customer(&format!("Customer {number}"));
    if in_public {
        who = who.at(&discord.guild_channel(&format!("room-{number}")));
    }
    (format!("discord:{}", who.place()), Who::Discord(who))
}

impl Customer {
    /// Writes.
    pub(super) fn says(&self, text: &str) {
        let newest = match &self.who {
            Who::Telegram(who) if self.in_public => Newest::Update(who.mentions_bot(text)),
            Who::Telegram(who) => Newest::Update(who.says(text)),
            Who::Discord(who) if self.in_public => Newest::Message(who.mentions_bot(text)),
            Who::Discord(who) => Newest::Message(who.says(text)),
        };
        *self.newest() = Some(newest);
    }

    /// Changes their newest message, which is one of words.
    pub(super) fn edits(&self, text: &str) {
        let newest = self.newest().clone();
        match (&self.who, newest) {
            (Who::Telegram(who), Some(Newest::Update(number))) => {
                *self.newest() = Some(Newest::Update(who.edits(number, text)));
            }
            // What is repeated on Discord is the message, as it reads by then.
            (Who::Discord(who), Some(Newest::Message(id))) => who.edits(&id, text),
            _ => {}
        }
    }

    /// Sends pictures with words; on Telegram each is a message of its own.
    pub(super) fn sends_pictures(&self, text: &str, count: usize) {
        let newest = match &self.who {
            Who::Telegram(who) => {
                let mut newest = None;
                for part in 0..count {
                    newest = Some(who.sends(picture(who, text, (part, count))));
                }
                newest.map(Newest::Update)
            }
            Who::Discord(who) => {
                let pictures = vec![discord::Upload::picture(); count];
                Some(Newest::Message(who.uploads(text, &pictures)))
            }
        };
        *self.newest() = newest;
    }

    /// Presses a button under the newest message; `false` where there is no message yet.
    pub(super) fn presses(&self, press: &str) -> bool {
        let Who::Telegram(who) = &self.who else {
            return false;
        };
        let Some(message) = who.sees().last().map(|message| message.message_id) else {
            return false;
        };
        *self.newest() = Some(Newest::Update(who.presses(message, press)));
        true
    }

    /// Where they are, as an address.
    pub(super) fn address(&self) -> Address {
        match &self.who {
            Who::Telegram(who) => Address::new(ChannelName::Telegram, who.chat_id().to_string()),
            Who::Discord(who) => Address::new(ChannelName::Discord, who.place()),
        }
    }

    /// The bot's messages here, oldest first, as they read now.
    pub(super) fn sees(&self) -> Vec<String> {
        match &self.who {
            Who::Telegram(who) => who.sees().into_iter().map(|one| one.text).collect(),
            Who::Discord(who) => who.sees(),
        }
    }

    fn newest(&self) -> std::sync::MutexGuard<'_, Option<Newest>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of several pictures of an album, the first of them with words; or the only one, of none.
fn picture(
    who: &telegram::Customer,
    words: &str,
    (part, count): (usize, usize),
) -> telegram::Content {
    let name = format!("{} {words} {part}", who.chat_id());
    let file = telegram::File::new("photo", &name, PICTURE);
    let content = match part {
        0 => telegram::Content::File(file.saying(words)),
        _ => telegram::Content::File(file),
    };
    if count == 1 {
        return content;
    }
    telegram::Content::Part {
        album: words.to_owned(),
        content: Box::new(content),
    }
}

/// The store, and what can be done to it.
pub(super) enum StoreServer {
    Sqlite(PathBuf),
    Redis(Arc<Mutex<RedisServer>>, String),
}

impl StoreServer {
    async fn start(kind: StoreKind, folder: &Path) -> anyhow::Result<Self> {
        Ok(match kind {
            StoreKind::Sqlite => Self::Sqlite(folder.join("data/sessions.sqlite")),
            StoreKind::Redis => {
                let server = tokio::task::spawn_blocking(RedisServer::start).await?;
                let url = server.url();
                Self::Redis(Arc::new(Mutex::new(server)), url)
            }
        })
    }

    /// For `store.url`.
    pub(super) fn url(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite:{}", file.display()),
            Self::Redis(_, url) => url.clone(),
        }
    }

    /// What waits in the store, read beside the process that serves.
    pub(super) async fn backlog(&self) -> anyhow::Result<Backlog> {
        Ok(self.open().await?.backlog().await?)
    }

    /// The store, opened beside the process that serves.
    pub(super) async fn open(&self) -> anyhow::Result<Arc<dyn WholeStore>> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let url = SecretString::from(self.url());
        Ok(open(&url, StoreSettings::default(), clock).await?)
    }

    /// Takes the store away from this process.
    pub(super) async fn leave(&self, process: u32) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(_) => limit_files(process, &NO_ROOM_BYTES.to_string()).await,
            Self::Redis(server, _) => {
                let server = Arc::clone(server);
                tokio::task::spawn_blocking(move || lock(&server).stop()).await?;
                Ok(())
            }
        }
    }

    /// Gives it back.
    pub(super) async fn come_back(&self, process: u32) -> anyhow::Result<()> {
        match self {
            // The process may have ended meanwhile; the next one has no limit.
            Self::Sqlite(_) => limit_files(process, "unlimited").await.or(Ok(())),
            Self::Redis(server, _) => {
                let server = Arc::clone(server);
                let again = move || lock(&server).start_again();
                let ready = tokio::task::spawn_blocking(again).await?;
                anyhow::ensure!(ready, "redis-server does not start again");
                Ok(())
            }
        }
    }
}

/// Bounds the size of the files that a process may write. A process that ignores SIGXFSZ finds
/// its writes failing, as on a full disk.
async fn limit_files(process: u32, bytes: &str) -> anyhow::Result<()> {
    let limited = Command::new("prlimit")
        .args(["--pid", &process.to_string()])
        .arg(format!("--fsize={bytes}:"))
        .output()
        .await
        .context("prlimit (package util-linux)")?;
    anyhow::ensure!(limited.status.success(), "prlimit: {limited:?}");
    Ok(())
}

/// Ends a process as an operator's supervisor does.
pub(super) async fn terminate(process: u32) -> anyhow::Result<()> {
    let told = Command::new("kill")
        .args(["-TERM", &process.to_string()])
        .output();
    told.await.context("kill")?;
    Ok(())
}

/// A pause that is part of a plan.
pub(super) async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

fn lock(server: &Mutex<RedisServer>) -> std::sync::MutexGuard<'_, RedisServer> {
    server.lock().unwrap_or_else(PoisonError::into_inner)
}
