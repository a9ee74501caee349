//! Prices as a company has them: for a quantity, a group, a currency, some days; with taxes, and of
//! bundles. As customers read them in the terminal.

use consultant_tests::binary::Operator;

const CATALOG: &str = "\
company: {name: Northlight, about: {en: Northlight sells lamps.}}
currency: EUR
groups:
  - {id: wholesale, pays_net: true}
  - {id: press, members: ['terminal:default']}
regions: [EU, CH]
taxes:
  name: {en: VAT}
  rates: {standard: 19, books: 7}
  usual: standard
categories:
  - {id: lighting, name: {en: Lighting}}
  - {id: books, name: {en: Books}}
products:
  - id: lamp
    name: {en: Arc lamp}
    category: lighting
    description: {en: A lamp with an arm.}
    price: 50
    prices:
      - {price: 45, min_quantity: 10}
      - {price: 40, groups: [wholesale]}
      - {price: 60, currency: USD}
      - {price: 52.50, currency: USD, min_quantity: 10}
      - {price: 1, valid_until: 2020-01-01}
    stock: 30
  - id: shade
    name: {en: Linen shade}
    category: lighting
    description: {en: A shade of linen.}
    price: 20
    prices: [{price: 24, currency: USD}]
    stock: 7
  - id: book
    name: {en: Light book}
    category: books
    description: {en: A book about light.}
    tax: books
    groups: [press]
    price: 30
    stock: always
  - id: reading-set
    name: {en: Reading set}
    category: lighting
    description: {en: All that a reader needs.}
    contains:
      - {product: lamp}
      - {product: shade, quantity: 2}
    price: 80
";

const FAQ: &str = "\
entries:
  - id: lamp-price
    questions: {en: [Is the arc lamp expensive?]}
    answer: {en: 'It costs {price:lamp}, which is fair.'}
";

const PLAYBOOK: &str = r#"fn stages() { [stage("talk", [])] }

