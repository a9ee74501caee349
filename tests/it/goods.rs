//! Goods from where a company keeps them: a table that another program writes, a server, a database.
//! Whatever comes from there, the last good goods serve.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use consultant_app::{
    config::{Sources, load},
    goods::Feed,
};
use consultant_tests::{
    binary::{Operator, Ran},
    telegram::TelegramDouble,
};
use rustix::process::Signal;

/// An operator with the demo's files as their own.
fn operator() -> Operator {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    let operator = operator.with("CONSULTANT__MODEL__ENABLED", "false");
    operator.writes_demo_facts();
    operator.writes(
        "scripts/playbooks/demo.rhai",
        include_str!("../../scripts/playbooks/demo.rhai"),
    );
    operator
}

/// What a customer reads who asks for the price of the black lamp.
fn lamp(operator: &Operator) -> String {
    let question = "How much is the Halo desk lamp in black?\n";
    operator.runs(&["chat", "--new"], question).well().stdout()
}

fn refresh(operator: &Operator) -> Ran {
    operator.runs(&["catalog", "refresh"], "")
}

#[test]
fn a_table_is_laid_over_the_catalogue_each_time_it_is_read() {
    let operator = operator().with("CONSULTANT__GOODS__TABLE", "erp.csv").with(
        "CONSULTANT__GOODS__COLUMNS",
        "id=SKU,variant=Colour,price=Net",
    );
    let writes = |price: &str| {
        let table = format!("SKU,Colour,Net\ndesk-lamp,black,{price}\n");
        operator.writes("erp.csv", &table);
    };
    writes("41.10");
    assert!(lamp(&operator).contains("41.10 EUR"));
    writes("42.20");
    assert!(lamp(&operator).contains("42.20 EUR"));
    let file = ["catalog", "diff", "config/catalog.yaml"];
    let told = operator.runs(&file, "").well().stdout();
    assert!(told.contains("price: 42.20 EUR -> 49.90 EUR"), "{told}");
    writes("free");
    let told = operator.runs(&["check"], "");
    assert_ne!(told.code(), 0);
    let told = told.stdout();
    assert!(
        told.contains("erp.csv:2:1: price: `free` is not an amount"),
        "{told}"
    );
}

#[test]
fn a_database_is_asked_and_only_read() {
    let operator = operator().with("CONSULTANT__GOODS__SQLITE", "data/sessions.sqlite");
    let asks = |query: &str| {
        operator.writes(
            "config/goods.yaml",
            &format!("goods: {{query: {query:?}}}\n"),
        );
    };
    let row = "SELECT 'desk-lamp' AS id, 'black' AS variant, 44.4 AS price, 2 AS stock";
    asks(row);
    let missing = refresh(&operator);
    assert_ne!(missing.code(), 0, "{}", missing.stderr());
    // Any database will do: that of the sessions is there after this.
    let before = lamp(&operator);
    assert!(before.contains("49.90 EUR"), "{before}");
    let told = refresh(&operator).well().stdout();
    let changed = "~ desk-lamp/black: price: 49.90 EUR -> 44.40 EUR";
    assert!(told.contains(changed), "{told}");
    assert!(lamp(&operator).contains("44.40 EUR"));

    let broken = [
        (row.replace("44.4", "-1"), "not an amount"),
        (
            "DELETE FROM sqlite_sequence".to_owned(),
            "data/sessions.sqlite",
        ),
    ];
    for (query, expect) in broken {
        asks(&query);
        let refused = refresh(&operator).stderr();
        assert!(refused.contains(expect), "{refused}");
        assert!(lamp(&operator).contains("44.40 EUR"));
    }
}

/// A server with one file, as it is at the moment.
#[derive(Clone, Default)]
struct Shop(Arc<Mutex<Served>>);

#[derive(Clone, Default)]
struct Served {
    file: String,
    is_down: bool,
    /// How often the whole file was sent.
    sent: usize,
}

async fn goods(State(shop): State<Shop>, headers: HeaderMap) -> Response {
    let mut served = shop.0.lock().expect("a lock");
    let asks = |name| headers.get(name).and_then(|it| it.to_str().ok());
    if served.is_down || asks(header::AUTHORIZATION) != Some("Bearer open-sesame") {
        return StatusCode::FORBIDDEN.into_response();
    }
    let tag = format!("\"{}\"", served.file.len());
    if asks(header::IF_NONE_MATCH) == Some(&tag) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    served.sent += 1;
    ([(header::ETAG, tag)], served.file.clone()).into_response()
}

