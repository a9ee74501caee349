//! Seeded conversations in which a customer, two agents and the bot do things in any order, at any
//! moment, while one side or the other cannot be reached; and a verdict on who said what when.
//!
//! Time stands still until everybody waits, so a schedule is the same each time that it is played.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use consultant_app::company::Company;
use consultant_core::{
    Address, ChannelName, Happening, InboundEvent, Language, MessageId,
    desk::DeskEvent,
    ports::{
        Finish, Generate, Generated, LanguageModel, ModelCard, ModelError, Prompt, TokenScore,
    },
};
use futures::{StreamExt, stream, stream::BoxStream};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

use crate::{
    office::{CUSTOMER, Office, Person, TELEGRAM_DESK, wrote},
    wall::Shown,
};

/// Things that are done in one schedule.
const STEPS: usize = 24;

/// What every note says; no customer may ever read it.
const SECRET: &str = "between us";
/// How every word of an agent to the customer begins.
const AGENT: &str = "Agent says";

/// Plays one schedule; what went wrong in it, if anything did.
pub async fn play(company: &Company, seed: u64) -> Result<(), String> {
    let office = Office::with_model(company.clone(), Arc::new(SlowWriter::default()));
    let mut dice = Dice(ChaCha8Rng::seed_from_u64(seed));
    let mut said = Said::default();
    for number in 0..STEPS {
        step(&office, &mut dice, &mut said, number).await;
        pause(&mut dice).await;
    }
    office.telegram.comes_back(CUSTOMER);
    office.telegram.comes_back(TELEGRAM_DESK);
    office.settled().await;
    verdict(&office, &said).await
}

/// What was said in a schedule, in order.
#[derive(Default)]
struct Said {
    customer: Vec<String>,
    agents: Vec<String>,
}

struct Dice(ChaCha8Rng);

impl Dice {
    fn below(&mut self, sides: u32) -> u32 {
        self.0.next_u32() % sides
    }
}

async fn pause(dice: &mut Dice) {
    match dice.below(4) {
        0 => {}
        1 => tokio::task::yield_now().await,
        2 => tokio::time::sleep(Duration::from_millis(u64::from(dice.below(30)))).await,
        _ => tokio::time::sleep(Duration::from_millis(u64::from(dice.below(400)))).await,
    }
}

async fn step(office: &Office, dice: &mut Dice, said: &mut Said, number: usize) {
    match dice.below(12) {
        0..=3 => customer_says(office, dice, said, number).await,
        4 => switch(office, CUSTOMER, dice),
        5 => switch(office, TELEGRAM_DESK, dice),
        choice => {
            let Some(person) = somebody(office, dice) else {
                return customer_says(office, dice, said, number).await;
            };
            agent_does(&person, choice, said, number).await;
        }
    }
}

/// A place cannot be reached for a while, or can again.
fn switch(office: &Office, place: &str, dice: &mut Dice) {
    if dice.below(2) == 0 {
        office.telegram.goes_away(place);
    } else {
        office.telegram.comes_back(place);
    }
}

/// One of the agents, once there is a room to write in.
fn somebody<'a>(office: &'a Office, dice: &mut Dice) -> Option<Person<'a>> {
    if office.rooms(ChannelName::Telegram).is_empty() {
        return None;
    }
    let is_mia = dice.below(2) == 0;
    Some(if is_mia { office.mia() } else { office.tom() })
}

async fn customer_says(office: &Office, dice: &mut Dice, said: &mut Said, number: usize) {
    let words = match dice.below(4) {
        0 => "I want to talk to a person",
        1 => "what does delivery cost?",
        2 => "how much is the Halo lamp?",
        _ => "tell me something about oak and the sea",
    };
    let text = format!("{words} c{number}");
    said.customer.push(text.clone());
    let at = Address::new(ChannelName::Telegram, CUSTOMER);
    let event = InboundEvent::says(text);
    office.drops_in(&at, &format!("c{number}"), event).await;
}

async fn agent_does(person: &Person<'_>, choice: u32, said: &mut Said, number: usize) {
    let name = format!("d{number}");
    let what = match choice {
        6 => press("desk:take"),
        7 => press("desk:back"),
        8 => wrote(format!("// {SECRET} d{number}"), None),
        9 => wrote("/close".to_owned(), None),
        _ => {
            let text = format!("{AGENT} d{number}");
            said.agents.push(text.clone());
            wrote(text, Some(MessageId::from("1")))
        }
    };
    person.drops(&name, what).await;
}

