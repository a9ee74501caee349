//! What comes of tables, and what is said of those that cannot be right.

use super::*;
const BASE: &str = "\
company: {name: Shop, about: {en: A shop.}}
currency: EUR
groups: [{id: wholesale}]
categories: [{id: lighting, name: {en: Lighting}}]
products:
  - id: lamp
    name: {en: Arc lamp}
    category: lighting
    description: {en: A lamp.}
    variants:
      - {id: red, name: {en: red}, price: 50, stock: 3}
      - {id: blue, name: {en: blue}, price: 55, stock: 4}
  - id: shade
    name: {en: Linen shade}
    category: lighting
    description: {en: A shade.}
    price: 20
    prices: [{price: 18, min_quantity: 10}]
    stock: 7
";

fn base() -> LoadedCatalog {
    load_catalog_with_categories("base", BASE).unwrap()
}

fn imported(csv: &str, settings: &ImportSettings) -> Result<LoadedCatalog, Vec<Problem>> {
    let table = Table::read_csv("goods.csv", csv.as_bytes(), b',')?;
    import(&base(), &table, settings)
}

/// The goods after an import: `lamp/red 50 x3`.
#[track_caller]
fn goods(csv: &str, settings: &ImportSettings) -> Vec<String> {
    let catalog = imported(csv, settings).unwrap().catalog;
    let products = catalog.products.iter();
    let told = products.flat_map(|product| {
        product.variants.iter().map(|it| {
            let (id, variant) = (&product.id, &it.id);
            let price = catalog.money(it.price);
            format!(
                "{id}/{variant} {price} x{} +{}",
                it.stock_pieces,
                it.prices.len()
            )
        })
    });
    told.collect()
}

#[track_caller]
fn check(csv: &str, settings: &ImportSettings, line: usize, expect: &str) {
    let problems = imported(csv, settings).err().unwrap_or_default();
    let fits = |it: &Problem| it.line == line && it.to_string().contains(expect);
    assert!(problems.iter().any(fits), "{expect}: {problems:#?}");
}

#[test]
fn a_table_of_prices_and_stock_changes_nothing_else() {
    let found = goods(
        "id,variant,price,stock\nlamp,red,45.50,10\nshade,,21,\n",
        &ImportSettings::default(),
    );
    assert_eq!(
        found,
        [
            "lamp/red 45.50 EUR x10 +0",
            "lamp/blue 55 EUR x4 +0",
            "shade/standard 21 EUR x7 +1"
        ]
    );
}

#[test]
fn a_new_product_needs_all_that_a_product_has() {
    let csv = "id,name,category,description,price,stock,aliases\n\
               DESK 1,Oak desk,Lighting,A desk.,300,always,table | writing desk\n";
    let catalog = imported(csv, &ImportSettings::default()).unwrap().catalog;
    let desk = catalog.product(&"desk-1".into()).unwrap();
    assert_eq!(desk.category, "lighting");
    assert_eq!(desk.aliases[&Language::EN], ["table", "writing desk"]);
    let without_stock = "id,name,category,description,price\ndesk,Desk,lighting,A desk.,3\n";
    check(without_stock, &ImportSettings::default(), 2, "`stock`");
    check(
        "id,price,stock\ndesk,300,1\n",
        &ImportSettings::default(),
        2,
        "name",
    );
}

#[test]
fn rows_of_one_thing_are_its_other_prices() {
    let csv = "id,price,min_quantity,groups,valid_from\n\
               shade,22,,,\nshade,19,20,,\nshade,17,,wholesale,2026-01-01\n";
    let found = goods(csv, &ImportSettings::default());
    assert_eq!(found[2], "shade/standard 22 EUR x7 +2");
}

#[test]
fn other_names_of_columns_a_comma_and_a_language_are_said_and_never_guessed() {
    let csv = "Artikel,Preis,Lager\nshade,\"1.021,50\",3\n";
    let columns = [("id", "Artikel"), ("price", "Preis")];
    let settings = ImportSettings {
        columns: columns
            .map(|(field, name)| (field.to_owned(), name.to_owned()))
            .into(),
        ignored: vec!["Lager".to_owned()],
        decimal_comma: true,
        ..ImportSettings::default()
    };
    assert_eq!(goods(csv, &settings)[2], "shade/standard 1021.50 EUR x7 +1");
    let plain = ImportSettings::default();
    check(csv, &plain, 1, "`artikel` is nothing that a column holds");
    check(csv, &plain, 1, "no column holds `id`");
    let point = ImportSettings {
        decimal_comma: false,
        ..settings
    };
    check(
        "Artikel,Preis,Lager\nshade,\"21,50\",3\n",
        &point,
        2,
        "`21,50` is not an amount",
    );
}

