//! Who is served, and on which day: what decides which prices, goods and answers hold.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Currency;

/// What is known of whom a customer belongs to. Nothing of it is needed: who belongs nowhere is
/// served by what holds for everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Membership {
    /// The customer group, for example `wholesale`; one of the catalogue's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The region, for example `CH`; one of the catalogue's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The currency that the customer pays in; the catalogue's where none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
}

impl Membership {
    /// Whether nothing is known.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// This, with what `newer` knows instead.
    #[must_use]
    pub fn with(&self, newer: &Self) -> Self {
        Self {
            group: newer.group.clone().or_else(|| self.group.clone()),
            region: newer.region.clone().or_else(|| self.region.clone()),
            currency: newer.currency.or(self.currency),
        }
    }
}

impl fmt::Display for Membership {
    /// `group wholesale, region CH, currency USD`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let currency = self.currency.map(|it| it.to_string());
        let known = [
            ("group", self.group.as_ref()),
            ("region", self.region.as_ref()),
            ("currency", currency.as_ref()),
        ];
        let known = known
            .into_iter()
            .filter_map(|(what, name)| Some(format!("{what} {}", name?)));
        let known: Vec<String> = known.collect();
        f.write_str(&known.join(", "))
    }
}

/// Who is served, and when.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Audience {
    /// Whom they belong to.
    pub who: Membership,
    /// The day, in the company's time zone.
    pub day: Date,
}

impl Audience {
    /// Somebody of whom nothing is known, on a day.
    pub fn on(day: Date) -> Self {
        Self {
            who: Membership::default(),
            day,
        }
    }
}

/// For whom and when something holds: everybody and always, where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// The first day, in the company's time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The last day, in the company's time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// The customer groups; all where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The regions; all where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
}

impl Scope {
    /// Whether it holds for everybody and always.
    pub fn is_everyone(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it holds for somebody on a day.
    pub fn holds_for(&self, audience: &Audience) -> bool {
        let Audience { who, day } = audience;
        self.from.is_none_or(|from| from <= *day)
            && self.until.is_none_or(|until| *day <= until)
            && is_among(who.group.as_ref(), &self.groups)
            && is_among(who.region.as_ref(), &self.regions)
    }

    /// How narrow it is: what names a group is narrower than what names a region, and that than
    /// what names days.
    pub fn narrowness(&self) -> u8 {
        let dated = self.from.is_some() || self.until.is_some();
        u8::from(dated)
            + 2 * u8::from(!self.regions.is_empty())
            + 4 * u8::from(!self.groups.is_empty())
    }

    /// Whether there is somebody for whom, and a day on which, both hold.
    pub fn meets(&self, other: &Self) -> bool {
        let begins = self.from.max(other.from);
        let ends = match (self.until, other.until) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        let on_a_day = begins.zip(ends).is_none_or(|(begins, ends)| begins <= ends);
        on_a_day && share(&self.groups, &other.groups) && share(&self.regions, &other.regions)
    }
}

fn is_among(one: Option<&String>, named: &[String]) -> bool {
    named.is_empty() || one.is_some_and(|one| named.contains(one))
}

fn share(one: &[String], two: &[String]) -> bool {
    one.is_empty() || two.is_empty() || one.iter().any(|it| two.contains(it))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn scope(from: Option<Date>, until: Option<Date>, groups: &[&str]) -> Scope {
        Scope {
            from,
            until,
            groups: groups.iter().map(|it| (*it).to_owned()).collect(),
            regions: Vec::new(),
        }
    }

    fn member(group: Option<&str>, day: Date) -> Audience {
        let mut audience = Audience::on(day);
        audience.who.group = group.map(str::to_owned);
        audience
    }

    #[test]
    fn a_scope_holds_from_its_first_day_to_its_last() {
        let december = scope(Some(date(2026, 12, 1)), Some(date(2026, 12, 31)), &[]);
        for (day, expect) in [
            (date(2026, 11, 30), false),
            (date(2026, 12, 1), true),
            (date(2026, 12, 31), true),
            (date(2027, 1, 1), false),
        ] {
            assert_eq!(december.holds_for(&Audience::on(day)), expect, "{day}");
        }
    }

    #[test]
    fn what_is_for_a_group_is_not_for_who_belongs_to_none() {
        let wholesale = scope(None, None, &["wholesale"]);
        let day = date(2026, 12, 1);
        assert!(wholesale.holds_for(&member(Some("wholesale"), day)));
        assert!(!wholesale.holds_for(&member(Some("press"), day)));
        assert!(!wholesale.holds_for(&member(None, day)));
        assert!(Scope::default().holds_for(&member(Some("press"), day)));
    }

    #[test]
    fn what_is_learned_later_replaces_only_what_it_tells() {
        let known = Membership {
            group: Some("wholesale".into()),
            region: Some("CH".into()),
            currency: None,
        };
        let newer = Membership {
            region: Some("EU".into()),
            currency: Some(Currency::EUR),
            ..Membership::default()
        };
        let both = known.with(&newer);
        assert_eq!(both.group.as_deref(), Some("wholesale"));
        assert_eq!(both.region.as_deref(), Some("EU"));
        assert_eq!(both.currency, Some(Currency::EUR));
    }

    fn days() -> impl Strategy<Value = Option<Date>> {
        proptest::option::of((1_i8..=28).prop_map(|day| date(2026, 1, day)))
    }

    fn scopes() -> impl Strategy<Value = Scope> {
        let groups = proptest::sample::subsequence(vec!["a", "b", "c"], 0..=2);
        (days(), days(), groups).prop_map(|(from, until, groups)| scope(from, until, &groups))
    }

    proptest! {
        #[test]
        fn two_scopes_meet_wherever_both_hold(
            one in scopes(), two in scopes(), day in 1_i8..=28,
            group in proptest::option::of(proptest::sample::select(vec!["a", "b", "c"])),
        ) {
            let audience = member(group, date(2026, 1, day));
            if one.holds_for(&audience) && two.holds_for(&audience) {
                prop_assert!(one.meets(&two));
                prop_assert!(two.meets(&one));
            }
        }
    }
}
