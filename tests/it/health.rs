//! `consultant health`, as a container or a monitor runs it beside `consultant serve`.

use std::time::Duration;

use consultant_tests::{
    binary::{Operator, Signal},
    telegram::TelegramDouble,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A few beats of the process.
const BEATS: Duration = Duration::from_secs(30);

async fn health_until(operator: &Operator, ready: impl Fn(&Value) -> bool) -> Value {
    let waiting = async {
        loop {
            let ran = operator.runs(&["health", "--json"], "");
            let told: Value = serde_json::from_str(&ran.stdout()).expect("JSON");
            if ready(&told) {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let told = tokio::time::timeout(BEATS, waiting).await;
    told.expect("the health that was waited for")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_counted_and_a_stop_in_order_leaves_no_sign_of_life() {
    let telegram = TelegramDouble::start().await;
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"))
        .with("CONSULTANT__TELEGRAM__TOKEN", telegram.token())
        .with("CONSULTANT__TELEGRAM__API_URL", telegram.url());
    let serving = operator.serves();
    // A busy machine takes its time to start a process.
    serving.logs("serving").await;
    telegram.wait_until_polled().await;
    telegram.inject_once(json!({"update_id": "no number", "message": {}}));

    let counted = |told: &Value| told["channels"]["telegram"]["unreadable"] == 1;
    let told = health_until(&operator, counted).await;
    assert_eq!(
        (&told["well"], &told["channels"]["telegram"]["runs"]),
        (&json!(true), &json!(true))
    );
    let ran = operator.runs(&["health"], "").well();
    assert!(
        ran.stdout().contains("1 update could not be read"),
        "{}",
        ran.stdout()
    );

    serving.signal(Signal::TERM);
    assert_eq!(serving.ends().await, Some(0));
    let ran = operator.runs(&["health"], "");
    assert_eq!(ran.code(), 1, "{}", ran.stdout());
    assert!(ran.stderr().contains("nothing serves"), "{}", ran.stderr());
}

/// A platform that takes the call and never answers holds up the start for as long as it does, but
/// not the stop.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_waits_for_telegram_can_be_stopped() {
    let platform = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", platform.local_addr().unwrap());
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"))
        .with("CONSULTANT__MODEL__ENABLED", "false")
        .with("CONSULTANT__TELEGRAM__TOKEN", "123:abc")
        .with("CONSULTANT__TELEGRAM__API_URL", url);
    let serving = operator.serves();
    let (_held, _) = tokio::time::timeout(BEATS, platform.accept())
        .await
        .expect("it calls")
        .unwrap();
    serving.signal(Signal::TERM);
    assert_eq!(serving.ends().await, Some(0));
}