fn press(press: &str) -> DeskEvent {
    let press = press.to_owned();
    DeskEvent::Pressed { press }
}

/// Whether everybody read what they should, once and in order, and nobody spoke out of turn.
async fn verdict(office: &Office, said: &Said) -> Result<(), String> {
    let log = office.telegram.log();
    let to_customer: Vec<&Shown> = log.iter().filter(|it| it.place == CUSTOMER).collect();
    if let Some(leak) = to_customer.iter().find(|it| it.text.contains(SECRET)) {
        return Err(format!("the customer read a note: {}", leak.text));
    }
    let is_agents = |it: &&&Shown| it.text.starts_with(AGENT);
    let read: Vec<&str> = to_customer
        .iter()
        .filter(is_agents)
        .map(|it| it.text.as_str())
        .collect();
    let wrote: Vec<&str> = said.agents.iter().map(String::as_str).collect();
    if read != wrote {
        return Err(format!(
            "agents wrote {wrote:?} and the customer read {read:?}"
        ));
    }
    let is_bots = |it: &&&Shown| !it.text.starts_with(AGENT) && !is_notice(&it.text);
    let mut bots = to_customer.iter().filter(is_bots);
    if let Some(spoken) = bots.find(|it| it.of_a_person) {
        return Err(format!("the bot said over a person: {}", spoken.text));
    }
    heard(office, said, &log).await
}

/// Product's own words about people.
fn is_notice(text: &str) -> bool {
    text.contains("is with you now")
        || text.contains("handed the conversation back")
        || text.contains("This conversation is closed")
}

/// Whether everything that the customer said is in the ledger once, and at the desk once where a
/// person had the conversation.
async fn heard(office: &Office, said: &Said, log: &[Shown]) -> Result<(), String> {
    if said.customer.is_empty() {
        return Ok(());
    }
    let happened = office.happened().await;
    for text in &said.customer {
        let has = |said: &String| said.lines().any(|line| line == text);
        let answered = happened.iter().filter(|it| match it {
            Happening::Answered { said, .. } | Happening::Heard { said, .. } => has(said),
            _ => false,
        });
        let answered = answered.count();
        if answered != 1 {
            return Err(format!("{text:?} was taken up {answered} times"));
        }
        let copy = format!("👤 {text}");
        let copies = log.iter().filter(|it| it.text == copy).count();
        let must = happened
            .iter()
            .any(|it| matches!(it, Happening::Heard { said, .. } if has(said)));
        if copies > 1 || (must && copies == 0) {
            return Err(format!("the desk read {text:?} {copies} times"));
        }
    }
    Ok(())
}

/// Writes slowly, so that much happens meanwhile.
struct SlowWriter(ModelCard);

impl Default for SlowWriter {
    fn default() -> Self {
        Self(ModelCard {
            name: "slow writer".to_owned(),
            languages: vec![Language::EN],
        })
    }
}

#[async_trait]
impl LanguageModel for SlowWriter {
    fn card(&self) -> &ModelCard {
        &self.0
    }

    async fn generate(
        &self,
        _request: Generate,
    ) -> Result<BoxStream<'static, Result<Generated, ModelError>>, ModelError> {
        let pieces = [
            "Here is what I think of it.",
            " It is a good question.",
            " We like it.",
        ];
        let pieces = stream::iter(pieces).then(|piece| async move {
            tokio::time::sleep(Duration::from_millis(60)).await;
            Ok(Generated::Piece(piece.to_owned()))
        });
        let done = stream::iter([Ok(Generated::Done(Finish::Stop))]);
        Ok(pieces.chain(done).boxed())
    }

    async fn score(
        &self,
        _prompt: &Prompt,
        _continuation: &str,
    ) -> Result<Vec<TokenScore>, ModelError> {
        Err(ModelError::Refused("it only writes".to_owned()))
    }

    async fn count_tokens(&self, text: &str) -> Result<usize, ModelError> {
        Ok(text.split_whitespace().count())
    }

    async fn warm(&self, _prompt: &Prompt) -> Result<(), ModelError> {
        Ok(())
    }
}
