//! Goods out of a table (a CSV file, the rows of a database) into a catalogue. A row is a variant, or
//! another price of one; what a table does not say stays as the catalogue has it.
//!
//! Which column holds what is never guessed: a column has the name of what it holds, or is named.

mod columns;
mod goods;
mod row;
mod table;

use std::collections::BTreeMap;

use consultant_core::Language;
use serde::Serialize;

use crate::{LoadedCatalog, Problem, load::load_catalog_with_categories, written::write_catalog};

pub use table::{Table, TableRow};

use columns::Columns;
use goods::Goods;
use row::Row;

/// How a table is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportSettings {
    /// The names of columns that are not called what they hold, by what that is (`price`).
    pub columns: BTreeMap<String, String>,
    /// Columns that say nothing about goods.
    pub ignored: Vec<String>,
    /// The language of texts whose column names none; English if nothing is said.
    pub language: Option<Language>,
    /// Whether `1.234,50` is meant by what is written so, instead of `1,234.50`.
    pub decimal_comma: bool,
    /// Whether goods that the table lacks are no longer sold.
    pub replaces: bool,
}

/// The catalogue with the goods of a table, or everything that is wrong with the table.
pub fn import(
    base: &LoadedCatalog,
    table: &Table,
    settings: &ImportSettings,
) -> Result<LoadedCatalog, Vec<Problem>> {
    let columns = Columns::of(table, settings)?;
    let mut problems = Vec::new();
    let mut goods = Goods::of(base);
    for row in &table.rows {
        match Row::read(row, &columns, (base, settings)) {
            Ok(row) => problems.extend(goods.take(row)),
            Err(wrong) => problems.extend(wrong),
        }
    }
    if table.rows.is_empty() {
        problems.push(Wrong::at(1, "the table has no rows", "give it some"));
    }
    if !problems.is_empty() {
        return Err(problems
            .into_iter()
            .map(|it| it.in_file(&table.name))
            .collect());
    }
    let (loaded, lines) = goods.into_catalog(settings.replaces);
    // What is read out of it is what serves: the stock of bundles is counted anew.
    checked(&loaded).map_err(|problems| {
        let at_rows = problems
            .into_iter()
            .map(|it| at_its_row(it, &lines, &table.name));
        at_rows.collect()
    })
}

/// What would be read out of the file that this catalogue is written into.
fn checked(loaded: &LoadedCatalog) -> Result<LoadedCatalog, Vec<Problem>> {
    load_catalog_with_categories("catalog.yaml", &write_catalog(loaded))
}

/// A problem of a product, told where the table speaks of it.
fn at_its_row(problem: Problem, lines: &[Option<usize>], table: &str) -> Problem {
    let index = problem.key.strip_prefix("products[");
    let index = index.and_then(|rest| rest.split_once(']'));
    let index = index.and_then(|(index, _)| index.parse::<usize>().ok());
    let line = index.and_then(|index| lines.get(index).copied().flatten());
    Problem {
        file: table.to_owned(),
        line: line.unwrap_or(1),
        column: 1,
        width: 1,
        ..problem
    }
}

/// Something wrong in a row, and what to do.
#[derive(Debug)]
struct Wrong {
    line: usize,
    column: Option<String>,
    message: String,
    hint: String,
}

impl Wrong {
    fn at(line: usize, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            line,
            column: None,
            message: message.into(),
            hint: hint.into(),
        }
    }

    fn in_column(self, column: &str) -> Self {
        Self {
            column: Some(column.to_owned()),
            ..self
        }
    }

    fn in_file(self, file: &str) -> Problem {
        Problem {
            file: file.to_owned(),
            line: self.line,
            column: 1,
            width: 1,
            key: self.column.unwrap_or_default(),
            message: self.message,
            hint: Some(self.hint),
            is_warning: false,
        }
    }
}

#[cfg(test)]
mod tests;
