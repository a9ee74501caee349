//! How this crate's property tests run.

use proptest::prelude::ProptestConfig;

/// The default, but failures are not written to files: proptest would put them into `src/`, where
/// every directory is a workspace member, and no cargo command would work until they are deleted.
pub(crate) fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
