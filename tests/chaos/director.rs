//! Counts the step markers of both sides, lets the planned faults strike at theirs, and keeps the
//! trace.

#[path = "watch.rs"]
mod watch;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    fault::{Away, CallFault, Fault},
    house::House,
    plan::{Marker, Planned},
    relay::is_of_the_bot,
    scene::{Scene, pause},
    verdict::Excuses,
};
use watch::Watch;

/// For how long what happens may be told in another order.
const REORDERED_WITHIN: Duration = Duration::from_millis(150);

/// How the steps begin that are done for the eyes of a desk, or in it.
const AT_DESK: &str = "desk.";

/// Whoever had a conversation when this had passed since its last change, had it also when the bot
/// last asked whose it is.
const SINCE_THE_LAST_CHANGE: Duration = Duration::from_millis(500);

/// Who decides what happens at a step.
pub(super) struct Director {
    scene: Arc<Scene>,
    house: OnceLock<House>,
    state: Mutex<State>,
    began: Instant,
}

/// What goes wrong with a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wrong {
    /// Where it is a call to a platform.
    call: Option<CallFault>,
    /// The store has done it, and nobody learns of that.
    pub(super) answer_lost: bool,
}

struct State {
    armed: bool,
    only_timers: bool,
    planned: Vec<Planned>,
    /// What can no longer strike.
    never_came: Vec<Planned>,
    struck: BTreeMap<&'static str, usize>,
    /// At which steps the process was killed.
    killed_at: BTreeMap<String, usize>,
    counts: HashMap<(String, Option<usize>), u32>,
    flooded_until: HashMap<&'static str, Instant>,
    /// Until when all calls about the desk go wrong.
    desk_fails_until: Option<Instant>,
    calls: Calls,
    talks: Talks,
    /// How often the store is away now.
    outages: usize,
    problems: Vec<String>,
    trace: Vec<String>,
}

/// Who sees a message: a customer, or whoever works at the desk in the room of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Screen {
    customer: usize,
    at_desk: bool,
}

/// What is known of those who come before people, to tell who spoke when.
#[derive(Default)]
struct Talks {
    /// When each conversation changed last.
    changed: HashMap<usize, Instant>,
    /// How many messages each customer saw before the call that is open.
    saw: HashMap<usize, usize>,
}

/// What is known of sends, to tell a double that the platform makes possible from a bug.
#[derive(Default)]
struct Calls {
    /// The call that each screen has open: its fault, and how many processes had ended before that
    /// of its caller began; none where that is gone already.
    open: HashMap<Screen, (Option<CallFault>, Option<usize>)>,
    processes_ended: usize,
    /// Whether the process has shown a sign of life since the last one ended: a call that comes
    /// before that is the last word of a dead one.
    alive: bool,
    /// Telegram screens with a message that is shown and not noted yet.
    in_doubt: HashSet<Screen>,
    /// How many doubles may be seen on each.
    excused: HashMap<Screen, usize>,
    /// How many of each customer's messages the platform itself told out of order.
    told_late: HashMap<usize, usize>,
    /// Whether nobody listened to Discord for a while, while customers wrote.
    was_deaf: bool,
}

impl Calls {
    /// The call of this screen has come to its end; if it showed a message, somebody has to know.
    fn had_effect(&mut self, screen: Screen) {
        let Some((fault, before)) = self.open.remove(&screen) else {
            return;
        };
        let shown = matches!(
            fault,
            None | Some(CallFault::Truncated | CallFault::ResetAfter)
        );
        let caller_is_gone = before != Some(self.processes_ended);
        let unknown = caller_is_gone || fault == Some(CallFault::ResetAfter);
        if shown && unknown {
            *self.excused.entry(screen).or_default() += 1;
        } else if shown {
            self.in_doubt.insert(screen);
        }
    }
}

impl Director {
    pub(super) fn new(scene: Arc<Scene>, planned: Vec<Planned>) -> Arc<Self> {
        let director = Arc::new(Self {
            scene,
            house: OnceLock::new(),
            state: Mutex::new(State {
                armed: false,
                only_timers: false,
                planned,
                never_came: Vec::new(),
                struck: BTreeMap::new(),
                killed_at: BTreeMap::new(),
                counts: HashMap::new(),
                flooded_until: HashMap::new(),
                desk_fails_until: None,
                calls: Calls::default(),
                talks: Talks::default(),
                outages: 0,
                problems: Vec::new(),
                trace: Vec::new(),
            }),
            began: Instant::now(),
        });
        let watch = |platform| {
            let director = Arc::downgrade(&director);
            Arc::new(Watch { director, platform })
        };
        director.scene.telegram.watch(watch("telegram"));
        director.scene.discord.watch(watch("discord"));
        director
    }

