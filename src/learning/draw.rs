//! Parts of labelled rows, drawn by chance that follows from a seed.

use std::collections::BTreeMap;

use rand::{SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;

use crate::Row;

/// Rows to learn from, and rows to test with.
pub type Parts = (Vec<Row>, Vec<Row>);

/// Holds one row of so many back from each category, rounded down, to test with.
pub fn hold_out(rows: &[Row], one_of: usize, seed: u64) -> Parts {
    parted(rows, seed, |texts| texts.len() / one_of.max(1))
}

/// Draws so many rows of each category to learn from; all others are left to test with. Of a
/// category with fewer rows all are learned from.
pub fn few(rows: &[Row], of_each: usize, seed: u64) -> Parts {
    parted(rows, seed, |texts| texts.len().saturating_sub(of_each))
}

/// `held_back` says how many of a category's rows are to test with. Both parts keep the order of
/// the rows.
fn parted(rows: &[Row], seed: u64, held_back: impl Fn(&[usize]) -> usize) -> Parts {
    let mut by_category: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        by_category.entry(&row.category).or_default().push(at);
    }
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let mut is_held_back = vec![false; rows.len()];
    for mut places in by_category.into_values() {
        places.shuffle(&mut chance);
        for at in places.iter().take(held_back(&places)) {
            is_held_back[*at] = true;
        }
    }
    let part = |wanted: bool| {
        let rows = rows.iter().zip(&is_held_back);
        let rows = rows.filter(|(_, held_back)| **held_back == wanted);
        rows.map(|(row, _)| row.clone()).collect()
    };
    (part(false), part(true))
}

/// At most so many of some things, drawn by chance, in their order.
pub fn some_of<T: Clone>(all: &[T], most: usize, seed: u64) -> Vec<T> {
    let mut places: Vec<usize> = (0..all.len()).collect();
    places.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    places.truncate(most);
    places.sort_unstable();
    places.into_iter().map(|at| all[at].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let row = |line: u64| Row {
            text: format!("text {line}"),
            category: ["often", "often", "seldom"][usize::try_from(line).unwrap() % 3].to_owned(),
            line,
        };
        (0..30).map(row).collect()
    }

    fn counts(rows: &[Row]) -> (usize, usize) {
        let often = rows.iter().filter(|row| row.category == "often").count();
        (often, rows.len() - often)
    }

    #[test]
    fn each_category_gives_its_share() {
        let (train, test) = hold_out(&rows(), 5, 1);
        assert_eq!((counts(&train), counts(&test)), ((16, 8), (4, 2)));
        let (train, test) = few(&rows(), 3, 1);
        assert_eq!((counts(&train), counts(&test)), ((3, 3), (17, 7)));
        assert_eq!(few(&rows(), 100, 1), (rows(), Vec::new()));
    }

    #[test]
    fn some_are_drawn_and_keep_their_order() {
        let all: Vec<u32> = (0..100).collect();
        let some = some_of(&all, 10, 1);
        assert_eq!(some.len(), 10);
        assert!(some.is_sorted());
        assert_eq!(some_of(&all, 1_000, 1), all);
    }

    #[test]
    fn what_is_drawn_follows_from_the_seed() {
        assert_eq!(hold_out(&rows(), 5, 1), hold_out(&rows(), 5, 1));
        assert_ne!(hold_out(&rows(), 5, 1), hold_out(&rows(), 5, 2));
    }
}
