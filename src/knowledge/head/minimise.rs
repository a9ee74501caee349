//! The lowest point of a smooth function, by limited-memory BFGS (Nocedal 1980): Newton's method
//! with a curvature that is remembered from the last steps.

/// How many steps the curvature is remembered from.
const MEMORY: usize = 10;
/// Halvings of a step that went too far, before the search ends.
const MAX_HALVINGS: usize = 20;
/// A step that brings less than this share of the value is the last one.
const WORTH_A_STEP: f64 = 1e-6;
/// How much of the promised descent a step must bring (Armijo).
const SUFFICIENT: f64 = 1e-4;

/// A step, and how the gradient changed over it.
struct Remembered {
    step: Vec<f32>,
    change: Vec<f32>,
    /// One over the product of both.
    inverse: f64,
}

/// Walks downhill from `start`. `function` gives a point's value and gradient; `goes_on` is told
/// each new point and says whether to walk further. At most `max_steps`.
pub(super) fn minimise(
    start: Vec<f32>,
    max_steps: usize,
    mut function: impl FnMut(&[f32]) -> (f64, Vec<f32>),
    mut goes_on: impl FnMut(&[f32]) -> bool,
) -> Vec<f32> {
    let mut point = start;
    let (mut value, mut gradient) = function(&point);
    let mut memory: Vec<Remembered> = Vec::new();
    for _ in 0..max_steps {
        let direction = direction(&gradient, &memory);
        let slope = dot(&direction, &gradient);
        if slope >= -f64::EPSILON {
            break;
        }
        // Before anything is known of the curvature, a step of length 1 is a guess as good as any.
        let first = if memory.is_empty() {
            1.0 / (-slope).sqrt()
        } else {
            1.0
        };
        let Some((next, next_value, next_gradient)) =
            search((&point, value), &direction, (first, slope), &mut function)
        else {
            break;
        };
        remember(&mut memory, (&point, &gradient), (&next, &next_gradient));
        let is_there = value - next_value < WORTH_A_STEP * value.abs();
        (point, value, gradient) = (next, next_value, next_gradient);
        if !goes_on(&point) || is_there {
            break;
        }
    }
    point
}

/// A point, its value and its gradient.
type Found = (Vec<f32>, f64, Vec<f32>);

/// Goes along a direction, by half as much until it goes down enough.
fn search(
    (point, value): (&[f32], f64),
    direction: &[f32],
    (first, slope): (f64, f64),
    function: &mut impl FnMut(&[f32]) -> (f64, Vec<f32>),
) -> Option<Found> {
    let mut length = first;
    for _ in 0..MAX_HALVINGS {
        let mut next = point.to_vec();
        add(&mut next, direction, length);
        let (next_value, gradient) = function(&next);
        if next_value <= value + SUFFICIENT * length * slope {
            return Some((next, next_value, gradient));
        }
        length /= 2.0;
    }
    None
}

fn remember(
    memory: &mut Vec<Remembered>,
    (from, gradient_there): (&[f32], &[f32]),
    (to, gradient_here): (&[f32], &[f32]),
) {
    let step = difference(to, from);
    let change = difference(gradient_here, gradient_there);
    let product = dot(&step, &change);
    if product <= f64::EPSILON {
        return;
    }
    if memory.len() == MEMORY {
        memory.remove(0);
    }
    memory.push(Remembered {
        step,
        change,
        inverse: 1.0 / product,
    });
}

/// Where to go: downhill, bent by what is known of the curvature (the two-loop recursion).
fn direction(gradient: &[f32], memory: &[Remembered]) -> Vec<f32> {
    let mut direction: Vec<f32> = gradient.iter().map(|it| -it).collect();
    let mut shares = Vec::with_capacity(memory.len());
    for it in memory.iter().rev() {
        let share = it.inverse * dot(&it.step, &direction);
        add(&mut direction, &it.change, -share);
        shares.push(share);
    }
    if let Some(last) = memory.last() {
        let scale = 1.0 / (last.inverse * dot(&last.change, &last.change));
        scale_by(&mut direction, scale);
    }
    for (it, share) in memory.iter().zip(shares.iter().rev()) {
        let back = it.inverse * dot(&it.change, &direction);
        add(&mut direction, &it.step, share - back);
    }
    direction
}

fn dot(left: &[f32], right: &[f32]) -> f64 {
    let pairs = left.iter().zip(right);
    pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

fn difference(left: &[f32], right: &[f32]) -> Vec<f32> {
    left.iter().zip(right).map(|(a, b)| a - b).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a step needs no more digits"
)]
fn add(sum: &mut [f32], what: &[f32], times: f64) {
    let times = times as f32;
    for (sum, it) in sum.iter_mut().zip(what) {
        *sum += times * it;
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a step needs no more digits"
)]
fn scale_by(numbers: &mut [f32], times: f64) {
    let times = times as f32;
    for number in numbers {
        *number *= times;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's valley: long, bent, with its lowest point at (1, 1).
    fn valley(at: &[f32]) -> (f64, Vec<f32>) {
        let (x, y) = (f64::from(at[0]), f64::from(at[1]));
        let bent = y - x * x;
        let value = (1.0 - x).powi(2) + 100.0 * bent * bent;
        let slopes = [-2.0 * (1.0 - x) - 400.0 * x * bent, 200.0 * bent];
        #[expect(clippy::cast_possible_truncation, reason = "a slope of a test")]
        let gradient = slopes.iter().map(|it| *it as f32).collect();
        (value, gradient)
    }

    #[test]
    fn it_finds_the_end_of_a_bent_valley() {
        let found = minimise(vec![-1.2, 1.0], 100, valley, |_| true);
        assert!(
            (found[0] - 1.0).abs() < 1e-2 && (found[1] - 1.0).abs() < 1e-2,
            "{found:?}"
        );
    }

    #[test]
    fn it_stops_when_it_is_told_to() {
        let mut seen = 0;
        minimise(vec![-1.2, 1.0], 100, valley, |_| {
            seen += 1;
            seen < 3
        });
        assert_eq!(seen, 3);
    }

    #[test]
    fn at_the_lowest_point_it_stays() {
        assert_eq!(minimise(vec![1.0, 1.0], 100, valley, |_| true), [1.0, 1.0]);
    }
}
