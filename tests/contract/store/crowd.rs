//! Many at once.

use std::{collections::HashSet, sync::Arc};

use consultant_core::{
    ConversationId,
    ports::{Accepted, Commit, StoreError},
};
use futures::future::join_all;

use super::{Setup, commit, entry, event, message};

/// Tasks that race in a case.
const RACERS: u64 = 32;

/// A platform that delivers twice at the same moment gets one answer.
pub async fn one_key_from_many_tasks_is_new_once(world: Setup) {
    let tasks = (0..RACERS).map(|_| {
        let store = Arc::clone(&world.store);
        tokio::spawn(async move { store.accept(message("k1", "ann", "hi")).await })
    });
    let outcomes = join_all(tasks).await;
    let accepted = outcomes
        .into_iter()
        .map(|task| task.expect("no panic").expect("an answer"));
    let new = accepted.filter(|accepted| matches!(accepted, Accepted::New(_)));
    assert_eq!(new.count(), 1);
    assert_eq!(world.backlog().await.0, ["k1"]);
}

/// Two first messages of one customer do not open two conversations.
pub async fn a_new_address_from_many_tasks_is_one_conversation(world: Setup) {
    let tasks = (0..RACERS).map(|number| {
        let store = Arc::clone(&world.store);
        let inbound = message(&format!("k{number}"), "ann", "hi");
        tokio::spawn(async move { store.accept(inbound).await })
    });
    let mut conversations = HashSet::new();
    let mut sequences = HashSet::new();
    for task in join_all(tasks).await {
        let accepted = task.expect("no panic").expect("an answer");
        let Accepted::New(envelope) = accepted else {
            unreachable!("every key is new");
        };
        conversations.insert(envelope.conversation);
        sequences.insert(envelope.sequence);
    }
    assert_eq!(conversations.len(), 1);
    assert_eq!(sequences.len() as u64, RACERS, "no two have one place");
}

/// Fifty customers, each with five turns, side by side.
pub async fn fifty_conversations_at_once_do_not_mix(world: Setup) {
    let world = Arc::new(world);
    let customers = (0..50).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move { five_turns(&world, &format!("customer {number}")).await })
    });
    for task in join_all(customers).await {
        task.expect("the customer is served");
    }
    let (inbox, outbox) = world.backlog().await;
    assert_eq!(inbox, [""; 0]);
    assert_eq!(outbox.len(), 250);
}

async fn five_turns(world: &Setup, who: &str) {
    let mut version = 0;
    let mut conversation = None;
    for turn in 0..5 {
        let key = format!("{who} {turn}");
        let envelope = world.accept(message(&key, who, &key)).await;
        let whose = *conversation.get_or_insert(envelope.conversation);
        assert_eq!(envelope.conversation, whose);
        assert_eq!(world.opened(whose).await.version, version);
        version = world
            .commit(Commit {
                outbox: vec![entry(whose, &key, envelope.sequence)],
                ledger: vec![event(&key)],
                answered: vec![key.as_str().into()],
                ..world.put(whose, version, &key)
            })
            .await;
        let opened = world.opened(whose).await;
        assert_eq!(opened.session, Some(world.session(&key)));
    }
    let whose = conversation.expect("five turns were had");
    let ledger = world.store.ledger(whose).await.expect("a ledger");
    let expect: Vec<_> = (0..5).map(|turn| event(&format!("{who} {turn}"))).collect();
    assert_eq!(ledger, expect);
}

/// Writers that repeat their turn after a conflict all get through, each once.
pub async fn many_turns_of_one_conversation_never_overwrite_each_other(world: Setup) {
    let conversation = world.accept(message("k1", "ann", "hi")).await.conversation;
    let world = Arc::new(world);
    let writers = (0..8).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move { turn_until_done(&world, conversation, number).await })
    });
    for task in join_all(writers).await {
        task.expect("the writer gets through");
    }
    assert_eq!(world.opened(conversation).await.version, 8);
    let ledger = world.store.ledger(conversation).await.expect("a ledger");
    assert_eq!(ledger.len(), 8);
    let different: HashSet<_> = ledger.iter().map(|event| format!("{event:?}")).collect();
    assert_eq!(different.len(), 8);
}

/// Opens and commits until nobody else was in between.
async fn turn_until_done(world: &Setup, conversation: ConversationId, number: usize) {
    loop {
        let version = world.opened(conversation).await.version;
        let turn = Commit {
            ledger: vec![event(&number.to_string())],
            ..commit(conversation, version)
        };
        match world.store.commit(turn).await {
            Ok(_) => return,
            Err(StoreError::Conflict(_)) => {}
            Err(other) => unreachable!("{other}"),
        }
    }
}
