//! The process under test: started, listened to, ended and started again, as an operator's
//! supervisor would, until it is told that this was the last time.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use consultant_tests::discord::TOKEN;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::{mpsc, watch},
};

use super::{
    director::Director,
    plan::Plan,
    reporter::LOST,
    scene::{Scene, terminate},
    serve::CLOCK_OFF_BY,
};

/// After an end that nobody ordered, so that a process that cannot start does not spin.
const PAUSE_AFTER_AN_END: Duration = Duration::from_millis(200);

/// What the house answers from.
const CATALOG: &str = include_str!("catalog.yaml");
const FAQ: &str = include_str!("faq.yaml");
const PLAYBOOK: &str = include_str!("playbook.rhai");

/// How to start it.
pub(super) struct Manner {
    program: PathBuf,
    folder: PathBuf,
    environment: Vec<(String, String)>,
}

/// The handle of the process under test.
pub(super) struct House {
    kills: mpsc::UnboundedSender<()>,
    status: watch::Receiver<Status>,
    clock_off_by: Arc<AtomicI64>,
    last: Arc<AtomicBool>,
}

/// What is known of the process.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Status {
    /// How many processes have ended.
    pub(super) ended: usize,
    /// How many of them ended without an order.
    pub(super) by_itself: usize,
    pub(super) process: Option<u32>,
}

