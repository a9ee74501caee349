//! A model that keeps every promise of the port but the one that a test has it break.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use async_trait::async_trait;
use consultant_core::ports::{
    Constraint, Finish, Generate, Generated, LanguageModel, ModelCard, ModelError, Prompt,
    TokenScore,
};
use futures::{StreamExt, stream, stream::BoxStream};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::{Instant, sleep, timeout_at},
};

/// A word is a token here, and takes this long.
const PACE: Duration = Duration::from_millis(1);

const CONTEXT_TOKENS: usize = 2048;

/// Which promise is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    Fails,
    BreaksOff,
    SpeaksAfterItsEnd,
    StopsInsteadOfLength,
    WritesMoreThanItsLimit,
    WritesNoWords,
    ForgetsTheTime,
    IsRestless,
    ForgetsSeeds,
    IgnoresSeeds,
    IsChangedByWarming,
    RewordsChoices,
    ChoosesByItself,
    LeavesOutAKey,
    NeverEndsForms,
    IsCertainBeyondAll,
    ScoresNotANumber,
    ForgetsAScore,
    FindsAllAlike,
    IsChangedByCompany,
    NeverCancels,
    IsNeverBusy,
    NamesAnotherLimit,
    HasLessRoom,
    ScoresPastTheQueue,
    StaysBusy,
    TakesAnything,
    FailsTheImpossible,
}

/// The model.
#[derive(Clone)]
pub(super) struct Double(Arc<Parts>);

struct Parts {
    card: ModelCard,
    fault: Fault,
    queue_limit: usize,
    places: Arc<Semaphore>,
    running: Semaphore,
    requests: AtomicU64,
    warmed: AtomicU64,
}

/// What is to be written, and how it ends.
struct Script {
    pieces: Vec<String>,
    finish: Finish,
}

type Item = Result<Generated, ModelError>;

impl Double {
    pub(super) fn new(fault: Fault, queue_limit: usize) -> Self {
        let room = usize::from(fault != Fault::HasLessRoom);
        Self(Arc::new(Parts {
            card: ModelCard {
                name: "double".to_owned(),
                languages: Vec::new(),
            },
            fault,
            queue_limit,
            places: Arc::new(Semaphore::new(queue_limit + room)),
            running: Semaphore::new(1),
            requests: AtomicU64::new(1),
            warmed: AtomicU64::new(0),
        }))
    }
}

impl Parts {
    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn place(&self) -> Result<Option<OwnedSemaphorePermit>, ModelError> {
        if self.has(Fault::IsNeverBusy) {
            return Ok(None);
        }
        let queue_limit = self.queue_limit + usize::from(self.has(Fault::NamesAnotherLimit));
        let place = Arc::clone(&self.places).try_acquire_owned();
        place
            .map(Some)
            .map_err(|_| ModelError::Busy { queue_limit })
    }

    fn check(&self, prompt: &Prompt, tokens: usize, possible: bool) -> Result<(), ModelError> {
        let words = prompt.messages.iter().map(|it| words(&it.text));
        let fits = words.sum::<usize>().saturating_add(tokens) <= CONTEXT_TOKENS;
        match (possible && fits, self.fault) {
            (true, _) | (_, Fault::TakesAnything) => Ok(()),
            (_, Fault::FailsTheImpossible) => Err(ModelError::Failed("no".to_owned())),
            _ => Err(ModelError::Refused("no".to_owned())),
        }
    }

    /// What stands at the beginning of all chance in this text.
    fn chance(&self, request: &Generate) -> u64 {
        let mut hasher = DefaultHasher::new();
        request.prompt.messages.len().hash(&mut hasher);
        let last = request.prompt.messages.last();
        last.map(|it| &it.text).hash(&mut hasher);
        let number = self.requests.fetch_add(1, Relaxed);
        let greedy = request.sampling.temperature == 0.0;
        let seed = request.sampling.seed.unwrap_or_default();
        let seed = match self.fault {
            Fault::IsRestless if greedy => number,
            Fault::ForgetsSeeds if !greedy => number,
            Fault::IgnoresSeeds => 0,
            Fault::IsChangedByWarming => seed + self.warmed.load(Relaxed),
            Fault::IsChangedByCompany if self.places.available_permits() < self.queue_limit => 1,
            _ if greedy => 0,
            _ => seed,
        };
        seed.hash(&mut hasher);
        hasher.finish()
    }

    fn script(&self, request: &Generate) -> Script {
        let chance = self.chance(request);
        let limit = request.max_tokens.min(CONTEXT_TOKENS);
        let mut pieces = match &request.constraint {
            Constraint::Free => self.story(chance, limit + 1),
            Constraint::Choice(choices) => letters(&self.choice(choices, chance)),
            Constraint::JsonSchema(_) => letters(self.note()),
        };
        if pieces.len() <= limit {
            let ends = !self.has(Fault::NeverEndsForms);
            let finish = if ends { Finish::Stop } else { Finish::Length };
            return Script { pieces, finish };
        }
        pieces.truncate(limit + usize::from(self.has(Fault::WritesMoreThanItsLimit)));
        let stops = self.has(Fault::StopsInsteadOfLength);
        let finish = if stops { Finish::Stop } else { Finish::Length };
        Script { pieces, finish }
    }

