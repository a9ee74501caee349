//! People in a schedule: customers who ask for one, agents who take conversations, write, leave notes,
//! change what they wrote, hand back and close, and what goes wrong at the place where they work.

use std::time::Duration;

use consultant_core::ChannelName;

use super::{CustomerPlan, Gap, Marker, Planned, Platforms};
use crate::{
    dice::Dice,
    fault::{Away, CallFault, Fault, Sort},
};

/// Of so many schedules one has a desk.
const ONE_IN: u64 = 4;

/// The dice of desks are others than those of the rest of a schedule, which so stays what it was.
const OTHER_DICE: u64 = 0x6465_736b;

/// Agents, each with a number.
const AGENTS: usize = 2;

/// How often the process is ended: the fifth end in the middle of an answer is the message's last.
const MOST_ENDS: usize = 4;

/// Where the process can be ended while a conversation comes before people: the steps of either
/// side, and those between a room that is opened and a room that is known.
const STEPS: [&str; 16] = [
    "desk.accept.before",
    "desk.accept.after",
    "desk.room.before",
    "desk.room.after",
    "lead.before",
    "lead.after",
    "desk.send.before",
    "desk.send.after",
    "desk.shown.after",
    "desk.ended.before",
    "desk.ended.after",
    "commit.before",
    "commit.after",
    "send.after",
    "shown.after",
    "ended.after",
];

/// A desk, and the conversations that come before it.
#[derive(Clone, Debug)]
pub(crate) struct DeskPlan {
    /// Where people work.
    pub(crate) channel: ChannelName,
    pub(crate) talks: Vec<TalkPlan>,
}

/// A customer, and all that they and the agents do, in order.
#[derive(Clone, Debug)]
pub(crate) struct TalkPlan {
    pub(crate) channel: ChannelName,
    pub(crate) deeds: Vec<(Gap, Deed)>,
}

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// The customer writes.
    Asks,
    /// The customer sends a picture with words.
    Shows,
    /// The customer wants to talk to a person.
    Calls,
    /// This agent takes the conversation.
    Takes(usize),
    /// This agent writes to the customer.
    Says(usize),
    /// Both agents write to the customer at the same time.
    BothSay,
    /// This agent leaves a note.
    Notes(usize),
    /// Whoever wrote last changes that.
    Rewrites,
    /// Whoever wrote last makes a note of that.
    MakesNote,
    /// This agent hands the conversation back.
    HandsBack(usize),
    /// This agent ends it.
    Closes(usize),
    /// Somebody deletes the room, once all that was written in it has come through.
    DeletesRoom,
}

/// Whether a schedule has a desk, and what happens there.
pub(super) fn draw(seed: u64, number: u64, platforms: Platforms) -> Option<(DeskPlan, Dice)> {
    let has_desk = match platforms {
        Platforms::WithDesk => true,
        Platforms::Both => number % ONE_IN == ONE_IN - 1,
        Platforms::Telegram | Platforms::Discord => false,
    };
    let mut dice = Dice::new(seed ^ OTHER_DICE, number);
    let plan = has_desk.then(|| DeskPlan {
        channel: platform(&mut dice),
        talks: (0..2).map(|_| talk(&mut dice)).collect(),
    });
    plan.map(|plan| (plan, dice))
}

/// Beside a desk one customer of each platform is enough.
pub(super) fn with_fewer_others(customers: &mut Vec<CustomerPlan>) {
    let mut known = Vec::new();
    customers.retain(|it| {
        let is_first = !known.contains(&it.channel);
        known.push(it.channel);
        is_first
    });
}

fn platform(dice: &mut Dice) -> ChannelName {
    dice.pick(&[ChannelName::Telegram, ChannelName::Discord])
}

fn talk(dice: &mut Dice) -> TalkPlan {
    let channel = platform(dice);
    let mut deeds = vec![
        (Gap::Answers, Deed::Asks),
        (Gap::Answers, Deed::Calls),
        (gap(dice), deed(dice)),
    ];
    for _ in 0..dice.from(8, 14) {
        let deed = deed(dice);
        deeds.push((gap(dice), deed));
    }
    let end = if dice.one_in(2) {
        Deed::Closes(0)
    } else {
        Deed::HandsBack(1)
    };
    deeds.extend([(gap(dice), end), (Gap::Answers, Deed::Asks)]);
    TalkPlan { channel, deeds }
}

fn deed(dice: &mut Dice) -> Deed {
    let agent = dice.below(AGENTS);
    match dice.below(24) {
        0..5 => Deed::Asks,
        5 => Deed::Shows,
        6 => Deed::Calls,
        7..9 => Deed::Takes(agent),
        9..15 => Deed::Says(agent),
        15 => Deed::BothSay,
        16 | 17 => Deed::Notes(agent),
        18 => Deed::Rewrites,
        19 => Deed::MakesNote,
        20 | 21 => Deed::HandsBack(agent),
        22 => Deed::Closes(agent),
        _ => Deed::DeletesRoom,
    }
}

