//! The terminal of `consultant chat`. On a real one a reply is streamed: an edit prints only what
//! is new. On a pipe each reply is one block that ends with an empty line, so that a program can
//! split the output; a reply's own empty lines are therefore left out there, in code too.
//!
//! Nothing that a text holds can steer the terminal: control characters never reach it.

use std::{io, time::Duration};

use async_trait::async_trait;
use consultant_core::{
    Address, ChannelName, Command, Inbound, InboundEvent, InboundKey, Receipt,
    ports::{Channel, ChannelLimits, DeliveryError, Post, Preview},
};
use jiff::Timestamp;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::Mutex,
};

/// A person reads along; this is fast enough to look fluent.
const PREVIEW_INTERVAL: Duration = Duration::from_millis(50);

/// Stands for a reply that has nothing to show, so that every turn has its block.
const NOTHING: &str = "…";

const COLOUR: &str = "\u{1b}[36m";
const NO_COLOUR: &str = "\u{1b}[0m";

/// How replies are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminalMode {
    /// For a person: replies grow while they are written.
    Interactive {
        /// Whether replies are coloured.
        colours: bool,
    },
    /// For a program: each reply once, whole, followed by an empty line.
    Plain,
}

/// The one conversation of a terminal.
pub struct TerminalChannel {
    mode: TerminalMode,
    screen: Mutex<Screen>,
}

struct Screen {
    out: Box<dyn AsyncWrite + Send + Unpin>,
    /// Messages so far; a receipt is a message's number.
    messages: u64,
    /// The newest message, as it stands on the screen.
    newest: Option<String>,
    /// Whether the cursor stands behind a text instead of at the beginning of a line.
    behind_text: bool,
}

impl TerminalChannel {
    /// Writes to `out`: standard output, or a buffer in tests.
    pub fn new(out: impl AsyncWrite + Send + Unpin + 'static, mode: TerminalMode) -> Self {
        Self {
            mode,
            screen: Mutex::new(Screen {
                out: Box::new(out),
                messages: 0,
                newest: None,
                behind_text: false,
            }),
        }
    }

    /// The address of the terminal's one conversation.
    pub fn address() -> Address {
        Address::new(ChannelName::Terminal, "local")
    }

    /// A typed line as an inbound: a command where it is one of ours, else a message.
    pub fn inbound(key: InboundKey, line: &str, sent_at: Timestamp) -> Inbound {
        let line = line.trim_end_matches(['\r', '\n']);
        let command = line.strip_prefix('/').map(str::trim);
        let event = match command.and_then(Command::from_name) {
            Some(command) => InboundEvent::Command { command },
            None => InboundEvent::says(line),
        };
        Inbound::new(key, Self::address(), sent_at, event)
    }

    /// Ends the line of a streamed reply, before a prompt is printed.
    pub async fn end_line(&self) -> io::Result<()> {
        let mut screen = self.screen.lock().await;
        screen.end_line().await?;
        screen.out.flush().await
    }

    async fn show_new(&self, text: &str) -> io::Result<Receipt> {
        let mut screen = self.screen.lock().await;
        match self.mode {
            TerminalMode::Plain => screen.block(text).await?,
            TerminalMode::Interactive { colours } => {
                screen.end_line().await?;
                screen.print(text, colours).await?;
            }
        }
        screen.newest = Some(text.to_owned());
        screen.messages += 1;
        Ok(Receipt(screen.messages.to_string()))
    }

    async fn show_changed(&self, receipt: &Receipt, text: &str) -> io::Result<()> {
        let mut screen = self.screen.lock().await;
        let newest = receipt.0 == screen.messages.to_string();
        let old = screen.newest.as_deref().filter(|_| newest);
        if old == Some(text) {
            return Ok(());
        }
        let added = old.and_then(|old| text.strip_prefix(old));
        match (self.mode, added) {
            (TerminalMode::Plain, _) => screen.block(text).await?,
            (TerminalMode::Interactive { colours }, Some(added)) => {
                screen.print(added, colours).await?;
            }
            (TerminalMode::Interactive { colours }, None) => {
                screen.end_line().await?;
                screen.print(text, colours).await?;
            }
        }
        if newest {
            screen.newest = Some(text.to_owned());
        }
        Ok(())
    }
}

