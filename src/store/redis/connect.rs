//! From a URL to a connection: TLS, password, time-outs, and what the server must fulfil.

use std::{path::Path, time::Duration};

use ::redis::{
    Client, ConnectionInfo, ErrorKind, IntoConnectionInfo, RedisError, TlsCertificates,
    aio::{ConnectionManager, ConnectionManagerConfig},
    io::tcp::TcpSettings,
};
use consultant_core::ports::{Cause, StoreError};
use secrecy::{ExposeSecret, SecretString};

use super::{
    link::{Link, Reason},
    scripts,
};
use crate::{OpenError, StoreSettings};

/// A connection that is not there by now will not come.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Room for a megabyte on a slow line; a turn takes well under a millisecond on a near one.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Attempts to reconnect within one call. Few: whoever waits for the store repeats the call.
const RECONNECTS: usize = 2;
const RECONNECT_DELAY: Duration = Duration::from_millis(50);

/// Connects to the server that a URL names and makes the scripts known to it.
pub(super) async fn connect(
    url: &SecretString,
    settings: &StoreSettings,
) -> Result<Link, OpenError> {
    let info = connection_info(url, settings)?;
    let address = info.addr().to_string();
    let client = match &settings.redis_ca_file {
        Some(file) => trusting(info, file)?,
        None => Client::open(info).map_err(|error| explain(&error, &address))?,
    };
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(RESPONSE_TIMEOUT))
        .set_number_of_retries(RECONNECTS)
        .set_min_delay(RECONNECT_DELAY);
    let mut manager = ConnectionManager::new_with_config(client, config)
        .await
        .map_err(|error| explain(&error, &address))?;
    scripts::load_all()
        .exec_async(&mut manager)
        .await
        .map_err(|error| explain(&error, &address))?;
    Ok(Link::new(manager, address))
}

/// A client that also believes in what the authority of this file vouches for.
fn trusting(info: ConnectionInfo, file: &Path) -> Result<Client, OpenError> {
    let failed = |source: Cause| OpenError::Authority {
        file: file.to_owned(),
        source,
    };
    let authority = std::fs::read(file).map_err(|error| failed(error.into()))?;
    let certificates = TlsCertificates {
        client_tls: None,
        root_cert: Some(authority),
    };
    Client::build_with_tls(info, certificates).map_err(|error| failed(Reason::from(&error).into()))
}

fn connection_info(
    url: &SecretString,
    settings: &StoreSettings,
) -> Result<ConnectionInfo, OpenError> {
    let info = url
        .expose_secret()
        .trim()
        .into_connection_info()
        .map_err(|error| OpenError::BadUrl(Reason::from(&error).to_string()))?;
    let mut login = info.redis_settings().clone();
    if let (None, Some(password)) = (login.password(), &settings.redis_password) {
        login = login.set_password(password.expose_secret());
    }
    // Without this, a small message waits for the one before it to be acknowledged.
    let tcp = TcpSettings::default().set_nodelay(true);
    Ok(info.set_redis_settings(login).set_tcp_settings(tcp))
}

/// Tells the operator where the server may lose what it acknowledged. A server that does not
/// answer such questions (a managed one) is taken at its word.
pub(super) async fn warn_of_settings(link: &Link) {
    let mut pipeline = ::redis::pipe();
    pipeline.cmd("INFO").arg("persistence");
    pipeline.cmd("INFO").arg("memory");
    let answer: Result<(String, String), _> = link.send("reading settings", &pipeline).await;
    let Ok((persistence, memory)) = answer else {
        return;
    };
    for warning in doubts(&persistence, &memory) {
        tracing::warn!(store.address = link.address(), "{warning}");
    }
}

/// What in a server's answers speaks against keeping customers' messages there.
fn doubts(persistence: &str, memory: &str) -> Vec<&'static str> {
    let mut doubts = Vec::new();
    if persistence.contains("aof_enabled:0") {
        doubts.push(
            "Redis runs without `appendonly yes`: when it stops, acknowledged messages can be lost",
        );
    }
    if memory.contains("maxmemory_policy:") && !memory.contains("maxmemory_policy:noeviction") {
        doubts.push("Redis may evict what it holds: set `maxmemory-policy noeviction`");
    }
    doubts
}

fn explain(error: &RedisError, address: &str) -> OpenError {
    let code = error.code().unwrap_or_default();
    let refused = error.kind() == ErrorKind::AuthenticationFailed
        || ["NOAUTH", "WRONGPASS", "NOPERM"].contains(&code)
        || error.clone().into_server_errors().is_some_and(|errors| {
            let codes = ["NOAUTH", "WRONGPASS", "NOPERM"];
            errors
                .iter()
                .any(|(_, error)| codes.contains(&error.code()))
        });
    let address = address.to_owned();
    if refused {
        return OpenError::Refused { address };
    }
    OpenError::Unreachable {
        address,
        source: Reason::from(error).into(),
    }
}

pub(super) fn unreachable_at(address: &str, error: StoreError) -> OpenError {
    OpenError::Unreachable {
        address: address.to_owned(),
        source: error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(url: &str, password: Option<&str>) -> ConnectionInfo {
        let settings = StoreSettings {
            redis_password: password.map(SecretString::from),
            ..StoreSettings::default()
        };
        connection_info(&SecretString::from(url), &settings).unwrap()
    }

    #[track_caller]
    fn check_password(url: &str, configured: Option<&str>, expect: Option<&str>) {
        let info = info(url, configured);
        assert_eq!(info.redis_settings().password(), expect);
        assert!(info.tcp_settings().nodelay());
    }

    #[test]
    fn the_password_comes_from_the_url_or_else_from_the_settings() {
        check_password("redis://localhost", None, None);
        check_password("redis://localhost", Some("b"), Some("b"));
        check_password("redis://:a%40@localhost", Some("b"), Some("a@"));
        check_password("rediss://u:a@localhost:6380/3", None, Some("a"));
    }

    #[test]
    fn rediss_means_tls_with_a_checked_certificate() {
        let info = info("rediss://cache.example.org", None);
        assert!(matches!(
            info.addr(),
            ::redis::ConnectionAddr::TcpTls {
                insecure: false,
                ..
            }
        ));
    }

    #[test]
    fn a_url_that_cannot_be_read_is_not_quoted() {
        let url = SecretString::from("redis://:hunter2@[x");
        let error = connection_info(&url, &StoreSettings::default()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }

    #[track_caller]
    fn check_doubts(persistence: &str, memory: &str, expect: usize) {
        assert_eq!(doubts(persistence, memory).len(), expect);
    }

    #[test]
    fn a_server_that_can_lose_messages_is_told_of() {
        check_doubts("aof_enabled:1\r\n", "maxmemory_policy:noeviction\r\n", 0);
        check_doubts("aof_enabled:0\r\n", "maxmemory_policy:noeviction\r\n", 1);
        check_doubts("aof_enabled:0\r\n", "maxmemory_policy:allkeys-lru\r\n", 2);
        check_doubts("", "", 0);
    }
}
