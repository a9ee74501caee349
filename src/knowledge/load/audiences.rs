//! Whom prices, goods and answers may be for, and what is said of taxes: `groups`, `regions`,
//! `taxes`.

use std::collections::{BTreeMap, BTreeSet};

use consultant_core::{Address, CustomerGroup, Taxes};

use super::{
    catalog::currency,
    fields::{Fields, MAX_NAME_CHARS, Report, Spot},
    names::Names,
};
use crate::{problem::suggest, yaml::Node};

const MAX_GROUPS: usize = 50;
const MAX_REGIONS: usize = 300;
const MAX_MEMBERS: usize = 10_000;

/// The customer groups and the regions, in the order of the file.
pub(super) fn audiences(
    report: &mut Report<'_>,
    fields: &Fields<'_>,
) -> (Vec<CustomerGroup>, Vec<String>) {
    let groups = fields.get("groups");
    let groups = groups.map(|spot| groups_in(report, &spot));
    let regions = fields.get("regions");
    let regions = regions.map(|spot| regions_in(report, &spot));
    (groups.unwrap_or_default(), regions.unwrap_or_default())
}

fn groups_in(report: &mut Report<'_>, spot: &Spot<'_>) -> Vec<CustomerGroup> {
    let (mut ids, mut members) = (Names::default(), Names::default());
    let items = spot.items(report, MAX_GROUPS);
    let groups = items
        .iter()
        .filter_map(|item| group(report, item, (&mut ids, &mut members)));
    groups.collect()
}

fn group(
    report: &mut Report<'_>,
    spot: &Spot<'_>,
    (ids, taken): (&mut Names, &mut Names),
) -> Option<CustomerGroup> {
    let known = ["id", "pays_net", "currency", "members"];
    let fields = spot.fields(report, &known)?;
    let id_spot = fields.require(report, "id")?;
    let id = id_spot.id(report)?;
    ids.take_id(report, &id_spot.at, &id);
    let pays_net = fields.get("pays_net");
    let pays_net = pays_net.and_then(|spot| flag(report, &spot));
    let pays_in = fields.get("currency");
    let pays_in = pays_in.and_then(|spot| currency(report, &spot));
    let members = fields.get("members");
    let members = members.map(|spot| members_in(report, &spot, (&id, taken)));
    Some(CustomerGroup {
        id,
        pays_net: pays_net.unwrap_or_default(),
        currency: pays_in,
        members: members.unwrap_or_default(),
    })
}

fn flag(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<bool> {
    let flag = match spot.node {
        Node::Scalar(text) => text.parse().ok(),
        _ => None,
    };
    if flag.is_none() {
        report.add(
            &spot.at,
            "this is neither yes nor no",
            "write `true` or `false`",
        );
    }
    flag
}

/// Addresses of customers. One customer belongs to one group.
fn members_in(
    report: &mut Report<'_>,
    spot: &Spot<'_>,
    (group, taken): (&str, &mut Names),
) -> Vec<String> {
    let mut members = Vec::new();
    for item in spot.items(report, MAX_MEMBERS) {
        let Some(text) = item.text(report, MAX_NAME_CHARS) else {
            continue;
        };
        if let Err(error) = text.parse::<Address>() {
            let hint = "write an address as `consultant conversation list` shows it";
            report.add(&item.at, format!("`{text}`: {error}"), hint);
            continue;
        }
        taken.take(report, &item.at, &text, group);
        members.push(text);
    }
    members
}

fn regions_in(report: &mut Report<'_>, spot: &Spot<'_>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut regions = Vec::new();
    for item in spot.items(report, MAX_REGIONS) {
        let Some(region) = item.text(report, 60) else {
            continue;
        };
        if seen.insert(region.clone()) {
            regions.push(region);
        } else {
            let message = format!("the region `{region}` stands here twice");
            report.add(&item.at, message, "remove one of them");
        }
    }
    regions
}

/// What is said of taxes.
pub(super) fn taxes(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<Taxes> {
    let fields = spot.fields(report, &["name", "included", "rates", "usual"])?;
    let name = fields.require(report, "name");
    let name = name.map(|spot| spot.local(report, MAX_NAME_CHARS));
    let included = fields.get("included");
    let included = included.and_then(|spot| flag(report, &spot));
    let rates = fields.require(report, "rates")?;
    let rates_by_key = rates_in(report, &rates);
    let usual = fields.get("usual");
    let usual = match usual {
        Some(spot) => known_rate(report, &spot, &rates_by_key),
        None => only_rate(report, &rates, &rates_by_key),
    };
    Some(Taxes {
        name: name?,
        included: included.unwrap_or(true),
        rates: rates_by_key,
        usual: usual?,
    })
}

fn rates_in(report: &mut Report<'_>, spot: &Spot<'_>) -> BTreeMap<String, rust_decimal::Decimal> {
    let Some(fields) = spot.any_fields(report) else {
        return BTreeMap::new();
    };
    let rates = fields.all().filter_map(|(key, spot)| {
        let rate = spot.tax_rate(report)?;
        Some((key.to_owned(), rate))
    });
    rates.collect()
}

fn only_rate(
    report: &mut Report<'_>,
    spot: &Spot<'_>,
    rates: &BTreeMap<String, rust_decimal::Decimal>,
) -> Option<String> {
    let mut keys = rates.keys();
    let only = keys.next().filter(|_| keys.next().is_none());
    if only.is_none() {
        let hint = "say which one most products have: `usual: standard`";
        report.add(&spot.at, "not exactly one rate stands here", hint);
    }
    only.cloned()
}

/// The key of a rate that is declared.
pub(super) fn known_rate(
    report: &mut Report<'_>,
    spot: &Spot<'_>,
    rates: &BTreeMap<String, rust_decimal::Decimal>,
) -> Option<String> {
    let key = spot.text(report, 60)?;
    if !rates.contains_key(&key) {
        let hint = suggest(&key, rates.keys().map(String::as_str));
        report.add(&spot.at, format!("there is no tax rate `{key}`"), hint);
        return None;
    }
    Some(key)
}
