//! Every section and every key, with its documentation. The doc comments are also the text of
//! `config/example.yaml`, so they speak to the operator; values stand in `config/default.yaml`.

use std::path::PathBuf;

use consultant_core::{Language, LocalText};

use super::{
    choice::choice,
    key_prefix::KeyPrefix,
    net::{ApiUrl, GatewayUrl, ListenAddress, StoreUrl, WebhookUrl},
    paths::ModelPath,
    schema::{Section, SectionInfo, section},
    secret::Secret,
};

/// All sections, in the order of `config/example.yaml`.
pub(super) const SECTIONS: [&SectionInfo; 13] = [
    &Folders::INFO,
    &CompanyKeys::INFO,
    &Goods::INFO,
    &Publishing::INFO,
    &Model::INFO,
    &Encoder::INFO,
    &Intents::INFO,
    &Store::INFO,
    &Telegram::INFO,
    &Discord::INFO,
    &DeskKeys::INFO,
    &Reply::INFO,
    &Log::INFO,
];

section! {
    /// Folders.
    pub(super) struct Folders = "" {
        /// State: sessions, media, ledger. Never models, so it may be emptied to start anew.
        /// Empty means `${XDG_DATA_HOME:-$HOME/.local/share}/consultant`.
        data_dir: Option<PathBuf>,
        /// Model files, as `consultant model fetch` keeps them. Must not lie inside `data_dir`.
        /// Empty means `${XDG_CACHE_HOME:-$HOME/.cache}/consultant/models`.
        models_dir: Option<PathBuf>,
    }
}

section! {
    /// The company: what it sells, what it answers, how it sells. A key that is empty is looked
    /// for beside the configuration; where none of the files is found, the demo company serves.
    // Read key by key in `company`, so that a wrong one does not hide the others.
    pub(super) struct CompanyKeys = "company" {
        /// The catalogue. Empty means `config/catalog.yaml` of the home folder.
        catalog: Option<PathBuf>,
        /// The reviewed answers. Empty means `config/faq.yaml` of the home folder.
        faq: Option<PathBuf>,
        /// The playbook. Empty means the only `.rhai` file in `scripts/playbooks` of the home
        /// folder.
        playbook: Option<PathBuf>,
        /// The rules that say when a person is needed. Empty means `scripts/escalation.rhai` of the
        /// home folder, if there is one.
        escalation_rules: Option<PathBuf>,
        /// The rules that say what becomes a reviewed answer. Empty means `scripts/faq.rhai` of the
        /// home folder, if there is one.
        faq_rules: Option<PathBuf>,
        /// The folder of scripts that playbooks import. Empty means `scripts/lib` of the home
        /// folder, if there is one.
        scripts_lib: Option<PathBuf>,
        /// The folder of documents that are a source of answers. Empty means `documents` beside the
        /// reviewed answers, if there is one.
        documents: Option<PathBuf>,
    }
}

section! {
    /// Goods, prices and stock from where a company keeps them: laid over the catalogue whenever they
    /// change, and checked before. What cannot be fetched or is not right is told, and what was fetched
    /// last goes on serving. `consultant catalog import --help` says what a table holds.
    pub(super) struct Goods = "goods" {
        /// A table in CSV that another program writes.
        table: Option<PathBuf>,
        /// Where a table in CSV, or a whole catalogue (`….yaml`), is fetched from: `https://…`.
        url: Option<Secret>,
        /// Sent with it, as `Authorization: Bearer …`.
        bearer_token: Option<Secret>,
        /// A SQLite database that is asked for a table.
        sqlite: Option<PathBuf>,
        /// What it is asked. The columns of its answer have the names of what they hold.
        query: Option<String>,
        /// Minutes between two fetches.
        every_minutes: u32 [1..=10_080],
        /// What columns hold that are called otherwise: `[price=Preis, id=SKU]`.
        columns: Vec<String>,
        /// Columns that say nothing about goods.
        ignore: Vec<String>,
        /// The language of texts whose column names none. Empty means English.
        language: Option<Language>,
        /// What parts the columns of a table: one character, or `tab`.
        delimiter: String,
        /// Whether amounts are written as `1.234,50`.
        decimal_comma: bool,
        /// Whether goods that the table lacks are no longer sold.
        replace: bool,
    }
}

section! {
    /// How scripts come to customers. `consultant playbook publish` is the way by hand.
    pub struct Publishing = "publishing" {
        /// What becomes of a script that is changed while `consultant serve` runs: `nothing`;
        /// `offer`, it is checked and its conversations are played, and the log says how it came
        /// out; `publish`, it goes live if both are right.
        on_change: OnChange,
    }
}

