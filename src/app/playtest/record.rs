//! Turns a talk into a test: what is said in it is played as a conversation of a test is, and what
//! comes of it is written down as what must come of it.

mod kept;
mod written;

use std::fmt::Write;

use consultant_core::{ChannelName, Language, LedgerEvent, SlotValue};
use jiff::{SignedDuration, Timestamp};

use super::{
    Stage,
    case::{Case, Step, Writes},
    check::{Miss, reply},
    house::{Seen, TestHouse},
    play::act,
};

use written::{WrittenCase, WrittenStep};

/// The longest name that is made of what was said first, in letters.
const NAME_CHARS: usize = 60;

/// A talk that is written down.
pub struct Recording {
    house: TestHouse,
    case: WrittenCase,
    last: Seen,
}

/// What a turn begins from: only what it changes is written down.
#[derive(Default)]
struct Before {
    stage: Option<String>,
    language: Option<Language>,
    slots: Vec<(String, SlotValue)>,
}

impl Recording {
    /// A talk that begins at this time, to the second. The clock stands still in it.
    pub fn new(stage: &Stage, now: Timestamp, channel: ChannelName) -> Self {
        let at = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let model = match &stage.model {
            Some(_) => Writes::Texts(Vec::new()),
            None => Writes::None,
        };
        let case = Case {
            channel,
            ..Case::begun(at, model.clone())
        };
        Self {
            house: TestHouse::new(&case, stage),
            case: WrittenCase::begun(at, channel, &model),
            last: Seen::default(),
        }
    }

    /// Hears a line and tells what is said to it: `/press LABEL` presses a button, `/after 24h`
    /// lets time pass, all else is said. What cannot be done is told, and not written down.
    pub async fn hears(&mut self, line: &str) -> Result<String, String> {
        self.does(&step(line)?).await
    }

    /// Hears again what a customer did in a conversation that is kept, and tells what could not be
    /// done again.
    pub async fn hears_again(&mut self, ledger: &[LedgerEvent]) -> Vec<String> {
        let mut undone = Vec::new();
        for step in kept::steps(ledger) {
            let done = match step {
                Ok(step) => self.does(&step).await,
                Err(why) => Err(why.to_owned()),
            };
            undone.extend(done.err());
        }
        undone
    }

    async fn does(&mut self, step: &Step) -> Result<String, String> {
        let before = Before::of(&self.last);
        let acted = act(&mut self.house, step, &self.last).await;
        let seen = acted.map_err(|miss| cannot(&miss))?;
        self.case.wrote(&seen.written);
        self.case.turns.push(WrittenStep::of(step, &before, &seen));
        let shown = shown(&seen);
        self.last = seen.after(step, &self.last);
        Ok(shown)
    }

    /// Whether nothing was heard.
    pub fn is_empty(&self) -> bool {
        self.case.turns.is_empty()
    }

    /// A file with the talk as its one conversation. Without a name it is called by what was said
    /// first.
    pub fn text(self, name: Option<&str>) -> Result<String, serde_yaml::Error> {
        let first = self.case.turns.iter().find_map(|turn| turn.says.clone());
        let first = first.unwrap_or_else(|| "a talk".to_owned());
        let first = first.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = name.map_or_else(|| first.chars().take(NAME_CHARS).collect(), str::to_owned);
        self.case.file(name)
    }
}

impl Before {
    fn of(last: &Seen) -> Self {
        last.session
            .as_ref()
            .map_or_else(Self::default, |session| Self {
                stage: Some(session.stage.clone()),
                language: Some(session.language),
                slots: session
                    .slots
                    .iter()
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect(),
            })
    }
}

fn step(line: &str) -> Result<Step, String> {
    let mut step = Step::default();
    let said = line.trim_end_matches(['\r', '\n']);
    if let Some(label) = said.strip_prefix("/press ") {
        step.presses = Some(label.trim().to_owned());
    } else if let Some(time) = said.strip_prefix("/after ") {
        let parsed = time.trim().parse::<SignedDuration>();
        let time = parsed.ok().filter(SignedDuration::is_positive);
        step.after = Some(time.ok_or("no time to wait; write `/after 24h`")?);
    } else {
        step.says = Some(said.to_owned());
    }
    Ok(step)
}

fn cannot(miss: &Miss) -> String {
    let Miss { what, wanted, got } = miss;
    format!("{what}: wanted {wanted}, got {got}")
}

/// What the customer reads, with what can be pressed.
fn shown(seen: &Seen) -> String {
    let mut text = reply(seen);
    let cards = seen.replies.iter().filter_map(|it| it.card.as_ref());
    let buttons: Vec<String> = cards
        .flat_map(|card| &card.buttons)
        .map(|button| format!("[{}]", button.label))
        .collect();
    if !buttons.is_empty() {
        write!(text, "\n{}", buttons.join(" ")).ok();
    }
    text
}
