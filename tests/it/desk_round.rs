//! One conversation from the bot to a person on Telegram, back, to a person on Discord, and to the
//! bot again, over real sockets: all that anybody reads, in order, once, with every byte of a file.

use consultant_tests::{
    discord, telegram,
    telegram::{Content, Customer, File, Group, Topic},
    world::{World, at_any_time},
};

/// The beginning of a picture.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The beginning of a voice note.
const OGG: &[u8] = b"OggS\0\x02";

/// A world with two desks: Mia works on Telegram, Tom on Discord.
struct Desks {
    world: World,
    group: Group,
    channel: discord::Room,
    mia: Customer,
    tom: discord::Customer,
}

impl Desks {
    async fn open() -> Self {
        let mut world = World::open().await;
        world.stop().await;
        // A talk of many minutes, in one.
        world.paced = false;
        let desks = Self {
            group: world.telegram.forum("Lumen & Loft team"),
            channel: world.discord.guild_channel("team"),
            mia: world.telegram.customer("Mia"),
            tom: world.discord.customer("Tom"),
            world,
        };
        desks.write();
        let mut desks = desks;
        desks.world.start().await;
        desks
    }

    fn write(&self) {
        let (group, channel) = (self.group.chat_id(), self.channel.id());
        let (mia, tom) = (self.mia.user_id(), self.tom.user());
        self.world.write_desk(&format!(
            "desks: {{telegram: {group}, discord: {channel}}}\n\
             agents:\n  mia: {{name: Mia, telegram: {mia}}}\n  tom: {{name: Tom, discord: {tom}}}\n\
             teams: {{sales: telegram, service: discord}}\n"
        ));
    }
}

/// A file of the customer or of an agent, told from all others by its last words.
fn file(beginning: &[u8], whose: &str) -> Vec<u8> {
    [beginning, whose.as_bytes()].concat()
}

/// The customer asks, and the bot answers with these words.
async fn is_answered(ann: &Customer, question: &str, words: &str) {
    let before = ann.sees().len();
    ann.says(question);
    ann.wait_for(question, |seen| {
        seen.len() > before && seen.last().is_some_and(|it| it.text.contains(words))
    })
    .await;
}

/// Waits until the customer reads so as the newest message.
async fn reads(ann: &Customer, words: &str) {
    ann.wait_for(words, |seen| {
        seen.last().is_some_and(|it| it.text.contains(words))
    })
    .await;
}

/// Mia and the customer exchange words, a picture and a voice note, one after another.
async fn talk_on_telegram(ann: &Customer, mia: &Customer, room: &Topic) {
    ann.says("Is it heavy?");
    room.wait_for_words("Is it heavy?").await;
    let picture = File::new("photo", "corner", file(PNG, "Ann's corner"));
    ann.sends(Content::File(picture.saying("my corner")));
    room.wait_for_words("my corner").await;
    let voice = File::new("voice", "ann", file(OGG, "Ann speaks"));
    ann.sends(Content::File(voice));
    room.wait_for("two files", |shown| {
        shown.iter().filter(|it| it.file.is_some()).count() == 2
    })
    .await;
    mia.says("// she sounds nice");
    mia.says("It weighs 2 kg");
    reads(ann, "2 kg").await;
    let lamp = File::new("photo", "lamp", file(PNG, "Mia's lamp"));
    mia.sends(Content::File(lamp));
    ann.wait_for_files(1).await;
    let voice = File::new("voice", "mia", file(OGG, "Mia speaks"));
    mia.sends(Content::File(voice));
    ann.wait_for_files(2).await;
}

/// Tom and the customer do the same across platforms.
async fn talk_on_discord(ann: &Customer, tom: &discord::Customer, room: &discord::Room) {
    let has_files = |count| {
        move |shown: &[discord::Shown]| shown.iter().flat_map(|it| &it.files).count() == count
    };
    ann.says("Will it be here on Friday?");
    room.wait_for_words("Friday?").await;
    let picture = File::new("photo", "door", file(PNG, "Ann's door"));
    ann.sends(Content::File(picture.saying("my door")));
    room.wait_for("a picture", has_files(1)).await;
    let voice = File::new("voice", "ann again", file(OGG, "Ann asks"));
    ann.sends(Content::File(voice));
    room.wait_for("a voice note", has_files(2)).await;
    tom.says("It will");
    reads(ann, "It will").await;
    let van = file(PNG, "Tom's van");
    tom.uploads("", &[discord::Upload::new("van.png", "image/png", &van)]);
    ann.wait_for_files(3).await;
    let voice = file(OGG, "Tom speaks");
    tom.uploads("", &[discord::Upload::voice().holding(&voice)]);
    ann.wait_for_files(4).await;
}

