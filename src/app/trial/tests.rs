//! What is counted, what is told, and whether the test keeps its promise.

use consultant_core::{Happening, Language, Proof, RELEASE_FORMAT, ReleaseStep};

use super::*;

fn minute(minutes: i64) -> Timestamp {
    Timestamp::from_second(minutes * 60).unwrap()
}

fn at(minutes: i64, what: Happening) -> LedgerEvent {
    LedgerEvent {
        at: minute(minutes),
        what,
    }
}

fn began(minutes: i64, version: &str) -> LedgerEvent {
    let what = Happening::Began {
        playbook: version.into(),
        stage: "greet".to_owned(),
    };
    at(minutes, what)
}

fn answered(minutes: i64) -> LedgerEvent {
    let what = Happening::Answered {
        inbound: Vec::new(),
        said: "hi".to_owned(),
        replied: "hello".to_owned(),
        sources: Vec::new(),
        language: Language::EN,
        playbook: "a".into(),
        trace: None,
    };
    at(minutes, what)
}

fn stage(minutes: i64, from: &str, to: &str) -> LedgerEvent {
    let (from, to) = (from.to_owned(), to.to_owned());
    at(minutes, Happening::StageChanged { from, to })
}

fn won(minutes: i64) -> LedgerEvent {
    let stage = "close".to_owned();
    at(minutes, Happening::Won { stage })
}

fn escalated(minutes: i64) -> LedgerEvent {
    let what = Happening::Escalated {
        reason: "asked".to_owned(),
        priority: consultant_core::Priority::Normal,
        team: None,
    };
    at(minutes, what)
}

fn moved(minutes: i64) -> LedgerEvent {
    let what = Happening::Moved {
        from: "a".into(),
        to: "b".into(),
        why: consultant_core::MoveReason::Recalled,
    };
    at(minutes, what)
}

fn releases(judged_after_minutes: u32, percent: u8, since: i64) -> Vec<ReleaseEvent> {
    let steps = [
        ReleaseStep::Published {
            version: "a".into(),
            proof: Proof::default(),
        },
        ReleaseStep::TrialBegan {
            version: "b".into(),
            percent,
            judged_after_minutes,
            proof: Proof::default(),
        },
    ];
    let numbered = steps.into_iter().zip(1..);
    let events = numbered.map(|(what, number)| ReleaseEvent {
        format: RELEASE_FORMAT,
        number,
        at: minute(since),
        author: "ann".to_owned(),
        note: None,
        what,
    });
    events.collect()
}

fn of(ledgers: &[Vec<LedgerEvent>], releases: &[ReleaseEvent], now: i64) -> Results {
    Results::of(ledgers, releases, (minute(0), minute(now)))
}

#[test]
fn a_conversation_counts_for_what_it_began_with_and_again_when_it_begins_anew() {
    let ledger = vec![
        began(1, "a"),
        answered(1),
        stage(2, "greet", "close"),
        won(2),
        answered(2),
        moved(3),
        answered(3),
        at(4, Happening::Reset),
        // Not of the beginning before, and not of the next one.
        escalated(4),
        began(5, "b"),
        answered(5),
    ];
    let results = of(&[ledger], &[], 10);
    let told: Vec<_> = results
        .versions
        .iter()
        .map(|it| (it.version.as_str(), it.began, it.deals, it.moved))
        .collect();
    assert_eq!(told, [("b", 1, 0, 0), ("a", 1, 1, 1)]);
    let (b, a) = (&results.versions[0], &results.versions[1]);
    assert_eq!((a.escalations, b.escalations), (0, 0));
    assert_eq!((a.mean_turns, b.mean_turns), (Some(3.0), Some(1.0)));
    assert_eq!((a.minutes_to_deal, a.stages.len()), (Some(1), 2));
}

#[test]
fn who_began_before_or_was_written_by_an_older_program_is_not_counted() {
    let old = vec![answered(1), won(2)];
    let before = vec![began(1, "a"), answered(1)];
    let since = (minute(2), minute(10));
    let results = Results::of(&[old, before], &[], since);
    assert!(results.versions.is_empty());
    let told = results.render();
    assert!(told.starts_with("no conversation began since"), "{told}");
}

#[test]
fn in_a_trial_each_is_judged_after_the_same_time_and_the_youngest_are_open() {
    let ledgers = [
        vec![began(10, "b"), won(69)],
        vec![began(10, "b"), won(71)],
        vec![began(20, "a"), escalated(80)],
        vec![began(150, "a"), won(151)],
        vec![began(150, "c"), won(151)],
    ];
    let results = of(&ledgers, &releases(60, 50, 5), 200);
    let trial = results.trial.clone().unwrap();
    assert_eq!((trial.tried.began, trial.tried.judged), (2, 2));
    assert_eq!((trial.tried.deals, trial.against.deals), (1, 0));
    assert_eq!(trial.against.escalations, 1);
    assert_eq!((trial.against.still_open(), trial.still_open), (1, 1));
    assert_eq!(trial.deals.compared, 2);
    // The table above it says what stands now.
    let b = results
        .versions
        .iter()
        .find(|it| it.version.as_str() == "b");
    assert_eq!(b.unwrap().deals, 2);
}

/// Conversations of both versions by turns, of which some become deals.
fn many(of_a: i64, of_b: i64) -> Vec<Vec<LedgerEvent>> {
    let one = |number: i64| {
        let (version, every) = [("a", of_a), ("b", of_b)][usize::from(number % 2 == 1)];
        let is_deal = (number / 2) % every == 0;
        let mut ledger = vec![began(number, version), answered(number)];
        ledger.push(stage(number, "greet", "offer"));
        if is_deal {
            ledger.extend([stage(number + 3, "offer", "close"), won(number + 3)]);
        }
        ledger
    };
    (0..400).map(one).collect()
}

