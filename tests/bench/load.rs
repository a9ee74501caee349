//! Load: what the product carries without a model, end to end over the platforms' doubles, and what
//! the usual frameworks' bots carry over the same double in the same run.
//!
//! First a closed loop finds the saturation: a fixed number of customers write, each again as soon
//! as another was answered. Then an open load comes at a share of it, at random times that do not
//! wait for anybody; a wait counts from the time at which the message was due, so a bot that stalls
//! cannot hide it. Start reading at [`measure`].

#[path = "load/bots.rs"]
pub(super) mod bots;
#[path = "load/crowd.rs"]
mod crowd;
#[path = "load/floor.rs"]
pub(super) mod floor;
#[path = "load/process.rs"]
pub(super) mod process;
#[path = "load/table.rs"]
mod table;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;

use bots::{Bot, Plan, Store, Way};
use crowd::Crowd;
use process::{Running, Use};
use table::{Row, Share, rival_ratio};

/// Customers that write at the same time in the closed loop.
const AT_ONCE: usize = 256;

/// How long the closed loop runs before it counts, and how long it counts.
const WARM_UP: Duration = Duration::from_secs(2);
const CLOSED: Duration = Duration::from_secs(6);

/// How long each open load lasts.
const OPEN: Duration = Duration::from_secs(6);

/// The shares of the saturation at which waits are measured, in percent.
const SHARES: &[u32] = &[30, 60, 80];

/// The share that is compared with the rivals.
const RIVAL_SHARES: &[u32] = &[60];

/// Conversations of most rows, of the one that shows growth, and of the one with the default
/// settings, which take a second for 30 of them.
const CONVERSATIONS: usize = 1_000;
const MANY_CONVERSATIONS: usize = 100_000;
const PACED_CONVERSATIONS: usize = 200;

/// What is measured of the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The product over each store and each way in.
    Product,
    /// The product with many conversations.
    Growth,
    /// The usual frameworks, and an empty bot.
    Rivals,
}

/// Where things are.
pub(super) struct Places {
    /// The product.
    pub(super) binary: PathBuf,
    /// The folder into which the rivals were installed.
    pub(super) rivals: PathBuf,
}

/// What is wanted of it.
pub(super) struct Wanted<'a> {
    pub(super) parts: &'a [Part],
    /// Only rows with these words in their name.
    pub(super) row: &'a str,
}

/// Measures what is wanted. Rows are printed as they come, or all of them as JSON at the end.
pub(super) async fn measure(
    places: &Places,
    wanted: &Wanted<'_>,
    json: bool,
) -> anyhow::Result<()> {
    if !json {
        table::print_head();
    }
    let mut rows = Vec::new();
    let mut plans = plans(wanted.parts, places);
    plans.retain(|plan| plan.name.contains(wanted.row));
    anyhow::ensure!(!plans.is_empty(), "no row is named {:?}", wanted.row);
    for plan in plans {
        eprintln!("load: {}", plan.name);
        let row = measure_one(&plan, places).await?;
        if !json {
            println!("{row}");
        }
        rows.push(row);
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else if let Some(ratio) = rival_ratio(&rows) {
        println!("\n{ratio}");
    }
    Ok(())
}

fn plans(parts: &[Part], places: &Places) -> Vec<Plan> {
    let product = |store, way, conversations| Plan {
        name: format!("Consultant, {}, {}", store_name(store), way_name(way)),
        bot: Bot::Product {
            store,
            way,
            defaults: false,
        },
        conversations,
        shares: SHARES,
    };
    let mut plans = Vec::new();
    if parts.contains(&Part::Product) {
        for store in [Store::Sqlite, Store::Redis, Store::Memory] {
            for way in [Way::Poll, Way::Webhook, Way::Discord] {
                plans.push(product(store, way, CONVERSATIONS));
            }
        }
        plans.push(defaults());
    }
    if parts.contains(&Part::Growth) {
        for store in [Store::Sqlite, Store::Redis] {
            plans.push(product(store, Way::Poll, MANY_CONVERSATIONS));
        }
    }
    if parts.contains(&Part::Rivals) {
        if !parts.contains(&Part::Product) {
            plans.push(product(Store::Redis, Way::Poll, CONVERSATIONS));
        }
        plans.extend(bots::rivals(&places.rivals).into_iter().map(rival));
    }
    plans
}

fn defaults() -> Plan {
    Plan {
        name: "Consultant, SQLite, Telegram poll, default settings".to_owned(),
        bot: Bot::Product {
            store: Store::Sqlite,
            way: Way::Poll,
            defaults: true,
        },
        conversations: PACED_CONVERSATIONS,
        shares: RIVAL_SHARES,
    }
}

fn rival((name, bot): (&str, Bot)) -> Plan {
    Plan {
        name: name.to_owned(),
        bot,
        conversations: CONVERSATIONS,
        shares: RIVAL_SHARES,
    }
}

async fn measure_one(plan: &Plan, places: &Places) -> anyhow::Result<Row> {
    let (running, mut crowd) = bots::start(plan, &places.binary).await?;
    let measured = measure_running(plan, &running, &mut crowd).await;
    let row = measured.with_context(|| running.log())?;
    running.stop().await?;
    Ok(row)
}

async fn measure_running(plan: &Plan, running: &Running, crowd: &mut Crowd) -> anyhow::Result<Row> {
    crowd.meet_all(AT_ONCE).await?;
    let before = running.used()?;
    let closed = crowd.closed(AT_ONCE, WARM_UP, CLOSED).await?;
    let after = running.used()?;
    let mut row = row(plan, &closed, before, after);
    for share in plan.shares {
        let rate = row.turns_per_second * f64::from(*share) / 100.0;
        let waits = crowd.open(rate, OPEN).await?;
        row.shares.push(Share::of(*share, rate, &waits));
    }
    let end = running.used()?;
    row.memory_mb = end.resident_kb / 1024.0;
    Ok(row)
}

fn row(plan: &Plan, closed: &crowd::Closed, before: Use, after: Use) -> Row {
    let turns = closed.all_turns;
    let grown = (after.resident_kb - before.resident_kb) / turns * 1000.0;
    Row {
        name: plan.name.clone(),
        is_product: matches!(
            plan.bot,
            Bot::Product {
                defaults: false,
                ..
            }
        ),
        is_rival: matches!(plan.bot, Bot::Rival { floor: false, .. }),
        conversations: plan.conversations,
        turns_per_second: closed.turns_per_second,
        cpu_s_per_1000: (after.cpu_s - before.cpu_s) / turns * 1000.0,
        redis_cpu_s_per_1000: (after.redis_cpu_s - before.redis_cpu_s) / turns * 1000.0,
        memory_mb: after.resident_kb / 1024.0,
        memory_kb_per_1000: grown,
        shares: Vec::new(),
    }
}

fn store_name(store: Store) -> &'static str {
    match store {
        Store::Sqlite => "SQLite",
        Store::Redis => "Redis",
        Store::Memory => "memory",
    }
}

fn way_name(way: Way) -> &'static str {
    match way {
        Way::Poll => "Telegram poll",
        Way::Webhook => "Telegram webhook",
        Way::Discord => "Discord",
    }
}

/// The folder of the rivals where none is named: beside the binary's build.
pub(super) fn rivals_beside(binary: &Path) -> PathBuf {
    let target = binary.parent().and_then(Path::parent);
    target.map_or_else(PathBuf::new, |target| target.join("rivals"))
}
