//! People at a desk over real sockets: a customer writes to the bot on Telegram, and somebody of the
//! company answers in a topic of the company's own group.

use consultant_tests::{
    telegram::{Content, Customer, File, Group, Received, Shown, Topic},
    world::{World, at_any_time},
};

/// The beginning of a voice note.
const OGG: &[u8] = b"OggS\0\x02 a voice";
/// The beginning of a picture.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a picture";

/// A world with a desk on Telegram, where Mia and Tom work.
struct Desk {
    world: World,
    group: Group,
    mia: Customer,
    tom: Customer,
}

impl Desk {
    async fn open() -> Self {
        let mut world = World::open().await;
        let group = world.telegram.forum("Lumen & Loft team");
        let mia = world.telegram.customer("Mia");
        let tom = world.telegram.customer("Tom");
        let desk = Self {
            group,
            mia,
            tom,
            world: {
                world.stop().await;
                world
            },
        };
        desk.write(&[("mia", &desk.mia), ("tom", &desk.tom)]);
        let Self {
            mut world,
            group,
            mia,
            tom,
        } = desk;
        world.start().await;
        Self {
            world,
            group,
            mia,
            tom,
        }
    }

    /// Writes down who answers.
    fn write(&self, agents: &[(&str, &Customer)]) {
        let agents = agents.iter().map(|(id, who)| {
            let number = who.user_id();
            format!("  {id}: {{name: {id}, telegram: {number}}}\n")
        });
        let agents = agents.collect::<Vec<_>>().concat();
        let group = self.group.chat_id();
        self.world
            .write_desk(&format!("desks:\n  telegram: {group}\nagents:\n{agents}"));
    }

    /// A customer asks for a person; the customer, and the room that is opened.
    async fn asked_for(&self, name: &str) -> (Customer, Topic) {
        let customer = self.world.telegram.customer(name);
        customer.says("I want to talk to a person");
        let topics = self.group.topics().len();
        let topics = self.group.wait_for_topics(topics + 1).await;
        let room = topics.last().expect("a topic").clone();
        room.wait_for_words("🤖").await;
        (customer, room)
    }
}

/// What keeps an at sign or a slash from meaning anything, made visible.
fn joiners_shown(text: &str) -> String {
    text.replace('\u{2060}', "<joiner>")
}

/// The words that the customer sees.
fn seen(customer: &Customer) -> Vec<String> {
    let seen = customer.sees().into_iter();
    seen.map(|it| at_any_time(&it.text)).collect()
}

#[tokio::test]
async fn a_person_answers_in_a_topic_and_hands_back() {
    let desk = Desk::open().await;
    let (ann, room) = desk.asked_for("Ann").await;
    let mia = desk.mia.in_room(&room);
    mia.presses_newest("Take");
    room.wait_for_words("mia has the conversation now").await;
    ann.says("Is the *Halo* lamp @everyone /take heavy?");
    room.wait_for_words("heavy?").await;
    let answer = mia.says("It weighs 2 kg_really_");
    mia.says("//between us: he is nice");
    ann.wait_for("the answer", |seen| {
        seen.iter().any(|it| it.text == "It weighs 2 kg_really_")
    })
    .await;
    mia.edits(answer, "It weighs 2.1 kg");
    ann.wait_for("the edit", |seen| {
        seen.iter().any(|it| it.text == "It weighs 2.1 kg")
    })
    .await;
    mia.says("/back");
    room.wait_for_words("gave the conversation back").await;
    ann.says("What does delivery cost?");
    ann.wait_for("an answer of the bot", |seen| {
        seen.iter().any(|it| it.text.contains("4.90 EUR"))
    })
    .await;
    insta::assert_snapshot!(seen(&ann).join("\n--\n"), @r#"
    Hello! I am the AI assistant of Lumen & Loft (not a person).
    Of course. A colleague will write to you here.
    --
    mia from Lumen & Loft is with you now.
    --
    It weighs 2.1 kg
    --
    My colleague has handed the conversation back to me, the AI assistant. What else can I do for you?
    --
    A parcel costs 4.90 EUR, furniture 29 EUR per order. From an order value of 150 EUR parcels travel free of charge.
    "#);
    insta::assert_snapshot!(joiners_shown(&at_any_time(&room.reads())), @r#"
    Consultant: Why: The customer asks for a person
    Priority: normal
    Customer: telegram, en
    Stage: greet
    👤 I want to talk to a person
    🤖 Hello! I am the AI assistant of Lumen & Loft (not a person). Of course. A colleague will write to you here.
    Consultant: mia has the conversation now; the bot is silent.
    Consultant: 👤 Is the *Halo* lamp @<joiner>everyone /<joiner>take heavy?
    Mia: It weighs 2.1 kg
    Mia: //between us: he is nice
    Mia: /back
    Consultant: mia gave the conversation back to the bot.
    "#);
    desk.world.end().await;
}

#[tokio::test]
async fn whoever_is_taken_off_the_list_has_no_access_from_then_on() {
    let desk = Desk::open().await;
    let (ann, room) = desk.asked_for("Ann").await;
    let tom = desk.tom.in_room(&room);
    tom.says("Hello, Tom here");
    ann.wait_for("Tom's words", |seen| {
        seen.iter().any(|it| it.text == "Hello, Tom here")
    })
    .await;
    desk.write(&[("mia", &desk.mia)]);
    // The file is looked at every second.
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    let before = seen(&ann);
    tom.says("and I am still here");
    tom.says("/close");
    room.wait_for_words("You may not do that here").await;
    assert_eq!(seen(&ann), before);
    desk.world.end().await;
}

#[tokio::test]
async fn pictures_and_voice_go_both_ways() {
    let desk = Desk::open().await;
    let (ann, room) = desk.asked_for("Ann").await;
    let mia = desk.mia.in_room(&room);
    mia.presses_newest("Take");
    room.wait_for_words("mia has the conversation now").await;
    ann.sends(Content::File(File::new("voice", "asks", OGG)));
    ann.sends(Content::File(
        File::new("photo", "room", PNG).saying("my room"),
    ));
    let shown = room
        .wait_for("a voice note and a picture", |shown| {
            files(shown).len() == 2
        })
        .await;
    let kinds = |files: Vec<Received>| -> Vec<(&'static str, Vec<u8>)> {
        files.into_iter().map(|it| (it.kind, it.content)).collect()
    };
    let both = [("voice", OGG.to_vec()), ("photo", PNG.to_vec())];
    assert_eq!(kinds(files(&shown)), both);
    room.wait_for_words("my room").await;

    mia.sends(Content::File(File::new("voice", "answers", OGG)));
    mia.sends(Content::File(File::new("photo", "lamp", PNG)));
    assert_eq!(kinds(ann.wait_for_files(2).await), both);
    desk.world.end().await;
}

fn files(shown: &[Shown]) -> Vec<Received> {
    shown.iter().filter_map(|it| it.file.clone()).collect()
}
