//! The options of what brings playbooks to customers: `consultant playbook status`, `diff`,
//! `publish`, `promote`, `stop`, `rollback`, `recall`, `history`.

use clap::Args;

use super::JsonArgs;

/// Who decides, and why.
#[derive(Debug, Args)]
pub struct DecisionArgs {
    /// Why, in your words; kept in the history.
    #[arg(long, value_name = "WORDS")]
    pub note: Option<String>,

    /// Who decides; your name on this machine otherwise.
    #[arg(long, value_name = "NAME")]
    pub author: Option<String>,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}

/// Options of `playbook publish`.
#[derive(Debug, Args)]
pub struct PlaybookPublishArgs {
    /// Try it on so many of a hundred who begin a conversation, as `10` or `10%`.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub share: Option<u8>,

    /// How long after its beginning a conversation of a trial is judged, as `24h` or `30m`.
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = minutes, requires = "share")]
    pub judged_after: u32,

    /// Publish although conversations of `scripts/tests` fail, or there are none; say why.
    #[arg(long = "override", value_name = "REASON")]
    pub overridden: Option<String>,

    /// Who decides, and why.
    #[command(flatten)]
    pub decision: DecisionArgs,
}

/// Options of `playbook rollback`.
#[derive(Debug, Args)]
pub struct PlaybookRollbackArgs {
    /// Which version is to serve again: digits of its hash; the one before otherwise.
    #[arg(long, value_name = "VERSION")]
    pub to: Option<String>,

    /// Also take the conversations over that began with the version that is taken back.
    #[arg(long)]
    pub recall: bool,

    /// Who decides, and why.
    #[command(flatten)]
    pub decision: DecisionArgs,
}

/// Options of `playbook stop`.
#[derive(Debug, Args)]
pub struct PlaybookStopArgs {
    /// Also take the conversations over that began with the version on trial.
    #[arg(long)]
    pub recall: bool,

    /// Who decides, and why.
    #[command(flatten)]
    pub decision: DecisionArgs,
}

/// Options of `playbook recall`.
#[derive(Debug, Args)]
pub struct PlaybookRecallArgs {
    /// Which version: digits of its hash, as `consultant playbook history` shows it.
    #[arg(value_name = "VERSION")]
    pub which: String,

    /// Who decides, and why.
    #[command(flatten)]
    pub decision: DecisionArgs,
}

/// Options of `playbook diff`.
#[derive(Debug, Args)]
pub struct PlaybookDiffArgs {
    /// The older side: `live`, `before`, `trial`, `files`, or digits of a version.
    #[arg(value_name = "FROM", default_value = "live")]
    pub from: String,

    /// The newer side.
    #[arg(value_name = "TO", default_value = "files")]
    pub to: String,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}

/// Options of `playbook history`.
#[derive(Debug, Args)]
pub struct PlaybookHistoryArgs {
    /// How many of the newest decisions to show.
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,

    /// How to tell.
    #[command(flatten)]
    pub json: JsonArgs,
}

/// A share of a hundred that leaves something for both.
fn percent(text: &str) -> Result<u8, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim();
    let percent = number.parse().ok().filter(|it| (1..=99).contains(it));
    percent.ok_or_else(|| {
        "a share is 1 to 99 of a hundred; without --share everybody gets it".to_owned()
    })
}

/// A time in whole minutes, from one minute to 90 days.
fn minutes(text: &str) -> Result<u32, String> {
    const MOST: u32 = 90 * 24 * 60;
    let wrong = || "a time is a number with m, h or d, as `30m`, `24h` or `7d`".to_owned();
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let each = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        _ => return Err(wrong()),
    };
    let number: u32 = text.trim_end_matches(unit).parse().map_err(|_| wrong())?;
    let minutes = number
        .checked_mul(each)
        .filter(|it| (1..=MOST).contains(it));
    minutes.ok_or_else(|| "a conversation is judged after one minute to 90 days".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_leaves_something_for_both() {
        assert_eq!(percent("10%"), Ok(10));
        assert_eq!(percent("99"), Ok(99));
        for wrong in ["0", "100", "-1", "10.5", "ten", ""] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_time_has_a_unit_and_a_bound() {
        assert_eq!(minutes("30m"), Ok(30));
        assert_eq!(minutes("24h"), Ok(24 * 60));
        assert_eq!(minutes("7d"), Ok(7 * 24 * 60));
        for wrong in ["", "h", "24", "0m", "91d", "5000000d", "天", "1天"] {
            assert!(minutes(wrong).is_err(), "{wrong}");
        }
    }
}
