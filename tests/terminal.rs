//! `consultant desk` in a terminal of a test: a process beside the house, whose keys are typed and
//! whose screen is read. And a program that speaks to the desk itself, and can be ruder.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a harness fails its test where it stands"
)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use consultant_channels::terminal_desk::{
    self,
    lines::{self, Lines},
    wire::{Ask, PROTOCOL, Told},
};
use tokio::{
    io::AsyncWriteExt,
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use crate::{binary::Signal, world::PATIENCE};

/// A terminal in which the desk is open.
pub struct Terminal {
    process: Child,
    keys: Option<ChildStdin>,
    screen: Arc<Mutex<String>>,
    errors: Arc<Mutex<String>>,
}

impl Terminal {
    /// Opens the desk with this program in this folder, in which the house stands.
    pub fn open(program: &str, folder: &Path, arguments: &[&str]) -> Self {
        let mut process = Command::new(program)
            .arg("desk")
            .args(arguments)
            .current_dir(folder)
            .env("CONSULTANT__DATA_DIR", folder.join("data"))
            .env("XDG_CONFIG_HOME", folder.join("no-config"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (screen, errors) = (Arc::default(), Arc::default());
        note(process.stdout.take().expect("standard output"), &screen);
        note(process.stderr.take().expect("standard error"), &errors);
        Self {
            keys: process.stdin.take(),
            process,
            screen,
            errors,
        }
    }

    /// Types a line.
    pub fn types(&mut self, line: &str) {
        let keys = self.keys.as_mut().expect("it has not ended");
        keys.write_all(format!("{line}\n").as_bytes())
            .and_then(|()| keys.flush())
            .expect("the terminal reads");
    }

    /// All that stands on the screen.
    pub fn shows(&self) -> String {
        let screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        screen.clone()
    }

    /// Waits until these words stand on the screen; returns all of it.
    pub async fn wait_for(&self, words: &str) -> String {
        let waiting = async {
            while !self.shows().contains(words) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            self.shows()
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        waited.unwrap_or_else(|_| panic!("no {words:?} on the screen:\n{}", self.shows()))
    }

    /// Ends it with Ctrl-D, or waits until it has ended by itself; the exit code and what stands on
    /// standard error.
    pub async fn ends(mut self) -> (Option<i32>, String) {
        drop(self.keys.take());
        self.wait_until_over().await;
        let code = self.process.wait().expect("its state").code();
        let errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        (code, errors.clone())
    }

    /// Waits until it has ended by itself, with its keys untouched.
    pub async fn wait_until_over(&mut self) {
        let waiting = async {
            while self.process.try_wait().expect("its state").is_none() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let over = tokio::time::timeout(PATIENCE, waiting).await;
        over.expect("the terminal ends");
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.process.id()).expect("a process id");
        let id = rustix::process::Pid::from_raw(id).expect("a process id");
        rustix::process::kill_process(id, signal).expect("the process is there");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Keeps what a process writes.
fn note(from: impl Read + Send + 'static, noted: &Arc<Mutex<String>>) {
    let noted = Arc::clone(noted);
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
            noted.push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    });
}

/// Somebody who speaks to the desk without `consultant desk`.
pub struct Raw {
    told: Lines<OwnedReadHalf>,
    out: OwnedWriteHalf,
}

impl Raw {
    /// Comes in under this name, to the house of this folder.
    pub async fn comes(folder: &Path, account: &str) -> Self {
        let desk = folder.join("data").join(terminal_desk::FOLDER);
        let stream = UnixStream::connect(terminal_desk::socket_in(&desk)).await;
        let (read, out) = stream.expect("the desk is open").into_split();
        let mut raw = Self {
            told: Lines::new(read, usize::MAX),
            out,
        };
        let account = account.to_owned();
        let protocol = PROTOCOL;
        raw.asks(&Ask::Come { account, protocol }).await;
        raw
    }

    /// Asks something. Whoever is turned away may be hung up on meanwhile.
    pub async fn asks(&mut self, ask: &Ask) {
        lines::write(&mut self.out, ask).await.ok();
    }

    /// Sends anything. Whoever is rude may be hung up on meanwhile.
    pub async fn sends(&mut self, text: &str) {
        self.out.write_all(text.as_bytes()).await.ok();
    }

    /// What is told next; `None` once nothing more is. It is not confirmed.
    pub async fn hears(&mut self) -> Option<Told> {
        let line = tokio::time::timeout(PATIENCE, self.told.next()).await;
        let line = line.expect("something is told").expect("the desk is there");
        line.map(|it| serde_json::from_str(&it).expect("what the desk tells"))
    }

    /// Confirms whatever is told until this is.
    pub async fn hears_until(&mut self, ready: impl Fn(&Told) -> bool) -> Told {
        loop {
            let told = self.hears().await.expect("the desk is there");
            if let Told::Line { receipt, .. } | Told::Opened { receipt, .. } = &told {
                let receipt = *receipt;
                self.asks(&Ask::Shown { receipt }).await;
            }
            if ready(&told) {
                return told;
            }
        }
    }
}
