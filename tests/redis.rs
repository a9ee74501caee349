//! A real redis-server on a free port of 127.0.0.1, with its data in a temporary folder. It ends
//! with its value, and also when the test process is killed.
#![expect(
    clippy::expect_used,
    reason = "a test cannot go on without its server, and must not pass without it"
)]

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use tempfile::TempDir;

/// What redis-server prints when it can be asked.
const READY: &str = "Ready to accept connections";

/// A server that is not ready by now will not be.
const START_LIMIT: Duration = Duration::from_secs(20);

/// Runs a command until this process's end of the pipe closes, however that comes about.
const GUARD: &str = r#""$@" & server=$!; exec > /dev/null; cat; kill "$server"; wait "$server""#;

/// The line that installs what a test misses.
pub const INSTALL: &str = "apt-get install -y redis-server";

/// A server with its data.
pub struct RedisServer {
    port: u16,
    password: Option<String>,
    tls: bool,
    folder: TempDir,
    running: Option<Child>,
}

impl RedisServer {
    /// A server without a password.
    pub fn start() -> Self {
        Self::with(None, false)
    }

    /// A server that speaks TLS alone, with a certificate of an authority that nobody else knows.
    pub fn with_tls() -> Self {
        Self::with(None, true)
    }

    /// A server that wants this password.
    pub fn with_password(password: &str) -> Self {
        Self::with(Some(password.to_owned()), false)
    }

    /// The server that the tests of this process share, each under a prefix of its own.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<RedisServer>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let server = Arc::new(Self::start());
            *shared = Arc::downgrade(&server);
            server
        })
    }

    fn with(password: Option<String>, tls: bool) -> Self {
        let mut server = Self {
            port: free_port(),
            password,
            tls,
            folder: tempfile::tempdir().expect("a temporary folder"),
            running: None,
        };
        if tls {
            server.make_certificates();
        }
        // Another process may take the free port first; then another one is tried.
        for _ in 0..5 {
            if server.start_again() {
                return server;
            }
            server.port = free_port();
        }
        unreachable!("redis-server does not start on any of five free ports")
    }

    /// The URL, without the password.
    pub fn url(&self) -> String {
        let scheme = if self.tls { "rediss" } else { "redis" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// In PEM, the authority that vouches for the server of [`RedisServer::with_tls`].
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.crt")
    }

    fn make_certificates(&self) {
        const STEPS: [&str; 3] = [
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
             -subj /CN=authority -keyout ca.key -out ca.crt",
            "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=redis \
             -addext subjectAltName=IP:127.0.0.1 -keyout redis.key -out redis.csr",
            "x509 -req -in redis.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 \
             -copy_extensions copy -out redis.crt",
        ];
        for step in STEPS {
            let made = Command::new("openssl")
                .args(step.split_whitespace())
                .current_dir(self.folder.path())
                .output()
                .expect("openssl is there: apt-get install -y openssl");
            assert!(
                made.status.success(),
                "openssl {step}: {}",
                String::from_utf8_lossy(&made.stderr)
            );
        }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server's process, by its own word.
    pub fn process(&self) -> io::Result<u32> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.write_all(b"INFO server\r\nQUIT\r\n")?;
        let mut told = String::new();
        stream.read_to_string(&mut told)?;
        let process = told.lines().find_map(|it| it.strip_prefix("process_id:"));
        let process = process.and_then(|it| it.trim().parse().ok());
        process.ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// Stops the server; its data stay.
    pub fn stop(&mut self) {
        if let Some(mut guard) = self.running.take() {
            drop(guard.stdin.take());
            guard.wait().expect("redis-server ends");
        }
    }

    /// Starts the server on its port and its data; whether it is ready.
    pub fn start_again(&mut self) -> bool {
        self.stop();
        let mut guard = self.command().spawn().expect("a shell for redis-server");
        let output = guard.stdout.take().expect("the server's output");
        self.running = Some(guard);
        wait_until_ready(output)
    }

    fn command(&self) -> Command {
        let port = self.port.to_string();
        let folder = self.folder.path().to_string_lossy().into_owned();
        let mut command = Command::new("sh");
        command
            .args(["-c", GUARD, "guard", &program()])
            .args(["--bind", "127.0.0.1", "--dir", &folder])
            .args([
                "--save",
                "",
                "--appendonly",
                "yes",
                "--appendfsync",
                "everysec",
            ])
            .args(["--daemonize", "no", "--logfile", ""]);
        if self.tls {
            let file = |name: &str| format!("{folder}/{name}");
            command
                .args(["--port", "0", "--tls-port", &port])
                .args(["--tls-cert-file", &file("redis.crt")])
                .args(["--tls-key-file", &file("redis.key")])
                .args(["--tls-ca-cert-file", &file("ca.crt")])
                .args(["--tls-auth-clients", "no"]);
        } else {
            command.args(["--port", &port]);
        }
        if let Some(password) = &self.password {
            command.args(["--requirepass", password]);
        }
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A key prefix that no other test of this process has.
pub fn fresh_prefix() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("test{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The program's name, once it is known to be there.
fn program() -> String {
    let version = Command::new("redis-server").arg("--version").output();
    assert!(
        version.is_ok_and(|output| output.status.success()),
        "redis-server is missing, and no test passes without it; install it: {INSTALL}"
    );
    "redis-server".to_owned()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// Reads the output to its end in a thread of its own, so that the server never waits for us.
fn wait_until_ready(output: ChildStdout) -> bool {
    let (ready, is_ready) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if line.contains(READY) {
                // Nobody listens any more once the server is ready.
                ready.send(()).ok();
            }
        }
    });
    is_ready.recv_timeout(START_LIMIT).is_ok()
}
