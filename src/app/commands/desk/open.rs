//! The desk in this terminal: what is typed goes to the bot, and what the bot tells is shown, line by
//! line. Something is confirmed only once it is written to standard output, so that whatever a terminal
//! takes with it when it dies is shown to the next one.

use std::{
    io::{ErrorKind, IsTerminal},
    process::ExitCode,
    time::Duration,
};

use consultant_channels::terminal_desk::{
    lines::{self, Lines, json_line},
    wire::{Ask, LINE_BYTES, PROTOCOL, Told},
};
use consultant_core::ports::Clock;
use tokio::{
    io::{AsyncWriteExt, Stdin, Stdout},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{
    connect::{Incoming, Outgoing, connect},
    screen,
    talk::{Step, Talk, receipt_of, with_a_name},
    typed::read,
};
use crate::{
    cli::DeskOpenArgs,
    clock::SystemClock,
    config::Config,
    failure::{Failure, because},
    output,
};

/// How long the end waits until all that was typed is known to be stored.
const PATIENCE_AT_THE_END: Duration = Duration::from_secs(30);

/// Stands for "never" in a select: longer than anybody sits there.
const NEVER: Duration = Duration::from_hours(24 * 365);

/// Opens the desk, until there is nothing more to be typed.
pub(super) async fn run(
    args: &DeskOpenArgs,
    config: &Config,
    login: &str,
) -> Result<ExitCode, Failure> {
    let account = args.account.as_deref().unwrap_or(login);
    let (incoming, outgoing) = connect(config).await?;
    let is_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let mut terminal = Terminal {
        told: Lines::new(incoming, 2 * LINE_BYTES),
        out: outgoing,
        typed: typed(),
        screen: tokio::io::stdout(),
        talk: Talk::default(),
        json: args.json,
        prompts: is_terminal && !args.json,
        interrupted: on_ctrl_c(),
    };
    let account = account.to_owned();
    let protocol = PROTOCOL;
    terminal.send(&Ask::Come { account, protocol }).await?;
    terminal.talk().await
}

/// What is typed, or piped. What somebody has begun to type when they leave goes to nobody.
fn typed() -> Lines<Stdin> {
    let lines = Lines::new(tokio::io::stdin(), LINE_BYTES);
    if std::io::stdin().is_terminal() {
        return lines;
    }
    lines.with_a_last_half()
}

/// Cancelled by Ctrl-C.
fn on_ctrl_c() -> CancellationToken {
    let interrupted = CancellationToken::new();
    let token = interrupted.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            token.cancel();
        }
    });
    interrupted
}

/// What a line of the bot says; that it turns this terminal away is the end.
fn understood(line: &str) -> Result<Told, Failure> {
    match serde_json::from_str(line) {
        Ok(Told::TurnedAway { why, hint }) => Err(Failure::new(why, hint)),
        Ok(told) => Ok(told),
        Err(error) => {
            let hint = "run `consultant desk` of the same version as `consultant serve`";
            Err(because("the bot cannot be understood", &error, hint))
        }
    }
}

/// This terminal.
struct Terminal {
    told: Lines<Incoming>,
    out: Outgoing,
    typed: Lines<Stdin>,
    screen: Stdout,
    talk: Talk,
    json: bool,
    /// Whether a person sits here, who wants to see which room is open.
    prompts: bool,
    interrupted: CancellationToken,
}

/// What happened.
enum Happened {
    Told(Option<String>),
    Typed(Option<String>),
    Interrupted,
    WaitedEnough,
}

impl Terminal {
    async fn talk(&mut self) -> Result<ExitCode, Failure> {
        let mut ends_at: Option<Instant> = None;
        loop {
            if ends_at.is_some() && self.talk.is_settled() {
                return Ok(ExitCode::SUCCESS);
            }
            match self.next(ends_at).await? {
                Happened::Told(Some(line)) => self.hear(&line).await?,
                Happened::Told(None) | Happened::WaitedEnough => return Err(self.left_alone()),
                Happened::Typed(line) => {
                    let ends = self.obey(line).await?;
                    ends_at = ends.then(|| Instant::now() + PATIENCE_AT_THE_END);
                }
                Happened::Interrupted => return Ok(ExitCode::SUCCESS),
            }
        }
    }

