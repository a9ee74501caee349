//! Which of some options a text names.

use std::cmp::Reverse;

use super::{Found, denied, phrase::Phrase, pieces::pieces};

/// A name that was found.
struct Mention<'a> {
    id: &'a str,
    from: usize,
    to: usize,
    bytes: usize,
}

/// The options that a text names, by their ids, as often as it names them.
///
/// `names` are pairs of an option's id and one of its names; an option of three names gives three
/// pairs. Case, accents, width and hyphens do not matter. Words are found as wholes, Han characters
/// anywhere. Where names overlap, the longest is meant ("team plus", not "team"), and a name of two
/// options gives both. What the text leaves out ("not the team plan", "不要团队版") is not found.
pub fn choices<'a>(
    text: &str,
    names: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<Found<String>> {
    let tokens = pieces(text);
    let mut mentions: Vec<Mention<'a>> = Vec::new();
    for (id, name) in names {
        let Some(phrase) = Phrase::new(name) else {
            continue;
        };
        mentions.extend((0..tokens.len()).filter_map(|from| {
            let to = phrase.at(&tokens, from)?;
            let bytes = tokens[to - 1].at.end.saturating_sub(tokens[from].at.start);
            Some(Mention {
                id,
                from,
                to,
                bytes,
            })
        }));
    }
    mentions.sort_by_key(|mention| (Reverse(mention.bytes), mention.from));
    let mut kept: Vec<Mention<'a>> = Vec::new();
    for mention in mentions {
        if kept.iter().all(|other| beside(other, &mention)) {
            kept.push(mention);
        }
    }
    kept.retain(|mention| !denied::before(&tokens, mention.from));
    kept.retain(|mention| !denied::behind(&tokens, mention.to));
    kept.sort_by_key(|mention| mention.from);
    kept.into_iter()
        .filter_map(|mention| {
            Found::of(
                text,
                tokens.get(mention.from..mention.to)?,
                mention.id.to_owned(),
            )
        })
        .collect()
}

/// Whether both may stand: they do not overlap, or are one name of two options.
fn beside(one: &Mention<'_>, other: &Mention<'_>) -> bool {
    let apart = one.to <= other.from || other.to <= one.from;
    let same = (one.from, one.to) == (other.from, other.to);
    apart || same && one.id != other.id
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [(&str, &str); 9] = [
        ("solo", "solo"),
        ("solo", "个人版"),
        ("team", "team"),
        ("team", "团队版"),
        ("team-plus", "Team Plus"),
        ("team-plus", "团队版加强"),
        ("enterprise", "enterprise"),
        ("enterprise", "企业版"),
        ("storage", "100 GB"),
    ];

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let found: Vec<String> = choices(text, NAMES)
            .into_iter()
            .map(|found| found.value)
            .collect();
        assert_eq!(found.join(" "), expect, "{text}");
    }

    #[test]
    fn options_are_found_by_their_names() {
        check("the Team plan please", "team");
        check("SOLO or Enterprise?", "solo enterprise");
        check("team's fine", "team");
        check("Enterprise, no, wait: solo", "enterprise solo");
        check("the ｔｅａｍ plan", "team");
        check("100GB", "storage");
        check("steam, teamwork and soloist", "");
        check("I don't know", "");
        check("", "");
    }

    #[test]
    fn the_longest_name_is_meant() {
        check("team plus", "team-plus");
        check("Team-Plus or team?", "team-plus team");
        check("团队版加强", "team-plus");
        check("团队版", "team");
    }

    #[test]
    fn han_names_are_found_within_a_text() {
        check("我们想要企业版的报价", "enterprise");
        check("个人版还是团队版好？", "solo team");
        check("版", "");
    }

    #[test]
    fn what_is_left_out_is_not_found() {
        check("not the team plan", "");
        check("not the team plan, solo", "solo");
        check("not team but enterprise", "enterprise");
        check("anything without the team plan", "");
        check("no I want team", "team");
        check("no, team", "team");
        check("I don't need enterprise", "");
        check("why not team?", "team");
        check("enterprise instead of the team plan", "enterprise");
        check("rather solo than team", "solo");
        check("neither team nor solo", "");
        check("anything but solo", "");
        check("not sure, maybe team", "team");
        check("not sure maybe team", "team");
        check("no preference for solo or team", "solo team");
        check("别给我团队版", "");
        check("I can't decide between solo and team", "solo team");
        check("不要团队版", "");
        check("不要团队版，要企业版", "enterprise");
        check("要不要团队版？", "team");
        check("是不是团队版", "team");
        check("团队版不要了", "");
        check("企业版不用", "");
        check("不是个人版而是企业版", "enterprise");
    }

    #[test]
    fn a_name_of_two_options_gives_both() {
        let names = [("desk", "pro"), ("lamp", "Pro"), ("desk", "pro")];
        let found = choices("pro", names);
        let found: Vec<&str> = found.iter().map(|found| found.value.as_str()).collect();
        assert_eq!(found, ["desk", "lamp"]);
    }
}
