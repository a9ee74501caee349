//! Short runs of the program behind `make chaos`: real processes, killed and started again.

use std::process::Command;

use serde_json::Value;

/// Faults that no run of a dozen schedules goes without.
const ALWAYS: [&str; 5] = [
    "kill -9",
    "duplicate",
    "reset after",
    "429 once",
    "truncated 200",
];

/// Plays some schedules and expects every guarantee to be kept, and faults to have struck.
#[track_caller]
fn check(platform: &str) {
    let folder = tempfile::tempdir().unwrap();
    let played = Command::new(env!("CARGO_BIN_EXE_chaos"))
        .args([
            "--schedules",
            "12",
            "--at-once",
            "6",
            "--seed",
            "7",
            "--json",
        ])
        .args(["--only", platform, "--folder"])
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
    assert!(figures["answers"].as_u64() > Some(100), "{figures}");
    for kind in ALWAYS {
        assert!(
            figures["faults"][kind].as_u64() > Some(0),
            "{kind}: {figures}"
        );
    }
}

#[test]
fn platform_telegram_loses_and_doubles_nothing_through_faults_and_kills() {
    check("telegram");
}

#[test]
fn platform_discord_loses_and_doubles_nothing_through_faults_and_kills() {
    check("discord");
}
