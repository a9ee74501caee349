//! People at a desk in terminals, over the real socket: a customer writes to the bot on Telegram, and
//! somebody of the company answers with `consultant desk`.

mod door;

use consultant_channels::terminal_desk::wire::{Ask, Told};
use consultant_tests::{
    binary::Signal,
    telegram::{Content, Customer, File, Seen},
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
