//! Lines over a stream, read with a bound: whoever sends no line's end must not fill the memory.

use std::{fmt::Write, io};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};

/// Reads lines. To give a call up loses nothing: what was read so far waits for the next one.
pub struct Lines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    most_bytes: usize,
    takes_half: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    /// Lines of at most so many bytes.
    pub fn new(input: R, most_bytes: usize) -> Self {
        Self {
            input: BufReader::new(input),
            line: Vec::new(),
            most_bytes,
            takes_half: false,
        }
    }

    /// From now on what stands behind the last line's end is a line too. Without that it is none:
    /// whoever broke off had more to say, or did not mean to say it.
    #[must_use]
    pub fn with_a_last_half(mut self) -> Self {
        self.takes_half = true;
        self
    }

    /// The next line, without its end; `None` once there is none. Bytes that are no text become
    /// replacement characters, and a longer line is an error.
    pub async fn next(&mut self) -> io::Result<Option<String>> {
        loop {
            let buffer = self.input.fill_buf().await?;
            if buffer.is_empty() {
                let half = self.takes_half && !self.line.is_empty();
                return Ok(half.then(|| self.take()));
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let here = end.unwrap_or(buffer.len());
            if self.line.len() + here > self.most_bytes {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("a line is longer than {} bytes", self.most_bytes),
                ));
            }
            self.line.extend(buffer.iter().take(here));
            self.input.consume(end.map_or(here, |end| end + 1));
            if end.is_some() {
                return Ok(Some(self.take()));
            }
        }
    }

    fn take(&mut self) -> String {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        text.trim_end_matches('\r').to_owned()
    }
}

/// A value as a line of JSON, in which nothing steers a terminal that it is printed on: what could is
/// written as a number.
pub fn json_line(value: &impl serde::Serialize) -> String {
    let json = serde_json::to_string(value).unwrap_or_default();
    let mut line = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        if steers(c) {
            write!(line, "\\u{:04x}", u32::from(c)).ok();
        } else {
            line.push(c);
        }
    }
    line.push('\n');
    line
}

/// What `serde_json` writes as it is although a terminal would obey it. All of them are one unit of
/// UTF-16, and stand in strings alone.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Writes a value as a line.
pub async fn write(
    out: &mut (impl AsyncWrite + Unpin),
    value: &impl serde::Serialize,
) -> io::Result<()> {
    out.write_all(json_line(value).as_bytes()).await?;
    out.flush().await
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    async fn read(bytes: &[u8], most_bytes: usize) -> Vec<Result<String, io::ErrorKind>> {
        let mut lines = Lines::new(bytes, most_bytes).with_a_last_half();
        let mut read = Vec::new();
        loop {
            match lines.next().await {
                Ok(Some(line)) => read.push(Ok(line)),
                Ok(None) => return read,
                Err(error) => {
                    read.push(Err(error.kind()));
                    return read;
                }
            }
        }
    }

    #[tokio::test]
    async fn lines_end_with_a_line_feed_or_with_the_stream() {
        let lines = read("a\r\n\n你好\nb".as_bytes(), 100).await;
        assert_eq!(lines, ["a", "", "你好", "b"].map(|it| Ok(it.to_owned())));
        assert_eq!(read(b"\xff\n", 100).await, [Ok("\u{fffd}".to_owned())]);
    }

    #[tokio::test]
    async fn half_a_line_is_none_where_nobody_asks_for_it() {
        let mut lines = Lines::new("a\nb".as_bytes(), 100);
        assert_eq!(lines.next().await.unwrap().as_deref(), Some("a"));
        assert_eq!(lines.next().await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_line_without_an_end_does_not_fill_the_memory() {
        let lines = read(&[b'a'; 101], 100).await;
        assert_eq!(lines, [Err(io::ErrorKind::InvalidData)]);
    }

    #[tokio::test]
    async fn a_call_that_is_given_up_loses_nothing() {
        let (mut far, near) = tokio::io::duplex(64);
        let mut lines = Lines::new(near, 100);
        far.write_all(b"hal").await.unwrap();
        let waited = tokio::time::timeout(std::time::Duration::from_millis(5), lines.next()).await;
        assert!(waited.is_err());
        far.write_all(b"f\n").await.unwrap();
        assert_eq!(lines.next().await.unwrap().as_deref(), Some("half"));
    }

    proptest! {
        #[test]
        fn a_line_of_json_is_one_line_that_steers_nothing(text in any::<String>()) {
            let line = json_line(&text);
            prop_assert!(line.trim_end_matches('\n').chars().all(|it| !steers(it)));
            let read: String = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(read, text);
        }
    }
}
