//! `desk.yaml`: where people answer customers, who they are, and what each may do.

mod teams;

use std::collections::{BTreeMap, BTreeSet};

use consultant_core::{
    Address, ChannelName,
    desk::{Agent, Desks, InVain, Right, ShownAs, Waiting},
};

use super::{
    fields::{Fields, MAX_NAME_CHARS, Report, Spot},
    names::Names,
};
use crate::{
    problem::{Problem, suggest},
    yaml::Node,
};

const MAX_AGENTS: usize = 500;

/// The platforms that have desks, by the names of their keys.
const PLATFORMS: [(&str, ChannelName); 3] = [
    ("telegram", ChannelName::Telegram),
    ("discord", ChannelName::Discord),
    ("terminal", ChannelName::TerminalDesk),
];

/// The one place of a desk in terminals: the machine that the bot runs on.
const HERE: &str = "here";

/// Reads who answers customers and where, or says everything that is wrong with it. `file` only
/// names it.
pub fn load_desks(file: &str, text: &str) -> Result<Desks, Vec<Problem>> {
    let (mut report, node) = Report::parse(file, text)?;
    let desks = read(&mut report, &node);
    report.finish(desks)
}

fn read(report: &mut Report<'_>, node: &Node) -> Option<Desks> {
    let root = Spot::root(node);
    let known = [
        "desks", "agents", "teams", "shown_as", "waiting", "learning",
    ];
    let fields = root.fields(report, &known)?;
    let desks = fields.require(report, "desks")?;
    let places = places(report, &desks)?;
    let agents_spot = fields.require(report, "agents")?;
    let agents = agents_in(report, &agents_spot)?;
    let teams = fields.get("teams");
    let teams = teams.and_then(|spot| teams::teams_in(report, &spot, &places));
    let teams = teams.unwrap_or_default();
    teams::check_members(report, &agents_spot, &teams);
    let shown_as = fields.get("shown_as");
    let shown_as = shown_as.and_then(|spot| shown_as_in(report, &spot));
    let waiting = fields.get("waiting");
    let waiting = waiting.and_then(|spot| waiting_in(report, &spot));
    let learning = fields.get("learning");
    let customers_agreed = learning.and_then(|spot| customers_agreed_in(report, &spot));
    Some(Desks {
        customers_agreed: customers_agreed.unwrap_or_default(),
        waiting: waiting.unwrap_or_default(),
        places: places.into_iter().map(|(_, address)| address).collect(),
        agents,
        teams,
        shown_as: shown_as.unwrap_or_default(),
    })
}

