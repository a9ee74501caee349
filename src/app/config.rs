//! Configuration: typed sections, one reader, and every problem at once.
//!
//! Four layers, each stronger than the one before: the embedded `config/default.yaml`, the
//! `config/*.yaml` of the home folder, the file of `--config`, and the environment's
//! `CONSULTANT__SECTION__KEY`. What surprises: nothing here is deserialised by serde. YAML only
//! becomes a tree, a flat list of keys is gathered from all layers, and each key is read on its
//! own, so one wrong value never hides another. Start reading at [`load`], then at `sections`,
//! where every key stands with its documentation.

mod problem;
mod secret;
mod environment;

mod locate;
mod setting;
mod choice;
mod net;
mod key_prefix;
mod paths;

mod schema;
mod sections;

mod home;
mod layers;
mod reader;
mod company;
mod checks;
mod example;
mod goods;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use serde::Serialize;

pub use company::{CompanyFiles, FoundFiles, PlaybookPlace};
pub use environment::Environment;
pub use example::example_yaml;
pub use goods::{GoodsFeed, GoodsFile, GoodsForm, GoodsSource};
pub use key_prefix::KeyPrefix;
pub use net::{ApiUrl, GatewayUrl, ListenAddress, StoreUrl, WebhookUrl};
pub use paths::ModelPath;
pub use problem::{Place, Problem, render};
pub use secret::Secret;
pub use sections::{
    Discord, Encoder, EncoderMode, Intents, Isq, Log, LogFormat, LogLevel, Model, OnChange,
    Publishing, Reply, Store, Telegram,
};

use home::Home;
use layers::Layers;
use reader::Reader;
use schema::Section;
use sections::{Folders, Goods};

/// Everything that can be configured, checked and with every relative path made absolute.
///
/// Secrets show as `[secret]`, in `Debug` and when serialised.
#[derive(Clone, Debug, Serialize)]
pub struct Config {
    /// State: sessions, media, ledger. Never models.
    pub data_dir: PathBuf,
    /// Model files, which outlive an emptied `data_dir`.
    pub models_dir: PathBuf,
    /// Where the company's facts and rules come from.
    pub company: CompanyFiles,
    /// Where goods are fetched from, if they are.
    pub goods: Option<GoodsFeed>,
    /// How scripts come to customers.
    pub publishing: Publishing,
    /// The language model.
    pub model: Model,
    /// The sentence encoder.
    pub encoder: Encoder,
    /// The trained intents.
    pub intents: Intents,
    /// The session store.
    pub store: Store,
    /// The Telegram bot.
    pub telegram: Telegram,
    /// The Discord bot.
    pub discord: Discord,
    /// The file that says who answers besides the bot, if anybody does.
    pub desk: Option<PathBuf>,
    /// What customers read, whatever the playbook says.
    pub reply: Reply,
    /// The log on standard error.
    pub log: Log,
}

/// Where configuration is looked for.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The environment, passed in so that tests need no process.
    pub environment: Environment,
    /// The file of `--config`, if it was given.
    pub config_file: Option<PathBuf>,
    /// The folder against which relative paths of the command line and the environment resolve.
    /// Must be absolute.
    pub working_dir: PathBuf,
}

/// Reads all layers. Either everything is right, or every problem is named.
///
/// The *home folder* is the first of the working directory,
/// `${XDG_CONFIG_HOME:-$HOME/.config}/consultant` and `/etc/consultant` that has a `config`
/// folder with a `.yaml` file in it. Its `config/*.yaml` are read in the order of their names,
/// except `default.yaml`, `example.yaml`, `catalog.yaml`, `faq.yaml` and `desk.yaml`, which are not
/// layers.
/// A relative path in a file starts at that file's folder; one in the environment at the
/// working directory.
pub fn load(sources: &Sources) -> Result<Config, Vec<Problem>> {
    let Looked {
        config, problems, ..
    } = look(sources);
    config.ok_or(problems)
}

/// What all layers together say, right or wrong.
#[derive(Debug)]
pub struct Looked {
    /// There if and only if there are no problems.
    pub config: Option<Config>,
    /// Every problem, in the order in which it was found.
    pub problems: Vec<Problem>,
    /// The company's own files, as far as they can be told; none where the demo serves.
    pub company: FoundFiles,
}

/// Reads all layers as [`load`] does, and tells what can be told also when something is wrong.
pub fn look(sources: &Sources) -> Looked {
    let home = Home::find(sources);
    let mut layers = Layers::embedded();
    layers.add_files(&home, sources);
    layers.add_environment(sources);
    let mut reader = Reader::new(layers);
    let company = company::resolve(&home, &mut reader);
    let desk = company::file_at("desk.file", home.existing("config/desk.yaml"), &mut reader);
    let config = read(&mut reader, sources, company.files);
    let config = config.map(|config| Config { desk, ..config });
    let mut found = company.found;
    if let Some(CompanyFiles::Files { goods, .. }) = config.as_ref().map(|it| &it.company) {
        found.goods.clone_from(goods);
    }
    let problems = reader.into_problems();
    Looked {
        config: config.filter(|_| problems.is_empty()),
        problems,
        company: found,
    }
}

/// Reads every section before it gives up, so that all problems are found.
fn read(reader: &mut Reader, sources: &Sources, company: Option<CompanyFiles>) -> Option<Config> {
    let folders = Folders::read(reader);
    let goods = Goods::read(reader);
    let publishing = Publishing::read(reader);
    let model = Model::read(reader).map(|model| checks::model(model, reader));
    let encoder = Encoder::read(reader);
    let intents = Intents::read(reader);
    let store = Store::read(reader);
    let telegram = Telegram::read(reader);
    let discord = Discord::read(reader);
    let reply = Reply::read(reader);
    let log = Log::read(reader);

    let data_dir = folders
        .as_ref()
        .and_then(|keys| home::data_dir(keys, reader, sources));
    let models_dir = folders
        .as_ref()
        .and_then(|keys| home::models_dir(keys, reader, sources));
    let telegram = telegram.and_then(|keys| checks::telegram(keys, reader));
    let discord = discord.and_then(|keys| checks::discord(keys, reader));
    checks::models_outlive_data(data_dir.as_deref(), models_dir.as_deref(), reader);
    let data_dir = data_dir?;
    let goods = goods::resolve(&goods?, &data_dir, reader)?;
    let mut company = company?;
    if let CompanyFiles::Files { goods: file, .. } = &mut company {
        *file = goods.file.map(Box::new);
    }
    Some(Config {
        store: checks::store(store?, &data_dir, reader),
        data_dir,
        models_dir: models_dir?,
        company,
        goods: goods.feed,
        publishing: publishing?,
        model: model?,
        encoder: encoder?,
        intents: intents?,
        telegram: telegram?,
        discord: discord?,
        desk: None,
        reply: reply?,
        log: log?,
    })
}
