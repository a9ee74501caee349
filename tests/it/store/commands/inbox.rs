//! Dead letters.

use consultant_core::{
    Inbound, InboundEvent, OutboxEntry,
    ports::{Accepted, Burial, Clock},
};
use consultant_tests::{
    binary::Operator,
    contract::{clock::FrozenClock, store::entry},
};

use super::{at, json, operator, store, verify};

/// A message that could not be answered, laid to the dead letters.
async fn is_buried(operator: &Operator, key: &str) {
    let store = store(operator).await;
    let now = FrozenClock::default().now();
    let inbound = Inbound::new(key, at("7"), now, InboundEvent::says("hi"));
    let Accepted::New(envelope) = store.accept(inbound).await.unwrap() else {
        panic!("{key} is new")
    };
    let conversation = envelope.conversation;
    let told = OutboxEntry {
        address: at("7"),
        ..entry(conversation, key, envelope.sequence)
    };
    let burial = Burial {
        conversation,
        key: key.into(),
        reason: "the model failed".to_owned(),
        told,
    };
    store.bury(burial).await.unwrap();
}

#[tokio::test]
async fn dead_letters_are_listed_shown_put_back_and_dropped() {
    let operator = operator();
    for key in ["k1", "k2"] {
        is_buried(&operator, key).await;
    }
    let listed = operator.runs(&["inbox", "list"], "").well().stdout();
    assert!(
        listed.contains("k1") && listed.contains("the model failed"),
        "{listed}"
    );
    let shown = json(&operator.runs(&["inbox", "show", "k1"], "").well());
    assert_eq!(shown["envelope"]["inbound"]["event"]["text"], "hi");
    let unknown = operator.runs(&["inbox", "retry", "k9"], "");
    assert_eq!(unknown.code(), 1);
    assert!(
        unknown.stderr().contains("no dead letter `k9`"),
        "{}",
        unknown.stderr()
    );

    let retried = operator.runs(&["inbox", "retry", "k1", "--json"], "");
    assert_eq!(json(&retried.well())["retried"], serde_json::json!(["k1"]));
    let dropped = operator.runs(&["inbox", "drop", "k2", "--json"], "");
    assert_eq!(json(&dropped.well())["dropped"], serde_json::json!(["k2"]));
    let left = json(&operator.runs(&["inbox", "list", "--json"], "").well());
    assert_eq!(left, serde_json::json!([]));
    let found = verify(&operator).1;
    assert_eq!(
        (&found["waiting"], &found["dead_letters"]),
        (&1.into(), &0.into())
    );
}
