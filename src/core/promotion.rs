//! Promotions: rules of a playbook that lower the price of an offer. A volume, a bundle, a
//! deadline, or any of them together; the best one counts, never the sum.

use std::fmt;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    Catalog, Currency, Discount, LocalText, Money, Product, ProductId, Variant, VariantId,
};

/// A rule that lowers the price of an offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// Its key.
    pub id: String,
    /// What it is called, for customers.
    pub name: LocalText,
    /// How much it takes off.
    pub reduction: Reduction,
    /// The products that it lowers; with [`Promotion::categories`] empty too, all of them.
    pub products: Vec<ProductId>,
    /// The categories that it lowers.
    pub categories: Vec<String>,
    /// Products that must all be in the offer.
    pub bundle: Vec<ProductId>,
    /// From so many pieces of what it lowers.
    pub min_pieces: u32,
    /// The first day that it holds on, in the company's time zone.
    pub from: Option<Date>,
    /// The last day that it holds on, in the company's time zone.
    pub until: Option<Date>,
}

/// How much a promotion takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// Percent of what it lowers: more than 0, at most 100.
    Percent(Decimal),
    /// An amount in the catalogue's currency, at most the price of what it lowers.
    Amount(Decimal),
}

/// Something that is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferItem {
    /// The product.
    pub product: ProductId,
    /// The variant; the product's first where none is named.
    #[serde(default)]
    pub variant: Option<VariantId>,
    /// Pieces, at least 1.
    pub quantity: u32,
}

impl fmt::Display for OfferItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {}", self.quantity, self.product)?;
        match &self.variant {
            Some(variant) => write!(f, " ({variant})"),
            None => Ok(()),
        }
    }
}

/// An item as the catalogue has it.
#[derive(Clone, Copy, Debug)]
pub struct OfferLine<'a> {
    /// The product.
    pub product: &'a Product,
    /// The variant.
    pub variant: &'a Variant,
    /// Pieces, at least 1.
    pub quantity: u32,
}

/// The computed price of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferQuote<'a> {
    /// Before any reduction.
    pub full: Money,
    /// What the customer pays.
    pub total: Money,
    /// The rule that made the difference.
    pub because: Option<Because<'a>>,
}

/// Which rule lowered a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because<'a> {
    /// A discount of the catalogue.
    Discount(&'a Discount),
    /// A promotion of the playbook.
    Promotion(&'a Promotion),
}

impl<'a> Because<'a> {
    /// What the rule is called, for customers.
    pub const fn name(self) -> &'a LocalText {
        match self {
            Self::Discount(discount) => &discount.name,
            Self::Promotion(promotion) => &promotion.name,
        }
    }
}

impl Promotion {
    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// Whether it counts in a list: an amount is in the company's own currency, and takes nothing off
    /// prices in another one.
    fn is_in(&self, catalog: &Catalog) -> bool {
        let is_amount = matches!(self.reduction, Reduction::Amount(_));
        !is_amount || catalog.home.is_none()
    }

    /// What it takes off these lines, whose prices are in this currency; zero where it does not
    /// apply.
    pub fn saves(&self, lines: &[OfferLine<'_>], currency: Currency) -> Decimal {
        let offered = |id: &ProductId| lines.iter().any(|line| &line.product.id == id);
        let lowered = || lines.iter().filter(|line| self.lowers(line.product));
        let pieces: u64 = lowered().map(|line| u64::from(line.quantity)).sum();
        if !self.bundle.iter().all(offered) || pieces < u64::from(self.min_pieces.max(1)) {
            return Decimal::ZERO;
        }
        let price: Decimal = lowered().map(OfferLine::price).sum();
        match self.reduction {
            Reduction::Percent(percent) => currency.round(price * percent / Decimal::ONE_HUNDRED),
            Reduction::Amount(amount) => amount.min(price),
        }
    }

    /// Whether it lowers the price of a product. Of a bundle without further limits, that of its
    /// parts.
    fn lowers(&self, product: &Product) -> bool {
        let unlimited = self.products.is_empty() && self.categories.is_empty();
        self.products.contains(&product.id)
            || self.categories.contains(&product.category)
            || (unlimited && (self.bundle.is_empty() || self.bundle.contains(&product.id)))
    }
}

impl OfferLine<'_> {
    /// What its pieces cost before any reduction: the price that their number has.
    fn price(&self) -> Decimal {
        self.variant.price_of(self.quantity)
    }
}

