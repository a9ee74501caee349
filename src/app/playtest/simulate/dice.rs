//! Chance from a seed: the same seed throws the same dice. `SplitMix64` (Steele, Lea, Flood 2014).

/// Dice.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// Dice for one of many, by its name and number.
    pub(super) fn new(seed: u64, name: &str, number: u32) -> Self {
        let mut dice = Self(seed);
        for byte in name.bytes() {
            dice.0 ^= u64::from(byte);
            dice.0 = dice.throw();
        }
        dice.0 ^= u64::from(number);
        dice.0 = dice.throw();
        dice
    }

    /// A number of 64 bits.
    pub(super) fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below another one; zero where that is zero.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let thrown = self.throw().checked_rem(count).unwrap_or_default();
        usize::try_from(thrown).unwrap_or_default()
    }

    /// One of several.
    pub(super) fn pick<'a>(&mut self, list: &'a [String]) -> Option<&'a String> {
        let at = self.below(list.len());
        list.get(at)
    }

    /// What happens so often in a hundred times.
    pub(super) fn chance(&mut self, percent: u8) -> bool {
        self.below(100) < usize::from(percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_throws_the_same_and_another_name_something_else() {
        let throws = |seed, name, number| {
            let mut dice = Dice::new(seed, name, number);
            (0..8).map(|_| dice.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(throws(7, "Ann", 1), throws(7, "Ann", 1));
        assert_ne!(throws(7, "Ann", 1), throws(7, "Ann", 2));
        assert_ne!(throws(7, "Ann", 1), throws(7, "Ben", 1));
        assert_ne!(throws(7, "Ann", 1), throws(8, "Ann", 1));
    }

    #[test]
    fn a_chance_comes_about_as_often_as_it_says() {
        let mut dice = Dice::new(1, "", 0);
        let came = (0..10_000).filter(|_| dice.chance(30)).count();
        assert!((2_800..3_200).contains(&came), "{came}");
        assert!(!dice.chance(0) && dice.chance(100));
        assert_eq!((dice.below(0), dice.pick(&[])), (0, None));
    }
}
