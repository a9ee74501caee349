//! The release binary, killed and stopped while the real model writes. Each test's name begins with
//! `heavy_`, so that nextest runs them one at a time.

use std::time::Duration;

use consultant_tests::{
    binary::{Operator, Signal},
    telegram::{Customer, Seen, TelegramDouble},
};

/// A question that no fact of the demo company answers, so that the model writes.
const WRITTEN: &str = "I paint watercolours at home, what would you say to me about that?";

/// How long the real model may take on a busy machine. It bounds a hang, it measures nothing.
const MODEL_PATIENCE: Duration = Duration::from_mins(2);

fn operator(telegram: &TelegramDouble) -> Operator {
    Operator::default()
        .with("CONSULTANT__TELEGRAM__TOKEN", telegram.token())
        .with("CONSULTANT__TELEGRAM__API_URL", telegram.url())
}

/// Waits until the customer sees the beginning of a reply that is still being written.
async fn wait_until_drafted(customer: &Customer) {
    let waiting = async {
        while customer.drafts_shown().is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(MODEL_PATIENCE, waiting)
        .await
        .expect("a draft is shown");
}

/// Asks for a price and waits for it; all that the customer sees then.
async fn asks_for_a_price(customer: &Customer) -> Vec<Seen> {
    customer.says("How much is the Halo desk lamp?");
    let priced = |seen: &[Seen]| {
        let told = |message: &Seen| message.text.contains("The Halo desk lamp costs");
        seen.iter().any(told)
    };
    customer
        .wait_within(MODEL_PATIENCE, "the price", priced)
        .await
}

#[tokio::test]
async fn heavy_kill_9_in_the_middle_of_a_reply_loses_nothing_and_doubles_nothing() {
    let telegram = TelegramDouble::start().await;
    let operator = operator(&telegram);
    let ann = telegram.customer("Ann");

    let serving = operator.serves();
    telegram.wait_until_polled().await;
    ann.says(WRITTEN);
    wait_until_drafted(&ann).await;
    serving.kill();

    let serving = operator.serves();
    // Nothing of the first was answered, so all is one burst; its draft vanished with the answer.
    let seen = asks_for_a_price(&ann).await;
    serving.kill();
    assert_eq!(seen.len(), 1, "one message for the burst: {seen:#?}");
    assert_eq!(telegram.take_violations(), Vec::<String>::new());
}

#[tokio::test]
async fn heavy_sigterm_in_the_middle_of_a_reply_ends_it_and_it_is_seen_exactly_once() {
    let telegram = TelegramDouble::start().await;
    let operator = operator(&telegram);
    let ann = telegram.customer("Ann");

    let serving = operator.serves();
    telegram.wait_until_polled().await;
    ann.says(WRITTEN);
    wait_until_drafted(&ann).await;
    serving.signal(Signal::TERM);
    assert_eq!(serving.ends().await, Some(0), "it ends in order");
    let written = ann.sees();
    assert_eq!(
        written.len(),
        1,
        "the turn in hand was finished: {written:#?}"
    );

    let serving = operator.serves();
    let seen = asks_for_a_price(&ann).await;
    serving.signal(Signal::TERM);
    assert_eq!(serving.ends().await, Some(0));
    assert_eq!(seen.len(), 2, "{seen:#?}");
    assert_eq!(seen[0].text, written[0].text);
    assert_eq!(telegram.take_violations(), Vec::<String>::new());
}

#[tokio::test]
async fn heavy_a_second_signal_ends_it_at_once_and_the_reply_is_written_anew() {
    let telegram = TelegramDouble::start().await;
    let ann = telegram.customer("Ann");
    let first = operator(&telegram);
    let long = first.serves_with(&[("CONSULTANT__MODEL__MAX_TOKENS", "1500")]);
    telegram.wait_until_polled().await;
    ann.says(WRITTEN);
    wait_until_drafted(&ann).await;
    long.signal(Signal::INT);
    long.logs("stopping").await;
    long.signal(Signal::INT);
    assert_eq!(long.ends().await, Some(130), "at once");
    assert_eq!(ann.sees().len(), 0, "{:#?}", ann.sees());

    let serving = first.serves();
    let one = |seen: &[Seen]| !seen.is_empty();
    ann.wait_within(MODEL_PATIENCE, "the reply", one).await;
    let seen = asks_for_a_price(&ann).await;
    serving.kill();
    assert_eq!(seen.len(), 2, "{seen:#?}");
}
