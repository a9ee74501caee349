//! The answer of somebody else's SQLite database: read, and nothing else.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags, types::ValueRef};

/// Rows of an answer at the most.
const MAX_ROWS: usize = 200_000;

/// How many steps of the database pass between two looks at the clock.
const STEPS: i32 = 10_000;

/// Why a database did not answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// It said so.
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
    /// The query would change something.
    #[error("the query writes: it may only read")]
    Writes,
    /// Its answer is too long.
    #[error("the answer has more than {MAX_ROWS} rows")]
    TooManyRows,
    /// A value is no text and no number.
    #[error("row {row}, column `{column}` holds bytes and no text")]
    NotAText {
        /// From 1.
        row: usize,
        /// Its name.
        column: String,
    },
}

/// What a query answers: the names of the columns, then the rows, all as texts; what is missing is
/// empty. The file is opened for reading only, and whatever takes longer than `patience` is broken off.
pub fn query_table(
    database: &Path,
    query: &str,
    patience: Duration,
) -> Result<Vec<Vec<String>>, QueryError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(database, flags)?;
    connection.busy_timeout(patience)?;
    let until = Instant::now() + patience;
    connection.progress_handler(STEPS, Some(move || Instant::now() > until))?;
    let mut statement = connection.prepare(query)?;
    if !statement.readonly() {
        return Err(QueryError::Writes);
    }
    let names = statement.column_names();
    let names: Vec<String> = names.map(str::to_owned).collect();
    let mut table = vec![names.clone()];
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if table.len() > MAX_ROWS {
            return Err(QueryError::TooManyRows);
        }
        let cells = names.iter().enumerate().map(|(at, column)| {
            let text = as_text(row.get_ref(at)?);
            text.ok_or_else(|| QueryError::NotAText {
                row: table.len(),
                column: column.clone(),
            })
        });
        table.push(cells.collect::<Result<_, QueryError>>()?);
    }
    Ok(table)
}

fn as_text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => Some(String::new()),
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok().map(str::to_owned),
        ValueRef::Blob(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    /// A database with goods in it, and what a query of it answers.
    fn ask(query: &str) -> Result<Vec<Vec<String>>, QueryError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("goods.db");
        let connection = Connection::open(&file).unwrap();
        let goods = "CREATE TABLE goods (id TEXT, price NUMERIC, note);
                     INSERT INTO goods VALUES ('lamp', 49.5, NULL), ('desk', 300, x'00ff');";
        connection.execute_batch(goods).unwrap();
        drop(connection);
        query_table(&file, query, PATIENCE)
    }

    #[test]
    fn an_answer_is_its_columns_and_its_rows() {
        let table = ask("SELECT id, price AS preis, note FROM goods WHERE price < 100").unwrap();
        assert_eq!(table, [["id", "preis", "note"], ["lamp", "49.5", ""]]);
    }

    #[test]
    fn what_writes_or_is_no_query_is_refused() {
        assert!(matches!(ask("DELETE FROM goods"), Err(QueryError::Writes)));
        assert!(ask("SELECT nothing FROM goods").is_err());
        let bytes = ask("SELECT note FROM goods");
        assert!(
            matches!(bytes, Err(QueryError::NotAText { row: 2, .. })),
            "{bytes:?}"
        );
        let missing = query_table(Path::new("/nowhere/goods.db"), "SELECT 1", PATIENCE);
        assert!(missing.is_err());
    }

    #[test]
    fn what_takes_too_long_is_broken_off() {
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
                       SELECT count(*) FROM n";
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("empty.db");
        Connection::open(&file)
            .unwrap()
            .execute_batch("CREATE TABLE t (a)")
            .unwrap();
        assert!(query_table(&file, endless, Duration::from_millis(50)).is_err());
    }
}
