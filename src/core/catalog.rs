//! What the company sells, as an immutable snapshot with a content hash. Loading and checking
//! the file is `knowledge`'s work; here is what is true once it is loaded.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    BusinessHours, Currency, Language, LocalText, Money, PriceRow, ProductId, Scope, VariantId,
};

/// The whole catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    /// The company and how it presents itself.
    pub company: Company,
    /// The currency of every price that names no other.
    pub currency: Currency,
    /// The company's own currency, where this is a list in another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Currency>,
    /// Customers whom other prices, goods or answers are for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<CustomerGroup>,
    /// The regions that prices, goods or answers may be for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// What is said of taxes; nothing where the company says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taxes: Option<Taxes>,
    /// Products in the order of the file; at least one.
    pub products: Vec<Product>,
    /// Discount rules in the order of the file.
    pub discounts: Vec<Discount>,
    /// SHA-256 of the content, hexadecimal.
    pub hash: String,
}

/// The company behind the bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// Its name, as customers know it.
    pub name: String,
    /// One or two sentences about it.
    pub about: LocalText,
    /// When people are there; unknown where the company does not say.
    #[serde(default)]
    pub hours: Option<BusinessHours>,
}

/// Customers who belong together, for example resellers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerGroup {
    /// Its key.
    pub id: String,
    /// Whether its prices are told without taxes.
    #[serde(default)]
    pub pays_net: bool,
    /// What its members pay in, where that is not the catalogue's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Addresses of its members, as [`Address`](crate::Address) shows them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
}

/// Taxes on prices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taxes {
    /// What customers know them as: `VAT`.
    pub name: LocalText,
    /// Whether the prices of the list hold them.
    pub included: bool,
    /// Rates in percent, by key; at least one.
    pub rates: BTreeMap<String, Decimal>,
    /// The key of the rate of a product that names none.
    pub usual: String,
}

/// A part of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundlePart {
    /// The product.
    pub product: ProductId,
    /// The variant; the product's first where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<VariantId>,
    /// Pieces of it in one bundle, at least 1.
    pub quantity: u32,
}

/// One product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its key.
    pub id: ProductId,
    /// Its name; unique in every language.
    pub name: LocalText,
    /// Other words for it that customers use, per language.
    pub aliases: BTreeMap<Language, Vec<String>>,
    /// A kind of goods, for example `lighting`.
    pub category: String,
    /// What it is and does, in two or three sentences.
    pub description: LocalText,
    /// Where its picture is (`https://…`), if it has one.
    pub picture_url: Option<String>,
    /// What can be bought; at least one.
    pub variants: Vec<Variant>,
    /// What it is made of, where it is a bundle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<BundlePart>,
    /// Whether its stock is what its parts make.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counts_parts: bool,
    /// For whom and when it is sold.
    #[serde(default, skip_serializing_if = "Scope::is_everyone")]
    pub scope: Scope,
    /// The key of its tax rate, where that is not the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<String>,
}

/// One thing that can be bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Its key within the product.
    pub id: VariantId,
    /// Its name (a colour, a size); empty when the product has only this one.
    pub name: LocalText,
    /// Price of one for everybody, in the catalogue's currency; with no more decimals than that has.
    pub price: Decimal,
    /// Other prices: for a quantity, a group, a region, some days, in another currency.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<PriceRow>,
    /// Pieces that can ship now; [`Variant::UNCOUNTED`] for what is never used up.
    pub stock_pieces: u32,
    /// Where its own picture is (`https://…`), if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture_url: Option<String>,
}

impl Variant {
    /// The stock of what is not counted: a licence, a seat, somebody's work.
    pub const UNCOUNTED: u32 = u32::MAX;
}

/// A rule that lowers a total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// Its key.
    pub id: String,
    /// What it is called, and when it applies, for customers.
    pub name: LocalText,
    /// When it applies.
    pub when: DiscountCondition,
    /// How much it takes off, in percent of the total: more than 0, at most 100.
    pub percent: Decimal,
    /// The currency of a least total, where that is not the catalogue's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// For whom and when it holds.
    #[serde(default, skip_serializing_if = "Scope::is_everyone")]
    pub scope: Scope,
}

