//! One schedule from its plan to its verdict.

use std::{
    collections::BTreeMap,
    fmt::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use consultant_core::{ChannelName, ports::Backlog};
use futures::future::join_all;
use tokio::time::Instant;

use super::{
    director::Director,
    fault::Sort,
    house::{House, Manner},
    plan::{AFTER_ALL_REMINDERS, CustomerPlan, Gap, Plan, Platforms, Say, Wants},
    relay::{self, Evidence, Relayed},
    scene::{Customer, Scene, pause},
    talk::{Talk, talks},
    verdict::{
        Findings, answered, change_of, changes_heard, judge, name_of, press_of, reminded, wished,
    },
};

/// How often it is looked at what customers see.
const LOOK: Duration = Duration::from_millis(20);

/// Without a further answer for so long, what is missing is lost. Longer than any fault: a hang
/// costs 20 s, and each pause before another try at most 30 s.
const PATIENCE: Duration = Duration::from_secs(75);

/// How long a customer waits for answers before writing on.
pub(super) const WAITING: Duration = Duration::from_secs(20);

/// The product waits a minute for its own tasks; a stop takes no longer.
const STOPPING: Duration = Duration::from_secs(70);

/// After the last start, so that what it repeats by mistake shows.
const SETTLING: Duration = Duration::from_millis(400);

/// Which schedule.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    pub(super) seed: u64,
    pub(super) number: u64,
    pub(super) platforms: Platforms,
    pub(super) without: Vec<Sort>,
}

/// What came of a schedule.
pub(super) struct Outcome {
    pub(super) number: u64,
    pub(super) findings: Findings,
    /// What was found where people took part.
    pub(super) relayed: Relayed,
    /// Faults that struck, by kind.
    pub(super) faults: BTreeMap<&'static str, usize>,
    /// At which steps the process was killed.
    pub(super) killed_at: BTreeMap<String, usize>,
    /// Planned faults whose marker never came.
    pub(super) unstruck: usize,
    /// How often the process ended without an order, as where its store is away at a start.
    pub(super) ended_by_itself: usize,
    /// What is wrong besides the findings.
    pub(super) problems: Vec<String>,
    /// Where the trace lies, if it was kept.
    pub(super) kept: Option<PathBuf>,
    pub(super) took: Duration,
}

impl Outcome {
    /// Whether every guarantee was kept.
    pub(super) fn is_clean(&self) -> bool {
        let relayed = self.relayed.wrong.is_empty();
        self.findings.is_clean() && relayed && self.problems.is_empty()
    }
}

/// Plays a schedule in a folder of its own below `folder`; the folder stays if it failed or if
/// `keep` says so.
pub(super) async fn play(ticket: Ticket, folder: &Path, keep: bool) -> anyhow::Result<Outcome> {
    let began = Instant::now();
    let plan = Plan::draw(ticket.seed, ticket.number, ticket.platforms);
    let plan = plan.without(&ticket.without);
    let name = format!("seed-{}-schedule-{}", ticket.seed, ticket.number);
    let place = folder.join(name);
    if place.exists() {
        std::fs::remove_dir_all(&place)?;
    }
    std::fs::create_dir_all(&place)?;
    let scene = Arc::new(Scene::set(&plan, &place).await?);
    let director = Director::new(Arc::clone(&scene), plan.faults.clone());
    let manner = Manner::prepare(&plan, &scene, &place)?;
    let house = director.takes(House::open(manner, Arc::clone(&director)));
    let mut problems = Vec::new();
    let talks = talks(&scene, &director, plan.customers.len());
    if let Err(problem) = act(&plan, &scene, &talks, (&director, house)).await {
        problems.push(format!("{problem:#}"));
    }
    let relayed = judge_talks(&plan, &scene, &talks, &director).await;
    let relayed = relayed.unwrap_or_else(|problem| {
        problems.push(format!("{problem:#}"));
        Relayed::default()
    });
    problems.extend(director.problems());
    problems.extend(scene.telegram.take_violations());
    problems.extend(scene.discord.violations());
    let mut outcome = conclude(&plan, &scene, &director, problems);
    outcome.number = ticket.number;
    outcome.relayed = relayed;
    outcome.ended_by_itself = house.status().by_itself;
    outcome.took = began.elapsed();
    if keep || !outcome.is_clean() {
        let text = describe(&plan, &scene, (&director, &outcome));
        std::fs::write(place.join("trace.txt"), text)?;
        outcome.kept = Some(place);
    } else {
        std::fs::remove_dir_all(&place)?;
    }
    Ok(outcome)
}

