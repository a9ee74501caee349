//! `consultant model bench`: what the product adds to the model, on this machine, in one run.
//!
//! Each turn is asked twice: once through the whole pipeline (inbox, playbook, engine, guard,
//! outbox), and once straight to mistral.rs with the very request that the pipeline made, but for
//! one letter of the question, so that neither finds the other's prompt in the prefix cache.

mod watch;

use std::{process::ExitCode, sync::Arc, time::Duration};

use consultant_core::{
    Address, ChannelName, Inbound, InboundEvent,
    desk::DeskBook,
    ports::{Channel, Clock, Generate, OnePlaybook},
    prompt,
};
use consultant_store::{MediaFolder, MemoryStore, StoreSettings};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    clock::SystemClock,
    company,
    config::Config,
    dispatcher::Rhythm,
    failure::{Failure, because},
    house::{House, Parts, engine_settings},
    model::{Backends, Straight, StraightRun, choose},
    output,
    supervisor::Supervisor,
};
use consultant_knowledge::SmallModels;

use watch::{NoScreen, Seen, WatchedModel};

/// Something that no catalogue and no FAQ answers, so that the model has to. The reference makes
/// every question new to the prefix cache.
fn question(turn: u32, side: char) -> String {
    format!(
        "I paint watercolours at home, what would you say to me about that? Ref {turn:05}{side}"
    )
}

/// What was measured. Times in milliseconds, rates in tokens a second.
#[derive(Debug, Serialize)]
struct Report {
    model: String,
    turns: usize,
    prompt_tokens_p50: usize,
    pipeline_first_token_ms: Spread,
    straight_first_token_ms: Spread,
    added_first_token_ms_p50: f64,
    whole_reply_ms: Spread,
    pipeline_tokens_per_second_p50: f64,
    straight_tokens_per_second_p50: f64,
    rate_ratio: f64,
}

/// Median and 95th percentile.
#[derive(Debug, Serialize)]
struct Spread {
    p50: f64,
    p95: f64,
}

/// Measures and prints.
pub async fn run(
    turns: u32,
    json: bool,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    let Some(choice) = choose(config)? else {
        return Err(Failure::usage(
            "there is no model to measure",
            "set model.enabled: true",
        ));
    };
    let name = choice.card.name.clone();
    let loaded = backends.load(choice).await?;
    let watched = Arc::new(WatchedModel::new(loaded.model));
    let house = house(config, Arc::clone(&watched))?;
    let fixed = prompt::fixed_part(&house.engine.knowledge.catalog());
    house
        .engine
        .model
        .warm(&fixed)
        .await
        .map_err(|error| because("warming", &error, ""))?;
    let mut pairs = Vec::new();
    let mut before = None;
    for turn in 0..turns {
        let models = (&*watched, &*loaded.straight);
        pairs.extend(measure(turn, &house, models, &mut before).await?);
        output::note(&format!("\rturn {} of {turns}", turn + 1));
    }
    output::note("\n");
    house.supervisor.shut_down().await;
    let report = Report::new(name, &pairs)
        .ok_or_else(|| Failure::new("no reply was written by the model", "look at the playbook"))?;
    if json {
        output::print_json(&report);
    } else {
        output::print(&report.render());
    }
    Ok(ExitCode::SUCCESS)
}

fn house(config: &Config, watched: Arc<WatchedModel>) -> Result<House, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let company = company::load(&config.company, &SmallModels::default())?;
    let parts = Parts {
        knowledge: company.knowledge,
        playbooks: Arc::new(OnePlaybook(company.playbook)),
        following: None,
        model: watched,
        store: Arc::new(MemoryStore::new(
            &StoreSettings::default(),
            Arc::clone(&clock),
        )),
        media: Arc::new(MediaFolder::new(config.data_dir.join("media"))),
        clock,
        settings: engine_settings(config),
        rhythm: Rhythm::default(),
        readers: Vec::new(),
        desks: DeskBook::default(),
    };
    let screen: Arc<dyn Channel> = Arc::new(NoScreen);
    Ok(parts.build([screen], Vec::new(), Supervisor::default()))
}

/// One turn both ways. Which goes first changes with every turn.
struct Pair {
    pipeline: Seen,
    straight: StraightRun,
    prompt_tokens: usize,
}