#[test]
fn what_the_table_lacks_goes_where_it_is_to_replace() {
    let settings = ImportSettings {
        replaces: true,
        ..ImportSettings::default()
    };
    let found = goods("id,variant,price\nlamp,blue,56\n", &settings);
    assert_eq!(found, ["lamp/blue 56 EUR x4 +0"]);
}

#[test]
fn rows_that_contradict_each_other_are_named() {
    let plain = ImportSettings::default();
    check(
        "id,price\nshade,22\nshade,23\n",
        &plain,
        3,
        "line 2 says the usual price",
    );
    check(
        "id,name,price,min_quantity\nshade,A,22,\nshade,B,21,5\n",
        &plain,
        3,
        "another `name` in line 2",
    );
    let twice = "id,price,min_quantity\nshade,21,5\nshade,20,5\n";
    check(twice, &plain, 2, "another price holds");
}

#[test]
fn bad_cells_are_named_with_their_line() {
    let plain = ImportSettings::default();
    check("id,price\nshade,-3\n", &plain, 2, "not an amount");
    check("id,price\nshade,€ 3\n", &plain, 2, "not an amount");
    check("id,price\nshade,0\n", &plain, 2, "not a price");
    check(
        "id,stock\nshade,many\n",
        &plain,
        2,
        "not a number of pieces",
    );
    check(
        "id,price,currency\nshade,3,EURO\n",
        &plain,
        2,
        "not a currency",
    );
    check(
        "id,price,valid_from\nshade,3,1.1.2026\n",
        &plain,
        2,
        "not a day",
    );
    check(
        "id,price,groups\nshade,3,vip\n",
        &plain,
        2,
        "no group `vip`",
    );
    check(
        "id,category\nshade,lihgting\n",
        &plain,
        2,
        "did you mean `lighting`",
    );
    check("id,price\n,3\n", &plain, 2, "no id");
    check("id,price\n", &plain, 1, "no rows");
    check("id,price\nshade,3,4\n", &plain, 2, "3 cells");
    check("id;price\nshade;3\n", &plain, 1, "--delimiter ';'");
}

#[test]
fn what_is_no_csv_in_utf_8_is_named() {
    let check = |bytes: &[u8], expect: &str| {
        let problems = Table::read_csv("goods.csv", bytes, b',').unwrap_err();
        assert!(problems[0].to_string().contains(expect), "{problems:?}");
    };
    check(
        b"id,name\nshade,\xc4\n",
        "goods.csv:2:1: this line is not UTF-8",
    );
    check(b"\xff\xfei\0", "UTF-16");
    check(b"PK\x03\x04rest", "workbook");
}

#[test]
fn variants_stay_and_other_prices_stay_unless_the_table_says_others() {
    let plain = ImportSettings::default();
    check(
        "id,price,stock\nlamp,49,10\n",
        &plain,
        2,
        "the row names none",
    );
    let found = goods("id,price,currency\nshade,21,EUR\n", &plain);
    assert_eq!(found[2], "shade/standard 21 EUR x7 +1");
}

#[test]
fn a_bundle_is_counted_anew_when_its_parts_change() {
    let bundle = "  - id: set\n    name: {en: Set}\n    category: lighting\n    description: {en: Two.}\n    \
                  contains: [{product: shade, quantity: 2}]\n    price: 30\n";
    let base = load_catalog_with_categories("base", &format!("{BASE}{bundle}")).unwrap();
    let table = Table::read_csv("goods.csv", b"id,stock\nshade,0\n", b',').unwrap();
    let catalog = import(&base, &table, &ImportSettings::default())
        .unwrap()
        .catalog;
    let set = catalog.product(&"set".into()).unwrap();
    assert_eq!(
        (
            base.catalog.products[2].variants[0].stock_pieces,
            set.variants[0].stock_pieces
        ),
        (3, 0)
    );
}

#[test]
fn an_amount_that_two_people_read_in_two_ways_is_refused() {
    let plain = ImportSettings::default();
    for amount in [
        "0,500", "1234,567", "1,5", "1 234", "1e3", "١٢", ",500", "1.234,5",
    ] {
        let csv = format!("id,price\nshade,\"{amount}\"\n");
        check(&csv, &plain, 2, "not an amount");
    }
    for (amount, read) in [
        ("1,234.50", "1234.50 EUR"),
        ("1,234", "1234 EUR"),
        ("999", "999 EUR"),
    ] {
        let csv = format!("id,price\nshade,\"{amount}\"\n");
        assert!(goods(&csv, &plain)[2].contains(read), "{amount}");
    }
}
