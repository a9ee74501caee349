//! The commands that look after a store, driven as an operator drives them.

mod customers;
mod inbox;
mod moving;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use consultant_core::{
    Address, Attachment, ChannelName, Content, ConversationId, FileKind, Happening, Inbound,
    InboundEvent, Language, LedgerEvent, Media, PlaybookVersion, Session,
    ports::{Accepted, Clock, Commit, MediaStore, SessionChange, WholeStore},
};
use consultant_store::{MediaFolder, StoreSettings};
use consultant_tests::{
    binary::{Operator, Ran},
    contract::clock::FrozenClock,
};
use secrecy::SecretString;
use serde_json::Value;

fn operator() -> Operator {
    Operator::of(env!("CARGO_BIN_EXE_light")).with("CONSULTANT__MODEL__ENABLED", "false")
}

/// One who has asked something in the terminal.
fn with_a_conversation() -> Operator {
    let operator = operator();
    let asked = operator.runs(&["chat"], "How much is the Halo desk lamp?\n");
    assert!(asked.well().stdout().contains("49.90"));
    operator
}

fn media(operator: &Operator) -> MediaFolder {
    MediaFolder::new(operator.folder().join("data/media"))
}

/// The store as `serve` has it.
async fn store(operator: &Operator) -> Arc<dyn WholeStore> {
    let file = operator.folder().join("data/sessions.sqlite");
    let url = SecretString::from(format!("sqlite:{}", file.display()));
    let clock: Arc<dyn Clock> = Arc::new(FrozenClock::default());
    let opened = consultant_store::open(&url, StoreSettings::default(), clock).await;
    opened.unwrap()
}

fn at(place: &str) -> Address {
    Address::new(ChannelName::Discord, place)
}

fn voice(media: Media) -> Vec<Attachment> {
    vec![Attachment::File {
        what: FileKind::Voice,
        name: Some("../../note.ogg".to_owned()),
        content: Content::Kept(media),
    }]
}

/// A customer who sent a voice note that was answered.
async fn sends_a_voice_note(operator: &Operator, place: &str, key: &str) -> ConversationId {
    let kept = media(operator).keep(&at(place), VOICE.to_vec()).await;
    let attachments = voice(kept.unwrap());
    let store = store(operator).await;
    let event = InboundEvent::Message {
        text: String::new(),
        attachments: attachments.clone(),
    };
    let now = FrozenClock::default().now();
    let inbound = Inbound::new(key, at(place), now, event);
    let Accepted::New(envelope) = store.accept(inbound).await.unwrap() else {
        panic!("{key} is new")
    };
    let what = Happening::Attached { attachments };
    let answer = Commit {
        ledger: vec![LedgerEvent { at: now, what }],
        answered: vec![key.into()],
        ..Commit::of(envelope.conversation, 0)
    };
    store.commit(answer).await.unwrap();
    envelope.conversation
}

const VOICE: &[u8] = b"OggS\0 a voice";

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout())
        .unwrap_or_else(|error| panic!("{error}: {}\n{}", ran.stdout(), ran.stderr()))
}

fn verify(operator: &Operator) -> (i32, Value) {
    let ran = operator.runs(&["store", "verify", "--json"], "");
    (ran.code(), json(&ran))
}

