//! What there is for somebody on a day, made once for everybody who is offered the same.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use consultant_core::{Audience, Catalog, Documents, Faq, FaqEntry, LocalText, ports::Offered};

use crate::load::fill;

/// Lists that are kept at the most. A company has fewer.
const MOST: usize = 64;

/// The lists of a catalogue, an FAQ and documents.
#[derive(Default)]
pub(crate) struct Lists(Mutex<HashMap<Audience, Offered>>);

impl Lists {
    /// What there is for them. Where everybody is offered the same, that is the catalogue itself.
    pub(crate) fn of(
        &self,
        audience: &Audience,
        facts: (&Arc<Catalog>, &Arc<Faq>, &Arc<Documents>),
    ) -> Offered {
        let (catalog, faq, documents) = facts;
        if catalog.is_for_everybody() && faq.is_for_everyone() && documents.are_for_everyone() {
            return Offered {
                catalog: Arc::clone(catalog),
                faq: Arc::clone(faq),
                documents: Arc::clone(documents),
            };
        }
        let audience = Audience {
            who: catalog.membership(&audience.who),
            day: audience.day,
        };
        if let Some(known) = self.lists().get(&audience) {
            return known.clone();
        }
        // Made without the lock: nobody else's turn waits for it. Two may make the same, once.
        let offered = offered(&audience, facts);
        let mut lists = self.lists();
        // Nobody asks for the lists of yesterday any more.
        lists.retain(|it, _| it.day == audience.day);
        if lists.len() >= MOST {
            lists.clear();
        }
        lists.insert(audience, offered.clone());
        offered
    }

    fn lists(&self) -> MutexGuard<'_, HashMap<Audience, Offered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn offered(
    audience: &Audience,
    (catalog, faq, documents): (&Arc<Catalog>, &Arc<Faq>, &Arc<Documents>),
) -> Offered {
    let held = faq.holding_for(audience);
    let documents = Arc::new(documents.holding_for(audience));
    if catalog.is_for_everybody() {
        return Offered {
            catalog: Arc::clone(catalog),
            faq: Arc::new(held),
            documents,
        };
    }
    let list = catalog.for_audience(audience);
    Offered {
        faq: Arc::new(filled_for(&held, &list)),
        catalog: Arc::new(list),
        documents,
    }
}

/// The FAQ with the prices of a list. An answer that speaks of goods which it lacks is left out.
fn filled_for(faq: &Faq, list: &Catalog) -> Faq {
    let entries = faq.entries.iter();
    Faq {
        entries: entries.filter_map(|it| entry_for(it, list)).collect(),
        hash: format!("{}:{}", faq.hash, list.hash),
    }
}

fn entry_for(entry: &FaqEntry, list: &Catalog) -> Option<FaqEntry> {
    let Some(template) = &entry.template else {
        return Some(entry.clone());
    };
    let answers = template.0.iter().map(|(language, text)| {
        let filled = fill(text, Some(list)).ok()?;
        Some((*language, filled))
    });
    let answer = LocalText(answers.collect::<Option<_>>()?);
    Some(FaqEntry {
        answer,
        ..entry.clone()
    })
}

#[cfg(test)]
mod tests {
    use consultant_core::{Currency, Language, Membership};
    use jiff::civil::{Date, date};

    use super::*;
    use crate::{ShopKnowledge, load::load_catalog};
    use consultant_core::ports::Knowledge;

    const CATALOG: &str = "\
company: {name: Shop, about: {en: A shop.}}
currency: EUR
groups:
  - {id: wholesale, pays_net: true}
  - {id: american, currency: USD}
regions: [EU, CH]
taxes: {name: {en: VAT}, rates: {standard: 19}}
categories: [{id: lighting, name: {en: Lighting}}]
products:
  - id: lamp
    name: {en: Lamp}
    category: lighting
    description: {en: A lamp.}
    price: 50
    prices:
      - {price: 45, min_quantity: 10}
      - {price: 40, groups: [wholesale]}
      - {price: 42, valid_from: 2026-12-01, valid_until: 2026-12-24}
      - {price: 60, currency: USD}
      - {price: 44, min_quantity: 20, groups: [wholesale]}
    stock: 30
  - id: catalogue
    name: {en: Sample book}
    category: lighting
    description: {en: All our cloths.}
    groups: [wholesale]
    price: 10
    stock: always
discounts:
  - {id: big, name: {en: 5% off from 500 EUR}, min_total: 500, percent: 5}
  - {id: trade, name: {en: 10% off from 5}, min_quantity: 5, percent: 10, groups: [wholesale]}
  - {id: big-usd, name: {en: 5% off from 600 USD}, min_total: 600, currency: USD, percent: 5}
";

    const FAQ: &str = "\
entries:
  - id: prices
    questions: {en: [What is the price of the lamp?]}
    answer: {en: 'The lamp costs {price:lamp}.'}
  - id: samples
    questions: {en: [Do you have samples?]}
    answer: {en: 'The sample book costs {price:catalogue}.'}
";

    fn shop() -> ShopKnowledge {
        ShopKnowledge::load(("catalog.yaml", CATALOG), ("faq.yaml", FAQ)).unwrap()
    }

