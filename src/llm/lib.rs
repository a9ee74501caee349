//! The language model on mistral.rs.
