//! A file of goods over a catalogue.

use std::{fs, io};

use consultant_knowledge::{Problem, Table, import, load_catalog_with_categories, write_catalog};

use crate::config::{GoodsFile, GoodsForm};

/// What came of it.
pub(crate) enum Laid {
    /// The text of the whole catalogue, checked.
    Over(String),
    /// There is nothing to lay over it yet.
    Nothing,
    /// The catalogue is broken itself.
    NoBase,
    /// The file cannot be read.
    Unreadable(io::Error),
    /// What is wrong with the file of goods.
    Wrong(Vec<Problem>),
}

/// Lays the goods over a catalogue, given as its name and its text. A catalogue that is broken itself
/// is told as such by whoever reads it.
pub(crate) fn lay(goods: &GoodsFile, base: (&str, &str)) -> Laid {
    match fs::read(&goods.path) {
        Ok(bytes) => laid(goods, &bytes, base),
        Err(error) if goods.is_fetched && error.kind() == io::ErrorKind::NotFound => Laid::Nothing,
        Err(error) => Laid::Unreadable(error),
    }
}

fn laid(goods: &GoodsFile, bytes: &[u8], (name, text): (&str, &str)) -> Laid {
    let file = goods.path.display().to_string();
    match &goods.form {
        GoodsForm::Catalog => {
            let text = match String::from_utf8(bytes.to_vec()) {
                Ok(text) => text,
                Err(error) => return Laid::Unreadable(io::Error::other(error)),
            };
            match load_catalog_with_categories(&file, &text) {
                Ok(_) => Laid::Over(text),
                Err(problems) => Laid::Wrong(problems),
            }
        }
        GoodsForm::Table {
            delimiter,
            settings,
        } => {
            let Ok(base) = load_catalog_with_categories(name, text) else {
                return Laid::NoBase;
            };
            let table = Table::read_csv(&file, bytes, *delimiter);
            match table.and_then(|table| import(&base, &table, settings)) {
                Ok(loaded) => Laid::Over(write_catalog(&loaded)),
                Err(problems) => Laid::Wrong(problems),
            }
        }
    }
}
