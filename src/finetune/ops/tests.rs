//! Each operation's slopes against what a small change of its input does to its result.

use candle_core::{Device, Var};

use super::*;

/// Numbers that look like chance, from -1 to 1.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(u16::try_from(state >> 16).unwrap()) / 32_768.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn variable(shape: &[usize], seed: u32) -> Var {
    let numbers = numbers(shape.iter().product(), seed);
    Var::from_vec(numbers, shape, &Device::Cpu).unwrap()
}

/// A number that every part of the result has a say in, each its own.
fn sum(result: &Tensor) -> Tensor {
    let weights = numbers(result.elem_count(), 99);
    let weights = Tensor::from_vec(weights, result.shape(), &Device::Cpu).unwrap();
    (result * weights).unwrap().sum_all().unwrap()
}

/// Compares the slopes of all inputs, number by number.
#[track_caller]
fn check(inputs: &[Var], operation: impl Fn(&[Var]) -> Tensor) {
    /// Small enough for a straight line, and large enough for the digits of an `f32`.
    const CHANGE: f32 = 4e-3;
    let slopes = sum(&operation(inputs)).backward().unwrap();
    for (which, input) in inputs.iter().enumerate() {
        let slope = values(slopes.get(input).unwrap()).unwrap();
        let before = values(input).unwrap();
        for at in 0..before.len() {
            let moved = |by: f32| {
                let mut numbers = before.clone();
                numbers[at] += by;
                let mut moved = inputs.to_vec();
                moved[which] = Var::from_vec(numbers, input.shape(), &Device::Cpu).unwrap();
                sum(&operation(&moved)).to_scalar::<f32>().unwrap()
            };
            let expect = (moved(CHANGE) - moved(-CHANGE)) / (2.0 * CHANGE);
            let error = (slope[at] - expect).abs();
            assert!(
                error < 4e-3 * (1.0 + expect.abs()),
                "{which} {at}: {} and {expect}",
                slope[at]
            );
        }
    }
}

#[test]
fn linear_maps_have_the_right_slopes() {
    let inputs = [
        variable(&[5, 4], 1),
        variable(&[3, 4], 2),
        variable(&[3], 3),
    ];
    check(&inputs, |it| linear(&it[0], &it[1], &it[2]).unwrap());
    let plain = inputs[0].matmul(&inputs[1].t().unwrap()).unwrap();
    let plain = plain.broadcast_add(&inputs[2]).unwrap();
    let ours = linear(&inputs[0], &inputs[1], &inputs[2]).unwrap();
    let far = (plain - ours).unwrap().abs().unwrap().max_all().unwrap();
    assert!(far.to_scalar::<f32>().unwrap() < 1e-6);
}

#[test]
fn norms_have_the_right_slopes() {
    let inputs = [variable(&[4, 6], 4), variable(&[6], 5), variable(&[6], 6)];
    check(&inputs, |it| {
        normalise(&it[0], &it[1], &it[2], 1e-12).unwrap()
    });
}

#[test]
fn gelu_has_the_right_slopes_and_is_what_candle_makes_of_it() {
    let input = variable(&[6, 7], 7);
    check(std::slice::from_ref(&input), |it| gelu(&it[0]).unwrap());
    let wide = (input.as_tensor() * 6.0).unwrap();
    let far = (gelu(&wide).unwrap() - wide.gelu_erf().unwrap()).unwrap();
    let far = far.abs().unwrap().max_all().unwrap();
    assert!(far.to_scalar::<f32>().unwrap() < 2e-6);
}

#[test]
fn attention_has_the_right_slopes_in_each_text() {
    let inputs = [8, 9, 10].map(|seed| variable(&[6, 4], seed));
    let spans = Spans::of([1, 3, 2]);
    check(&inputs, |it| {
        attend((&it[0], &it[1], &it[2]), 2, &spans).unwrap()
    });
}

#[test]
fn attention_looks_at_no_other_text() {
    let inputs = [8, 9, 10].map(|seed| variable(&[5, 4], seed));
    let alone = |from: usize, length: usize| {
        let part = inputs
            .each_ref()
            .map(|it| it.narrow(0, from, length).unwrap().copy().unwrap());
        let spans = Spans::of([length]);
        values(&attend((&part[0], &part[1], &part[2]), 2, &spans).unwrap()).unwrap()
    };
    let spans = Spans::of([2, 3]);
    let together = attend((&inputs[0], &inputs[1], &inputs[2]), 2, &spans).unwrap();
    assert_eq!(
        values(&together).unwrap(),
        [alone(0, 2), alone(2, 3)].concat()
    );
}

#[test]
fn means_have_the_right_slopes() {
    let input = [variable(&[6, 3], 11)];
    check(&input, |it| means(&it[0], &Spans::of([1, 3, 2])).unwrap());
    let one = means(&input[0], &Spans::of([6])).unwrap();
    let expect = input[0].mean_keepdim(0).unwrap();
    let far = (one - expect).unwrap().abs().unwrap().max_all().unwrap();
    assert!(far.to_scalar::<f32>().unwrap() < 1e-6);
}

#[test]
fn what_is_left_out_follows_from_the_seed_and_the_sum_stays_near() {
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    let rows = Var::ones((100, 100), candle_core::DType::F32, &Device::Cpu).unwrap();
    let drawn = |seed| {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        drop_some(&rows, 6_554, &mut chance).unwrap()
    };
    let kept = values(&drawn(1)).unwrap();
    assert_eq!(kept, values(&drawn(1)).unwrap());
    assert_ne!(kept, values(&drawn(2)).unwrap());
    let left_out = kept.iter().filter(|it| **it == 0.0).count();
    assert!((900..1_100).contains(&left_out), "{left_out}");
    let sum: f32 = kept.iter().sum();
    assert!((sum - 10_000.0).abs() < 150.0, "{sum}");
    // What was left out has no slope, and the rest has the one it was raised by.
    let slopes = drawn(1).sum_all().unwrap().backward().unwrap();
    assert_eq!(values(slopes.get(&rows).unwrap()).unwrap(), kept);
}
