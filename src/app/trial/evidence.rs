//! A test of whether something happens as often with one version as with another, which may be
//! looked at after every conversation and stopped at any time.
//!
//! It is the one of Turner, Ly and Grünwald, "Generic E-variables for exact sequential k-sample
//! tests that allow for optional stopping" (2021), for two Bernoulli streams. Conversations are
//! taken in blocks: so many of each version, always as many, in the order in which they began.
//! Each block gives a number
//!
//! > `S = ∏ over the block's conversations of p_version(y) / p_0(y)`
//!
//! where y is whether it happened, `p_tried` and `p_against` are the shares as all *earlier* blocks
//! suggest them, and `p_0 = (n_tried p_tried + n_against p_against) / (n_tried + n_against)`.
//!
//! Why it is valid. Say that there is no difference: in both versions it happens with the same
//! probability p, whatever that is. Write `u = E_p[p_tried(y) / p_0(y)]` and v likewise for
//! `against`. The conversations of a block are independent of each other and of what the shares
//! were estimated from, so `E[S] = u^n_tried · v^n_against`. The weighted mean of u and v is
//! `Σ_y p(y) · (n_tried p_tried(y) + n_against p_against(y)) / (n p_0(y)) = Σ_y p(y) = 1`, and the
//! weighted geometric mean is no larger than that, so E[S] ≤ 1. The product E of all blocks is
//! therefore a non-negative supermartingale that begins at 1, and by Ville's inequality it ever
//! reaches 1/α with probability α at most. So 1 / (the largest E so far) is a p-value at any time,
//! however often one looks and for whatever reason one stops.
//!
//! That the shares are estimated costs power, never validity; which conversation belongs to which
//! block depends on nothing but its version and its place, never on what came of it.

use std::collections::VecDeque;

/// What the estimates begin with: as if so many had been seen, of which so many hit. Little, so
/// that what is seen counts soon; the values of the authors' own package, `safestats`.
const HITS_BEFORE: f64 = 0.18;
const SEEN_BEFORE: f64 = 0.36;

/// The evidence so far that two versions differ in how often something happens.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    tried: Stream,
    against: Stream,
    /// The logarithm of E, and its largest value so far.
    log_e: f64,
    largest_log_e: f64,
}

/// The conversations of one version.
#[derive(Clone, Debug)]
struct Stream {
    /// How many a block takes.
    of_a_block: u32,
    /// Those that no block has taken yet.
    waiting: VecDeque<bool>,
    /// Those of all blocks so far.
    hits: u32,
    seen: u32,
}

impl Evidence {
    /// For a trial that gives so many in a hundred to the version on trial. A block holds both
    /// versions about as they come in, so that few conversations wait for their match.
    pub(super) fn new(percent: u8) -> Self {
        let (tried, against) = (u32::from(percent), 100 - u32::from(percent.min(99)));
        Self {
            tried: Stream::new(times(tried, against)),
            against: Stream::new(times(against, tried)),
            log_e: 0.0,
            largest_log_e: 0.0,
        }
    }

    /// Takes in what came of a conversation with the version on trial.
    pub(super) fn tried(&mut self, happened: bool) {
        self.tried.waiting.push_back(happened);
        self.take_blocks();
    }

    /// Takes in what came of a conversation with the other version.
    pub(super) fn against(&mut self, happened: bool) {
        self.against.waiting.push_back(happened);
        self.take_blocks();
    }

    fn take_blocks(&mut self) {
        while self.tried.has_block() && self.against.has_block() {
            let (tried, against) = (self.tried.share(), self.against.share());
            let (of_tried, of_against) = (
                f64::from(self.tried.of_a_block),
                f64::from(self.against.of_a_block),
            );
            let alike = (of_tried * tried + of_against * against) / (of_tried + of_against);
            self.log_e += self.tried.take_block(tried, alike);
            self.log_e += self.against.take_block(against, alike);
            self.largest_log_e = self.largest_log_e.max(self.log_e);
        }
    }

    /// Valid at any time of looking; 1 before anything is known.
    pub(super) fn p_value(&self) -> f64 {
        (-self.largest_log_e).exp()
    }

    /// Whether it happens more often with the version on trial, of all that were compared.
    pub(super) fn tried_has_more(&self) -> bool {
        self.tried.share() > self.against.share()
    }

    /// How many conversations were compared.
    pub(super) fn compared(&self) -> u32 {
        self.tried.seen + self.against.seen
    }
}

/// How many of one kind come in for each of the other, at least 1.
fn times(one: u32, other: u32) -> u32 {
    ((one + other / 2) / other.max(1)).max(1)
}

impl Stream {
    fn new(of_a_block: u32) -> Self {
        Self {
            of_a_block,
            waiting: VecDeque::new(),
            hits: 0,
            seen: 0,
        }
    }

    fn has_block(&self) -> bool {
        self.waiting.len() >= usize::try_from(self.of_a_block).unwrap_or(usize::MAX)
    }

    /// The share that the blocks so far suggest: never 0 and never 1.
    fn share(&self) -> f64 {
        (f64::from(self.hits) + HITS_BEFORE) / (f64::from(self.seen) + SEEN_BEFORE)
    }

    /// Takes the next block, and tells the logarithm of how much likelier it was under this share
    /// than under the one that is alike for both.
    fn take_block(&mut self, share: f64, alike: f64) -> f64 {
        let mut log = 0.0;
        for happened in (0..self.of_a_block).map_while(|_| self.waiting.pop_front()) {
            self.seen += 1;
            if happened {
                self.hits += 1;
                log += (share / alike).ln();
            } else {
                log += ((1.0 - share) / (1.0 - alike)).ln();
            }
        }
        log
    }
}
