//! Points in the space of an encoder, kept as bytes: a quarter of their size, and as good to within a
//! thousandth.

/// The middle of some points, brought to length 1; nothing where there are none.
pub(super) fn middle(points: &[Vec<f32>], dimensions: usize) -> Vec<f32> {
    let mut sum = vec![0.0; dimensions];
    for point in points {
        for (sum, number) in sum.iter_mut().zip(point) {
            *sum += number;
        }
    }
    let length = sum.iter().map(|it| it * it).sum::<f32>().sqrt();
    if length > 0.0 {
        for number in &mut sum {
            *number /= length;
        }
    }
    sum
}

/// Vectors of one length, each number in a byte.
pub(super) struct Vectors {
    dimensions: usize,
    numbers: Vec<i8>,
    scales: Vec<f32>,
}

/// One vector, each number in a byte.
pub(super) struct Bytes {
    numbers: Vec<i8>,
    /// What one step of a byte is worth.
    scale: f32,
}

impl Bytes {
    /// A vector, rounded.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "rounded and between -127 and 127"
    )]
    pub(super) fn of(vector: &[f32]) -> Self {
        let most = vector.iter().fold(0.0_f32, |most, it| most.max(it.abs()));
        let scale = if most > 0.0 {
            most / f32::from(i8::MAX)
        } else {
            1.0
        };
        let numbers = vector.iter().map(|it| (it / scale).round() as i8);
        Self {
            numbers: numbers.collect(),
            scale,
        }
    }
}

impl Vectors {
    /// No vectors yet.
    pub(super) const fn new(dimensions: usize) -> Self {
        Self {
            dimensions,
            numbers: Vec::new(),
            scales: Vec::new(),
        }
    }

    /// Adds one.
    pub(super) fn push(&mut self, vector: &[f32]) {
        let bytes = Bytes::of(vector);
        self.numbers.extend(&bytes.numbers);
        self.scales.push(bytes.scale);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.scales.len()
    }

    /// How near each vector is to another one, in their order.
    pub(super) fn all_near<'a>(&'a self, other: &'a Bytes) -> impl Iterator<Item = f32> + 'a {
        let vectors = self.numbers.chunks_exact(self.dimensions.max(1));
        vectors
            .zip(&self.scales)
            .map(|(numbers, scale)| product(numbers, &other.numbers) * scale * other.scale)
    }

    /// How near one of them is to another one.
    pub(super) fn near(&self, at: usize, other: &Bytes) -> f32 {
        let begin = at * self.dimensions;
        let numbers = &self.numbers[begin..begin + self.dimensions];
        product(numbers, &other.numbers) * self.scales[at] * other.scale
    }
}

/// The inner product, in steps of both.
fn product(one: &[i8], other: &[i8]) -> f32 {
    let steps: i32 = one
        .iter()
        .zip(other)
        .map(|(a, b)| i32::from(*a) * i32::from(*b))
        .sum();
    #[expect(
        clippy::cast_precision_loss,
        reason = "a few thousand numbers of a byte fit many times over"
    )]
    let steps = steps as f32;
    steps
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bytes_are_as_near_as_the_numbers_they_stand_for(
            one in proptest::collection::vec(-1.0_f32..1.0, 64),
            other in proptest::collection::vec(-1.0_f32..1.0, 64),
        ) {
            let unit = |it: Vec<f32>| middle(&[it], 64);
            let (one, other) = (unit(one), unit(other));
            let exact: f32 = one.iter().zip(&other).map(|(a, b)| a * b).sum();
            let mut vectors = Vectors::new(64);
            vectors.push(&one);
            let near = vectors.near(0, &Bytes::of(&other));
            prop_assert!((near - exact).abs() < 0.01, "{near} {exact}");
        }
    }

    #[test]
    fn nothing_is_near_to_nothing() {
        let mut vectors = Vectors::new(3);
        vectors.push(&middle(&[], 3));
        let near: Vec<f32> = vectors.all_near(&Bytes::of(&[1.0, 0.0, 0.0])).collect();
        assert_eq!(near.len(), 1);
        assert!(near[0].abs() < f32::EPSILON);
    }
}
