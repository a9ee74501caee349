//! What goes wrong in a schedule, and at which step marker.

use std::time::Duration;

use consultant_core::ChannelName;

use super::{AFTER_ALL_REMINDERS, CustomerPlan, Marker, Planned, Wants};
use crate::{
    dice::Dice,
    fault::{CallFault, Fault, GatewayFault},
};

/// Where the process can be ended: every step of a turn, before and after its effect.
pub(super) const STEPS_OF_A_TURN: [&str; 12] = [
    "accept.before",
    "accept.after",
    "open.before",
    "open.after",
    "commit.before",
    "commit.after",
    "send.before",
    "send.after",
    "shown.before",
    "shown.after",
    "ended.before",
    "ended.after",
];

/// The step at which the first end of a schedule comes.
pub(super) fn step_of_turn(number: u64) -> &'static str {
    let place = usize::try_from(number).unwrap_or(0) % STEPS_OF_A_TURN.len();
    STEPS_OF_A_TURN[place]
}

/// Draws the faults of a schedule.
pub(super) struct Draw<'a> {
    pub(super) dice: Dice,
    pub(super) customers: &'a [CustomerPlan],
}

impl Draw<'_> {
    fn on(&mut self, step: &str, customer: usize, what: Fault) -> Planned {
        // An early occurrence, so that it comes whatever the bursts turn out to be.
        let nth = u32::try_from(self.dice.from(1, 3)).unwrap_or(1);
        let at = Marker {
            step: step.to_owned(),
            customer: Some(customer),
            nth,
        };
        Planned { at, what }
    }

    fn anyone(&mut self) -> usize {
        self.dice.below(self.customers.len())
    }

    /// The first end of each schedule goes round over all steps of a turn; the others are drawn.
    pub(super) fn ends_of_the_process(&mut self, number: u64) -> Vec<Planned> {
        let count = self.dice.from(1, 3);
        let mut ends = Vec::new();
        for index in 0..count {
            let step = match index {
                0 => step_of_turn(number),
                _ => self.dice.pick(&STEPS_OF_A_TURN),
            };
            let what = match self.dice.below(6) {
                0 if index > 0 => Fault::Terminate,
                1 => Fault::Kill {
                    // Together less than the 48 hours for which keys are kept: a clock that jumps
                    // over those makes every key forgotten, which the README says.
                    clock_off_by: self.dice.pick(&[-80_000, -3_600, 3_600, 80_000]),
                },
                _ => Fault::Kill { clock_off_by: 0 },
            };
            let customer = if index == 0 { 0 } else { self.anyone() };
            let mut end = self.on(step, customer, what);
            if index == 0 {
                // So that it surely comes.
                end.at.nth = 1;
            }
            ends.push(end);
        }
        if self.dice.one_in(3) {
            // Also while the model writes.
            let step = self.dice.pick(&["edit.before", "edit.after"]);
            let customer = self.anyone();
            ends.push(self.on(step, customer, Fault::Kill { clock_off_by: 0 }));
        }
        if self.dice.one_in(4) {
            // Also while a start takes up what the end before has left.
            let step = self.dice.pick(&["backlog.before", "backlog.after"]);
            let at = Marker {
                step: step.to_owned(),
                customer: None,
                nth: 2,
            };
            let what = Fault::Kill { clock_off_by: 0 };
            ends.push(Planned { at, what });
        }
        ends
    }

    pub(super) fn calls(&mut self) -> Vec<Planned> {
        let count = self.dice.from(2, 5);
        (0..count)
            .map(|_| {
                let what = match self.dice.below(24) {
                    0..4 => CallFault::Flood(Duration::from_secs(1)),
                    4 => CallFault::Flood(Duration::from_secs(5)),
                    5..9 => CallFault::ServerError,
                    9..13 => CallFault::ResetBefore,
                    13..18 => CallFault::ResetAfter,
                    18..22 => CallFault::Truncated,
                    22 => CallFault::Hang,
                    _ => {
                        let all = Fault::FloodForAll(self.dice.millis(500, 3_000));
                        let customer = self.anyone();
                        return self.on("send.before", customer, all);
                    }
                };
                let customer = self.anyone();
                let step =
                    self.dice
                        .pick(&["send.before", "send.before", "send.before", "edit.before"]);
                self.on(step, customer, Fault::Call(what))
            })
            .collect()
    }

    /// Updates that come twice or in another order, and polls that go wrong.
    pub(super) fn updates(&mut self) -> Vec<Planned> {
        let mut planned = Vec::new();
        for _ in 0..self.dice.from(1, 3) {
            let step = self
                .dice
                .pick(&["accept.after", "commit.after", "ended.after"]);
            let customer = self.anyone();
            let what = self
                .dice
                .pick(&[Fault::Duplicate, Fault::Duplicate, Fault::Reorder]);
            planned.push(self.on(step, customer, what));
        }
        let telegram = |one: &CustomerPlan| one.channel == ChannelName::Telegram;
        if self.customers.iter().any(telegram) {
            for _ in 0..self.dice.from(0, 2) {
                let what = self.dice.pick(&[
                    CallFault::Flood(Duration::from_secs(1)),
                    CallFault::ServerError,
                    CallFault::ResetBefore,
                    CallFault::ResetAfter,
                    CallFault::Truncated,
                ]);
                let nth = u32::try_from(self.dice.from(2, 8)).unwrap_or(2);
                let at = Marker {
                    step: "poll.before".to_owned(),
                    customer: None,
                    nth,
                };
                let what = Fault::Call(what);
                planned.push(Planned { at, what });
            }
        }
        planned
    }

    pub(super) fn gateway(&mut self) -> Vec<Planned> {
        let customers = self.customers.iter().enumerate();
        let discord: Vec<usize> = customers
            .filter(|(_, one)| one.channel == ChannelName::Discord)
            .map(|(index, _)| index)
            .collect();
        if discord.is_empty() {
            return Vec::new();
        }
        let count = self.dice.from(0, 2);
        (0..count)
            .map(|_| {
                let what = self.dice.pick(&[
                    GatewayFault::Drop,
                    GatewayFault::Drop,
                    GatewayFault::Close(1000),
                    GatewayFault::Close(4000),
                    GatewayFault::Close(4009),
                    GatewayFault::CloseWithoutCode,
                    GatewayFault::Op7,
                    GatewayFault::Op7,
                    GatewayFault::Op9 { resumable: true },
                    GatewayFault::Op9 { resumable: false },
                ]);
                let step = self
                    .dice
                    .pick(&["accept.before", "accept.after", "send.after"]);
                let customer = self.dice.pick(&discord);
                self.on(step, customer, Fault::Gateway(what))
            })
            .collect()
    }

    pub(super) fn store(&mut self) -> Vec<Planned> {
        let mut planned = Vec::new();
        if self.dice.one_in(3) {
            let step = self.dice.pick(&STEPS_OF_A_TURN);
            let away = if self.dice.one_in(6) {
                self.dice.millis(8_000, 12_000)
            } else {
                self.dice.millis(200, 2_000)
            };
            let customer = self.anyone();
            planned.push(self.on(step, customer, Fault::StoreAway(away)));
        }
        if self.dice.one_in(2) {
            let steps = ["accept.after", "commit.after", "shown.after", "ended.after"];
            let step = self.dice.pick(&steps);
            let customer = self.anyone();
            planned.push(self.on(step, customer, Fault::AnswerLost));
        }
        planned
    }

    /// What strikes while reminders fire.
    pub(super) fn timers(&mut self) -> Vec<Planned> {
        let mut says = self.customers.iter().flat_map(|one| &one.says);
        if !says.any(|say| say.wants == Wants::Reminder) || self.dice.one_in(4) {
            return Vec::new();
        }
        let kill = Fault::Kill {
            clock_off_by: AFTER_ALL_REMINDERS,
        };
        let (step, what) = match self.dice.below(4) {
            0 => ("fire.before", kill),
            1 => ("fire.after", kill),
            2 => ("fire.after", Fault::AnswerLost),
            _ => {
                let away = self.dice.millis(200, 2_000);
                ("fire.before", Fault::StoreAway(away))
            }
        };
        let at = Marker {
            step: step.to_owned(),
            customer: None,
            nth: 1,
        };
        vec![Planned { at, what }]
    }
}
