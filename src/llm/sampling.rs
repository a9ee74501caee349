//! Sampling as plain functions: temperature, the k likeliest, the nucleus, a seed.

use consultant_core::ports::Sampling;

/// Chooses the token for one place of an answer. The same logits, seed and place give the same
/// token, so that a place that is asked twice is answered alike.
pub(crate) fn choose(logits: &[f32], sampling: &Sampling, seed: u64, place: usize) -> u32 {
    if sampling.temperature <= 0.0 {
        return likeliest(logits);
    }
    let candidates = nucleus(weights(logits, sampling), sampling.top_p);
    let total: f64 = candidates.iter().map(|(_, weight)| weight).sum();
    let mut left = draw(seed, place) * total;
    for (token, weight) in &candidates {
        left -= weight;
        if left < 0.0 {
            return *token;
        }
    }
    candidates.last().map_or(0, |(token, _)| *token)
}

/// The natural logarithm of a token's probability.
pub(crate) fn log_probability(logits: &[f32], token: u32) -> f32 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits
        .iter()
        .map(|logit| f64::from(logit - largest).exp())
        .sum();
    let logit = logits
        .get(token as usize)
        .map_or(f64::NEG_INFINITY, |logit| f64::from(logit - largest));
    narrow(logit - sum.ln())
}

/// Log-probabilities are stored as `f32`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a score needs no more than seven digits"
)]
fn narrow(number: f64) -> f32 {
    // Rounding must not make a probability larger than 1.
    number.min(0.0) as f32
}

fn likeliest(logits: &[f32]) -> u32 {
    let best = (0_u32..)
        .zip(logits)
        .max_by(|(_, a), (_, b)| a.total_cmp(b));
    best.map_or(0, |(token, _)| token)
}

/// The k likeliest tokens with their weights relative to the likeliest, which stands first.
fn weights(logits: &[f32], sampling: &Sampling) -> Vec<(u32, f64)> {
    let mut tokens: Vec<(u32, f32)> = (0_u32..).zip(logits.iter().copied()).collect();
    let descending = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if (1..tokens.len()).contains(&sampling.top_k) {
        tokens.select_nth_unstable_by(sampling.top_k - 1, descending);
        tokens.truncate(sampling.top_k);
    }
    tokens.sort_unstable_by(descending);
    let largest = tokens.first().map_or(0.0, |(_, logit)| *logit);
    tokens
        .into_iter()
        .map(|(token, logit)| {
            let distance = f64::from(logit - largest) / sampling.temperature;
            (token, distance.exp())
        })
        .collect()
}

/// The likeliest tokens that together have this share of the weight.
fn nucleus(mut tokens: Vec<(u32, f64)>, top_p: f64) -> Vec<(u32, f64)> {
    if top_p >= 1.0 {
        return tokens;
    }
    let total: f64 = tokens.iter().map(|(_, weight)| weight).sum();
    let mut sum = 0.0;
    let kept = tokens.iter().take_while(|(_, weight)| {
        let open = sum < top_p * total;
        sum += weight;
        open
    });
    let kept = kept.count().max(1);
    tokens.truncate(kept);
    tokens
}

/// A number from 0 up to 1 that depends on nothing but the seed and the place (`SplitMix64`).
#[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
fn draw(seed: u64, place: usize) -> f64 {
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut z = seed.wrapping_add(GOLDEN.wrapping_mul(place as u64 + 1));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    (z >> 11) as f64 / (1_u64 << 53) as f64
}
