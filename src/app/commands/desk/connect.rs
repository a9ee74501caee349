//! From this terminal to the bot: through the socket in its data folder.

use consultant_channels::terminal_desk::{self, socket_in};
use consultant_core::ChannelName;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{config::Config, desks, failure::Failure};

/// What the bot says.
pub(super) type Incoming = Box<dyn AsyncRead + Send + Unpin>;

/// What the bot is told.
pub(super) type Outgoing = Box<dyn AsyncWrite + Send + Unpin>;

/// Connects, or says what is missing.
pub(super) async fn connect(config: &Config) -> Result<(Incoming, Outgoing), Failure> {
    let desks = desks::open(config)?.now();
    if desks.place_on(ChannelName::TerminalDesk).is_none() {
        return Err(Failure::usage(
            "no desk is in a terminal",
            "write `terminal: here` under `desks` in config/desk.yaml, `terminal: NAME` for each \
             agent who works there, and start `consultant serve` anew",
        ));
    }
    let socket = socket_in(&config.data_dir.join(terminal_desk::FOLDER));
    join(&socket).await.map_err(|error| {
        Failure::new(
            format!("no bot serves the desk at {}: {error}", socket.display()),
            hint(error.kind()),
        )
    })
}

fn hint(kind: std::io::ErrorKind) -> &'static str {
    match kind {
        std::io::ErrorKind::PermissionDenied => {
            "the desk is for the user as whom `consultant serve` runs: become that user"
        }
        std::io::ErrorKind::Unsupported => {
            "this system has no Unix sockets; desks on Telegram and Discord work"
        }
        _ => {
            "start it with `consultant serve`, with the same data_dir; one that runs since before \
             `terminal: here` was written must be started anew"
        }
    }
}

#[cfg(unix)]
async fn join(socket: &std::path::Path) -> std::io::Result<(Incoming, Outgoing)> {
    let stream = tokio::net::UnixStream::connect(socket).await?;
    let (read, write) = stream.into_split();
    Ok((Box::new(read), Box::new(write)))
}

#[cfg(not(unix))]
#[expect(clippy::unused_async, reason = "where there are sockets it waits")]
async fn join(_: &std::path::Path) -> std::io::Result<(Incoming, Outgoing)> {
    Err(std::io::ErrorKind::Unsupported.into())
}
