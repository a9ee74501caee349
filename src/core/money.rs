//! Money: decimal, never a float.

use std::{fmt, str::FromStr};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An ISO 4217 currency code in upper case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");
    /// The US dollar.
    pub const USD: Self = Self(*b"USD");
    /// The pound sterling.
    pub const GBP: Self = Self(*b"GBP");
    /// The Chinese yuan.
    pub const CNY: Self = Self(*b"CNY");

    /// The code, for example `EUR`.
    pub fn code(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or("EUR")
    }
}

/// What is wrong with a currency code.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a currency: write three capital letters, such as `EUR` (ISO 4217)")]
pub struct NotACurrency(String);

impl FromStr for Currency {
    type Err = NotACurrency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match *text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(NotACurrency(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = NotACurrency;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Money {
    /// The amount, in the currency's main unit.
    pub amount: Decimal,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// Money from its parts.
    pub const fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }
}

impl fmt::Display for Money {
    /// `29 EUR`, `29.50 EUR`: a whole amount has no decimals, any other has two.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = self.amount.normalize();
        if amount.scale() == 0 {
            write!(f, "{amount} {}", self.currency)
        } else {
            write!(f, "{amount:.2} {}", self.currency)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(amount: &str, expect: &str) {
        let money = Money::new(amount.parse().unwrap(), Currency::EUR);
        assert_eq!(money.to_string(), expect);
    }

    #[test]
    fn whole_amounts_have_no_decimals_and_others_have_two() {
        check("29", "29 EUR");
        check("29.00", "29 EUR");
        check("29.5", "29.50 EUR");
        check("1249.99", "1249.99 EUR");
        check("100", "100 EUR");
    }
}
