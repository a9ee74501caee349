//! Days, opening times, and chance that falls out the same.

use std::sync::Arc;

use consultant_core::{BusinessHours, OpenFor};
use jiff::{civil::Time, tz::TimeZone};

use super::*;

/// Open on weekdays from nine to six, an hour east of Greenwich.
fn hours() -> BusinessHours {
    BusinessHours {
        zone: TimeZone::fixed(jiff::tz::offset(1)),
        open: (1..=5)
            .map(|weekday| OpenFor {
                weekday,
                from: Time::constant(9, 0, 0, 0),
                until: Time::constant(18, 0, 0, 0),
            })
            .collect(),
        closed: std::collections::BTreeSet::new(),
    }
}

#[test]
fn a_script_knows_the_day_and_whether_people_are_there() {
    let mut turn = says("");
    // Without opening times somebody is always there.
    sees(
        &turn,
        "turn.open && !turn.hours_known && turn.opens_at == ()",
        "true",
    );
    sees(&turn, "turn.open_on(turn.today)", "true");
    let mut catalog = (*turn.catalog).clone();
    catalog.company.hours = Some(hours());
    turn.catalog = Arc::new(catalog);
    sees(&turn, "turn.open", "true");
    sees(&turn, "turn.now.hour", "13");
    sees(&turn, "`${turn.now} ${turn.now.weekday}`", "13:00 monday");
    turn.now = "2026-11-27T23:30:00Z".parse().unwrap();
    sees(&turn, "turn.open", "false");
    sees(&turn, "turn.today", "2026-11-28");
    sees(&turn, "turn.opens_at.date.weekday", "monday");
    sees(&turn, "turn.opens_at.date.written()", "30 November 2026");
    sees(
        &turn,
        "turn.opens_at.date.written(\"zh\")",
        "2026年11月30日",
    );
    sees(
        &turn,
        "turn.today.plus_days(2) == turn.opens_at.date",
        "true",
    );
    sees(&turn, "turn.today.days_until(date(\"2026-12-24\"))", "26");
    sees(&turn, "turn.today < date(\"2026-12-24\")", "true");
    sees(&turn, "turn.now.minutes_until(turn.opens_at) / 60", "56");
    sees(&turn, "turn.open_on(date(\"2026-11-29\"))", "false");
    sees(&turn, "turn.open_on(date(\"2026-11-30\"))", "true");
    fails(&turn, "[say(`${date(\"24.12.2026\")}`)]", "a day such as");
}

#[test]
fn a_day_beside_a_text_is_told() {
    for wrong in [
        "turn.today >= \"2026-12-18\"",
        "\"2026-12-18\" == turn.today",
        "turn.today in [\"2026-12-24\"]",
    ] {
        fails(&says(""), &format!("[say(`${{{wrong}}}`)]"), "write `date(");
    }
}

#[test]
fn half_a_minute_is_a_minute_and_not_none() {
    let mut turn = says("");
    let mut catalog = (*turn.catalog).clone();
    catalog.company.hours = Some(hours());
    turn.catalog = Arc::new(catalog);
    turn.now = "2026-11-23T07:59:30Z".parse().unwrap();
    sees(&turn, "turn.now.minutes_until(turn.opens_at)", "1");
    sees(&turn, "turn.opens_at.minutes_until(turn.now)", "0");
}

#[test]
fn chance_is_the_same_for_the_same_turn_and_another_for_the_next() {
    let turn = says("");
    let playbook = playbook("[say(`${pick([1, 2, 3, 4, 5, 6])} ${pick([1, 2, 3, 4, 5, 6])}`)]");
    let rolled = |seed: u64| {
        let mut turn = turn.clone();
        turn.seed = seed;
        format!("{:?}", playbook.answer(&turn).unwrap())
    };
    assert_eq!(rolled(1), rolled(1));
    let different: std::collections::BTreeSet<String> = (0..200).map(rolled).collect();
    assert!(different.len() > 25, "{} of 36", different.len());
    sees(&turn, "chance(0) || !chance(100)", "false");
    fails(&turn, "[say(`${chance(101)}`)]", "0 to 100 percent");
    fails(&turn, "[say(`${pick([])}`)]", "not empty");
}
