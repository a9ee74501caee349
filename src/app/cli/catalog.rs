//! `consultant catalog`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use consultant_core::Language;
use consultant_knowledge::ImportSettings;

use super::JsonArgs;

/// What to do with catalogues.
#[derive(Debug, Subcommand)]
pub enum CatalogCommand {
    /// Check a catalogue alone, and say what is in it.
    ///
    /// `consultant check` checks it together with the FAQ and the playbook.
    #[command(after_help = "\
Examples:
  consultant catalog check
  consultant catalog check new/catalog.yaml --json")]
    Check(CatalogCheckArgs),

    /// Tell what differs between two catalogues.
    #[command(after_help = "\
Examples:
  consultant catalog diff new/catalog.yaml
  consultant catalog diff old/catalog.yaml new/catalog.yaml --json")]
    Diff(CatalogDiffArgs),

    /// Fetch goods once from where the configuration says (`goods.url`, `goods.sqlite`).
    ///
    /// `consultant serve` does so by itself, again and again. Goods that are not right are told, and
    /// those that were fetched last are kept.
    #[command(after_help = "\
Examples:
  CONSULTANT__GOODS__URL=https://shop.example/goods.csv consultant catalog refresh
  consultant catalog refresh --json")]
    Refresh(JsonArgs),

    /// Bring the goods of a table (CSV) into a catalogue.
    ///
    /// A row is a variant, or another price of one. Columns are called `id`, `variant`, `name`,
    /// `variant_name`, `aliases` (parted by `|`), `category`, `description`, `picture`, `price`,
    /// `currency`, `stock`, `min_quantity`, `groups`, `regions`, `valid_from`, `valid_until`, `tax`;
    /// texts may have a language, as `name_zh`. What the table does not say stays as the catalogue has
    /// it. Nothing is written where anything is wrong, and the catalogue before is kept beside the new
    /// one. Comments are not kept.
    #[command(after_help = "\
Examples:
  consultant catalog import goods.csv --dry-run
  consultant catalog import goods.csv --column id=SKU --column price=Preis --decimal-comma --delimiter ';'
  consultant catalog import stock.csv --base config/catalog.yaml --out new/catalog.yaml")]
    Import(CatalogImportArgs),
}

/// Options of `catalog check`.
#[derive(Debug, Args)]
pub struct CatalogCheckArgs {
    /// The catalogue; that of the configuration otherwise.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}

/// Options of `catalog diff`.
#[derive(Debug, Args)]
pub struct CatalogDiffArgs {
    /// The catalogue to compare with the one that serves; with two, the older one.
    #[arg(value_name = "FILE")]
    pub first: PathBuf,

    /// The newer one.
    #[arg(value_name = "NEWER")]
    pub second: Option<PathBuf>,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}

/// Options of `catalog import`.
#[derive(Debug, Args)]
pub struct CatalogImportArgs {
    /// The table.
    #[arg(value_name = "TABLE")]
    pub table: PathBuf,

    /// The catalogue that it changes; that of the configuration otherwise.
    #[arg(long, value_name = "FILE")]
    pub base: Option<PathBuf>,

    /// Where to write the new one; over the one that it changes otherwise.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Only tell what would change.
    #[arg(long, conflicts_with = "out")]
    pub dry_run: bool,

    /// How the table is read.
    #[command(flatten)]
    pub reading: TableArgs,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}

/// How a table is read.
#[derive(Debug, Args)]
pub struct TableArgs {
    /// What a column holds that is called otherwise, as `price=Preis`; may be given several times.
    #[arg(long = "column", value_name = "FIELD=NAME", value_parser = pair)]
    pub columns: Vec<(String, String)>,

    /// A column that says nothing about goods; may be given several times.
    #[arg(long = "ignore", value_name = "NAME")]
    pub ignored: Vec<String>,

    /// The language of texts whose column names none, as `zh`; English otherwise.
    #[arg(long, value_name = "LANGUAGE")]
    pub language: Option<Language>,

    /// What parts the columns: one character, or `tab`.
    #[arg(long, value_name = "CHARACTER", default_value = ",", value_parser = delimiter)]
    pub delimiter: u8,

    /// Amounts are written as `1.234,50`.
    #[arg(long)]
    pub decimal_comma: bool,

    /// Goods that the table lacks are no longer sold.
    #[arg(long)]
    pub replace: bool,
}

impl TableArgs {
    /// As the import takes them.
    pub fn settings(&self) -> ImportSettings {
        ImportSettings {
            columns: self.columns.iter().cloned().collect(),
            ignored: self.ignored.clone(),
            language: self.language,
            decimal_comma: self.decimal_comma,
            replaces: self.replace,
        }
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text
        .split_once('=')
        .filter(|(field, name)| !field.is_empty() && !name.is_empty());
    let pair = pair.map(|(field, name)| (field.to_owned(), name.to_owned()));
    pair.ok_or_else(|| "write what it holds and its name, as `price=Preis`".to_owned())
}

/// What parts columns, in a byte.
pub(crate) fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii_punctuation() || *byte == b'\t' => Ok(*byte),
        _ => Err("write one character such as `;`, or `tab`".to_owned()),
    }
}
