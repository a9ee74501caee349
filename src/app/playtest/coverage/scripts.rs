//! The lines and branches of a playbook and its modules: as shares, as places that never ran, and
//! as an lcov tracefile, which editors and build servers show.

use std::{collections::BTreeSet, fmt::Write};

use consultant_playbook::{Branch, ScriptCoverage};
use serde::{Serialize, Serializer};

/// What ran of the scripts.
#[derive(Clone, Debug, Serialize)]
pub(in crate::playtest) struct Scripts {
    pub(in crate::playtest) lines: Share,
    pub(in crate::playtest) branches: Share,
    /// Places, `demo.rhai:120 (else of if)`.
    pub(in crate::playtest) never_run: Vec<String>,
    #[serde(skip)]
    all: Vec<ScriptCoverage>,
}

/// How many of how many.
#[derive(Clone, Copy, Debug, Serialize)]
pub(in crate::playtest) struct Share {
    pub(in crate::playtest) ran: usize,
    pub(in crate::playtest) of: usize,
    percent: Percent,
}

/// In tenths, rounded down: only all is 100.
#[derive(Clone, Copy, Debug)]
struct Percent(usize);

impl Share {
    fn new(ran: usize, of: usize) -> Self {
        let tenths = (ran * 1000).checked_div(of).unwrap_or(1000);
        Self {
            ran,
            of,
            percent: Percent(tenths),
        }
    }

    /// Whether it is at least so many percent.
    pub(in crate::playtest) fn is_at_least(&self, percent: u8) -> bool {
        self.ran * 100 >= usize::from(percent) * self.of
    }

    /// `95.3`
    pub(in crate::playtest) fn percent(&self) -> String {
        self.percent.to_string()
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let tenths = u32::try_from(self.0).unwrap_or(1000);
        to.serialize_f64(f64::from(tenths) / 10.0)
    }
}

impl Scripts {
    pub(super) fn new(all: Vec<ScriptCoverage>) -> Self {
        let lines = || all.iter().flat_map(|script| &script.lines);
        let branches = || all.iter().flat_map(|script| &script.branches);
        let ran = lines().filter(|(_, times)| *times > 0).count();
        let taken = branches().filter(|branch| is_taken(branch)).count();
        Self {
            lines: Share::new(ran, lines().count()),
            branches: Share::new(taken, branches().count()),
            never_run: all.iter().flat_map(never_run).collect(),
            all,
        }
    }
}

fn is_taken(branch: &Branch) -> bool {
    branch.taken.is_some_and(|times| times > 0)
}

/// Ways that were never taken from forks that were reached, and lines that never ran, in the order
/// of the source. A fork that was not reached stands on such a line.
fn never_run(script: &ScriptCoverage) -> Vec<String> {
    let ways = script.branches.iter();
    let ways = ways.filter(|branch| branch.taken == Some(0));
    let mut places: BTreeSet<(usize, String)> = ways
        .map(|branch| (branch.line, format!("{} ({})", branch.line, branch.what)))
        .collect();
    places.extend(idle_lines(script).into_iter().map(|(first, last)| {
        let lines = if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        };
        (first, lines)
    }));
    let places = places.into_iter();
    places
        .map(|(_, place)| format!("{}:{place}", script.file))
        .collect()
}

/// Lines that never ran, those in a row together: first and last.
fn idle_lines(script: &ScriptCoverage) -> Vec<(usize, usize)> {
    let mut rows: Vec<(usize, usize)> = Vec::new();
    let mut goes_on = false;
    for (line, times) in &script.lines {
        if *times > 0 {
            goes_on = false;
            continue;
        }
        match rows.last_mut().filter(|_| goes_on) {
            Some(row) => row.1 = *line,
            None => rows.push((*line, *line)),
        }
        goes_on = true;
    }
    rows
}

/// As an lcov tracefile: the form is told in the manual page of `geninfo`.
pub(in crate::playtest) fn lcov(scripts: &Scripts) -> String {
    let mut text = String::new();
    for script in &scripts.all {
        writeln!(text, "TN:playbook\nSF:{}", script.file).ok();
        for (number, branch) in script.branches.iter().enumerate() {
            let taken = branch.taken.map_or("-".to_owned(), |it| it.to_string());
            let (line, fork) = (branch.line, branch.fork);
            writeln!(text, "BRDA:{line},{fork},{number},{taken}").ok();
        }
        let taken = script.branches.iter().filter(|it| is_taken(it)).count();
        writeln!(text, "BRF:{}\nBRH:{taken}", script.branches.len()).ok();
        for (line, times) in &script.lines {
            writeln!(text, "DA:{line},{times}").ok();
        }
        let ran = script.lines.iter().filter(|(_, times)| *times > 0).count();
        writeln!(text, "LF:{}\nLH:{ran}\nend_of_record", script.lines.len()).ok();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scripts() -> Scripts {
        let branch = |line, fork, what, taken| Branch {
            line,
            fork,
            what,
            taken,
        };
        Scripts::new(vec![ScriptCoverage {
            file: "a.rhai".to_owned(),
            lines: vec![(1, 3), (2, 0), (4, 0), (5, 1), (9, 0)],
            branches: vec![
                branch(1, 0, "if", Some(3)),
                branch(1, 0, "else of if", Some(0)),
                branch(4, 1, "if", None),
                branch(4, 1, "else of if", None),
            ],
        }])
    }

    #[test]
    fn what_never_ran_is_told_once_by_its_place() {
        let scripts = scripts();
        assert_eq!(
            scripts.never_run,
            ["a.rhai:1 (else of if)", "a.rhai:2-4", "a.rhai:9"]
        );
        assert_eq!(scripts.lines.percent(), "40.0");
        assert_eq!(scripts.branches.percent(), "25.0");
    }

    #[test]
    fn a_share_is_all_only_where_nothing_is_missing() {
        assert_eq!(Share::new(1999, 2000).percent(), "99.9");
        assert_eq!(Share::new(0, 0).percent(), "100.0");
        assert!(Share::new(0, 0).is_at_least(100));
        assert!(Share::new(19, 20).is_at_least(95));
        assert!(!Share::new(949, 1000).is_at_least(95));
    }

    #[test]
    fn editors_read_lcov() {
        insta::assert_snapshot!(lcov(&scripts()));
    }
}
