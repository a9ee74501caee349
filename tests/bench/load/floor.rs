//! The floor: a bot that polls and answers, and does nothing else. It shows what the double carries.

use std::io;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};

/// Connections over which answers are sent, side by side.
const CONNECTIONS: usize = 16;

/// What it says to everything.
const ANSWER: &str = "The Halo desk lamp costs 89.00 EUR. It is in stock.";

/// Answers until it is killed.
pub(in super::super) async fn run(origin: &str, token: &str) -> anyhow::Result<()> {
    let address = origin.trim_start_matches("http://");
    let mut senders = Vec::new();
    for _ in 0..CONNECTIONS {
        let (sender, chats) = mpsc::unbounded_channel();
        let caller = Caller::connect(address, token).await?;
        tokio::spawn(send_all(caller, chats));
        senders.push(sender);
    }
    let mut caller = Caller::connect(address, token).await?;
    let mut offset = 0;
    loop {
        let body = json!({"offset": offset, "timeout": 30});
        let answer = caller.call("getUpdates", &body).await?;
        let answer: Value = serde_json::from_slice(&answer)?;
        let updates = answer["result"].as_array().into_iter().flatten();
        for (update, sender) in updates.zip(senders.iter().cycle()) {
            offset = update["update_id"].as_i64().unwrap_or_default() + 1;
            sender.send(update["message"]["chat"]["id"].as_i64())?;
        }
    }
}

async fn send_all(
    mut caller: Caller,
    mut chats: mpsc::UnboundedReceiver<Option<i64>>,
) -> io::Result<()> {
    while let Some(chat) = chats.recv().await {
        let body = json!({"chat_id": chat, "text": ANSWER});
        caller.call("sendMessage", &body).await?;
    }
    Ok(())
}

/// One connection.
struct Caller {
    stream: TcpStream,
    head: String,
    received: Vec<u8>,
}

impl Caller {
    async fn connect(address: &str, token: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            head: format!("POST /bot{token}/"),
            received: Vec::new(),
        })
    }

    /// Calls a method and returns the answer's body.
    async fn call(&mut self, method: &str, body: &Value) -> io::Result<Vec<u8>> {
        let (head, body) = (&self.head, body.to_string());
        let request = format!(
            "{head}{method} HTTP/1.1\r\nhost: bot\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        self.received.clear();
        loop {
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(body) = whole_body(&self.received) {
                return Ok(body.to_vec());
            }
        }
    }
}

fn whole_body(received: &[u8]) -> Option<&[u8]> {
    let end = received.windows(4).position(|it| it == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(received.get(..end)?);
    let length = head
        .lines()
        .find_map(|it| it.strip_prefix("content-length: "));
    let length: usize = length?.parse().ok()?;
    received.get(end + 4..end + 4 + length)
}
