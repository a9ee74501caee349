//! What a turn knows: the input of a playbook, and what understanding found in the message.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rust_decimal::Decimal;

use crate::{
    Audience, Catalog, ChannelName, Documents, Faq, FaqId, Language, Line, Owner, PassageHit,
    Points, ProductId, Session, SlotValue, Suggestion, VariantId,
};

/// Everything that a playbook may see. A pure function of this is all that a playbook is.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The customer's words, cleaned; may be empty (`/start`).
    pub text: String,
    /// Whether this is the conversation's first turn, or the customer gave `/start`.
    pub first_contact: bool,
    /// Whether the customer can be written to later. Nobody looks at a terminal that they closed.
    pub reachable: bool,
    /// What came of the model's part of the reply, where it was asked; nothing while the reply is not
    /// written yet.
    pub written: Option<Written>,
    /// How many of the customer's files and places became no words.
    pub unread_files: u32,
    /// What a person wants the bot to know who has handed the conversation back to it, until the bot
    /// has answered.
    pub colleague_note: Option<String>,
    /// The stage in which the turn begins.
    pub stage: String,
    /// What is known so far.
    pub slots: BTreeMap<String, SlotValue>,
    /// The slot that the last reply asked for.
    pub awaiting: Option<String>,
    /// How often in a row that slot was asked for.
    pub asked_times: u32,
    /// What the model took this message for, where rules read no value in it. No script sees it.
    pub suggested: Option<Suggestion>,
    /// The value of the awaited slot that the last reply asked the customer to confirm.
    pub to_confirm: Option<SlotValue>,
    /// Whether a person has already been called.
    pub escalated: bool,
    /// Why one was called last.
    pub escalated_for: Option<String>,
    /// Turns in a row before this one that found no answer.
    pub unanswered: u32,
    /// The lead score, reason by reason.
    pub points: Vec<Points>,
    /// What the playbook calls this conversation.
    pub tags: BTreeSet<String>,
    /// How often each objection was raised before.
    pub objections: BTreeMap<String, u32>,
    /// The newest lines of the dialogue, oldest first, without this message.
    pub history: Vec<Line>,
    /// What is known of the customer.
    pub customer: Acquaintance,
    /// Where chance begins: the same for a turn that is repeated, another one for the next.
    pub seed: u64,
    /// Turns answered before this one.
    pub turns: u64,
    /// What understanding found in the text.
    pub understanding: Understanding,
    /// The turn's own time.
    pub now: Timestamp,
    /// Who is served, on which day: whose catalogue and whose answers these are.
    pub audience: Audience,
    /// What the company sells.
    pub catalog: Arc<Catalog>,
    /// The reviewed answers.
    pub faq: Arc<Faq>,
    /// The documents.
    pub documents: Arc<Documents>,
}

impl Turn {
    /// A turn on Telegram of which nothing is known but this: for whoever asks a playbook without
    /// an engine, as tests and measurements do.
    pub fn bare(
        text: impl Into<String>,
        stage: impl Into<String>,
        understanding: Understanding,
        now: Timestamp,
        (catalog, faq): (Arc<Catalog>, Arc<Faq>),
    ) -> Self {
        Self {
            text: text.into(),
            first_contact: false,
            reachable: true,
            written: None,
            unread_files: 0,
            colleague_note: None,
            stage: stage.into(),
            slots: BTreeMap::new(),
            awaiting: None,
            suggested: None,
            to_confirm: None,
            asked_times: 0,
            escalated: false,
            escalated_for: None,
            unanswered: 0,
            points: Vec::new(),
            tags: BTreeSet::new(),
            objections: BTreeMap::new(),
            history: Vec::new(),
            customer: Acquaintance {
                channel: ChannelName::Telegram,
                since: now,
                last_said_at: None,
            },
            seed: 0,
            turns: 1,
            understanding,
            now,
            audience: Audience::on(catalog.day_of(now)),
            catalog,
            faq,
            documents: Arc::default(),
        }
    }

    /// Sees a session as it is now.
    pub fn see(&mut self, session: &Session) {
        self.stage.clone_from(&session.stage);
        self.slots.clone_from(&session.slots);
        self.awaiting.clone_from(&session.awaiting);
        self.asked_times = session.asked_times;
        self.to_confirm.clone_from(&session.to_confirm);
        self.escalated = session.escalation.is_some();
        let reason = session.escalation.as_ref().map(|it| it.reason.clone());
        self.escalated_for = reason;
        self.unanswered = session.unanswered;
        self.points.clone_from(&session.points);
        self.tags.clone_from(&session.tags);
        self.objections.clone_from(&session.objections);
        self.history.clone_from(&session.history);
        self.colleague_note = match &session.owner {
            Owner::HandingBack { note } => note.clone(),
            _ => None,
        };
    }

    /// The company's time zone; UTC where it does not say.
    pub fn zone(&self) -> TimeZone {
        self.catalog.zone()
    }

    /// The day of the turn, in the company's time zone.
    pub fn today(&self) -> Date {
        self.catalog.day_of(self.now)
    }
}

/// What is known of a customer, from this conversation alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acquaintance {
    /// Where they write.
    pub channel: ChannelName,
    /// When they first wrote.
    pub since: Timestamp,
    /// When they wrote before this message.
    pub last_said_at: Option<Timestamp>,
}

