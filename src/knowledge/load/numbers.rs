//! Prices, percentages and counts, from the literal text: a float would lose cents.

use consultant_core::Currency;
use rust_decimal::Decimal;

use super::fields::{Report, Spot};

/// The highest price or total: more is a slip of the keyboard.
const MAX_AMOUNT: Decimal = Decimal::from_parts(10_000_000, 0, 0, false, 0);

/// The highest count of pieces.
const MAX_PIECES: u32 = 10_000_000;

impl Spot<'_> {
    /// An amount of money above zero, with at most the decimals that its currency has.
    pub(super) fn amount(&self, report: &mut Report<'_>, currency: Currency) -> Option<Decimal> {
        let number = self.decimal(report)?;
        let (message, hint) = if number <= Decimal::ZERO {
            (
                format!("{number} is not a price"),
                "write an amount above 0",
            )
        } else if number.scale() > currency.decimals() {
            let message = format!("{number} has {} decimals", number.scale());
            (message, decimals_hint(currency))
        } else if number > MAX_AMOUNT {
            let message = format!("{number} {currency} is more than {MAX_AMOUNT}");
            (message, "check the zeros")
        } else {
            let mut amount = number;
            // 49.9 and 49.90 are the same content, so they must have the same hash.
            amount.rescale(currency.decimals());
            return Some(amount);
        };
        report.add(&self.at, message, hint);
        None
    }

    /// A percentage above 0 and at most 100.
    pub(super) fn percent(&self, report: &mut Report<'_>) -> Option<Decimal> {
        let number = self.decimal(report)?;
        if number <= Decimal::ZERO || number > Decimal::ONE_HUNDRED || number.scale() > 2 {
            let message = format!("{number} percent cannot be taken off");
            report.add(
                &self.at,
                message,
                "write more than 0 and at most 100, such as 10",
            );
            return None;
        }
        Some(number.normalize())
    }

    /// A whole number of pieces, `least` or more.
    pub(super) fn pieces(&self, report: &mut Report<'_>, least: u32) -> Option<u32> {
        let text = self.text(report, 40)?;
        let count = text
            .parse()
            .ok()
            .filter(|n| (least..=MAX_PIECES).contains(n));
        if count.is_none() {
            let hint = format!("write a whole number from {least} to {MAX_PIECES}");
            report.add(
                &self.at,
                format!("`{text}` is not a number of pieces"),
                hint,
            );
        }
        count
    }

    /// A tax rate in percent: 0 to 100.
    pub(super) fn tax_rate(&self, report: &mut Report<'_>) -> Option<Decimal> {
        let number = self.decimal(report)?;
        if number < Decimal::ZERO || number > Decimal::ONE_HUNDRED || number.scale() > 3 {
            let message = format!("{number} is no tax rate");
            report.add(&self.at, message, "write percent from 0 to 100, such as 19");
            return None;
        }
        Some(number.normalize())
    }

    fn decimal(&self, report: &mut Report<'_>) -> Option<Decimal> {
        let text = self.text(report, 40)?;
        let plain = text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'));
        let number = plain.then(|| Decimal::from_str_exact(&text).ok()).flatten();
        if number.is_none() {
            let hint = "write digits and a point only, such as 49.90; the currency stands in \
                        `currency`";
            report.add(&self.at, format!("`{text}` is not a number"), hint);
        }
        number
    }
}

fn decimals_hint(currency: Currency) -> &'static str {
    match currency.decimals() {
        0 => "this currency has no smaller coin: write a whole amount, such as 4990",
        2 => "write at most two decimals, such as 49.90",
        _ => "write at most as many decimals as the currency has",
    }
}
