//! What the engine needs of the world, as narrow ports. Each error says what the caller can do
//! next, and keeps its source.

mod channel;
mod company;
mod encoder;
mod encoder_trainer;
mod erasure;
mod keeping;
mod media;
mod model;
mod releases;
mod rooms;
mod store;

use jiff::Timestamp;

pub use channel::{
    Channel, ChannelLimits, DeliveryError, Intake, Outlet, Post, PostedFile, Preview,
};
pub use company::{Knowledge, Offered, Playbook, PlaybookError};
pub use encoder::{Encoder, EncoderError};
pub use encoder_trainer::{
    EncoderTrainer, TUNED_RECORD, Tuned, TunedRound, TunedText, Tuning, TuningEnd, TuningError,
    TuningPace, TuningProgress, TuningSettings,
};
pub use erasure::Erasure;
pub use keeping::{
    DeadLetter, DeadLetters, Deliveries, Places, Records, Timers, Upkeep, WholeStore,
};
pub use media::{MediaError, MediaReader, MediaStore};
pub use model::{
    Constraint, Finish, Generate, Generated, LanguageModel, ModelCard, ModelError, Prompt,
    PromptMessage, Role, Sampling, TokenScore,
};
pub use releases::{OnePlaybook, Pinned, Playbooks, ReleaseLog};
pub use rooms::{KnownRooms, Room, Rooms};
pub use store::{
    Accepted, Backlog, Burial, Commit, DeliveryRecord, DeliveryStep, Opened, SessionChange, Store,
    StoreError,
};

/// The cause of a port's failure, kept for the log.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The time, which tests can freeze.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}
