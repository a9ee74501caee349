//! Scripts that are edited while the house serves: whatever lies there, the last good version
//! goes on serving, and what was tried is in the history.

use std::{fs, path::Path, sync::Arc, time::Duration};

use consultant_app::{
    clock::SystemClock,
    company,
    config::{Config, Environment, Sources, load},
    release::{self, Decisions, FactsLook, FreshFacts, Served, Watcher},
};
use consultant_core::{
    Audience, PlaybookVersion, ReleaseStep,
    ports::{Clock, Knowledge, WholeStore},
};
use consultant_knowledge::SmallModels;
use consultant_store::{MemoryStore, StoreSettings};
use jiff::civil::Date;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{CATALOG, FAQ, expecting, greeting};

const PLAYBOOK: &str = "scripts/playbooks/shop.rhai";
const TALKS: &str = "scripts/tests/shop.yaml";

/// A company whose scripts are watched.
struct Watched {
    home: TempDir,
    store: Arc<dyn WholeStore>,
    served: Arc<Served>,
    facts: Arc<FreshFacts>,
    stop: CancellationToken,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Watched {
    async fn begin(words: &str) -> Self {
        let home = TempDir::new().unwrap();
        let write = |name: &str, text: &str| writes(home.path(), name, text.as_bytes());
        write("config/catalog.yaml", CATALOG);
        write("config/faq.yaml", FAQ);
        write(PLAYBOOK, &greeting(words));
        write(TALKS, &expecting(words));
        let config = config(home.path());
        let clock = Arc::new(SystemClock) as Arc<dyn Clock>;
        let settings = StoreSettings::default();
        let store: Arc<dyn WholeStore> = Arc::new(MemoryStore::new(&settings, Arc::clone(&clock)));
        let watcher = Watcher::new(&config, &SmallModels::default());
        let look = FactsLook::new(&config);
        let served = Arc::new(opened(&config, &store).await);
        let facts = company::load_facts(&config.company, &SmallModels::default()).unwrap();
        let facts = Arc::new(FreshFacts::new(facts));
        let renewing = look.renewing(SmallModels::default(), Arc::clone(&facts));
        let stop = CancellationToken::new();
        let (of_store, of_served) = (Arc::clone(&store), Arc::clone(&served));
        tokio::spawn(watcher.run(of_store, of_served, stop.clone()));
        tokio::spawn(renewing.run(Arc::clone(&served), stop.clone()));
        Self {
            home,
            store,
            served,
            facts,
            stop,
        }
    }

    /// Waits until catalogue and FAQ are so.
    async fn until_facts(&self, so: impl Fn(&FreshFacts) -> bool) {
        let looking = async {
            while !so(&self.facts) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let looked = tokio::time::timeout(Duration::from_secs(25), looking).await;
        looked.expect("the facts are renewed");
    }

    /// As a process that starts later would serve.
    async fn opened_anew(&self) -> Served {
        opened(&config(self.home.path()), &self.store).await
    }

    /// Somebody else decides something.
    async fn decides(&self, what: ReleaseStep) {
        let decisions = Decisions {
            log: &*self.store,
            clock: &SystemClock,
            author: "ann",
            note: None,
        };
        let seen = decisions.releases().await.unwrap();
        decisions.add(&seen, what).await.unwrap();
    }

    /// Waits until another version than this one serves.
    async fn live_after(&self, before: &PlaybookVersion) -> PlaybookVersion {
        let live = async {
            while self.served.live() == *before {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let live = tokio::time::timeout(Duration::from_secs(25), live).await;
        live.expect("another version is live");
        self.served.live()
    }

    fn writes(&self, name: &str, text: impl AsRef<[u8]>) {
        writes(self.home.path(), name, text.as_ref());
    }

    /// Waits until so many decisions were made, and returns what the last one was.
    async fn decided(&self, count: usize) -> ReleaseStep {
        let looking = async {
            let mut events = Vec::new();
            while events.len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
                events = self.store.releases(0).await.unwrap();
            }
            events.pop().expect("a decision").what
        };
        let decided = tokio::time::timeout(Duration::from_secs(25), looking).await;
        decided.unwrap_or_else(|_| panic!("{count} decisions"))
    }
}

fn writes(home: &Path, name: &str, text: &[u8]) {
    let path = home.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

async fn opened(config: &Config, store: &Arc<dyn WholeStore>) -> Served {
    let facts = company::load_facts(&config.company, &SmallModels::default()).unwrap();
    let opened = release::open(
        (config, &SmallModels::default()),
        Arc::clone(store),
        facts,
        &SystemClock,
    )
    .await;
    opened.unwrap_or_else(|failure| panic!("{}", failure.render()))
}

fn config(home: &Path) -> Config {
    let below = |name: &str| home.join(name).display().to_string();
    let sources = Sources {
        environment: Environment::from_iter([
            ("CONSULTANT__PUBLISHING__ON_CHANGE", "publish".to_owned()),
            ("CONSULTANT__DATA_DIR", below("data")),
            ("CONSULTANT__MODELS_DIR", below("models")),
        ]),
        config_file: None,
        working_dir: home.to_owned(),
    };
    load(&sources).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn reason(step: &ReleaseStep) -> &str {
    match step {
        ReleaseStep::Refused { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_goes_live_once_its_conversations_come_out_as_they_should() {
    let watched = Watched::begin("Good morning").await;
    let first = watched.served.live();
    watched.writes(PLAYBOOK, greeting("Good evening"));
    let refused = watched.decided(2).await;
    assert!(
        reason(&refused).contains("1 of 1 conversations"),
        "{refused:?}"
    );
    assert_eq!(watched.served.live(), first);
    // The conversation is put right next, and the script is looked at again.
    watched.writes(TALKS, expecting("Good evening"));
    let published = watched.decided(3).await;
    assert!(
        matches!(published, ReleaseStep::Published { .. }),
        "{published:?}"
    );
    watched.live_after(&first).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_took_back_is_not_brought_again_by_itself() {
    let watched = Watched::begin("Good morning").await;
    let first = watched.served.live();
    watched.writes(TALKS, expecting("Good evening"));
    watched.writes(PLAYBOOK, greeting("Good evening"));
    assert!(matches!(
        watched.decided(2).await,
        ReleaseStep::Published { .. }
    ));
    let second = watched.live_after(&first).await;
    let back = ReleaseStep::RolledBack {
        from: second.clone(),
        to: first,
        recalled: false,
    };
    watched.decides(back).await;
    // The files are still the second version, and are looked at again.
    watched.writes(
        TALKS,
        format!("{}\n# Looked through.\n", expecting("Good evening")),
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    watched.writes(TALKS, expecting("Good night"));
    watched.writes(PLAYBOOK, greeting("Good night"));
    let third = watched.decided(4).await;
    let is_second = |it: &ReleaseStep| matches!(it, ReleaseStep::Published { version, .. } if *version == second);
    assert!(!is_second(&third), "{third:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_becomes_of_a_file_the_last_good_version_serves() {
    let watched = Watched::begin("Good morning").await;
    let first = watched.served.live();
    let path = watched.home.path().join(PLAYBOOK);
    let whole = greeting("Good morning");
    let half: String = whole.chars().take(whole.chars().count() / 2).collect();
    let foreign = format!("import \"/etc/passwd\" as p;\n{whole}");
    let broken: [(&[u8], &str); 4] = [
        (half.as_bytes(), "shop.rhai"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"", "there is no function"),
        (foreign.as_bytes(), "passwd"),
    ];
    for (number, (text, told)) in broken.into_iter().enumerate() {
        watched.writes(PLAYBOOK, text);
        let refused = watched.decided(number + 2).await;
        assert!(reason(&refused).contains(told), "{told}: {refused:?}");
        assert_eq!(watched.served.live(), first);
    }
    fs::remove_file(&path).unwrap();
    let refused = watched.decided(6).await;
    let told = reason(&refused);
    assert!(told.contains("holds no playbook"), "{told}");
    assert_eq!(watched.served.live(), first);
    watched.writes(PLAYBOOK, &whole);
    watched.writes("scripts/playbooks/second.rhai", &whole);
    let refused = watched.decided(7).await;
    let told = reason(&refused);
    assert!(told.contains("`second.rhai`, `shop.rhai`"), "{told}");
    assert_eq!(watched.served.live(), first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_whose_playbook_is_gone_or_is_there_twice_starts_with_what_was_published() {
    let watched = Watched::begin("Good morning").await;
    let first = watched.served.live();
    watched.stop.cancel();
    watched.writes("scripts/playbooks/second.rhai", greeting("Good evening"));
    assert_eq!(watched.opened_anew().await.live(), first);
    fs::remove_dir_all(watched.home.path().join("scripts/playbooks")).unwrap();
    fs::create_dir(watched.home.path().join("scripts/playbooks")).unwrap();
    assert_eq!(watched.opened_anew().await.live(), first);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_price_and_an_edited_answer_serve_without_a_restart() {
    let watched = Watched::begin("Good morning").await;
    let lamp = |facts: &FreshFacts| {
        let catalog = facts.catalog();
        let lamp = catalog.product(&"desk-lamp".into()).expect("the lamp");
        lamp.variants[0].price.to_string()
    };
    assert_eq!(lamp(&watched.facts), "49.90");
    watched.writes("config/catalog.yaml", CATALOG.replace("49.90", "51.90"));
    watched.until_facts(|facts| lamp(facts) == "51.90").await;

    let asks = "Do you fold paper cranes?";
    let is_found = |facts: &FreshFacts| {
        let found = facts
            .understand(asks, None, &Audience::on(Date::constant(2026, 11, 30)))
            .faq;
        found
            .first()
            .is_some_and(|hit| hit.entry.as_str() == "cranes")
    };
    assert!(!is_found(&watched.facts));
    let more = "  - id: cranes\n    questions:\n      en: [Do you fold paper cranes?]\n      \
                zh: [你们折纸鹤吗？]\n    answer:\n      en: Only on Fridays.\n      zh: 只在周五。\n";
    watched.writes("config/faq.yaml", format!("{FAQ}{more}"));
    watched.until_facts(is_found).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_broken_or_lacks_what_the_playbook_needs_leaves_the_last_good_facts() {
    let needs_the_lamp = "fn stages() { [stage(\"greet\", [\"talk\"]), stage(\"talk\", []).last()] }\n\
        fn reply(turn) {\n    if turn.says([\"lamp\"]) { return [offer(\"desk-lamp\", \"black\", 1)]; }\n    \
        let step = if turn.stage == \"greet\" { [goto(\"talk\")] } else { [] };\n    \
        step + [say(#{ en: \"Good morning\", zh: \"Good morning\" })]\n}\n";
    let watched = Watched::begin("Good morning").await;
    let first = watched.served.live();
    watched.writes(PLAYBOOK, needs_the_lamp);
    watched.live_after(&first).await;

    let other = CATALOG.replace("id: desk-lamp", "id: table-lamp");
    let faq = FAQ.replace("desk-lamp", "table-lamp");
    for (catalog, faq) in [("products: [", FAQ), (other.as_str(), faq.as_str())] {
        watched.writes("config/faq.yaml", faq);
        watched.writes("config/catalog.yaml", catalog);
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert!(
            watched
                .facts
                .catalog()
                .product(&"desk-lamp".into())
                .is_some()
        );
    }
    // The playbook is changed to fit them: then they are taken in too.
    watched.writes(PLAYBOOK, needs_the_lamp.replace("desk-lamp", "table-lamp"));
    let fits = |facts: &FreshFacts| facts.catalog().product(&"table-lamp".into()).is_some();
    watched.until_facts(fits).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_is_dropped_in_is_found_and_one_that_breaks_goes_on() {
    let watched = Watched::begin("Good morning").await;
    let said = |it: &FreshFacts| -> Vec<String> {
        let documents = it.documents();
        let passages = documents.documents.iter().flat_map(|it| &it.passages);
        passages.map(|it| it.text.clone()).collect()
    };
    assert!(said(&watched.facts).is_empty());
    watched.writes("config/documents/a.txt", "Kiosks print labels.");
    // The folder itself was not there when the process began.
    watched
        .until_facts(|it| said(it) == ["Kiosks print labels."])
        .await;
    let asked = "Do kiosks print labels?";
    let audience = Audience::on(Date::constant(2026, 12, 1));
    let found = watched.facts.understand(asked, None, &audience);
    assert_eq!(found.passages[0].document.as_str(), "a.txt");
    // One breaks while another one comes: it says what it said, and the new one is there.
    watched.writes("config/documents/a.txt", b"M\xfcller");
    watched.writes("config/documents/b.md", "# Vans\n\nVans collect.\n");
    let both = ["Kiosks print labels.", "Vans collect."];
    watched.until_facts(|it| said(it) == both).await;
    fs::remove_file(watched.home.path().join("config/documents/a.txt")).unwrap();
    watched
        .until_facts(|it| said(it) == ["Vans collect."])
        .await;
}