/// The desks in the order of the file: the first one is for what belongs to no team.
fn places(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<Vec<(ChannelName, Address)>> {
    let known = PLATFORMS.map(|(name, _)| name);
    let fields = spot.fields(report, &known)?;
    let mut places = Vec::new();
    for (key, spot) in fields.all() {
        let platform = PLATFORMS.iter().find(|(name, _)| *name == key);
        if let Some((_, platform)) = platform {
            places.extend(place(report, &spot, *platform).map(|it| (*platform, it)));
        }
    }
    if fields.all().next().is_none() {
        let hint = "write `telegram: -1001234567890` (a group with topics) or `discord: \
                    123456789012345678` (a channel) or `terminal: here`, or remove the file";
        report.add(&spot.at, "no desk is named", hint);
    }
    Some(places)
}

fn place(report: &mut Report<'_>, spot: &Spot<'_>, platform: ChannelName) -> Option<Address> {
    let text = spot.text(report, MAX_NAME_CHARS)?;
    let (is_right, hint) = match platform {
        ChannelName::Telegram => (
            text.parse::<i64>().is_ok_and(|number| number < 0),
            "a group's number is negative, as `-1001234567890`: add the bot to the group, write \
             something there, and `consultant conversation list` shows it",
        ),
        ChannelName::TerminalDesk => (
            text == HERE,
            "write `terminal: here`: it is on the machine that the bot runs on, and `consultant \
             desk` opens it there",
        ),
        ChannelName::Discord | ChannelName::Terminal => (
            is_account(&text),
            "copy the channel's id in Discord (developer mode, right click on the channel)",
        ),
    };
    if !is_right {
        report.add(&spot.at, format!("`{text}` is no place of a desk"), hint);
        return None;
    }
    Some(Address::new(platform, text))
}

fn agents_in(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<Vec<Agent>> {
    let fields = spot.any_fields(report)?;
    let (mut accounts, mut names) = (Names::default(), Names::default());
    let mut agents = Vec::new();
    for (id, spot) in fields.all() {
        if agents.len() == MAX_AGENTS {
            let message = format!("more than {MAX_AGENTS} agents stand here");
            report.add(&spot.at, message, "one house serves one company's team");
            break;
        }
        agents.extend(agent(report, (id, &spot), (&mut accounts, &mut names)));
    }
    Some(agents)
}

fn agent(
    report: &mut Report<'_>,
    (id, spot): (&str, &Spot<'_>),
    (taken, names): (&mut Names, &mut Names),
) -> Option<Agent> {
    let known = ["name", "telegram", "discord", "terminal", "may", "teams"];
    let fields = spot.fields(report, &known)?;
    let name_spot = fields.require(report, "name")?;
    let name = name_spot.text(report, MAX_NAME_CHARS)?;
    names.take(report, &name_spot.at, &name, id);
    let mut accounts = BTreeMap::new();
    for (key, platform) in PLATFORMS {
        let Some(spot) = fields.get(key) else {
            continue;
        };
        let account = match platform {
            ChannelName::TerminalDesk => terminal_account(report, &spot)?,
            _ => account(report, &spot)?,
        };
        taken.take(report, &spot.at, &format!("{key} {account}"), id);
        accounts.insert(platform, account);
    }
    if accounts.is_empty() {
        let hint = "add `telegram: 123456789` or `discord: 123456789012345678`: the account's \
                    number, not its name; or `terminal: NAME`";
        report.add(&spot.at, format!("`{id}` has no account"), hint);
    }
    Some(Agent {
        id: id.into(),
        name,
        accounts,
        may: rights(report, &fields),
        teams: teams::names_in(report, &fields),
    })
}

fn account(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<String> {
    let text = spot.text(report, MAX_NAME_CHARS)?;
    if is_account(&text) {
        return Some(text);
    }
    let hint = "write the account's number: names can be changed, and anybody can take them then";
    report.add(&spot.at, format!("`{text}` is no account"), hint);
    None
}

/// The name that `consultant desk --as` is given. Whoever may run that there may say any of them.
fn terminal_account(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<String> {
    let text = spot.text(report, MAX_NAME_CHARS)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !text.is_empty() && text.chars().all(is_plain) {
        return Some(text);
    }
    let hint = "write a login name: letters from a to z, digits, `-`, `_` and `.`";
    report.add(
        &spot.at,
        format!("`{text}` is no account of a terminal"),
        hint,
    );
    None
}

/// A positive number without a sign or zeros before it.
fn is_account(text: &str) -> bool {
    let number = text.parse::<u64>().ok();
    number.is_some_and(|number| number > 0 && number.to_string() == text)
}

/// What an agent may do: to take conversations and to write, where nothing is said.
fn rights(report: &mut Report<'_>, fields: &Fields<'_>) -> BTreeSet<Right> {
    let Some(spot) = fields.get("may") else {
        return BTreeSet::from([Right::Take, Right::Reply]);
    };
    let mut rights = BTreeSet::new();
    for item in spot.items(report, Right::NAMES.len()) {
        let Some(name) = item.text(report, MAX_NAME_CHARS) else {
            continue;
        };
        if let Some((right, _)) = Right::NAMES.iter().find(|(_, known)| *known == name) {
            rights.insert(*right);
        } else {
            let hint = suggest(&name, Right::NAMES.iter().map(|(_, name)| *name));
            report.add(&item.at, format!("there is no right `{name}`"), hint);
        }
    }
    rights
}

fn shown_as_in(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<ShownAs> {
    let text = spot.text(report, MAX_NAME_CHARS)?;
    let shown = match text.as_str() {
        "name" => Some(ShownAs::Name),
        "colleague" => Some(ShownAs::Colleague),
        _ => None,
    };
    if shown.is_none() {
        let hint = "write `name`, or `colleague` where customers read no names";
        report.add(
            &spot.at,
            format!("agents cannot be shown as `{text}`"),
            hint,
        );
    }
    shown
}

fn waiting_in(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<Waiting> {
    let known = ["remind_after_minutes", "give_up_after_minutes", "then"];
    let fields = spot.fields(report, &known)?;
    let mut minutes = |key, usual| match fields.get(key) {
        Some(spot) => minutes(report, &spot),
        None => usual,
    };
    let usual = Waiting::default();
    let [remind, give_up, then] = known;
    let (remind_after_minutes, give_up_after_minutes) = (
        minutes(remind, usual.remind_after_minutes),
        minutes(give_up, usual.give_up_after_minutes),
    );
    let then = fields.get(then).and_then(|spot| in_vain(report, &spot));
    Some(Waiting {
        remind_after_minutes,
        give_up_after_minutes,
        then: then.unwrap_or_default(),
    })
}

/// What a customer is offered who waited in vain.
fn in_vain(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<InVain> {
    let text = spot.text(report, MAX_NAME_CHARS)?;
    let known = InVain::NAMES.iter().find(|(_, name)| *name == text);
    if known.is_none() {
        let hint = "write `bot` (it goes on with an apology), `message` (the customer leaves one), or \
                    `callback` (they are called back)";
        report.add(&spot.at, format!("nothing is offered as `{text}`"), hint);
    }
    known.map(|(it, _)| *it)
}

/// Whether the company states that its customers agreed to being learned from.
fn customers_agreed_in(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<bool> {
    let fields = spot.fields(report, &["customers_agreed"])?;
    let spot = fields.require(report, "customers_agreed")?;
    let text = spot.text(report, MAX_NAME_CHARS)?;
    let agreed = text.parse().ok();
    if agreed.is_none() {
        let hint = "write `true` where your customers agreed to being learned from, else `false`";
        report.add(&spot.at, format!("`{text}` says neither"), hint);
    }
    agreed
}

/// A number of minutes, at most a week; `never` is none.
fn minutes(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<u32> {
    const MOST: u32 = 7 * 24 * 60;
    let text = spot.text(report, MAX_NAME_CHARS)?;
    if text == "never" {
        return None;
    }
    let minutes = text.parse().ok().filter(|it| (1..=MOST).contains(it));
    if minutes.is_none() {
        let hint = format!("write a whole number from 1 to {MOST}, or `never`");
        report.add(&spot.at, format!("`{text}` is no number of minutes"), hint);
    }
    minutes
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: &str = "
desks: {discord: 900, telegram: -100123}
agents:
  mia: {name: Mia, telegram: 501, discord: 601, may: [take, reply, publish]}
  tom: {name: Tom, discord: 602}
teams: {sales: telegram, service: discord}
shown_as: colleague
waiting: {remind_after_minutes: 5, give_up_after_minutes: never}
";

    #[test]
    fn a_file_says_where_people_are_who_they_are_and_what_they_may() {
        let desks = load_desks("desk.yaml", RIGHT).unwrap();
        let places: Vec<String> = desks.places.iter().map(ToString::to_string).collect();
        assert_eq!(places, ["discord:900", "telegram:-100123"]);
        let tom = desks.agent_of(ChannelName::Discord, "602").unwrap();
        assert!(tom.may(Right::Take) && tom.may(Right::Reply) && !tom.may(Right::Publish));
        assert_eq!(desks.agent_of(ChannelName::Telegram, "602"), None);
        let sales = desks.place_of(Some("sales")).unwrap();
        assert_eq!(sales.to_string(), "telegram:-100123");
        let others = desks.place_of(Some("press")).unwrap();
        assert_eq!(others.to_string(), "discord:900");
        assert_eq!(desks.shown_as, ShownAs::Colleague);
        assert_eq!(desks.waiting.remind_after_minutes, Some(5));
        assert_eq!(desks.waiting.give_up_after_minutes, None);
    }

    #[test]
    fn a_team_may_have_hours_and_another_team_behind_it() {
        let text = "
desks: {discord: 900, telegram: -100123}
agents:
  mia: {name: Mia, telegram: 501, teams: [sales]}
  tom: {name: Tom, discord: 602}
teams:
  sales: telegram
  service:
    desk: discord
    hours: {time_zone: Asia/Shanghai, monday: '09:00-12:00'}
    next: sales
    next_after_minutes: 5
waiting: {then: callback}
learning: {customers_agreed: true}
";
        let desks = load_desks("desk.yaml", text).unwrap();
        assert_eq!(desks.waiting.then, InVain::Callback);
        assert!(desks.customers_agreed);
        let next = desks.next_of(Some("service")).unwrap();
        assert_eq!((next.team.as_str(), next.after_minutes), ("sales", 5));
        assert_eq!(desks.next_of(Some("sales")), None);
        assert!(desks.hours_of(Some("service"), None).is_some());
        assert!(desks.hours_of(Some("sales"), None).is_none());
        let can_take = |team| {
            let who = desks.who_can_take(Some(team));
            who.map(|it| it.id.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(can_take("sales"), ["mia", "tom"]);
        assert_eq!(can_take("service"), ["tom"]);
    }

    #[test]
    fn what_is_wrong_with_teams_is_told_with_its_line() {
        let begin =
            "desks: {telegram: -100}\nagents:\n  mia: {name: Mia, telegram: 5, teams: [sale]}\n";
        check(
            &format!("{begin}teams: {{sales: telegram}}\n"),
            &["3: there is no team `sale`"],
        );
        let begin = "desks: {telegram: -100}\nagents: {}\nteams:\n";
        check(
            &format!(
                "{begin}  a: {{desk: telegram, next: b}}\n  b: {{desk: telegram, next: a}}\n  \
                 c: {{desk: telegram, next: d}}\n  e: {{desk: telegram, hours: {{monday: '9'}}}}\n"
            ),
            &[
                "4: the teams behind `a` would be asked in a circle",
                "5: the teams behind `b` would be asked in a circle",
                "6: there is no team `d`",
                "7: `time_zone` is missing",
                "7: `9` is no opening time",
            ],
        );
        check(
            "desks: {telegram: -100}\nagents: {}\nwaiting: {then: fly}\nlearning: {customers_agreed: maybe}\n",
            &["3: nothing is offered as `fly`", "4: `maybe` says neither"],
        );
    }

    /// What is wrong with a text, one line each.
    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let problems = load_desks("desk.yaml", text).unwrap_err();
        let told = problems.iter();
        let told: Vec<String> = told
            .map(|it| format!("{}: {}", it.line, it.message))
            .collect();
        assert_eq!(told, expect, "{text}");
    }

    #[test]
    fn a_desk_can_be_in_terminals() {
        let text = "desks: {terminal: here, discord: 900}\nagents:\n  \
                    mia: {name: Mia, terminal: mia.b-2_x, discord: 5}\nteams: {sales: terminal}\n";
        let desks = load_desks("desk.yaml", text).unwrap();
        let first = desks.place_of(None).unwrap().to_string();
        assert_eq!(first, "terminal_desk:here");
        let mia = desks.agent_of(ChannelName::TerminalDesk, "mia.b-2_x");
        assert_eq!(mia.unwrap().name, "Mia");
        check(
            "desks: {terminal: /dev/tty1}\nagents:\n  mia: {name: Mia, terminal: mia b}\n",
            &[
                "1: `/dev/tty1` is no place of a desk",
                "3: `mia b` is no account of a terminal",
            ],
        );
        check(
            "desks: {terminal: here}\nagents:\n  mia: {name: Mia, terminal: x}\n  \
             tom: {name: Tom, terminal: x}\n",
            &["4: `terminal x` already means `mia`"],
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        check(
            "desks: {telegram: 7}\nagents:\n  mia: {name: Mia, telegram: '@mia'}\n",
            &["1: `7` is no place of a desk", "3: `@mia` is no account"],
        );
        check(
            "desks: {telegram: -100}\nagents:\n  mia: {name: Mia, telegram: 5}\n  \
             tom: {name: Tom, telegram: 5, may: [fly]}\n  ann: {name: Ann}\nteams: {sales: discord}\n",
            &[
                "4: `telegram 5` already means `mia`",
                "4: there is no right `fly`",
                "5: `ann` has no account",
                "6: the team `sales` has no desk on `discord`",
            ],
        );
        check(
            "desks: {telegram: -100}\nagents: {}\nwaiting: {remind_after_minutes: soon}\n",
            &["3: `soon` is no number of minutes"],
        );
    }
}
