//! For whom and when something holds: `valid_from`, `valid_until`, `groups`, `regions`.

use consultant_core::{Catalog, Currency, CustomerGroup, Scope, Taxes};
use jiff::civil::Date;

use super::{
    catalog::Category,
    fields::{Fields, Report, Spot},
};
use crate::problem::suggest;

/// The keys that say for whom and when something holds.
pub(super) const SCOPE_KEYS: [&str; 4] = ["valid_from", "valid_until", "groups", "regions"];

/// Groups or regions of one scope, at the most.
const MAX_NAMED: usize = 50;

/// What the catalogue declares, for everything in it that refers to it.
pub(super) struct Declared<'a> {
    pub(super) currency: Currency,
    pub(super) categories: &'a [Category],
    pub(super) groups: &'a [CustomerGroup],
    pub(super) regions: &'a [String],
    pub(super) taxes: Option<&'a Taxes>,
}

/// The groups and regions that a catalogue declares.
pub(super) struct Audiences<'a> {
    groups: Vec<&'a str>,
    regions: Vec<&'a str>,
}

impl<'a> Audiences<'a> {
    /// Those of a catalogue.
    pub(super) fn of(catalog: &'a Catalog) -> Self {
        Self::new(&catalog.groups, &catalog.regions)
    }

    fn new(groups: &'a [CustomerGroup], regions: &'a [String]) -> Self {
        Self {
            groups: groups.iter().map(|it| it.id.as_str()).collect(),
            regions: regions.iter().map(String::as_str).collect(),
        }
    }
}

impl Declared<'_> {
    /// Reads for whom and when something holds.
    pub(super) fn scope(&self, report: &mut Report<'_>, fields: &Fields<'_>) -> Scope {
        scope(
            report,
            fields,
            Some(Audiences::new(self.groups, self.regions)),
        )
    }
}

/// Reads for whom and when something holds. What is `declared` is not looked up where it is not known.
pub(super) fn scope(
    report: &mut Report<'_>,
    fields: &Fields<'_>,
    declared: Option<Audiences<'_>>,
) -> Scope {
    let (from, until) = days(report, fields);
    let (groups, regions) = declared.map(|it| (it.groups, it.regions)).unzip();
    Scope {
        from,
        until,
        groups: named(report, fields.get("groups"), ("group", groups)),
        regions: named(report, fields.get("regions"), ("region", regions)),
    }
}

/// The first and the last day.
fn days(report: &mut Report<'_>, fields: &Fields<'_>) -> (Option<Date>, Option<Date>) {
    let from = fields.get("valid_from");
    let from = from.and_then(|spot| day(report, &spot));
    let spot = fields.get("valid_until");
    let until = spot.as_ref().and_then(|spot| day(report, spot));
    if let (Some(from), Some(until), Some(spot)) = (from, until, spot)
        && until < from
    {
        let message = format!("{until} is before {from}");
        report.add(&spot.at, message, "write the later day as `valid_until`");
    }
    (from, until)
}

/// A day such as `2026-12-01`.
pub(super) fn day(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<Date> {
    let text = spot.text(report, 40)?;
    let day = text.parse().ok();
    if day.is_none() {
        let hint = "write year, month and day, such as 2026-12-01";
        report.add(&spot.at, format!("`{text}` is not a day"), hint);
    }
    day
}

/// Those that are named, of those that are declared where that is known.
fn named(
    report: &mut Report<'_>,
    spot: Option<Spot<'_>>,
    (kind, declared): (&str, Option<Vec<&str>>),
) -> Vec<String> {
    let Some(spot) = spot else {
        return Vec::new();
    };
    let items = spot.items(report, MAX_NAMED);
    if items.is_empty() {
        let hint = "name one, or remove the key: then it holds for all";
        report.add(&spot.at, "the list is empty", hint);
    }
    let mut known = Vec::new();
    for item in &items {
        let Some(name) = item.text(report, 60) else {
            continue;
        };
        match &declared {
            Some(declared) if !declared.contains(&name.as_str()) => {
                let message = format!("the catalogue declares no {kind} `{name}`");
                report.add(&item.at, message, suggest(&name, declared.iter().copied()));
            }
            _ => known.push(name),
        }
    }
    known
}
