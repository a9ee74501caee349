//! Customers who do not exist: played by rules and by chance from a seed, each in a house of its
//! own, as many side by side as there are cores. A language model may put into words what they
//! mean. What they meet is reported, with an example.
//!
//! [`persona`] is the form of a file, [`customer`] what one of them means next, [`voice`] how it says
//! so, [`judge`] how a conversation ended, [`report`] what is told of all of them.

mod customer;
mod dice;
mod judge;
pub(super) mod persona;
mod report;
mod voice;

use std::{path::Path, sync::Arc};

use consultant_core::{
    InboundEvent,
    guard::FactBase,
    ports::{LanguageModel, StoreError},
};
use futures::{StreamExt, stream};

use super::{
    Stage,
    case::{Case, Writes, default_begin},
    house::{Seen, TestHouse},
};
use crate::{failure::Failure, starters};

pub use report::Simulation;

use customer::Customer;
use judge::{End, Judge};
use persona::Persona;
use report::Met;

/// The demo's own customers, compiled in beside its playbook.
const DEMO: (&str, &str) = ("scripts/personas.yaml", starters::shop::PERSONAS);

/// What to simulate.
#[derive(Clone)]
pub struct Wanted<'a> {
    /// The file of personas; the demo's where there is none.
    pub personas: Option<&'a Path>,
    /// Only personas with these words in their name.
    pub words: &'a str,
    /// How often each is played.
    pub times: u32,
    /// Where chance begins.
    pub seed: u64,
    /// Puts into words what customers mean; the words of the file where there is none.
    pub voice: Option<Arc<dyn LanguageModel>>,
}

/// Plays every persona so many times. With a real model one after another: it has the cores for
/// itself, and what it writes does not depend on who writes beside it.
pub async fn simulate(
    wanted: Wanted<'_>,
    stage: Stage,
    progress: impl Fn(usize, usize),
) -> Result<Simulation, Failure> {
    let personas = match wanted.personas {
        Some(file) => persona::read(file),
        None => persona::parse(DEMO.0, DEMO.1),
    }?;
    let file = wanted.personas.map(|it| it.display().to_string());
    let file = file.unwrap_or_else(|| DEMO.0.to_owned());
    let lacking = persona::lacking(&file, &personas, &stage.company);
    if !lacking.is_empty() {
        return Err(lacking.into());
    }
    let personas: Vec<Arc<Persona>> = personas
        .into_iter()
        .filter(|persona| persona.name.contains(wanted.words))
        .map(Arc::new)
        .collect();
    let knowledge = &stage.company.knowledge;
    let facts = FactBase::new(&knowledge.catalog(), &knowledge.faq());
    let facts = facts.with_documents(&knowledge.catalog(), &knowledge.documents());
    let facts = Arc::new(facts);
    let stage = Arc::new(stage);
    let runs: Vec<(Arc<Persona>, u32)> = personas
        .iter()
        .flat_map(|persona| (0..wanted.times).map(|number| (Arc::clone(persona), number)))
        .collect();
    let all = runs.len();
    let writes = wanted.voice.is_some() || stage.model.is_some();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let at_once = if writes { 1 } else { cores };
    let playing = runs.into_iter().map(|(persona, number)| {
        let customer = (persona, (number, wanted.seed), wanted.voice.clone());
        let company = (Arc::clone(&stage), Arc::clone(&facts));
        async move { tokio::spawn(play(customer, company)).await }
    });
    let mut playing = stream::iter(playing).buffered(at_once);
    let mut met = Vec::new();
    while let Some(ended) = playing.next().await {
        let ended = ended.map_err(|panic| broken(&panic.to_string()))?;
        met.push(ended.map_err(|error| broken(&error.to_string()))?);
        progress(met.len(), all);
    }
    Ok(Simulation::new(wanted.seed, &personas, met))
}

fn broken(what: &str) -> Failure {
    let what = format!("a simulated conversation broke off: {what}");
    Failure::new(what, "this is a bug; please report it with the seed")
}

/// Who is played, which of them, from which seed, in whose words.
type Playing = (Arc<Persona>, (u32, u64), Option<Arc<dyn LanguageModel>>);

/// One conversation, from the first word to whatever end it comes to.
async fn play(
    (persona, (number, seed), voice): Playing,
    (stage, facts): (Arc<Stage>, Arc<FactBase>),
) -> Result<Met, StoreError> {
    let place = format!("{}-{number}", persona.name);
    let writes = match &stage.model {
        Some(_) => Writes::Texts(Vec::new()),
        None => Writes::None,
    };
    let mut house = TestHouse::at(&place, &Case::begun(default_begin(), writes), &stage);
    let mut customer = Customer::new(&persona, (number, seed), voice);
    let mut judge = Judge::new(&persona, &stage, facts);
    let mut seen = Seen::default();
    while let Some(said) = customer.says(&seen).await {
        seen = house.hears(InboundEvent::says(&said.text)).await?;
        if let Some(end) = judge.hears(&said, &seen) {
            return Ok(judge.met(end));
        }
    }
    let end = customer.left().unwrap_or(End::GaveUp);
    Ok(judge.met(end))
}
