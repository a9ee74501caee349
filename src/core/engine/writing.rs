//! The model's part of a reply: a draft, guarded sentence by sentence, written anew once when the
//! guard refuses, and shown only as far as it is guarded.

use std::pin::pin;

use futures::{
    StreamExt,
    future::{Either, select},
    stream::BoxStream,
};

use super::{Engine, OpenTurn};
use crate::{
    Effect, Happening, Interrupt, Money, Speaker,
    guard::{ConversationFacts, Evidence, Verdict, forbidden_in},
    ports::{Constraint, Finish, Generate, Generated, ModelError, Outlet},
    prompt,
    script::fits_language,
    sentences::SentenceStream,
    wording,
};

/// What a model hands over, piece by piece.
type Pieces = BoxStream<'static, Result<Generated, ModelError>>;

/// A draft and one rewrite.
const DRAFTS: u32 = 2;

/// One part of a reply that the model writes.
pub(super) struct Writing<'a> {
    pub(super) engine: &'a Engine,
    pub(super) open: &'a OpenTurn,
    pub(super) computed: &'a [Money],
    pub(super) before: &'a str,
    pub(super) interrupt: &'a Interrupt,
}

/// What came of it: a text, or no text and why.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) text: String,
    /// What the guard said: refusals, and what the text's claims rest on.
    pub(super) judged: Vec<Happening>,
    pub(super) failure: Option<String>,
    /// How sure the model was of the text, where it can say.
    pub(super) sure_permille: Option<u16>,
}

/// What is kept of a draft that passed; nothing where it claims nothing.
fn passed(evidence: Vec<Evidence>) -> Option<Happening> {
    (!evidence.is_empty()).then_some(Happening::GuardPassed { evidence })
}

/// What came of one draft.
enum Drafted {
    Whole {
        text: String,
        evidence: Vec<Evidence>,
        sure_permille: Option<u16>,
    },
    Refused {
        sentence: String,
        claims: Vec<String>,
    },
    Failed(ModelError),
    Interrupted,
}

impl Writing<'_> {
    /// Writes, rewrites once, and gives up with an empty text. `None` when it was interrupted.
    pub(super) async fn run(&self, outlet: &dyn Outlet) -> Option<Written> {
        let mut written = Written::default();
        let mut refused: Vec<String> = Vec::new();
        for _ in 0..DRAFTS {
            match self.draft(&refused, outlet).await {
                Drafted::Whole {
                    text,
                    evidence,
                    sure_permille,
                } => {
                    written.text = text;
                    written.sure_permille = sure_permille;
                    written.judged.extend(passed(evidence));
                    return Some(written);
                }
                Drafted::Refused { sentence, claims } => {
                    refused.extend(claims.iter().cloned());
                    written.judged.push(Happening::GuardRefused {
                        draft: sentence,
                        claims,
                    });
                }
                Drafted::Failed(error) => {
                    written.failure = Some(error.to_string());
                    return Some(written);
                }
                Drafted::Interrupted => return None,
            }
        }
        Some(written)
    }

    async fn draft(&self, refused: &[String], outlet: &dyn Outlet) -> Drafted {
        let request = self.request(refused);
        let mut stream = match self.start(request, outlet).await {
            Ok(stream) => stream,
            Err(error) => return Drafted::Failed(error),
        };
        let said = self.said();
        let open = self.open;
        let turn = &open.turn;
        let facts = &self.engine.facts;
        let facts = facts.of(&turn.catalog, &turn.faq, &turn.documents);
        let mut guarded = Guarded::new(self, facts.in_conversation(&said, self.computed));
        while let Some(item) = self.next_of(&mut stream).await {
            let refused = match item {
                Ok(Generated::Piece(piece)) => guarded.add_piece(&piece, outlet).await,
                Ok(Generated::Sure { permille }) => {
                    guarded.sure_permille = Some(permille);
                    None
                }
                Ok(Generated::Done(finish)) => return guarded.end(finish, outlet).await,
                Err(error) => return Drafted::Failed(error),
            };
            if let Some(refusal) = refused {
                return refusal;
            }
        }
        if self.interrupt.is_given() {
            return Drafted::Interrupted;
        }
        Drafted::Failed(ModelError::Failed("it stopped without an end".to_owned()))
    }

    /// The model's next piece; `None` at its end, or when the customer wrote again. Dropping the
    /// stream then cancels the model at its next token.
    async fn next_of(&self, stream: &mut Pieces) -> Option<Result<Generated, ModelError>> {
        let sign = pin!(self.interrupt.given());
        match select(sign, stream.next()).await {
            Either::Left(_) => None,
            Either::Right((item, _)) => item,
        }
    }

    fn request(&self, refused: &[String]) -> Generate {
        let settings = &self.engine.settings;
        let mut sampling = settings.sampling;
        if !refused.is_empty() {
            // The same seed would write the same refused draft again.
            sampling.seed = sampling.seed.map(|seed| seed.wrapping_add(1));
        }
        Generate {
            prompt: prompt::for_turn(&self.open.turn, &self.open.session.history, refused),
            max_tokens: settings.max_tokens,
            time_limit: settings.time_limit,
            sampling,
            constraint: Constraint::Free,
        }
    }

    /// Starts the model; while its queue is full, says so and waits.
    async fn start(&self, request: Generate, outlet: &dyn Outlet) -> Result<Pieces, ModelError> {
        let settings = &self.engine.settings;
        let mut started = self.engine.model.generate(request.clone()).await;
        let mut tries = 1;
        while matches!(started, Err(ModelError::Busy { .. })) && tries < settings.busy_tries {
            self.preview(wording::one_moment(self.open.session.language), outlet)
                .await;
            outlet.perform(Effect::Pause(settings.busy_pause)).await;
            started = self.engine.model.generate(request.clone()).await;
            tries += 1;
        }
        started
    }

    /// What the customer said in this conversation, the last words last.
    fn said(&self) -> Vec<&str> {
        let history = self.open.session.history.iter();
        let history = history.filter(|line| line.speaker == Speaker::Customer);
        history
            .map(|line| line.text.as_str())
            .chain([self.open.turn.text.as_str()])
            .collect()
    }

    async fn preview(&self, text: &str, outlet: &dyn Outlet) {
        let mut entry = self.open.entry.clone();
        entry.text = joined(self.before, text);
        outlet.perform(Effect::Preview(entry)).await;
    }
}

