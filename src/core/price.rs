//! Which of a variant's prices counts, and what a catalogue looks like to somebody on a day.
//!
//! Of the prices that hold for somebody, at each quantity the narrowest counts (one for their group
//! before one for their region, that before one for some days, that before one for everybody), and
//! of the quantities that they reach the lowest price: who buys more never pays more for a piece.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Address, Audience, Catalog, Currency, Discount, Membership, Product, Scope, Variant};

/// A price beside the usual one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceRow {
    /// Price of one piece, above 0.
    pub price: Decimal,
    /// Its currency, where that is not the catalogue's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// From so many pieces, at least 1.
    pub min_quantity: u32,
    /// For whom and when.
    #[serde(default, skip_serializing_if = "Scope::is_everyone")]
    pub scope: Scope,
}

impl PriceRow {
    /// Whether this row and another one would count at once, with nothing to tell which.
    pub fn rivals(&self, other: &Self) -> bool {
        self.currency == other.currency
            && self.min_quantity == other.min_quantity
            && self.scope.narrowness() == other.scope.narrowness()
            && self.scope.meets(&other.scope)
    }
}

impl Variant {
    /// What so many pieces cost, before any discount.
    pub fn price_of(&self, quantity: u32) -> Decimal {
        self.price_at(quantity) * Decimal::from(quantity)
    }

    /// What one of so many pieces costs, before any discount.
    pub fn price_at(&self, quantity: u32) -> Decimal {
        let steps = self.steps().into_iter();
        let reached = steps.take_while(|(from, _)| *from <= quantity);
        reached.last().map_or(self.price, |(_, price)| price)
    }

    /// The prices for quantities that hold for everybody: from how many pieces, and the price of one,
    /// which falls with each.
    pub fn steps(&self) -> Vec<(u32, Decimal)> {
        let rows = self.prices.iter();
        let rows = rows.filter(|row| row.scope.is_everyone() && row.currency.is_none());
        let by_quantity: BTreeMap<u32, Decimal> =
            rows.map(|row| (row.min_quantity, row.price)).collect();
        falling(self.price, by_quantity)
    }

    /// The variant at the prices of somebody; `None` where it has none in their currency.
    fn for_audience(&self, audience: &Audience, currency: Option<Currency>) -> Option<Self> {
        let rows = self.prices.iter();
        let holds = |row: &&PriceRow| row.currency == currency && row.scope.holds_for(audience);
        let mut narrowest: BTreeMap<u32, &PriceRow> = BTreeMap::new();
        for row in rows.filter(holds) {
            let known = narrowest.get(&row.min_quantity);
            if known.is_none_or(|known| known.scope.narrowness() < row.scope.narrowness()) {
                narrowest.insert(row.min_quantity, row);
            }
        }
        let of_one = narrowest.remove(&1).map(|row| row.price);
        let price = of_one.or_else(|| currency.is_none().then_some(self.price))?;
        let rest = narrowest.into_iter().map(|(from, row)| (from, row.price));
        let steps = falling(price, rest).into_iter();
        Some(Self {
            price,
            prices: steps
                .map(|(from, price)| PriceRow::step(from, price))
                .collect(),
            ..self.clone()
        })
    }
}

impl PriceRow {
    fn step(min_quantity: u32, price: Decimal) -> Self {
        Self {
            price,
            currency: None,
            min_quantity,
            scope: Scope::default(),
        }
    }
}

/// The prices that fall below all before them, by rising quantity.
fn falling(first: Decimal, steps: impl IntoIterator<Item = (u32, Decimal)>) -> Vec<(u32, Decimal)> {
    let mut lowest = first;
    let lower = steps.into_iter().filter(|(_, price)| {
        let falls = *price < lowest;
        lowest = lowest.min(*price);
        falls
    });
    lower.collect()
}

impl Catalog {
    /// Whether everybody is offered the same every day.
    pub fn is_for_everybody(&self) -> bool {
        let goods = self.products.iter().all(|product| {
            let plain = |row: &PriceRow| row.scope.is_everyone() && row.currency.is_none();
            let mut rows = product.variants.iter().flat_map(|it| &it.prices);
            product.scope.is_everyone() && rows.all(plain)
        });
        let mut discounts = self.discounts.iter();
        goods
            && self.groups.is_empty()
            && discounts.all(|it| it.scope.is_everyone() && it.currency.is_none())
    }

    /// Whether anything has a price in a currency.
    pub fn has_prices_in(&self, currency: Currency) -> bool {
        let rows = self.products.iter().flat_map(|it| &it.variants);
        let mut rows = rows.flat_map(|it| &it.prices);
        currency == self.currency || rows.any(|row| row.currency == Some(currency))
    }

    /// The group whose member writes from this address.
    pub fn group_of(&self, address: &Address) -> Option<String> {
        if self.groups.is_empty() {
            return None;
        }
        let address = address.to_string();
        let mut groups = self.groups.iter();
        let group = groups.find(|it| it.members.contains(&address));
        group.map(|it| it.id.clone())
    }

    /// What is known of somebody, with what their group adds to it.
    pub fn membership(&self, who: &Membership) -> Membership {
        let group = who.group.as_ref();
        let group = self.groups.iter().find(|it| Some(&it.id) == group);
        let currency = who.currency.or_else(|| group.and_then(|it| it.currency));
        Membership {
            currency,
            ..who.clone()
        }
    }

