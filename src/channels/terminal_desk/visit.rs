//! One open terminal: who comes in, what they are told, and what they ask. Whoever is taken off the
//! list while their terminal is open sees nothing from then on; what they may do is looked at, as
//! everywhere, when it is done.

use std::{io, sync::Arc, time::Duration};

use consultant_core::{
    Address, ChannelName, Inbound, InboundEvent, InboundKey, MessageId,
    desk::{AtDesk, DeskEvent},
    ports::{Intake, StoreError},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadHalf, WriteHalf};
use tokio_util::sync::CancellationToken;

use super::{
    TerminalDesk, files,
    lines::{self, Lines},
    log,
    rooms::{self, address_of},
    wire::{Ask, Deed, LINE_BYTES, PROTOCOL, Told},
};

/// How long whoever opens a terminal may take to say who they are, and how long a line that is told
/// may take to be read.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is looked whether an agent still is one, beside each line that they are told.
const EVERY: Duration = Duration::from_secs(1);

/// The longest name of something that is asked.
const ID_CHARS: usize = 64;

/// What a visit needs.
pub(super) struct Visiting {
    pub(super) desk: Arc<TerminalDesk>,
    pub(super) intake: Arc<dyn Intake>,
}

/// Who has come in.
struct Guest {
    account: String,
    name: String,
    visit: u64,
}

/// Why nothing came of something that was asked.
struct NotDone {
    why: String,
    hint: String,
}