    async fn next(&mut self, ends_at: Option<Instant>) -> Result<Happened, Failure> {
        // What a person types means what it does once what they typed before is done: which room is
        // open, which message is the newest.
        let reads = ends_at.is_none() && (self.json || self.talk.is_settled());
        let end = ends_at.unwrap_or_else(|| Instant::now() + NEVER);
        tokio::select! {
            told = self.told.next() => match told {
                Ok(told) => Ok(Happened::Told(told)),
                Err(error) if error.kind() == ErrorKind::InvalidData => {
                    Err(because("the bot cannot be understood", &error, "start it anew"))
                }
                Err(_gone) => Ok(Happened::Told(None)),
            },
            typed = self.typed.next(), if reads => match typed {
                Ok(typed) => Ok(Happened::Typed(typed)),
                Err(error) => Err(because("standard input", &error, "write shorter lines")),
            },
            () = self.interrupted.cancelled() => Ok(Happened::Interrupted),
            () = tokio::time::sleep_until(end) => Ok(Happened::WaitedEnough),
        }
    }

    /// Shows what was told, and confirms it.
    async fn hear(&mut self, line: &str) -> Result<(), Failure> {
        let told = understood(line)?;
        let heard = self.talk.hears(&told);
        if !heard.is_known {
            let text = if self.json {
                json_line(&told)
            } else {
                screen::shown(&told, heard.earlier.as_deref(), SystemClock.now())
            };
            self.show(&text).await?;
        }
        match receipt_of(&told) {
            Some(receipt) => self.send(&Ask::Shown { receipt }).await,
            None => Ok(()),
        }
    }

    /// Does what was typed; whether it ends with that.
    async fn obey(&mut self, line: Option<String>) -> Result<bool, Failure> {
        let Some(line) = line else {
            return Ok(true);
        };
        if self.json {
            return self.obey_program(&line).await.map(|()| false);
        }
        match self.talk.typed(read(&line)) {
            Step::Nothing => self.show("").await?,
            Step::Ask(ask) => self.send(&ask).await?,
            Step::Tell(text) => self.show(&text).await?,
            Step::Both(text, ask) => {
                self.show(text).await?;
                self.send(&ask).await?;
            }
            Step::End => return Ok(true),
        }
        Ok(false)
    }

    async fn obey_program(&mut self, line: &str) -> Result<(), Failure> {
        if line.trim().is_empty() {
            return Ok(());
        }
        match serde_json::from_str::<Ask>(line) {
            Ok(ask) => match with_a_name(ask) {
                Some(ask) => {
                    self.talk.asks(&ask);
                    self.send(&ask).await
                }
                None => Ok(()),
            },
            Err(error) => {
                let told = Told::NotTaken {
                    id: String::new(),
                    why: error.to_string(),
                    hint: "docs/desk.md shows what can be asked".to_owned(),
                };
                self.show(&json_line(&told)).await
            }
        }
    }

    async fn send(&mut self, ask: &Ask) -> Result<(), Failure> {
        if lines::write(&mut self.out, ask).await.is_ok() {
            return Ok(());
        }
        // It has hung up, and may have said why.
        while let Ok(Some(line)) = self.told.next().await {
            understood(&line)?;
        }
        Err(self.left_alone())
    }

    /// Writes to standard output; it returns when whoever reads it has it.
    async fn show(&mut self, text: &str) -> Result<(), Failure> {
        if self.prompts && !text.is_empty() {
            output::note("\r\u{1b}[K");
        }
        let written = async {
            self.screen.write_all(text.as_bytes()).await?;
            self.screen.flush().await
        };
        written
            .await
            .map_err(|error| because("standard output", &error, "nobody reads it any more"))?;
        if self.prompts {
            let room = self.talk.room.map(|it| it.to_string());
            output::note(&format!("{}> ", room.unwrap_or_default()));
        }
        Ok(())
    }

    /// The bot is gone, or silent.
    fn left_alone(&self) -> Failure {
        let unsure = match self.talk.unsure() {
            0 => String::new(),
            count => format!(
                "; of what you wrote, the last {} may not be stored",
                output::counted(count, "line")
            ),
        };
        Failure::new(
            format!("the bot has gone{unsure}"),
            "start it with `consultant serve`, then open the desk again: what was not shown yet is \
             shown then",
        )
    }
}
