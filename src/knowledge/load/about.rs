//! What is said about a document: above its text between two lines of `---`, or in a file beside it.

use consultant_core::{Language, Scope};

use super::{
    fields::{MAX_NAME_CHARS, Report, Spot},
    scope::{SCOPE_KEYS, scope},
};
use crate::{problem::Problem, yaml::Node};

/// What may be said about a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AboutDocument {
    /// What customers know it as, where that is not what it calls itself.
    pub(crate) title: Option<String>,
    /// Its language, where that cannot be told from its text.
    pub(crate) language: Option<Language>,
    /// For whom and when it holds.
    pub(crate) scope: Scope,
    /// Whether it is used at all.
    pub(crate) is_used: bool,
}

impl Default for AboutDocument {
    fn default() -> Self {
        Self {
            title: None,
            language: None,
            scope: Scope::default(),
            is_used: true,
        }
    }
}

/// Reads what is said about a document, or everything that is wrong with that.
pub(crate) fn about_document(file: &str, text: &str) -> Result<AboutDocument, Vec<Problem>> {
    let (mut report, node) = Report::parse(file, text)?;
    let about = read(&mut report, &node);
    report.finish(about)
}

fn read(report: &mut Report<'_>, node: &Node) -> Option<AboutDocument> {
    if *node == Node::Null {
        return Some(AboutDocument::default());
    }
    let mut known = vec!["title", "language", "use"];
    known.extend(SCOPE_KEYS);
    let fields = Spot::root(node).fields(report, &known)?;
    let title = fields.get("title");
    let language = fields.get("language");
    Some(AboutDocument {
        title: title.and_then(|spot| spot.text(report, MAX_NAME_CHARS)),
        language: language.and_then(|spot| language_of(report, &spot)),
        scope: scope(report, &fields, None),
        is_used: fields.get("use").is_none_or(|spot| is_used(report, &spot)),
    })
}

fn language_of(report: &mut Report<'_>, spot: &Spot<'_>) -> Option<Language> {
    let code = spot.text(report, MAX_NAME_CHARS)?;
    let language = code.parse::<Language>().ok();
    let language = language.filter(|it| it.code() == code);
    if language.is_none() {
        let message = format!("`{code}` is not a language");
        let hint = "write two small letters, such as `en` or `zh` (ISO 639-1)";
        report.add(&spot.at, message, hint);
    }
    language
}

fn is_used(report: &mut Report<'_>, spot: &Spot<'_>) -> bool {
    match spot.node {
        Node::Scalar(text) if text == "true" => true,
        Node::Scalar(text) if text == "false" => false,
        _ => {
            report.add(
                &spot.at,
                "here stands neither `true` nor `false`",
                "write `false` to leave the document out",
            );
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn all_that_may_be_said_is_read() {
        let text = "title: Returns\nlanguage: en\nvalid_from: 2026-12-01\nvalid_until: 2026-12-31\n\
                    groups: [wholesale]\nregions: [CH, LI]\nuse: false\n";
        let about = about_document("a.yaml", text).unwrap();
        assert_eq!(about.title.as_deref(), Some("Returns"));
        assert_eq!(about.language, Some(Language::EN));
        assert_eq!(about.scope.from, Some(date(2026, 12, 1)));
        assert_eq!(about.scope.until, Some(date(2026, 12, 31)));
        assert_eq!(about.scope.groups, ["wholesale"]);
        assert_eq!(about.scope.regions, ["CH", "LI"]);
        assert!(!about.is_used);
        assert_eq!(about_document("a.yaml", ""), Ok(AboutDocument::default()));
    }

    #[track_caller]
    fn refused(text: &str, expect: &str, line: usize) {
        let problems = about_document("a.yaml", text).unwrap_err();
        assert!(problems[0].to_string().contains(expect), "{problems:?}");
        assert_eq!(problems[0].line, line, "{problems:?}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        refused("title: A\nlangage: en\n", "did you mean `language`?", 2);
        refused("language: english\n", "is not a language", 1);
        refused("valid_from: tomorrow\n", "is not a day", 1);
        refused("valid_from: 2026-02-30\n", "is not a day", 1);
        refused(
            "valid_from: 2026-02-02\nvalid_until: 2026-02-01\n",
            "is before 2026-02-02",
            2,
        );
        refused("use: maybe\n", "neither `true` nor `false`", 1);
        refused("groups: wholesale\n", "not a list", 1);
        refused("regions: []\n", "the list is empty", 1);
        refused("- a\n", "not a group of keys", 1);
        refused("title: [\n", "", 2);
    }
}
