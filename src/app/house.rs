//! The composition root: every dependency of a serving process, put together in one place.

use std::{sync::Arc, time::Duration};

use consultant_core::{
    Language,
    desk::{Board, DeskBook},
    engine::{Engine, EngineSettings, FactCache, GuardSettings},
    ports::{
        Channel, Clock, Deliveries, Knowledge, LanguageModel, MediaReader, MediaStore, OnePlaybook,
        Places, Playbooks, Rooms, Sampling, Store, WholeStore,
    },
    prompt,
};
use consultant_store::{MediaFolder, OpenError, Opening, StoreSettings, open};

use crate::{
    clock::SystemClock,
    company,
    config::{Config, StoreUrl},
    deliverer::Deliverer,
    desks,
    dispatcher::{Dispatcher, Rhythm},
    erasure::Eraser,
    failure::{Failure, because},
    meaning,
    model::{self, Backends, NoModel},
    release::{self, FactsLook, Following, FreshFacts, Watcher},
    supervisor::Supervisor,
};
use consultant_knowledge::SmallModels;

/// Pause before a full model queue is tried again, and how often: 20 s of patience in all.
const BUSY_PAUSE: Duration = Duration::from_millis(500);
const BUSY_TRIES: u32 = 40;

/// What a serving process consists of, before it is put together. A missing one is a compile
/// error.
pub struct Parts {
    /// The company's facts.
    pub knowledge: Arc<dyn Knowledge>,
    /// Its rules: which version serves whom.
    pub playbooks: Arc<dyn Playbooks>,
    /// What keeps them up with what is published, where they are that.
    pub following: Option<Following>,
    /// The language model.
    pub model: Arc<dyn LanguageModel>,
    /// Sessions, inbox, outbox, timers, ledger.
    pub store: Arc<dyn WholeStore>,
    /// Customers' files.
    pub media: Arc<dyn MediaStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How replies are made.
    pub settings: EngineSettings,
    /// When turns begin.
    pub rhythm: Rhythm,
    /// Read what is no text; none is needed.
    pub readers: Vec<Arc<dyn MediaReader>>,
    /// The people who answer besides the bot, and where; none are needed.
    pub desks: DeskBook,
}

/// Whose rules a process follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// The files as they lie there, for whoever tries them.
    Files,
    /// What was published.
    Published,
}

/// A serving process.
pub struct House {
    /// Answers turns.
    pub engine: Arc<Engine>,
    /// Brings turns to the engine in order.
    pub dispatcher: Arc<Dispatcher>,
    /// Sessions, inbox, outbox, timers, ledger.
    pub store: Arc<dyn WholeStore>,
    /// Customers' files.
    pub media: Arc<dyn MediaStore>,
    /// Keeps its playbooks up with what is published, where they are that.
    pub following: Option<Following>,
    /// The people who answer besides the bot.
    pub desks: DeskBook,
    /// Starts and stops everything.
    pub supervisor: Supervisor,
}

impl Parts {
    /// Opens everything that the config names, the cheap and error-prone things first; reading what
    /// the company states with an encoder takes longest where it is new.
    pub async fn open(
        config: &Config,
        backends: &dyn Backends,
        rules: Rules,
    ) -> Result<Self, Failure> {
        match rules {
            Rules::Files => drop(company::load(&config.company, &SmallModels::default())?),
            Rules::Published => drop(company::load_facts(
                &config.company,
                &SmallModels::default(),
            )?),
        }
        let choice = model::choose(config)?;
        make_data_dir(config)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = open_store(config, Arc::clone(&clock)).await?;
        let models = meaning::open(config, backends)?;
        let files = match rules {
            Rules::Files => Some(company::load(&config.company, &models)?),
            Rules::Published => None,
        };
        let watcher = Watcher::new(config, &models);
        let looked = FactsLook::new(config);
        let facts = match &files {
            Some(company) => Arc::clone(&company.knowledge),
            None => company::load_facts(&config.company, &models)?,
        };
        let facts = Arc::new(FreshFacts::new(facts));
        let knowledge = Arc::clone(&facts) as Arc<dyn Knowledge>;
        let facts_watcher = looked.renewing(models.clone(), facts);
        let (playbooks, following): (Arc<dyn Playbooks>, _) = if let Some(company) = files {
            (Arc::new(OnePlaybook(company.playbook)), None)
        } else {
            let (store, known) = (Arc::clone(&store), Arc::clone(&knowledge));
            let served = Arc::new(release::open((config, &models), store, known, &*clock).await?);
            let playbooks = Arc::clone(&served) as Arc<dyn Playbooks>;
            let following = Following {
                served,
                watcher,
                facts: facts_watcher,
            };
            (playbooks, Some(following))
        };
        let model: Arc<dyn LanguageModel> = match choice {
            Some(choice) => backends.load(choice).await?.model,
            None => Arc::new(NoModel::default()),
        };
        Ok(Self {
            knowledge,
            playbooks,
            following,
            model,
            store,
            media: Arc::new(MediaFolder::new(config.data_dir.join("media"))),
            clock,
            settings: engine_settings(config),
            rhythm: rhythm(config),
            readers: Vec::new(),
            desks: desks::open(config)?,
        })
    }