/// What plain functions found in a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Understanding {
    /// The language to answer in.
    pub language: Language,
    /// What the customer wants.
    pub intent: Intent,
    /// How sure that is: 0 to 1.
    pub confidence: f64,
    /// What the company's trained intents take the message for, where they are sure enough.
    pub trained: Option<TrainedIntent>,
    /// The mood that the message shows, where moods were learned and it is sure enough.
    pub mood: Option<TrainedIntent>,
    /// Whether they alone decided what is wanted: nothing that reviewed phrases say.
    pub by_training: bool,
    /// Products that the text names, best first.
    pub products: Vec<ProductMention>,
    /// The category of goods that the text names, if any, and no single product.
    pub category: Option<String>,
    /// A number of pieces that the text asks for.
    pub quantity: Option<u32>,
    /// The first number in the text, whatever it counts.
    pub number: Option<Decimal>,
    /// Reviewed answers that may fit, best first; at most three.
    pub faq: Vec<FaqHit>,
    /// Passages of documents that may answer, best first; at most three.
    pub passages: Vec<PassageHit>,
}

impl Understanding {
    /// Whether the message asks for nothing, as far as reviewed phrases tell: an answer to a question
    /// may look like anything to who learned from questions.
    pub fn asks_for_nothing(&self) -> bool {
        self.by_training || self.intent == Intent::Other
    }

    /// A message in this language that means nothing in particular.
    pub fn of_nothing(language: Language) -> Self {
        Self {
            language,
            intent: Intent::Other,
            confidence: 0.0,
            trained: None,
            mood: None,
            by_training: false,
            products: Vec::new(),
            category: None,
            quantity: None,
            number: None,
            faq: Vec::new(),
            passages: Vec::new(),
        }
    }
}

/// A category of the company's own that a message was taken for by what was learned from examples.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainedIntent {
    /// Its name, as the examples call it.
    pub label: String,
    /// How sure that is: 0 to 1.
    pub confidence: f64,
}

/// What came of the model's part of a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// How many of its drafts the guard refused.
    pub guard_refused: u32,
    /// Whether it could not write at all.
    pub model_failed: bool,
    /// How sure the model was of the words that stand in the reply, where it can say: the geometric
    /// mean of its tokens' probabilities, in thousandths.
    pub sure_permille: Option<u16>,
}

/// What the customer wants: found by reviewed phrases, and where these are not sure by trained intents
/// that have a category of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Intent {
    /// A greeting.
    Greet,
    /// A farewell.
    Goodbye,
    /// Thanks.
    Thanks,
    /// Yes.
    Yes,
    /// No.
    No,
    /// What something costs.
    Price,
    /// What there is: the range, a category.
    Browse,
    /// What a product is or does.
    Features,
    /// Whether and how many are there.
    Stock,
    /// How and when it arrives.
    Delivery,
    /// Returns, repairs, warranty.
    AfterSales,
    /// Discounts and offers.
    Discount,
    /// Wants to buy.
    Order,
    /// A person is asked for.
    Person,
    /// Something went wrong.
    Complaint,
    /// None of these, or not sure.
    Other,
}

impl Intent {
    /// Every intent with the name that playbooks use for it.
    pub const NAMES: [(Self, &'static str); 16] = [
        (Self::Greet, "greet"),
        (Self::Goodbye, "goodbye"),
        (Self::Thanks, "thanks"),
        (Self::Yes, "yes"),
        (Self::No, "no"),
        (Self::Price, "price"),
        (Self::Browse, "browse"),
        (Self::Features, "features"),
        (Self::Stock, "stock"),
        (Self::Delivery, "delivery"),
        (Self::AfterSales, "after_sales"),
        (Self::Discount, "discount"),
        (Self::Order, "order"),
        (Self::Person, "person"),
        (Self::Complaint, "complaint"),
        (Self::Other, "other"),
    ];

    /// The intent of this name, if it says what somebody wants.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut wishes = Self::NAMES.iter().filter(|it| it.0 != Self::Other);
        let named = wishes.find(|it| it.1 == name)?;
        Some(named.0)
    }

    /// Whether it is about the talk itself and not about what is sold.
    pub const fn is_small_talk(self) -> bool {
        matches!(
            self,
            Self::Greet | Self::Goodbye | Self::Thanks | Self::Yes | Self::No
        )
    }

    /// The name that playbooks use, for example `after_sales`.
    pub fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(intent, _)| *intent == self)
            .map_or("other", |(_, name)| name)
    }
}

/// A product that the customer named.
#[derive(Clone, Debug, PartialEq)]
pub struct ProductMention {
    /// Which product.
    pub product: ProductId,
    /// Which variant, if one was named.
    pub variant: Option<VariantId>,
    /// How sure: 0 to 1; an exact name is 1.
    pub confidence: f64,
}

/// A reviewed answer that may fit.
#[derive(Clone, Debug, PartialEq)]
pub struct FaqHit {
    /// Which entry.
    pub entry: FaqId,
    /// How well it fits: 0 to 1. From [`FaqHit::SURE`] the stored answer is given as it stands.
    pub score: f64,
}

impl FaqHit {
    /// From this score the stored answer is given without asking the model.
    pub const SURE: f64 = 0.6;
    /// From this score the answer is given with its question, or asked back with others.
    pub const LIKELY: f64 = 0.3;
    /// From this score the entry is worth showing to the model as a fact.
    pub const USEFUL: f64 = 0.15;
}
