//! The customers: who writes when, and how long each waits for the reply.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use anyhow::Context;
use consultant_tests::{
    discord::{self, DiscordDouble, Posted},
    telegram::{LightTelegram, Reply},
};
use hdrhistogram::Histogram;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{Instant, sleep_until, timeout_at},
};

/// What customers ask in turn; each is answered from facts.
const QUESTIONS: [&str; 4] = [
    "How much is the Halo desk lamp?",
    "Do you deliver to Austria?",
    "What desks do you have?",
    "How much is the Halo desk lamp for two?",
];

/// How long the last replies may take. Whoever has none by then never gets one.
const PATIENCE: Duration = Duration::from_mins(1);

/// The longest wait that is told from longer ones.
const LONGEST_WAIT_MICROS: u64 = 120_000_000;

/// The same arrivals in every run.
const SEED: u64 = 7;

/// A platform and those who write there.
pub(super) enum Platform {
    Telegram(LightTelegram, UnboundedReceiver<Reply>),
    Discord(DiscordCrowd),
}

pub(super) struct DiscordCrowd {
    pub(super) double: DiscordDouble,
    posted: UnboundedReceiver<Posted>,
    customers: Vec<discord::Customer>,
    places: HashMap<u64, usize>,
}

impl DiscordCrowd {
    pub(super) async fn gather(size: usize) -> anyhow::Result<Self> {
        let (double, posted) = DiscordDouble::start_light().await;
        let customers = (0..size).map(|number| double.customer(&format!("c{number}")));
        let customers: Vec<_> = customers.collect();
        let places = customers.iter().enumerate();
        let places = places.map(|(number, customer)| Ok((customer.place().parse()?, number)));
        let places = places.collect::<anyhow::Result<_>>()?;
        Ok(Self {
            double,
            posted,
            customers,
            places,
        })
    }
}

impl Platform {
    fn says(&self, customer: usize, text: &str) {
        match self {
            Self::Telegram(double, _) => double.says(customer, text),
            Self::Discord(crowd) => drop(crowd.customers[customer].says(text)),
        }
    }

    /// The next reply: whose, and when the platform took it.
    async fn reply(&mut self) -> Option<(usize, Instant)> {
        match self {
            Self::Telegram(_, replies) => replies.recv().await.map(|it| (it.customer, it.at)),
            Self::Discord(crowd) => {
                let Posted { place, at } = crowd.posted.recv().await?;
                Some((*crowd.places.get(&place)?, at))
            }
        }
    }
}

/// All customers, each with at most one message that is not answered.
pub(super) struct Crowd {
    pub(super) platform: Platform,
    idle: VecDeque<usize>,
    /// Since when each waits.
    since: Vec<Option<Instant>>,
    waiting: usize,
    asked: usize,
}

/// What the closed loop came to.
pub(super) struct Closed {
    pub(super) turns_per_second: f64,
    /// Turns of the whole loop, the warm-up too.
    pub(super) all_turns: f64,
}

impl Crowd {
    pub(super) fn new(platform: Platform, size: usize) -> Self {
        Self {
            platform,
            idle: (0..size).collect(),
            since: vec![None; size],
            waiting: 0,
            asked: 0,
        }
    }

    /// Waits for the first reply of a bot that is still starting.
    pub(super) async fn meet_one(&mut self) -> anyhow::Result<()> {
        self.ask(Instant::now());
        self.drain(|_| {}).await
    }

    /// Everybody writes once.
    pub(super) async fn meet_all(&mut self, at_once: usize) -> anyhow::Result<()> {
        let mut left = self.idle.len();
        while left > 0 {
            if self.waiting < at_once {
                self.ask(Instant::now());
                left -= 1;
            } else {
                self.one_reply(Instant::now() + PATIENCE).await?;
            }
        }
        self.drain(|_| {}).await
    }

