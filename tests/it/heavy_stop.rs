//! The release binary, killed and stopped while the real model writes. Each test's name begins with
//! `heavy_`, so that nextest runs them one at a time.

use std::time::Duration;

use consultant_tests::{
    binary::{Operator, Serving, Signal},
    telegram::{Customer, Seen, TelegramDouble},
};

/// A question that no fact of the demo company answers, so that the model writes.
const WRITTEN: &str = "I paint watercolours at home, what would you say to me about that?";

/// How long the real model may take on a busy machine. It bounds a hang, it measures nothing.
const MODEL_PATIENCE: Duration = Duration::from_mins(2);

/// What is asked while nothing runs, or after it: a catalogue answer.
const PRICED: &str = "How much is the Halo desk lamp?";

/// A shop on Telegram whose model is writing a reply to Ann.
struct Writing {
    telegram: TelegramDouble,
    operator: Operator,
    ann: Customer,
    serving: Serving,
}

impl Writing {
    /// Waits until Ann sees the beginning of a reply of at most so many tokens.
    async fn begins(max_tokens: &str) -> Self {
        let telegram = TelegramDouble::start().await;
        let operator = Operator::default()
            .with("CONSULTANT__TELEGRAM__TOKEN", telegram.token())
            .with("CONSULTANT__TELEGRAM__API_URL", telegram.url());
        let ann = telegram.customer("Ann");
        let serving = operator.serves_with(&[("CONSULTANT__MODEL__MAX_TOKENS", max_tokens)]);
        telegram.wait_until_polled().await;
        ann.says(WRITTEN);
        let waiting = async {
            while ann.drafts_shown().is_empty() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let drafted = tokio::time::timeout(MODEL_PATIENCE, waiting).await;
        assert!(drafted.is_ok(), "no draft is shown: {:#?}", ann.sees());
        Self {
            telegram,
            operator,
            ann,
            serving,
        }
    }
}

/// All that the customer sees when the price was told.
async fn sees_a_price(customer: &Customer) -> Vec<Seen> {
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
    let Writing {
        telegram,
        operator,
        ann,
        serving,
    } = Writing::begins("80").await;
    serving.kill();
    ann.says(PRICED);

    let serving = operator.serves();
    let seen = sees_a_price(&ann).await;
    serving.kill();
    // Nothing of the first was answered, so both are one burst; its draft vanished with the answer.
    assert_eq!(seen.len(), 1, "one message for the burst: {seen:#?}");
    assert_eq!(telegram.take_violations(), Vec::<String>::new());
}

#[tokio::test]
async fn heavy_sigterm_in_the_middle_of_a_reply_ends_it_and_it_is_seen_exactly_once() {
    let Writing {
        telegram,
        operator,
        ann,
        serving,
    } = Writing::begins("80").await;
    serving.signal(Signal::TERM);
    assert_eq!(serving.ends().await, Some(0), "it ends in order");
    let written = ann.sees();
    assert_eq!(
        written.len(),
        1,
        "the turn in hand was finished: {written:#?}"
    );
    ann.says(PRICED);

    let serving = operator.serves();
    let seen = sees_a_price(&ann).await;
    serving.signal(Signal::TERM);
    assert_eq!(serving.ends().await, Some(0));
    assert_eq!(seen.len(), 2, "{seen:#?}");
    assert_eq!(seen[0].text, written[0].text);
    assert_eq!(telegram.take_violations(), Vec::<String>::new());
}

#[tokio::test]
async fn heavy_a_second_signal_ends_it_at_once_and_the_reply_is_written_anew() {
    let Writing {
        telegram,
        operator,
        ann,
        serving,
    } = Writing::begins("1500").await;
    serving.signal(Signal::INT);
    serving.logs("stopping").await;
    serving.signal(Signal::INT);
    assert_eq!(serving.ends().await, Some(130), "at once");
    assert_eq!(ann.sees().len(), 0, "{:#?}", ann.sees());

    let serving = operator.serves();
    let one = |seen: &[Seen]| !seen.is_empty();
    ann.wait_within(MODEL_PATIENCE, "the reply", one).await;
    ann.says(PRICED);
    let seen = sees_a_price(&ann).await;
    serving.kill();
    assert_eq!(seen.len(), 2, "{seen:#?}");
    assert_eq!(telegram.take_violations(), Vec::<String>::new());
}
