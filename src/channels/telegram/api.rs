//! Calls to the Bot API. teloxide gives the client's settings and the methods' types; the exchange
//! itself is ours, because teloxide's own sleeps ten seconds on every 5xx, throws away how much of
//! an answer arrived, and prints the token in its errors.

use std::{error::Error, fmt, time::Duration};

use consultant_core::{ChannelName, ports::PostedFile};
use reqwest::{RequestBuilder, multipart::Form};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use teloxide::{Bot, net::default_reqwest_settings};

use super::update::KINDS;
use crate::{ChannelError, upload};

/// How long a call may take that waits for nothing on the other side.
const CALL_TIME_LIMIT: Duration = Duration::from_secs(17);

/// How long a call with a file may take: the largest one over a slow line.
const UPLOAD_TIME_LIMIT: Duration = Duration::from_mins(2);

/// What a long poll may take beyond its own waiting time.
const POLL_TIME_SLACK: Duration = Duration::from_secs(10);

/// The longest answer that is read, in bytes: 100 updates of the longest messages are about 5 MiB.
const ANSWER_BYTES_LIMIT: usize = 32 * 1024 * 1024;

/// What to try when Telegram refuses the token.
pub(super) const TOKEN_HINT: &str = "take a fresh one from @BotFather (it looks like \
     123456789:AAExampleExampleExample) and set CONSULTANT__TELEGRAM__TOKEN";

/// What to try when the token cannot be one.
const TOKEN_FORM_HINT: &str = "it is empty or holds characters that no token has; copy it whole \
     from @BotFather (it looks like 123456789:AAExampleExampleExample) and set \
     CONSULTANT__TELEGRAM__TOKEN";

/// One bot's view of the Bot API.
pub(super) struct Api {
    // Kept whole for its HTTP client, whose type only teloxide can name. It prints its token when
    // shown with `{:?}`, so nothing here derives `Debug`.
    bot: Bot,
    origin: String,
}

/// Why a call gave no result. No text in it holds the token.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiFailure {
    /// Telegram answered that it will not.
    #[error("Telegram said {code}: {description}")]
    Refused {
        /// The error code, like an HTTP status.
        code: u16,
        /// Telegram's own words.
        description: String,
        /// Flood control: the time to wait.
        retry_after: Option<Duration>,
        /// The number that the chat has now.
        moved_to: Option<i64>,
    },
    /// No answer, or none that can be read.
    #[error("{reason}")]
    Broken {
        /// What happened.
        reason: String,
        /// As much of the body as arrived, where the status said success.
        begun: Option<Begun>,
    },
}

impl ApiFailure {
    /// Whether the token is the reason. One that is not even formed like a token gets 404.
    pub(super) fn refuses_token(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                code: 401 | 404,
                ..
            }
        )
    }
}

/// The beginning of an answer. It may hold a customer's words, so `{:?}` shows none of it.
pub(super) struct Begun(pub(super) String);

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

#[derive(Serialize)]
struct GetUpdates<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
    timeout: u64,
    allowed_updates: &'a [&'a str],
}

#[derive(Deserialize)]
struct Answer {
    ok: bool,
    result: Option<Value>,
    #[serde(default)]
    description: String,
    error_code: Option<u16>,
    parameters: Option<Parameters>,
}

#[derive(Default, Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

impl Api {
    /// A client for `origin`, for example `https://api.telegram.org`. Asks nothing yet.
    pub(super) fn new(token: &SecretString, origin: &str) -> Result<Self, ChannelError> {
        check_token(token.expose_secret())?;
        let refused = || ChannelError::Setting {
            channel: ChannelName::Telegram,
            key: "telegram.api_url",
            value: origin.to_owned(),
            expected: "a bare origin such as https://api.telegram.org",
        };
        let client = default_reqwest_settings()
            .no_proxy()
            .build()
            .map_err(|error| ChannelError::Unreachable {
                channel: ChannelName::Telegram,
                url: origin.to_owned(),
                source: Box::new(error.without_url()),
            })?;
        let bot = Bot::with_client(token.expose_secret(), client)
            .set_api_url(origin.parse().map_err(|_| refused())?);
        let url = bot.api_url();
        let bare = matches!(url.scheme(), "http" | "https")
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && url.has_host();
        if !bare {
            return Err(refused());
        }
        Ok(Self {
            bot,
            origin: origin.trim_end_matches('/').to_owned(),
        })
    }

