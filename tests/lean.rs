//! An HTTP/1.1 server with as little in it as a client of a platform needs: for measuring, where a
//! complete one would cost more than what is measured. It keeps connections alive, and reads
//! bodies of a stated length or in chunks.

use std::{io, net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What is read from a connection at once, in bytes.
const READ_BYTES: usize = 16 * 1024;

/// One request.
pub(crate) struct Request {
    pub(crate) path: String,
    /// The body's type in small letters.
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

/// Who answers.
pub(crate) trait Answer: Send + Sync + 'static {
    /// A status and a JSON body.
    fn answer(&self, request: Request) -> impl Future<Output = (u16, String)> + Send;
}

/// Serves on a free port of this machine.
#[expect(clippy::expect_used, reason = "without a port nothing is measured")]
pub(crate) async fn serve(answerer: Arc<impl Answer>) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound port");
    let server = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // An error is the client going away.
            tokio::spawn(converse(stream, Arc::clone(&answerer)));
        }
    });
    (address, server)
}

async fn converse(mut stream: TcpStream, answerer: Arc<impl Answer>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut received = Vec::with_capacity(READ_BYTES);
    loop {
        let Some(request) = next_request(&mut stream, &mut received).await? else {
            return Ok(());
        };
        let (status, body) = answerer.answer(request).await;
        let answer = format!(
            "HTTP/1.1 {status} .\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// The next whole request; `None` at the connection's end. What came beyond it stays received.
async fn next_request(
    stream: &mut TcpStream,
    received: &mut Vec<u8>,
) -> io::Result<Option<Request>> {
    loop {
        if let Some((request, length)) = whole_request(received) {
            received.drain(..length);
            return Ok(Some(request));
        }
        received.reserve(READ_BYTES);
        if stream.read_buf(received).await? == 0 {
            return Ok(None);
        }
    }
}

/// A request and its length in bytes, once all of it is there.
fn whole_request(received: &[u8]) -> Option<(Request, usize)> {
    let head_end = find(received, b"\r\n\r\n")?;
    let (head, rest) = received.split_at(head_end);
    let body = rest.get(4..)?;
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let mut head = Head::default();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        head.note(name, value.trim());
    }
    let (body, length) = if head.chunked {
        whole_chunks(body)?
    } else {
        (body.get(..head.length)?.to_vec(), head.length)
    };
    let content_type = head.content_type;
    let request = Request {
        path,
        content_type,
        body,
    };
    Some((request, head_end + 4 + length))
}

/// What of a request's head counts here.
#[derive(Default)]
struct Head {
    length: usize,
    chunked: bool,
    content_type: String,
}

impl Head {
    fn note(&mut self, name: &str, value: &str) {
        if name.eq_ignore_ascii_case("content-length") {
            self.length = value.parse().unwrap_or(0);
        } else if name.eq_ignore_ascii_case("content-type") {
            self.content_type = value.to_ascii_lowercase();
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            self.chunked = value.eq_ignore_ascii_case("chunked");
        }
    }
}

/// A body that came in chunks, and its length on the wire, once all of it is there.
fn whole_chunks(received: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let rest = received.get(at..)?;
        let line_end = find(rest, b"\r\n")?;
        let size = String::from_utf8_lossy(rest.get(..line_end)?);
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        let begin = line_end + 2;
        body.extend_from_slice(rest.get(begin..begin + size)?);
        rest.get(begin + size..begin + size + 2)?;
        at += begin + size + 2;
        if size == 0 {
            return Some((body, at));
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(received: &str, body: Option<&str>, left: usize) {
        let found = whole_request(received.as_bytes());
        let length = found.as_ref().map_or(0, |(_, length)| *length);
        let found = found.map(|(request, _)| String::from_utf8(request.body).unwrap());
        assert_eq!(found.as_deref(), body, "{received:?}");
        assert_eq!(received.len() - length, left, "{received:?}");
    }

    #[test]
    fn a_request_is_taken_once_all_of_it_is_there() {
        check("POST /a HTTP/1.1\r\n\r\n", Some(""), 0);
        let stated = "POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\n";
        check(&format!("{stated}ab"), None, stated.len() + 2);
        check(&format!("{stated}abcGET"), Some("abc"), 3);
        let chunked = "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        check(&format!("{chunked}3\r\nabc\r\n"), None, chunked.len() + 8);
        check(&format!("{chunked}3\r\nabc\r\n0\r\n\r\nX"), Some("abc"), 1);
    }
}
