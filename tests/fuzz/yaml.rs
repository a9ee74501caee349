//! A catalogue, reviewed answers and a customer's messages, made of any bytes: read, checked and
//! asked. Whatever they are, nothing panics and every problem lies inside its text.

use consultant_core::{Audience, ports::Knowledge};
use consultant_knowledge::{
    Problem, ShopKnowledge, examine, load_catalog_with_categories, write_catalog,
};
use jiff::civil::Date;

/// Stands between the catalogue, the reviewed answers, and the messages.
const SEPARATOR: &str = "\n%%\n";

/// More messages tell nothing new.
const MOST_MESSAGES: usize = 6;

/// What is said where the input says nothing.
const MESSAGES: [&str; 3] = ["How much is the Halo desk lamp?", "2 台灯", "Returns?"];

/// Does with an input all that is done with a company's facts.
pub(crate) fn try_facts(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.split(SEPARATOR);
    let catalog = ("catalog.yaml", parts.next().unwrap_or_default());
    // Most inputs have no second part, and are to come as far as those that have one.
    let faq = ("faq.yaml", parts.next().unwrap_or("entries: []\n"));
    let examined = examine(Some(catalog), Some(faq));
    for problem in &examined.problems {
        let file = [catalog, faq].into_iter().find(|it| it.0 == problem.file);
        assert_inside(problem, file.map_or("", |file| file.1));
    }
    let loaded = ShopKnowledge::load(catalog, faq);
    let is_right = examined.problems.iter().all(|it| it.is_warning);
    assert_eq!(loaded.is_ok(), is_right, "{:?}", examined.problems);
    let Ok(shop) = loaded else { return };
    try_lists(&shop, catalog.1);
    let said: Vec<&str> = parts.take(MOST_MESSAGES).collect();
    let said = if said.is_empty() {
        MESSAGES.into()
    } else {
        said
    };
    for message in said {
        let found = shop.understand(message, None, &Audience::on(Date::constant(2026, 11, 30)));
        assert!((0.0..=1.0).contains(&found.confidence), "{found:?}");
        for mention in &found.products {
            let products = &shop.catalog().products;
            assert!(products.iter().any(|it| it.id == mention.product));
        }
        assert!(found.faq.iter().all(|hit| (0.0..=1.0).contains(&hit.score)));
    }
}

/// What is offered to each group, and the catalogue as a program writes it.
fn try_lists(shop: &ShopKnowledge, text: &str) {
    let groups = shop.catalog().groups.clone();
    let groups = groups.into_iter().map(|it| Some(it.id));
    for group in groups.chain([None]) {
        let mut audience = Audience::on(Date::constant(2026, 11, 30));
        audience.who.group = group;
        let offered = shop.offered(&audience);
        for product in &offered.catalog.products {
            assert!(!product.variants.is_empty(), "{product:?}");
        }
    }
    if let Ok(loaded) = load_catalog_with_categories("catalog.yaml", text) {
        let written = write_catalog(&loaded);
        let again = load_catalog_with_categories("catalog.yaml", &written);
        assert_eq!(again.as_ref(), Ok(&loaded), "{written}");
    }
}

fn assert_inside(problem: &Problem, text: &str) {
    assert!(!problem.message.is_empty(), "{problem:?}");
    assert!(problem.width > 0, "{problem:?}");
    let lines = text.split('\n').count();
    assert!((1..=lines).contains(&problem.line), "{problem:?}");
    let line = text.split('\n').nth(problem.line - 1).unwrap_or_default();
    let width = line.chars().count();
    assert!((1..=width + 1).contains(&problem.column), "{problem:?}");
}