async fn measure(
    turn: u32,
    house: &House,
    (watched, straight): (&WatchedModel, &dyn Straight),
    before: &mut Option<(Generate, usize)>,
) -> Result<Option<Pair>, Failure> {
    let failed = |error| because("a straight run", &error, "");
    let goes_first = before.take().filter(|_| turn % 2 == 1);
    let mut straight_run = None;
    if let Some((request, tokens)) = goes_first {
        let request = on_the_other_side(request, (turn - 1, turn));
        let run = straight.run(&request.prompt, tokens).await;
        straight_run = Some(run.map_err(failed)?);
    }
    let key = format!("bench:{turn}:{}", Uuid::now_v7());
    let address = Address::new(ChannelName::Terminal, key.clone());
    let said = InboundEvent::says(question(turn, 'a'));
    let inbound = Inbound::new(key, address, house.engine.clock.now(), said);
    watched.start();
    let outcome = house.dispatcher.answer(inbound).await;
    outcome.map_err(|error| because("a turn", &error, ""))?;
    let Some((request, pipeline)) = watched.take() else {
        return Ok(None);
    };
    *before = Some((request.clone(), pipeline.tokens));
    let request = on_the_other_side(request, (turn, turn));
    let prompt_tokens = watched
        .prompt_tokens(&request.prompt)
        .await
        .map_err(failed)?;
    let straight_run = if let Some(run) = straight_run {
        run
    } else {
        let run = straight.run(&request.prompt, pipeline.tokens).await;
        run.map_err(failed)?
    };
    Ok(Some(Pair {
        pipeline,
        straight: straight_run,
        prompt_tokens,
    }))
}

/// The request of one turn with the question that the other side of another turn asks.
fn on_the_other_side(mut request: Generate, (of, to): (u32, u32)) -> Generate {
    if let Some(last) = request.prompt.messages.last_mut() {
        last.text = last.text.replace(&question(of, 'a'), &question(to, 'b'));
    }
    request
}

impl Report {
    fn new(model: String, pairs: &[Pair]) -> Option<Self> {
        let of = |value: fn(&Pair) -> f64| Spread::of(pairs.iter().map(value).collect());
        let pipeline_rate = of(|pair| rate(pair.pipeline.decoding(), pair.pipeline.tokens))?;
        let straight_rate = of(|pair| pair.straight.tokens_per_second)?;
        let added = of(|pair| {
            milliseconds(pair.pipeline.first_token) - milliseconds(pair.straight.first_token)
        })?;
        let mut prompts: Vec<usize> = pairs.iter().map(|pair| pair.prompt_tokens).collect();
        prompts.sort_unstable();
        Some(Self {
            model,
            turns: pairs.len(),
            prompt_tokens_p50: *prompts.get(prompts.len() / 2)?,
            pipeline_first_token_ms: of(|pair| milliseconds(pair.pipeline.first_token))?,
            straight_first_token_ms: of(|pair| milliseconds(pair.straight.first_token))?,
            added_first_token_ms_p50: added.p50,
            whole_reply_ms: of(|pair| milliseconds(pair.pipeline.end))?,
            pipeline_tokens_per_second_p50: pipeline_rate.p50,
            straight_tokens_per_second_p50: straight_rate.p50,
            rate_ratio: pipeline_rate.p50 / straight_rate.p50,
        })
    }

    fn render(&self) -> String {
        format!(
            "{}: {} model-written replies, prompt of {} tokens (median)\n\
             first token   pipeline {:.0} ms (p95 {:.0})   straight {:.0} ms (p95 {:.0})   \
             added {:+.1} ms (median of pairs)\n\
             whole reply   pipeline {:.0} ms (p95 {:.0})\n\
             decoding      pipeline {:.1} tokens/s   straight {:.1} tokens/s   ratio {:.3}\n",
            self.model,
            self.turns,
            self.prompt_tokens_p50,
            self.pipeline_first_token_ms.p50,
            self.pipeline_first_token_ms.p95,
            self.straight_first_token_ms.p50,
            self.straight_first_token_ms.p95,
            self.added_first_token_ms_p50,
            self.whole_reply_ms.p50,
            self.whole_reply_ms.p95,
            self.pipeline_tokens_per_second_p50,
            self.straight_tokens_per_second_p50,
            self.rate_ratio,
        )
    }
}

impl Spread {
    /// Nearest-rank percentiles; `None` of nothing.
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let at = |percent: usize| {
            values
                .get((values.len() * percent).div_ceil(100).max(1) - 1)
                .copied()
        };
        Some(Self {
            p50: at(50)?,
            p95: at(95)?,
        })
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "a reply has few tokens")]
fn rate(decoding: Duration, tokens: usize) -> f64 {
    tokens.saturating_sub(1) as f64 / decoding.as_secs_f64().max(f64::EPSILON)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let spread = Spread::of((1..=100).map(f64::from).collect()).unwrap();
        assert_eq!((spread.p50, spread.p95), (50.0, 95.0));
        let one = Spread::of(vec![7.0]).unwrap();
        assert_eq!((one.p50, one.p95), (7.0, 7.0));
        assert!(Spread::of(Vec::new()).is_none());
    }
}
