//! What waits in one conversation: deliveries that a crash left, and inbounds, which are gathered
//! into bursts once the customer is quiet. A plain value; the dispatcher locks it.

use std::{collections::VecDeque, sync::Arc};

use consultant_core::{Burst, Envelope, InboundEvent, InboundKey, Interrupt, OutboxEntry};
use tokio::{
    sync::{Notify, oneshot},
    time::Instant,
};

use super::{
    Outcome,
    rhythm::{LONGEST_BURST, Rhythm},
};

/// One piece of work of one conversation.
pub(super) struct Job {
    work: Work,
    done: Option<oneshot::Sender<Outcome>>,
    arrived: Instant,
}

pub(super) enum Work {
    Answer(Envelope),
    Deliver(OutboxEntry, Origin),
}

/// Where a delivery comes from.
pub(super) enum Origin {
    /// A crash, a stop or a fault left it.
    Left,
    /// A turn that was just answered, which ends with it where it is the last one.
    Turn(Option<Box<Answering>>),
}

impl Job {
    pub(super) fn new(work: Work, done: Option<oneshot::Sender<Outcome>>) -> Self {
        Self {
            work,
            done,
            arrived: Instant::now(),
        }
    }

    fn envelope(&self) -> Option<&Envelope> {
        match &self.work {
            Work::Answer(envelope) => Some(envelope),
            Work::Deliver(..) => None,
        }
    }

    /// Whether it goes before whatever the customer said, and before what they are still to be told.
    fn is_of_the_desk(&self) -> bool {
        let envelope = self.envelope();
        envelope.is_some_and(|it| it.inbound.event.is_of_the_desk())
    }
}

/// What a lane does next.
pub(super) enum Next {
    /// Wait for the end of a burst, or for a change.
    Wait(Instant, Arc<Notify>),
    /// Deliver an entry. What people do at a desk goes before it: this tells of it.
    Deliver(Box<OutboxEntry>, Origin, Arc<Notify>),
    /// Answer a burst.
    Answer(Box<Answering>),
}

/// A burst whose turn runs.
pub(super) struct Answering {
    pub(super) burst: Burst,
    pub(super) interrupt: Arc<Interrupt>,
    jobs: Vec<Job>,
}

impl Answering {
    /// How many inbounds it answers.
    pub(super) fn len(&self) -> usize {
        self.jobs.len()
    }

    /// Takes those out that still have to be answered.
    pub(super) fn split(mut self, waits: impl Fn(&InboundKey) -> bool) -> (Self, Vec<Job>) {
        let jobs = std::mem::take(&mut self.jobs).into_iter();
        let is_waiting = |job: &Job| job.envelope().is_some_and(|it| waits(&it.inbound.key));
        let (waiting, answered) = jobs.partition(is_waiting);
        self.jobs = answered;
        (self, waiting)
    }

    /// Tells whoever waits.
    pub(super) fn end(self, outcome: Outcome) {
        for done in self.jobs.into_iter().filter_map(|job| job.done) {
            // An error only says that the caller no longer waits.
            done.send(outcome).ok();
        }
    }
}

/// The work of one conversation.
#[derive(Default)]
pub(super) struct Lane {
    queue: VecDeque<Job>,
    /// The burst whose turn runs, and the sign that makes it stop writing.
    running: Option<(Burst, Arc<Interrupt>)>,
    changed: Arc<Notify>,
    /// Tells that somebody at a desk did something.
    urgent: Arc<Notify>,
    /// Bursts are single inbounds from now on, because one of them makes turns fail.
    singly: bool,
    /// Until when nothing is answered, because the customer writes too fast or many others do.
    pub(super) held_until: Option<Instant>,
    /// Whether the customer was asked for patience since the last answer.
    pub(super) asked_for_patience: bool,
    /// Whether the answer that is due has got its turn, of the customer's own and of all.
    pub(super) allowed: bool,
}

impl Lane {
    pub(super) fn with(job: Job) -> Self {
        let mut lane = Self::default();
        lane.queue.push_back(job);
        lane
    }

    /// Has replies delivered before any further turn, and behind what is still to be delivered.
    pub(super) fn deliver_first(&mut self, replies: Vec<OutboxEntry>, ends: Answering) {
        let is_delivery = |job: &&Job| job.envelope().is_none();
        let mut at = self.queue.iter().take_while(is_delivery).count();
        let mut replies = replies.into_iter().peekable();
        let mut ends = Some(Box::new(ends));
        while let Some(reply) = replies.next() {
            let ends = ends.take_if(|_| replies.peek().is_none());
            let work = Work::Deliver(reply, Origin::Turn(ends));
            self.queue.insert(at, Job::new(work, None));
            at += 1;
        }
    }

    /// Puts a delivery back that somebody at a desk went before.
    pub(super) fn deliver_again(&mut self, entry: OutboxEntry, origin: Origin) {
        let work = Work::Deliver(entry, origin);
        self.queue.push_front(Job::new(work, None));
    }

    /// How much of what waits is still to be answered.
    pub(super) fn unanswered(&self) -> usize {
        self.queue
            .iter()
            .filter(|job| job.envelope().is_some())
            .count()
    }

