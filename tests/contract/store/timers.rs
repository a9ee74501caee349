//! Timers: set by commits, fired once.

use std::time::Duration;

use consultant_core::{
    ConversationId, Envelope, InboundEvent, Timer, TimerChange,
    ports::{Accepted, Clock, Commit, WholeStore},
};

use super::{NOBODY, RETENTION, Setup, commit, follow_up, message};

const DAY: Duration = Duration::from_hours(24);

fn ids(envelopes: &[Envelope]) -> Vec<&str> {
    let keys = envelopes.iter().map(|it| it.inbound.key.as_str());
    keys.map(|key| key.rsplit(':').nth(1).unwrap_or_default())
        .collect()
}

async fn next_due(world: &Setup) -> Option<jiff::Timestamp> {
    world.store.next_due().await.expect("the timers are read")
}

/// To the millisecond, into the conversation that set it, with all that it was set for.
pub async fn a_timer_fires_once_at_its_time(world: Setup) {
    assert_eq!(next_due(&world).await, None);
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    let timer = world.timer(ann, "t1", 60);
    world
        .change_timers(ann, vec![TimerChange::Set(timer.clone())])
        .await;
    assert_eq!(next_due(&world).await, Some(timer.due));
    world.clock.advance(Duration::from_millis(59_999));
    assert_eq!(world.fire(10).await, []);
    world.clock.advance(Duration::from_millis(1));
    check_fired(&world.fire(10).await, &timer);
    assert_eq!(next_due(&world).await, None);
}

fn check_fired(fired: &[Envelope], timer: &Timer) {
    let [envelope] = fired else {
        unreachable!("one timer is due: {fired:?}")
    };
    assert_eq!(envelope.conversation, timer.conversation);
    assert_eq!(envelope.sequence, 2);
    let inbound = &envelope.inbound;
    assert_eq!(inbound.key, timer.key());
    assert_eq!(
        (&inbound.address, inbound.sent_at),
        (&timer.address, timer.due)
    );
    let event = InboundEvent::Fired {
        purpose: follow_up("t1"),
        set_at: timer.set_at,
    };
    assert_eq!(inbound.event, event);
}

/// It waits like any inbound, under a key that is known at every address.
pub async fn a_timer_that_fired_is_an_inbound_like_any_other(world: Setup) {
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    let timer = world.timer(ann, "t1", 0);
    let set = vec![TimerChange::Set(timer.clone())];
    world.change_timers(ann, set).await;
    let fired = world.fire(10).await;
    assert_eq!((fired.len(), world.fire(10).await), (1, vec![]));
    assert_eq!(world.store.timers(ann).await.expect("timers"), []);
    let backlog = world.store.backlog().await.expect("a backlog");
    assert_eq!(backlog.inbox[1..], fired);
    for at in ["ann", "bob"] {
        let again = message(timer.key().as_str(), at, "no timer");
        let again = world.store.accept(again).await;
        assert_eq!(again.expect("an answer"), Accepted::Duplicate, "{at}");
    }
}

/// Setting it again moves it, taking it back removes it, and what is not there can be taken back.
pub async fn a_timer_moves_and_is_taken_back(world: Setup) {
    let set = |id: &str, seconds| TimerChange::Set(world.timer(NOBODY, id, seconds));
    let all = vec![set("t1", 10), set("t2", 20), set("t3", 30)];
    world.change_timers(NOBODY, all).await;
    world.change_timers(NOBODY, vec![set("t1", 25)]).await;
    let due = world.timer(NOBODY, "", 20).due;
    assert_eq!(next_due(&world).await, Some(due));
    world
        .change_timers(NOBODY, vec![TimerChange::Cancel("t2".into())])
        .await;
    world
        .change_timers(NOBODY, vec![TimerChange::Cancel("t2".into())])
        .await;
    let due = world.timer(NOBODY, "", 25).due;
    assert_eq!(next_due(&world).await, Some(due));
    let left = world.store.timers(NOBODY).await.expect("timers");
    let left: Vec<_> = left.iter().map(|timer| timer.id.as_str()).collect();
    assert_eq!(left, ["t1", "t3"]);
}

