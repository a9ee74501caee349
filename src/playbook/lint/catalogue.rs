//! Every lint: its name, how grave it is, what it says in one line, and its page.
//!
//! A lint is something that `consultant check` looks for. Its page stands in `docs/lints` and is
//! compiled in, so that a manager reads it where the mistake was told.

use std::fmt;

use crate::problem::nearest;

/// How grave a problem is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The playbook cannot go live.
    #[default]
    Error,
    /// Told, and no reason to refuse the playbook.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One line a lint: the variant, its name, its severity, and what it says.
macro_rules! lints {
    ($($variant:ident $name:literal $severity:ident $summary:literal;)+) => {
        /// What `consultant check` looks for in a script.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Lint {
            $(#[doc = $summary] $variant,)+
        }

        impl Lint {
            /// All lints, errors first.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name, for example `unknown-stage`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// Whether it keeps a playbook from going live.
            pub fn severity(self) -> Severity {
                match self {
                    $(Self::$variant => Severity::$severity,)+
                }
            }

            /// What it says, in one line.
            pub fn summary(self) -> &'static str {
                match self {
                    $(Self::$variant => $summary,)+
                }
            }

            /// Its page of the reference, as Markdown.
            pub fn page(self) -> &'static str {
                match self {
                    $(Self::$variant => {
                        include_str!(concat!("../../../docs/lints/", $name, ".md"))
                    })+
                }
            }

            /// Where its page stands in the project.
            pub fn address(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!("docs/lints/", $name, ".md"),)+
                }
            }
        }
    };
}

lints! {
    UnreadableScript "unreadable-script" Error "A script cannot be read or is too long.";
    Syntax "syntax" Error "A script is not written in Rhai.";
    UnknownModule "unknown-module" Error "An import names a module that is not there.";
    ImportCycle "import-cycle" Error "A module imports itself, by way of others.";
    MissingFunction "missing-function" Error "A function that every playbook needs is missing.";
    WrongDeclaration "wrong-declaration" Error "What a playbook declares cannot be used.";
    UnknownFunction "unknown-function" Error "A function or method is called that is not there.";
    WrongArity "wrong-arity" Error "A function is called with too many or too few values.";
    ForbiddenFunction "forbidden-function" Error "A function is called that no playbook may call.";
    UnknownProperty "unknown-property" Error "The turn has no property of this name.";
    UnknownStage "unknown-stage" Error "A stage is named that is not declared.";
    UndeclaredTransition "undeclared-transition" Error "A step leads to a stage that may follow no other.";
    UnknownIntent "unknown-intent" Error "The intent is compared with a word that is no intent.";
    UnknownSlot "unknown-slot" Error "A slot is read that nothing fills.";
    UnknownProduct "unknown-product" Error "The catalogue has no such product.";
    UnknownVariant "unknown-variant" Error "The product has no such variant.";
    UnknownCategory "unknown-category" Error "The catalogue has no such category.";
    UnknownFaq "unknown-faq" Error "The FAQ has no such entry.";
    WrongText "wrong-text" Error "A text is empty, has no English, or is no text.";
    PriceByHand "price-by-hand" Error "A text has an amount of money instead of looking it up.";
    DiscountByHand "discount-by-hand" Warning "A text has a discount's figure instead of looking it up.";
    UnreachableStage "unreachable-stage" Warning "No way leads from the first stage to this one.";
    UnusedStage "unused-stage" Warning "No step leads to this stage.";
    DeadEndStage "dead-end-stage" Warning "No stage follows this one, and it is not marked as a last one.";
    SlotNeverUsed "slot-never-used" Warning "A slot is asked for and never looked at.";
    MissingLanguage "missing-language" Warning "A text lacks a language that the other texts have.";
    TextTooLong "text-too-long" Warning "A text is longer than one message of a platform.";
    UnusedVariable "unused-variable" Warning "A variable is never looked at.";
    UnusedParameter "unused-parameter" Warning "A function takes a value that it never looks at.";
    UnusedFunction "unused-function" Warning "A function is never called.";
    UnusedImport "unused-import" Warning "A module is imported and never used.";
    ShadowedName "shadowed-name" Warning "A name hides another one of the same spelling.";
}

impl Lint {
    /// The lint of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|lint| lint.name() == name)
    }

    /// The lint whose name is closest to a mistyped one, if one is close.
    pub fn nearest(name: &str) -> Option<Self> {
        nearest(name, Self::ALL.iter().map(|lint| lint.name())).and_then(Self::named)
    }
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lint_is_found_by_its_name_and_by_a_name_that_is_close() {
        for lint in Lint::ALL {
            assert_eq!(Lint::named(lint.name()), Some(*lint));
        }
        assert_eq!(Lint::named("unknown-stag"), None);
        assert_eq!(Lint::nearest("unknown-stag"), Some(Lint::UnknownStage));
        assert_eq!(Lint::nearest("weather"), None);
    }

    #[test]
    fn errors_are_listed_before_warnings() {
        let severities = Lint::ALL.iter().map(|lint| lint.severity());
        let is_warning: Vec<bool> = severities.map(|it| it == Severity::Warning).collect();
        assert!(is_warning.is_sorted());
    }

    #[test]
    fn every_page_is_about_its_lint() {
        for lint in Lint::ALL {
            let page = lint.page();
            let title = format!("# {lint}\n\n{}", lint.summary());
            assert!(page.starts_with(&title), "{}", lint.address());
            let severity = format!("{}.", lint.severity());
            assert!(
                page.to_lowercase().contains(&severity),
                "{}",
                lint.address()
            );
        }
    }
}