#[track_caller]
fn check_words(ledgers: &[Vec<LedgerEvent>], deals: Word, escalations: Word) {
    let trial = of(ledgers, &releases(60, 50, 0), 1000).trial.unwrap();
    assert_eq!(
        (trial.deals.word, trial.escalations.word),
        (deals, escalations)
    );
}

#[test]
fn a_large_difference_is_told_in_its_direction() {
    use Word::{Better, NoDifferenceShownYet, Worse};
    check_words(&many(10, 3), Better, NoDifferenceShownYet);
    check_words(&many(3, 10), Worse, NoDifferenceShownYet);
    check_words(&many(4, 4), NoDifferenceShownYet, NoDifferenceShownYet);
    let mut annoyed = many(4, 4);
    for ledger in annoyed.iter_mut().skip(1).step_by(4) {
        ledger.push(escalated(500));
        let began = ledger[0].at;
        ledger.last_mut().unwrap().at = began;
    }
    check_words(&annoyed, NoDifferenceShownYet, Worse);
    check_words(&[], NoDifferenceShownYet, NoDifferenceShownYet);
}

#[test]
fn people_read_rows_bars_and_a_verdict() {
    let mut ledgers = many(10, 3);
    ledgers.push(vec![began(999, "b")]);
    insta::assert_snapshot!(of(&ledgers, &releases(60, 50, 0), 1000).render());
}

#[test]
fn programs_read_the_same() {
    let results = of(&many(10, 3), &releases(60, 50, 0), 1000);
    insta::assert_json_snapshot!(results.json(), {
        ".trial.deals.p_value" => "p",
        ".trial.escalations.p_value" => "p",
    });
}

#[test]
fn blocks_hold_both_versions_as_they_come_in() {
    let of_a_block = |percent: u8| {
        let mut evidence = Evidence::new(percent);
        let mut fed = (0, 0);
        while evidence.compared() == 0 {
            if fed.1 * u32::from(percent) <= fed.0 * u32::from(100 - percent) {
                evidence.tried(true);
                fed.1 += 1;
            } else {
                evidence.against(false);
                fed.0 += 1;
            }
        }
        evidence.compared()
    };
    assert_eq!(
        [1, 10, 25, 50, 60, 90, 99].map(of_a_block),
        [100, 10, 4, 2, 3, 10, 100]
    );
}

/// `SplitMix64`, so that a simulation falls out the same on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
        let share = (mixed >> 11) as f64 / (1_u64 << 53) as f64;
        share
    }
}

/// How conversations come in.
#[derive(Clone, Copy)]
struct Flow {
    percent: u8,
    /// How often it happens with the version on trial, and with the other one.
    shares: (f64, f64),
    /// How many of one version come before any of the other, as where servers start at different
    /// times.
    late: usize,
    conversations: usize,
}

/// How many of these trials ever say that there is a difference, with a look after each
/// conversation.
fn found(trials: u32, flow: Flow, seed: u64) -> u32 {
    let mut dice = Dice(seed);
    let mut found = 0;
    for _ in 0..trials {
        let mut evidence = Evidence::new(flow.percent);
        for number in 0..flow.conversations {
            let is_tried = number >= flow.late && dice.next() * 100.0 < f64::from(flow.percent);
            if is_tried {
                evidence.tried(dice.next() < flow.shares.0);
            } else {
                evidence.against(dice.next() < flow.shares.1);
            }
            if evidence.p_value() <= SHOWN_BELOW {
                found += 1;
                break;
            }
        }
    }
    found
}

/// Of versions that are alike, at most one trial in twenty says otherwise, and by sampling error a
/// few more: three standard errors of 2,000 trials are 29.
#[track_caller]
fn check_false_alarms(percent: u8, share: f64, late: usize) {
    const TRIALS: u32 = 2_000;
    let flow = Flow {
        percent,
        shares: (share, share),
        late,
        conversations: 400,
    };
    let alarms = found(TRIALS, flow, u64::from(percent) + late as u64);
    assert!(alarms <= TRIALS / 20 + 29, "{alarms} of {TRIALS}");
}

#[test]
fn versions_that_are_alike_are_rarely_said_to_differ_however_often_one_looks() {
    check_false_alarms(50, 0.2, 0);
    check_false_alarms(10, 0.2, 0);
    check_false_alarms(50, 0.03, 150);
    check_false_alarms(80, 0.5, 50);
}

#[test]
fn versions_that_differ_are_mostly_told_apart() {
    let differing = |percent, trials| {
        let flow = Flow {
            percent,
            shares: (0.4, 0.2),
            late: 0,
            conversations: 1_000,
        };
        found(trials, flow, 3)
    };
    assert!(differing(50, 200) >= 195, "{}", differing(50, 200));
    assert!(differing(10, 200) >= 150, "{}", differing(10, 200));
}

#[test]
fn what_is_known_of_a_conversation_does_not_change_with_a_later_look() {
    let ledgers = many(10, 3);
    let release = releases(60, 50, 0);
    let mut last = 1.0;
    for now in (0..600).step_by(25) {
        let p = of(&ledgers, &release, now).trial.unwrap().deals.p_value;
        assert!(p <= last, "at {now} {p} > {last}");
        last = p;
    }
}

#[test]
fn a_version_is_told_by_its_whole_name() {
    let version: PlaybookVersion = "0123456789abcdef".into();
    let ledger = vec![began(1, version.as_str()), answered(1)];
    let told = of(&[ledger], &[], 2).render();
    assert!(told.contains("0123456789abcdef"), "{told}");
}