/// The guarded text of one draft so far.
struct Guarded<'a> {
    writing: &'a Writing<'a>,
    /// All that a sentence may rest on.
    known: ConversationFacts<'a>,
    sentences: SentenceStream,
    text: String,
    evidence: Vec<Evidence>,
    sure_permille: Option<u16>,
}

impl<'a> Guarded<'a> {
    fn new(writing: &'a Writing<'a>, known: ConversationFacts<'a>) -> Self {
        Self {
            writing,
            known,
            sentences: SentenceStream::new(),
            text: String::new(),
            evidence: Vec::new(),
            sure_permille: None,
        }
    }

    /// Adds what the model wrote; refuses at the first sentence that no fact holds.
    async fn add_piece(&mut self, piece: &str, outlet: &dyn Outlet) -> Option<Drafted> {
        for sentence in self.sentences.push(piece) {
            let refused = self.add(sentence, outlet).await;
            if refused.is_some() {
                return refused;
            }
        }
        None
    }

    /// Adds a sentence and shows it, or refuses it.
    async fn add(&mut self, sentence: String, outlet: &dyn Outlet) -> Option<Drafted> {
        match self.judge(&sentence) {
            Verdict::Pass => {
                if self.writing.engine.settings.guard.on {
                    let evidence = self.known.evidence(&self.text, &sentence);
                    self.evidence.extend(evidence);
                }
                self.text.push_str(&sentence);
                self.writing.preview(self.text.trim(), outlet).await;
                None
            }
            Verdict::Refuse { claims } => Some(Drafted::Refused { sentence, claims }),
        }
    }

    /// What the guard says of a sentence, if it is on.
    fn judge(&self, sentence: &str) -> Verdict {
        let guard = &self.writing.engine.settings.guard;
        if !guard.on {
            return Verdict::Pass;
        }
        let language = self.writing.open.session.language;
        if !fits_language(sentence, language) {
            let claims = vec![format!("anything that is not in `{language}`")];
            return Verdict::Refuse { claims };
        }
        let forbidden = forbidden_in(sentence, &guard.never_written);
        match self.known.guard_after(&self.text, sentence) {
            Verdict::Pass if forbidden.is_empty() => Verdict::Pass,
            Verdict::Pass => Verdict::Refuse { claims: forbidden },
            refused @ Verdict::Refuse { .. } => refused,
        }
    }

    /// The last words. A sentence that a limit cut off is left out where there is another one.
    async fn end(mut self, finish: Finish, outlet: &dyn Outlet) -> Drafted {
        let rest = std::mem::take(&mut self.sentences).finish();
        let cut_off = finish != Finish::Stop && !self.text.trim().is_empty();
        if let Some(rest) = rest.filter(|_| !cut_off)
            && let Some(refusal) = self.add(rest, outlet).await
        {
            return refusal;
        }
        Drafted::Whole {
            text: self.text.trim().to_owned(),
            evidence: self.evidence,
            sure_permille: self.sure_permille,
        }
    }
}

fn joined(before: &str, text: &str) -> String {
    if before.is_empty() {
        text.to_owned()
    } else {
        format!("{before}\n{text}")
    }
}
