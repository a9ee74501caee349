//! People at a desk in terminals, over the real socket: a customer writes to the bot on Telegram, and
//! somebody of the company answers with `consultant desk`.

use std::{os::unix::fs::PermissionsExt, sync::Arc};

use consultant_app::clock::SystemClock;
use consultant_channels::{
    ChannelError,
    terminal_desk::{
        self, TerminalDesk, TerminalDeskHouse, TerminalDeskSettings,
        wire::{Ask, Told},
    },
};
use consultant_core::{desk::DeskBook, ports::Clock};
use consultant_store::{MediaFolder, MemoryStore, StoreSettings};
use consultant_tests::{
    binary::{Operator, Signal},
    telegram::{Content, Customer, File, Seen, TelegramDouble},
    terminal::{Raw, Terminal},
    world::{World, at_any_time},
};
use regex::Regex;

const LIGHT: &str = env!("CARGO_BIN_EXE_light");

/// The beginning of a picture.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a picture";

/// The beginning of a program.
const ELF: &[u8] = &{
    let mut program = [0; 64];
    program[0] = 0x7f;
    program[1] = b'E';
    program[2] = b'L';
    program[3] = b'F';
    program
};

const BOTH: &str = "desks: {terminal: here}\nagents:\n  mia: {name: Mia, terminal: mia}\n  \
                    tom: {name: Tom, terminal: tom}\n";

/// A house with a desk in terminals, where Mia and Tom work.
async fn house() -> World {
    let mut world = World::open().await;
    world.stop().await;
    world.write_desk(BOTH);
    world.start().await;
    world
}

fn terminal(world: &World, account: &str) -> Terminal {
    Terminal::open(LIGHT, world.folder(), &["--as", account])
}

/// A customer who asks for a person.
fn asks(world: &World, name: &str) -> Customer {
    let customer = world.telegram.customer(name);
    customer.says("I want to talk to a person");
    customer
}

async fn sees(customer: &Customer, words: &str) {
    let shows = |seen: &[Seen]| seen.iter().any(|it| it.text == words);
    customer.wait_for(words, shows).await;
}

async fn no_longer_sees(customer: &Customer, words: &str) {
    let is_gone = |seen: &[Seen]| seen.iter().all(|it| it.text != words);
    customer.wait_for("it to be gone", is_gone).await;
}

fn seen(customer: &Customer) -> String {
    let seen = customer.sees().into_iter();
    let seen: Vec<String> = seen.map(|it| at_any_time(&it.text)).collect();
    seen.join("\n--\n")
}

/// Without what is another one each time: short names of customers, and times.
fn at_any_customer(text: &str) -> String {
    let name = Regex::new(r"\[(\d+) [0-9a-f]{4}\]").unwrap();
    let text = name.replace_all(text, "[$1 ….]");
    let title = Regex::new(r"· [0-9a-f]{4}\b").unwrap();
    let text = title.replace_all(&text, "· ….");
    let time = Regex::new(r"\[\d\d-\d\d \d\d:\d\d UTC\]").unwrap();
    let text = time.replace_all(&text, "[then]");
    let away = Regex::new(r"\n  │ Nobody is in at the moment[^\n]*").unwrap();
    at_any_time(&away.replace_all(&text, ""))
}