/// Everybody writes, faults strike, all settles, and a last start finds nothing to do.
async fn act(
    plan: &Plan,
    scene: &Arc<Scene>,
    talks: &[Talk<'_>],
    (director, house): (&Arc<Director>, &House),
) -> anyhow::Result<()> {
    let met = introduce(plan, scene, director).await;
    let met = met.and(introduce_talks(plan, scene, talks).await);
    director.arm();
    go_on(plan, scene, talks, director).await;
    if plan.has_reminders() {
        director.disarm_all_but_timers();
        wait(PATIENCE, || director.has_store()).await;
        // Not in the middle of an answer: the fifth end of the process in one is a message's last.
        settle(scene).await?;
        director.note("-- the time of the reminders comes");
        house.kill(AFTER_ALL_REMINDERS).await;
        wait_for_reminders(plan, scene).await;
    }
    director.disarm();
    director.note("-- everything is answered, or given up");
    wait(PATIENCE, || director.has_store()).await;
    let settled = settle(scene).await;
    let restarted = house.restart(STOPPING).await;
    let left = left_by_the_last_start(plan, scene).await;
    house.close(STOPPING).await?;
    met.and(settled).and(restarted)?;
    anyhow::ensure!(left? == Backlog::default(), "the last start left something");
    let by_itself = house.status().by_itself;
    director.note(&format!("-- ended by itself: {by_itself} times"));
    Ok(())
}

/// What waits after a last start. What an agent did last may have been heard only just before it.
async fn left_by_the_last_start(plan: &Plan, scene: &Scene) -> anyhow::Result<Backlog> {
    pause(SETTLING).await;
    if plan.desk.is_some() {
        settle(scene).await?;
    }
    scene.store.backlog().await
}

/// Everybody does what is planned, until all of it is answered or has come through.
async fn go_on(plan: &Plan, scene: &Scene, talks: &[Talk<'_>], director: &Director) {
    let writing = plan.customers.iter().enumerate().map(|(number, one)| {
        let said = said_before(plan, one);
        write(
            director,
            (number, &scene.customers[number]),
            &one.says,
            said,
        )
    });
    let talking = talks.iter().zip(plan.talks());
    let talking = talking.map(|(talk, plan)| talk.go_on(plan.deeds.get(1..).unwrap_or_default()));
    let all = (join_all(writing), join_all(talking));
    futures::join!(all.0, all.1);
    wait_for_answers(plan, scene).await;
    wait_for_talks(talks).await;
}

/// How many messages are said before faults begin. Discord gives a bot no list of its direct
/// messages, so such a place that nobody has spoken in yet cannot be caught up with by any means,
/// and a bot that has heard nothing at all does not know since when it listens: those who talk in
/// private are heard once, or else everybody. A guild's channels may be silent until then.
fn said_before(plan: &Plan, customer: &CustomerPlan) -> usize {
    let is_private = |one: &CustomerPlan| one.channel == ChannelName::Discord && !one.in_public;
    let nobody_is = !plan.customers.iter().any(is_private);
    let is_on_discord = customer.channel == ChannelName::Discord;
    usize::from(is_on_discord && (nobody_is || is_private(customer)))
}

async fn introduce(plan: &Plan, scene: &Scene, director: &Director) -> anyhow::Result<()> {
    let everyone = plan.customers.iter().zip(&scene.customers).enumerate();
    let discord = everyone.filter(|(_, (one, _))| said_before(plan, one) > 0);
    let discord: Vec<_> = discord.collect();
    if discord.is_empty() {
        return Ok(());
    }
    scene.discord.wait_for_session(1).await;
    for (number, (plan, customer)) in &discord {
        if let Some(say) = plan.says.first() {
            speak(director, (*number, customer), 0, say);
        }
    }
    let met = || {
        discord
            .iter()
            .all(|(_, (_, one))| !answered(&one.sees()).is_empty())
    };
    anyhow::ensure!(wait(WAITING, met).await, "nobody was answered at first");
    Ok(())
}

/// Those who come before people are heard once before faults begin, wherever they are.
async fn introduce_talks(plan: &Plan, scene: &Scene, talks: &[Talk<'_>]) -> anyhow::Result<()> {
    if talks.is_empty() {
        return Ok(());
    }
    scene.discord.wait_for_session(1).await;
    let talking = talks.iter().zip(plan.talks());
    let talking = talking.map(|(talk, plan)| talk.go_on(plan.deeds.get(..1).unwrap_or_default()));
    join_all(talking).await;
    let met = || talks.iter().all(|talk| talk.arrived() == talk.wanted());
    anyhow::ensure!(wait(WAITING, met).await, "nobody was answered at first");
    Ok(())
}

/// One customer writes all that is planned but the first `said` messages.
async fn write(
    director: &Director,
    (number, customer): (usize, &Customer),
    says: &[Say],
    said: usize,
) {
    for (index, say) in says.iter().enumerate().skip(said) {
        leave_gap(say.gap, customer, index).await;
        speak(director, (number, customer), index, say);
        if let Some(gap) = say.edited {
            leave_gap(gap, customer, index + 1).await;
            let text = format!("{} {}", name_of(index + 1), change_of(index + 1));
            director.note(&format!("customer {number} changes it to {text}"));
            customer.edits(&text);
        }
    }
}

/// Waits as planned, at most until so many messages are answered.
async fn leave_gap(gap: Gap, customer: &Customer, answers: usize) {
    match gap {
        Gap::Pause(time) => pause(time).await,
        Gap::Answers => {
            wait(WAITING, || answered(&customer.sees()).len() >= answers).await;
        }
    }
}

fn speak(director: &Director, (number, customer): (usize, &Customer), index: usize, say: &Say) {
    let name = name_of(index + 1);
    let text = match say.wants {
        // Where the house was away for so long that there is nothing to press, words have to do.
        Wants::Pressed if customer.presses(&press_of(index + 1)) => {
            return director.note(&format!("customer {number} presses {name}"));
        }
        Wants::Few | Wants::Picture | Wants::Album | Wants::Pressed => name,
        Wants::Long => format!("{name} long"),
        Wants::Reminder => format!("{name} remind me"),
        Wants::Written => format!("{name} please write me a few words about this"),
    };
    director.note(&format!("customer {number} says {text}"));
    match say.wants {
        Wants::Picture => customer.sends_pictures(&text, 1),
        Wants::Album => customer.sends_pictures(&text, 3),
        _ => customer.says(&text),
    }
}

/// Waits until all is answered and every change is heard, or nothing has come for too long.
async fn wait_for_answers(plan: &Plan, scene: &Scene) {
    let everyone = || plan.customers.iter().zip(&scene.customers);
    let count = || -> usize {
        let heard = everyone().map(|(plan, customer)| {
            let seen = customer.sees();
            answered(&seen).len() + changes_heard(&plan.says, &seen)
        });
        heard.sum()
    };
    let changes = plan.customers.iter().flat_map(|one| &one.says);
    let changes = changes.filter(|say| say.edited.is_some()).count();
    let wanted = plan.messages() + changes;
    let mut before = count();
    while before < wanted {
        // Discord may have kept a change to itself.
        let patience = if before < plan.messages() {
            PATIENCE
        } else {
            WAITING
        };
        wait(patience, || count() > before).await;
        let now = count();
        if now == before {
            return;
        }
        before = now;
    }
}

/// Waits until all that customers and agents said has come through, or nothing has for too long.
async fn wait_for_talks(talks: &[Talk<'_>]) {
    let arrived = || -> usize { talks.iter().map(Talk::arrived).sum() };
    let wanted: usize = talks.iter().map(Talk::wanted).sum();
    let mut before = arrived();
    while before < wanted {
        // More than the longest pause between two tries.
        if !wait(WAITING * 2, || arrived() > before).await {
            return;
        }
        before = arrived();
    }
}

/// Waits until everybody was reminded, or nobody has been for too long.
async fn wait_for_reminders(plan: &Plan, scene: &Scene) {
    let everyone = plan.customers.iter().zip(&scene.customers);
    for (plan, customer) in everyone {
        let is_reminded = || reminded(&customer.sees()).is_superset(&wished(&plan.says));
        if !wait(PATIENCE, is_reminded).await {
            return;
        }
    }
}

/// Waits until the store holds nothing that waits.
async fn settle(scene: &Scene) -> anyhow::Result<()> {
    let give_up = Instant::now() + PATIENCE;
    loop {
        match scene.store.backlog().await {
            Ok(backlog) if backlog == Backlog::default() => return Ok(()),
            found if Instant::now() > give_up => {
                let found = found.context("the store cannot be read")?;
                let (inbox, outbox) = (found.inbox.len(), found.outbox.len());
                anyhow::bail!("left in the store: {inbox} inbounds and {outbox} entries");
            }
            _ => pause(LOOK * 5).await,
        }
    }
}

pub(super) async fn wait(limit: Duration, ready: impl Fn() -> bool) -> bool {
    let waiting = async {
        while !ready() {
            pause(LOOK).await;
        }
    };
    tokio::time::timeout(limit, waiting).await.is_ok()
}

/// Judges the conversations with people, and whether words of any of them came to somebody else.
async fn judge_talks(
    plan: &Plan,
    scene: &Scene,
    talks: &[Talk<'_>],
    director: &Director,
) -> anyhow::Result<Relayed> {
    let mut all = Relayed::default();
    if plan.desk.is_none() {
        return Ok(all);
    }
    let store = scene.store.open().await?;
    for talk in talks {
        let conversation = store.at(&talk.customer().address()).await?;
        let conversation = conversation.context("a customer without a conversation")?;
        let ledger = store.ledger(conversation).await?;
        let happened: Vec<_> = ledger.into_iter().map(|event| event.what).collect();
        let addresses = store.addresses(conversation).await?;
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        let found = relay::judge(&Evidence {
            spoken: &talk.spoken(),
            seen: &talk.customer().sees(),
            at_desk: &talk.at_desk(),
            happened: &happened,
            addresses: &addresses,
            customer: director.excuses(talk.number),
            desk: director.excuses_at_desk(talk.number),
        });
        all.add(&found);
    }
    for (number, customer) in scene.customers.iter().enumerate() {
        all.wrong
            .extend(relay::misdirected(number, &customer.sees()));
    }
    Ok(all)
}

fn conclude(plan: &Plan, scene: &Scene, director: &Director, problems: Vec<String>) -> Outcome {
    let mut findings = Findings::default();
    for (number, one) in plan.customers.iter().enumerate() {
        let seen = scene.customers[number].sees();
        findings.add(&judge(&one.says, &seen, director.excuses(number)));
    }
    let (faults, unstruck) = director.faults();
    Outcome {
        number: 0,
        findings,
        relayed: Relayed::default(),
        faults,
        killed_at: director.killed_at(),
        unstruck: unstruck.len(),
        ended_by_itself: 0,
        problems,
        kept: None,
        took: Duration::ZERO,
    }
}

/// The plan, every step, and what each customer sees.
fn describe(plan: &Plan, scene: &Scene, (director, outcome): (&Director, &Outcome)) -> String {
    let way_in = if plan.webhook { "webhook" } else { "polls" };
    let mut text = format!("{:?}, quiet for {:?}, {way_in}\n", plan.store, plan.quiet);
    for (number, one) in plan.customers.iter().enumerate() {
        writeln!(text, "customer {number}: {one:?}").ok();
    }
    if let Some(desk) = &plan.desk {
        writeln!(text, "{desk:?}").ok();
    }
    for planned in &plan.faults {
        writeln!(text, "planned at {}: {:?}", planned.at, planned.what).ok();
    }
    for planned in director.faults().1 {
        writeln!(text, "never came: {}", planned.at).ok();
    }
    writeln!(text, "\n{}\n", director.trace()).ok();
    for (number, one) in plan.customers.iter().enumerate() {
        let seen = scene.customers[number].sees();
        let findings = judge(&one.says, &seen, director.excuses(number));
        writeln!(text, "customer {number} sees ({findings:?}):").ok();
        for message in seen {
            let first = message.lines().next().unwrap_or_default();
            let lines = message.lines().count();
            let named: Vec<_> = message
                .split_whitespace()
                .filter(|it| it.starts_with('q'))
                .collect();
            writeln!(text, "    {first} {named:?} ({lines} lines)").ok();
        }
    }
    for number in plan.customers.len()..scene.customers.len() {
        writeln!(text, "customer {number} of a talk sees:").ok();
        for message in scene.customers[number].sees() {
            writeln!(text, "    {message:?}").ok();
        }
        writeln!(text, "and at the desk stands:").ok();
        for message in scene.desk.iter().flat_map(|desk| desk.reads(number)) {
            writeln!(text, "    {message:?}").ok();
        }
    }
    writeln!(text, "\n{:#?}", outcome.relayed).ok();
    writeln!(text, "\n{:?}\n{:#?}", outcome.findings, outcome.problems).ok();
    text
}
