//! Teams: where each works, when somebody is in, and who is asked next where nobody comes.

use crate::{Address, BusinessHours};

use super::{Agent, Desks};

/// People who answer together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Where they work.
    pub place: Address,
    /// When somebody is in; the company's hours where they are none of their own.
    pub hours: Option<BusinessHours>,
    /// Who is asked where nobody of them comes.
    pub next: Option<NextTeam>,
}

/// Who is asked where nobody of a team comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextTeam {
    /// The name of the other team.
    pub team: String,
    /// After how many minutes in which somebody was in.
    pub after_minutes: u32,
}

impl Team {
    /// A team at a place, with the company's hours and nobody behind it.
    pub const fn at(place: Address) -> Self {
        Self {
            place,
            hours: None,
            next: None,
        }
    }
}

impl Desks {
    /// When somebody of a team is in; `company` where it has no hours of its own.
    pub fn hours_of<'a>(
        &'a self,
        team: Option<&str>,
        company: Option<&'a BusinessHours>,
    ) -> Option<&'a BusinessHours> {
        let team = team.and_then(|team| self.teams.get(team));
        team.and_then(|team| team.hours.as_ref()).or(company)
    }

    /// Who is asked where nobody of a team comes.
    pub fn next_of(&self, team: Option<&str>) -> Option<&NextTeam> {
        self.teams.get(team?)?.next.as_ref()
    }

    /// Who can take what a team is called for: its members, and whoever belongs to no team. Everybody,
    /// where it is nobody's in particular.
    pub fn who_can_take<'a>(&'a self, team: Option<&'a str>) -> impl Iterator<Item = &'a Agent> {
        let is_of = move |agent: &&Agent| {
            let is_member = team.is_none_or(|team| agent.teams.contains(team));
            agent.teams.is_empty() || is_member
        };
        let may = |agent: &&Agent| agent.may(super::Right::Take);
        self.agents.iter().filter(may).filter(is_of)
    }
}
