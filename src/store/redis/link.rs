//! The connection: sends a pipeline, repeats it where that helps, and says in the port's words
//! why it could not be done.

use std::fmt;

use ::redis::{FromRedisValue, Pipeline, RedisError, aio::ConnectionManager};
use consultant_core::ports::StoreError;

use super::scripts;
use crate::record::corrupt;

/// One send, one after the connection was found dead, one after the scripts were found missing.
const ATTEMPTS: usize = 3;

/// A connection that mends itself.
pub(super) struct Link {
    manager: ConnectionManager,
    address: String,
}

impl Link {
    pub(super) fn new(manager: ConnectionManager, address: String) -> Self {
        Self { manager, address }
    }

    /// Host and port.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Sends a pipeline and reads its answers; `what` is for errors. Everything that is sent
    /// here may be sent twice.
    pub(super) async fn send<T: FromRedisValue>(
        &self,
        what: &str,
        pipeline: &Pipeline,
    ) -> Result<T, StoreError> {
        let mut attempt = 1;
        loop {
            let mut connection = self.manager.clone();
            let error = match pipeline.query_async(&mut connection).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if attempt == ATTEMPTS || !self.may_help_to_repeat(&error).await {
                return Err(self.explain(what, &error));
            }
            attempt += 1;
        }
    }

    /// Whether a repetition can succeed; after a restart the server lacks our scripts.
    async fn may_help_to_repeat(&self, error: &RedisError) -> bool {
        if is_missing_script(error) {
            let mut connection = self.manager.clone();
            return scripts::load_all()
                .exec_async(&mut connection)
                .await
                .is_ok();
        }
        error.is_io_error() && !error.is_connection_refusal()
    }

    fn explain(&self, what: &str, error: &RedisError) -> StoreError {
        let what = format!("{what} in Redis at {}", self.address);
        let reason = Reason::from(error);
        match error.kind() {
            ::redis::ErrorKind::UnexpectedReturnType => corrupt(what, reason),
            _ if error.code() == Some("WRONGTYPE") => corrupt(what, reason),
            _ => StoreError::Unavailable {
                what,
                source: reason.into(),
            },
        }
    }
}

fn is_missing_script(error: &RedisError) -> bool {
    error
        .clone()
        .into_server_errors()
        .is_some_and(|errors| errors.iter().any(|(_, error)| error.code() == "NOSCRIPT"))
}

/// Why Redis failed, without its own words where they may quote what was sent.
#[derive(Debug)]
pub(super) struct Reason(String);

impl From<&RedisError> for Reason {
    fn from(error: &RedisError) -> Self {
        let servers = error.clone().into_server_errors();
        Self(match servers.as_deref() {
            Some([(_, first), ..]) => format!("the server answers {}", first.code()),
            _ if error.is_io_error() => error.to_string(),
            _ => error.category().to_owned(),
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Reason {}
