//! Watches the calls to both platforms for the director: which of them are steps, and how a fault of a
//! call looks on each.

use std::{sync::Weak, time::Duration};

use async_trait::async_trait;
use consultant_tests::{discord, telegram, watch::Watcher};

use super::{AT_DESK, CallFault, Director};

/// Longer than each channel's own time limit for a call.
const HANG: Duration = Duration::from_secs(25);

/// Watches one platform for the director, whom the platform must not keep alive.
pub(super) struct Watch {
    pub(super) director: Weak<Director>,
    pub(super) platform: &'static str,
}

impl Watch {
    /// A call as a step: only what shows a message, and the polls.
    async fn step(&self, call: &str, moment: &str, place: &str) -> Option<CallFault> {
        let name = match call {
            "send" | "sendMessage" => "send",
            // A draft is Telegram's way of changing what is being written.
            "edit" | "editMessageText" | "sendMessageDraft" => "edit",
            "room" | "createForumTopic" => "room",
            "getUpdates" if moment == "before" => "poll",
            _ => return None,
        };
        let place = if place.is_empty() {
            String::new()
        } else {
            format!("{}:{place}", self.platform)
        };
        let director = self.director.upgrade()?;
        let at_desk = if director.scene.is_at_desk(&place) {
            AT_DESK
        } else {
            ""
        };
        let step = format!("{at_desk}{name}.{moment}");
        director.step(&step, &place).await.call
    }
}

#[async_trait]
impl Watcher<telegram::Fault> for Watch {
    async fn before(&self, call: &str, place: &str) -> Option<telegram::Fault> {
        Some(match self.step(call, "before", place).await? {
            CallFault::Flood(retry_after) => telegram::Fault::FloodControl { retry_after },
            CallFault::ServerError => telegram::Fault::BadGateway,
            CallFault::ResetBefore => telegram::Fault::ResetBefore,
            CallFault::ResetAfter => telegram::Fault::ResetAfter,
            CallFault::Truncated => telegram::Fault::CutAnswer,
            CallFault::Hang => telegram::Fault::Hang,
        })
    }

    async fn after(&self, call: &str, place: &str) {
        self.step(call, "after", place).await;
    }
}

#[async_trait]
impl Watcher<discord::Fault> for Watch {
    async fn before(&self, call: &str, place: &str) -> Option<discord::Fault> {
        Some(match self.step(call, "before", place).await? {
            CallFault::Flood(retry_after) => discord::Fault::Flood { retry_after },
            CallFault::ServerError => discord::Fault::NotJson { status: 502 },
            CallFault::ResetBefore => discord::Fault::ResetBefore,
            CallFault::ResetAfter => discord::Fault::ResetAfter,
            CallFault::Truncated => discord::Fault::Truncated,
            CallFault::Hang => discord::Fault::Late(HANG),
        })
    }

    async fn after(&self, call: &str, place: &str) {
        self.step(call, "after", place).await;
    }
}
