//! One way to write a function: `offer(product: Product | String, quantity: int) -> Action`, or
//! what a property is: `stock -> int`.

use serde::Serialize;

/// A signature, taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) parameters: Vec<Parameter>,
    pub(super) returns: &'static str,
}

/// A value that a function takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

impl Signature {
    /// Reads a signature; what is missing in it stays empty, which a test refuses.
    pub(super) fn read(text: &'static str) -> Self {
        let (head, returns) = text.split_once(" -> ").unwrap_or((text, ""));
        let (name, values) = head.split_once('(').unwrap_or((head, ""));
        let values = values.strip_suffix(')').unwrap_or(values);
        let values = values.split(", ").filter(|value| !value.is_empty());
        Self {
            name,
            parameters: values.map(Parameter::read).collect(),
            returns,
        }
    }
}

impl Parameter {
    fn read(text: &'static str) -> Self {
        let (name, kind) = text.split_once(": ").unwrap_or((text, ""));
        Self { name, kind }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &'static str, name: &str, parameters: &[(&str, &str)], returns: &str) {
        let read = Signature::read(text);
        let named = read.parameters.iter().map(|it| (it.name, it.kind));
        assert_eq!(named.collect::<Vec<_>>(), parameters);
        assert_eq!((read.name, read.returns), (name, returns));
    }

    #[test]
    fn a_signature_is_taken_apart() {
        check("answer() -> Action", "answer", &[], "Action");
        check("stock -> int", "stock", &[], "int");
        check(
            "offer(product: Product | String, quantity: int) -> Action",
            "offer",
            &[("product", "Product | String"), ("quantity", "int")],
            "Action",
        );
        check("<(other: Date) -> bool", "<", &[("other", "Date")], "bool");
    }
}