impl Manner {
    /// Writes the company's files into the folder.
    pub(super) fn prepare(plan: &Plan, scene: &Scene, folder: &Path) -> anyhow::Result<Self> {
        let file = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::write(&path, text).map(|()| path.display().to_string())
        };
        if let Some(desk) = &scene.desk {
            desk.write(folder)?;
        }
        // All rooms of a desk are in one group, in which Telegram takes 20 messages a minute.
        let paced = scene.desk.is_none().to_string();
        let quiet = plan.quiet.as_millis().to_string();
        let environment = [
            ("COMPANY__CATALOG", file("catalog.yaml", CATALOG)?),
            ("COMPANY__FAQ", file("faq.yaml", FAQ)?),
            ("COMPANY__PLAYBOOK", file("playbook.rhai", PLAYBOOK)?),
            ("MODEL__ENABLED", "false".to_owned()),
            ("STORE__URL", scene.store.url()),
            ("DATA_DIR", folder.join("data").display().to_string()),
            ("MODELS_DIR", folder.join("models").display().to_string()),
            ("TELEGRAM__TOKEN", scene.telegram.token().to_owned()),
            ("TELEGRAM__API_URL", scene.telegram.url().to_owned()),
            ("TELEGRAM__PACED", paced),
            ("TELEGRAM__QUIET_PERIOD_MS", quiet.clone()),
            ("DISCORD__TOKEN", TOKEN.to_owned()),
            ("DISCORD__API_URL", scene.discord.api_url()),
            ("DISCORD__GATEWAY_URL", scene.discord.gateway_url()),
            ("DISCORD__QUIET_PERIOD_MS", quiet),
            ("DISCORD__WATCHDOG_SECONDS", "5".to_owned()),
            ("REPLY__TURNS_PER_MINUTE", "600".to_owned()),
        ];
        let environment = environment.into_iter().chain(webhook(plan)?);
        let environment = environment.map(|(key, value)| (format!("CONSULTANT__{key}"), value));
        Ok(Self {
            program: std::env::current_exe().context("the path of this program")?,
            folder: folder.to_owned(),
            environment: environment.collect(),
        })
    }

    /// A process. Under a full disk it shall meet errors and not a signal, as on a real one.
    fn start(&self, number: usize, clock_off_by: i64) -> anyhow::Result<Child> {
        let log = self.folder.join(format!("serve-{number}.log"));
        Command::new("sh")
            .args(["-c", r#"trap "" XFSZ; exec "$@""#, "sh"])
            .arg(&self.program)
            .arg("serve")
            .current_dir(&self.folder)
            .env_clear()
            .env("HOME", &self.folder)
            .env(CLOCK_OFF_BY, clock_off_by.to_string())
            .envs(self.environment.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(log)?)
            .kill_on_drop(true)
            .spawn()
            .context("the process under test")
    }
}

/// Where Telegram calls, if it does: on a port that is free now, for each process of the schedule.
fn webhook(plan: &Plan) -> anyhow::Result<Vec<(&'static str, String)>> {
    if !plan.webhook {
        return Ok(Vec::new());
    }
    let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    Ok(vec![
        ("TELEGRAM__WEBHOOK_URL", format!("http://{address}/calls")),
        ("TELEGRAM__WEBHOOK_LISTEN", address.to_string()),
        ("TELEGRAM__WEBHOOK_SECRET", "what-only-both-know".to_owned()),
    ])
}

impl House {
    /// Starts the process, and keeps one running until [`House::close`].
    pub(super) fn open(manner: Manner, director: Arc<Director>) -> Self {
        let (kills, ordered) = mpsc::unbounded_channel();
        let (tell, status) = watch::channel(Status::default());
        let clock_off_by = Arc::new(AtomicI64::new(0));
        let last = Arc::new(AtomicBool::new(false));
        let keeper = Keeper {
            manner,
            director,
            tell,
            clock_off_by: Arc::clone(&clock_off_by),
            last: Arc::clone(&last),
        };
        tokio::spawn(keeper.keep(ordered));
        Self {
            kills,
            status,
            clock_off_by,
            last,
        }
    }

    pub(super) fn status(&self) -> Status {
        *self.status.borrow()
    }

    /// `kill -9`; returns when the process is gone. The next one's clock is off by these seconds.
    pub(super) async fn kill(&self, clock_off_by: i64) {
        self.clock_off_by.store(clock_off_by, Ordering::SeqCst);
        let before = self.status().ended;
        self.kills.send(()).ok();
        self.wait_for_end(before).await;
    }

    /// SIGTERM; returns at once.
    pub(super) async fn terminate(&self) -> anyhow::Result<()> {
        match self.status().process {
            Some(process) => terminate(process).await,
            None => Ok(()),
        }
    }

    /// SIGTERM, and waits for the end; another process starts.
    pub(super) async fn restart(&self, limit: Duration) -> anyhow::Result<()> {
        let before = self.status().ended;
        self.terminate().await?;
        tokio::time::timeout(limit, self.wait_for_end(before))
            .await
            .context("the process does not stop on SIGTERM")
    }

    /// SIGTERM, and no other process.
    pub(super) async fn close(&self, limit: Duration) -> anyhow::Result<()> {
        self.last.store(true, Ordering::SeqCst);
        self.restart(limit).await
    }

    async fn wait_for_end(&self, before: usize) {
        let mut status = self.status.clone();
        // An error says that the keeper is gone, and with it the process.
        status.wait_for(|now| now.ended > before).await.ok();
    }
}

/// Keeps one process running.
struct Keeper {
    manner: Manner,
    director: Arc<Director>,
    tell: watch::Sender<Status>,
    clock_off_by: Arc<AtomicI64>,
    last: Arc<AtomicBool>,
}

impl Keeper {
    async fn keep(self, mut ordered: mpsc::UnboundedReceiver<()>) {
        let mut status = Status::default();
        loop {
            let clock_off_by = self.clock_off_by.load(Ordering::SeqCst);
            let mut child = match self.manner.start(status.ended, clock_off_by) {
                Ok(child) => child,
                Err(error) => return self.director.note(&format!("no start: {error:#}")),
            };
            status.process = child.id();
            self.tell.send_replace(status);
            let streams = (child.stdin.take(), child.stdout.take());
            let listening = tokio::spawn(listen(streams, Arc::clone(&self.director)));
            let how = end_of(&mut child, &mut ordered).await;
            listening.abort();
            self.director.process_ended(&how);
            status.ended += 1;
            status.process = None;
            let unwell = how == "by itself, with an error";
            status.by_itself += usize::from(unwell);
            self.tell.send_replace(status);
            if self.last.load(Ordering::SeqCst) {
                return;
            }
            if unwell {
                tokio::time::sleep(PAUSE_AFTER_AN_END).await;
            }
        }
    }
}

/// Waits for the process's end, or brings it about.
async fn end_of(child: &mut Child, ordered: &mut mpsc::UnboundedReceiver<()>) -> String {
    // What was ordered for the process before is done.
    while ordered.try_recv().is_ok() {}
    tokio::select! {
        ended = child.wait() => match ended {
            Ok(status) if status.success() => "in order".to_owned(),
            _ => "by itself, with an error".to_owned(),
        },
        _ = ordered.recv() => {
            child.kill().await.ok();
            "by kill -9".to_owned()
        }
    }
}

/// Brings the process's step markers to the director, and its permissions back.
async fn listen(streams: (Option<ChildStdin>, Option<ChildStdout>), director: Arc<Director>) {
    let (Some(input), Some(output)) = streams else {
        return;
    };
    let (permit, permits) = mpsc::unbounded_channel();
    tokio::spawn(permit_all(input, permits));
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut words = line.splitn(3, ' ').map(str::to_owned);
        let (Some(id), Some(step)) = (words.next(), words.next()) else {
            continue;
        };
        let place = words.next().unwrap_or_default();
        let (director, permit) = (Arc::clone(&director), permit.clone());
        tokio::spawn(async move {
            let lost = director.step(&step, &place).await.answer_lost;
            let word = if lost { LOST } else { "go" };
            // A process that was killed at this step needs no permission.
            permit.send(format!("{id} {word}")).ok();
        });
    }
}

async fn permit_all(mut input: ChildStdin, mut permits: mpsc::UnboundedReceiver<String>) {
    while let Some(id) = permits.recv().await {
        let told = input.write_all(format!("{id}\n").as_bytes()).await;
        if told.is_err() {
            return;
        }
    }
}
