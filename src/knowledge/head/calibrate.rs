//! How sure a head may say that it is: one temperature for all logits (Guo et al. 2017), and how
//! much a text must look like the categories to be one of them.

use super::softmax::log_sum_exp;

/// Between these, on a logarithmic scale, the best temperature is looked for.
const TEMPERATURES: (f64, f64) = (0.05, 20.0);
/// Each halves, nearly, where it may lie.
const NARROWINGS: usize = 40;

/// The temperature under which the categories that were right are likeliest.
/// `judged` are logits with the category that is right; without any, 1.
pub(super) fn temperature(judged: &[(Vec<f64>, usize)]) -> f64 {
    if judged.is_empty() {
        return 1.0;
    }
    let loss = |logarithm: f64| {
        let temperature = logarithm.exp();
        let losses = judged.iter().map(|(logits, right)| {
            let cooled: Vec<f64> = logits.iter().map(|it| it / temperature).collect();
            log_sum_exp(&cooled) - cooled[*right]
        });
        losses.sum::<f64>()
    };
    lowest((TEMPERATURES.0.ln(), TEMPERATURES.1.ln()), loss).exp()
}

/// The lowest point of a function with one valley, by golden sections (Kiefer 1953).
fn lowest((mut low, mut high): (f64, f64), function: impl Fn(f64) -> f64) -> f64 {
    let golden = f64::midpoint(5.0_f64.sqrt(), -1.0);
    for _ in 0..NARROWINGS {
        let width = golden * (high - low);
        let (left, right) = (high - width, low + width);
        if function(left) < function(right) {
            high = right;
        } else {
            low = left;
        }
    }
    f64::midpoint(low, high)
}

/// The energy that this share of texts has at least. Without texts nothing is refused.
pub(super) fn threshold(energies: &[f64], kept: f64) -> f64 {
    let mut sorted = energies.to_vec();
    sorted.sort_by(f64::total_cmp);
    let refused = share_of(sorted.len(), 1.0 - kept);
    sorted.get(refused).copied().unwrap_or(f64::MIN)
}

/// So many of all, rounded down.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a count of texts, and a share between 0 and 1"
)]
pub(super) fn share_of(all: usize, share: f64) -> usize {
    (all as f64 * share + 1e-9).floor() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_sure_and_often_wrong_is_cooled_down() {
        // Says 99.9% each time, and is right three times of four.
        let judged: Vec<(Vec<f64>, usize)> =
            [0, 0, 0, 1].map(|right| (vec![7.0, 0.0], right)).into();
        let temperature = temperature(&judged);
        let sure = 1.0 / (1.0 + (-7.0 / temperature).exp());
        assert!((sure - 0.75).abs() < 0.01, "{sure}");
    }

    #[test]
    fn without_texts_nothing_changes_and_nothing_is_refused() {
        assert!((temperature(&[]) - 1.0).abs() < f64::EPSILON);
        assert!(threshold(&[], 0.95) <= f64::MIN);
    }

    #[test]
    fn a_share_of_the_texts_is_kept() {
        let energies: Vec<f64> = (0..100).map(f64::from).collect();
        let least = threshold(&energies, 0.95);
        assert_eq!(energies.iter().filter(|it| **it >= least).count(), 95);
    }
}