/// All at once; what is set after that in the same commit stays, and what was before does not.
pub async fn all_timers_are_taken_back_in_their_order(world: Setup) {
    let set = |id: &str, seconds| TimerChange::Set(world.timer(NOBODY, id, seconds));
    world.change_timers(NOBODY, vec![set("t1", 10)]).await;
    let anew = vec![TimerChange::CancelAll, set("t4", 40)];
    world.change_timers(NOBODY, anew).await;
    assert_eq!(
        next_due(&world).await,
        Some(world.timer(NOBODY, "", 40).due)
    );
    world
        .change_timers(NOBODY, vec![set("t5", 5), TimerChange::CancelAll])
        .await;
    assert_eq!(next_due(&world).await, None);
    world.clock.advance(RETENTION);
    assert_eq!(world.fire(10).await, []);
    assert_eq!(world.backlog().await.0, [""; 0]);
}

/// A conflict sets no timer and takes none back, and nobody sets another conversation's.
pub async fn timers_are_part_of_the_commit(world: Setup) {
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    let kept = world.timer(ann, "kept", 60);
    world
        .change_timers(ann, vec![TimerChange::Set(kept.clone())])
        .await;
    let change = vec![
        TimerChange::CancelAll,
        TimerChange::Set(world.timer(ann, "never", 1)),
    ];
    world
        .conflicts(Commit {
            timers: change,
            ..commit(ann, 7)
        })
        .await;
    let stray = Commit {
        timers: vec![TimerChange::Set(world.timer(NOBODY, "stray", 1))],
        ..world.put(ann, 1, "one")
    };
    let refused = world.store.commit(stray).await.expect_err("it is refused");
    assert!(refused.to_string().contains("timer stray"), "{refused}");
    let left = world.store.timers(ann).await.expect("timers");
    assert_eq!(left.as_slice(), std::slice::from_ref(&kept));
    assert_eq!(next_due(&world).await, Some(kept.due));
    assert_eq!(world.opened(ann).await.version, 1);
}

/// Over many conversations, more than are looked into at once.
pub async fn timers_fire_oldest_first_and_only_so_many(world: Setup) {
    for number in 0..150_u64 {
        let conversation = ConversationId(uuid::Uuid::from_u128(u128::from(number)));
        let id = format!("t{number}");
        // 61 and 150 have no common divisor, so every second has its one timer.
        let timer = world.timer(conversation, &id, 1 + number * 61 % 150);
        world
            .change_timers(conversation, vec![TimerChange::Set(timer)])
            .await;
    }
    world.clock.advance(Duration::from_mins(2));
    let mut fired = Vec::new();
    for expect in [50, 50, 20, 0] {
        let part = world.fire(50).await;
        assert_eq!(part.len(), expect);
        fired.extend(part);
    }
    let dues: Vec<_> = fired.iter().map(|it| it.inbound.sent_at).collect();
    assert!(dues.is_sorted(), "{dues:?}");
    world.clock.advance(Duration::from_secs(30));
    assert_eq!(world.fire(50).await.len(), 30);
}

/// The same timer for the same time is the same inbound; for another time it is another.
pub async fn a_timer_that_fired_does_not_fire_again_when_set_anew(world: Setup) {
    let timer = world.timer(NOBODY, "t1", 10);
    let later = world.timer(NOBODY, "t1", 11);
    let set = |timer| vec![TimerChange::Set(timer)];
    world.change_timers(NOBODY, set(timer.clone())).await;
    world.clock.advance(Duration::from_secs(10));
    let fired = world.fire(10).await;
    assert_eq!(ids(&fired), ["t1"]);
    for answered in [vec![timer.key()], vec![]] {
        let version = world.opened(NOBODY).await.version;
        let anew = Commit {
            timers: set(timer.clone()),
            answered,
            ..commit(NOBODY, version)
        };
        world.commit(anew).await;
        assert_eq!(world.fire(10).await, []);
    }
    world.change_timers(NOBODY, set(later)).await;
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(ids(&world.fire(10).await), ["t1"]);
}

async fn forty_due_timers(world: &Setup) {
    for number in 0..40_u128 {
        let conversation = ConversationId(uuid::Uuid::from_u128(number % 4));
        let timer = world.timer(conversation, &format!("t{number}"), 1);
        world
            .change_timers(conversation, vec![TimerChange::Set(timer)])
            .await;
    }
    world.clock.advance(Duration::from_secs(2));
}