    /// Whether this inbound waits here or is being answered.
    pub(super) fn holds(&self, key: &InboundKey) -> bool {
        let waits = |job: &Job| job.envelope().is_some_and(|it| it.inbound.key == *key);
        let running = self.running.as_ref().map(|(burst, _)| burst);
        let is_answered = running.is_some_and(|burst| burst.inbounds().any(|it| it.key == *key));
        is_answered || self.queue.iter().any(waits)
    }

    /// Whether this is still to be delivered here.
    pub(super) fn delivers(&self, entry: &OutboxEntry) -> bool {
        let is_it = |job: &Job| match &job.work {
            Work::Deliver(it, _) => it.id == entry.id && it.text == entry.text,
            Work::Answer(_) => false,
        };
        self.queue.iter().any(is_it)
    }

    /// How much waits.
    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// How many are being answered, as where a defect ended it.
    pub(super) fn running(&self) -> usize {
        let burst = self.running.as_ref().map(|(burst, _)| burst);
        burst.map_or(0, |burst| burst.envelopes().count())
    }

    /// Adds work; a message that belongs into the running turn makes it stop writing.
    pub(super) fn add(&mut self, job: Job) {
        if job.is_of_the_desk() {
            if let Some((_, interrupt)) = &self.running {
                interrupt.give();
            }
            self.urgent.notify_one();
        }
        let joins = |(burst, _): &&(Burst, _)| job.envelope().is_some_and(|it| burst.takes(it));
        let alone = self.queue.is_empty() && !self.singly;
        if let Some((_, interrupt)) = self.running.as_ref().filter(joins).filter(|_| alone) {
            interrupt.give();
        }
        self.queue.push_back(job);
        self.changed.notify_one();
    }

    /// What to do next; `None` when nothing is left.
    pub(super) fn next(&mut self, rhythm: &Rhythm) -> Option<Next> {
        self.running = None;
        if let Some(at) = self.queue.iter().position(Job::is_of_the_desk)
            && let Some(job) = self.queue.remove(at)
            && let Some(envelope) = job.envelope().cloned()
        {
            return Some(self.run(Burst::from(envelope), vec![job]));
        }
        let held = self.held_until.filter(|until| Instant::now() < *until);
        if let (Some(until), Some(Work::Answer(_))) = (held, self.queue.front().map(|it| &it.work))
        {
            return Some(Next::Wait(until, Arc::clone(&self.changed)));
        }
        let first = self.queue.pop_front()?;
        let urgent = Arc::clone(&self.urgent);
        let envelope = match first.work {
            Work::Deliver(entry, origin) => {
                return Some(Next::Deliver(Box::new(entry), origin, urgent));
            }
            Work::Answer(ref envelope) => envelope.clone(),
        };
        let mut jobs = vec![first];
        let mut envelopes = VecDeque::from([envelope]);
        if !self.singly {
            while let Some(job) = self
                .queue
                .pop_front_if(|job| matches!(job.work, Work::Answer(_)))
            {
                envelopes.extend(job.envelope().cloned());
                jobs.push(job);
            }
        }
        let burst = Burst::gather(&mut envelopes)?;
        for job in jobs.drain(burst.envelopes().count()..).rev() {
            self.queue.push_front(job);
        }
        if let Some(until) = self.quiet_at(&burst, &jobs, rhythm) {
            self.put_back(jobs);
            return Some(Next::Wait(until, Arc::clone(&self.changed)));
        }
        if self.queue.is_empty() {
            self.singly = false;
        }
        Some(self.run(burst, jobs))
    }

    fn run(&mut self, burst: Burst, jobs: Vec<Job>) -> Next {
        let interrupt = Arc::new(Interrupt::default());
        self.running = Some((burst.clone(), Arc::clone(&interrupt)));
        Next::Answer(Box::new(Answering {
            burst,
            interrupt,
            jobs,
        }))
    }

    /// Puts a burst back that is not answered yet; more may have come meanwhile.
    pub(super) fn again(&mut self, answering: Answering) {
        self.running = None;
        self.put_back(answering.jobs);
    }

    /// Puts a burst back whose turn failed, to be answered one by one.
    pub(super) fn again_singly(&mut self, answering: Answering) {
        self.singly = true;
        self.again(answering);
    }

    /// Puts jobs back that are to be done next.
    pub(super) fn put_back(&mut self, jobs: Vec<Job>) {
        for job in jobs.into_iter().rev() {
            self.queue.push_front(job);
        }
    }

    /// Until when to wait for more; `None` when the burst is ended by time or by what follows.
    fn quiet_at(&self, burst: &Burst, jobs: &[Job], rhythm: &Rhythm) -> Option<Instant> {
        let written = matches!(
            burst.first().event,
            InboundEvent::Message { .. } | InboundEvent::Unsupported { .. }
        );
        let (first, last) = (jobs.first()?, jobs.last()?);
        if !written || self.singly || !self.queue.is_empty() {
            return None;
        }
        let album = burst.inbounds().any(|inbound| inbound.album.is_some());
        let quiet = rhythm.quiet(burst.address().channel, album);
        let until = (last.arrived + quiet).min(first.arrived + LONGEST_BURST.max(quiet));
        (Instant::now() < until).then_some(until)
    }
}