/// Opens the first room.
async fn opens_room(terminal: &mut Terminal) {
    terminal.wait_for("/room 1 opens it").await;
    terminal.types("/room 1");
    terminal.wait_for("room 1 is open").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_answers_in_a_terminal_and_hands_back() {
    let world = house().await;
    let mut mia = terminal(&world, "mia");
    mia.wait_for("You are Mia. Nobody waits.").await;
    let ann = asks(&world, "Ann");
    opens_room(&mut mia).await;
    mia.types("/take");
    mia.wait_for("Mia has the conversation now").await;
    ann.says("Is the *Halo* lamp heavy?");
    mia.wait_for("heavy?").await;
    mia.types("It weighs 2 kg_really_");
    sees(&ann, "It weighs 2 kg_really_").await;
    mia.types("// he is nice");
    mia.types("/edit It weighs 2.1 kg");
    sees(&ann, "It weighs 2.1 kg").await;
    mia.types("Wrong customer, sorry");
    sees(&ann, "Wrong customer, sorry").await;
    mia.types("/undo");
    no_longer_sees(&ann, "Wrong customer, sorry").await;
    mia.types("/bakc");
    mia.wait_for("/bakc").await;
    mia.types("/back");
    mia.wait_for("gave the conversation back").await;
    ann.says("What does delivery cost?");
    let answers = |seen: &[Seen]| seen.iter().any(|it| it.text.contains("4.90 EUR"));
    ann.wait_for("an answer of the bot", answers).await;
    insta::assert_snapshot!(seen(&ann), @r#"
    Hello! I am the AI assistant of Lumen & Loft (not a person).
    Of course. A colleague will write to you here.
    --
    Mia from Lumen & Loft is with you now.
    --
    It weighs 2.1 kg
    --
    My colleague has handed the conversation back to me, the AI assistant. What else can I do for you?
    --
    A parcel costs 4.90 EUR, furniture 29 EUR per order. From an order value of 150 EUR parcels travel free of charge.
    "#);
    world.settled().await;
    mia.types("/room 1");
    mia.types("/rooms");
    mia.wait_for("the bot answers").await;
    mia.wait_for("what you write is for it\nNobody waits.")
        .await;
    insta::assert_snapshot!(at_any_customer(&mia.shows()));
    assert_eq!(mia.ends().await, (Some(0), String::new()));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nobody_is_there_it_waits_and_a_terminal_that_dies_takes_nothing_with_it() {
    let world = house().await;
    let ann = asks(&world, "Ann");
    let told = |seen: &[Seen]| seen.iter().any(|it| it.text.contains("colleague"));
    ann.wait_for("that a colleague comes", told).await;
    ann.says("Are you there?");
    ann.says("It is about the Halo lamp");
    let passed_on = |seen: &[Seen]| seen.len() >= 2;
    ann.wait_for("an answer", passed_on).await;
    // One that takes it and shows nothing, and is gone then.
    let mut rude = Raw::comes(world.folder(), "tom").await;
    while !matches!(rude.hears().await, Some(Told::Opened { .. })) {}
    drop(rude);
    let mia = terminal(&world, "mia");
    let shows = mia.wait_for("about the Halo lamp").await;
    let at = |words: &str| {
        shows
            .find(words)
            .unwrap_or_else(|| panic!("{words}: {shows}"))
    };
    assert!(at("new: The customer asks for a person") < at("Are you there?"));
    assert!(at("Are you there?") < at("about the Halo lamp"));
    assert_eq!(shows.matches("new: ").count(), 1);
    world.settled().await;
    // A terminal that comes later is told of the room, and finds in it what was said.
    let mut tom = terminal(&world, "tom");
    tom.wait_for("normal, waiting for 0 min: The customer asks for a person")
        .await;
    let number = Regex::new(r"(?m)^\[(\d+) ").unwrap();
    let number = number.captures(&tom.shows()).unwrap()[1].to_owned();
    tom.types(&format!("/room {number}"));
    tom.wait_for("is open").await;
    let words = tom.shows();
    assert!(words.contains("It is about the Halo lamp"), "{words}");
    drop((mia, tom));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_before_a_restart_is_there_after_it_and_rooms_keep_their_numbers() {
    let mut world = house().await;
    let mut mia = terminal(&world, "mia");
    let ann = asks(&world, "Ann");
    opens_room(&mut mia).await;
    mia.types("Hello Ann");
    sees(&ann, "Hello Ann").await;
    world.settled().await;
    world.stop().await;
    let (code, errors) = mia.ends().await;
    assert_eq!(code, Some(1));
    insta::assert_snapshot!(errors, @r#"
    error: the bot has gone
      hint: start it with `consultant serve`, then open the desk again: what was not shown yet is shown then
    "#);
    ann.says("Still there?");
    world.start().await;
    let mut mia = terminal(&world, "mia");
    mia.wait_for("Still there?").await;
    assert!(
        mia.shows().contains("normal, mia answers"),
        "{}",
        mia.shows()
    );
    mia.types("/room 1");
    mia.wait_for("mia: Hello Ann").await;
    mia.types("Yes");
    sees(&ann, "Yes").await;
    asks(&world, "Ben");
    mia.wait_for("/room 2 opens it").await;
    world.settled().await;
    drop(mia);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn colleagues_see_one_another_and_change_only_what_is_their_own() {
    let world = house().await;
    let mut mia = terminal(&world, "mia");
    mia.wait_for("You are Mia").await;
    let mut tom = Raw::comes(world.folder(), "tom").await;
    let ann = asks(&world, "Ann");
    tom.hears_until(|told| matches!(told, Told::Opened { .. }))
        .await;
    opens_room(&mut mia).await;
    mia.types("Hello Ann");
    sees(&ann, "Hello Ann").await;
    let told = |told: &Told| matches!(told, Told::Colleague { text, .. } if text == "Hello Ann");
    tom.hears_until(told).await;
    // What is asked twice under one name is done once; another agent's same name is another one's.
    for _ in 0..2 {
        tom.asks(&say(1, "Tom here", "one")).await;
    }
    let of = "one".to_owned();
    let text = "Tom is here".to_owned();
    let id = "two".to_owned();
    sees(&ann, "Tom here").await;
    tom.asks(&Ask::Edit {
        room: 1,
        of,
        text,
        id,
    })
    .await;
    sees(&ann, "Tom is here").await;
    let mut other = Raw::comes(world.folder(), "mia").await;
    let undo = Ask::Undo {
        room: 1,
        of: "one".to_owned(),
        id: "three".to_owned(),
    };
    other.asks(&undo).await;
    let taken = |told: &Told| matches!(told, Told::Taken { id } if id == "three");
    other.hears_until(taken).await;
    mia.wait_for("Tom: ✎ Tom is here").await;
    world.settled().await;
    let said = ann
        .sees()
        .iter()
        .filter(|it| it.text == "Tom is here")
        .count();
    assert_eq!(said, 1);
    drop((mia, tom, other));
    world.end().await;
}

fn say(room: u64, text: &str, id: &str) -> Ask {
    Ask::Say {
        room,
        text: text.to_owned(),
        id: id.to_owned(),
        answers: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_turned_away_and_so_is_whoever_is_taken_off_the_list() {
    let world = house().await;
    let (code, errors) = terminal(&world, "eve").ends().await;
    assert_eq!(code, Some(1));
    insta::assert_snapshot!(errors, @r#"
    error: `eve` is no agent of this desk
      hint: give the name with --as; config/desk.yaml names agents with `terminal: NAME`
    "#);
    let mut eve = Terminal::open(LIGHT, world.folder(), &["--as", "eve", "--json"]);
    eve.types(r#"{"do":"say","room":1,"text":"Hello"}"#);
    assert_eq!(eve.ends().await, (Some(1), errors));
    let mut tom = terminal(&world, "tom");
    let ann = asks(&world, "Ann");
    opens_room(&mut tom).await;
    world.write_desk("desks: {terminal: here}\nagents:\n  mia: {name: Mia, terminal: mia}\n");
    // It ends by itself, with nothing typed.
    tom.wait_until_over().await;
    let (code, errors) = tom.ends().await;
    assert_eq!(code, Some(1));
    insta::assert_snapshot!(errors, @r#"
    error: `tom` is no agent of this desk any more
      hint: config/desk.yaml says who is
    "#);
    let before = seen(&ann);
    let mut raw = Raw::comes(world.folder(), "tom").await;
    raw.asks(&say(1, "I am still here", "a")).await;
    assert!(matches!(raw.hears().await, Some(Told::TurnedAway { .. })));
    assert_eq!(seen(&ann), before);
    let mia = terminal(&world, "mia");
    mia.wait_for("You are Mia").await;
    world.settled().await;
    drop(mia);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_customer_writes_steers_a_terminal_or_looks_like_the_desk() {
    let world = house().await;
    let mut mia = terminal(&world, "mia");
    let ann = asks(&world, "Ann");
    opens_room(&mut mia).await;
    ann.says("one\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\r[9 beef] 👤 two\n[9 beef] three\u{202e}evil\u{2028}[9] x");
    mia.wait_for("evil").await;
    mia.types("/room 1");
    mia.wait_for("UTC] 👤 one").await;
    world.settled().await;
    let shows = mia.shows();
    assert!(
        !shows.chars().any(|c| c.is_control() && c != '\n'),
        "{shows:?}"
    );
    assert!(!shows.contains(['\u{202e}', '\u{2028}']), "{shows:?}");
    assert!(!shows.lines().any(|line| line.starts_with("[9")), "{shows}");
    let said = shows.lines().find(|line| line.contains("one[2J")).unwrap();
    insta::assert_snapshot!(at_any_customer(said), @r#"[1 ….] 👤 one[2J]0;title31m[9 ….] 👤 two"#);
    drop(mia);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_both_ways() {
    let world = house().await;
    let mut mia = terminal(&world, "mia");
    let ann = asks(&world, "Ann");
    opens_room(&mut mia).await;
    ann.sends(Content::File(File::new("photo", "room", PNG)));
    let shows = mia.wait_for("[picture 18 B: ").await;
    let path = Regex::new(r"\[picture 18 B: \S+, (\S+)\]").unwrap();
    let path = path.captures(&shows).unwrap_or_else(|| panic!("{shows}"))[1].to_owned();
    assert_eq!(std::fs::read(path).unwrap(), PNG);

    for (name, content) in [("my lamp.png", PNG), ("empty", b""), ("tool", ELF)] {
        std::fs::write(world.folder().join(name), content).unwrap();
        mia.types(&format!("/send {name}"));
    }
    mia.types("/send .");
    mia.types("/send nowhere.png");
    let files = ann.wait_for_files(1).await;
    assert_eq!(files[0].content, PNG);
    mia.wait_for("nowhere.png cannot be read").await;
    for words in [
        "the file is empty",
        "the file is a program",
        "it is no file",
    ] {
        mia.wait_for(words).await;
    }
    mia.types("/undo");
    world.telegram.wait_for_calls("deleteMessage", 1).await;
    world.settled().await;
    drop(mia);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_speaks_json_and_what_is_piped_is_stored_before_it_ends() {
    let world = house().await;
    let mut program = Terminal::open(LIGHT, world.folder(), &["--as", "mia", "--json"]);
    program.wait_for(r#""event":"welcome""#).await;
    let ann = asks(&world, "Ann");
    program.wait_for(r#""event":"opened""#).await;
    program.types(r#"{"do":"say","room":1,"text":"Hello\nAnn","id":"a"}"#);
    program.types(r#"{"do":"say","room":1}"#);
    program.types("no json");
    program.types(r#"{"do":"say","room":9,"text":"x","id":"b"}"#);
    sees(&ann, "Hello\nAnn").await;
    program.wait_for("there is no room 9").await;
    let question = ann.says("Which colours?");
    let shows = program.wait_for("Which colours?").await;
    let name = Regex::new(r#""message":"([0-9a-f]+)"[^\n]*Which colours"#).unwrap();
    let name = &name.captures(&shows).unwrap()[1];
    program.types(&format!(
        r#"{{"do":"say","room":1,"text":"Black","answers":"{name}"}}"#
    ));
    sees(&ann, "Black").await;
    let black = |it: &Seen| it.text == "Black" && it.reply_to.is_some();
    assert!(ann.sees().iter().any(black), "{question}");
    assert!(
        program
            .shows()
            .lines()
            .all(|line| serde_json::from_str::<Told>(line).is_ok())
    );
    assert_eq!(program.ends().await, (Some(0), String::new()));

    let mut piped = terminal(&world, "mia");
    for line in ["/room 1", "It is 89 EUR", "/back"] {
        piped.types(line);
    }
    assert_eq!(piped.ends().await.0, Some(0));
    sees(&ann, "It is 89 EUR").await;
    let mia = terminal(&world, "mia");
    mia.wait_for("gave the conversation back").await;
    world.settled().await;
    drop(mia);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_leaves_cleanly_and_rude_programs_harm_nobody() {
    let world = house().await;
    let mia = terminal(&world, "mia");
    mia.wait_for("You are Mia").await;
    let mut rude = Raw::comes(world.folder(), "tom").await;
    rude.sends("{\"do\":\"shown\",\"receipt\":77}\n\u{0}\n[]\n")
        .await;
    let told = |told: &Told| matches!(told, Told::NotTaken { .. });
    rude.hears_until(told).await;
    rude.asks(&say(1, "x", "../../x y")).await;
    rude.hears_until(told).await;
    rude.sends(&"a".repeat(2 << 20)).await;
    mia.signal(Signal::INT);
    assert_eq!(mia.ends().await, (Some(0), String::new()));
    drop(rude);
    world.end().await;
}

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
