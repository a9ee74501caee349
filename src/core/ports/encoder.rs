//! What turns a text into a point in space, near to texts that mean the same.

use super::Cause;

/// A sentence encoder. Pure computation that takes milliseconds a text: call it where waiting
/// blocks nobody.
pub trait Encoder: Send + Sync {
    /// Which encoder it is, with its version: vectors of two encoders cannot be compared.
    fn name(&self) -> &str;

    /// How many numbers a vector has.
    fn dimensions(&self) -> usize;

    /// A vector of length 1 for each text, in the order of the texts. Of a long text only the
    /// beginning counts; a blank one has a vector too, which means little.
    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncoderError>;
}

/// Why texts could not be encoded. What was understood without vectors still stands.
#[derive(Debug, thiserror::Error)]
#[error("the sentence encoder failed")]
pub struct EncoderError {
    /// What failed.
    #[source]
    pub cause: Cause,
}
