//! Groups that became supergroups. Telegram says so once, in a message of the group; the group's
//! conversations are each one customer's, so they are taken along one by one, when their customer
//! next speaks. Until then a bookmark remembers the move.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use consultant_core::{
    Address, ChannelName,
    ports::{Places, StoreError},
};
use tokio::sync::OnceCell;

use super::place::Place;

/// Which group is which, and who was taken along.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// The old number by the new one, as the bookmarks had it and as was heard since.
    known: OnceCell<Mutex<HashMap<i64, i64>>>,
    taken_along: Mutex<HashSet<String>>,
}

impl Moves {
    /// Notes that a group has another number.
    pub(super) async fn note(
        &self,
        bot: i64,
        (from, to): (i64, i64),
        places: &dyn Places,
    ) -> Result<(), StoreError> {
        let known = self.known(bot, places).await?;
        let name = format!("{}{to}", prefix(bot));
        places.bookmark(&name, &from.to_string()).await?;
        lock(known).insert(to, from);
        Ok(())
    }

    /// Takes the conversation along that this place had under its group's old number.
    pub(super) async fn follow(
        &self,
        bot: i64,
        here: &Address,
        places: &dyn Places,
    ) -> Result<(), StoreError> {
        let Ok(place) = here.place.parse::<Place>() else {
            return Ok(());
        };
        if !place.is_group() {
            return Ok(());
        }
        let known = self.known(bot, places).await?;
        let Some(chat) = lock(known).get(&place.chat).copied() else {
            return Ok(());
        };
        if lock(&self.taken_along).contains(&here.place) {
            return Ok(());
        }
        let old = Place { chat, ..place }.to_string();
        let moved = places
            .moved(&Address::new(ChannelName::Telegram, old), here)
            .await;
        // A customer who had not spoken there has nothing to take along.
        if !matches!(moved, Ok(()) | Err(StoreError::Unknown(_))) {
            return moved;
        }
        lock(&self.taken_along).insert(here.place.clone());
        Ok(())
    }

    async fn known(
        &self,
        bot: i64,
        places: &dyn Places,
    ) -> Result<&Mutex<HashMap<i64, i64>>, StoreError> {
        let read = async || {
            let prefix = prefix(bot);
            let bookmarks = places.bookmarks(&prefix).await?;
            let known = bookmarks.iter().filter_map(|(name, from)| {
                let to = name.strip_prefix(&prefix)?;
                Some((to.parse().ok()?, from.parse().ok()?))
            });
            Ok(Mutex::new(known.collect()))
        };
        self.known.get_or_try_init(read).await
    }
}

fn prefix(bot: i64) -> String {
    format!("telegram:{bot}:migrated:")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
