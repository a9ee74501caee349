//! Addresses of other systems: bare origins, and the store's URL. A message about a wrong one
//! never repeats it, since it may hold a password.

use std::{
    fmt,
    net::{Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

use super::{
    problem::Wrong,
    setting::{Raw, RawValue, Setting},
};

/// A bare `http://` or `https://` origin such as `http://127.0.0.1:8081`, without a closing slash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ApiUrl(String);

impl ApiUrl {
    /// The origin as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A bare `ws://` or `wss://` origin, without a closing slash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct GatewayUrl(String);

impl GatewayUrl {
    /// The origin as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An `http://` or `https://` address with a path, as another server is to call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path that calls come to.
    pub fn path(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
    }
}

/// An address of this machine with a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ListenAddress(pub SocketAddr);

/// Where sessions are kept. Shown without user name and password.
#[derive(Clone)]
pub enum StoreUrl {
    /// Nowhere that outlives the process.
    Memory,
    /// In this SQLite file.
    Sqlite(PathBuf),
    /// In this Redis: `redis://` or, over TLS, `rediss://`.
    Redis(SecretString),
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory:"),
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Redis(url) => f.write_str(&without_user(url.expose_secret())),
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for StoreUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl StoreUrl {
    /// What a command line names, understood exactly as `store.url` is. The error says what is
    /// wrong and what to write.
    pub fn named(text: &str, data_dir: &Path) -> Result<Self, (String, String)> {
        let raw = Raw {
            given: RawValue::Text(text),
            base: data_dir,
        };
        let read = Self::read(raw).map_err(|wrong| (wrong.message, wrong.hint))?;
        Ok(read.within(data_dir))
    }

    /// With a relative SQLite path put into the data folder.
    pub(super) fn within(self, data_dir: &Path) -> Self {
        match self {
            Self::Sqlite(path) => Self::Sqlite(data_dir.join(path)),
            Self::Memory | Self::Redis(_) => self,
        }
    }

    /// Whether it is Redis over TLS.
    pub(super) fn is_tls(&self) -> bool {
        let Self::Redis(url) = self else { return false };
        let scheme = url.expose_secret().split("://").next();
        scheme.is_some_and(|scheme| scheme.trim().eq_ignore_ascii_case("rediss"))
    }

    /// The whole URL, for the client that needs it.
    pub fn with_secrets(&self) -> SecretString {
        match self {
            Self::Redis(url) => url.clone(),
            Self::Memory | Self::Sqlite(_) => SecretString::from(self.to_string()),
        }
    }

    /// Whether the URL itself carries a password.
    pub(super) fn has_password(&self) -> bool {
        let Self::Redis(url) = self else { return false };
        let user = url
            .expose_secret()
            .rsplit_once('@')
            .map_or("", |(before, _)| before);
        user.split_once("://")
            .is_some_and(|(_, user)| user.contains(':'))
    }
}

fn without_user(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://{rest}"),
        _ => url.to_owned(),
    }
}

impl Setting for ApiUrl {
    fn read(raw: Raw<'_>) -> Result<Self, Wrong> {
        let hint = "write a bare origin such as https://api.example.org or http://127.0.0.1:8081";
        origin(raw.text()?, &["http", "https"])
            .map(Self)
            .map_err(|message| Wrong::new(message, hint))
    }
}

impl Setting for GatewayUrl {
    fn read(raw: Raw<'_>) -> Result<Self, Wrong> {
        let hint = "write a bare origin such as wss://gateway.example.org or ws://127.0.0.1:8082";
        origin(raw.text()?, &["ws", "wss"])
            .map(Self)
            .map_err(|message| Wrong::new(message, hint))
    }
}

impl Setting for WebhookUrl {
    fn read(raw: Raw<'_>) -> Result<Self, Wrong> {
        webhook(raw.text()?).map(Self).map_err(|message| {
            let hint = "write the address as Telegram reaches it, for example \
                        https://shop.example.org/telegram";
            Wrong::new(message, hint)
        })
    }
}

impl Setting for ListenAddress {
    fn read(raw: Raw<'_>) -> Result<Self, Wrong> {
        let address = raw.text()?.parse::<SocketAddr>();
        let usable = address.ok().filter(|address| address.port() != 0);
        usable.map(Self).ok_or_else(|| {
            let hint = "write an address and a port, for example 127.0.0.1:8443 or [::]:8443";
            Wrong::new("is no address of this machine with a port", hint)
        })
    }
}

impl Setting for StoreUrl {
    fn read(raw: Raw<'_>) -> Result<Self, Wrong> {
        let text = raw.text()?;
        let scheme = text
            .split_once(':')
            .map_or("", |(scheme, _)| scheme)
            .to_ascii_lowercase();
        match scheme.as_str() {
            "memory" if text.len() == "memory:".len() => Ok(Self::Memory),
            "sqlite" => sqlite(text),
            "redis" | "rediss" => redis(text),
            _ => Err(Wrong::new(
                "is not a store that Consultant knows",
                STORE_HINT,
            )),
        }
    }
}

const STORE_HINT: &str =
    "write `sqlite:PATH`, `redis://host:6379`, `rediss://host:6379` (TLS) or `memory:`";

fn sqlite(text: &str) -> Result<StoreUrl, Wrong> {
    let path = text.split_once(':').map_or("", |(_, path)| path);
    let path = if path.starts_with("///") {
        path.trim_start_matches("//")
    } else {
        path
    };
    if path == ":memory:" {
        return Err(Wrong::new(
            "names SQLite's own memory",
            "write `memory:` for no file at all",
        ));
    }
    if path.is_empty() || path.starts_with("//") || path.contains(['\0', '?']) {
        let hint = "write `sqlite:PATH`, for example sqlite:sessions.sqlite (in data_dir) or \
                    sqlite:/var/lib/consultant/sessions.sqlite";
        return Err(Wrong::new("does not name an SQLite file", hint));
    }
    Ok(StoreUrl::Sqlite(PathBuf::from(path)))
}

/// `redis[s]://[user[:password]@]host[:port][/database]`, as the Redis URL scheme has it.
fn redis(text: &str) -> Result<StoreUrl, Wrong> {
    let wrong = |message: &str| {
        let hint = "write `redis://host:6379/0`; put the password into store.password, or \
                    percent-encode it";
        Wrong::new(message, hint)
    };
    let (_, rest) = text
        .split_once("://")
        .ok_or_else(|| wrong("has no `//` after its scheme"))?;
    let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
    if database.contains('@') {
        return Err(wrong("has a `/` in its user name or password"));
    }
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    host_and_port(host).map_err(|message| wrong(&message))?;
    if !database.chars().all(|c| c.is_ascii_digit()) || database.len() > 5 {
        return Err(wrong(
            "has something other than a database number after its host",
        ));
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(wrong("has a space or a control character in it"));
    }
    Ok(StoreUrl::Redis(SecretString::from(text.to_owned())))
}

/// An origin and a path, with nothing that a log or another server should not see.
fn webhook(text: &str) -> Result<String, String> {
    let (scheme, rest) = text
        .split_once("://")
        .ok_or_else(|| "must begin with https:// or http://".to_owned())?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let origin = origin(&format!("{scheme}://{host}"), &["https", "http"])?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '~');
    if !path.chars().all(allowed) {
        return Err("has a path with more than letters, digits, `-`, `_`, `.`, `~`".to_owned());
    }
    Ok(format!("{origin}/{path}"))
}

/// A bare origin in lower case: scheme, host and port, nothing else.
fn origin(text: &str, schemes: &[&str]) -> Result<String, String> {
    let text = text.to_ascii_lowercase();
    let (scheme, rest) = text
        .split_once("://")
        .filter(|(scheme, _)| schemes.contains(scheme))
        .ok_or_else(|| format!("must begin with {}://", schemes.join(":// or ")))?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let part = |what: &str| Err(format!("has {what}, but must be a bare origin"));
    if rest.contains('@') {
        return part("a user name");
    }
    if rest.contains('?') {
        return part("a query");
    }
    if rest.contains('#') {
        return part("a fragment");
    }
    if rest.contains(['/', '\\']) {
        return part("a path");
    }
    host_and_port(rest)?;
    Ok(format!("{scheme}://{rest}"))
}

fn host_and_port(authority: &str) -> Result<(), String> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if !is_host(host) {
        return Err("has no host name or address that could be reached".to_owned());
    }
    let digits = |port: &str| port.chars().all(|c| c.is_ascii_digit());
    match port {
        Some(port) if !digits(port) || port.parse::<u16>().unwrap_or(0) == 0 => {
            Err("has a port that is not a number from 1 to 65535".to_owned())
        }
        _ => Ok(()),
    }
}

/// A DNS name (international ones in their `xn--` form), an IPv4 address or an IPv6 one in
/// brackets.
fn is_host(host: &str) -> bool {
    if let Some(address) = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        (1..=63).contains(&label.len()) && label.chars().all(allowed) && !label.starts_with('-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<T: Setting>(text: &str, shown: impl Fn(T) -> String, expected: &str) {
        let raw = Raw {
            given: RawValue::Text(text),
            base: Path::new("/base"),
        };
        let read = T::read(raw).map_or_else(|wrong| wrong.message, shown);
        assert_eq!(read, expected, "{text}");
    }

    #[track_caller]
    fn api(text: &str, expected: &str) {
        check::<ApiUrl>(text, |url| url.as_str().to_owned(), expected);
    }

    #[track_caller]
    fn store(text: &str, expected: &str) {
        check::<StoreUrl>(text, |url| url.to_string(), expected);
    }

    #[test]
    fn an_api_url_is_a_bare_origin() {
        api("http://127.0.0.1:8081", "http://127.0.0.1:8081");
        api("HTTPS://Api.Example.org/", "https://api.example.org");
        api("http://[::1]:80", "http://[::1]:80");
        api("http://host/bot", "has a path, but must be a bare origin");
        api("http://host?x=1", "has a query, but must be a bare origin");
        api(
            "http://u:p@host",
            "has a user name, but must be a bare origin",
        );
        api("http://host#x", "has a fragment, but must be a bare origin");
        api("ftp://host", "must begin with http:// or https://");
        api("127.0.0.1:8081", "must begin with http:// or https://");
        for nowhere in [
            "http://",
            "http://例子.com",
            "http://[::1",
            "http://a..b",
            "http://a b",
        ] {
            api(nowhere, "has no host name or address that could be reached");
        }
        for port in [
            "http://h:0",
            "http://h:65536",
            "http://h:",
            "http://h:+80",
            "http://h:x",
        ] {
            api(port, "has a port that is not a number from 1 to 65535");
        }
    }

    #[test]
    fn a_webhook_is_an_address_with_a_path() {
        let check_url = |text, expected| {
            check::<WebhookUrl>(text, |url| format!("{} {}", url.0, url.path()), expected);
        };
        check_url(
            "https://Shop.example.org/hooks/Telegram",
            "https://shop.example.org/hooks/Telegram /hooks/Telegram",
        );
        check_url("https://h:8443", "https://h:8443/ /");
        check_url("h/x", "must begin with https:// or http://");
        check_url(
            "https:///x",
            "has no host name or address that could be reached",
        );
        let path = "has a path with more than letters, digits, `-`, `_`, `.`, `~`";
        check_url("https://h/x?token=1", path);
        check_url("https://h/x#y", path);
        let listen = |text, expected| check::<ListenAddress>(text, |it| it.0.to_string(), expected);
        listen("127.0.0.1:8443", "127.0.0.1:8443");
        listen("[::]:80", "[::]:80");
        for nowhere in ["127.0.0.1", "localhost:80", "127.0.0.1:0"] {
            listen(nowhere, "is no address of this machine with a port");
        }
    }

    #[test]
    fn a_gateway_url_is_a_web_socket_origin() {
        check::<GatewayUrl>("ws://127.0.0.1:1", |url| url.0, "ws://127.0.0.1:1");
        check::<GatewayUrl>("http://h", |url| url.0, "must begin with ws:// or wss://");
        let path = "has a path, but must be a bare origin";
        check::<GatewayUrl>(
            "wss://h/?v=10",
            |url| url.0,
            "has a query, but must be a bare origin",
        );
        check::<GatewayUrl>("wss://h/v10", |url| url.0, path);
    }

    #[test]
    fn a_store_is_memory_a_file_or_redis() {
        store("memory:", "memory:");
        store("sqlite:a/b.sqlite", "sqlite:a/b.sqlite");
        store("sqlite:///var/a.sqlite", "sqlite:/var/a.sqlite");
        store("redis://localhost", "redis://localhost");
        store("rediss://:pass@h:6380/2", "rediss://h:6380/2");
        store("memory:x", "is not a store that Consultant knows");
        store("postgres://h", "is not a store that Consultant knows");
        store("sqlite::memory:", "names SQLite's own memory");
        for file in ["sqlite:", "sqlite://a.sqlite", "sqlite:a?mode=ro"] {
            store(file, "does not name an SQLite file");
        }
        store("redis:host", "has no `//` after its scheme");
        store(
            "redis://h/x",
            "has something other than a database number after its host",
        );
        store(
            "redis://h:1/0?protocol=resp3",
            "has something other than a database number after its host",
        );
        store("redis://:p/w@h", "has a `/` in its user name or password");
        store(
            "redis://",
            "has no host name or address that could be reached",
        );
    }

    #[test]
    fn a_store_of_the_command_line_lies_where_store_url_would_find_it() {
        let named = |text| StoreUrl::named(text, Path::new("/data"));
        assert_eq!(
            named("sqlite:two.sqlite").unwrap().to_string(),
            "sqlite:/data/two.sqlite"
        );
        assert_eq!(named("sqlite:/a.db").unwrap().to_string(), "sqlite:/a.db");
        assert!(named("two.sqlite").is_err());
        assert!(named("rediss://h").unwrap().is_tls());
        assert!(!named("redis://h").unwrap().is_tls());
    }

    #[test]
    fn a_store_shows_no_password_and_knows_that_it_has_one() {
        let read = |text| {
            let raw = Raw {
                given: RawValue::Text(text),
                base: Path::new("/"),
            };
            StoreUrl::read(raw).unwrap()
        };
        let url = read("redis://ann:se@cret@h:6379");
        assert_eq!(format!("{url:?}"), "redis://h:6379");
        assert_eq!(serde_json::to_string(&url).unwrap(), "\"redis://h:6379\"");
        assert!(url.has_password());
        assert!(!read("redis://ann@h").has_password());
        assert!(!read("redis://h:6379").has_password());
    }
}