    pub(super) fn takes(&self, house: House) -> &House {
        self.house.get_or_init(|| house)
    }

    /// From now on steps count and faults strike.
    pub(super) fn arm(&self) {
        let mut state = self.state();
        state.armed = true;
        state.counts.clear();
    }

    /// Whether the store is there, as far as this director is concerned.
    pub(super) fn has_store(&self) -> bool {
        self.state().outages == 0
    }

    /// From now on nothing goes wrong but what is planned for the firing of timers.
    pub(super) fn disarm_all_but_timers(&self) {
        let mut state = self.state();
        state.only_timers = true;
        state.desk_fails_until = None;
        let timers = |one: &Planned| one.at.step.starts_with("fire.");
        let (kept, unstruck) = state.planned.drain(..).partition(timers);
        state.planned = kept;
        state.never_came.extend::<Vec<_>>(unstruck);
        state.flooded_until.clear();
    }

    /// From now on nothing more goes wrong.
    pub(super) fn disarm(&self) {
        let mut state = self.state();
        state.armed = false;
        state.flooded_until.clear();
        state.desk_fails_until = None;
    }

    /// A step of either side; what goes wrong with it.
    pub(super) async fn step(self: &Arc<Self>, step: &str, place: &str) -> Wrong {
        let customer = self.customer_at(step, place);
        let strike = self.state().count(step, customer);
        let nth = strike.nth;
        self.note(&format!("{step} #{nth} {place}"));
        let planned = strike.faults.iter().find_map(|fault| match fault {
            Fault::Call(fault) => Some(*fault),
            // A call whose caller is gone before it has an effect has none.
            Fault::Kill { .. } if step.ends_with("send.before") => Some(CallFault::ResetBefore),
            _ => None,
        });
        let call = planned.or_else(|| self.flooded(step, place));
        self.follow(step, customer, call);
        if let Some(customer) = customer.filter(|it| self.scene.is_of_a_talk(*it)) {
            self.listen(step, customer).await;
        }
        let answer_lost = strike.faults.contains(&Fault::AnswerLost);
        for fault in strike.faults {
            self.note(&format!("  FAULT {fault:?}"));
            // In a task of its own: the call at which it strikes may be given up meanwhile.
            let director = Arc::clone(self);
            let at_desk = step.starts_with(AT_DESK);
            let struck = customer.map(|customer| Screen { customer, at_desk });
            let striking = tokio::spawn(async move { director.strike(fault, struck).await });
            striking.await.ok();
        }
        Wrong { call, answer_lost }
    }

    /// Whom a step is about. Who leads a room to a conversation tells of both.
    fn customer_at(&self, step: &str, place: &str) -> Option<usize> {
        let Some((room, leads_to)) = place.split_once(' ').filter(|_| step.starts_with("lead."))
        else {
            return self.scene.customer_at(place);
        };
        let customer = self.scene.customer_at(leads_to);
        if let (Some(desk), Some(customer)) = (&self.scene.desk, customer) {
            desk.leads(room, customer);
        }
        customer
    }

    fn flooded(&self, step: &str, place: &str) -> Option<CallFault> {
        let (platform, _) = place.split_once(':')?;
        let now = Instant::now();
        let state = self.state();
        let desk_fails = state.desk_fails_until.is_some_and(|until| now < until);
        if desk_fails && step.starts_with(AT_DESK) && step.ends_with(".before") {
            return Some(CallFault::ServerError);
        }
        let until = *state.flooded_until.get(platform)?;
        let flooded = step == "send.before" && now < until;
        flooded.then_some(CallFault::Flood(Duration::from_secs(1)))
    }

