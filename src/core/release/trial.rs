//! A version on trial: who gets it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ConversationId, PlaybookVersion};

/// A version that serves a share of those who begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// The number of the decision that began it, which is its name.
    pub number: u64,
    /// Which version is tried.
    pub version: PlaybookVersion,
    /// Which version it is compared with.
    pub against: PlaybookVersion,
    /// How many of a hundred get it.
    pub percent: u8,
    /// How long after its beginning a conversation is judged, in minutes.
    pub judged_after_minutes: u32,
    /// Since when.
    pub since: Timestamp,
}

impl Trial {
    /// Whether a conversation is among those who get it. Stable: the same conversation always
    /// falls the same way in a trial, and differently in the next one.
    pub fn includes(&self, conversation: ConversationId) -> bool {
        const PARTS: u64 = 10_000;
        let place = mixed(self.number, conversation) % PARTS;
        place < u64::from(self.percent) * (PARTS / 100)
    }
}

/// Spreads conversations evenly, each trial in its own way. `SplitMix64`'s finaliser (Steele, Lea,
/// Flood 2014), once for each half of the id.
fn mixed(salt: u64, conversation: ConversationId) -> u64 {
    let (high, low) = conversation.0.as_u64_pair();
    [salt, high, low].into_iter().fold(0, |state, part| {
        let mut mixed = (state ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{
        super::{
            Releases,
            steps::{self, events, published},
        },
        *,
    };

    #[test]
    fn a_share_is_stable_and_as_large_as_it_says() {
        let share = |number, percent: u8| {
            let steps = vec![published("a"), steps::trial("b", percent)];
            let mut trial = Releases::of(&events(steps)).trial().cloned().unwrap();
            trial.number = number;
            trial
        };
        let conversation = |at: u128| ConversationId(Uuid::from_u128(at << 16 | 7));
        for percent in [1, 10, 50, 99] {
            let trial = share(2, percent);
            let got = (0..20_000).filter(|at| trial.includes(conversation(*at)));
            let got = f64::from(u32::try_from(got.count()).unwrap()) / 200.0;
            assert!((got - f64::from(percent)).abs() < 1.2, "{percent}: {got}");
        }
        let (one, other) = (share(2, 50), share(3, 50));
        let both = |at: &u128| one.includes(conversation(*at)) && other.includes(conversation(*at));
        let both = (0..20_000).filter(both).count();
        assert!(
            (4_700..5_300).contains(&both),
            "{both}: one says nothing of the other"
        );
    }
}
