//! The door of the desk in terminals: who can come in, which process holds it, and what whoever finds
//! none is told.

use std::{os::unix::fs::PermissionsExt, sync::Arc};

use consultant_app::clock::SystemClock;
use consultant_channels::{
    ChannelError,
    terminal_desk::{self, TerminalDesk, TerminalDeskHouse, TerminalDeskSettings},
};
use consultant_core::{desk::DeskBook, ports::Clock};
use consultant_store::{MediaFolder, MemoryStore, StoreSettings};
use consultant_tests::{binary::Operator, telegram::TelegramDouble, terminal::Terminal};

use super::{BOTH, LIGHT, opens_room};

#[test]
fn whoever_opens_a_desk_that_is_not_there_is_told_what_to_do() {
    let operator = Operator::of(LIGHT);
    let ran = operator.runs(&["desk"], "");
    assert_eq!(ran.code(), 2);
    insta::assert_snapshot!(ran.stderr(), @r#"
    error: no desk is in a terminal
      hint: write `terminal: here` under `desks` in config/desk.yaml, `terminal: NAME` for each agent who works there, and start `consultant serve` anew
    "#);
    operator.writes("config/desk.yaml", BOTH);
    let ran = operator.runs(&["desk", "--as", "mia"], "");
    assert_eq!(ran.code(), 1);
    let folder = operator.folder().display().to_string();
    insta::assert_snapshot!(ran.stderr().replace(&folder, "…"), @r#"
    error: no bot serves the desk at …/data/desk/desk.sock: No such file or directory (os error 2)
      hint: start it with `consultant serve`, with the same data_dir; one that runs since before `terminal: here` was written must be started anew
    "#);
    drop(operator.runs(&["check"], "").well());
    operator.writes("config/desk.yaml", "desks: {terminal: there}\nagents: {}\n");
    let ran = operator.runs(&["check"], "");
    assert_eq!(ran.code(), 1);
    let told = format!("{}{}", ran.stdout(), ran.stderr());
    assert!(told.contains("`there` is no place of a desk"), "{told}");
}

/// A desk in this folder, over a store in memory.
fn desk_in(folder: &std::path::Path) -> Result<TerminalDesk, ChannelError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let settings = TerminalDeskSettings {
        folder: folder.to_owned(),
        max_file_bytes: 1,
        kept_at: Arc::new(|_, _| std::path::PathBuf::new()),
    };
    let house = TerminalDeskHouse {
        store: Arc::new(MemoryStore::new(
            &StoreSettings::default(),
            Arc::clone(&clock),
        )),
        desks: DeskBook::default(),
        media: Arc::new(MediaFolder::new(folder.join("media"))),
        clock,
    };
    TerminalDesk::open(settings, house)
}

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn only_the_owner_can_come_in_and_one_process_serves() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("data/desk");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    let desk = desk_in(&folder).unwrap();
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&terminal_desk::socket_in(&folder)), 0o600);
    let again = desk_in(&folder).err().unwrap().to_string();
    assert!(again.contains("another process serves"), "{again}");
    drop(desk);
    assert!(!terminal_desk::socket_in(&folder).exists());
    assert!(desk_in(&folder).is_ok());
}

#[tokio::test]
async fn what_a_dead_process_left_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let socket = terminal_desk::socket_in(folder.path());
    drop(tokio::net::UnixListener::bind(&socket).unwrap());
    assert!(tokio::net::UnixStream::connect(&socket).await.is_err());
    let desk = desk_in(folder.path()).unwrap();
    assert!(tokio::net::UnixStream::connect(&socket).await.is_ok());
    drop(desk);
}

#[tokio::test]
async fn a_path_that_no_socket_can_have_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("a".repeat(120));
    let error = desk_in(&long).err().unwrap();
    assert!(error.to_string().contains("desk.sock"), "{error}");
    assert!(error.hint().contains("data_dir"), "{}", error.hint());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_bot_over_the_same_folder_does_not_start() {
    let telegram = TelegramDouble::start().await;
    let operator = Operator::of(LIGHT)
        .with("CONSULTANT__MODEL__ENABLED", "false")
        .with("CONSULTANT__TELEGRAM__TOKEN", telegram.token())
        .with("CONSULTANT__TELEGRAM__API_URL", telegram.url());
    operator.writes("config/desk.yaml", BOTH);
    let serving = operator.serves();
    serving.logs("serving").await;
    let ran = operator.runs(&["serve"], "");
    assert_eq!(ran.code(), 1);
    assert!(
        ran.stderr().contains("another process serves"),
        "{}",
        ran.stderr()
    );
    // The first one does not notice.
    let ran = operator
        .runs(&["desk", "--as", "tom"], "/rooms\n/help\n")
        .well();
    assert!(
        ran.stdout().contains("You are Tom. Nobody waits."),
        "{}",
        ran.stdout()
    );
    serving.kill();
    let ran = operator.runs(&["desk", "--as", "tom"], "");
    assert!(
        ran.stderr().contains("no bot serves the desk"),
        "{}",
        ran.stderr()
    );
    let serving = operator.serves();
    serving.logs("serving").await;
    drop(operator.runs(&["desk", "--as", "tom"], "").well());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_plays_the_customer_in_a_terminal_sees_no_desk_and_who_is_erased_has_no_room() {
    let telegram = TelegramDouble::start().await;
    let operator = Operator::of(LIGHT)
        .with("CONSULTANT__MODEL__ENABLED", "false")
        .with("CONSULTANT__TELEGRAM__TOKEN", telegram.token())
        .with("CONSULTANT__TELEGRAM__API_URL", telegram.url());
    operator.writes("config/desk.yaml", BOTH);
    let said = "I want to talk to a person\n";
    let ran = operator
        .runs(&["chat", "--session", "here#r1"], said)
        .well();
    assert!(
        ran.stdout().contains("A colleague will write"),
        "{}",
        ran.stdout()
    );
    assert!(!ran.stdout().contains("Why:"), "{}", ran.stdout());

    let serving = operator.serves();
    serving.logs("serving").await;
    let mut mia = Terminal::open(LIGHT, operator.folder(), &["--as", "mia"]);
    opens_room(&mut mia).await;
    let erase = ["customer", "erase", "terminal:here#r1", "--yes"];
    drop(operator.runs(&erase, "").well());
    mia.types("/room 1");
    mia.wait_for("there is no room 1").await;
    mia.types("Hello?");
    mia.types("/rooms all");
    mia.wait_for("/rooms names those that there are)\nNobody waits.")
        .await;
    assert_eq!(mia.shows().matches("there is no room 1").count(), 2);
    assert_eq!(mia.ends().await, (Some(0), String::new()));
}
