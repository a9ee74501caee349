//! The release binary, or the light one of this package, driven as an operator drives it.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a harness fails its test where it stands"
)]

use std::{
    ffi::OsString,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use tempfile::TempDir;

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
    /// An operator of this program.
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

    /// Starts a command and lets it run.
    pub fn start(&self, arguments: &[&str]) -> Child {
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
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.program.display()))
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
