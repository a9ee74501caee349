//! A customer who comes before people, and the agents who answer: they do what is planned, one thing
//! after another, and it is written down what they said.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    desk::{Desk, Room, Written, asked_by},
    director::Director,
    plan::{Deed, Gap},
    run::{WAITING, wait},
    scene::{Customer, Scene, pause},
};

/// How long agents wait for a room before they go on without: where one was deleted, the next one
/// is opened when there is something to say.
const WAITING_FOR_A_ROOM: Duration = Duration::from_secs(3);

/// What every note says; no customer may ever read it.
pub(super) const SECRET: &str = "secret";

/// What an agent wrote to a customer.
pub(super) struct Said {
    /// The word that names it.
    pub(super) name: String,
    pub(super) became: Became,
    /// The address of the room.
    pub(super) room: String,
    written: Written,
}

/// What became of words by a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Became {
    /// They were not changed.
    Same,
    /// Other words, which [`reworded`] tells.
    Reworded,
    /// A note.
    Note,
}

/// What was said in a talk, in order.
#[derive(Default)]
pub(super) struct Spoken {
    /// The words that name what the customer wrote.
    pub(super) asked: Vec<String>,
    pub(super) said: Vec<Said>,
    pub(super) notes: usize,
}

/// A talk as it goes on.
pub(super) struct Talk<'a> {
    pub(super) number: usize,
    director: &'a Director,
    desk: &'a Desk,
    customer: &'a Customer,
    spoken: Mutex<Spoken>,
}

/// What words read after a change.
pub(super) fn reworded(name: &str) -> String {
    format!("{name} anew")
}

/// The talks of a schedule.
pub(super) fn talks<'a>(scene: &'a Scene, director: &'a Director, first: usize) -> Vec<Talk<'a>> {
    let Some(desk) = &scene.desk else {
        return Vec::new();
    };
    let customers = scene.customers.iter().enumerate().skip(first);
    let talk = |(number, customer)| Talk {
        number,
        director,
        desk,
        customer,
        spoken: Mutex::default(),
    };
    customers.map(talk).collect()
}

