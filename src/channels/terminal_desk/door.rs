//! The socket through which terminals come in: in a folder and under a mode that let nobody else open
//! it, so that who may connect is who may open the file. Which process serves it is decided by a lock
//! that a process loses with its life; a socket without such a process was left behind, and is replaced.

use std::path::{Path, PathBuf};

/// The folder of the terminal desk, in the data folder.
pub const FOLDER: &str = "desk";

const SOCKET: &str = "desk.sock";

/// Where the socket is, in the folder of the desk.
pub fn socket_in(folder: &Path) -> PathBuf {
    folder.join(SOCKET)
}

#[cfg(unix)]
pub(super) use here::Door;
#[cfg(not(unix))]
pub(super) use nowhere::Door;

#[cfg(unix)]
mod here {
    use std::{
        fs::{self, File, Permissions, TryLockError},
        io,
        os::unix::fs::{DirBuilderExt, PermissionsExt},
        path::{Path, PathBuf},
    };

    use tokio::net::{UnixListener, UnixStream};

    use super::socket_in;
    use crate::ChannelError;

    /// Who holds it serves the desk.
    const LOCK: &str = "lock";

    /// A terminal that came in.
    pub(in super::super) type Stream = UnixStream;

    /// The open door.
    pub(in super::super) struct Door {
        listener: UnixListener,
        socket: PathBuf,
        /// Held as long as the door is open.
        _lock: File,
    }

    impl Door {
        /// Opens it in this folder, which is made where it is missing.
        pub(in super::super) fn open(folder: &Path) -> Result<Self, ChannelError> {
            make_private(folder).map_err(|error| not_opened(folder, &error))?;
            let lock = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(folder.join(LOCK))
                .map_err(|error| not_opened(folder, &error))?;
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(is_served(folder)),
                Err(TryLockError::Error(error)) => return Err(not_opened(folder, &error)),
            }
            let socket = socket_in(folder);
            let listener = bind(&socket).map_err(|error| not_opened(&socket, &error))?;
            Ok(Self {
                listener,
                socket,
                _lock: lock,
            })
        }

        /// The next terminal.
        pub(in super::super) async fn next(&self) -> io::Result<Stream> {
            let (stream, _) = self.listener.accept().await?;
            Ok(stream)
        }
    }

    impl Drop for Door {
        fn drop(&mut self) {
            fs::remove_file(&self.socket).ok();
        }
    }

    /// Whoever holds the lock may replace what another process left.
    fn bind(socket: &Path) -> io::Result<UnixListener> {
        match fs::remove_file(socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(socket)?;
        fs::set_permissions(socket, Permissions::from_mode(0o600))?;
        Ok(listener)
    }

    fn make_private(folder: &Path) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(folder)?;
        // One that was there already may be open to others; only its owner can shut it.
        fs::set_permissions(folder, Permissions::from_mode(0o700))
    }

    fn not_opened(path: &Path, error: &io::Error) -> ChannelError {
        ChannelError::NoDoor {
            what: format!("{}: {error}", path.display()),
            hint: "data_dir must be a folder of your own on a local disk, with a path of at most \
                   80 bytes; or take `terminal` out of config/desk.yaml",
        }
    }

    fn is_served(folder: &Path) -> ChannelError {
        ChannelError::NoDoor {
            what: format!("another process serves {}", folder.display()),
            hint: "one bot serves a data folder: stop the other `consultant serve`, or set another \
                   data_dir",
        }
    }
}

#[cfg(not(unix))]
mod nowhere {
    use std::{io, path::Path};

    use crate::ChannelError;

    /// A terminal that came in, which happens nowhere.
    pub(in super::super) type Stream = tokio::io::DuplexStream;

    /// A door that cannot be opened.
    pub(in super::super) struct Door;

    impl Door {
        /// Says that there is none.
        pub(in super::super) fn open(_: &Path) -> Result<Self, ChannelError> {
            Err(ChannelError::NoDoor {
                what: "this system has no Unix sockets".to_owned(),
                hint: "take `terminal` out of config/desk.yaml; desks on Telegram and Discord work",
            })
        }

        /// Nobody comes.
        pub(in super::super) async fn next(&self) -> io::Result<Stream> {
            std::future::pending().await
        }
    }
}