section! {
    /// The language model, which runs inside this process.
    pub struct Model = "model" {
        /// Whether there is a model at all. Without one, texts and retrieval answer alone.
        enabled: bool,
        /// A GGUF file, a local folder in Hugging Face form, or a hub id such as owner/name.
        /// Empty means the default model, which `consultant model fetch` fetches.
        path: Option<ModelPath>,
        /// The tokenizer.json for a GGUF file. Empty means the one beside it, or its own.
        tokenizer: Option<PathBuf>,
        /// Quantise while loading, for models that are not quantised yet.
        isq: Option<Isq>,
        /// Languages in which customers may read what the model wrote. All others are served by
        /// reviewed texts.
        languages: Vec<Language>,
        /// Whether it reads answers to a playbook's questions that the rules cannot read. The customer
        /// is asked whether that is what they mean. The default model is too small to be good at it.
        reads_answers: bool,
        /// The longest text that the model may write, in tokens.
        max_tokens: usize [1..=4096],
        /// The longest time that one text may take, in seconds.
        time_limit_seconds: u64 [1..=600],
        /// How many requests may wait. One more is told "one moment".
        queue_limit: usize [1..=1024],
        /// 0 always takes the likeliest token; higher values vary more.
        temperature: f64 [0.0..=2.0],
        /// Only the likeliest tokens that together have this probability; 1 means all.
        top_p: f64 [0.01..=1.0],
        /// Only this many of the likeliest tokens; 0 means all.
        top_k: usize [0..=100_000],
        /// Above 1 discourages repeating.
        repetition_penalty: f64 [0.5..=2.0],
        /// The same seed gives the same text on the same machine. Empty means a new one each time.
        seed: Option<u64>,
    }
}

section! {
    /// The sentence encoder, which finds reviewed answers by what a question means. Without it they
    /// are found by their words.
    pub struct Encoder = "encoder" {
        /// Whether there is one: `auto` takes the one that `consultant model fetch` fetches, where
        /// that was done; `always` does not start without; `never` does without.
        mode: EncoderMode,
        /// A local folder in Hugging Face form with `config.json`, `tokenizer.json` and
        /// `model.safetensors`. Empty means the one that `consultant model fetch` fetches.
        path: Option<PathBuf>,
        /// Languages that it reads. Questions in all others are understood by their words.
        languages: Vec<Language>,
    }
}

section! {
    /// Trained intents: what was learned from your own examples tells what a customer wants, where the
    /// reviewed phrases and answers do not. Playbooks see it as `turn.trained_intent`.
    pub struct Intents = "intents" {
        /// Files that `consultant train intent` wrote. Of several, the first that learned a message's
        /// language judges it.
        trained: Vec<PathBuf>,
        /// What it must be sure of, at least: 0 to 1.
        least_confidence: f64 [0.0..=1.0],
        /// Files that `consultant train intent` wrote from messages with moods (`docs/moods.md`).
        /// Escalation rules see them as `turn.mood`.
        moods: Vec<PathBuf>,
        /// What a mood must be sure of, at least: 0 to 1.
        least_mood_confidence: f64 [0.0..=1.0],
    }
}

section! {
    /// Where sessions, inbox, outbox and ledger are kept.
    pub struct Store = "store" {
        /// `sqlite:PATH` (a relative path lies in `data_dir`), `redis://host:6379/0`,
        /// `rediss://…` for TLS, or `memory:`, which forgets everything at the end.
        url: StoreUrl,
        /// The password of Redis, when it does not stand in the URL.
        password: Option<Secret>,
        /// In PEM, who vouches for the certificate of `rediss://`, when that is nobody whom this
        /// machine trusts: the file of your own authority.
        ca_file: Option<PathBuf>,
        /// What every Redis key begins with. Give each company its own on a server that several
        /// share.
        key_prefix: KeyPrefix,
        /// After how many days without a message a session is forgotten.
        session_timeout_days: u32 [1..=3650],
    }
}

section! {
    /// The Telegram bot. Served when it has a token.
    pub struct Telegram = "telegram" {
        /// The token that Telegram's `@BotFather` gave. Better kept in `token_file` or in the environment.
        token: Option<Secret>,
        /// A file that holds the token and nothing else.
        token_file: Option<PathBuf>,
        /// The Bot API, as a bare origin.
        api_url: ApiUrl,
        /// Where Telegram is to call with each update, for example
        /// `https://shop.example.org/telegram`. Empty means that Telegram is polled, which needs no
        /// address that it could reach.
        webhook_url: Option<WebhookUrl>,
        /// Where this program listens for Telegram's calls, in plain HTTP: behind a server that
        /// speaks TLS for `webhook_url`.
        webhook_listen: ListenAddress,
        /// What only Telegram and this program know: 16 to 256 letters, digits, `_` and `-`.
        webhook_secret: Option<Secret>,
        /// Whether messages keep the pace that Telegram allows: about one a second in a chat, 20 a
        /// minute in a group and 30 a second in all. `false` is only for a server of one's own
        /// that limits nothing, such as a test double; Telegram itself would answer with waits.
        paced: bool,
        /// The largest file that is taken from a customer, in megabytes. Telegram's own server
        /// hands out no file above 20.
        max_file_mb: u64 [1..=20],
        /// For how many milliseconds a customer must be quiet before an answer is begun, so that
        /// several short messages get one answer. 0 answers each at once.
        quiet_period_ms: u64 [0..=5_000],
    }
}