/// Asserts that verifying fails, with a problem that says this.
#[track_caller]
fn check_problem(operator: &Operator, expect: &str) {
    let (code, found) = verify(operator);
    let problems = found["problems"].to_string();
    assert!(code == 1 && problems.contains(expect), "{code} {problems}");
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files_below(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn a_store_moves_to_where_store_url_would_find_it() {
    let operator = with_a_conversation();
    let moved = operator.runs(&["store", "migrate", "--to", "sqlite:two.sqlite"], "");
    let told = moved.well().stderr();
    assert!(told.contains("data/two.sqlite"), "{told}");
    for (to, code) in [("memory:", 2), ("two.sqlite", 2), ("sqlite:two.sqlite", 1)] {
        let ran = operator.runs(&["store", "migrate", "--to", to], "");
        assert_eq!(ran.code(), code, "{to}: {}", ran.stderr());
    }
    let operator = operator.with("CONSULTANT__STORE__URL", "sqlite:two.sqlite");
    let (code, found) = verify(&operator);
    assert_eq!((code, &found["conversations"]), (0, &1.into()));
    let asked = operator.runs(&["chat"], "/help\n").well().stdout();
    assert!(!asked.contains("not a person"), "it goes on: {asked}");
}

#[test]
fn what_is_not_there_is_neither_made_nor_called_sound() {
    let operator = operator();
    for command in [
        &["store", "verify"][..],
        &["store", "backup", "all.jsonl"],
        &["customer", "list"],
        &["inbox", "list"],
    ] {
        let ran = operator.runs(command, "");
        assert_eq!(ran.code(), 1, "{command:?}: {}", ran.stdout());
        assert!(
            ran.stderr().contains("there is no store"),
            "{}",
            ran.stderr()
        );
    }
    let doctor = json(&operator.runs(&["doctor", "--json"], ""));
    let found = doctor.as_array().unwrap().iter();
    let mut found = found.filter(|it| it["what"] == "store");
    assert_eq!(found.next().unwrap()["state"], "note");
    assert_eq!(
        files_below(&operator.folder().join("data")),
        [""; 0].map(PathBuf::from)
    );

    let forgetful = operator.with("CONSULTANT__STORE__URL", "memory:");
    for command in [&["store", "verify"][..], &["store", "restore", "x"]] {
        let ran = forgetful.runs(command, "");
        assert_eq!(ran.code(), 2, "{command:?}: {}", ran.stdout());
    }
}

#[tokio::test]
async fn verifying_names_what_is_missing_damaged_and_left_over() {
    let operator = operator();
    sends_a_voice_note(&operator, "7", "k1").await;
    let (code, found) = verify(&operator);
    assert_eq!((code, &found["problems"]), (0, &Value::Array(vec![])));

    let [file] = files_below(&operator.folder().join("data/media"))
        .try_into()
        .unwrap();
    let file: PathBuf = file;
    fs::write(&file, b"another voice").unwrap();
    check_problem(&operator, "missing or damaged");
    fs::remove_file(&file).unwrap();
    check_problem(&operator, "missing or damaged");
    fs::write(&file, VOICE).unwrap();
    assert_eq!(verify(&operator).0, 0);

    let stray = media(&operator).keep(&at("nobody"), b"x".to_vec()).await;
    stray.unwrap();
    check_problem(&operator, "belong to no conversation");
}

#[tokio::test]
async fn a_playbook_that_failed_once_does_not_make_a_store_unsound() {
    let operator = operator();
    let conversation = sends_a_voice_note(&operator, "7", "k1").await;
    let failed = LedgerEvent {
        at: FrozenClock::default().now(),
        what: Happening::PlaybookFailed {
            reason: "shop.rhai:2".to_owned(),
        },
    };
    let commit = Commit {
        ledger: vec![failed],
        ..Commit::of(conversation, 1)
    };
    store(&operator).await.commit(commit).await.unwrap();
    let (code, found) = verify(&operator);
    assert_eq!((code, &found["playbook_failures"]), (0, &1.into()));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_named_left_out_of_a_backup_and_can_be_erased() {
    let operator = operator();
    sends_a_voice_note(&operator, "8", "k2").await;
    let conversation = sends_a_voice_note(&operator, "7", "k1").await;
    let clock = FrozenClock::default();
    let (version, first) = (PlaybookVersion::from("0"), "greet");
    let mut session = Session::new(clock.now(), Language::EN, first, version);
    session.format = u16::MAX;
    let commit = Commit {
        session: SessionChange::Put(Box::new(session)),
        ..Commit::of(conversation, 1)
    };
    store(&operator).await.commit(commit).await.unwrap();

    check_problem(&operator, "its format is 65535");
    let ran = operator.runs(&["store", "backup", "all.jsonl", "--json"], "");
    let done = json(&ran);
    assert_eq!((ran.code(), &done["conversations"]), (1, &1.into()));
    assert_eq!(done["left_out"].as_array().map(Vec::len), Some(1));
    let both = ["customer", "erase", "discord:7", "discord:8"];
    let asked = operator.runs(&both, "");
    assert_eq!(asked.code(), 2, "{}", asked.stderr());
    let told = asked.stderr();
    assert!(told.contains("what cannot be read"), "{told}");
    drop(operator.runs(&[&both[..], &["--yes"]].concat(), "").well());
    assert_eq!(verify(&operator).1["conversations"], 0);
}

#[tokio::test]
async fn a_backup_carries_customers_files_to_another_machine() {
    let operator = operator();
    sends_a_voice_note(&operator, "7", "k1").await;
    let ran = operator.runs(&["store", "backup", "all.jsonl", "--json"], "");
    let done = json(&ran.well());
    assert_eq!(
        (&done["conversations"], &done["files"]),
        (&1.into(), &1.into())
    );
    let again = operator.runs(&["store", "backup", "all.jsonl"], "");
    assert_eq!(again.code(), 1, "nothing is overwritten");

    let other = self::operator();
    let archive = operator.folder().join("all.jsonl").display().to_string();
    let restore = ["store", "restore", archive.as_str(), "--json"];
    let done = json(&other.runs(&restore, "").well());
    assert_eq!(
        (&done["conversations"], &done["files"]),
        (&1.into(), &1.into())
    );
    assert_eq!(verify(&other).0, 0, "its file is there");
    let again = other.runs(&restore, "");
    assert_eq!(
        again.code(),
        1,
        "a store that holds something is left alone"
    );
    let told = again.stderr();
    assert!(told.contains("name another SQLite file"), "{told}");
}

/// What `backup` wrote before it knew of files.
#[test]
fn a_backup_of_the_first_format_is_restored() {
    let operator = operator();
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/app/backup-1.jsonl");
    let archive = archive.display().to_string();
    drop(operator.runs(&["store", "restore", &archive], "").well());
    let (code, found) = verify(&operator);
    assert_eq!(found["conversations"], 1);
    assert_eq!(
        (&found["dead_letters"], &found["timers"]),
        (&1.into(), &2.into())
    );
    assert_eq!(code, 1, "the file that it names was never in it: {found}");
}

/// What `backup` wrote before it knew of versions and decisions.
#[test]
fn a_backup_of_the_second_format_is_restored() {
    let operator = operator();
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/app/backup-2.jsonl");
    let archive = archive.display().to_string();
    let ran = operator.runs(&["store", "restore", &archive, "--json"], "");
    let done = json(&ran.well());
    assert_eq!(
        (&done["conversations"], &done["files"]),
        (&1.into(), &1.into())
    );
    let (code, found) = verify(&operator);
    assert_eq!((code, &found["ledger_events"]), (0, &18.into()), "{found}");
    assert_eq!(found["playbook_versions"], 0);
}

#[test]
fn programs_are_told_what_is_unwell_and_what_is_configured() {
    let operator = operator();
    let ran = operator.runs(&["health", "--json"], "");
    let health = json(&ran);
    assert_eq!((ran.code(), &health["well"]), (1, &false.into()));
    assert!(health["reason"].is_string() && health["hint"].is_string());
    let shown = json(&operator.runs(&["config", "show", "--json"], "").well());
    assert_eq!(shown["store"]["key_prefix"], "consultant");
}
