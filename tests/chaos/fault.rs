//! What goes wrong: a closed list, by sort and by the name under which it is counted.

use std::time::Duration;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fault {
    /// `kill -9`; the next process finds a clock that is off by so many seconds.
    Kill { clock_off_by: i64 },
    /// SIGTERM.
    Terminate,
    /// One call to the platform.
    Call(CallFault),
    /// 429 to every send on this platform for a while.
    FloodForAll(Duration),
    /// The customer's newest update comes once more.
    Duplicate,
    /// What the platform tells next comes in another order.
    Reorder,
    /// The gateway connection.
    Gateway(GatewayFault),
    /// The store is away: a Redis that is stopped and started again, a disk without room.
    StoreAway(Duration),
    /// The store does what it is asked, and its answer is lost.
    AnswerLost,
    /// The place where people work cannot be worked in for a while.
    DeskAway(Away, Duration),
}

/// How a desk is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Away {
    /// Calls about it go wrong.
    Failing,
    /// The bot was thrown out.
    Out,
    /// The bot may write and not open rooms.
    Rightless,
}

/// What goes wrong with one call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum CallFault {
    Flood(Duration),
    ServerError,
    ResetBefore,
    ResetAfter,
    Truncated,
    Hang,
}

/// What goes wrong with Discord's gateway.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum GatewayFault {
    Drop,
    Close(u16),
    CloseWithoutCode,
    Op7,
    Op9 { resumable: bool },
}

/// A sort of faults, which can be left out to narrow down what a failing schedule fails at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// Whatever ends the process.
    Ends,
    /// Calls that go wrong.
    Calls,
    /// Updates that come twice or in another order.
    Updates,
    /// The gateway connection.
    Gateway,
    /// The store.
    Store,
    /// The desk as a whole.
    Desk,
}

impl Sort {
    /// The sort of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "ends" => Self::Ends,
            "calls" => Self::Calls,
            "updates" => Self::Updates,
            "gateway" => Self::Gateway,
            "store" => Self::Store,
            "desk" => Self::Desk,
            _ => return None,
        })
    }
}

impl Fault {
    /// Its sort.
    pub(super) const fn sort(&self) -> Sort {
        match self {
            Self::Kill { .. } | Self::Terminate => Sort::Ends,
            Self::Call(_) | Self::FloodForAll(_) => Sort::Calls,
            Self::Duplicate | Self::Reorder => Sort::Updates,
            Self::Gateway(_) => Sort::Gateway,
            Self::StoreAway(_) | Self::AnswerLost => Sort::Store,
            Self::DeskAway(..) => Sort::Desk,
        }
    }

    /// The name under which it is counted.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Kill { clock_off_by: 0 } => "kill -9",
            Self::Kill { .. } => "kill -9, clock jump",
            Self::Terminate => "SIGTERM",
            Self::Call(fault) => fault.kind(),
            Self::FloodForAll(_) => "429 for all",
            Self::Duplicate => "duplicate",
            Self::Reorder => "reorder",
            Self::Gateway(fault) => fault.kind(),
            Self::StoreAway(time) if time.as_secs() >= 8 => "store away for long",
            Self::StoreAway(_) => "store away",
            Self::AnswerLost => "store's answer lost",
            Self::DeskAway(Away::Failing, _) => "desk fails",
            Self::DeskAway(Away::Out, _) => "desk throws the bot out",
            Self::DeskAway(Away::Rightless, _) => "desk takes rights away",
        }
    }
}

impl CallFault {
    const fn kind(self) -> &'static str {
        match self {
            Self::Flood(wait) if wait.as_secs() > 1 => "429 long",
            Self::Flood(_) => "429 once",
            Self::ServerError => "5xx",
            Self::ResetBefore => "reset before",
            Self::ResetAfter => "reset after",
            Self::Truncated => "truncated 200",
            Self::Hang => "hang",
        }
    }
}

impl GatewayFault {
    const fn kind(self) -> &'static str {
        match self {
            Self::Drop => "gateway drop",
            Self::Close(_) => "gateway close",
            Self::CloseWithoutCode => "gateway close, no code",
            Self::Op7 => "op 7",
            Self::Op9 { resumable: true } => "op 9 true",
            Self::Op9 { resumable: false } => "op 9 false",
        }
    }
}
