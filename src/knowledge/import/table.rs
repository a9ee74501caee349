//! A table of texts: what a CSV file holds, or what a database answered.

use super::Wrong;
use crate::Problem;

/// Rows of a table at the most: more than any catalogue has.
const MAX_ROWS: usize = 200_000;

/// A CSV file at the most, in bytes.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A table of texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// What it is called, for messages.
    pub name: String,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<TableRow>,
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableRow {
    /// Where it stands: a line from 1.
    pub line: usize,
    /// A text for each column; empty where nothing is said.
    pub cells: Vec<String>,
}

impl Table {
    /// The table in a CSV file whose first line names the columns, or all that is wrong with it.
    pub fn read_csv(name: &str, bytes: &[u8], delimiter: u8) -> Result<Self, Vec<Problem>> {
        read(bytes, delimiter)
            .map(|table| Self {
                name: name.to_owned(),
                ..table
            })
            .map_err(|wrong| wrong.into_iter().map(|it| it.in_file(name)).collect())
    }
}

fn read(bytes: &[u8], delimiter: u8) -> Result<Table, Vec<Wrong>> {
    let text = as_text(bytes).map_err(|wrong| vec![wrong])?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(text.as_bytes());
    let names = reader.headers().cloned().unwrap_or_default();
    let columns: Vec<String> = names.iter().map(|it| it.trim().to_owned()).collect();
    if let [only] = &*columns
        && let Some(other) = [';', '\t', ','].into_iter().find(|it| only.contains(*it))
    {
        let message = format!("the only column is `{only}`");
        let hint = match other {
            '\t' => "its columns are parted by tabs: say --delimiter tab".to_owned(),
            other => format!("its columns are parted by `{other}`: say --delimiter '{other}'"),
        };
        return Err(vec![Wrong::at(1, message, hint)]);
    }
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for record in reader.records() {
        match record {
            Ok(record) => rows.push(row(&record, columns.len(), &mut wrong)),
            Err(error) => wrong.push(Wrong::at(1, error.to_string(), "check its quotes")),
        }
        if rows.len() > MAX_ROWS {
            let message = format!("it has more than {MAX_ROWS} rows");
            wrong.push(Wrong::at(1, message, "leave out what is not sold"));
            break;
        }
    }
    if wrong.is_empty() {
        let name = String::new();
        return Ok(Table {
            name,
            columns,
            rows,
        });
    }
    Err(wrong)
}

fn row(record: &csv::StringRecord, columns: usize, wrong: &mut Vec<Wrong>) -> TableRow {
    let line = record.position().map_or(0, csv::Position::line);
    let line = usize::try_from(line).unwrap_or_default();
    let mut cells: Vec<String> = record.iter().map(|it| it.trim().to_owned()).collect();
    if cells.len() != columns {
        let (there, cells) = (columns, cells.len());
        let message = format!("the row has {cells} cells, and there are {there} columns");
        let hint =
            "quote a text that holds the delimiter; a row that is too short may be half written";
        wrong.push(Wrong::at(line, message, hint));
    }
    cells.resize(columns, String::new());
    TableRow { line, cells }
}

fn as_text(bytes: &[u8]) -> Result<&str, Wrong> {
    const AS_UTF_8: &str = "save it as UTF-8 (`CSV UTF-8` in a spreadsheet)";
    if bytes.len() > MAX_BYTES {
        let message = format!(
            "it has {} MiB; at most {}",
            bytes.len() >> 20,
            MAX_BYTES >> 20
        );
        return Err(Wrong::at(1, message, "leave out what is not sold"));
    }
    if bytes.starts_with(b"PK\x03\x04") {
        let hint = "open it in the spreadsheet and save it as `CSV UTF-8`";
        return Err(Wrong::at(1, "it is a workbook and no CSV file", hint));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Wrong::at(1, "it is UTF-16", AS_UTF_8));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.split(|byte| *byte == b'\n').count();
        Wrong::at(line, "this line is not UTF-8", AS_UTF_8)
    })
}
