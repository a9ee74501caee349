//! One row: a variant with its price, or another price of one.

use std::collections::BTreeMap;

use consultant_core::{Currency, Language, PriceRow, Scope, Variant};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Columns, ImportSettings, TableRow, Wrong};
use crate::{LoadedCatalog, problem::suggest};

/// Parts the words of a cell that holds several.
const SEPARATOR: char = '|';

/// What a row says.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) line: usize,
    /// The product's key.
    pub(super) id: String,
    /// The variant's key, where the product has several.
    pub(super) variant: Option<String>,
    pub(super) names: BTreeMap<Language, String>,
    pub(super) variant_names: BTreeMap<Language, String>,
    pub(super) aliases: BTreeMap<Language, Vec<String>>,
    pub(super) descriptions: BTreeMap<Language, String>,
    pub(super) category: Option<String>,
    pub(super) picture: Option<String>,
    pub(super) tax: Option<String>,
    pub(super) stock: Option<u32>,
    pub(super) price: Option<Price>,
}

/// A price that a row says.
#[derive(Debug)]
pub(super) enum Price {
    /// What one costs everybody.
    Usual(Decimal),
    /// Another one.
    Other(PriceRow),
}

impl Row {
    pub(super) fn read(
        row: &TableRow,
        columns: &Columns,
        (base, settings): (&LoadedCatalog, &ImportSettings),
    ) -> Result<Self, Vec<Wrong>> {
        let mut reading = Reading {
            row,
            columns,
            settings,
            wrong: Vec::new(),
        };
        let id = reading.key("id");
        if id.is_none() {
            reading.note("id", "the row has no id", "complete the row or delete it");
        }
        let read = Self {
            line: row.line,
            id: id.unwrap_or_default(),
            variant: reading.key("variant"),
            names: reading.texts("name"),
            variant_names: reading.texts("variant_name"),
            aliases: reading.lists("aliases"),
            descriptions: reading.texts("description"),
            category: reading.category(base),
            picture: reading.text("picture"),
            tax: reading.text("tax"),
            stock: reading.stock(),
            price: reading.price(base.catalog.currency),
        };
        if reading.wrong.is_empty() {
            Ok(read)
        } else {
            Err(reading.wrong)
        }
    }
}

/// What was wrong is noted.
struct Noted;

/// A row as it is read.
struct Reading<'a> {
    row: &'a TableRow,
    columns: &'a Columns,
    settings: &'a ImportSettings,
    wrong: Vec<Wrong>,
}

