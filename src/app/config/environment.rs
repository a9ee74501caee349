//! The process environment as a value, so that nothing else reads it.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::PathBuf,
};

/// Variables by name. Only [`Environment::from_process`] looks at the process.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// A copy of this process's environment.
    pub fn from_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// The variable's text; `None` if it is not set, is empty or is not UTF-8.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(OsStr::new(name))?
            .to_str()
            .filter(|text| !text.is_empty())
    }

    /// The variable as an absolute path. The XDG base directory specification says to ignore a
    /// relative one.
    pub(super) fn absolute_path(&self, name: &str) -> Option<PathBuf> {
        let path = PathBuf::from(self.0.get(OsStr::new(name))?);
        path.is_absolute().then_some(path)
    }

    /// Every variable, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }
}

impl<N: Into<OsString>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(
            variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

/// Names only: values may be secrets.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_counts_as_unset_and_values_are_not_shown() {
        let environment = Environment::from_iter([("A", "value"), ("B", ""), ("C", "here")]);
        assert_eq!(environment.get("A"), Some("value"));
        assert_eq!(environment.get("B"), None);
        assert_eq!(environment.absolute_path("C"), None);
        assert!(!format!("{environment:?}").contains("value"));
    }
}