fn reply(turn) {
    if turn.says(["reseller"]) {
        return [serve_as(#{ group: "wholesale" }), offer("lamp", "standard", 2)];
    }
    if turn.says(["offer"]) {
        return [offer("lamp", "standard", 12)];
    }
    [answer()]
}
"#;

/// An operator of a company with this catalogue.
fn operator(catalog: &str) -> Operator {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    let operator = operator.with("CONSULTANT__MODEL__ENABLED", "false");
    operator.writes("config/catalog.yaml", catalog);
    operator.writes("config/faq.yaml", FAQ);
    operator.writes("scripts/playbooks/own.rhai", PLAYBOOK);
    operator
}

/// What a customer of this company reads.
fn talk(catalog: &str, said: &[&str]) -> String {
    let said = said.join("\n") + "\n";
    let told = operator(catalog).runs(&["chat"], &said).well().stdout();
    // The disclosure is of another test.
    let (_, read) = told.split_once('\n').unwrap_or_default();
    read.trim().to_owned()
}

fn only(said: &[&str]) -> String {
    talk(CATALOG, said)
}

#[test]
fn a_price_names_what_it_takes_to_pay_less_and_the_tax_in_it() {
    let read = only(&["How much is the Arc lamp?", "How much are 12 Arc lamps?"]);
    insta::assert_snapshot!(read, @r#"
    The Arc lamp costs 50 EUR (from 10 pieces 45 EUR each; incl. 19% VAT). It is in stock.

    The Arc lamp costs 50 EUR (from 10 pieces 45 EUR each; incl. 19% VAT). 12 × Arc lamp: 540 EUR incl. 19% VAT in all. It is in stock.
    "#);
}

#[test]
fn a_reseller_gets_their_own_prices_without_tax_from_that_answer_on() {
    let read = only(&[
        "I am a reseller",
        "How much is the Arc lamp?",
        "Is the arc lamp expensive?",
    ]);
    insta::assert_snapshot!(read, @r#"
    2 × Arc lamp: 80 EUR plus 19% VAT in all. It is in stock.

    The Arc lamp costs 40 EUR (plus 19% VAT). It is in stock.

    It costs 40 EUR, which is fair.
    "#);
}

#[test]
fn who_asks_in_another_currency_is_answered_in_it_from_then_on() {
    let read = only(&[
        "How much is the Arc lamp in dollars?",
        "How much is the Linen shade?",
        "Please make me an offer",
        "And what does the Arc lamp cost in euros?",
        "How much is it in pounds?",
    ]);
    insta::assert_snapshot!(read, @r#"
    The Arc lamp costs 60 USD (from 10 pieces 52.50 USD each; incl. 19% VAT). It is in stock.

    The Linen shade costs 24 USD (incl. 19% VAT). It is in stock.

    12 × Arc lamp: 630 USD incl. 19% VAT in all. It is in stock.

    The Arc lamp costs 50 EUR (from 10 pieces 45 EUR each; incl. 19% VAT). It is in stock.

    Which product do you mean? For example: Arc lamp, Light book.
    "#);
}

#[test]
fn a_bundle_tells_its_parts_and_is_in_stock_as_often_as_they_are() {
    let read = only(&[
        "Tell me about the Reading set",
        "Are 4 Reading sets in stock?",
    ]);
    insta::assert_snapshot!(read, @r#"
    All that a reader needs. It consists of 1 × Arc lamp, 2 × Linen shade. The Reading set costs 80 EUR (incl. 19% VAT). It is in stock.

    Reading set: Only 3 are in stock at the moment.
    "#);
}

#[test]
fn goods_of_a_group_are_for_its_members_alone() {
    let member = only(&["How much is the Light book?"]);
    let others = CATALOG.replace("members: ['terminal:default']", "members: ['telegram:1']");
    let others = talk(&others, &["How much is the Light book?"]);
    assert!(member.contains("30 EUR (incl. 7% VAT)"), "{member}");
    assert!(!others.contains("30 EUR"), "{others}");
}

#[test]
fn whom_somebody_is_served_as_is_in_the_ledger_once() {
    let operator = operator(CATALOG);
    let said = "How much is the Arc lamp in dollars?\nHow much is the Linen shade in dollars?\n\
                I am a reseller\n";
    drop(operator.runs(&["chat"], said).well());
    let explain = ["conversation", "explain", "terminal:default", "--all"];
    let told = operator.runs(&explain, "").well().stdout();
    let lines = told.lines().filter(|it| it.contains("served as"));
    let lines: Vec<&str> = lines.map(str::trim).collect();
    let told: Vec<&str> = lines
        .iter()
        .filter_map(|it| it.split_once("served as"))
        .map(|(_, who)| who.trim())
        .collect();
    assert_eq!(told, ["currency USD", "group wholesale"], "{lines:?}");
}

#[test]
fn a_test_says_whom_its_customer_belongs_to() {
    let operator = operator(CATALOG);
    let plays = |served_as: &str| {
        let conversation = format!(
            "conversations:\n- name: a reseller\n  served_as: {served_as}\n  turns:\n  \
             - says: How much is the Arc lamp?\n    expect: {{reply: 40 EUR}}\n"
        );
        operator.writes("scripts/tests/own.yaml", &conversation);
        operator.runs(&["playbook", "test"], "")
    };
    drop(plays("{group: wholesale}").well());
    let stranger = plays("{currency: EUR}");
    assert_ne!(stranger.code(), 0);
    let unknown = plays("{group: whole}").stdout();
    assert!(
        unknown.contains("a group of the catalogue, not `whole`"),
        "{unknown}"
    );
    assert!(unknown.contains("known: wholesale"), "{unknown}");
    let typo = plays("{grup: wholesale}");
    assert!(typo.stderr().contains("grup"), "{}", typo.stderr());
}

#[test]
fn whom_somebody_belongs_to_is_forgotten_by_a_reset_alone() {
    let read = only(&[
        "I am a reseller",
        "How much is the Arc lamp?",
        "/reset",
        "How much is the Arc lamp?",
    ]);
    let prices: Vec<&str> = read.lines().filter(|it| it.contains("costs")).collect();
    assert!(
        prices[0].contains("40 EUR") && prices[1].contains("50 EUR"),
        "{read}"
    );
}

#[test]
fn goods_that_are_not_offered_are_no_offer_and_no_upsell() {
    let playbook = r#"fn stages() { [stage("talk", [])] }
fn upsells() { [goes_with("lamp", "reading-set", #{ en: "Take this, too:" })] }
fn reply(turn) {
    if turn.says(["set"]) { return [serve_as(#{ currency: "USD" }), offer("reading-set")]; }
    [serve_as(#{ currency: "USD" }), answer()] + upsells_for("lamp")
}
"#;
    let operator = operator(CATALOG);
    operator.writes("scripts/playbooks/own.rhai", playbook);
    let offered = operator
        .runs(&["chat", "--new"], "A set please\n")
        .well()
        .stdout();
    assert!(
        offered.contains("would rather not guess") && !offered.contains("80"),
        "{offered}"
    );
    let upsold = operator
        .runs(&["chat", "--new"], "How much is the Arc lamp?\n")
        .well()
        .stdout();
    assert!(
        upsold.contains("60 USD") && !upsold.contains("Take this"),
        "{upsold}"
    );
}