    /// Follows each message from its effect until it is noted.
    fn follow(&self, step: &str, customer: Option<usize>, call: Option<CallFault>) {
        // Only the process itself tells of its store, and nothing is sent before that.
        if step.starts_with("backlog") {
            self.state().calls.alive = true;
        }
        let own = step.strip_prefix(AT_DESK);
        let (at_desk, step) = (own.is_some(), own.unwrap_or(step));
        let Some(customer) = customer.filter(|it| self.scene.is_unsure(*it, at_desk)) else {
            return;
        };
        let screen = Screen { customer, at_desk };
        let calls = &mut self.state().calls;
        match step {
            "send.before" => {
                calls.in_doubt.remove(&screen);
                let caller = calls.alive.then_some(calls.processes_ended);
                calls.open.insert(screen, (call, caller));
            }
            "send.after" => calls.had_effect(screen),
            // Whoever goes on without a note has no excuse any more.
            "shown.after" | "ended.after" => {
                calls.in_doubt.remove(&screen);
            }
            _ => {}
        }
    }

    /// Notices what the bot says while a person has the conversation.
    async fn listen(&self, step: &str, customer: usize) {
        let sees = || self.scene.customers[customer].sees();
        match step {
            "commit.after" => {
                let changed = &mut self.state().talks.changed;
                changed.insert(customer, Instant::now());
            }
            "send.before" => {
                let saw = sees().len();
                self.state().talks.saw.insert(customer, saw);
            }
            "send.after" => {
                let seen = sees();
                let saw = self.state().talks.saw.get(&customer).copied();
                let new = seen.iter().skip(saw.unwrap_or(seen.len()));
                for text in new.filter(|text| is_of_the_bot(text)) {
                    self.judge_moment(customer, text).await;
                }
            }
            _ => {}
        }
    }

    async fn judge_moment(&self, customer: usize, text: &str) {
        let changed = self.state().talks.changed.get(&customer).copied();
        let is_settled = changed.is_some_and(|it| it.elapsed() >= SINCE_THE_LAST_CHANGE);
        // A store that is away now says nothing.
        if is_settled && self.scene.is_a_persons(customer).await.unwrap_or(false) {
            let problem = format!("said over a person to customer {customer}: {text:?}");
            self.note(&format!("  {problem}"));
            self.state().problems.push(problem);
        }
    }

    /// Lets a fault strike.
    async fn strike(self: &Arc<Self>, fault: Fault, struck: Option<Screen>) {
        let Some(house) = self.house.get() else {
            return;
        };
        match fault {
            Fault::Kill { clock_off_by } => house.kill(clock_off_by).await,
            Fault::Terminate => self.told(house.terminate().await),
            Fault::FloodForAll(time) => {
                let until = Instant::now() + time;
                let mut state = self.state();
                for platform in ["telegram", "discord"] {
                    state.flooded_until.insert(platform, until);
                }
            }
            Fault::Duplicate => self.repeat_newest(struck),
            Fault::Reorder => self.reorder(),
            Fault::Gateway(fault) => {
                self.state().calls.was_deaf = true;
                self.scene.disturb_gateway(fault);
            }
            Fault::StoreAway(time) => self.take_store_away(house, time).await,
            Fault::DeskAway(how, time) => self.take_desk_away(how, time),
            Fault::Call(_) | Fault::AnswerLost => {}
        }
    }

    fn repeat_newest(&self, struck: Option<Screen>) {
        match struck {
            Some(screen) if screen.at_desk => self.scene.repeat_newest_at_desk(screen.customer),
            Some(screen) => self.scene.repeat_newest(screen.customer),
            None => {}
        }
    }

    /// The desk comes back by itself.
    fn take_desk_away(self: &Arc<Self>, how: Away, time: Duration) {
        let Some(desk) = &self.scene.desk else {
            return;
        };
        if how == Away::Failing {
            self.state().desk_fails_until = Some(Instant::now() + time);
            return;
        }
        desk.goes_away(how);
        let director = Arc::clone(self);
        tokio::spawn(async move {
            pause(time).await;
            if let Some(desk) = &director.scene.desk {
                desk.comes_back();
            }
            director.note("  the desk is back");
        });
    }

    /// Telegram numbers its updates, so that their order can be found again; Discord's order is
    /// the order in which it tells, and whoever was told late is answered late.
    fn reorder(self: &Arc<Self>) {
        self.scene.telegram.reorder_next(REORDERED_WITHIN);
        self.scene.discord.hold_events_back();
        let director = Arc::clone(self);
        tokio::spawn(async move {
            pause(REORDERED_WITHIN).await;
            director.tell_reversed();
        });
    }

    /// Of several messages in one place all but the newest, which is told first, are told late.
    fn tell_reversed(&self) {
        let mut by_customer: BTreeMap<usize, usize> = BTreeMap::new();
        for place in self.scene.discord.tell_reversed() {
            let customer = self.scene.customer_at(&format!("discord:{place}"));
            if let Some(customer) = customer {
                *by_customer.entry(customer).or_default() += 1;
            }
        }
        let told_late = &mut self.state().calls.told_late;
        for (customer, messages) in by_customer {
            *told_late.entry(customer).or_default() += messages - 1;
        }
    }

