//! Which column holds what.

use std::collections::BTreeMap;

use consultant_core::Language;

use super::{ImportSettings, Table, TableRow, Wrong};
use crate::{Problem, problem::suggest};

/// What a column may hold.
pub(super) const FIELDS: [&str; 17] = [
    "id",
    "variant",
    "name",
    "variant_name",
    "aliases",
    "category",
    "description",
    "picture",
    "price",
    "currency",
    "stock",
    "min_quantity",
    "groups",
    "regions",
    "valid_from",
    "valid_until",
    "tax",
];

/// Of these there is one a language: `name_en`, `name_zh`.
const LOCAL: [&str; 4] = ["name", "variant_name", "aliases", "description"];

/// The columns of a table, by what they hold.
#[derive(Debug)]
pub(super) struct Columns {
    plain: BTreeMap<&'static str, usize>,
    local: BTreeMap<(&'static str, Language), usize>,
}

impl Columns {
    pub(super) fn of(table: &Table, settings: &ImportSettings) -> Result<Self, Vec<Problem>> {
        let mut found = Self {
            plain: BTreeMap::new(),
            local: BTreeMap::new(),
        };
        let mut wrong = Vec::new();
        for (at, name) in table.columns.iter().enumerate() {
            if settings.ignored.contains(name) {
                continue;
            }
            let renamed = settings.columns.iter().find(|(_, column)| *column == name);
            let field = renamed.map_or(name.as_str(), |(field, _)| field);
            if let Err(problem) = found.put(&field.to_lowercase(), at, settings) {
                wrong.push(problem.in_column(name));
            }
        }
        wrong.extend(found.lacks(table, settings));
        if wrong.is_empty() {
            return Ok(found);
        }
        Err(wrong
            .into_iter()
            .map(|it| it.in_file(&table.name))
            .collect())
    }

    fn put(&mut self, field: &str, at: usize, settings: &ImportSettings) -> Result<(), Wrong> {
        let known = FIELDS.iter().find(|it| **it == field);
        let before = match (known, local_field(field)) {
            (Some(name), _) if LOCAL.contains(name) => {
                let language = settings.language.unwrap_or(Language::EN);
                self.local.insert((name, language), at)
            }
            (Some(name), _) => self.plain.insert(name, at),
            (None, Some(key)) => self.local.insert(key, at),
            (None, None) => return Err(unknown(field)),
        };
        match before {
            Some(_) => Err(Wrong::at(
                1,
                format!("two columns hold `{field}`"),
                "leave one out: --ignore NAME",
            )),
            None => Ok(()),
        }
    }

    /// What cannot be missing, and what was named and is not there.
    fn lacks(&self, table: &Table, settings: &ImportSettings) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        if !self.plain.contains_key("id") {
            let hint = "say which column tells goods apart: --column id=NAME";
            wrong.push(Wrong::at(1, "no column holds `id`", hint));
        }
        let named = settings.columns.values().chain(&settings.ignored);
        for name in named.filter(|name| !table.columns.contains(name)) {
            let hint = suggest(name, table.columns.iter().map(String::as_str));
            wrong.push(Wrong::at(1, format!("there is no column `{name}`"), hint));
        }
        wrong
    }

    /// What a row says of this; `None` where it says nothing.
    pub(super) fn get<'a>(&self, row: &'a TableRow, field: &str) -> Option<&'a str> {
        let cell = row.cells.get(*self.plain.get(field)?)?;
        (!cell.is_empty()).then_some(cell)
    }

    /// What a row says of this in each language.
    pub(super) fn local<'a>(&self, row: &'a TableRow, field: &str) -> BTreeMap<Language, &'a str> {
        let columns = self.local.iter().filter(|((name, _), _)| *name == field);
        let cells = columns.filter_map(|((_, language), at)| {
            let cell = row.cells.get(*at).filter(|it| !it.is_empty())?;
            Some((*language, cell.as_str()))
        });
        cells.collect()
    }
}

/// `name_zh`: a text in a language.
fn local_field(field: &str) -> Option<(&'static str, Language)> {
    let (name, language) = field.rsplit_once('_')?;
    let name = LOCAL.iter().find(|it| **it == name)?;
    Some((name, language.parse().ok()?))
}

fn unknown(field: &str) -> Wrong {
    let near = suggest(field, FIELDS);
    let hint = format!(
        "{near}; say what it holds with --column FIELD=NAME, or leave it out with --ignore NAME"
    );
    Wrong::at(1, format!("`{field}` is nothing that a column holds"), hint)
}
