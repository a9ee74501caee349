//! Reading a document in a process of its own, this same program, where it can be stopped: a hostile
//! file ends that process, by its memory, its time or its stack, and never the one that serves.
//!
//! Each question is a line of JSON, `{"kind": "pdf", "bytes": 123}`, and so many bytes; each answer
//! is a line of JSON. The process serves one document after the other, and is started anew after one
//! that it did not survive.

use std::{
    ffi::OsString,
    io::{self, BufRead, BufReader, BufWriter, Read, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

use consultant_knowledge::{DocumentKind, NotRead, Parsed, parse_document};
use serde::{Deserialize, Serialize};

/// The command that the process is started with.
const COMMAND: &str = "read-documents";

/// The first line that it says, so that no other program is taken for it.
const GREETING: &str = "consultant reads documents, version 1";

/// How long one document may take.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// How long the process may take until it is there.
const START_LIMIT: Duration = Duration::from_secs(20);

/// What one document may need of memory, and the process with it, in MiB.
const MEMORY_MIB: u64 = 1024;

/// What the process may compute in all, in seconds: what is left of one that nobody stops.
const CPU_SECONDS: u64 = 600;

/// The longest answer, in bytes.
const MOST_BYTES_ANSWERED: u64 = 64 << 20;

#[derive(Debug, Serialize, Deserialize)]
struct Question {
    kind: DocumentKind,
    bytes: usize,
}

/// The process, where there is one.
#[derive(Default)]
pub(super) struct Aside(Option<Running>);

struct Running {
    child: Child,
    to: ChildStdin,
    from: Receiver<String>,
}

/// Why there was no answer.
enum Silence {
    NotStarted(io::Error),
    TooLong,
    Ended,
}

impl Aside {
    /// Parses a document there.
    pub(super) fn parse(&mut self, kind: DocumentKind, bytes: &[u8]) -> Result<Parsed, NotRead> {
        match self.ask(kind, bytes) {
            Ok(line) => {
                serde_json::from_str(&line).unwrap_or_else(|_| Err(silent(&Silence::Ended)))
            }
            Err(silence) => {
                // What does not answer is not asked again.
                self.0 = None;
                Err(silent(&silence))
            }
        }
    }

    fn ask(&mut self, kind: DocumentKind, bytes: &[u8]) -> Result<String, Silence> {
        let running = match &mut self.0 {
            Some(running) => running,
            none => none.insert(Running::start()?),
        };
        let length = bytes.len();
        let question = serde_json::to_string(&Question {
            kind,
            bytes: length,
        });
        let question = question.unwrap_or_default() + "\n";
        let sent = running.to.write_all(question.as_bytes());
        let sent = sent.and_then(|()| running.to.write_all(bytes));
        sent.and_then(|()| running.to.flush())
            .map_err(|_| Silence::Ended)?;
        running.next_line(TIME_LIMIT)
    }
}

impl Running {
    fn start() -> Result<Self, Silence> {
        let mut child = command()
            .and_then(|mut command| command.spawn())
            .map_err(Silence::NotStarted)?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Silence::Ended);
        };
        let (say, hear) = mpsc::channel();
        // Only a thread can wait for a line with a time limit. It ends with the process.
        thread::Builder::new()
            .name("documents".to_owned())
            .spawn(move || {
                let mut from = BufReader::new(from);
                while let Ok(line) = line_of(&mut from)
                    && !line.is_empty()
                    && say.send(line).is_ok()
                {}
            })
            .map_err(Silence::NotStarted)?;
        let running = Self {
            child,
            to,
            from: hear,
        };
        let greeting = running.next_line(START_LIMIT)?;
        if greeting.trim() == GREETING {
            Ok(running)
        } else {
            let message = "the program that was started is another one";
            Err(Silence::NotStarted(io::Error::other(message)))
        }
    }

    fn next_line(&self, limit: Duration) -> Result<String, Silence> {
        self.from.recv_timeout(limit).map_err(|error| match error {
            RecvTimeoutError::Timeout => Silence::TooLong,
            RecvTimeoutError::Disconnected => Silence::Ended,
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already, and then there is nothing to stop.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What a program needs to run at all. Whatever else stands in the environment may be a secret.
const NEEDED: [&str; 4] = ["PATH", "LD_LIBRARY_PATH", "SystemRoot", "TMPDIR"];

/// This program, to read documents and without its secrets.
fn command() -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg(COMMAND)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command.env_clear();
    let needed = |name: &OsString| NEEDED.iter().any(|it| name == it);
    command.envs(std::env::vars_os().filter(|(name, _)| needed(name)));
    Ok(command)
}

fn line_of(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    from.take(MOST_BYTES_ANSWERED).read_line(&mut line)?;
    Ok(line)
}

fn silent(silence: &Silence) -> NotRead {
    match silence {
        Silence::NotStarted(error) => NotRead::new(
            format!("could not be read, because no process could be started for it: {error}"),
            "restart the program; if it stays so, report it",
        ),
        Silence::TooLong => NotRead::new(
            format!(
                "takes more than {} seconds to be read",
                TIME_LIMIT.as_secs()
            ),
            "split it, print it to a new file, or save its text",
        ),
        Silence::Ended => NotRead::new(
            format!(
                "cannot be read: it is broken, nested too deep, or needs more than {MEMORY_MIB} MiB"
            ),
            "split it, print it to a new file, or save its text",
        ),
    }
}

/// What the process does: answers one question after the other, until there are no more.
pub(crate) fn answer_aside() -> io::Result<()> {
    limit_this_process();
    // What goes wrong is told in the answer; a trace of it would hold what stands in the document.
    std::panic::set_hook(Box::new(|_| {}));
    let mut from = BufReader::new(io::stdin().lock());
    let mut to = BufWriter::new(io::stdout().lock());
    writeln!(to, "{GREETING}")?;
    to.flush()?;
    loop {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let question: Question = serde_json::from_str(&line)?;
        let mut bytes = vec![0; question.bytes.min(question.kind.most_bytes())];
        from.read_exact(&mut bytes)?;
        let parse = || parse_document(question.kind, &bytes);
        let parsed = catch_unwind(AssertUnwindSafe(parse));
        let parsed = parsed.unwrap_or_else(|_| Err(silent(&Silence::Ended)));
        serde_json::to_writer(&mut to, &parsed)?;
        writeln!(to)?;
        to.flush()?;
    }
}

/// Has the system stop this process where it takes too much.
#[cfg(unix)]
fn limit_this_process() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = |most| Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    // Where a limit cannot be set, the time limit of whoever asks is left.
    setrlimit(Resource::Data, limit(MEMORY_MIB << 20)).ok();
    setrlimit(Resource::Cpu, limit(CPU_SECONDS)).ok();
    setrlimit(Resource::Core, limit(0)).ok();
}

#[cfg(not(unix))]
fn limit_this_process() {}
