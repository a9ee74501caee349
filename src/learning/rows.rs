//! Texts with their categories, as companies keep them: CSV, or JSON lists of pairs.
//!
//! A file that cannot be right is refused with all its problems; what is odd and can be worked with
//! is told beside the figures: see [`Doubts`].

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

/// A text of a known category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What somebody wrote.
    pub text: String,
    /// What it is.
    pub category: String,
    /// Where it stands: the line of a CSV file, the place in a JSON list; from 1.
    pub line: u64,
}

/// Which columns hold what.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// The text's.
    pub text: &'a str,
    /// The category's.
    pub category: &'a str,
}

/// Why a file is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowProblem {
    /// From 1; `None` where it is about the whole file.
    pub line: Option<u64>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: &'static str,
}

impl RowProblem {
    fn whole(message: impl Into<String>, hint: &'static str) -> Self {
        Self {
            line: None,
            message: message.into(),
            hint,
        }
    }

    fn at(line: u64, message: impl Into<String>, hint: &'static str) -> Self {
        Self {
            line: Some(line),
            message: message.into(),
            hint,
        }
    }
}

const SAVE_AS_UTF_8: &str = "save it as UTF-8";

/// The rows of a CSV file with a line of names, or all its problems.
pub fn read_csv(bytes: &[u8], columns: Columns<'_>) -> Result<Vec<Row>, Vec<RowProblem>> {
    let text = as_text(bytes).map_err(|problem| vec![problem])?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let names = reader.headers().cloned().unwrap_or_default();
    let place = |wanted: &str| names.iter().position(|name| name.trim() == wanted);
    let (Some(text_at), Some(category_at)) = (place(columns.text), place(columns.category)) else {
        let has: Vec<&str> = names.iter().collect();
        let missing = [columns.text, columns.category];
        let missing: Vec<&str> = missing
            .into_iter()
            .filter(|it| place(it).is_none())
            .collect();
        let message = format!(
            "there is no column `{}` among `{}`",
            missing.join("` and no column `"),
            has.join("`, `")
        );
        let hint = "name the columns with --text-column and --category-column";
        return Err(vec![RowProblem::at(1, message, hint)]);
    };
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                let field = |at: usize| record.get(at).unwrap_or_default();
                keep(
                    (field(text_at), field(category_at), line),
                    &mut rows,
                    &mut problems,
                );
            }
            Err(error) => problems.push(RowProblem::whole(error.to_string(), "check its quotes")),
        }
    }
    whole(rows, problems)
}

/// The rows of a JSON file: a list of `["text", "category"]`, or an object of such lists, of which
/// `list` names one.
pub fn read_json(bytes: &[u8], list: Option<&str>) -> Result<Vec<Row>, Vec<RowProblem>> {
    let refused = |message: String, hint| vec![RowProblem::whole(message, hint)];
    let text = as_text(bytes).map_err(|problem| vec![problem])?;
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let line = u64::try_from(error.line()).unwrap_or_default();
        vec![RowProblem::at(line, error.to_string(), "correct it")]
    })?;
    let pairs = match (&value, list) {
        (Value::Object(lists), Some(name)) => lists.get(name),
        (Value::Array(_), None) => Some(&value),
        _ => None,
    };
    let Some(pairs) = pairs.and_then(Value::as_array) else {
        let names = value.as_object().map(|lists| {
            let names: Vec<&str> = lists.keys().map(String::as_str).collect();
            format!("; it has `{}`", names.join("`, `"))
        });
        let message = format!(
            "there is no such list of pairs{}",
            names.unwrap_or_default()
        );
        return Err(refused(message, "name one: FILE.json#NAME"));
    };
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for (line, pair) in (1..).zip(pairs) {
        match pair.as_array().map(Vec::as_slice) {
            Some([Value::String(text), Value::String(category)]) => {
                keep((text, category, line), &mut rows, &mut problems);
            }
            _ => problems.push(RowProblem::at(
                line,
                "this entry is no pair of texts",
                "write `[\"text\", \"category\"]`",
            )),
        }
    }
    whole(rows, problems)
}