    fn offered(group: Option<&str>, currency: Option<Currency>, day: Date) -> Offered {
        let who = Membership {
            group: group.map(str::to_owned),
            region: None,
            currency,
        };
        shop().offered(&Audience { who, day })
    }

    const NOVEMBER: Date = Date::constant(2026, 11, 30);

    fn prices(offered: &Offered) -> String {
        let variant = &offered.catalog.product(&"lamp".into()).unwrap().variants[0];
        let money = |quantity| {
            offered
                .catalog
                .money(variant.price_at(quantity))
                .to_string()
        };
        [1, 9, 10, 20].map(money).join(", ")
    }

    #[test]
    fn everybody_pays_the_usual_price_and_less_for_more() {
        let offered = offered(None, None, NOVEMBER);
        assert_eq!(prices(&offered), "50 EUR, 50 EUR, 45 EUR, 45 EUR");
        let answer = offered.faq.entry(&"prices".into()).unwrap();
        assert_eq!(answer.answer.get(Language::EN), "The lamp costs 50 EUR.");
    }

    #[test]
    fn a_price_of_some_days_holds_on_those_days() {
        let advent = offered(None, None, date(2026, 12, 24));
        assert_eq!(prices(&advent), "42 EUR, 42 EUR, 42 EUR, 42 EUR");
        let christmas = offered(None, None, date(2026, 12, 25));
        assert_eq!(prices(&christmas), "50 EUR, 50 EUR, 45 EUR, 45 EUR");
    }

    #[test]
    fn a_group_has_its_own_prices_its_own_goods_and_no_dearer_ones_for_more() {
        let offered = offered(Some("wholesale"), None, date(2026, 12, 24));
        assert_eq!(prices(&offered), "40 EUR, 40 EUR, 40 EUR, 40 EUR");
        assert!(offered.catalog.product(&"catalogue".into()).is_some());
        assert!(offered.faq.entry(&"samples".into()).is_some());
        assert!(!offered.catalog.taxes.as_ref().unwrap().included);
        let answer = offered.faq.entry(&"prices".into()).unwrap();
        assert_eq!(answer.answer.get(Language::EN), "The lamp costs 40 EUR.");
    }

    #[test]
    fn goods_of_a_group_and_answers_about_them_are_for_nobody_else() {
        let offered = offered(None, None, NOVEMBER);
        assert!(offered.catalog.product(&"catalogue".into()).is_none());
        assert!(offered.faq.entry(&"samples".into()).is_none());
        assert!(offered.catalog.taxes.as_ref().unwrap().included);
    }

    #[test]
    fn another_currency_has_its_own_prices_and_its_own_rules() {
        for offered in [
            offered(None, Some(Currency::USD), NOVEMBER),
            offered(Some("american"), None, NOVEMBER),
        ] {
            assert_eq!(prices(&offered), "60 USD, 60 USD, 60 USD, 60 USD");
            let rules: Vec<&str> = offered.catalog.discounts.iter().map(|it| &*it.id).collect();
            assert_eq!(rules, ["big-usd"]);
            let lamp = &offered.catalog.product(&"lamp".into()).unwrap().variants[0];
            let quote = offered.catalog.quote(lamp, 10);
            assert_eq!(quote.total.to_string(), "570 USD");
        }
    }

    #[test]
    fn a_discount_of_a_group_is_taken_off_for_its_members_alone() {
        for (group, total) in [(Some("wholesale"), "180 EUR"), (None, "250 EUR")] {
            let offered = offered(group, None, NOVEMBER);
            let lamp = &offered.catalog.product(&"lamp".into()).unwrap().variants[0];
            assert_eq!(offered.catalog.quote(lamp, 5).total.to_string(), total);
        }
    }

    #[test]
    fn who_asks_for_the_companys_own_currency_gets_it_whatever_their_group_pays() {
        let offered = offered(Some("american"), Some(Currency::EUR), NOVEMBER);
        assert_eq!(prices(&offered), "50 EUR, 50 EUR, 45 EUR, 45 EUR");
    }

    #[test]
    fn a_currency_that_nothing_is_sold_in_changes_nothing() {
        let offered = offered(None, Some(Currency::GBP), NOVEMBER);
        assert_eq!(prices(&offered), "50 EUR, 50 EUR, 45 EUR, 45 EUR");
        assert_eq!(offered.catalog.home, None);
    }

    #[test]
    fn each_list_has_a_hash_of_its_own_and_is_made_once() {
        let shop = shop();
        let plain = shop.offered(&Audience::on(NOVEMBER));
        let again = shop.offered(&Audience::on(NOVEMBER));
        assert!(Arc::ptr_eq(&plain.catalog, &again.catalog));
        let advent = shop.offered(&Audience::on(date(2026, 12, 2)));
        assert_ne!(plain.catalog.hash, advent.catalog.hash);
        assert_ne!(plain.faq.hash, advent.faq.hash);
    }

    #[test]
    fn a_shop_without_any_of_it_has_one_list() {
        let text = CATALOG.replace("prices:", "x:");
        assert!(load_catalog("c", &text).is_err());
        let demo = include_str!("../../config/catalog.yaml");
        assert!(load_catalog("c", demo).unwrap().is_for_everybody());
    }
}