impl Reading<'_> {
    fn note(&mut self, column: &str, message: impl Into<String>, hint: impl Into<String>) {
        let wrong = Wrong::at(self.row.line, message, hint);
        self.wrong.push(wrong.in_column(column));
    }

    fn text(&self, field: &str) -> Option<String> {
        self.columns.get(self.row, field).map(str::to_owned)
    }

    fn texts(&self, field: &str) -> BTreeMap<Language, String> {
        let texts = self.columns.local(self.row, field).into_iter();
        texts
            .map(|(language, text)| (language, text.to_owned()))
            .collect()
    }

    fn lists(&self, field: &str) -> BTreeMap<Language, Vec<String>> {
        let texts = self.columns.local(self.row, field).into_iter();
        texts
            .map(|(language, text)| (language, parts(text)))
            .collect()
    }

    fn list(&self, field: &str) -> Vec<String> {
        self.columns
            .get(self.row, field)
            .map_or_else(Vec::new, parts)
    }

    /// A key of small letters, digits and hyphens, out of an article number of any form.
    fn key(&self, field: &str) -> Option<String> {
        let text = self.columns.get(self.row, field)?;
        let lower = text.to_lowercase();
        let words = lower.split(|it: char| !it.is_ascii_alphanumeric());
        let words: Vec<&str> = words.filter(|it| !it.is_empty()).collect();
        Some(words.join("-")).filter(|key| !key.is_empty())
    }

    fn category(&mut self, base: &LoadedCatalog) -> Option<String> {
        let named = self.text("category")?;
        let is_meant = |it: &&crate::Category| {
            let mut names = it.name.0.values();
            it.id == named || names.any(|name| name.eq_ignore_ascii_case(&named))
        };
        if let Some(found) = base.categories.iter().find(is_meant) {
            return Some(found.id.clone());
        }
        let near = suggest(&named, base.categories.iter().map(|it| it.id.as_str()));
        let hint = format!("{near}; write a new one into `categories` of the catalogue first");
        self.note("category", format!("there is no category `{named}`"), hint);
        None
    }

    fn stock(&mut self) -> Option<u32> {
        let text = self.text("stock")?;
        if text == "always" {
            return Some(Variant::UNCOUNTED);
        }
        let pieces = text.parse().ok();
        if pieces.is_none() {
            let hint = "write a whole number, or `always` for what is never used up";
            self.note("stock", format!("`{text}` is not a number of pieces"), hint);
        }
        pieces
    }

    fn price(&mut self, home: Currency) -> Option<Price> {
        let price = self.amount("price");
        let currency = self.currency().ok()?.filter(|it| *it != home);
        let min_quantity = self.min_quantity()?;
        let scope = self.scope()?;
        let price = price?;
        if currency.is_none() && min_quantity == 1 && scope.is_everyone() {
            return Some(Price::Usual(price));
        }
        Some(Price::Other(PriceRow {
            price,
            currency,
            min_quantity,
            scope,
        }))
    }

    fn amount(&mut self, field: &str) -> Option<Decimal> {
        let text = self.text(field)?;
        let (thousands, point) = if self.settings.decimal_comma {
            ('.', ',')
        } else {
            (',', '.')
        };
        let plain = text.replace(thousands, "").replace(point, ".");
        let digits = plain.chars().all(|it| it.is_ascii_digit() || it == '.');
        let amount = Decimal::from_str_exact(&plain).ok().filter(|_| digits);
        // `1,5` is fifteen to nobody, and `0,500` is no five hundred.
        let mut groups = text
            .split(point)
            .next()
            .unwrap_or_default()
            .split(thousands);
        let first = groups.next().unwrap_or_default();
        let mut rest = groups.peekable();
        let leads = (1..=3).contains(&first.len()) && !first.starts_with('0');
        let whole = rest.peek().is_none() || leads && rest.all(|group| group.len() == 3);
        let in_fraction = text
            .split(point)
            .nth(1)
            .is_some_and(|it| it.contains(thousands));
        if amount.is_none() || !whole || in_fraction {
            let hint = if self.settings.decimal_comma {
                "write digits with a comma for decimals, such as 49,90; the currency stands in a \
                 column of its own"
            } else {
                "write digits with a point for decimals, such as 49.90; say --decimal-comma where \
                 they are written with a comma"
            };
            self.note(field, format!("`{text}` is not an amount"), hint);
            return None;
        }
        amount
    }

    /// The currency, if one is named.
    fn currency(&mut self) -> Result<Option<Currency>, Noted> {
        let Some(text) = self.text("currency") else {
            return Ok(None);
        };
        let known = text.parse().ok().filter(Currency::is_known);
        if known.is_none() {
            let hint = "write three capital letters, such as `EUR` (ISO 4217)";
            self.note("currency", format!("`{text}` is not a currency"), hint);
            return Err(Noted);
        }
        Ok(known)
    }

    fn min_quantity(&mut self) -> Option<u32> {
        let Some(text) = self.text("min_quantity") else {
            return Some(1);
        };
        let pieces = text.parse().ok().filter(|it| *it > 0);
        if pieces.is_none() {
            let hint = "write a whole number from 1";
            self.note(
                "min_quantity",
                format!("`{text}` is not a number of pieces"),
                hint,
            );
        }
        pieces
    }

    fn scope(&mut self) -> Option<Scope> {
        Some(Scope {
            from: self.day("valid_from").ok()?,
            until: self.day("valid_until").ok()?,
            groups: self.list("groups"),
            regions: self.list("regions"),
        })
    }

    fn day(&mut self, field: &str) -> Result<Option<Date>, Noted> {
        let Some(text) = self.text(field) else {
            return Ok(None);
        };
        let day = text.parse().ok();
        if day.is_none() {
            let hint = "write year, month and day, such as 2026-12-01";
            self.note(field, format!("`{text}` is not a day"), hint);
            return Err(Noted);
        }
        Ok(day)
    }
}

fn parts(text: &str) -> Vec<String> {
    let parts = text.split(SEPARATOR).map(str::trim);
    parts
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}
