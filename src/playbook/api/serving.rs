//! `serve_as(#{ group: "wholesale" })`: whose prices, goods and answers a customer gets.

use consultant_core::{Action, Catalog, Membership};
use rhai::{EvalAltResult, ImmutableString, Map, NativeCallContext};

use super::{
    actions::{Step, step},
    call::Call,
};
use crate::problem::suggestion;

type Outcome<T> = Result<T, Box<EvalAltResult>>;

const KEYS: [&str; 3] = ["group", "region", "currency"];

/// Serves the customer as one of a group, in a region, in a currency.
pub(super) fn serve_as(ctx: &NativeCallContext<'_>, who: &Map) -> Outcome<Step> {
    let turn = Call::turn_of(ctx)?;
    let mut membership = Membership::default();
    for (key, value) in who {
        let value = value
            .read_lock::<ImmutableString>()
            .ok_or_else(|| format!("`{key}` of `serve_as` is a text in quotes"))?;
        match key.as_str() {
            "group" => membership.group = Some(group(&turn.catalog, &value)?),
            "region" => membership.region = Some(region(&turn.catalog, &value)?),
            "currency" => {
                let currency = value.parse();
                let currency =
                    currency.map_err(|error: consultant_core::NotACurrency| error.to_string());
                membership.currency = Some(currency?);
            }
            other => {
                let hint = suggestion(other, &KEYS);
                return Err(format!("`serve_as` has no `{other}`; {hint}").into());
            }
        }
    }
    step(ctx, Action::ServeAs { who: membership })
}

fn group(catalog: &Catalog, name: &str) -> Outcome<String> {
    let known = catalog.groups.iter().map(|it| it.id.as_str());
    declared("group", name, &known.collect::<Vec<_>>())
}

fn region(catalog: &Catalog, name: &str) -> Outcome<String> {
    let known = catalog.regions.iter().map(String::as_str);
    declared("region", name, &known.collect::<Vec<_>>())
}

fn declared(kind: &str, name: &str, known: &[&str]) -> Outcome<String> {
    if known.contains(&name) {
        return Ok(name.to_owned());
    }
    let hint = suggestion(name, known);
    Err(format!("the catalogue declares no {kind} `{name}`; {hint}").into())
}
