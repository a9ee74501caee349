//! Short runs of the program behind `make chaos`: real processes, killed and started again.

use std::process::Command;

/// Plays some schedules and expects every guarantee to be kept.
#[track_caller]
fn check(arguments: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let played = Command::new(env!("CARGO_BIN_EXE_chaos"))
        .args(["--schedules", "6", "--at-once", "6", "--folder"])
        .arg(folder.path())
        .args(arguments)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&played.stderr);
    let table = String::from_utf8_lossy(&played.stdout);
    if !played.status.success() {
        // The trace is what a failure is looked into with.
        let kept = folder.keep();
        panic!("{told}{table}traces: {}", kept.display());
    }
    assert!(table.contains("faults that struck"), "{table}");
}

#[test]
fn platform_telegram_loses_and_doubles_nothing_through_faults_and_kills() {
    check(&["--seed", "7", "--only", "telegram"]);
}

#[test]
fn platform_discord_loses_and_doubles_nothing_through_faults_and_kills() {
    check(&["--seed", "7", "--only", "discord"]);
}
