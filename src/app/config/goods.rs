//! Where goods come from beside the catalogue's file: a table that somebody else's program writes, or
//! one that is fetched.

use std::path::{Path, PathBuf};

use consultant_knowledge::ImportSettings;
use secrecy::ExposeSecret;
use serde::Serialize;

use super::{reader::Reader, secret::Secret, sections::Goods};
use crate::cli::delimiter;

/// A table that is laid over the catalogue whenever either changes, or a catalogue that takes its
/// place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GoodsFile {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it is fetched from elsewhere: until it was, there is none.
    pub is_fetched: bool,
    /// How it is read.
    pub form: GoodsForm,
}

/// What a file of goods is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodsForm {
    /// A whole catalogue in YAML.
    Catalog,
    /// A table in CSV.
    Table {
        /// What parts its columns.
        delimiter: u8,
        /// What its columns hold.
        settings: ImportSettings,
    },
}

/// Where goods are fetched from, and how often.
#[derive(Clone, Debug, Serialize)]
pub struct GoodsFeed {
    /// From where.
    pub from: GoodsSource,
    /// Minutes between two times.
    pub every_minutes: u32,
    /// Where they are kept.
    pub file: GoodsFile,
}

/// Where goods are fetched from.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodsSource {
    /// A server of the company.
    Url {
        /// The address. It may hold a key.
        url: Secret,
        /// Sent as `Authorization: Bearer …`.
        token: Option<Secret>,
    },
    /// A database file.
    Sqlite {
        /// The file.
        database: PathBuf,
        /// What to ask it.
        query: String,
    },
}

/// The file of goods and what fetches it, where there are any.
#[derive(Default)]
pub(super) struct Resolved {
    pub(super) file: Option<GoodsFile>,
    pub(super) feed: Option<GoodsFeed>,
}

/// Tells both; `None` where a key is wrong.
pub(super) fn resolve(goods: &Goods, data_dir: &Path, reader: &mut Reader) -> Option<Resolved> {
    check_one_place(goods, reader)?;
    check_pairs(goods, reader)?;
    let form = form(goods, reader)?;
    if let Some(path) = &goods.table {
        let file = GoodsFile {
            path: path.clone(),
            is_fetched: false,
            form,
        };
        return Some(Resolved {
            file: Some(file),
            feed: None,
        });
    }
    if goods.url.is_none() && goods.sqlite.is_none() {
        return Some(Resolved::default());
    }
    let name = match form {
        GoodsForm::Catalog => "goods.yaml",
        GoodsForm::Table { .. } => "goods.csv",
    };
    let file = GoodsFile {
        path: data_dir.join(name),
        is_fetched: true,
        form,
    };
    Some(Resolved {
        feed: Some(GoodsFeed {
            from: source(goods, reader)?,
            every_minutes: goods.every_minutes,
            file: file.clone(),
        }),
        file: Some(file),
    })
}

/// Where they are fetched from.
fn source(goods: &Goods, reader: &mut Reader) -> Option<GoodsSource> {
    if let Some(url) = &goods.url {
        return Some(GoodsSource::Url {
            url: address(url, goods.bearer_token.is_some(), reader)?,
            token: goods.bearer_token.clone(),
        });
    }
    Some(GoodsSource::Sqlite {
        database: goods.sqlite.clone()?,
        query: goods.query.clone()?,
    })
}

fn check_one_place(goods: &Goods, reader: &mut Reader) -> Option<()> {
    let Goods {
        table, url, sqlite, ..
    } = goods;
    let named = [table.is_some(), url.is_some(), sqlite.is_some()];
    if named.into_iter().filter(|it| *it).count() <= 1 {
        return Some(());
    }
    let hint = "set one of goods.table, goods.url and goods.sqlite";
    reader.problem(
        "goods.url",
        "is not the only place that goods come from",
        hint,
    );
    None
}

/// Keys that mean nothing without another one.
fn check_pairs(goods: &Goods, reader: &mut Reader) -> Option<()> {
    let (key, message, hint) = match (&goods.sqlite, &goods.query, &goods.url, &goods.bearer_token)
    {
        (Some(_), None, ..) => (
            "goods.query",
            "is not set",
            "write what to ask the database, such as `SELECT id, price, stock FROM goods`",
        ),
        (None, Some(_), ..) => ("goods.sqlite", "is not set", "name the database file"),
        (.., None, Some(_)) => (
            "goods.bearer_token",
            "is set, but nothing is fetched from a server",
            "remove it, or set goods.url",
        ),
        _ => return Some(()),
    };
    reader.problem(key, message, hint);
    None
}

fn names_yaml(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    [".yaml", ".yml"]
        .iter()
        .any(|ending| path.ends_with(ending))
}

fn address(secret: &Secret, has_token: bool, reader: &mut Reader) -> Option<Secret> {
    let url = secret.secret().expose_secret();
    let is_address = ["https://", "http://"].iter().any(|it| url.starts_with(it))
        && !url.contains(|it: char| it.is_whitespace() || it.is_control() || it == '@');
    let is_told = has_token && url.starts_with("http://") && !is_of_this_machine(url);
    if is_told {
        let hint = "fetch it over https://, so that nobody on the way reads the token";
        reader.problem(
            "goods.bearer_token",
            "would be sent without encryption",
            hint,
        );
        return None;
    }
    if is_address {
        return Some(secret.clone());
    }
    let hint = "write a full address that begins with https:// and holds no user name; a password \
                stands in goods.bearer_token";
    reader.problem("goods.url", "is no address of a file", hint);
    None
}

fn is_of_this_machine(url: &str) -> bool {
    let hosts = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let after = |host: &str| {
        url.strip_prefix(host)
            .is_some_and(|rest| rest.starts_with([':', '/']))
    };
    hosts.into_iter().any(after)
}

fn form(goods: &Goods, reader: &mut Reader) -> Option<GoodsForm> {
    let url = goods.url.as_ref().map(|it| it.secret().expose_secret());
    if url.is_some_and(names_yaml) {
        return Some(GoodsForm::Catalog);
    }
    // What we write ourselves has commas.
    let parts = match goods.sqlite {
        Some(_) => Ok(b','),
        None => delimiter(&goods.delimiter),
    };
    let parts = parts.map_err(|hint| {
        reader.problem("goods.delimiter", "is nothing that parts columns", hint);
    });
    let pairs = goods.columns.iter().map(|pair| {
        let pair = pair.split_once('=');
        pair.map(|(field, name)| (field.trim().to_owned(), name.trim().to_owned()))
    });
    let columns = pairs.collect::<Option<_>>();
    if columns.is_none() {
        let hint = "write what it holds and its name, as `price=Preis`";
        reader.problem(
            "goods.columns",
            "names a column without what it holds",
            hint,
        );
    }
    Some(GoodsForm::Table {
        delimiter: parts.ok()?,
        settings: ImportSettings {
            columns: columns?,
            ignored: goods.ignore.clone(),
            language: goods.language,
            decimal_comma: goods.decimal_comma,
            replaces: goods.replace,
        },
    })
}
