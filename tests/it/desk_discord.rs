//! A desk on Discord over real sockets: a customer writes to the bot on Telegram, and Tom of the
//! company answers in a thread of the company's own channel, across a restart of the house.

use consultant_tests::{
    discord, telegram,
    telegram::{Content, File},
    world::{World, at_any_time},
};

/// The beginning of a voice note.
const OGG: &[u8] = b"OggS\0\x02 a voice";

/// A world with a desk on Discord alone, where Tom works.
struct Desk {
    world: World,
    channel: discord::Room,
    tom: discord::Customer,
}

impl Desk {
    async fn open() -> Self {
        let mut world = World::open().await;
        world.stop().await;
        let channel = world.discord.guild_channel("team");
        let tom = world.discord.customer("Tom");
        world.write_desk(&format!(
            "desks:\n  discord: {}\nagents:\n  tom: {{name: Tom, discord: {}}}\n",
            channel.id(),
            tom.user()
        ));
        world.start().await;
        Self {
            world,
            channel,
            tom,
        }
    }

    /// Ann asks for a person, and Tom takes the conversation in the room that is opened.
    async fn taken(&self) -> (telegram::Customer, discord::Room, discord::Customer) {
        let ann = self.world.telegram.customer("Ann");
        ann.says("I want to talk to a person");
        let room = self.channel.wait_for_threads(1).await.remove(0);
        room.wait_for_words("🤖").await;
        let tom = self.tom.at(&room);
        tom.presses("Take");
        room.wait_for_words("Tom has the conversation now").await;
        (ann, room, tom)
    }
}

/// Waits until the customer sees a message that reads so.
async fn sees(customer: &telegram::Customer, text: &str) -> telegram::Seen {
    let reads = |it: &&telegram::Seen| it.text == text;
    let ready = |seen: &[telegram::Seen]| seen.iter().any(|it| reads(&it));
    let seen = customer.wait_for(text, ready).await;
    let found = seen.iter().find(reads);
    found.expect("it was seen just now").clone()
}

/// The words that the customer sees.
fn reads(customer: &telegram::Customer) -> String {
    let seen = customer.sees().into_iter().map(|it| at_any_time(&it.text));
    seen.collect::<Vec<_>>().join("\n--\n")
}

/// Tom writes, changes what he wrote, answers what was asked, and takes back what was not meant.
async fn talks(ann: &telegram::Customer, room: &discord::Room, tom: &discord::Customer) {
    let asked = ann.says("Is the *Halo* lamp @everyone heavy?");
    let question = room.wait_for_words("heavy?").await;
    let answer = tom.says("It weighs 2 kg_really_");
    sees(ann, "It weighs 2 kg_really_").await;
    tom.edits(&answer, "It weighs 2.1 kg");
    sees(ann, "It weighs 2.1 kg").await;
    tom.replies_to(&question.id, "That one is heavy, yes");
    let quoting = sees(ann, "That one is heavy, yes").await;
    assert_eq!(quoting.reply_to, Some(ann.message_of(asked)));
    let wrong = tom.says("Wrong window");
    sees(ann, "Wrong window").await;
    tom.deletes(&wrong);
    ann.wait_for("a message that is gone", |seen| {
        seen.iter().all(|it| it.text != "Wrong window")
    })
    .await;
    tom.says("//between us: she is nice");
}

async fn exchange_files(ann: &telegram::Customer, room: &discord::Room, tom: &discord::Customer) {
    ann.sends(Content::File(File::new("voice", "asks", OGG)));
    let shown = room
        .wait_for("a voice note", |shown| {
            shown.iter().any(|it| !it.files.is_empty())
        })
        .await;
    let files = shown.into_iter().flat_map(|it| it.files);
    assert_eq!(files.map(|it| it.content).collect::<Vec<_>>(), [OGG]);
    tom.uploads("", &[discord::Upload::picture()]);
    let received = ann.wait_for_files(1).await;
    assert_eq!(received[0].kind, "photo");
}

/// What stands in the room from when Tom took the conversation.
fn since_taken(room: &discord::Room) -> String {
    let shown = room.shows().into_iter().map(|it| it.to_string());
    let since = shown.skip_while(|it| !it.contains("Tom has the conversation now"));
    since.collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn tom_answers_a_customer_of_telegram_in_a_thread() {
    let desk = Desk::open().await;
    let (ann, room, tom) = desk.taken().await;
    talks(&ann, &room, &tom).await;
    desk.world.settled().await;
    insta::assert_snapshot!(reads(&ann), @r#"
    Hello! I am the AI assistant of Lumen & Loft (not a person).
    Of course. A colleague will write to you here.
    --
    Tom from Lumen & Loft is with you now.
    --
    It weighs 2.1 kg
    --
    That one is heavy, yes
    "#);
    insta::assert_snapshot!(since_taken(&room), @r#"
    consultant: Tom has the conversation now; the bot is silent.
    consultant: 👤 Is the \*Halo\* lamp \@everyone heavy?
    Tom: It weighs 2.1 kg
    Tom: That one is heavy, yes
    Tom: //between us: she is nice
    "#);
    desk.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_goes_on_across_a_restart_and_is_closed() {
    let mut desk = Desk::open().await;
    let (ann, room, tom) = desk.taken().await;
    exchange_files(&ann, &room, &tom).await;
    desk.world.stop().await;
    tom.says("I wrote this while nobody listened");
    desk.world.start().await;
    sees(&ann, "I wrote this while nobody listened").await;
    tom.says("/close");
    room.wait_for_words("closed the conversation").await;
    desk.world.settled().await;
    insta::assert_snapshot!(reads(&ann), @r#"
    Hello! I am the AI assistant of Lumen & Loft (not a person).
    Of course. A colleague will write to you here.
    --
    Tom from Lumen & Loft is with you now.
    --
    I wrote this while nobody listened
    --
    This conversation is closed. Just write again whenever you need something.
    "#);
    insta::assert_snapshot!(since_taken(&room), @r#"
    consultant: Tom has the conversation now; the bot is silent.
    consultant: [voice]
    Tom: [lamp.png]
    Tom: I wrote this while nobody listened
    Tom: /close
    consultant: Tom closed the conversation. If the customer writes again, the bot answers.
    "#);
    desk.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_no_agent_has_no_say_in_a_room() {
    let desk = Desk::open().await;
    let (ann, room, tom) = desk.taken().await;
    let eve = desk.world.discord.customer("Eve").at(&room);
    eve.says("I am the new one");
    eve.presses("Close");
    room.wait_for_words("You may not do that here").await;
    tom.says("Tom here");
    sees(&ann, "Tom here").await;
    insta::assert_snapshot!(reads(&ann), @r#"
    Hello! I am the AI assistant of Lumen & Loft (not a person).
    Of course. A colleague will write to you here.
    --
    Tom from Lumen & Loft is with you now.
    --
    Tom here
    "#);
    desk.world.end().await;
}