    /// The store is gone when this returns, and comes back by itself.
    async fn take_store_away(self: &Arc<Self>, house: &House, time: Duration) {
        let Some(process) = house.status().process else {
            return;
        };
        self.state().outages += 1;
        self.told(self.scene.store.leave(process).await);
        let director = Arc::clone(self);
        tokio::spawn(async move {
            pause(time).await;
            director.told(director.scene.store.come_back(process).await);
            director.note("  the store is back");
            director.state().outages -= 1;
        });
    }

    fn told(&self, done: anyhow::Result<()>) {
        if let Err(error) = done {
            let problem = format!("a fault failed: {error:#}");
            self.note(&format!("  {problem}"));
            self.state().problems.push(problem);
        }
    }

    /// What was wrong with the faults themselves: a run whose faults fail proves nothing.
    pub(super) fn problems(&self) -> Vec<String> {
        self.state().problems.clone()
    }

    /// The process is gone; what was shown and not noted may be shown again.
    pub(super) fn process_ended(&self, how: &str) {
        let mut state = self.state();
        state.calls.was_deaf |= state.armed && !state.only_timers;
        state.calls.processes_ended += 1;
        state.calls.alive = false;
        let in_doubt = std::mem::take(&mut state.calls.in_doubt);
        for screen in &in_doubt {
            *state.calls.excused.entry(*screen).or_default() += 1;
        }
        drop(state);
        self.note(&format!("the process ended {how}; in doubt: {in_doubt:?}"));
    }

    /// What a customer may see that is no fault of ours.
    pub(super) fn excuses(&self, customer: usize) -> Excuses {
        self.excuses_on(customer, false)
    }

    /// The same of whoever works in this customer's room.
    pub(super) fn excuses_at_desk(&self, customer: usize) -> Excuses {
        self.excuses_on(customer, true)
    }

    fn excuses_on(&self, customer: usize, at_desk: bool) -> Excuses {
        let calls = &self.state().calls;
        let screen = Screen { customer, at_desk };
        let is_told_once = match &self.scene.desk {
            Some(desk) if at_desk => !desk.is_on_telegram(),
            _ => self.scene.may_lose_changes(customer),
        };
        Excuses {
            doubles: calls.excused.get(&screen).copied().unwrap_or(0),
            misorders: calls.told_late.get(&customer).copied().unwrap_or(0),
            changes_unheard: calls.was_deaf && is_told_once,
        }
    }

    /// The faults that struck, by kind, and the planned ones that never did.
    pub(super) fn faults(&self) -> (BTreeMap<&'static str, usize>, Vec<Planned>) {
        let state = self.state();
        let unstruck = state.never_came.iter().chain(&state.planned);
        (state.struck.clone(), unstruck.cloned().collect())
    }

    /// At which steps the process was killed, and how often.
    pub(super) fn killed_at(&self) -> BTreeMap<String, usize> {
        self.state().killed_at.clone()
    }

    /// Writes a line into the trace.
    pub(super) fn note(&self, line: &str) {
        let millis = self.began.elapsed().as_millis();
        self.state().trace.push(format!("{millis:>7} {line}"));
    }

    pub(super) fn trace(&self) -> String {
        self.state().trace.join("\n")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a step marker brings.
struct Strike {
    nth: u32,
    faults: Vec<Fault>,
}

impl State {
    /// Counts a step, and takes the faults that are planned for it.
    fn count(&mut self, step: &str, customer: Option<usize>) -> Strike {
        let count = self.counts.entry((step.to_owned(), customer)).or_default();
        *count += 1;
        let nth = *count;
        let here = Marker {
            step: step.to_owned(),
            customer,
            nth,
        };
        let due = |one: &mut Planned| one.at == here;
        let faults: Vec<Fault> = if self.armed {
            self.planned.extract_if(.., due).map(|it| it.what).collect()
        } else {
            Vec::new()
        };
        for fault in &faults {
            *self.struck.entry(fault.kind()).or_default() += 1;
            if matches!(fault, Fault::Kill { .. }) {
                *self.killed_at.entry(here.step.clone()).or_default() += 1;
            }
        }
        Strike { nth, faults }
    }
}