impl Shop {
    async fn open() -> (Self, String) {
        let shop = Self::default();
        let router = Router::new()
            .route("/{*file}", get(goods))
            .with_state(shop.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        (shop, format!("http://{address}"))
    }

    fn serves(&self, file: &str) {
        file.clone_into(&mut self.0.lock().expect("a lock").file);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_asked_with_its_token_and_the_last_good_goods_serve() {
    let (shop, origin) = Shop::open().await;
    let url = format!("{origin}/goods.csv?key=hidden");
    let operator = operator().with("CONSULTANT__GOODS__URL", url);
    let closed = refresh(&operator).stderr();
    assert!(closed.contains("the server answered 403"), "{closed}");
    assert!(!closed.contains("hidden"), "{closed}");

    let operator = operator.with("CONSULTANT__GOODS__BEARER_TOKEN", "open-sesame");
    shop.serves("id,variant,price\ndesk-lamp,black,43.30\n");
    drop(refresh(&operator).well());
    assert!(lamp(&operator).contains("43.30 EUR"));

    shop.serves("<html>Sign in</html>");
    let refused = refresh(&operator);
    assert_ne!(refused.code(), 0);
    assert!(lamp(&operator).contains("43.30 EUR"));
    shop.0.lock().expect("a lock").is_down = true;
    assert_ne!(refresh(&operator).code(), 0);
    assert!(lamp(&operator).contains("43.30 EUR"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_catalogue_may_come_from_a_server() {
    let (shop, origin) = Shop::open().await;
    let operator = operator()
        .with("CONSULTANT__GOODS__URL", format!("{origin}/catalog.yaml"))
        .with("CONSULTANT__GOODS__BEARER_TOKEN", "open-sesame");
    let catalog = include_str!("../../config/catalog.yaml");
    shop.serves(&catalog.replacen("price: 49.90", "price: 45.50", 1));
    let told = refresh(&operator).well().stdout();
    assert!(
        told.contains("~ desk-lamp/black: price: 49.90 EUR -> 45.50 EUR"),
        "{told}"
    );
    assert!(lamp(&operator).contains("45.50 EUR"));
    shop.serves(&catalog.replacen("price: 49.90", "price: -45.50", 1));
    let refused = refresh(&operator).stderr();
    assert!(refused.contains("-45.50 is not a price"), "{refused}");
    assert!(lamp(&operator).contains("45.50 EUR"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_that_serves_fetches_by_itself_and_answers_with_it() {
    let (shop, origin) = Shop::open().await;
    shop.serves("id,variant,price\ndesk-lamp,black,43.30\n");
    let telegram = TelegramDouble::start().await;
    let operator = operator()
        .with("CONSULTANT__GOODS__URL", format!("{origin}/goods.csv"))
        .with("CONSULTANT__GOODS__BEARER_TOKEN", "open-sesame")
        .with("CONSULTANT__TELEGRAM__TOKEN", telegram.token())
        .with("CONSULTANT__TELEGRAM__API_URL", telegram.url());
    let serving = operator.serves();
    serving.logs("other goods were fetched").await;
    serving.logs("serving").await;
    let ann = telegram.customer("Ann");
    ann.says("How much is the Halo desk lamp in black?");
    ann.wait_for("the price of today", |seen| {
        seen.iter().any(|it| it.text.contains("43.30 EUR"))
    })
    .await;
    serving.signal(Signal::TERM);
    assert_eq!(serving.ends().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_is_not_sent_again_and_what_was_refused_is() {
    let (shop, origin) = Shop::open().await;
    let operator = operator();
    let variables = [
        ("HOME", operator.folder().display().to_string()),
        ("CONSULTANT__GOODS__URL", format!("{origin}/goods.csv")),
        ("CONSULTANT__GOODS__BEARER_TOKEN", "open-sesame".to_owned()),
    ];
    let config = load(&Sources {
        environment: variables.into_iter().collect(),
        config_file: None,
        working_dir: operator.folder().to_owned(),
    });
    let config = config.expect("a configuration");
    let mut feed = Feed::of(&config).expect("a feed");
    let good = "id,variant,price\ndesk-lamp,black,43.30\n";
    let steps = [
        (good, "Kept", 1),
        (good, "Same", 1),
        ("id\nx\n", "Wrong", 2),
        ("id\nx\n", "Wrong", 3),
    ];
    for (file, expect, sent) in steps {
        shop.serves(file);
        let fetched = feed.fetch().await.expect("an answer");
        assert!(format!("{fetched:?}").starts_with(expect), "{fetched:?}");
        assert_eq!(shop.0.lock().expect("a lock").sent, sent, "{expect}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_breaks_while_the_house_serves_leaves_the_last_good_prices() {
    let telegram = TelegramDouble::start().await;
    let operator = operator()
        .with("CONSULTANT__GOODS__TABLE", "erp.csv")
        .with("CONSULTANT__TELEGRAM__TOKEN", telegram.token())
        .with("CONSULTANT__TELEGRAM__API_URL", telegram.url());
    operator.writes("erp.csv", "id,variant,price\ndesk-lamp,black,41.10\n");
    let serving = operator.serves();
    serving.logs("serving").await;
    operator.writes("erp.csv", "id,variant,price\ndesk-lamp,black,4");
    serving.logs("were changed and serve").await;
    operator.writes("erp.csv", "id,variant,price\ndesk-lamp,black\n");
    serving.logs("are broken").await;
    let ann = telegram.customer("Ann");
    ann.says("How much is the Halo desk lamp in black?");
    ann.wait_for("the last good price", |seen| {
        seen.iter().any(|it| it.text.contains(" 4 EUR"))
    })
    .await;
    serving.signal(Signal::TERM);
    assert_eq!(serving.ends().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_that_the_answers_cannot_do_without_are_not_replaced() {
    let (shop, origin) = Shop::open().await;
    let operator = operator()
        .with("CONSULTANT__GOODS__URL", format!("{origin}/goods.csv"))
        .with("CONSULTANT__GOODS__BEARER_TOKEN", "open-sesame")
        .with("CONSULTANT__GOODS__REPLACE", "true");
    shop.serves("id,variant,price\ndesk-lamp,black,43.30\n");
    // An answer names the price of goods that this list lacks.
    let entry = "  - id: footrest\n    questions: {en: [Is the footrest dear?], zh: [脚踏贵吗？]}\n    \
                 answer: {en: 'Only {price:footrest}.', zh: '只要 {price:footrest}。'}\n";
    let faq = include_str!("../../config/faq.yaml");
    operator.writes("config/faq.yaml", &format!("{faq}{entry}"));
    let refused = refresh(&operator).stderr();
    assert!(refused.contains("faq.yaml"), "{refused}");
    assert!(lamp(&operator).contains("49.90 EUR"));
    // What was refused is fetched anew, though it has not changed since.
    let again = refresh(&operator).stderr();
    assert!(again.contains("faq.yaml"), "{again}");
}
