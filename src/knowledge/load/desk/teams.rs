//! `teams` of `desk.yaml`: where each works, when somebody is in, and who is asked next.

use std::collections::{BTreeMap, BTreeSet};

use consultant_core::{
    Address, ChannelName,
    desk::{NextTeam, Team},
};

use super::{
    super::{
        fields::{Fields, MAX_NAME_CHARS, Report, Spot},
        hours::hours,
    },
    PLATFORMS, minutes,
};
use crate::{problem::suggest, yaml::Node};

/// Teams of an agent, at the most.
const MAX_TEAMS: usize = 50;

/// After how many minutes the next team is asked, where nothing is said.
const NEXT_AFTER_MINUTES: u32 = 15;

pub(super) fn teams_in(
    report: &mut Report<'_>,
    spot: &Spot<'_>,
    places: &[(ChannelName, Address)],
) -> Option<BTreeMap<String, Team>> {
    let fields = spot.any_fields(report)?;
    let mut teams = BTreeMap::new();
    for (name, spot) in fields.all() {
        if let Some(team) = team(report, (name, &spot), places) {
            teams.insert(name.to_owned(), team);
        }
    }
    for (name, spot) in fields.all() {
        check_next(report, (name, &spot), &teams);
    }
    Some(teams)
}

/// `sales: telegram`, or a group with more to say.
fn team(
    report: &mut Report<'_>,
    (name, spot): (&str, &Spot<'_>),
    places: &[(ChannelName, Address)],
) -> Option<Team> {
    if matches!(spot.node, Node::Scalar(_)) {
        return place(report, (name, spot), places).map(Team::at);
    }
    let fields = spot.fields(report, &["desk", "hours", "next", "next_after_minutes"])?;
    let desk = fields.require(report, "desk")?;
    let place = place(report, (name, &desk), places)?;
    let hours = fields.get("hours").and_then(|spot| hours(report, &spot));
    let next = fields.get("next").and_then(|spot| {
        let team = spot.text(report, MAX_NAME_CHARS)?;
        let after = fields.get("next_after_minutes");
        let after = after.map_or(Some(NEXT_AFTER_MINUTES), |spot| minutes(report, &spot));
        Some(NextTeam {
            team,
            after_minutes: after?,
        })
    });
    Some(Team { place, hours, next })
}

fn place(
    report: &mut Report<'_>,
    (team, spot): (&str, &Spot<'_>),
    places: &[(ChannelName, Address)],
) -> Option<Address> {
    let platform = spot.text(report, MAX_NAME_CHARS)?;
    let named = PLATFORMS.iter().find(|(name, _)| *name == platform);
    let place = named.and_then(|(_, it)| places.iter().find(|(platform, _)| platform == it));
    if place.is_none() {
        let message = format!("the team `{team}` has no desk on `{platform}`");
        let names: Vec<&str> = PLATFORMS.iter().map(|(name, _)| *name).collect();
        let hint = format!("name one that stands under `desks`: {}", names.join(", "));
        report.add(&spot.at, message, hint);
    }
    place.map(|(_, address)| address.clone())
}

/// The next team is one of the others, and nobody is asked in a circle.
fn check_next(
    report: &mut Report<'_>,
    (name, spot): (&str, &Spot<'_>),
    teams: &BTreeMap<String, Team>,
) {
    let Some(spot) = spot.field("next") else {
        return;
    };
    let next_of = |name: &str| teams.get(name)?.next.as_ref().map(|it| it.team.as_str());
    let Some(next) = next_of(name) else { return };
    if !teams.contains_key(next) {
        let hint = suggest(next, teams.keys().map(String::as_str));
        report.add(&spot.at, format!("there is no team `{next}`"), hint);
        return;
    }
    let mut asked = BTreeSet::new();
    let mut last = Some(name);
    while let Some(team) = last
        && asked.insert(team)
    {
        last = next_of(team);
    }
    if last == Some(name) {
        let message = format!("the teams behind `{name}` would be asked in a circle");
        report.add(&spot.at, message, "let the last of them have no `next`");
    }
}

/// The teams that an agent belongs to, by their names.
pub(super) fn names_in(report: &mut Report<'_>, agent: &Fields<'_>) -> BTreeSet<String> {
    let Some(spot) = agent.get("teams") else {
        return BTreeSet::new();
    };
    let items = spot.items(report, MAX_TEAMS);
    let names = items.iter();
    names
        .filter_map(|item| item.text(report, MAX_NAME_CHARS))
        .collect()
}

/// Whoever belongs to a team belongs to one that there is.
pub(super) fn check_members(
    report: &mut Report<'_>,
    agents: &Spot<'_>,
    teams: &BTreeMap<String, Team>,
) {
    let Some(agents) = agents.any_fields(report) else {
        return;
    };
    for (_, agent) in agents.all() {
        let Some(spot) = agent.field("teams") else {
            continue;
        };
        for item in spot.items(report, MAX_TEAMS) {
            let Some(name) = item.text(report, MAX_NAME_CHARS) else {
                continue;
            };
            if !teams.contains_key(&name) {
                let hint = suggest(&name, teams.keys().map(String::as_str));
                report.add(&item.at, format!("there is no team `{name}`"), hint);
            }
        }
    }
}