section! {
    /// The Discord bot. Served when it has a token.
    pub struct Discord = "discord" {
        /// The bot token of the developer portal. Better kept in `token_file` or in the
        /// environment.
        token: Option<Secret>,
        /// A file that holds the token and nothing else.
        token_file: Option<PathBuf>,
        /// The REST API, as a bare origin.
        api_url: ApiUrl,
        /// The gateway, as a ws:// or wss:// origin. Empty means the one that the REST API names.
        gateway_url: Option<GatewayUrl>,
        /// After how many seconds without any event or heartbeat the connection is built anew.
        /// Discord lets one be heard about every 41 seconds, so keep well above that.
        watchdog_seconds: u64 [5..=600],
        /// For how many milliseconds a customer must be quiet before an answer is begun, so that
        /// several short messages get one answer. 0 answers each at once.
        quiet_period_ms: u64 [0..=5_000],
        /// The largest file that is taken from a customer, in megabytes. A larger one gets an
        /// honest answer.
        max_file_mb: u64 [1..=100],
        /// Whether a talk that begins in a channel of a guild goes on in a thread of its own,
        /// which keeps a busy channel readable. Needs the right to create public threads.
        open_threads: bool,
    }
}

section! {
    /// The people who answer besides the bot.
    // Read in `company`'s way: the file is looked for beside the configuration.
    pub(super) struct DeskKeys = "desk" {
        /// Where they work, who they are and what each may do (`docs/desk.md`). Empty means
        /// `config/desk.yaml` of the home folder, if there is one; without it the bot answers alone.
        file: Option<PathBuf>,
    }
}

section! {
    /// What customers read, whatever the playbook says.
    pub struct Reply = "reply" {
        /// The language of a conversation that has not shown its own yet.
        language: Language,
        /// How many turns a minute one customer gets. Whoever writes faster is asked for patience
        /// once, and gets one answer to all of it.
        turns_per_minute: u32 [1..=100_000],
        /// How many turns a minute all customers together get, so that a crowd does not take the
        /// machine from whatever else it does. Whoever has to wait for long is told so once.
        turns_per_minute_in_all: u32 [1..=10_000_000],
        /// The words that tell a customer that a machine answers, one line for each language:
        /// `{en: …, zh: …}`. Empty means the built-in ones.
        disclosure: Option<LocalText>,
        /// Words and phrases that the model never writes to a customer, as whole words, in capitals
        /// or not: names of competitors, topics that are none of yours.
        never_written: Vec<String>,
    }
}

section! {
    /// The log on standard error.
    pub struct Log = "log" {
        /// The least important lines to show: error, warn, info, debug or trace.
        level: LogLevel,
        /// `text` for people, `json` for machines.
        format: LogFormat,
    }
}

choice! {
    /// What becomes of a changed script of a running company.
    pub enum OnChange {
        /// Nobody looks.
        Nothing = "nothing",
        /// It is checked and played, and the log says how it came out.
        Offer = "offer",
        /// It is published, if it checks and its conversations come out as they should.
        Publish = "publish",
    }
}

choice! {
    /// Whether there is a sentence encoder.
    pub enum EncoderMode {
        /// Where it was fetched.
        Auto = "auto",
        /// Nothing starts without it.
        Always = "always",
        /// There is none.
        Never = "never",
    }
}

choice! {
    /// How important a log line must be to be shown.
    pub enum LogLevel {
        /// Somebody must act.
        Error = "error",
        /// Something is not as it should be.
        Warn = "warn",
        /// What an operator wants to know.
        Info = "info",
        /// What a developer wants to know.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
}

choice! {
    /// How a log line is written.
    pub enum LogFormat {
        /// For people.
        Text = "text",
        /// For machines, one object a line.
        Json = "json",
    }
}

choice! {
    /// In-situ quantisation: the types that mistral.rs has for every device.
    pub enum Isq {
        /// 4 bits.
        Q4Zero = "Q4_0",
        /// 5 bits.
        Q5Zero = "Q5_0",
        /// 8 bits.
        Q8Zero = "Q8_0",
        /// 2 bits, K-quant.
        Q2K = "Q2K",
        /// 3 bits, K-quant.
        Q3K = "Q3K",
        /// 4 bits, K-quant.
        Q4K = "Q4K",
        /// 5 bits, K-quant.
        Q5K = "Q5K",
        /// 6 bits, K-quant.
        Q6K = "Q6K",
    }
}