/// What two firers got is together every timer once, in the inbox too.
async fn check_each_once(world: &Setup, left: &dyn WholeStore, right: &dyn WholeStore) {
    forty_due_timers(world).await;
    let now = world.clock.now();
    let mut keys = Vec::new();
    for _ in 0..10 {
        let (one, two) = tokio::join!(left.fire_due(now, 8), right.fire_due(now, 8));
        let both = [one.expect("it fires"), two.expect("it fires")].concat();
        keys.extend(both.into_iter().map(|envelope| envelope.inbound.key.0));
    }
    keys.sort();
    let mut waiting = world.backlog().await.0;
    waiting.sort();
    assert_eq!(keys, waiting);
    keys.dedup();
    assert_eq!(keys.len(), 40);
}

/// Two tasks of one process.
pub async fn of_two_firers_one_gets_each_timer(world: Setup) {
    let store = world.store.as_ref();
    check_each_once(&world, store, store).await;
}

/// Two processes.
pub async fn two_processes_that_fire_at_once_fire_each_timer_once(world: Setup) {
    let other = world.another().await;
    check_each_once(&world, world.store.as_ref(), other.as_ref()).await;
}

/// Whatever the clock showed in between, and however often.
pub async fn a_clock_that_jumps_back_or_forward_fires_each_timer_once(world: Setup) {
    let set = |timer: &Timer| vec![TimerChange::Set(timer.clone())];
    let before = world.timer(NOBODY, "before", 60);
    world.change_timers(NOBODY, set(&before)).await;
    world.clock.set_back(DAY);
    check_fires(&world, &[]).await;
    assert_eq!(next_due(&world).await, Some(before.due));
    let between = world.timer(NOBODY, "between", 120);
    world.change_timers(NOBODY, set(&between)).await;

    world.clock.advance(Duration::from_mins(2));
    check_fires(&world, &["between"]).await;
    world.clock.advance(DAY);
    world.clock.set_back(Duration::from_secs(61));
    check_fires(&world, &[]).await;
    world.clock.advance(Duration::from_secs(1));
    check_fires(&world, &["before"]).await;

    let after = world.timer(NOBODY, "after", 60);
    world.change_timers(NOBODY, set(&after)).await;
    world.clock.advance(DAY);
    check_fires(&world, &["after"]).await;
    check_fires_nothing_more(&world).await;
    let keys = [between, before, after].map(|timer| timer.key().0);
    let waiting = world.backlog().await.0;
    assert_eq!(waiting, keys, "in the order of their firing");
}

#[track_caller]
fn check_fires<'a>(world: &'a Setup, expect: &'a [&str]) -> impl Future<Output = ()> + 'a {
    let line = std::panic::Location::caller().line();
    async move { assert_eq!(ids(&world.fire(10).await), expect, "line {line}") }
}

async fn check_fires_nothing_more(world: &Setup) {
    for _ in 0..2 {
        world.clock.set_back(2 * DAY);
        check_fires(world, &[]).await;
        world.clock.advance(2 * DAY);
        check_fires(world, &[]).await;
    }
}

/// As long as a key is younger than the retention by whatever the clock shows.
pub async fn a_clock_that_jumps_back_or_forward_forgets_no_key(world: Setup) {
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    let timer = world.timer(ann, "t1", 60);
    world.clock.set_back(DAY);
    let set = vec![TimerChange::Set(timer.clone())];
    world.change_timers(ann, set.clone()).await;
    world.clock.advance(DAY + Duration::from_mins(2));
    assert_eq!(ids(&world.fire(10).await), ["t1"]);
    let answer = Commit {
        answered: vec!["k1".into(), timer.key()],
        ..commit(ann, world.opened(ann).await.version)
    };
    world.commit(answer).await;

    check_known(&world, &timer).await;
    world.clock.set_back(30 * DAY);
    check_known(&world, &timer).await;
    world.clock.advance(31 * DAY);
    check_known(&world, &timer).await;
    world.change_timers(ann, set).await;
    assert_eq!(world.fire(10).await, [], "it was fired before");
    assert_eq!(world.backlog().await.0, [""; 0]);
}

async fn check_known(world: &Setup, timer: &Timer) {
    for key in ["k1", timer.key().as_str()] {
        let again = world.store.accept(message(key, "ann", "again")).await;
        assert_eq!(again.expect("an answer"), Accepted::Duplicate, "{key}");
    }
}
