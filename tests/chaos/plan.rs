//! What a schedule does, drawn from its dice before anything runs: who writes what when, which
//! store serves, and which fault strikes at which step marker.

use std::{fmt, time::Duration};

use consultant_core::ChannelName;

use super::{
    dice::Dice,
    fault::{CallFault, Fault, GatewayFault, Sort},
};

/// Where the process can be ended: every step of a turn, before and after its effect.
const STEPS_OF_A_TURN: [&str; 12] = [
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

/// By so many seconds the clock is off when all is said: later than any reminder, whatever the
/// clock had jumped to when it was set, and together with all jumps less than the 48 hours for
/// which keys are kept.
pub(super) const AFTER_ALL_REMINDERS: i64 = 88_000;

/// What the parent and the child take for granted about who is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Platforms {
    /// Telegram and Discord side by side.
    #[default]
    Both,
    /// Telegram alone.
    Telegram,
    /// Discord alone.
    Discord,
}

/// One schedule.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) store: StoreKind,
    /// For how long a customer must be quiet before an answer begins.
    pub(super) quiet: Duration,
    /// Whether Telegram calls instead of being polled.
    pub(super) webhook: bool,
    pub(super) customers: Vec<CustomerPlan>,
    pub(super) faults: Vec<Planned>,
}

/// Which store serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StoreKind {
    Sqlite,
    Redis,
}

/// Somebody and all that they will say.
#[derive(Clone, Debug)]
pub(super) struct CustomerPlan {
    pub(super) channel: ChannelName,
    /// In a group or a guild's channel instead of in private.
    pub(super) in_public: bool,
    pub(super) says: Vec<Say>,
}

/// One message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Say {
    pub(super) gap: Gap,
    pub(super) wants: Wants,
    /// Whether the message is changed, and what lies before that.
    pub(super) edited: Option<Gap>,
}

/// What kind of answer a message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wants {
    /// A few words.
    Few,
    /// More than a platform's message holds.
    Long,
    /// Words that the model writes, shown while it does.
    Written,
    /// A few words about a picture, which is kept.
    Picture,
    /// A few words about several pictures, which come one by one where the platform sends them so.
    Album,
    /// A few words about what a button means. Telegram only: Discord tells of a press once, and
    /// nobody who was not there.
    Pressed,
    /// A few words at once, and a reminder when its time has come.
    Reminder,
}

/// What lies before a message, or before its change.
#[derive(Clone, Copy, Debug)]
pub(super) enum Gap {
    /// This time.
    Pause(Duration),
    /// The answers to everything before.
    Answers,
}

/// A fault and its step marker.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) at: Marker,
    pub(super) what: Fault,
}

/// The nth time that this step comes for this customer; without one, for the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    pub(super) step: String,
    pub(super) customer: Option<usize>,
    pub(super) nth: u32,
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.customer {
            Some(customer) => write!(f, "{} #{} of customer {customer}", self.step, self.nth),
            None => write!(f, "{} #{}", self.step, self.nth),
        }
    }
}

impl Plan {
    /// Draws schedule `number` of a run with this seed.
    pub(super) fn draw(seed: u64, number: u64, platforms: Platforms) -> Self {
        let mut dice = Dice::new(seed, number);
        let store = dice.pick(&[StoreKind::Sqlite, StoreKind::Sqlite, StoreKind::Redis]);
        let quiet = Duration::from_millis(dice.pick(&[0, 0, 150, 400]));
        let webhook = dice.one_in(3);
        let mut customers = customers(&mut dice, platforms);
        if step_of_turn(number).starts_with("shown") {
            with_a_long_answer(&mut customers[0]);
        }
        let mut draw = Draw {
            dice,
            customers: &customers,
        };
        let mut faults = draw.ends_of_the_process(number);
        faults.extend(draw.calls());
        faults.extend(draw.updates());
        faults.extend(draw.gateway());
        faults.extend(draw.store());
        faults.extend(draw.timers());
        Self {
            store,
            quiet,
            webhook,
            customers,
            faults,
        }
    }

    /// The same schedule without these sorts of faults.
    pub(super) fn without(mut self, sorts: &[Sort]) -> Self {
        self.faults.retain(|it| !sorts.contains(&it.what.sort()));
        self
    }

    /// How many messages are written.
    pub(super) fn messages(&self) -> usize {
        self.customers.iter().map(|one| one.says.len()).sum()
    }

    /// Whether somebody waits for a reminder.
    pub(super) fn has_reminders(&self) -> bool {
        let mut says = self.customers.iter().flat_map(|one| &one.says);
        says.any(|say| say.wants == Wants::Reminder)
    }
}

fn customers(dice: &mut Dice, platforms: Platforms) -> Vec<CustomerPlan> {
    let (telegram, discord) = match platforms {
        Platforms::Both => (dice.from(2, 3), dice.from(2, 3)),
        Platforms::Telegram => (dice.from(3, 5), 0),
        Platforms::Discord => (0, dice.from(3, 5)),
    };
    let channels = [
        vec![ChannelName::Telegram; telegram],
        vec![ChannelName::Discord; discord],
    ];
    let channels = channels.into_iter().flatten();
    channels
        .map(|channel| {
            let customer = CustomerPlan {
                channel,
                in_public: dice.one_in(4),
                says: says(dice),
            };
            let customer = with_more_than_words(dice, customer);
            with_second_thoughts(dice, customer)
        })
        .collect()
}

