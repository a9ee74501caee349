//! `consultant chat`: the terminal as a channel. For a program, each line is a turn and each reply
//! a block; for a person, replies grow while they are written.

use std::{io::IsTerminal, process::ExitCode, sync::Arc};

use consultant_channels::terminal::{TerminalChannel, TerminalMode};
use consultant_core::{
    Address, ChannelName, Command, Inbound, InboundEvent, InboundKey, ports::Channel,
};
use tokio::io::{AsyncBufReadExt, BufReader};
use uuid::Uuid;

use crate::{
    cli::ChatArgs,
    config::Config,
    dispatcher::Outcome,
    failure::{Failure, because},
    house::{House, Parts, Rules},
    model::Backends,
    output,
    supervisor::Supervisor,
};

/// The longest line that is read; the engine reads less of it, but a file that is no text must
/// not fill the memory.
const LINE_BYTES: usize = 4 * 1024 * 1024;

/// Talks until standard input ends.
pub async fn run(
    args: ChatArgs,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    let person = std::io::stdin().is_terminal();
    let parts = Parts::open(config, backends, Rules::Files).await?;
    let mode = if person {
        let colours = std::io::stdout().is_terminal();
        TerminalMode::Interactive { colours }
    } else {
        TerminalMode::Plain
    };
    let terminal = Arc::new(TerminalChannel::new(tokio::io::stdout(), mode));
    let channel: Arc<dyn Channel> = Arc::clone(&terminal) as Arc<dyn Channel>;
    let house = parts.build([channel], Vec::new(), Supervisor::default());
    house
        .supervisor
        .stop_on_signals()
        .map_err(|error| because("signals", &error, ""))?;
    house.warm();
    let chat = Chat {
        house,
        terminal,
        person,
        address: address(&args.session),
    };
    let ended = chat.talk(args.new).await;
    chat.house.supervisor.shut_down().await;
    ended
}

fn address(session: &str) -> Address {
    Address::new(ChannelName::Terminal, session)
}

struct Chat {
    house: House,
    terminal: Arc<TerminalChannel>,
    person: bool,
    address: Address,
}

impl Chat {
    async fn talk(&self, anew: bool) -> Result<ExitCode, Failure> {
        let dispatcher = &self.house.dispatcher;
        dispatcher
            .resume(|address| *address == self.address)
            .await
            .map_err(|error| because("the store cannot be read", &error, ""))?;
        if anew {
            self.forget().await?;
        }
        self.welcome();
        let mut lines = BufReader::new(tokio::io::stdin());
        loop {
            self.prompt();
            let line = tokio::select! {
                line = read_line(&mut lines) => line,
                () = self.house.supervisor.stop.cancelled() => return Ok(ExitCode::SUCCESS),
            };
            let line = line.map_err(|error| because("standard input", &error, ""))?;
            let Some(line) = line else {
                return Ok(ExitCode::SUCCESS);
            };
            self.answer(self.inbound(&line)).await?;
        }
    }

    fn inbound(&self, line: &str) -> Inbound {
        let now = self.house.engine.clock.now();
        let key = InboundKey::from(format!("{}:{}", self.address, Uuid::now_v7()));
        let inbound = TerminalChannel::inbound(key, line, now);
        Inbound {
            address: self.address.clone(),
            ..inbound
        }
    }

    async fn answer(&self, inbound: Inbound) -> Result<(), Failure> {
        let hint = "the message is kept where it was stored; run `consultant doctor`";
        let outcome = self.house.dispatcher.answer(inbound).await;
        if self.person {
            self.terminal.end_line().await.ok();
        }
        match outcome {
            Ok(Outcome::Answered) => Ok(()),
            Ok(Outcome::Kept) => Err(Failure::new("the message could not be answered now", hint)),
            Err(error) => Err(because("the message could not be stored", &error, hint)),
        }
    }

    /// Forgets the session without a word on standard output.
    async fn forget(&self) -> Result<(), Failure> {
        let mut reset = self.inbound("");
        reset.event = InboundEvent::Command {
            command: Command::Reset,
        };
        self.house
            .dispatcher
            .forget(reset)
            .await
            .map_err(|error| because("the session cannot be forgotten", &error, ""))
    }

    fn welcome(&self) {
        if self.person {
            let company = &self.house.engine.knowledge.catalog().company.name;
            output::note(&format!(
                "You are talking to {company}. /help says what it can do; Ctrl-D ends.\n"
            ));
        }
    }

    fn prompt(&self) {
        if self.person {
            output::note("\nyou> ");
        }
    }
}

/// One line, or `None` at the end. Bytes that are no text become replacement characters; a line
/// over [`LINE_BYTES`] is cut.
pub(super) async fn read_line(
    input: &mut BufReader<tokio::io::Stdin>,
) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    loop {
        let buffer = input.fill_buf().await?;
        if buffer.is_empty() {
            return Ok((!line.is_empty()).then(|| text(&line)));
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(buffer.len(), |end| end + 1);
        let room = LINE_BYTES.saturating_sub(line.len());
        line.extend(buffer.iter().take(end.unwrap_or(used)).take(room));
        input.consume(used);
        if end.is_some() {
            return Ok(Some(text(&line)));
        }
    }
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).into_owned()
}