    /// The origin, for messages.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// Where a file can be had; `None` where its path is no path below the bot's folder.
    pub(super) fn file_url(&self, path: &str) -> Option<SecretString> {
        let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
        if !path.split('/').all(plain) {
            return None;
        }
        let path: String = path.bytes().map(encoded).collect();
        let url = format!("{}/file/bot{}/{path}", self.origin, self.bot.token());
        Some(url.into())
    }

    /// Calls a method and returns its `result`.
    pub(super) async fn call(
        &self,
        method: &str,
        parameters: &impl Serialize,
    ) -> Result<Value, ApiFailure> {
        let request = self.asks(method, parameters)?;
        self.exchange(method, request.timeout(CALL_TIME_LIMIT))
            .await
    }

    /// Calls a method with a file for the parameter `part`, and returns its `result`.
    pub(super) async fn upload(
        &self,
        method: &str,
        parameters: &impl Serialize,
        (part, file): (&'static str, PostedFile<'_>),
    ) -> Result<Value, ApiFailure> {
        let unwritable =
            |error: &dyn Error| broken(format!("{method} cannot be written: {error}"), None);
        let form = form(parameters).map_err(|error| unwritable(&error))?;
        let file = upload::part(file).map_err(|error| unwritable(&error))?;
        let form = form.part(part, file);
        let request = self.bot.client().post(self.url_of(method)).multipart(form);
        self.exchange(method, request.timeout(UPLOAD_TIME_LIMIT))
            .await
    }

    /// Waits up to `patience` for updates from `offset` on, which confirms all earlier ones.
    /// Each update stays as it came, so that one that cannot be read hides no other.
    pub(super) async fn updates(
        &self,
        offset: Option<i64>,
        patience: Duration,
    ) -> Result<Vec<Value>, ApiFailure> {
        let parameters = GetUpdates {
            offset,
            timeout: patience.as_secs(),
            allowed_updates: &KINDS,
        };
        let request = self.asks("getUpdates", &parameters)?;
        let request = request.timeout(patience + POLL_TIME_SLACK);
        let result = self.exchange("getUpdates", request).await?;
        match result {
            Value::Array(updates) => Ok(updates),
            _ => Err(broken("getUpdates did not answer with a list", None)),
        }
    }

    fn url_of(&self, method: &str) -> String {
        format!("{}/bot{}/{method}", self.origin, self.bot.token())
    }

    /// A call with its parameters as JSON.
    fn asks(
        &self,
        method: &str,
        parameters: &impl Serialize,
    ) -> Result<RequestBuilder, ApiFailure> {
        let body = serde_json::to_vec(parameters)
            .map_err(|error| broken(format!("{method} cannot be written: {error}"), None))?;
        let request = self.bot.client().post(self.url_of(method));
        let request = request.header("content-type", "application/json");
        Ok(request.body(body))
    }

    async fn exchange(&self, method: &str, request: RequestBuilder) -> Result<Value, ApiFailure> {
        let sent = request.send().await;
        let mut response =
            sent.map_err(|error| broken(self.explain(&error.without_url()), None))?;
        let status = response.status();
        let mut bytes = Vec::new();
        let end = loop {
            match response.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() <= ANSWER_BYTES_LIMIT => {
                    bytes.extend_from_slice(&chunk);
                }
                Ok(Some(_)) => break Err(format!("{method} answered with too many bytes")),
                Ok(None) => break Ok(()),
                Err(error) => break Err(self.explain(&error.without_url())),
            }
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        read_answer(status.as_u16(), text, end)
    }

    /// An error with all its causes on one line, without the token.
    pub(super) fn explain(&self, error: &dyn Error) -> String {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        scrub(&text, self.bot.token())
    }
}

/// Refuses a token that would break the URL it is put into, before it is sent anywhere.
fn check_token(token: &str) -> Result<(), ChannelError> {
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-');
    if !token.is_empty() && token.chars().all(harmless) {
        return Ok(());
    }
    Err(ChannelError::TokenRefused {
        channel: ChannelName::Telegram,
        hint: TOKEN_FORM_HINT,
    })
}

fn read_answer(status: u16, text: String, end: Result<(), String>) -> Result<Value, ApiFailure> {
    let begun = |text: String| (status == 200).then_some(Begun(text));
    if let Err(reason) = end {
        return Err(broken(reason, begun(text)));
    }
    let Ok(answer) = serde_json::from_str::<Answer>(&text) else {
        let reason = format!("the answer with status {status} is not the Bot API's JSON");
        return Err(broken(reason, begun(text)));
    };
    if answer.ok {
        return answer
            .result
            .ok_or_else(|| broken("the answer holds no result", None));
    }
    let parameters = answer.parameters.unwrap_or_default();
    Err(ApiFailure::Refused {
        code: answer.error_code.unwrap_or(status),
        description: answer.description,
        retry_after: parameters.retry_after.map(Duration::from_secs),
        moved_to: parameters.migrate_to_chat_id,
    })
}

