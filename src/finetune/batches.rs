//! Which texts are learned from together.

use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;

/// Batches of one round, in the order in which they are learned from: all texts once, shuffled, so
/// many at a time. Texts are packed and not padded, so that short and long ones go together at no
/// cost.
pub(crate) fn round(texts: usize, of_each: usize, chance: &mut ChaCha8Rng) -> Vec<Vec<usize>> {
    let mut places: Vec<usize> = (0..texts).collect();
    places.shuffle(chance);
    places
        .chunks(of_each.max(1))
        .map(<[usize]>::to_vec)
        .collect()
}

/// How far to go in a step, as a share of the furthest: up in the first tenth of the way, then down
/// to nothing. `gone` is the share of the way: 0 to 1.
pub(crate) fn pace(gone: f64) -> f64 {
    const WARM: f64 = 0.1;
    let gone = gone.clamp(0.0, 1.0);
    if gone < WARM {
        gone / WARM
    } else {
        (1.0 - gone) / (1.0 - WARM)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    #[test]
    fn a_round_has_each_text_once_in_an_order_that_follows_from_the_seed() {
        let drawn = |seed| round(70, 32, &mut ChaCha8Rng::seed_from_u64(seed));
        let batches = drawn(1);
        assert_eq!(
            batches.iter().map(Vec::len).collect::<Vec<_>>(),
            [32, 32, 6]
        );
        let mut all = batches.concat();
        all.sort_unstable();
        assert_eq!(all, (0..70).collect::<Vec<_>>());
        assert_eq!(batches, drawn(1));
        assert_ne!(batches, drawn(2));
    }

    #[test]
    fn steps_grow_and_shrink() {
        for (gone, expect) in [
            (0.0, 0.0),
            (0.05, 0.5),
            (0.1, 1.0),
            (0.55, 0.5),
            (1.0, 0.0),
            (7.0, 0.0),
        ] {
            assert!((pace(gone) - expect).abs() < 1e-9, "{gone}");
        }
    }
}
