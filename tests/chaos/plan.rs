//! What a schedule does, drawn from its dice before anything runs: who writes what when, which
//! store serves, and which fault strikes at which step marker.

use std::{fmt, time::Duration};

use consultant_core::ChannelName;

use super::{
    dice::Dice,
    fault::{Fault, Sort},
};

#[path = "plan/desks.rs"]
mod desks;
#[path = "plan/faults.rs"]
mod faults;
#[path = "plan/people.rs"]
mod people;

pub(super) use desks::{Deed, DeskPlan, TalkPlan};
use faults::{Draw, step_of_turn};
use people::{customers, with_a_long_answer};

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
    /// Both, and people at a desk in every schedule.
    WithDesk,
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
    /// Where people work, if they do. Those who come before them are counted behind the customers.
    pub(super) desk: Option<DeskPlan>,
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
        let desk = desks::draw(seed, number, platforms);
        if desk.is_some() {
            desks::with_fewer_others(&mut customers);
        }
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
        let desk = desk.map(|(desk, mut dice)| {
            desks::add_faults(&mut faults, &mut dice, (&desk, customers.len()));
            desk
        });
        Self {
            store,
            quiet,
            webhook,
            customers,
            desk,
            faults,
        }
    }

    /// The same schedule without these sorts of faults.
    pub(super) fn without(mut self, sorts: &[Sort]) -> Self {
        self.faults.retain(|it| !sorts.contains(&it.what.sort()));
        self
    }

    /// The conversations that come before people.
    pub(super) fn talks(&self) -> &[TalkPlan] {
        self.desk.as_ref().map_or(&[], |desk| &desk.talks)
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

#[cfg(test)]
mod tests {
    use super::{faults::STEPS_OF_A_TURN, *};

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
