//! CSV: each row is a passage of its own, each value with the name of its column.

use std::collections::BTreeSet;

use consultant_core::At;
use csv::{ReaderBuilder, StringRecord};

use super::block::{Block, Lines, NotRead, Parsed, row, tidy};

/// What may stand between two values.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// Reads a table whose first line names its columns.
pub(super) fn parse(text: &str) -> Result<Parsed, NotRead> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .from_reader(text.as_bytes());
    let columns = reader.headers().map_err(|error| not_read(&error))?;
    let columns: Vec<String> = columns.iter().map(tidy).collect();
    check_columns(&columns)?;
    let mut parsed = Parsed::default();
    let mut lines = Lines::new(text);
    for record in reader.records() {
        let record = record.map_err(|error| not_read(&error))?;
        let line = line_of(&record, text, &mut lines);
        if record.len() != columns.len() {
            let message = format!(
                "has {} values in line {line}, and {} columns",
                record.len(),
                columns.len()
            );
            let hint = "quote values that hold a comma, and give each row one value a column";
            return Err(NotRead::new(message, hint).in_line(line));
        }
        let values: Vec<String> = record.iter().map(str::to_owned).collect();
        let text = row(&columns, &values);
        if !text.is_empty() {
            parsed.blocks.push(Block {
                headings: Vec::new(),
                at: Some(At::Line(line)),
                text,
                alone: true,
            });
        }
    }
    Ok(parsed)
}

/// What stands most often in the first line.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |delimiter: u8| first.bytes().filter(|byte| *byte == delimiter).count();
    // Of equals the comma, which is the first one.
    let by_count = DELIMITERS.into_iter().rev().max_by_key(|it| count(*it));
    by_count.unwrap_or(b',')
}

fn check_columns(columns: &[String]) -> Result<(), NotRead> {
    let mut seen = BTreeSet::new();
    for (at, column) in columns.iter().enumerate() {
        let message = if column.is_empty() {
            format!("has no name for column {}", at + 1)
        } else if seen.insert(column) {
            continue;
        } else {
            format!("has two columns of the name `{column}`")
        };
        let hint = "the first line names each column once";
        return Err(NotRead::new(message, hint).in_line(1));
    }
    Ok(())
}

/// The line that a record begins in. The reader counts no empty lines, and lets a record begin with
/// those before it.
fn line_of(record: &StringRecord, text: &str, lines: &mut Lines<'_>) -> usize {
    let at = record.position().map_or(0, csv::Position::byte);
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    let rest = text.get(at..).unwrap_or_default();
    let is_end = |it: &u8| matches!(it, b'\n' | b'\r');
    lines.of(at + rest.bytes().take_while(is_end).count())
}

fn not_read(error: &csv::Error) -> NotRead {
    let line = error.position().map(csv::Position::line);
    let line = line.and_then(|it| usize::try_from(it).ok());
    NotRead {
        line,
        ..NotRead::new(format!("is no table: {error}"), "save it as CSV, in UTF-8")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[(usize, &str)]) {
        let parsed = parse(text).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        let found: Vec<_> = parsed
            .blocks
            .iter()
            .map(|block| match block.at {
                Some(At::Line(line)) => (line, block.text.as_str()),
                _ => (0, block.text.as_str()),
            })
            .collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn a_row_is_a_passage_with_its_line() {
        check(
            "Zone,Days,Price\nEU,2,\"5,90 EUR\"\n\nWorld,9,\n",
            &[
                (2, "Zone: EU; Days: 2; Price: 5,90 EUR"),
                (4, "Zone: World; Days: 9"),
            ],
        );
        check("地区;天数\n北京;2\n", &[(2, "地区: 北京; 天数: 2")]);
    }

    #[test]
    fn a_row_that_does_not_fit_is_named() {
        for (text, expect, line) in [
            ("a,b\n1,2\n1,2,3\n", "3 values in line 3, and 2 columns", 3),
            ("a,,c\n", "no name for column 2", 1),
            ("one\nx, y\n", "2 values in line 2, and 1 columns", 2),
            ("a,a\n", "two columns of the name `a`", 1),
        ] {
            let wrong = parse(text).unwrap_err();
            assert!(wrong.message.contains(expect), "{wrong:?}");
            assert_eq!(wrong.line, Some(line));
        }
    }
}
