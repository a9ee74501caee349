//! What a company has learned from its own examples, in conversations.

use consultant_tests::binary::Operator;

/// What customers of this company want, and how they say it.
const ROWS: &str = "text,category
can you put the desk together for us,installation
do you set it up at our place,installation
will somebody assemble it in the flat,installation
who puts the desk together for me,installation
can we pay in twelve monthly parts,financing
is there a loan or a lease for it,financing
do you take payment by instalments,financing
what would it be a month on a lease,financing
";

const PLAYBOOK: &str = r#"
fn stages() { [stage("greet", [])] }
fn reply(turn) {
    if turn.trained_intent == "installation" {
        return [say(#{ en: "We put it together where you live." })];
    }
    [answer()]
}
"#;

/// An operator who sells what the demo sells, by rules and with intents of their own.
fn operator() -> Operator {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    let operator = operator.with("CONSULTANT__MODEL__ENABLED", "false");
    operator.writes_demo_facts();
    operator.writes("scripts/playbooks/own.rhai", PLAYBOOK);
    operator.writes("rows.csv", ROWS);
    let learned = [
        "train",
        "intent",
        "--data",
        "rows.csv",
        "--words-only",
        "--out",
        "own.safetensors",
    ];
    drop(operator.runs(&learned, "").well());
    operator
}

const ASKED: &str = "do you put the desk together?\n";

#[test]
fn a_playbook_acts_on_a_category_that_its_company_trained() {
    let told = |operator: &Operator| operator.runs(&["chat", "--new"], ASKED).well().stdout();
    let operator = operator();
    assert!(!told(&operator).contains("where you live"));
    let operator = operator
        .with("CONSULTANT__INTENTS__TRAINED", "own.safetensors")
        .with("CONSULTANT__INTENTS__LEAST_CONFIDENCE", "0.5");
    let answer = told(&operator);
    assert!(answer.contains("where you live"), "{answer}");
    let why = operator
        .runs(&["conversation", "explain", "terminal:default"], "")
        .well()
        .stdout();
    assert!(why.contains("trained intent installation"), "{why}");
    // What it is not sure enough of it says nothing of.
    let operator = operator.with("CONSULTANT__INTENTS__LEAST_CONFIDENCE", "1.0");
    assert!(!told(&operator).contains("where you live"));
}

#[test]
fn a_file_that_was_not_learned_is_told_before_anything_starts() {
    let operator = operator().with("CONSULTANT__INTENTS__TRAINED", "rows.csv");
    let ran = operator.runs(&["chat"], ASKED);
    assert_eq!(ran.code(), 1);
    let told = ran.stderr();
    assert!(
        told.contains("rows.csv cannot be used for intents.trained"),
        "{told}"
    );
    assert!(told.contains("consultant train intent"), "{told}");
}

/// How customers of this company sound.
const MOODS: &str = "text,category
this is a disgrace I want my money back now,angry
three weeks and nobody answers this is outrageous,angry
are you kidding me what a joke of a shop,angry
never again you people are useless,angry
how much is the lamp in black,calm
thanks that was quick,calm
do you deliver to Spain,calm
my order came today and it looks lovely,calm
";

const ESCALATION: &str = r#"
fn escalation(turn) {
    if turn.mood == "angry" {
        return hand_off("sounds angry", #{ en: "A colleague will write to you here." });
    }
}
"#;

#[test]
fn an_escalation_rule_acts_on_the_mood_that_was_learned() {
    let operator = operator();
    operator.writes("scripts/escalation.rhai", ESCALATION);
    operator.writes("moods.csv", MOODS);
    let learned = [
        "train",
        "intent",
        "--data",
        "moods.csv",
        "--words-only",
        "--out",
        "moods.safetensors",
    ];
    drop(operator.runs(&learned, "").well());
    let said = "you are a joke of a shop, outrageous\n";
    let told = |operator: &Operator| operator.runs(&["chat", "--new"], said).well().stdout();
    assert!(!told(&operator).contains("A colleague will write"));
    let operator = operator
        .with("CONSULTANT__INTENTS__MOODS", "moods.safetensors")
        .with("CONSULTANT__INTENTS__LEAST_MOOD_CONFIDENCE", "0.5");
    let answer = told(&operator);
    assert!(answer.contains("A colleague will write"), "{answer}");
    let why = operator
        .runs(&["conversation", "explain", "terminal:default"], "")
        .well()
        .stdout();
    assert!(why.contains("mood angry"), "{why}");
}

/// Calls somebody once the guard has refused what the model wrote.
const AFTER_THE_GUARD: &str = r#"
fn escalation(turn) {
    if turn.guard_refused > 1 {
        return hand_off("no safe answer", #{ en: "A colleague will answer you here." });
    }
}
"#;

const REFUSED: &str = "
conversations:
  - name: what the model invents calls somebody
    model: [It costs 10 EUR with a 20% discount., It costs 12 EUR today.]
    turns:
      - says: I paint watercolours, what do you say to me about that?
        expect: {escalated: no safe answer, reply: A colleague will answer you here}
  - name: what it may say calls nobody
    model: [What a lovely hobby. A warm light suits watercolours well.]
    turns:
      - says: I paint watercolours, what do you say to me about that?
        expect: {escalated: false, reply: a lovely hobby}
";

#[test]
fn an_escalation_rule_is_asked_again_after_the_guard() {
    let operator = operator();
    operator.writes("scripts/escalation.rhai", AFTER_THE_GUARD);
    operator.writes("scripts/tests/own.yaml", REFUSED);
    let tested = operator.runs(&["playbook", "test"], "");
    assert_eq!(tested.code(), 0, "{}{}", tested.stdout(), tested.stderr());
}
