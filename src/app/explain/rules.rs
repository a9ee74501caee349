//! The rules that fired in a turn, each with its line.

use consultant_core::TracedRule;
use serde::Serialize;

/// A rule that fired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Rule {
    /// What was asked for, as scripts call it.
    pub(crate) action: String,
    /// What of it tells one from another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) of: Option<String>,
    /// The script; none for what declarations do by themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
    /// What stands there, where that version is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
}

impl Rule {
    /// A rule with what stands in its line, which `text` tells by file and line.
    pub(crate) fn of(rule: &TracedRule, text: impl Fn(&str, usize) -> Option<String>) -> Self {
        let place = rule.place.as_ref();
        Self {
            action: rule.action.clone(),
            of: rule.of.clone(),
            file: place.map(|it| it.file.clone()),
            line: place.map(|it| it.line).filter(|line| *line > 0),
            text: place.and_then(|it| text(&it.file, it.line)),
        }
    }

    /// Whether both are the same rule, wherever its file lies.
    fn is(&self, other: &Self) -> bool {
        let key = |it: &Self| (it.action.clone(), it.of.clone(), it.line);
        key(self) == key(other)
    }

    /// Whether the same rules fired, in the same order.
    pub(crate) fn are_same(some: &[Self], others: &[Self]) -> bool {
        some.len() == others.len() && some.iter().zip(others).all(|(one, other)| one.is(other))
    }
}

#[cfg(test)]
mod tests {
    use consultant_core::ScriptPlace;

    use super::*;

    fn rule(action: &str, file: &str, line: usize) -> Rule {
        let rule = TracedRule {
            action: action.to_owned(),
            of: None,
            place: Some(ScriptPlace {
                file: file.to_owned(),
                line,
            }),
        };
        Rule::of(&rule, |_, line| {
            (line == 3).then(|| "[answer()]".to_owned())
        })
    }

    #[test]
    fn a_rule_is_the_same_wherever_its_file_lies() {
        let rules = [rule("say", "/srv/shop.rhai", 2), rule("answer", "a", 3)];
        let moved = [rule("say", "shop.rhai", 2), rule("answer", "b", 3)];
        assert!(Rule::are_same(&rules, &moved));
        assert!(!Rule::are_same(&rules, &moved[..1]));
        assert!(!Rule::are_same(
            &rules,
            &[rule("say", "x", 2), rule("ask", "x", 3)]
        ));
        assert_eq!(rules[1].text.as_deref(), Some("[answer()]"));
    }

    #[test]
    fn a_line_that_is_not_known_is_not_shown() {
        assert_eq!(rule("say", "x", 0).line, None);
    }
}