    /// The catalogue as somebody sees it: their goods, at their prices, with their discounts. Where
    /// nothing has a price in their currency, the company's own one counts.
    #[must_use]
    pub fn for_audience(&self, audience: &Audience) -> Self {
        let who = self.membership(&audience.who);
        let theirs = who.currency.filter(|it| *it != self.currency);
        let in_theirs = theirs.map(|_| self.products_for(audience, theirs));
        let (products, foreign) = match in_theirs {
            Some(products) if !products.is_empty() => (products, theirs),
            _ => (self.products_for(audience, None), None),
        };
        let group = self
            .groups
            .iter()
            .find(|it| Some(&it.id) == who.group.as_ref());
        let mut list = Self {
            products,
            currency: foreign.unwrap_or(self.currency),
            home: foreign.map(|_| self.currency),
            discounts: self.discounts_for(audience, foreign),
            ..self.clone()
        };
        if let Some(taxes) = &mut list.taxes {
            taxes.included &= !group.is_some_and(|it| it.pays_net);
        }
        list.hash = list.fingerprint();
        list
    }

    /// A hash of all that is in it, hexadecimal.
    fn fingerprint(&self) -> String {
        let content = serde_json::to_vec(self).unwrap_or_default();
        format!("{:x}", Sha256::digest(content))
    }

    fn products_for(&self, audience: &Audience, currency: Option<Currency>) -> Vec<Product> {
        let sold = |product: &&Product| product.scope.holds_for(audience);
        let products = self.products.iter().filter(sold).map(|product| {
            let variants = product.variants.iter();
            let variants = variants.filter_map(|it| it.for_audience(audience, currency));
            Product {
                variants: variants.collect(),
                ..product.clone()
            }
        });
        products.filter(|it| !it.variants.is_empty()).collect()
    }

    /// A least total in one currency says nothing of totals in another.
    fn discounts_for(&self, audience: &Audience, currency: Option<Currency>) -> Vec<Discount> {
        let discounts = self.discounts.iter();
        let holds = |it: &&Discount| it.scope.holds_for(audience) && it.is_in(currency);
        let mut discounts: Vec<Discount> = discounts.filter(holds).cloned().collect();
        for discount in &mut discounts {
            discount.currency = None;
            discount.scope = Scope::default();
        }
        discounts
    }
}

impl Discount {
    fn is_in(&self, currency: Option<Currency>) -> bool {
        let is_total = matches!(self.when, crate::DiscountCondition::MinTotal(_));
        !is_total || self.currency == currency
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};
    use proptest::prelude::*;

    use super::*;
    use crate::LocalText;

    fn variant(prices: Vec<PriceRow>) -> Variant {
        Variant {
            id: "one".into(),
            name: LocalText::default(),
            price: Decimal::from(100),
            prices,
            stock_pieces: 1,
            picture_url: None,
        }
    }

    fn rows() -> impl Strategy<Value = Vec<PriceRow>> {
        let day = || proptest::option::of((1_i8..=28).prop_map(|day| date(2026, 1, day)));
        let groups = proptest::sample::subsequence(vec!["a".to_owned(), "b".to_owned()], 0..=2);
        let currency = proptest::option::of(Just(Currency::USD));
        let row = (1_i64..200, 1_u32..6, day(), day(), groups, currency);
        let row = row.prop_map(
            |(price, min_quantity, from, until, groups, currency)| PriceRow {
                price: Decimal::from(price),
                currency,
                min_quantity,
                scope: Scope {
                    from,
                    until,
                    groups,
                    regions: Vec::new(),
                },
            },
        );
        proptest::collection::vec(row, 0..8)
    }

    fn audiences() -> impl Strategy<Value = Audience> {
        let group = proptest::option::of(prop_oneof![Just("a".to_owned()), Just("b".to_owned())]);
        (group, 1_i8..=28).prop_map(|(group, day)| Audience {
            who: Membership {
                group,
                ..Membership::default()
            },
            day: Date::constant(2026, 1, day),
        })
    }

    proptest! {
        #![proptest_config(crate::proptests::config())]

        /// Who buys more never pays more for a piece, and every price is one that the company said.
        #[test]
        fn a_piece_of_more_never_costs_more(rows in rows(), audience in audiences()) {
            let variant = variant(rows);
            for currency in [None, Some(Currency::USD)] {
                let Some(list) = variant.for_audience(&audience, currency) else {
                    continue;
                };
                let prices: Vec<Decimal> = (1..10).map(|it| list.price_at(it)).collect();
                prop_assert!(prices.is_sorted_by(|a, b| a >= b), "{prices:?}");
                let holds = |row: &PriceRow| row.currency == currency && row.scope.holds_for(&audience);
                for price in prices {
                    let stated = variant.prices.iter().any(|row| holds(row) && row.price == price);
                    prop_assert!(stated || currency.is_none() && price == variant.price);
                }
            }
        }
    }

    #[test]
    fn rows_that_hold_for_the_same_people_at_once_are_rivals() {
        let row = |groups: &[&str], from: Option<Date>| PriceRow {
            price: Decimal::ONE,
            currency: None,
            min_quantity: 1,
            scope: Scope {
                from,
                until: None,
                groups: groups.iter().map(|it| (*it).to_owned()).collect(),
                regions: Vec::new(),
            },
        };
        let new_year = Some(date(2026, 1, 1));
        assert!(row(&["a"], None).rivals(&row(&["a", "b"], None)));
        assert!(!row(&["a"], None).rivals(&row(&["b"], None)));
        assert!(
            !row(&["a"], None).rivals(&row(&["a"], new_year)),
            "narrower"
        );
        assert!(row(&[], new_year).rivals(&row(&[], Some(date(2027, 1, 1)))));
    }
}