    /// So many write at once, each again as soon as somebody was answered.
    pub(super) async fn closed(
        &mut self,
        at_once: usize,
        warm_up: Duration,
        counted: Duration,
    ) -> anyhow::Result<Closed> {
        let begin = Instant::now() + warm_up;
        let end = begin + counted;
        let (mut turns, mut all) = (0_u32, 0_u32);
        for _ in 0..at_once.min(self.idle.len()) {
            self.ask(Instant::now());
        }
        while Instant::now() < end {
            let (at, _) = self.one_reply(end + PATIENCE).await?;
            all += 1;
            turns += u32::from((begin..end).contains(&at));
            self.ask(Instant::now());
        }
        self.drain(|_| all += 1).await?;
        Ok(Closed {
            turns_per_second: f64::from(turns) / counted.as_secs_f64(),
            all_turns: f64::from(all),
        })
    }

    /// Messages come at this rate, whether or not earlier ones are answered. Waits count from when
    /// a message was due, in microseconds.
    pub(super) async fn open(
        &mut self,
        rate: f64,
        lasts: Duration,
    ) -> anyhow::Result<Histogram<u64>> {
        let mut waits = Histogram::new_with_max(LONGEST_WAIT_MICROS, 3)?;
        let mut note = |wait: Duration| {
            let micros = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX);
            waits.saturating_record(micros);
        };
        let mut arrivals = Arrivals::new(rate);
        let end = Instant::now() + lasts;
        let mut due = arrivals.next();
        while due < end {
            while due <= Instant::now() && due < end && !self.idle.is_empty() {
                self.ask(due);
                due = arrivals.next();
            }
            tokio::select! {
                () = sleep_until(due), if !self.idle.is_empty() => {}
                reply = self.one_reply(end + PATIENCE) => note(reply?.1),
            }
        }
        self.drain(note).await?;
        Ok(waits)
    }

    /// The customer who has been quiet for longest asks the next question.
    fn ask(&mut self, since: Instant) {
        let Some(customer) = self.idle.pop_front() else {
            return;
        };
        self.since[customer] = Some(since);
        self.waiting += 1;
        let question = QUESTIONS[self.asked % QUESTIONS.len()];
        self.asked += 1;
        self.platform.says(customer, question);
    }

    /// When the next reply came, and how long its customer had waited.
    async fn one_reply(&mut self, give_up: Instant) -> anyhow::Result<(Instant, Duration)> {
        let reply = timeout_at(give_up, self.platform.reply()).await;
        let waiting = self.waiting;
        let reply = reply.with_context(|| format!("{waiting} messages were never answered"))?;
        let (customer, at) = reply.context("the platform ended, or wrote to a stranger")?;
        let since = self.since[customer].take();
        let since = since.context("a customer was answered twice")?;
        self.idle.push_back(customer);
        self.waiting -= 1;
        Ok((at, at.saturating_duration_since(since)))
    }

    async fn drain(&mut self, mut note: impl FnMut(Duration)) -> anyhow::Result<()> {
        let give_up = Instant::now() + PATIENCE;
        while self.waiting > 0 {
            note(self.one_reply(give_up).await?.1);
        }
        Ok(())
    }
}

/// Times with exponential gaps.
struct Arrivals {
    next: Instant,
    mean_gap_s: f64,
    random: ChaCha8Rng,
}

impl Arrivals {
    fn new(rate: f64) -> Self {
        Self {
            next: Instant::now(),
            mean_gap_s: 1.0 / rate.max(0.1),
            random: ChaCha8Rng::seed_from_u64(SEED),
        }
    }

    fn next(&mut self) -> Instant {
        // From above 0 up to 1, so that its logarithm is a number.
        let drawn = (f64::from(self.random.next_u32()) + 1.0) / (f64::from(u32::MAX) + 1.0);
        self.next += Duration::from_secs_f64(-drawn.ln() * self.mean_gap_s);
        self.next
    }
}