fn as_text(bytes: &[u8]) -> Result<&str, RowProblem> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(RowProblem::whole("it is UTF-16", SAVE_AS_UTF_8));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let lines = before.split(|byte| *byte == b'\n').count();
        let line = u64::try_from(lines).unwrap_or_default();
        RowProblem::at(line, "this line is not UTF-8", SAVE_AS_UTF_8)
    })
}

fn keep(
    (text, category, line): (&str, &str, u64),
    rows: &mut Vec<Row>,
    problems: &mut Vec<RowProblem>,
) {
    let (text, category) = (text.trim(), category.trim());
    let hint = "complete the row or delete it";
    if text.is_empty() {
        problems.push(RowProblem::at(line, "there is no text", hint));
    } else if category.is_empty() {
        problems.push(RowProblem::at(line, "the text has no category", hint));
    } else {
        rows.push(Row {
            text: text.to_owned(),
            category: category.to_owned(),
            line,
        });
    }
}

fn whole(rows: Vec<Row>, mut problems: Vec<RowProblem>) -> Result<Vec<Row>, Vec<RowProblem>> {
    if rows.is_empty() && problems.is_empty() {
        problems.push(RowProblem::whole("it has no rows", "give it some"));
    }
    if problems.is_empty() {
        Ok(rows)
    } else {
        Err(problems)
    }
}

/// What is odd about rows and can be worked with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Doubts {
    /// Categories with a single text to learn from: nothing of them can be held back and judged.
    pub categories_of_one: Vec<String>,
    /// Texts to learn from that stand under several categories, each with the lines.
    pub contradictions: Vec<Contradiction>,
    /// Categories of the test that there is nothing to learn of.
    pub unknown_categories: Vec<String>,
    /// Lines of the test whose text is also one to learn from: what is right there says nothing.
    pub leaked_lines: Vec<u64>,
}

/// One text under several categories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contradiction {
    /// The text.
    pub text: String,
    /// Its categories.
    pub categories: Vec<String>,
    /// Where it stands.
    pub lines: Vec<u64>,
}

impl Doubts {
    /// What is odd about the rows to learn from and those to test with.
    pub fn about(train: &[Row], test: &[Row]) -> Self {
        let mut by_text: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for row in train {
            by_text
                .entry(spelt_plainly(&row.text))
                .or_default()
                .push(row);
            *counts.entry(&row.category).or_default() += 1;
        }
        let single = counts.iter().filter(|(_, count)| **count == 1);
        let unknown: BTreeSet<&str> = test
            .iter()
            .map(|row| row.category.as_str())
            .filter(|category| !counts.contains_key(category))
            .collect();
        let leaked = test
            .iter()
            .filter(|row| by_text.contains_key(&spelt_plainly(&row.text)));
        Self {
            categories_of_one: single.map(|(category, _)| (*category).to_owned()).collect(),
            unknown_categories: unknown.into_iter().map(str::to_owned).collect(),
            leaked_lines: leaked.map(|row| row.line).collect(),
            contradictions: by_text
                .values()
                .filter_map(|rows| contradiction(rows))
                .collect(),
        }
    }
}

fn contradiction(rows: &[&Row]) -> Option<Contradiction> {
    let categories: BTreeSet<&str> = rows.iter().map(|row| row.category.as_str()).collect();
    (categories.len() > 1).then(|| Contradiction {
        text: rows.first().map(|row| row.text.clone()).unwrap_or_default(),
        categories: categories.into_iter().map(str::to_owned).collect(),
        lines: rows.iter().map(|row| row.line).collect(),
    })
}

