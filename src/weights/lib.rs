//! Model files: fetching, verifying, requantising, tokenizers.