/// Some change one of their messages, and some wish to be reminded of one: one each, because a
/// conversation has one reminder at a time, and the offer to answer a change always reads the same.
fn with_second_thoughts(dice: &mut Dice, mut customer: CustomerPlan) -> CustomerPlan {
    // Not the first: on Discord that one is said before faults begin.
    let few = |(index, say): (usize, &Say)| (index > 0 && say.wants == Wants::Few).then_some(index);
    let mut few: Vec<usize> = customer.says.iter().enumerate().filter_map(few).collect();
    // In public an edit would have to name the bot again, and nothing else is different there.
    if !customer.in_public && !few.is_empty() && dice.one_in(3) {
        let index = few.swap_remove(dice.below(few.len()));
        customer.says[index].edited = Some(gap(dice));
    }
    if !few.is_empty() && dice.one_in(6) {
        customer.says[dice.pick(&few)].wants = Wants::Reminder;
    }
    customer
}

/// Some of what is said in private comes with pictures, or by a button.
fn with_more_than_words(dice: &mut Dice, mut customer: CustomerPlan) -> CustomerPlan {
    if customer.in_public {
        return customer;
    }
    // There is nothing to press before the first answer.
    for say in customer.says.iter_mut().skip(1) {
        if say.wants != Wants::Few || !dice.one_in(6) {
            continue;
        }
        say.wants = dice.pick(&[Wants::Picture, Wants::Album, Wants::Pressed]);
        if say.wants == Wants::Pressed && customer.channel != ChannelName::Telegram {
            say.wants = Wants::Picture;
        }
        if say.wants == Wants::Pressed {
            say.gap = Gap::Answers;
        }
    }
    customer
}

/// Only a reply in several messages has steps in which a part is noted. A customer who has
/// something written gets no rows.
fn with_a_long_answer(customer: &mut CustomerPlan) {
    for say in &mut customer.says {
        if say.wants == Wants::Written {
            say.wants = Wants::Few;
        }
    }
    let say = &mut customer.says[1];
    (say.wants, say.edited) = (Wants::Long, None);
}

fn says(dice: &mut Dice) -> Vec<Say> {
    let count = dice.from(4, 8);
    // A talk with the model takes its time, so not everybody has one.
    let (wanted, often) = if dice.one_in(3) {
        (Wants::Written, 2)
    } else {
        (Wants::Long, 8)
    };
    (0..count)
        .map(|_| Say {
            gap: gap(dice),
            wants: if dice.one_in(often) {
                wanted
            } else {
                Wants::Few
            },
            edited: None,
        })
        .collect()
}

fn gap(dice: &mut Dice) -> Gap {
    match dice.below(4) {
        0 => Gap::Pause(Duration::ZERO),
        1 => Gap::Pause(dice.millis(20, 120)),
        2 => Gap::Pause(dice.millis(200, 900)),
        _ => Gap::Answers,
    }
}

/// The step at which the first end of a schedule comes.
fn step_of_turn(number: u64) -> &'static str {
    let place = usize::try_from(number).unwrap_or(0) % STEPS_OF_A_TURN.len();
    STEPS_OF_A_TURN[place]
}

struct Draw<'a> {
    dice: Dice,
    customers: &'a [CustomerPlan],
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
    fn ends_of_the_process(&mut self, number: u64) -> Vec<Planned> {
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

    fn calls(&mut self) -> Vec<Planned> {
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
    fn updates(&mut self) -> Vec<Planned> {
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

    fn gateway(&mut self) -> Vec<Planned> {
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

    fn store(&mut self) -> Vec<Planned> {
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
    fn timers(&mut self) -> Vec<Planned> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(seed: u64, number: u64) -> String {
        format!("{:?}", Plan::draw(seed, number, Platforms::Both))
    }

    #[test]
    fn a_seed_and_a_number_mean_one_schedule() {
        assert_eq!(drawn(7, 3), drawn(7, 3));
        assert_ne!(drawn(7, 3), drawn(7, 4));
        assert_ne!(drawn(7, 3), drawn(8, 3));
    }

    #[test]
    fn leaving_faults_out_changes_nothing_else() {
        let whole = Plan::draw(7, 3, Platforms::Both);
        let less = whole.clone().without(&[Sort::Ends]);
        assert!(less.faults.len() < whole.faults.len());
        let rest = whole
            .faults
            .into_iter()
            .filter(|it| it.what.sort() != Sort::Ends);
        let rest: Vec<_> = rest.map(|it| it.at).collect();
        assert_eq!(
            less.faults.into_iter().map(|it| it.at).collect::<Vec<_>>(),
            rest
        );
    }

    #[test]
    fn a_dozen_schedules_end_the_process_at_every_step_of_a_turn() {
        let first = |number| {
            let plan = Plan::draw(1, number, Platforms::Both);
            let mut faults = plan.faults.into_iter();
            faults.next().map(|it| (it.at.step, it.what.sort()))
        };
        let ends: Vec<_> = (0..12).filter_map(first).collect();
        for step in STEPS_OF_A_TURN {
            assert!(ends.contains(&(step.to_owned(), Sort::Ends)), "{step}");
        }
    }
}
