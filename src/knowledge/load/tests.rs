//! What a manager can get wrong, and what the loader says about it.

use consultant_core::{Language, Variant};

use super::*;
use crate::Problem;

const GOOD: &str = "\
company: {name: Shop, about: {en: A shop., zh: 一家店。}}
currency: EUR
categories:
  - {id: lighting, name: {en: Lighting, zh: 灯具}}
products:
  - id: desk-lamp
    name: {en: Desk lamp, zh: 台灯}
    aliases: {en: [reading light], zh: [阅读灯]}
    category: lighting
    description: {en: A lamp., zh: 一盏灯。}
    variants:
      - {id: oak, name: {en: oak, zh: 橡木色}, price: 49.90, stock: 3}
      - {id: black, name: {en: black, zh: 黑色}, price: \"39\", stock: 0}
  - id: floor-lamp
    name: {en: Floor lamp, zh: 落地灯}
    category: lighting
    description: {en: A tall lamp., zh: 高灯。}
    price: 100000000000000001e0
    stock: 1
discounts:
  - {id: five, name: {en: Five, zh: 五件}, min_quantity: 5, percent: 10}
";

fn good() -> String {
    GOOD.replace("100000000000000001e0", "89.5")
}

/// The problems of the good catalogue with one piece replaced.
fn problems(from: &str, to: &str) -> Vec<String> {
    let text = good();
    assert!(text.contains(from), "{from}");
    let problems = load_catalog("catalog.yaml", &text.replacen(from, to, 1)).err();
    problems
        .unwrap_or_default()
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[track_caller]
fn check(from: &str, to: &str, place: &str, expect: &str) {
    let found = problems(from, to);
    let fits = |line: &String| line.starts_with(place) && line.contains(expect);
    assert!(found.iter().any(fits), "{place} {expect} not in {found:#?}");
}

#[test]
fn a_good_catalogue_loads() {
    let catalog = load_catalog("catalog.yaml", &good()).unwrap();
    assert_eq!(catalog.products.len(), 2);
    assert_eq!(catalog.products[0].variants[0].price.to_string(), "49.90");
    assert_eq!(catalog.products[0].variants[1].price.to_string(), "39.00");
    let seats = load_catalog(
        "catalog.yaml",
        &good().replace("stock: 1\n", "stock: always\n"),
    );
    let stock = seats.unwrap().products[1].variants[0].stock_pieces;
    assert_eq!(stock, Variant::UNCOUNTED);
    assert_eq!(catalog.products[1].variants[0].id.as_str(), "standard");
    assert_eq!(catalog.hash.len(), 64);
}

#[test]
fn the_hash_is_of_the_content_and_not_of_the_layout() {
    let hash = |text: &str| load_catalog("c", text).unwrap().hash;
    let other_layout = good().replace("49.90", "\"49.9\"") + "# a comment\n";
    assert_eq!(hash(&good()), hash(&other_layout));
    assert_ne!(hash(&good()), hash(&good().replace("49.90", "49.91")));
}

#[test]
fn a_wrong_price_is_shown_at_its_place() {
    check("49.90", "49.905", "catalog.yaml:12:", "3 decimals");
    check("49.90", "49.900", "catalog.yaml:12:", "3 decimals");
    check("49.90", "0", "catalog.yaml:12:", "not a price");
    check("49.90", "-5", "catalog.yaml:12:", "not a price");
    check("49.90", "€49", "catalog.yaml:12:", "not a number");
    check("49.90", "4e1", "catalog.yaml:12:", "not a number");
    check(
        "89.5",
        "999999999999",
        "catalog.yaml:18:12: products[1].price",
        "check the zeros",
    );
    check(
        "89.5",
        "79228162514264337593543950336",
        "catalog.yaml:18:",
        "not a number",
    );
}

#[test]
fn names_and_ids_are_unique_and_references_lead_somewhere() {
    check(
        "Floor lamp",
        "ＤＥＳＫ lamp",
        "catalog.yaml:15:",
        "already means `desk-lamp`",
    );
    check(
        "落地灯",
        "台灯",
        "catalog.yaml:15:",
        "already means `desk-lamp`",
    );
    check(
        "Floor lamp",
        "Reading light",
        "catalog.yaml:15:",
        "already means `desk-lamp`",
    );
    check(
        "id: floor-lamp",
        "id: desk-lamp",
        "catalog.yaml:14:",
        "stands here twice",
    );
    check(
        "id: black",
        "id: oak",
        "catalog.yaml:13:",
        "stands here twice",
    );
    check(
        "category: lighting",
        "category: ligthing",
        "catalog.yaml:9:15",
        "did you mean `lighting`?",
    );
    check(
        "id: floor-lamp",
        "id: Floor_Lamp",
        "catalog.yaml:14:",
        "cannot be an id",
    );
}

#[test]
fn shape_and_languages_are_checked() {
    check(
        "currency: EUR",
        "curency: EUR",
        "catalog.yaml:2:1: curency",
        "did you mean `currency`?",
    );
    check(
        "currency: EUR",
        "currency: Euro",
        "catalog.yaml:2:11",
        "not a currency",
    );
    check(
        ", zh: 高灯。",
        "",
        "catalog.yaml:17:",
        "the text in `zh` is missing",
    );
    check(
        "en: A lamp., ",
        "",
        "catalog.yaml:10:",
        "the text in `en` is missing",
    );
    check("en: A lamp.", "en: ''", "catalog.yaml:10:", "is empty");
    check(
        "zh: 一盏灯。",
        "xx-1: 一盏灯。",
        "catalog.yaml:10:",
        "not a language",
    );
}

#[test]
fn discounts_stock_and_doubled_keys_are_checked() {
    check(
        "percent: 10",
        "percent: 101",
        "catalog.yaml:21:",
        "cannot be taken off",
    );
    check(
        "min_quantity: 5",
        "min_quantity: 0",
        "catalog.yaml:21:",
        "not a number of pieces",
    );
    check(
        "min_quantity: 5, ",
        "",
        "catalog.yaml:21:",
        "exactly one of",
    );
    check(
        "stock: 3",
        "stock: -3",
        "catalog.yaml:12:",
        "not a number of pieces",
    );
    check(
        "stock: 1\n",
        "stock: 1\n    stock: 2\n",
        "catalog.yaml:20:5",
        "stands here twice",
    );
    check("name: Shop", "name: [Shop", "catalog.yaml:", "");
}

#[test]
fn all_problems_are_reported_at_once_in_the_order_of_the_file() {
    let text = good()
        .replace("EUR", "euro")
        .replace("49.90", "0")
        .replace("percent: 10", "prcent: 1");
    let problems = load_catalog("catalog.yaml", &text).unwrap_err();
    let lines: Vec<_> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [2, 12, 21, 21]);
}

#[test]
fn an_empty_catalogue_is_refused() {
    for text in [
        "",
        "# nothing\n",
        "products: []",
        "[]",
        "just words",
        "null",
    ] {
        let problems = load_catalog("catalog.yaml", text).unwrap_err();
        assert!(!problems.is_empty(), "{text:?}");
    }
    let none = good().split("products:").next().unwrap().to_owned() + "products: []\n";
    let problems = load_catalog("catalog.yaml", &none).unwrap_err();
    assert!(problems[0].message.contains("no products"));
}

const FAQ: &str = "\
entries:
  - id: costs
    questions: {en: [What does it cost?], zh: [要多少钱？]}
    answer: {en: 'The oak lamp costs {price:desk-lamp/oak}, {discount:five} off.', zh: '{price:floor-lamp}'}
";

#[track_caller]
fn check_faq(from: &str, to: &str, expect: &str) {
    let catalog = load_catalog("catalog.yaml", &good()).unwrap();
    let problems = load_faq("faq.yaml", &FAQ.replacen(from, to, 1), Some(&catalog)).unwrap_err();
    let fits = |problem: &Problem| problem.to_string().contains(expect) && problem.line > 1;
    assert!(problems.iter().any(fits), "{expect} not in {problems:#?}");
}

#[test]
fn answers_take_their_prices_from_the_catalogue() {
    let catalog = load_catalog("catalog.yaml", &good()).unwrap();
    let faq = load_faq("faq.yaml", FAQ, Some(&catalog)).unwrap();
    let answer = &faq.entries[0].answer;
    assert_eq!(
        answer.get(Language::EN),
        "The oak lamp costs 49.90 EUR, 10% off."
    );
    assert_eq!(answer.get(Language::ZH), "89.50 EUR");
}

#[test]
fn a_placeholder_that_leads_nowhere_is_a_problem() {
    check_faq(
        "desk-lamp/oak",
        "desk-lmap/oak",
        "did you mean `desk-lamp`?",
    );
    check_faq("desk-lamp/oak", "desk-lamp/oka", "did you mean `oak`?");
    check_faq("desk-lamp/oak", "desk-lamp", "name a variant");
    check_faq("discount:five", "discount:six", "known: five");
    check_faq("{discount:five}", "{prise:five}", "not a known placeholder");
    check_faq("{discount:five}", "{discount", "never closed");
}

#[test]
fn a_language_that_only_the_catalogue_has_is_told_beside_other_problems() {
    let english = FAQ
        .replace(", zh: [要多少钱？]", "")
        .replace(", zh: '{price:floor-lamp}'", "");
    let catalog = load_catalog("catalog.yaml", &good()).unwrap();
    let problems =
        load_faq("faq.yaml", &english.replace("five", "six"), Some(&catalog)).unwrap_err();
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(
        told[0].contains("the catalogue has texts in `zh`"),
        "{told:#?}"
    );
    assert!(told[1].contains("known: five"), "{told:#?}");
}

#[test]
fn faq_entries_are_checked() {
    check_faq("[要多少钱？]", "[]", "the list is empty");
    check_faq("[要多少钱？]", "[要多少钱？, 要多少钱？]", "already means");
    check_faq("zh: '{price:floor-lamp}'", "zh: ' '", "is empty");
    check_faq("id: costs", "id: Costs!", "cannot be an id");
    check_faq("questions:", "question:", "did you mean `questions`?");
}

const COMPANY: &str = "company: {name: Shop, about: {en: A shop., zh: 一家店。}}";

fn with_hours(hours: &str) -> String {
    format!("company:\n  name: Shop\n  about: {{en: A shop., zh: 一家店。}}\n  hours: {{{hours}}}")
}

#[test]
fn a_company_says_when_people_are_there() {
    let hours = "time_zone: Europe/Berlin, monday: \"09:00-12:00, 13:00-18:00\", \
                 saturday: 10:00-24:00, closed: [2026-12-25]";
    let text = good().replacen(COMPANY, &with_hours(hours), 1);
    let catalog = load_catalog("catalog.yaml", &text).unwrap();
    let hours = catalog.company.hours.unwrap();
    let open = |at: &str| hours.is_open_at(at.parse().unwrap());
    let times = [
        "2026-11-23T08:00:00Z",
        "2026-11-23T11:30:00Z",
        "2026-11-23T12:00:00Z",
        "2026-11-24T12:00:00Z",
        "2026-11-28T22:59:00Z",
    ];
    assert_eq!(times.map(open), [true, false, true, false, true]);
}

#[test]
fn wrong_opening_times_are_named() {
    let zone = "time_zone: Europe/Berlin";
    let place = "catalog.yaml:4:";
    let check = |hours: &str, expect: &str| check(COMPANY, &with_hours(hours), place, expect);
    check("monday: 09:00-18:00", "`time_zone`");
    check("time_zone: Europe/Berlino", "not a time zone");
    check(
        &format!("{zone}, monday: all day"),
        "`all day` is no opening time",
    );
    check(&format!("{zone}, monday: 18:00-09:00"), "no opening time");
    check(&format!("{zone}, mondy: 09:00-18:00"), "not a known key");
    check(
        &format!("{zone}, monday: \"09:00-12:00, 11:00-13:00\""),
        "overlap",
    );
    check(&format!("{zone}, closed: [christmas]"), "is no day");
}