/// Parameters as the fields of a form: texts as they are, everything else as JSON.
fn form(parameters: &impl Serialize) -> serde_json::Result<Form> {
    let fields: Map<String, Value> = serde_json::from_value(serde_json::to_value(parameters)?)?;
    let written = fields.into_iter().map(|(name, value)| match value {
        Value::String(text) => (name, text),
        other => (name, other.to_string()),
    });
    Ok(written.fold(upload::form(), |form, (name, text)| form.text(name, text)))
}

fn broken(reason: impl Into<String>, begun: Option<Begun>) -> ApiFailure {
    ApiFailure::Broken {
        reason: reason.into(),
        begun,
    }
}

/// A byte of a path, percent-encoded where a URL needs it.
fn encoded(byte: u8) -> String {
    let c = char::from(byte);
    if c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '~') {
        c.to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// The text without the token, whichever library put it there.
fn scrub(text: &str, token: &str) -> String {
    text.replace(token, "<token>")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "123456:secret_Secret-secret";

    fn api(origin: &str) -> Result<Api, ChannelError> {
        Api::new(&SecretString::from(TOKEN), origin)
    }

    #[test]
    fn only_a_bare_origin_is_an_address() {
        assert!(api("http://127.0.0.1:8081").is_ok());
        assert!(api("https://api.telegram.org/").is_ok());
        for origin in [
            "",
            "api.telegram.org",
            "ftp://127.0.0.1",
            "http://127.0.0.1/bot",
            "http://127.0.0.1?x=1",
            "http://user:pass@127.0.0.1",
            "mailto:a@example.org",
        ] {
            let Err(error) = api(origin) else {
                panic!("{origin} passed");
            };
            assert!(error.to_string().contains("telegram.api_url"), "{error}");
        }
    }

    #[test]
    fn a_token_that_would_break_the_url_is_refused_unsent() {
        for token in ["", "a/b", "a b", "a?b", "a\nb", "令牌"] {
            let error = Api::new(&SecretString::from(token), "http://127.0.0.1:1")
                .err()
                .unwrap();
            assert!(matches!(error, ChannelError::TokenRefused { .. }));
            assert!(token.is_empty() || !error.to_string().contains(token));
        }
    }

    #[tokio::test]
    async fn no_failure_shows_the_token() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let api = api(&origin).unwrap();
        let failure = api.call("getMe", &Value::Null).await.unwrap_err();
        let shown = format!("{failure} {failure:?}");
        assert!(!shown.contains("secret"), "{shown}");
        assert!(shown.contains("refused"), "{shown}");
    }

    #[test]
    fn the_token_is_cut_out_of_any_text() {
        let text = format!("error for url (http://127.0.0.1/bot{TOKEN}/getMe): {TOKEN}");
        assert_eq!(
            scrub(&text, TOKEN),
            "error for url (http://127.0.0.1/bot<token>/getMe): <token>"
        );
    }

    #[test]
    fn a_files_path_stays_below_the_bots_folder() {
        let api = api("http://127.0.0.1:1").unwrap();
        let url = api.file_url("photos/a b?#%.jpg").unwrap();
        let url = url.expose_secret().replace(TOKEN, "T");
        assert_eq!(
            url,
            "http://127.0.0.1:1/file/botT/photos/a%20b%3F%23%25.jpg"
        );
        for path in ["", "/etc/passwd", "photos/../../x", "photos//x", "."] {
            assert!(api.file_url(path).is_none(), "{path}");
        }
    }

    #[test]
    fn a_group_that_moved_says_where_to() {
        let text = r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1007}}"#;
        let failure = read_answer(400, text.into(), Ok(())).unwrap_err();
        let ApiFailure::Refused { moved_to, .. } = failure else {
            panic!("{failure}");
        };
        assert_eq!(moved_to, Some(-1007));
    }

    #[test]
    fn a_page_instead_of_json_is_a_broken_answer() {
        let failure = read_answer(502, "<html>Bad Gateway</html>".into(), Ok(())).unwrap_err();
        assert!(matches!(failure, ApiFailure::Broken { begun: None, .. }));
    }

    #[test]
    fn flood_control_tells_how_long_to_wait() {
        let text = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#;
        let failure = read_answer(429, text.into(), Ok(())).unwrap_err();
        let ApiFailure::Refused { retry_after, .. } = failure else {
            panic!("{failure}");
        };
        assert_eq!(retry_after, Some(Duration::from_secs(7)));
    }
}
