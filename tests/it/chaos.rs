//! A short run of the program behind `make chaos`: real processes, killed and started again.

use std::process::Command;

use serde_json::Value;

/// Faults that no run of a dozen schedules goes without.
const ALWAYS: [&str; 10] = [
    "kill -9",
    "kill -9, clock jump",
    "SIGTERM",
    "duplicate",
    "reset after",
    "reset before",
    "429 once",
    "5xx",
    "truncated 200",
    "store's answer lost",
];

/// Steps of a turn, each with a moment before and one after its effect.
const STEPS: [&str; 6] = ["accept", "open", "commit", "send", "shown", "ended"];

#[test]
fn platform_nothing_is_lost_or_doubled_through_faults_and_kills_at_every_step_of_a_turn() {
    let folder = tempfile::tempdir().unwrap();
    let played = Command::new(env!("CARGO_BIN_EXE_chaos"))
        .args([
            "--schedules",
            "12",
            "--at-once",
            "8",
            "--seed",
            "7",
            "--json",
        ])
        .arg("--folder")
        .arg(folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&played.stderr);
    let figures = String::from_utf8_lossy(&played.stdout);
    if !played.status.success() {
        // The trace is what a failure is looked into with.
        let kept = folder.keep();
        panic!("{told}{figures}traces: {}", kept.display());
    }
    let figures: Value = serde_json::from_str(&figures).unwrap();
    assert_eq!(figures["schedules"], 12, "{figures}");
    let counted = |what: &Value| what.as_u64() > Some(0);
    assert!(figures["answers"].as_u64() > Some(100), "{figures}");
    assert!(counted(&figures["changes"]), "{figures}");
    assert!(counted(&figures["reminders"]), "{figures}");
    for what in ["talks", "takeovers", "shown_to_people", "said", "notes"] {
        assert!(counted(&figures["desk"][what]), "{what}: {figures}");
    }
    for kind in ALWAYS {
        assert!(counted(&figures["faults"][kind]), "{kind}: {figures}");
    }
    let markers = STEPS.map(|step| [format!("{step}.before"), format!("{step}.after")]);
    for marker in markers.as_flattened() {
        assert!(
            counted(&figures["killed_at"][marker]),
            "{marker}: {figures}"
        );
    }
}
