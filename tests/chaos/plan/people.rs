//! Who takes part in a schedule, and what each of them says.

use std::time::Duration;

use consultant_core::ChannelName;

use super::{CustomerPlan, Gap, Platforms, Say, Wants};
use crate::dice::Dice;

pub(super) fn customers(dice: &mut Dice, platforms: Platforms) -> Vec<CustomerPlan> {
    let (telegram, discord) = match platforms {
        Platforms::Both | Platforms::WithDesk => (dice.from(2, 3), dice.from(2, 3)),
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
pub(super) fn with_a_long_answer(customer: &mut CustomerPlan) {
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
