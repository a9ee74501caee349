//! What the terminal desk tells the operator. Never who came, nor what was said.

use std::io;

use tracing::{info, warn};

/// `info`: somebody works at the desk.
pub(super) fn opened() {
    info!("a terminal was opened at the desk");
}

/// `warn`: a terminal broke off.
pub(super) fn closed(error: &io::Error) {
    warn!(%error, "a terminal at the desk was closed");
}

/// `warn`: somebody opens terminals in a loop.
pub(super) fn too_many() {
    warn!("too many terminals are open at the desk; one was not let in");
}

/// `warn`: the process lacks something.
pub(super) fn not_let_in(error: &io::Error) {
    warn!(%error, "a terminal could not be let in");
}