/// Attends to a terminal until it is closed, or until `stop`.
pub(super) async fn attend(
    visiting: Visiting,
    stream: impl AsyncRead + AsyncWrite + Send,
    stop: CancellationToken,
) {
    let (read, mut out) = tokio::io::split(stream);
    let mut asks = Lines::new(read, LINE_BYTES);
    let ended = match visiting.let_in(&mut asks, &mut out).await {
        Ok(Some(account)) => {
            log::opened();
            let attending = visiting.talk((asks, &mut out), account, stop);
            Box::pin(attending).await
        }
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    if let Err(error) = ended {
        log::closed(&error);
    }
}

impl Visiting {
    /// Who comes in; `None` where they may not.
    async fn let_in<S: AsyncRead + AsyncWrite>(
        &self,
        asks: &mut Lines<ReadHalf<S>>,
        out: &mut WriteHalf<S>,
    ) -> io::Result<Option<String>> {
        let Ok(said) = tokio::time::timeout(PATIENCE, asks.next()).await else {
            return Ok(None);
        };
        let Some(said) = said? else {
            return Ok(None);
        };
        let turned_away = match serde_json::from_str(&said) {
            Ok(Ask::Come { account, protocol }) if protocol == PROTOCOL => {
                if self.name_of(&account).is_some() {
                    return Ok(Some(account));
                }
                turned_away(
                    format!("`{account}` is no agent of this desk"),
                    "give the name with --as; config/desk.yaml names agents with `terminal: NAME`",
                )
            }
            Ok(Ask::Come { protocol, .. }) => turned_away(
                format!("this terminal speaks protocol {protocol}, and the bot {PROTOCOL}"),
                "run `consultant desk` of the same version as `consultant serve`",
            ),
            _ => turned_away(
                "nobody has said who they are".to_owned(),
                "the first line is {\"do\":\"come\",\"account\":NAME,\"protocol\":1}",
            ),
        };
        say(out, &turned_away).await?;
        Ok(None)
    }

    /// What an account is called, while it is an agent's.
    fn name_of(&self, account: &str) -> Option<String> {
        let desks = self.desk.house.desks.now();
        let agent = desks.agent_of(ChannelName::TerminalDesk, account);
        agent.map(|it| it.name.clone())
    }

    async fn talk<S: AsyncRead + AsyncWrite>(
        &self,
        (mut asks, out): (Lines<ReadHalf<S>>, &mut WriteHalf<S>),
        account: String,
        stop: CancellationToken,
    ) -> io::Result<()> {
        // First in, then the list: what is said meanwhile comes behind it.
        let mut visit = self.desk.hub.enter();
        let guest = Guest {
            name: self.name_of(&account).unwrap_or_default(),
            account,
            visit: visit.number(),
        };
        let rooms = rooms::list(&*self.desk.house.store, false).await;
        let rooms = rooms.map_err(io::Error::other)?;
        let name = guest.name.clone();
        say(out, &Told::Welcome { name, rooms }).await?;
        loop {
            let told = tokio::select! {
                told = visit.told.recv() => match told {
                    Some(told) => self.told(&guest, Some(told)),
                    None if stop.is_cancelled() => Some(Told::Stopping),
                    // It showed nothing for too long.
                    None => return Ok(()),
                },
                () = tokio::time::sleep(EVERY) => self.told(&guest, None),
                () = stop.cancelled() => Some(Told::Stopping),
                ask = asks.next() => match ask? {
                    Some(line) => self.answer(&guest, &line).await,
                    None => return Ok(()),
                },
            };
            let Some(told) = told else { continue };
            say(out, &told).await?;
            if matches!(told, Told::TurnedAway { .. } | Told::Stopping) {
                return Ok(());
            }
        }
    }

    /// What a guest is told, as long as they are one.
    fn told(&self, guest: &Guest, told: Option<Told>) -> Option<Told> {
        if self.name_of(&guest.account).is_some() {
            return told;
        }
        Some(turned_away(
            format!("`{}` is no agent of this desk any more", guest.account),
            "config/desk.yaml says who is",
        ))
    }

    /// What is told at once to whoever asks something.
    async fn answer(&self, guest: &Guest, line: &str) -> Option<Told> {
        if line.trim().is_empty() {
            return None;
        }
        let ask = match serde_json::from_str(line) {
            Ok(ask) => ask,
            Err(error) => {
                let hint = "docs/desk.md shows what can be asked";
                return Some(not_taken(String::new(), not_done(error.to_string(), hint)));
            }
        };
        let told = match ask {
            Ask::Shown { receipt } => {
                self.desk.hub.seen(receipt);
                return None;
            }
            Ask::Come { .. } => return None,
            Ask::Rooms { all } => self.rooms(all).await,
            Ask::Room { room } => self.room(room).await,
            deed => return Some(self.do_it(guest, deed).await),
        };
        Some(told.unwrap_or_else(|error| not_taken(String::new(), error)))
    }

    async fn rooms(&self, all: bool) -> Result<Told, NotDone> {
        let rooms = rooms::list(&*self.desk.house.store, all).await;
        let rooms = rooms.map_err(|error| away(&error))?;
        Ok(Told::Rooms { rooms })
    }

    async fn room(&self, number: u64) -> Result<Told, NotDone> {
        let view = rooms::view(&*self.desk.house.store, number).await;
        let view = view.map_err(|error| away(&error))?;
        view.map(|it| Told::Room(Box::new(it)))
            .ok_or_else(|| no_room(number))
    }

    /// Hands in what is done in a room, and tells colleagues.
    async fn do_it(&self, guest: &Guest, ask: Ask) -> Told {
        let (id, room, message, what) = match self.deed(ask).await {
            Ok(deed) => deed,
            Err((id, error)) => return not_taken(id, error),
        };
        let seen = seen_by_colleagues(guest, room, &what);
        match self.hand_in(guest, (&id, &message), room, what).await {
            Ok(()) => {
                self.desk.hub.tell_others(guest.visit, &seen);
                Told::Taken { id }
            }
            Err(error) => not_taken(id, error),
        }
    }

    /// What is to be done: under which name, where, to which message, and what.
    async fn deed(&self, ask: Ask) -> Result<Deeds, (String, NotDone)> {
        let (id, room, of, what) = match ask {
            Ask::Say {
                room,
                text,
                id,
                answers,
            } => {
                let what = DeskEvent::Wrote {
                    text,
                    attachments: Vec::new(),
                    quotes: answers.map(MessageId),
                };
                (id.clone(), room, id, Ok(what))
            }
            Ask::Edit { room, of, text, id } => (id, room, of, Ok(DeskEvent::Rewrote { text })),
            Ask::Undo { room, of, id } => (id, room, of, Ok(DeskEvent::TookBack)),
            Ask::Send { room, path, id } => (id.clone(), room, id, Err(path)),
            _ => return Err((String::new(), not_done("nothing is to be done", ""))),
        };
        if !is_id(&id) || !is_id(&of) {
            let why = format!("`id` and `of` have 1 to {ID_CHARS} letters, digits, `-` and `_`");
            return Err((
                id,
                not_done(why, "give each thing that is done a name of its own"),
            ));
        }
        let is_there = self.is_room(room).await;
        if let Err(error) = is_there {
            return Err((id, error));
        }
        let what = match what {
            Ok(what) => what,
            Err(path) => match self.file(room, path).await {
                Ok(what) => what,
                Err(error) => return Err((id, error)),
            },
        };
        Ok((id, room, of, what))
    }

    async fn is_room(&self, number: u64) -> Result<(), NotDone> {
        let conversation = self.desk.house.store.at(&address_of(number)).await;
        match conversation.map_err(|error| away(&error))? {
            Some(_) => Ok(()),
            None => Err(no_room(number)),
        }
    }

    async fn file(&self, room: u64, path: std::path::PathBuf) -> Result<DeskEvent, NotDone> {
        let (media, most) = (&*self.desk.house.media, self.desk.settings.max_file_bytes);
        let taken = files::taken(media, &address_of(room), path, most).await;
        let attachment = taken.map_err(|it| not_done(it.why, it.hint))?;
        Ok(DeskEvent::Wrote {
            text: String::new(),
            attachments: vec![attachment],
            quotes: None,
        })
    }

    /// Stores it. Names are each agent's own, so that nobody changes what a colleague said.
    async fn hand_in(
        &self,
        guest: &Guest,
        (id, message): (&str, &str),
        room: u64,
        what: DeskEvent,
    ) -> Result<(), NotDone> {
        let account = &guest.account;
        let key = InboundKey(format!("{}:{account}/{id}", ChannelName::TerminalDesk));
        let event = InboundEvent::AtDesk(AtDesk {
            user: account.clone(),
            name: guest.name.clone(),
            among_all: false,
            what,
        });
        let address: Address = address_of(room);
        let inbound = Inbound {
            message: Some(MessageId(format!("{account}/{message}"))),
            ..Inbound::new(key, address, self.desk.house.clock.now(), event)
        };
        self.intake
            .accept(inbound)
            .await
            .map_err(|error| away(&error))
    }
}

/// Under which name, where, to which message, and what.
type Deeds = (String, u64, String, DeskEvent);

fn seen_by_colleagues(guest: &Guest, room: u64, what: &DeskEvent) -> Told {
    let (what, text) = match what {
        DeskEvent::Rewrote { text } => (Deed::Changed, text.clone()),
        DeskEvent::TookBack => (Deed::TakenBack, String::new()),
        DeskEvent::Wrote {
            text, attachments, ..
        } if text.is_empty() => (Deed::Said, "📎".repeat(attachments.len())),
        DeskEvent::Wrote { text, .. } => (Deed::Said, text.clone()),
        DeskEvent::Other { .. } | DeskEvent::Pressed { .. } => (Deed::Said, String::new()),
    };
    Told::Colleague {
        name: guest.name.clone(),
        room,
        what,
        text,
    }
}

/// A name that stands in keys.
fn is_id(id: &str) -> bool {
    let fits = (1..=ID_CHARS).contains(&id.chars().count());
    fits && id
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

async fn say<S: AsyncWrite>(out: &mut WriteHalf<S>, told: &Told) -> io::Result<()> {
    let said = tokio::time::timeout(PATIENCE, lines::write(out, told)).await;
    said.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "nobody reads")))
}

fn turned_away(why: String, hint: &str) -> Told {
    Told::TurnedAway {
        why,
        hint: hint.to_owned(),
    }
}

fn not_taken(id: String, NotDone { why, hint }: NotDone) -> Told {
    Told::NotTaken { id, why, hint }
}

fn not_done(why: impl Into<String>, hint: impl Into<String>) -> NotDone {
    NotDone {
        why: why.into(),
        hint: hint.into(),
    }
}

fn no_room(number: u64) -> NotDone {
    not_done(
        format!("there is no room {number}"),
        "/rooms names those that there are",
    )
}

fn away(error: &StoreError) -> NotDone {
    not_done(
        format!("the store cannot be reached: {error}"),
        "nothing was done; try it again in a moment",
    )
}