    /// Puts the house together over these channels.
    pub fn build(
        self,
        channels: impl IntoIterator<Item = Arc<dyn Channel>>,
        rooms: Vec<Arc<dyn Rooms>>,
        supervisor: Supervisor,
    ) -> House {
        let Supervisor { tasks, stop, .. } = &supervisor;
        let outlet = Arc::new(Deliverer::new(
            channels,
            (rooms, self.desks.clone()),
            (Arc::clone(&self.store), Arc::clone(&self.media)),
            (tasks.clone(), stop.clone()),
        ));
        let engine = Arc::new(Engine {
            store: Arc::clone(&self.store) as Arc<dyn Store>,
            model: self.model,
            playbooks: self.playbooks,
            knowledge: self.knowledge,
            clock: self.clock,
            settings: self.settings,
            facts: FactCache::default(),
            media: Arc::clone(&self.media),
            readers: self.readers,
            desks: self.desks.clone(),
            board: Board::of(Arc::clone(&self.store) as Arc<dyn Places>),
            deliveries: Arc::clone(&self.store) as Arc<dyn Deliveries>,
            eraser: Arc::new(Eraser {
                store: Arc::clone(&self.store),
                media: Arc::clone(&self.media),
            }),
        });
        let dispatcher = Dispatcher::new(
            (Arc::clone(&engine), Arc::clone(&self.store)),
            outlet,
            (tasks.clone(), stop.clone()),
            self.rhythm,
        );
        House {
            engine,
            dispatcher,
            store: self.store,
            media: self.media,
            following: self.following,
            desks: self.desks,
            supervisor,
        }
    }
}

impl House {
    /// Reads the fixed part of every prompt in the background, so that the first reply does not
    /// have to.
    pub fn warm(&self) {
        let engine = Arc::clone(&self.engine);
        self.supervisor.tasks.spawn(async move {
            let fixed = prompt::fixed_part(&engine.knowledge.catalog());
            if let Err(error) = engine.model.warm(&fixed).await {
                tracing::warn!(error = %error, "the model was not warmed; the first reply is slower");
            }
        });
    }
}

/// Makes the data folder, where it is missing.
pub fn make_data_dir(config: &Config) -> Result<(), Failure> {
    let folder = &config.data_dir;
    std::fs::create_dir_all(folder).map_err(|error| {
        let what = format!("the data folder {} cannot be made", folder.display());
        because(
            &what,
            &error,
            "set data_dir to a folder that you may write to",
        )
    })
}

/// Opens the store that the config names, and makes or upgrades it where that is needed.
pub async fn open_store(
    config: &Config,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn WholeStore>, Failure> {
    open_store_at(&config.store.url, config, clock).await
}

/// Opens the store of this URL with the settings of the config, and makes it if it is missing.
pub async fn open_store_at(
    url: &StoreUrl,
    config: &Config,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn WholeStore>, Failure> {
    let settings = store_settings(config, Opening::Prepare);
    let opened = open(&url.with_secrets(), settings, clock).await;
    opened.map_err(|error| not_opened(&error))
}

/// Opens the store that the config names as it is, for those who look after what is there.
pub async fn open_store_as_it_is(config: &Config) -> Result<Arc<dyn WholeStore>, OpenError> {
    let settings = store_settings(config, Opening::AsItIs);
    let url = config.store.url.with_secrets();
    open(&url, settings, Arc::new(SystemClock)).await
}

/// [`open_store_as_it_is`] for a command, which has nothing to do with a store that lives and dies
/// with another process.
pub async fn open_kept_store(config: &Config) -> Result<Arc<dyn WholeStore>, Failure> {
    if matches!(config.store.url, StoreUrl::Memory) {
        return Err(Failure::usage(
            "store.url is `memory:`, which keeps nothing that another process could see",
            "set store.url to `sqlite:PATH` or to a Redis server",
        ));
    }
    let opened = open_store_as_it_is(config).await;
    opened.map_err(|error| not_opened(&error))
}

fn store_settings(config: &Config, opening: Opening) -> StoreSettings {
    let store = &config.store;
    StoreSettings {
        session_timeout: session_timeout(config),
        key_prefix: store.key_prefix.as_str().to_owned(),
        redis_password: store.password.as_ref().map(|it| it.secret().clone()),
        redis_ca_file: store.ca_file.clone(),
        opening,
        ..StoreSettings::default()
    }
}

fn not_opened(error: &OpenError) -> Failure {
    because("the store cannot be opened", error, &error.hint())
}

/// How long a session lives after its last turn, as the config says.
pub fn session_timeout(config: &Config) -> Duration {
    Duration::from_hours(u64::from(config.store.session_timeout_days) * 24)
}

/// Languages in which the model may write; none where there is no model.
pub fn model_languages(config: &Config) -> Vec<Language> {
    if config.model.enabled {
        config.model.languages.clone()
    } else {
        Vec::new()
    }
}

/// How replies are made, as the config says.
pub fn engine_settings(config: &Config) -> EngineSettings {
    let model = &config.model;
    EngineSettings {
        language: config.reply.language,
        disclosure: config.reply.disclosure.clone(),
        reads_answers: model.reads_answers,
        max_tokens: model.max_tokens,
        time_limit: Duration::from_secs(model.time_limit_seconds),
        sampling: Sampling {
            temperature: model.temperature,
            top_p: model.top_p,
            top_k: model.top_k,
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a penalty needs few digits"
            )]
            repetition_penalty: model.repetition_penalty as f32,
            seed: model.seed,
        },
        guard: GuardSettings {
            on: true,
            never_written: config.reply.never_written.clone(),
        },
        busy_pause: BUSY_PAUSE,
        busy_tries: BUSY_TRIES,
    }
}

/// When turns begin, as the config says.
pub fn rhythm(config: &Config) -> Rhythm {
    Rhythm {
        telegram_quiet: Duration::from_millis(config.telegram.quiet_period_ms),
        discord_quiet: Duration::from_millis(config.discord.quiet_period_ms),
        turns_per_minute: config.reply.turns_per_minute,
        turns_per_minute_in_all: config.reply.turns_per_minute_in_all,
    }
}
