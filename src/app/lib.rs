//! Composition, configuration, commands and supervision.
