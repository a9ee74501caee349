//! The release binary, or the light one of this package, driven as an operator drives it.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a harness fails its test where it stands, and shows what it saw"
)]

use std::{
    ffi::OsString,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Output, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

pub use rustix::process::Signal;
use tempfile::TempDir;

/// How long anything may take on a busy machine. It bounds a hang, it measures nothing.
const PATIENCE: Duration = Duration::from_mins(2);

/// Between two looks.
const A_LITTLE: Duration = Duration::from_millis(20);

/// A folder of its own, in which `consultant` runs with nothing but what a test configures.
pub struct Operator {
    program: PathBuf,
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Default for Operator {
    /// An operator of the release binary.
    fn default() -> Self {
        Self::of(path())
    }
}

impl Operator {
    /// An operator of this program, without a sentence encoder: most tests are about something else,
    /// and an unoptimised one is slow.
    pub fn of(program: impl Into<PathBuf>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = folder.path().join("data").to_string_lossy().into_owned();
        let nowhere = folder.path().join("no-config").display().to_string();
        Self {
            program: program.into(),
            folder,
            environment: vec![
                ("CONSULTANT__DATA_DIR".to_owned(), data),
                ("XDG_CONFIG_HOME".to_owned(), nowhere),
                ("CONSULTANT__ENCODER__MODE".to_owned(), "never".to_owned()),
            ],
        }
    }

    /// Sets a variable for every later command.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// The folder in which the commands run.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into the folder.
    pub fn writes(&self, name: &str, text: &str) {
        let path = self.folder().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        std::fs::write(path, text).expect("the file is written");
    }

    /// Writes the demo's catalogue and reviewed answers as the operator's own.
    pub fn writes_demo_facts(&self) {
        self.writes(
            "config/catalog.yaml",
            include_str!("../config/catalog.yaml"),
        );
        self.writes("config/faq.yaml", include_str!("../config/faq.yaml"));
    }

    /// Runs a command to its end with this standard input.
    pub fn runs(&self, arguments: &[&str], input: &str) -> Ran {
        let mut process = self.start(arguments);
        let mut stdin = process.stdin.take().expect("standard input");
        let input = input.to_owned();
        let writer = std::thread::spawn(move || {
            // A command that does not read is no failure.
            stdin.write_all(input.as_bytes()).ok();
        });
        let output = process.wait_with_output().expect("the command ends");
        writer.join().expect("the input is written");
        Ran(output)
    }

    /// Starts `serve`; it is killed when what is returned is dropped.
    pub fn serves(&self) -> Serving {
        self.serves_with(&[])
    }

    /// Starts `serve` with more variables than other commands.
    pub fn serves_with(&self, environment: &[(&str, &str)]) -> Serving {
        Serving::of(self.command(&["serve"]).envs(environment.iter().copied()))
    }

    /// Starts a command and lets it run.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.program.display()))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        for name in settings_of_this_process() {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .current_dir(self.folder())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

/// A running `serve`, killed when it is dropped.
pub struct Serving {
    process: Child,
    log: Arc<Mutex<String>>,
}

impl Serving {
    fn of(command: &mut Command) -> Self {
        let mut process = command.spawn().expect("the program starts");
        let stderr = process.stderr.take().expect("standard error");
        let log = Arc::new(Mutex::new(String::new()));
        let noted = Arc::clone(&log);
        // Read to its end, so that the process never waits for us.
        std::thread::spawn(move || note_lines(stderr, &noted));
        Self { process, log }
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.process.id()).expect("a process id");
        let id = rustix::process::Pid::from_raw(id).expect("a process id");
        rustix::process::kill_process(id, signal).expect("the process is there");
    }

    /// Waits until it has logged this.
    pub async fn logs(&self, words: &str) {
        let logged = || {
            let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
            log.contains(words)
        };
        let waiting = async {
            while !logged() {
                tokio::time::sleep(A_LITTLE).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(waited.is_ok(), "it never logged {words:?}");
    }

    /// Waits until it has ended by itself; its exit code.
    pub async fn ends(mut self) -> Option<i32> {
        let waiting = async {
            while self.process.try_wait().expect("its state").is_none() {
                tokio::time::sleep(A_LITTLE).await;
            }
        };
        let ended = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(ended.is_ok(), "it does not end by itself");
        self.process.wait().expect("its state").code()
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.process.kill().expect("it is killed");
        self.process.wait().expect("it ends");
    }
}

/// Keeps what a process logs, and shows it with the test's own output.
fn note_lines(stderr: ChildStderr, noted: &Mutex<String>) {
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        eprintln!("serve: {line}");
        let mut log = noted.lock().unwrap_or_else(PoisonError::into_inner);
        log.push_str(&line);
        log.push('\n');
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// What a command printed, and how it ended.
pub struct Ran(Output);

impl Ran {
    /// Standard output.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    /// Standard error.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// The exit code; -1 when a signal ended it.
    pub fn code(&self) -> i32 {
        self.0.status.code().unwrap_or(-1)
    }

    /// Asserts that it ended well.
    #[track_caller]
    #[must_use]
    pub fn well(self) -> Self {
        assert_eq!(
            self.code(),
            0,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout(),
            self.stderr()
        );
        self
    }
}

/// The release binary: `CONSULTANT_BIN`, or `release/consultant` beside the test's own profile.
///
/// # Panics
/// If it is not there. A test of the binary never passes by not running.
pub fn path() -> PathBuf {
    let path = configured().unwrap_or_else(beside_the_tests);
    assert!(
        path.is_file(),
        "{} is not built: run `cargo build --release` first, or `make test`, which does it all",
        path.display()
    );
    path
}

/// What a developer has set for the product: no test may depend on it.
fn settings_of_this_process() -> impl Iterator<Item = OsString> {
    let names = std::env::vars_os().map(|(name, _)| name);
    names.filter(|name| name.to_string_lossy().starts_with("CONSULTANT__"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test's own setting, not the product's"
)]
fn configured() -> Option<PathBuf> {
    std::env::var_os("CONSULTANT_BIN").map(PathBuf::from)
}

fn beside_the_tests() -> PathBuf {
    let me = std::env::current_exe().expect("the path of this test");
    let target = me.ancestors().nth(3).expect("target/debug/deps/it");
    target.join("release/consultant")
}