/// When a discount applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountCondition {
    /// From this many pieces of one product.
    MinQuantity(u32),
    /// From this total, in the catalogue's currency.
    MinTotal(Decimal),
}

impl Catalog {
    /// A company of this name that sells nothing, in euros, of which nothing else is known: what tests
    /// and measurements begin with.
    pub fn bare(company: impl Into<String>) -> Self {
        Self {
            company: Company {
                name: company.into(),
                about: LocalText::default(),
                hours: None,
            },
            currency: Currency::EUR,
            home: None,
            groups: Vec::new(),
            regions: Vec::new(),
            taxes: None,
            products: Vec::new(),
            discounts: Vec::new(),
            hash: String::new(),
        }
    }

    /// The product with this key.
    pub fn product(&self, id: &ProductId) -> Option<&Product> {
        self.products.iter().find(|product| &product.id == id)
    }

    /// The company's time zone; UTC where it does not say.
    pub fn zone(&self) -> TimeZone {
        let hours = self.company.hours.as_ref();
        hours.map_or(TimeZone::UTC, |hours| hours.zone.clone())
    }

    /// The day of an instant, in the company's time zone.
    pub fn day_of(&self, now: Timestamp) -> Date {
        now.to_zoned_datetime(self.zone()).date()
    }

    /// An amount in the catalogue's currency.
    pub fn money(&self, amount: Decimal) -> Money {
        Money::new(amount, self.currency)
    }

    /// What `quantity` pieces of a variant cost, after the best discount that applies.
    pub fn quote(&self, variant: &Variant, quantity: u32) -> Quote<'_> {
        let full = variant.price_of(quantity);
        let discount = self.best_discount(u64::from(quantity), full);
        let saved = discount.map_or(Decimal::ZERO, |discount| discount.of(full, self.currency));
        Quote {
            full: self.money(full),
            total: self.money(full - saved),
            discount,
        }
    }

    /// The best discount for so many pieces of one product in an order of this total.
    pub(crate) fn best_discount(&self, pieces: u64, total: Decimal) -> Option<&Discount> {
        let applies = |discount: &&Discount| match discount.when {
            DiscountCondition::MinQuantity(least) => pieces >= u64::from(least),
            DiscountCondition::MinTotal(least) => total >= least,
        };
        let plain = |it: &&Discount| it.scope.is_everyone() && it.currency.is_none();
        let applying = self.discounts.iter().filter(plain).filter(applies);
        applying.max_by_key(|discount| discount.percent)
    }
}

impl Taxes {
    /// The rate of a product, in percent.
    pub fn rate_of(&self, product: &Product) -> Decimal {
        let key = product.tax.as_ref().unwrap_or(&self.usual);
        self.rates.get(key).copied().unwrap_or_default()
    }
}

impl Discount {
    /// What it takes off an amount in this currency, rounded to its smallest coin, half to even.
    pub(crate) fn of(&self, amount: Decimal, currency: Currency) -> Decimal {
        currency.round(amount * self.percent / Decimal::ONE_HUNDRED)
    }
}

impl Product {
    /// The variant with this key.
    pub fn variant(&self, id: &VariantId) -> Option<&Variant> {
        self.variants.iter().find(|variant| &variant.id == id)
    }

    /// The lowest and the highest price among the variants.
    pub fn price_range(&self) -> (Decimal, Decimal) {
        self.variants
            .iter()
            .fold((Decimal::MAX, Decimal::ZERO), |(low, high), variant| {
                (low.min(variant.price), high.max(variant.price))
            })
    }
}

/// A computed price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote<'a> {
    /// Before any discount.
    pub full: Money,
    /// What the customer pays.
    pub total: Money,
    /// The rule that made the difference.
    pub discount: Option<&'a Discount>,
}
