//! Addresses that move, and bookmarks.

use consultant_core::{
    Address, ConversationId, OutboxEntry, OutboxState,
    ports::{Accepted, Commit},
};

use super::{NASTY, Setup, commit, entry, message, place};

/// A group became a supergroup: one conversation, and what waits goes to the new place.
pub async fn a_moved_place_leads_to_the_same_conversation(world: Setup) {
    let new = format!("new {NASTY}");
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    let elsewhere = OutboxEntry {
        address: place("elsewhere"),
        ..entry(ann, "o2", 2)
    };
    let ended = OutboxEntry {
        state: OutboxState::Delivered,
        ..entry(ann, "o3", 3)
    };
    let replies = Commit {
        outbox: vec![entry(ann, "o1", 1), elsewhere.clone(), ended],
        ..commit(ann, 0)
    };
    world.commit(replies).await;
    for _ in 0..2 {
        let moved = world.store.moved(&place("ann"), &place(&new)).await;
        moved.expect("the place moves");
        let redirected = OutboxEntry {
            address: place(&new),
            ..entry(ann, "o1", 1)
        };
        assert_eq!(world.backlog().await.1, [redirected, elsewhere.clone()]);
        let addresses = world.store.addresses(ann).await.expect("addresses");
        assert_eq!(addresses, [place("ann"), place(&new)]);
    }
    for (key, at) in [("k2", new.as_str()), ("k3", "ann")] {
        assert_eq!(world.accept(message(key, at, "hi")).await.conversation, ann);
    }
    let again = world.store.accept(message("k1", &new, "hi")).await;
    assert_eq!(again.expect("an answer"), Accepted::Duplicate);
}

/// Two dialogues do not become one, and a place of which nobody knows moves without harm.
pub async fn a_place_with_a_conversation_keeps_it_when_another_moves_there(world: Setup) {
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    let bob = world.accept(message("k2", "bob", "hi")).await.conversation;
    let reply = Commit {
        outbox: vec![entry(ann, "o1", 1)],
        ..commit(ann, 0)
    };
    world.commit(reply).await;
    for from in ["ann", "nobody"] {
        let moved = world.store.moved(&place(from), &place("bob")).await;
        moved.expect("the place moves");
    }
    assert_eq!(
        world.accept(message("k3", "bob", "hi")).await.conversation,
        bob
    );
    assert_eq!(world.backlog().await.1[0].address, place("bob"));
    for (whose, address) in [(ann, "ann"), (bob, "bob")] {
        let addresses = world.store.addresses(whose).await.expect("addresses");
        assert_eq!(addresses, [place(address)]);
    }
}

/// The newest value of each, in the order of their names; no sign in a name has a meaning.
pub async fn bookmarks_are_found_by_the_beginning_of_their_name(world: Setup) {
    for (name, value) in [
        ("telegram:7", "1"),
        ("telegram:7%", NASTY),
        ("telegram:7", "2"),
        ("telegram:6", ""),
        ("discord:7", "3"),
        ("Telegram:7", "4"),
        ("telegram", "5"),
        (NASTY, "6"),
    ] {
        let noted = world.store.bookmark(name, value).await;
        noted.expect("it is noted");
    }
    let found = async |prefix| {
        let found = world.store.bookmarks(prefix).await;
        found.expect("the bookmarks are read")
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let own = [
        pair("telegram:6", ""),
        pair("telegram:7", "2"),
        pair("telegram:7%", NASTY),
    ];
    assert_eq!(found("telegram:").await, own);
    assert_eq!(found("telegram:7%").await, own[2..]);
    assert_eq!(found(NASTY).await, [pair(NASTY, "6")]);
    assert_eq!(found("slack").await, []);
    assert_eq!(found("").await.len(), 7);
}

/// Directly, and of an address that moved too; a stranger's leads nowhere.
pub async fn an_address_leads_to_its_conversation(world: Setup) {
    let at = format!("ann {NASTY}");
    let ann = world.accept(message("k1", &at, "hi")).await.conversation;
    let moved = world.store.moved(&place(&at), &place("new")).await;
    moved.expect("the place moves");
    for (name, expect) in [(at.as_str(), Some(ann)), ("new", Some(ann)), ("bob", None)] {
        let found = world.store.at(&place(name)).await;
        assert_eq!(found.expect("an answer"), expect, "{name}");
    }
    world.store.erase(ann).await.expect("it can be erased");
    assert_eq!(
        world.store.at(&place("new")).await.expect("an answer"),
        None
    );
}

/// The one of this name alone; twice does no harm.
pub async fn a_bookmark_can_be_forgotten(world: Setup) {
    for name in ["b", NASTY] {
        world.store.bookmark(name, "1").await.expect("it is noted");
    }
    for _ in 0..2 {
        let forgotten = world.store.forget_bookmark(NASTY).await;
        forgotten.expect("it is forgotten");
    }
    let left = world.store.bookmarks("").await.expect("bookmarks");
    assert_eq!(left, [("b".to_owned(), "1".to_owned())]);
    assert_eq!(world.store.damage().await.expect("an answer"), [""; 0]);
}

/// Whatever it led to before.
pub async fn a_room_leads_to_the_conversation_that_it_was_made_for(world: Setup) {
    let room = place(&format!("desk#17 {NASTY}"));
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    let stray = world.accept(message("k3", &room.place, "hi")).await;
    assert_ne!(stray.conversation, ann);
    world.store.lead(&room, ann).await.expect("it leads");
    let next = world.accept(message("k4", &room.place, "hi")).await;
    assert_eq!(next.conversation, ann);
    check_addresses(&world, ann, &[place("ann"), room]).await;
}

/// From this conversation alone, and as often as one likes; an erased conversation has no rooms.
pub async fn a_room_that_is_gone_leads_nowhere(world: Setup) {
    let room = place("desk#17");
    let ann = world.accept(message("k1", "ann", "hi")).await.conversation;
    let bob = world.accept(message("k2", "bob", "hi")).await.conversation;
    world.store.lead(&room, ann).await.expect("it leads");
    world.store.part(&room, bob).await.expect("nothing to part");
    check_at(&world, &room, Some(ann)).await;
    world.store.part(&room, ann).await.expect("it parts");
    check_at(&world, &room, None).await;
    check_addresses(&world, ann, &[place("ann")]).await;
    world.store.lead(&room, ann).await.expect("it leads again");
    world.store.erase(ann).await.expect("erased");
    check_at(&world, &room, None).await;
}

async fn check_at(world: &Setup, address: &Address, expect: Option<ConversationId>) {
    let found = world.store.at(address).await.expect("an answer");
    assert_eq!(found, expect, "{address}");
}

async fn check_addresses(world: &Setup, of: ConversationId, expect: &[Address]) {
    let found = world.store.addresses(of).await.expect("addresses");
    assert_eq!(found, expect);
}
