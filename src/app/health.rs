//! How another process can tell that `consultant serve` runs and is well: a small file in the
//! data folder, written anew every few seconds. It needs no port, so a container without any
//! open port can be watched too.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use consultant_core::ports::Clock;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

/// How often the file is written.
pub const BEAT: Duration = Duration::from_secs(5);

/// A file older than this means that the process hangs or is gone.
pub const STALE_AFTER: Duration = Duration::from_secs(30);

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// When it was written.
    pub at: Timestamp,
    /// The process that wrote it.
    pub process_id: u32,
    /// Each channel by name.
    pub channels: BTreeMap<String, ChannelHealth>,
}

/// How a channel is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelHealth {
    /// Whether it runs at all.
    pub runs: bool,
    /// Whether another program takes its updates, with the same token.
    pub contested: bool,
    /// Updates since the start that could not be read: the platform knows something that this
    /// version does not.
    pub unreadable: u64,
}

/// Why a process is not well.
#[derive(Debug, thiserror::Error)]
pub enum Unwell {
    /// No process has served from this folder, or it was stopped in order.
    #[error("nothing serves from this data folder: {0} is not there")]
    NotRunning(PathBuf),
    /// It wrote nothing for too long.
    #[error("the last sign of life is {seconds} s old")]
    Stale {
        /// How old.
        seconds: i64,
    },
    /// A channel ended.
    #[error("the channel {0} has stopped")]
    ChannelStopped(String),
    /// Another program takes what customers write.
    #[error("another program takes the updates of {0} with the same token")]
    Contested(String),
    /// The file cannot be read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("health.json")
}

/// Reads the last sign of life and judges it.
pub fn check(data_dir: &Path, clock: &dyn Clock) -> Result<Health, Unwell> {
    let path = file(data_dir);
    let text = fs::read_to_string(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => Unwell::NotRunning(path.clone()),
        _ => Unwell::Unreadable {
            path: path.clone(),
            source,
        },
    })?;
    let health: Health = serde_json::from_str(&text).map_err(|error| Unwell::Unreadable {
        path,
        source: error.into(),
    })?;
    judge(health, clock.now())
}

fn judge(health: Health, now: Timestamp) -> Result<Health, Unwell> {
    // A sign of life from the future is one from before the clock was set back.
    let age = now.duration_since(health.at).abs();
    if age > SignedDuration::try_from(STALE_AFTER).unwrap_or(SignedDuration::MAX) {
        return Err(Unwell::Stale {
            seconds: age.as_secs(),
        });
    }
    for (name, channel) in &health.channels {
        if !channel.runs {
            return Err(Unwell::ChannelStopped(name.clone()));
        }
        if channel.contested {
            return Err(Unwell::Contested(name.clone()));
        }
    }
    Ok(health)
}

/// Writes a sign of life every [`BEAT`] until `stop`, then takes the file away.
pub async fn beat(
    data_dir: PathBuf,
    clock: std::sync::Arc<dyn Clock>,
    channels: impl Fn() -> BTreeMap<String, ChannelHealth> + Send,
    stop: CancellationToken,
) {
    let path = file(&data_dir);
    loop {
        let health = Health {
            at: clock.now(),
            process_id: std::process::id(),
            channels: channels(),
        };
        if let Err(error) = write(&path, &health) {
            tracing::warn!(error = %error, path = %path.display(), "no sign of life was written");
        }
        tokio::select! {
            () = tokio::time::sleep(BEAT) => {}
            () = stop.cancelled() => break,
        }
    }
    fs::remove_file(&path).ok();
}

fn write(path: &Path, health: &Health) -> io::Result<()> {
    let half_written = path.with_extension("json.new");
    fs::write(&half_written, serde_json::to_vec(health)?)?;
    fs::rename(half_written, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNS: ChannelHealth = ChannelHealth {
        runs: true,
        contested: false,
        unreadable: 0,
    };

    fn health(channels: &[(&str, ChannelHealth)]) -> Health {
        Health {
            at: Timestamp::UNIX_EPOCH,
            process_id: 1,
            channels: channels
                .iter()
                .map(|(name, channel)| ((*name).to_owned(), *channel))
                .collect(),
        }
    }

    #[track_caller]
    fn check(health: Health, age_seconds: i64, expect: &str) {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(age_seconds);
        let judged = judge(health, now).map_or_else(|unwell| unwell.to_string(), |_| "well".into());
        assert_eq!(judged, expect);
    }

    #[test]
    fn a_fresh_sign_of_life_with_running_channels_is_well() {
        check(health(&[("telegram", RUNS)]), 4, "well");
    }

    #[test]
    fn an_old_sign_of_life_is_not() {
        check(
            health(&[("telegram", RUNS)]),
            31,
            "the last sign of life is 31 s old",
        );
    }

    #[test]
    fn a_stopped_channel_is_named() {
        check(
            health(&[("discord", ChannelHealth::default()), ("telegram", RUNS)]),
            1,
            "the channel discord has stopped",
        );
    }

    #[test]
    fn a_channel_whose_updates_go_elsewhere_is_named() {
        let contested = ChannelHealth {
            contested: true,
            ..RUNS
        };
        check(
            health(&[("discord", RUNS), ("telegram", contested)]),
            1,
            "another program takes the updates of telegram with the same token",
        );
    }

    #[test]
    fn a_folder_without_a_file_is_not_running() {
        let folder = tempfile::tempdir().unwrap();
        let unwell = super::check(folder.path(), &crate::clock::SystemClock).unwrap_err();
        assert!(matches!(unwell, Unwell::NotRunning(_)), "{unwell}");
    }
}