impl Catalog {
    /// The lines of an offer; `None` where the catalogue lacks a product or variant, or there is
    /// nothing.
    pub fn lines(&self, items: &[OfferItem]) -> Option<Vec<OfferLine<'_>>> {
        let line = |item: &OfferItem| {
            let product = self.product(&item.product)?;
            let variant = match &item.variant {
                Some(id) => product.variant(id)?,
                None => product.variants.first()?,
            };
            Some(OfferLine {
                product,
                variant,
                quantity: item.quantity.max(1),
            })
        };
        let lines: Vec<OfferLine<'_>> = items.iter().map(line).collect::<Option<_>>()?;
        (!lines.is_empty()).then_some(lines)
    }

    /// What an offer costs after the one best rule: the catalogue's discounts, on each line the best
    /// one that applies to it, or one of these promotions.
    pub fn quote_offer<'a>(
        &'a self,
        lines: &[OfferLine<'a>],
        promotions: &'a [Promotion],
    ) -> OfferQuote<'a> {
        let full: Decimal = lines.iter().map(OfferLine::price).sum();
        let (discount, by_discounts) = self.discounts_of(lines);
        let by_promotions = promotions
            .iter()
            .filter(|promotion| promotion.is_in(self))
            .map(|promotion| (promotion, promotion.saves(lines, self.currency)))
            .filter(|(_, saved)| *saved > by_discounts)
            .reduce(|best, next| if next.1 > best.1 { next } else { best });
        let (because, saved) = match by_promotions {
            Some((promotion, saved)) => (Some(Because::Promotion(promotion)), saved),
            None => (discount.map(Because::Discount), by_discounts),
        };
        OfferQuote {
            full: self.money(full),
            total: self.money(full - saved),
            because,
        }
    }

    /// What the catalogue's discounts take off, and the one that takes the most. A total is that of
    /// all lines, and pieces of one product count together, whichever variants they are: so the
    /// conditions say it.
    fn discounts_of<'a>(&'a self, lines: &[OfferLine<'a>]) -> (Option<&'a Discount>, Decimal) {
        let total: Decimal = lines.iter().map(OfferLine::price).sum();
        let mut saved = Decimal::ZERO;
        let mut best: Option<(&Discount, Decimal)> = None;
        for line in lines {
            let same = lines.iter().filter(|it| it.product.id == line.product.id);
            let pieces: u64 = same.map(|it| u64::from(it.quantity)).sum();
            let Some(discount) = self.best_discount(pieces, total) else {
                continue;
            };
            let less = discount.of(line.price(), self.currency);
            saved += less;
            if best.is_none_or(|(_, most)| less > most) {
                best = Some((discount, less));
            }
        }
        (best.map(|(discount, _)| discount), saved)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Company, DiscountCondition};

    fn text(words: &str) -> LocalText {
        LocalText::one(crate::Language::EN, words)
    }

    fn product(id: &str, category: &str, price: i64) -> Product {
        Product {
            id: id.into(),
            name: text(id),
            aliases: BTreeMap::new(),
            category: category.to_owned(),
            description: text(id),
            picture_url: None,
            variants: vec![Variant {
                id: "standard".into(),
                name: text(""),
                price: Decimal::from(price),
                stock_pieces: 9,
                prices: Vec::new(),
                picture_url: None,
            }],
            contains: Vec::new(),
            counts_parts: false,
            scope: crate::Scope::default(),
            tax: None,
        }
    }

    fn catalog() -> Catalog {
        Catalog {
            company: Company {
                name: "Shop".to_owned(),
                about: text("A shop."),
                hours: None,
            },
            currency: Currency::EUR,
            products: vec![
                product("lamp", "lighting", 50),
                product("desk", "desks", 300),
                product("chair", "seating", 200),
            ],
            discounts: vec![Discount {
                id: "five".to_owned(),
                name: text("5% from 5 pieces"),
                when: DiscountCondition::MinQuantity(5),
                percent: Decimal::from(5),
                currency: None,
                scope: crate::Scope::default(),
            }],
            hash: String::new(),
            home: None,
            groups: Vec::new(),
            regions: Vec::new(),
            taxes: None,
        }
    }

    fn promotion(change: impl FnOnce(&mut Promotion)) -> Promotion {
        let mut promotion = Promotion {
            id: "p".to_owned(),
            name: text("Special"),
            reduction: Reduction::Percent(Decimal::TEN),
            products: Vec::new(),
            categories: Vec::new(),
            bundle: Vec::new(),
            min_pieces: 0,
            from: None,
            until: None,
        };
        change(&mut promotion);
        promotion
    }

    #[track_caller]
    fn check(items: &[(&str, u32)], promotions: &[Promotion], total: &str, because: Option<&str>) {
        let catalog = catalog();
        let item = |(product, quantity): &(&str, u32)| OfferItem {
            product: (*product).into(),
            variant: None,
            quantity: *quantity,
        };
        let items: Vec<OfferItem> = items.iter().map(item).collect();
        let lines = catalog.lines(&items).unwrap();
        let quote = catalog.quote_offer(&lines, promotions);
        assert_eq!(quote.total.to_string(), total);
        let name = quote.because.map(|it| it.name().get(crate::Language::EN));
        assert_eq!(name, because);
    }

    #[test]
    fn a_volume_counts_the_pieces_of_what_it_lowers() {
        let volume = [promotion(|it| {
            it.min_pieces = 3;
            it.categories = vec!["lighting".to_owned()];
        })];
        check(&[("lamp", 2)], &volume, "100 EUR", None);
        check(&[("lamp", 2), ("desk", 1)], &volume, "400 EUR", None);
        check(&[("lamp", 3)], &volume, "135 EUR", Some("Special"));
        check(
            &[("lamp", 3), ("desk", 1)],
            &volume,
            "435 EUR",
            Some("Special"),
        );
    }

    #[test]
    fn a_total_is_that_of_the_whole_offer_and_pieces_of_all_variants_count_together() {
        let mut catalog = catalog();
        catalog.discounts.push(Discount {
            id: "big".to_owned(),
            name: text("2% from 500"),
            when: DiscountCondition::MinTotal(Decimal::from(500)),
            percent: Decimal::TWO,
            currency: None,
            scope: crate::Scope::default(),
        });
        let total = |items: &[(&str, u32)]| {
            let item = |(product, quantity): &(&str, u32)| OfferItem {
                product: (*product).into(),
                variant: None,
                quantity: *quantity,
            };
            let items: Vec<OfferItem> = items.iter().map(item).collect();
            let lines = catalog.lines(&items).unwrap();
            catalog.quote_offer(&lines, &[]).total.to_string()
        };
        assert_eq!(total(&[("desk", 1), ("lamp", 1)]), "350 EUR");
        assert_eq!(total(&[("desk", 1), ("chair", 1)]), "490 EUR");
        // The lamps get five of a hundred off, which is more, and the desk two.
        assert_eq!(
            total(&[("desk", 1), ("lamp", 3), ("lamp", 2)]),
            "531.50 EUR"
        );
    }

    #[test]
    fn a_bundle_wants_all_its_parts_and_lowers_them_only() {
        let bundle = [promotion(|it| {
            it.bundle = vec!["desk".into(), "chair".into()];
        })];
        check(&[("desk", 1)], &bundle, "300 EUR", None);
        check(
            &[("desk", 1), ("chair", 1)],
            &bundle,
            "450 EUR",
            Some("Special"),
        );
        let three = [("desk", 1), ("chair", 1), ("lamp", 1)];
        check(&three, &bundle, "500 EUR", Some("Special"));
    }

    #[test]
    fn an_amount_never_takes_off_more_than_the_price() {
        let amount = [promotion(|it| {
            it.reduction = Reduction::Amount(Decimal::from(80));
            it.products = vec!["lamp".into()];
        })];
        check(
            &[("lamp", 1), ("desk", 1)],
            &amount,
            "300 EUR",
            Some("Special"),
        );
        check(&[("desk", 1)], &amount, "300 EUR", None);
    }

    #[test]
    fn the_best_rule_counts_and_never_the_sum() {
        let small = promotion(|it| it.reduction = Reduction::Percent(Decimal::TWO));
        let large = promotion(|it| it.name = text("Large"));
        check(
            &[("lamp", 5)],
            std::slice::from_ref(&small),
            "237.50 EUR",
            Some("5% from 5 pieces"),
        );
        check(&[("lamp", 5)], &[small, large], "225 EUR", Some("Large"));
    }

    #[test]
    fn a_deadline_is_a_whole_day() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let week = promotion(|it| {
            it.from = Some(day("2026-11-23"));
            it.until = Some(day("2026-11-30"));
        });
        let held = ["2026-11-22", "2026-11-23", "2026-11-30", "2026-12-01"];
        assert_eq!(
            held.map(|it| week.holds_on(day(it))),
            [false, true, true, false]
        );
    }

    #[test]
    fn what_the_catalogue_lacks_is_no_offer() {
        let item = |product: &str, variant: Option<&str>| OfferItem {
            product: product.into(),
            variant: variant.map(Into::into),
            quantity: 1,
        };
        let catalog = catalog();
        assert!(catalog.lines(&[item("gone", None)]).is_none());
        assert!(catalog.lines(&[item("lamp", Some("gone"))]).is_none());
        assert!(catalog.lines(&[]).is_none());
    }
}