/// All that stands in the customer's chat, whoever wrote it.
fn chat(ann: &Customer) -> String {
    let lines = ann.reads_all().into_iter().map(|it| on_telegram(&it));
    lines.collect::<Vec<_>>().join("\n--\n")
}

fn on_telegram(shown: &telegram::Shown) -> String {
    let files = shown.file.iter();
    let files = files.map(|it| format!("[{} {}]", it.kind, it.content.escape_ascii()));
    message(&shown.from, &shown.text, files)
}

fn on_discord(shown: &discord::Shown) -> String {
    let files = shown.files.iter();
    let files = files.map(|it| format!("[{} {}]", it.name, it.content.escape_ascii()));
    message(&shown.from, &shown.text, files)
}

fn message(from: &str, text: &str, files: impl Iterator<Item = String>) -> String {
    let words = Some(at_any_time(text)).filter(|it| !it.is_empty());
    let parts: Vec<String> = words.into_iter().chain(files).collect();
    format!("{from}: {}", parts.join(" "))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_goes_to_mia_and_back_and_to_tom_and_back() {
    let desks = Desks::open().await;
    let ann = desks.world.telegram.customer("Ann");
    is_answered(&ann, "What does delivery cost?", "4.90 EUR").await;

    is_answered(&ann, "I want to talk to a person", "colleague").await;
    let room = desks.group.wait_for_topics(1).await.remove(0);
    room.wait_for_words("🤖").await;
    let mia = desks.mia.in_room(&room);
    mia.presses_newest("Take");
    reads(&ann, "Mia from Lumen & Loft is with you now").await;
    talk_on_telegram(&ann, &mia, &room).await;
    mia.says("/back");
    reads(&ann, "handed the conversation back").await;
    is_answered(&ann, "how much is the Halo lamp?", "49.90 EUR").await;

    is_answered(&ann, "I want to talk to a person", "colleague").await;
    room.wait_for("a second card", |shown| {
        shown
            .iter()
            .filter(|it| it.text.starts_with("Why:"))
            .count()
            == 2
    })
    .await;
    mia.says("/team service");
    let thread = desks.channel.wait_for_threads(1).await.remove(0);
    thread.wait_for_words("team service").await;
    let tom = desks.tom.at(&thread);
    tom.says("/take");
    reads(&ann, "Tom from Lumen & Loft is with you now").await;
    talk_on_discord(&ann, &tom, &thread).await;
    tom.says("/close");
    reads(&ann, "This conversation is closed").await;
    is_answered(&ann, "Do you deliver to Austria?", "European Union").await;
    desks.world.settled().await;

    assert_customer(&ann);
    assert_room(&room);
    assert_thread(&thread);
    assert_eq!(desks.group.topics().len(), 1);
    assert_eq!(desks.channel.threads().len(), 1);
    desks.world.end().await;
}

fn assert_customer(ann: &Customer) {
    insta::assert_snapshot!(chat(ann), @r#"
    Ann: What does delivery cost?
    --
    Consultant: Hello! I am the AI assistant of Lumen & Loft (not a person).
    A parcel costs 4.90 EUR, furniture 29 EUR per order. From an order value of 150 EUR parcels travel free of charge.
    --
    Ann: I want to talk to a person
    --
    Consultant: Of course. A colleague will write to you here.
    --
    Consultant: Mia from Lumen & Loft is with you now.
    --
    Ann: Is it heavy?
    --
    Ann: my corner [photo \x89PNG\r\n\x1a\nAnn\'s corner]
    --
    Ann: [voice OggS\x00\x02Ann speaks]
    --
    Consultant: It weighs 2 kg
    --
    Consultant: [photo \x89PNG\r\n\x1a\nMia\'s lamp]
    --
    Consultant: [voice OggS\x00\x02Mia speaks]
    --
    Consultant: My colleague has handed the conversation back to me, the AI assistant. What else can I do for you?
    --
    Ann: how much is the Halo lamp?
    --
    Consultant: The Halo desk lamp costs 49.90 EUR (black, white) or 59.90 EUR (oak).
    How many would you like?
    --
    Ann: I want to talk to a person
    --
    Consultant: Of course. A colleague will write to you here.
    --
    Consultant: Tom from Lumen & Loft is with you now.
    --
    Ann: Will it be here on Friday?
    --
    Ann: my door [photo \x89PNG\r\n\x1a\nAnn\'s door]
    --
    Ann: [voice OggS\x00\x02Ann asks]
    --
    Consultant: It will
    --
    Consultant: [photo \x89PNG\r\n\x1a\nTom\'s van]
    --
    Consultant: [voice OggS\x00\x02Tom speaks]
    --
    Consultant: This conversation is closed. Just write again whenever you need something.
    --
    Ann: Do you deliver to Austria?
    --
    Consultant: We deliver to all countries of the European Union, to Switzerland and to Norway. We cannot deliver elsewhere yet.
    "#);
}

fn assert_room(room: &Topic) {
    let shown = room.shows();
    let room = shown.iter().map(on_telegram).collect::<Vec<_>>();
    insta::assert_snapshot!(room.join("\n--\n"), @r#"
    Consultant: Why: The customer asks for a person
    Priority: normal
    Customer: telegram, en
    Stage: greet
    👤 What does delivery cost?
    🤖 Hello! I am the AI assistant of Lumen & Loft (not a person). A parcel costs 4.90 EUR, furniture 29 EUR per order. From an order value of 150 EUR parcels travel free of charge.
    👤 I want to talk to a person
    🤖 Of course. A colleague will write to you here.
    --
    Consultant: Mia has the conversation now; the bot is silent.
    --
    Consultant: 👤 Is it heavy?
    --
    Consultant: 👤 my corner
    --
    Consultant: [photo \x89PNG\r\n\x1a\nAnn\'s corner]
    --
    Consultant: [voice OggS\x00\x02Ann speaks]
    --
    Mia: // she sounds nice
    --
    Mia: It weighs 2 kg
    --
    Mia: [photo \x89PNG\r\n\x1a\nMia\'s lamp]
    --
    Mia: [voice OggS\x00\x02Mia speaks]
    --
    Mia: /back
    --
    Consultant: Mia gave the conversation back to the bot.
    --
    Consultant: Why: The customer asks for a person
    Priority: normal
    Customer: telegram, en
    Stage: advise
    Known: product desk-lamp
    🤖 Of course. A colleague will write to you here.
    👤 Is it heavy?
    👤 my corner
    🧑‍💼 It weighs 2 kg
    👤 how much is the Halo lamp?
    🤖 The Halo desk lamp costs 49.90 EUR (black, white) or 59.90 EUR (oak). How many would you like?
    👤 I want to talk to a person
    🤖 Of course. A colleague will write to you here.
    --
    Mia: /team service
    --
    Consultant: Priority normal, team service.
    "#);
}

fn assert_thread(thread: &discord::Room) {
    let shown = thread.shows();
    let thread = shown.iter().map(on_discord).collect::<Vec<_>>();
    insta::assert_snapshot!(thread.join("\n--\n"), @r#"
    consultant: Why: The customer asks for a person
    Priority: normal
    Customer: telegram, en
    Stage: advise
    Known: product desk-lamp
    🤖 Of course. A colleague will write to you here.
    👤 Is it heavy?
    👤 my corner
    🧑‍💼 It weighs 2 kg
    👤 how much is the Halo lamp?
    🤖 The Halo desk lamp costs 49.90 EUR (black, white) or 59.90 EUR (oak). How many would you like?
    👤 I want to talk to a person
    🤖 Of course. A colleague will write to you here.
    --
    consultant: Priority normal, team service.
    --
    Tom: /take
    --
    consultant: Tom has the conversation now; the bot is silent.
    --
    consultant: 👤 Will it be here on Friday?
    --
    consultant: 👤 my door
    --
    consultant: [picture \x89PNG\r\n\x1a\nAnn\'s door]
    --
    consultant: [voice OggS\x00\x02Ann asks]
    --
    Tom: It will
    --
    Tom: [van.png \x89PNG\r\n\x1a\nTom\'s van]
    --
    Tom: [voice-message.ogg OggS\x00\x02Tom speaks]
    --
    Tom: /close
    --
    consultant: Tom closed the conversation. If the customer writes again, the bot answers.
    "#);
}
