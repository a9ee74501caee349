//! `promotion("five", #{ en: "10% off from 5 pieces" }).percent(10).min_pieces(5)`: one line of
//! `promotions()`.

use consultant_core::{Promotion, Reduction};
use rhai::{Dynamic, Engine, EvalAltResult, NativeCallContext};
use rust_decimal::Decimal;

use super::{
    declared::Line,
    lists::{day, decimal, one_or_more},
    texts::local_text,
};

type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// A promotion as it is declared: without a reduction, until one is given.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) promotion: Promotion,
    pub(crate) has_reduction: bool,
}

/// A promotion and where it stands.
pub(crate) type PromotionLine = Line<Draft>;

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<PromotionLine>("Promotion")
        .register_fn("promotion", promotion)
        .register_fn("percent", percent)
        .register_fn("amount_off", amount_off)
        .register_fn("on", |line: &mut PromotionLine, products: Dynamic| {
            let products = ids("the products of a promotion", &products)?;
            Ok::<_, Box<EvalAltResult>>(changed(line, |it| it.products = products))
        })
        .register_fn("in_category", |line: &mut PromotionLine, names: Dynamic| {
            let names = some_of("the categories of a promotion", &names)?;
            Ok::<_, Box<EvalAltResult>>(changed(line, |it| it.categories = names))
        })
        .register_fn("bundle", |line: &mut PromotionLine, products: Dynamic| {
            let products = ids("the products of a bundle", &products)?;
            Ok::<_, Box<EvalAltResult>>(changed(line, |it| it.bundle = products))
        })
        .register_fn("min_pieces", min_pieces)
        .register_fn("starts", |line: &mut PromotionLine, text: &str| {
            let first = day("the first day of a promotion", text)?;
            Ok::<_, Box<EvalAltResult>>(changed(line, |it| it.from = Some(first)))
        })
        .register_fn("ends", |line: &mut PromotionLine, text: &str| {
            let last = day("the last day of a promotion", text)?;
            Ok::<_, Box<EvalAltResult>>(changed(line, |it| it.until = Some(last)))
        });
}

fn changed(line: &PromotionLine, change: impl FnOnce(&mut Promotion)) -> PromotionLine {
    let mut line = line.clone();
    change(&mut line.what.promotion);
    line
}

fn ids<T: for<'a> From<&'a str>>(what: &str, products: &Dynamic) -> Outcome<Vec<T>> {
    let ids = some_of(what, products)?;
    Ok(ids.iter().map(|id| T::from(id.as_str())).collect())
}

/// One name or several. An empty list would lower everything.
fn some_of(what: &str, names: &Dynamic) -> Outcome<Vec<String>> {
    let names = one_or_more(what, names)?;
    if names.is_empty() {
        return Err(format!("{what}: name at least one, or leave the limit out").into());
    }
    Ok(names.iter().map(ToString::to_string).collect())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn promotion(ctx: NativeCallContext<'_>, id: &str, name: Dynamic) -> Outcome<PromotionLine> {
    let promotion = Promotion {
        id: id.to_owned(),
        name: local_text(&name)?,
        reduction: Reduction::Percent(Decimal::ZERO),
        products: Vec::new(),
        categories: Vec::new(),
        bundle: Vec::new(),
        min_pieces: 0,
        from: None,
        until: None,
    };
    Ok(Line {
        what: Draft {
            promotion,
            has_reduction: false,
        },
        file: ctx.call_source().map(str::to_owned),
        position: ctx.call_position(),
    })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn percent(line: &mut PromotionLine, percent: Dynamic) -> Outcome<PromotionLine> {
    let percent = decimal("the percent of a promotion", &percent)?;
    if percent <= Decimal::ZERO || percent > Decimal::ONE_HUNDRED {
        return Err(format!(
            "a promotion takes off more than 0 and at most 100 percent, not {percent}"
        )
        .into());
    }
    Ok(reduced(line, Reduction::Percent(percent)))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands values over"
)]
fn amount_off(line: &mut PromotionLine, amount: Dynamic) -> Outcome<PromotionLine> {
    let amount = decimal("the amount of a promotion", &amount)?;
    if amount <= Decimal::ZERO || amount.normalize().scale() > 2 {
        return Err(format!(
            "a promotion takes off more than nothing, with two decimals at the most, not {amount}"
        )
        .into());
    }
    Ok(reduced(line, Reduction::Amount(amount)))
}

fn reduced(line: &PromotionLine, reduction: Reduction) -> PromotionLine {
    let mut line = changed(line, |it| it.reduction = reduction);
    line.what.has_reduction = true;
    line
}

fn min_pieces(line: &mut PromotionLine, pieces: i64) -> Outcome<PromotionLine> {
    let pieces = u32::try_from(pieces).ok().filter(|pieces| *pieces >= 1);
    let pieces = pieces.ok_or("`min_pieces` is at least 1")?;
    Ok(changed(line, |it| it.min_pieces = pieces))
}
