//! `discounts`: rules that lower a total.

use consultant_core::{Currency, Discount, DiscountCondition};

use super::{
    catalog::currency,
    fields::{Fields, MAX_TEXT_CHARS, Report, Spot},
    names::Names,
    scope::{Declared, SCOPE_KEYS},
};

const MAX_DISCOUNTS: usize = 50;

/// The rules in the order of the file.
pub(super) fn discounts(
    report: &mut Report<'_>,
    spot: &Spot<'_>,
    declared: &Declared<'_>,
) -> Vec<Discount> {
    let mut ids = Names::default();
    spot.items(report, MAX_DISCOUNTS)
        .iter()
        .filter_map(|spot| {
            let own = [
                "id",
                "name",
                "min_quantity",
                "min_total",
                "currency",
                "percent",
            ];
            let fields = spot.fields(report, &[&own[..], &SCOPE_KEYS].concat())?;
            let id_spot = fields.require(report, "id");
            let id = id_spot.as_ref().and_then(|spot| spot.id(report));
            let name = fields.require(report, "name");
            let name = name.map(|spot| spot.local(report, MAX_TEXT_CHARS));
            let percent = fields.require(report, "percent");
            let percent = percent.and_then(|spot| spot.percent(report));
            let pays_in = fields.get("currency");
            let pays_in = pays_in.and_then(|spot| currency(report, &spot));
            let counted_in = pays_in.unwrap_or(declared.currency);
            let when = condition(report, spot, &fields, counted_in);
            let scope = declared.scope(report, &fields);
            let id = id?;
            ids.take_id(report, &id_spot?.at, &id);
            Some(Discount {
                id,
                name: name?,
                when: when?,
                percent: percent?,
                currency: pays_in.filter(|it| *it != declared.currency),
                scope,
            })
        })
        .collect()
}

fn condition(
    report: &mut Report<'_>,
    spot: &Spot<'_>,
    fields: &Fields<'_>,
    counted_in: Currency,
) -> Option<DiscountCondition> {
    match (fields.get("min_quantity"), fields.get("min_total")) {
        (Some(pieces), None) => pieces.pieces(report, 1).map(DiscountCondition::MinQuantity),
        (None, Some(total)) => total
            .amount(report, counted_in)
            .map(DiscountCondition::MinTotal),
        _ => {
            let message = "a discount needs exactly one of `min_quantity` and `min_total`";
            report.add(
                &spot.at,
                message,
                "write `min_quantity: 5` or `min_total: 500`",
            );
            None
        }
    }
}