/// As between messages of other customers, but that more happens at once.
fn gap(dice: &mut Dice) -> Gap {
    match dice.below(5) {
        0 | 1 => Gap::Pause(Duration::ZERO),
        2 => Gap::Pause(dice.millis(20, 120)),
        3 => Gap::Pause(dice.millis(200, 700)),
        _ => Gap::Answers,
    }
}

/// Adds what goes wrong at the desk and in the conversations that come before it; customers of these
/// are counted on from `first`.
pub(super) fn add_faults(
    faults: &mut Vec<Planned>,
    dice: &mut Dice,
    (plan, first): (&DeskPlan, usize),
) {
    let mut draw = Draw {
        dice,
        first,
        talks: plan.talks.len(),
    };
    let own = draw.ends();
    let mut left = MOST_ENDS - own.len();
    faults.retain(|it| {
        let is_end = it.what.sort() == Sort::Ends;
        let stays = !is_end || left > 0;
        left -= usize::from(is_end && stays);
        stays
    });
    faults.extend(own);
    faults.extend(draw.calls());
    faults.extend(draw.store());
    faults.extend(draw.away());
}

struct Draw<'a> {
    dice: &'a mut Dice,
    first: usize,
    talks: usize,
}

impl Draw<'_> {
    fn on(&mut self, step: &str, what: Fault) -> Planned {
        let talk = self.first + self.dice.below(self.talks);
        let nth = u32::try_from(self.dice.from(1, 4)).unwrap_or(1);
        // A room that is being opened is nobody's yet.
        let is_somebodys = !step.starts_with("desk.room");
        let at = Marker {
            step: step.to_owned(),
            customer: is_somebodys.then_some(talk),
            nth: if is_somebodys { nth } else { nth.min(2) },
        };
        Planned { at, what }
    }

    fn ends(&mut self) -> Vec<Planned> {
        let count = self.dice.from(1, 2);
        let end = |draw: &mut Self| {
            let step = draw.dice.pick(&STEPS);
            let what = match draw.dice.below(6) {
                0 => Fault::Terminate,
                1 => Fault::Kill {
                    clock_off_by: draw.dice.pick(&[-3_600, 1_200, 7_200]),
                },
                _ => Fault::Kill { clock_off_by: 0 },
            };
            draw.on(step, what)
        };
        (0..count).map(|_| end(self)).collect()
    }

    /// Most of the desk alone, so that what customers are told goes on; some of these too, so that
    /// agents come before what the bot has to say.
    fn calls(&mut self) -> Vec<Planned> {
        let count = self.dice.from(2, 6);
        let call = |draw: &mut Self| {
            let what = draw.dice.pick(&[
                CallFault::Flood(Duration::from_secs(1)),
                CallFault::ServerError,
                CallFault::ResetBefore,
                CallFault::ResetAfter,
                CallFault::Truncated,
            ]);
            let step = draw.dice.pick(&[
                "desk.send.before",
                "desk.send.before",
                "desk.room.before",
                "send.before",
                "send.before",
            ]);
            draw.on(step, Fault::Call(what))
        };
        let mut calls: Vec<Planned> = (0..count).map(|_| call(self)).collect();
        if self.dice.one_in(2) {
            // The answer to who calls a person, who may be there before it.
            let wait = CallFault::Flood(Duration::from_secs(1));
            let mut first = self.on("send.before", Fault::Call(wait));
            first.at.nth = 1;
            calls.push(first);
        }
        calls
    }

    fn store(&mut self) -> Vec<Planned> {
        let mut planned = Vec::new();
        if self.dice.one_in(2) {
            let step = self
                .dice
                .pick(&["desk.accept.after", "commit.after", "desk.ended.after"]);
            let what = self.dice.pick(&[Fault::AnswerLost, Fault::Duplicate]);
            planned.push(self.on(step, what));
        }
        if self.dice.one_in(6) {
            let away = Fault::StoreAway(self.dice.millis(200, 1_500));
            planned.push(self.on("commit.after", away));
        }
        planned
    }

    /// The whole desk, for a while.
    fn away(&mut self) -> Vec<Planned> {
        if !self.dice.one_in(2) {
            return Vec::new();
        }
        let time = self.dice.millis(300, 3_000);
        let how = self
            .dice
            .pick(&[Away::Failing, Away::Failing, Away::Out, Away::Rightless]);
        let step = self
            .dice
            .pick(&["desk.send.before", "commit.after", "desk.accept.after"]);
        vec![self.on(step, Fault::DeskAway(how, time))]
    }
}
