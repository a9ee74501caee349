//! `consultant desk report` over a store that somebody has talked to.

use consultant_tests::binary::Operator;

#[test]
fn the_figures_of_the_desk_are_for_people_and_for_programs() {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    let operator = operator.with("CONSULTANT__MODEL__ENABLED", "false");
    let said = "how much is the Halo lamp?\n";
    drop(operator.runs(&["chat", "--new"], said).well());
    let told = operator.runs(&["desk", "report"], "").well().stdout();
    insta::assert_snapshot!(told, @r#"
    The last 30 days: 1 conversation, of which the bot resolved 0 durably (nobody was called, and the customer has said nothing for seven days)

    A person was called 0 times; 0 were taken, 0 given up, 0 wait now
    "#);
    let json = operator.runs(&["desk", "report", "--json"], "").well();
    let report: serde_json::Value = serde_json::from_str(&json.stdout()).unwrap();
    assert_eq!(report["conversations"], 1);
    assert_eq!(report["waiting"]["count"], 0);
    assert_eq!(report["waiting"]["median_seconds"], serde_json::Value::Null);
}
