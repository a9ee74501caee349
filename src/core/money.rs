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

    /// Whether ISO 4217 lists it.
    pub fn is_known(&self) -> bool {
        iso_currency::Currency::from_code(self.code()).is_some()
    }

    /// Decimals of its smallest coin: 2 for cents, 0 for yen. 2 where nobody knows it.
    pub fn decimals(&self) -> u32 {
        let known = iso_currency::Currency::from_code(self.code());
        let exponent = known.and_then(iso_currency::Currency::exponent);
        exponent.map_or(2, u32::from)
    }

    /// An amount in it, rounded to its smallest coin, half to even.
    pub fn round(&self, amount: Decimal) -> Decimal {
        amount.round_dp(self.decimals())
    }

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
    /// `29 EUR`, `29.50 EUR`: a whole amount has no decimals, any other has those of its currency.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = self.amount.normalize();
        if amount.scale() == 0 {
            write!(f, "{amount} {}", self.currency)
        } else {
            let decimals = usize::try_from(self.currency.decimals().max(amount.scale()));
            let decimals = decimals.unwrap_or(2);
            write!(f, "{amount:.decimals$} {}", self.currency)
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

    #[test]
    fn a_currency_has_the_decimals_of_its_smallest_coin() {
        for (code, known, rounded) in [
            ("EUR", true, "10.34"),
            ("JPY", true, "10"),
            ("KWD", true, "10.345"),
            ("XQZ", false, "10.34"),
        ] {
            let currency: Currency = code.parse().unwrap();
            assert_eq!(currency.is_known(), known, "{code}");
            let amount = currency.round("10.345".parse().unwrap());
            assert_eq!(amount.to_string(), rounded, "{code}");
        }
        let dinar = Money::new("1.5".parse().unwrap(), "KWD".parse().unwrap());
        assert_eq!(dinar.to_string(), "1.500 KWD");
    }
}
