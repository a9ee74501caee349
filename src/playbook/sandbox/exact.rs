//! Prices are exact, and a script writes `499.99`: where the two meet, the number is taken as it is
//! written. Rhai by itself lets them neither be compared nor added.

use rhai::{Engine, EvalAltResult};
use rust_decimal::Decimal;

type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// A number as it is written: `12.5` is twelve and a half and nothing near it.
pub(crate) fn as_written(number: f64) -> Option<Decimal> {
    number.to_string().parse().ok()
}

fn exact(number: f64) -> Outcome<Decimal> {
    as_written(number).ok_or_else(|| format!("`{number}` is no exact number").into())
}

pub(super) fn register(engine: &mut Engine) {
    comparison(engine, "==", |a, b| a == b);
    comparison(engine, "!=", |a, b| a != b);
    comparison(engine, "<", |a, b| a < b);
    comparison(engine, "<=", |a, b| a <= b);
    comparison(engine, ">", |a, b| a > b);
    comparison(engine, ">=", |a, b| a >= b);
    arithmetic(engine, "+", Decimal::checked_add);
    arithmetic(engine, "-", Decimal::checked_sub);
    arithmetic(engine, "*", Decimal::checked_mul);
    arithmetic(engine, "/", Decimal::checked_div);
}

fn comparison(engine: &mut Engine, name: &str, compare: fn(&Decimal, &Decimal) -> bool) {
    engine
        .register_fn(name, move |a: Decimal, b: f64| {
            Ok::<_, Box<EvalAltResult>>(compare(&a, &exact(b)?))
        })
        .register_fn(name, move |a: f64, b: Decimal| {
            Ok::<_, Box<EvalAltResult>>(compare(&exact(a)?, &b))
        });
}

fn arithmetic(engine: &mut Engine, name: &str, compute: fn(Decimal, Decimal) -> Option<Decimal>) {
    let too_large = || -> Box<EvalAltResult> { "the number is too large, or divided by 0".into() };
    engine
        .register_fn(name, move |a: Decimal, b: f64| {
            compute(a, exact(b)?).ok_or_else(too_large)
        })
        .register_fn(name, move |a: f64, b: Decimal| {
            compute(exact(a)?, b).ok_or_else(too_large)
        });
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    #[track_caller]
    fn check(script: &str, expect: &str) {
        let engine = crate::sandbox::engine();
        let mut scope = rhai::Scope::new();
        scope.push("price", Decimal::new(49_999, 2));
        let got: rhai::Dynamic = engine.eval_with_scope(&mut scope, script).unwrap();
        assert_eq!(got.to_string(), expect, "{script}");
    }

    #[test]
    fn a_price_meets_a_number_as_it_is_written() {
        check("price >= 499.99", "true");
        check("price > 499.99", "false");
        check("499.98 < price", "true");
        check("price == 499.99", "true");
        check("price * 0.1", "49.999");
        check("0.01 + price", "500.00");
        check("price - 0.99", "499.00");
        check("type_of(price / 2.5)", "decimal");
    }

    #[test]
    fn what_cannot_be_exact_is_an_error() {
        let engine = crate::sandbox::engine();
        let mut scope = rhai::Scope::new();
        scope.push("price", Decimal::ONE);
        let divided = engine.eval_with_scope::<rhai::Dynamic>(&mut scope, "price / 0.0");
        assert!(divided.unwrap_err().to_string().contains("divided by 0"));
    }
}