impl Screen {
    /// One reply for a program: no empty line within, one behind.
    async fn block(&mut self, text: &str) -> io::Result<()> {
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let block = if lines.is_empty() {
            NOTHING.to_owned()
        } else {
            lines.join("\n")
        };
        self.out.write_all(block.as_bytes()).await?;
        self.out.write_all(b"\n\n").await?;
        self.out.flush().await
    }

    async fn print(&mut self, text: &str, colours: bool) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let shown = if colours {
            format!("{COLOUR}{text}{NO_COLOUR}")
        } else {
            text.to_owned()
        };
        self.out.write_all(shown.as_bytes()).await?;
        self.behind_text = !text.ends_with('\n');
        self.out.flush().await
    }

    async fn end_line(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.behind_text) {
            self.out.write_all(b"\n").await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Channel for TerminalChannel {
    fn name(&self) -> ChannelName {
        ChannelName::Terminal
    }

    fn limits(&self, _to: &Address) -> ChannelLimits {
        ChannelLimits {
            message_utf16_units: usize::MAX,
            preview: match self.mode {
                TerminalMode::Interactive { .. } => Preview::Edits(PREVIEW_INTERVAL),
                TerminalMode::Plain => Preview::No,
            },
            typing_interval: None,
        }
    }

    async fn send(&self, _to: &Address, post: Post<'_>) -> Result<Receipt, DeliveryError> {
        let shown = self.show_new(&harmless(post.text)).await;
        shown.map_err(not_written)
    }

    async fn edit(
        &self,
        _to: &Address,
        receipt: &Receipt,
        post: Post<'_>,
    ) -> Result<(), DeliveryError> {
        let shown = self.show_changed(receipt, &harmless(post.text)).await;
        shown.map_err(not_written)
    }

    async fn delete(&self, _to: &Address, _receipt: &Receipt) -> Result<(), DeliveryError> {
        Err(DeliveryError::Refused(
            "what stands in a terminal stays there".to_owned(),
        ))
    }

    async fn draft(&self, _to: &Address, _post: Post<'_>) -> Result<(), DeliveryError> {
        Err(DeliveryError::Refused(
            "a terminal has no drafts".to_owned(),
        ))
    }

    async fn typing(&self, _to: &Address) -> Result<(), DeliveryError> {
        Ok(())
    }
}

fn not_written(error: io::Error) -> DeliveryError {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return DeliveryError::Gone("nobody reads the output any more".to_owned());
    }
    DeliveryError::Retry {
        what: "writing to the terminal",
        source: Box::new(error),
    }
}