impl Talk<'_> {
    /// Everybody does what is planned.
    pub(super) async fn go_on(&self, deeds: &[(Gap, Deed)]) {
        for (gap, deed) in deeds {
            self.leave_gap(*gap).await;
            self.does(*deed).await;
        }
    }

    pub(super) fn spoken(&self) -> MutexGuard<'_, Spoken> {
        self.spoken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn customer(&self) -> &Customer {
        self.customer
    }

    /// What people read of it.
    pub(super) fn at_desk(&self) -> Vec<String> {
        self.desk.reads(self.number)
    }

    /// How much of what was said has come to whom it is for.
    pub(super) fn arrived(&self) -> usize {
        let (seen, at_desk) = (self.customer.sees(), self.at_desk());
        let spoken = self.spoken();
        let reads = |text: &String, name: &str| text.split_whitespace().any(|it| it == name);
        let has_come = |name: &&String| {
            let mut texts = seen.iter().chain(&at_desk);
            texts.any(|it| reads(it, name))
        };
        let is_so = |said: &&Said| match said.became {
            Became::Same => seen.contains(&said.name),
            Became::Reworded => seen.contains(&reworded(&said.name)),
            Became::Note => !seen.iter().any(|it| reads(it, &said.name)),
        };
        let asked = spoken.asked.iter().filter(has_come).count();
        asked + spoken.said.iter().filter(is_so).count()
    }

    /// How much was said.
    pub(super) fn wanted(&self) -> usize {
        let spoken = self.spoken();
        spoken.asked.len() + spoken.said.len()
    }

    async fn leave_gap(&self, gap: Gap) {
        match gap {
            Gap::Pause(time) => pause(time).await,
            Gap::Answers => drop(self.settles().await),
        }
    }

    /// Whether all that was said came through in time.
    async fn settles(&self) -> bool {
        wait(WAITING, || self.arrived() >= self.wanted()).await
    }

    async fn does(&self, deed: Deed) {
        match deed {
            Deed::Asks => self.asks(""),
            Deed::Calls => self.asks(" person"),
            Deed::Shows => {
                let name = self.next_question();
                self.note(&format!("shows {name}"));
                self.customer.sends_pictures(&name, 1);
            }
            Deed::Rewrites => self.rewrites(Became::Reworded),
            Deed::MakesNote => self.rewrites(Became::Note),
            Deed::DeletesRoom => self.deletes_room().await,
            Deed::Takes(_)
            | Deed::Says(_)
            | Deed::BothSay
            | Deed::Notes(_)
            | Deed::HandsBack(_)
            | Deed::Closes(_) => self.works(deed).await,
        }
    }

    fn asks(&self, what_else: &str) {
        let text = format!("{}{what_else}", self.next_question());
        self.note(&format!("says {text}"));
        self.customer.says(&text);
    }

    fn next_question(&self) -> String {
        let mut spoken = self.spoken();
        let name = format!("{}{}", asked_by(self.number), spoken.asked.len() + 1);
        spoken.asked.push(name.clone());
        name
    }

    /// Somebody does something in the room, once there is one.
    async fn works(&self, deed: Deed) {
        wait(WAITING_FOR_A_ROOM, || {
            self.desk.room_of(self.number).is_some()
        })
        .await;
        let Some(room) = self.desk.room_of(self.number) else {
            return self.note(&format!("nobody can do this without a room: {deed:?}"));
        };
        match deed {
            Deed::Takes(agent) => self.writes(&room, agent, "/take"),
            Deed::HandsBack(agent) => self.writes(&room, agent, "/back"),
            Deed::Closes(agent) => self.writes(&room, agent, "/close"),
            Deed::Notes(agent) => {
                self.spoken().notes += 1;
                self.writes(&room, agent, &format!("// {SECRET} of {}", self.number));
            }
            Deed::BothSay => {
                self.says(&room, 0);
                self.says(&room, 1);
            }
            Deed::Says(agent) => self.says(&room, agent),
            _ => {}
        }
    }

    fn writes(&self, room: &Room, agent: usize, text: &str) {
        self.note(&format!(
            "agent {agent} writes {text} in {}",
            room.address()
        ));
        self.desk.writes(room, (self.number, agent), text);
    }

    fn says(&self, room: &Room, agent: usize) {
        let mut spoken = self.spoken();
        let name = format!("say{}x{}", self.number, spoken.said.len() + 1);
        self.note(&format!(
            "agent {agent} writes {name} in {}",
            room.address()
        ));
        let written = self.desk.writes(room, (self.number, agent), &name);
        spoken.said.push(Said {
            name,
            became: Became::Same,
            room: room.address(),
            written,
        });
    }

    /// Whoever wrote last changes that, once, while the room is there.
    fn rewrites(&self, became: Became) {
        let mut spoken = self.spoken();
        let Some(said) = spoken.said.last_mut() else {
            return;
        };
        if said.became != Became::Same || !said.written.is_there() {
            return;
        }
        said.became = became;
        let text = match became {
            Became::Note => format!("// {SECRET} {}", said.name),
            _ => reworded(&said.name),
        };
        self.note(&format!("it is changed to {text}"));
        self.desk.rewrites(self.number, &said.written, &text);
    }

    /// What is on its way in a room when that is deleted is lost, so it is waited for.
    async fn deletes_room(&self) {
        if !self.settles().await {
            return self.note("the room is not deleted: something is on its way");
        }
        pause(Duration::from_millis(100)).await;
        if let Some(room) = self.desk.room_of(self.number) {
            self.note(&format!("the room {} is deleted", room.address()));
            self.desk.deletes(&room, self.number);
        }
    }

    fn note(&self, what: &str) {
        self.director.note(&format!("talk {}: {what}", self.number));
    }
}