    fn story(&self, chance: u64, words: usize) -> Vec<String> {
        let blank = if self.has(Fault::WritesNoWords) {
            ""
        } else {
            " "
        };
        let word = |place: usize| {
            let blank = if place == 0 { "" } else { blank };
            format!("{blank}word{}", chance.wrapping_add(place as u64) % 1000)
        };
        (0..words).map(word).collect()
    }

    fn choice(&self, choices: &[String], chance: u64) -> String {
        let place = usize::try_from(chance % 97).unwrap_or_default();
        let chosen = choices.get(place % choices.len().max(1));
        let chosen = chosen.cloned().unwrap_or_default();
        match self.fault {
            Fault::RewordsChoices => chosen.replace(['C', '是', '购', '退', '询', '投'], "c"),
            Fault::ChoosesByItself => "whatever".to_owned(),
            _ => chosen,
        }
    }

    fn note(&self) -> &'static str {
        if self.has(Fault::LeavesOutAKey) {
            return r#"{"kind":"order","count":2,"urgent":false}"#;
        }
        r#"{"kind":"order","count":2,"urgent":false,"remark":"two"}"#
    }

    fn log_probability(&self, text: &str) -> f32 {
        match self.fault {
            Fault::IsCertainBeyondAll => 0.5,
            Fault::ScoresNotANumber => f32::NAN,
            Fault::FindsAllAlike => -1.0,
            _ if text.starts_with("A desk lamp") => -1.0,
            _ => -9.0,
        }
    }

    async fn run(
        self: Arc<Self>,
        request: Generate,
        script: Script,
        place: Option<OwnedSemaphorePermit>,
        caller: mpsc::UnboundedSender<Item>,
    ) {
        let deadline = match self.fault {
            Fault::ForgetsTheTime => Duration::from_hours(1),
            _ => request.time_limit,
        };
        let finish = script.finish;
        let written = timeout_at(
            Instant::now() + deadline,
            self.write(script.pieces, &caller),
        );
        let finish = tokio::select! {
            () = caller.closed(), if !self.has(Fault::NeverCancels) => None,
            written = written => Some(written.map_or(Finish::TimeLimit, |()| finish)),
        };
        let full = finish.is_none() && self.places.available_permits() == 0;
        if let (true, Some(place)) = (full && self.has(Fault::StaysBusy), place) {
            place.forget();
        }
        if let (Some(finish), false) = (finish, self.has(Fault::BreaksOff)) {
            caller.send(Ok(Generated::Done(finish))).ok();
        }
        if self.has(Fault::SpeaksAfterItsEnd) {
            caller.send(Ok(Generated::Piece("!".to_owned()))).ok();
        }
    }

    async fn write(&self, pieces: Vec<String>, caller: &mpsc::UnboundedSender<Item>) {
        let _turn = self.running.acquire().await;
        for piece in pieces {
            sleep(PACE).await;
            caller.send(Ok(Generated::Piece(piece))).ok();
        }
    }
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// A text in pieces of a few letters.
fn letters(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(|it| it.iter().collect()).collect()
}

/// What the settings of a request must be for it to be possible at all.
fn possible(request: &Generate) -> bool {
    let form = match &request.constraint {
        Constraint::Choice(choices) => {
            !choices.is_empty() && choices.iter().all(|choice| !choice.is_empty())
        }
        _ => true,
    };
    let sampling = request.sampling.temperature >= 0.0 && request.sampling.top_p > 0.0;
    form && sampling && request.max_tokens > 0 && !request.prompt.messages.is_empty()
}

#[async_trait]
impl LanguageModel for Double {
    fn card(&self) -> &ModelCard {
        &self.0.card
    }

    async fn generate(&self, request: Generate) -> Result<BoxStream<'static, Item>, ModelError> {
        let parts = Arc::clone(&self.0);
        if parts.has(Fault::Fails) {
            return Err(ModelError::Failed("it is broken".to_owned()));
        }
        parts.check(&request.prompt, request.max_tokens, possible(&request))?;
        let script = parts.script(&request);
        let place = parts.place()?;
        let (caller, receiver) = mpsc::unbounded_channel();
        tokio::spawn(parts.run(request, script, place, caller));
        let pieces = stream::unfold(receiver, |mut receiver| async {
            receiver.recv().await.map(|item| (item, receiver))
        });
        Ok(pieces.boxed())
    }

    async fn score(&self, prompt: &Prompt, text: &str) -> Result<Vec<TokenScore>, ModelError> {
        let parts = &self.0;
        parts.check(prompt, words(text), true)?;
        if !parts.has(Fault::ScoresPastTheQueue) {
            parts.place()?;
        }
        let forgotten = usize::from(parts.has(Fault::ForgetsAScore));
        let scored = text.split_whitespace().skip(forgotten);
        Ok(scored
            .map(|word| TokenScore {
                token: word.to_owned(),
                log_probability: parts.log_probability(text),
            })
            .collect())
    }

    async fn count_tokens(&self, text: &str) -> Result<usize, ModelError> {
        Ok(words(text))
    }

    async fn warm(&self, prompt: &Prompt) -> Result<(), ModelError> {
        self.0.check(prompt, 1, true)?;
        self.0.place()?;
        self.0.warmed.fetch_add(1, Relaxed);
        Ok(())
    }
}