/// The text without anything that steers a terminal: control characters (with them every escape
/// sequence loses its beginning) and marks that turn the direction of what follows.
pub fn harmless(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace(['\r', '\u{2028}', '\u{2029}', '\u{b}', '\u{c}'], "\n")
        .chars()
        .filter(|c| matches!(c, '\n' | '\t') || !(c.is_control() || turns_direction(*c)))
        .collect()
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt, DuplexStream, duplex};

    fn terminal(mode: TerminalMode) -> (TerminalChannel, DuplexStream) {
        let (out, screen) = duplex(1 << 20);
        (TerminalChannel::new(out, mode), screen)
    }

    async fn read(channel: TerminalChannel, mut screen: DuplexStream) -> String {
        drop(channel);
        let mut text = String::new();
        screen.read_to_string(&mut text).await.unwrap();
        text
    }

    const PERSON: TerminalMode = TerminalMode::Interactive { colours: false };

    async fn say(channel: &TerminalChannel, text: &str) -> Receipt {
        let to = TerminalChannel::address();
        channel.send(&to, Post::of(text, "nonce")).await.unwrap()
    }

    async fn change(channel: &TerminalChannel, receipt: &Receipt, text: &str) {
        let to = TerminalChannel::address();
        channel
            .edit(&to, receipt, Post::of(text, "nonce"))
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn a_streamed_reply_prints_only_what_is_new() {
        let (channel, screen) = terminal(PERSON);
        let receipt = say(&channel, "It").await;
        change(&channel, &receipt, "It costs").await;
        change(&channel, &receipt, "It costs").await;
        change(&channel, &receipt, "It costs €5.").await;
        say(&channel, "你好").await;
        channel.end_line().await.unwrap();
        channel.end_line().await.unwrap();
        assert_eq!(read(channel, screen).await, "It costs €5.\n你好\n");
    }

    #[tokio::test]
    async fn a_corrected_reply_is_printed_anew() {
        let (channel, screen) = terminal(PERSON);
        let first = say(&channel, "It costs €4").await;
        change(&channel, &first, "Let me check.").await;
        say(&channel, "Next").await;
        change(&channel, &first, "Let me check. Yes.").await;
        assert_eq!(
            read(channel, screen).await,
            "It costs €4\nLet me check.\nNext\nLet me check. Yes."
        );
    }

    #[tokio::test]
    async fn colours_come_only_when_asked_for() {
        let (channel, screen) = terminal(TerminalMode::Interactive { colours: true });
        say(&channel, "Hi").await;
        assert_eq!(read(channel, screen).await, "\u{1b}[36mHi\u{1b}[0m");
    }

    #[tokio::test]
    async fn a_program_reads_one_block_a_reply() {
        let (channel, screen) = terminal(TerminalMode::Plain);
        let limits = channel.limits(&TerminalChannel::address());
        assert_eq!(limits.preview, Preview::No);
        say(&channel, "One\n\n\ntwo\n```\na\n \nb\n```\n").await;
        say(&channel, "").await;
        say(&channel, "三").await;
        let text = read(channel, screen).await;
        assert_eq!(text, "One\ntwo\n```\na\nb\n```\n\n…\n\n三\n\n");
        let blocks: Vec<&str> = text.split_terminator("\n\n").collect();
        assert_eq!(blocks.len(), 3);
    }

    #[tokio::test]
    async fn a_reader_that_left_is_gone() {
        let (channel, screen) = terminal(TerminalMode::Plain);
        drop(screen);
        let post = Post::of("Hi", "n");
        let sent = channel.send(&TerminalChannel::address(), post).await;
        assert!(matches!(sent, Err(DeliveryError::Gone(_))), "{sent:?}");
    }

    #[test]
    fn lines_are_messages_and_our_commands_are_commands() {
        let event = |line: &str| {
            TerminalChannel::inbound(InboundKey::from("k"), line, Timestamp::UNIX_EPOCH).event
        };
        assert!(matches!(
            event("/Reset \n"),
            InboundEvent::Command {
                command: Command::Reset
            }
        ));
        assert_eq!(event("/price\r\n"), InboundEvent::says("/price"));
        assert_eq!(event(" 你好"), InboundEvent::says(" 你好"));
    }

    #[test]
    fn nothing_in_a_text_steers_the_terminal() {
        assert_eq!(harmless("a\u{1b}[31mred\u{7}\u{9b}2J"), "a[31mred2J");
        assert_eq!(harmless("a\r\nb\rc\td"), "a\nb\nc\td");
        assert_eq!(harmless("1\u{202e}2\u{2066}3"), "123");
        assert_eq!(harmless("שלום 👩‍👩‍👧 你好"), "שלום 👩‍👩‍👧 你好");
    }

    proptest! {
        #[test]
        fn no_control_character_passes(text in "\\PC{0,20}[\\x00-\\x1f\\x7f-\\u{9f}]{0,5}\\PC{0,20}") {
            let shown = harmless(&text);
            prop_assert!(shown.chars().all(|c| matches!(c, '\n' | '\t') || !c.is_control()));
        }
    }
}