/// A text without what makes no difference: capitals, blanks, marks.
fn spelt_plainly(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let words: Vec<String> = words
        .filter(|it| !it.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: Columns<'static> = Columns {
        text: "text",
        category: "category",
    };

    fn row(text: &str, category: &str, line: u64) -> Row {
        Row {
            text: text.to_owned(),
            category: category.to_owned(),
            line,
        }
    }

    #[track_caller]
    fn refused(bytes: &[u8]) -> Vec<(Option<u64>, String)> {
        let problems = read_csv(bytes, COLUMNS).unwrap_err();
        problems
            .into_iter()
            .map(|it| (it.line, it.message))
            .collect()
    }

    #[test]
    fn rows_are_read_with_their_lines_whatever_stands_beside_them() {
        let file = "\u{feff}id,category,text\n1,price,\"How much,\nplease?\"\n2,stock,有货吗\n";
        let rows = read_csv(file.as_bytes(), COLUMNS).unwrap();
        assert_eq!(
            rows,
            [
                row("How much,\nplease?", "price", 2),
                row("有货吗", "stock", 4)
            ]
        );
    }

    #[test]
    fn every_row_that_lacks_something_is_told() {
        assert_eq!(
            refused(b"text,category\nhello,\n,price\nfine,greet\nalone\n"),
            [
                (Some(2), "the text has no category".to_owned()),
                (Some(3), "there is no text".to_owned()),
                (Some(5), "the text has no category".to_owned()),
            ]
        );
    }

    #[test]
    fn what_is_no_such_file_is_told() {
        assert_eq!(
            refused(b"question,label\na,b\n"),
            [(
                Some(1),
                "there is no column `text` and no column `category` among `question`, `label`"
                    .to_owned()
            )]
        );
        assert_eq!(
            refused(b"text,category\nok,a\ncaf\xe9,b\n"),
            [(Some(3), "this line is not UTF-8".to_owned())]
        );
        assert_eq!(refused(b"\xff\xfet\0"), [(None, "it is UTF-16".to_owned())]);
        assert_eq!(
            refused(b"text,category\n"),
            [(None, "it has no rows".to_owned())]
        );
    }

    #[test]
    fn json_is_a_list_of_pairs_or_several_with_names() {
        let rows = [row("hi", "greet", 1)];
        assert_eq!(read_json(br#"[["hi", "greet"]]"#, None).unwrap(), rows);
        let several = br#"{"train": [["hi", "greet"]], "val": [["hi"]]}"#;
        assert_eq!(read_json(several, Some("train")).unwrap(), rows);
        let told = |list| read_json(several, list).unwrap_err()[0].message.clone();
        assert_eq!(told(Some("val")), "this entry is no pair of texts");
        for list in [None, Some("test")] {
            assert_eq!(
                told(list),
                "there is no such list of pairs; it has `train`, `val`"
            );
        }
        assert_eq!(read_json(b"[\n1,", None).unwrap_err()[0].line, Some(2));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_the_reading(bytes: Vec<u8>, rows in "(text|category|[\",\n a\u{e9}]){0,40}") {
            for file in [bytes, format!("text,category\n{rows}").into_bytes()] {
                for read in [read_csv(&file, COLUMNS), read_json(&file, None)] {
                    let whole = |row: &Row| !row.text.is_empty() && !row.category.is_empty();
                    proptest::prop_assert!(read.is_err() || read.unwrap().iter().all(whole));
                }
            }
        }
    }

    #[test]
    fn what_is_odd_is_named() {
        let train = [
            row("How much?", "price", 2),
            row("how much", "stock", 3),
            row("in stock", "stock", 4),
        ];
        let test = [row("HOW MUCH", "price", 2), row("bye", "goodbye", 3)];
        let doubts = Doubts::about(&train, &test);
        assert_eq!(doubts.categories_of_one, ["price"]);
        assert_eq!(doubts.unknown_categories, ["goodbye"]);
        assert_eq!(doubts.leaked_lines, [2]);
        assert_eq!(
            doubts.contradictions,
            [Contradiction {
                text: "How much?".to_owned(),
                categories: vec!["price".to_owned(), "stock".to_owned()],
                lines: vec![2, 3],
            }]
        );
        assert_eq!(
            Doubts::about(&train[2..], &[]).leaked_lines,
            Vec::<u64>::new()
        );
    }
}
