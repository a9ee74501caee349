//! `consultant catalog`, as a company brings its goods in from a spreadsheet.

use consultant_tests::binary::Operator;

const CATALOG: &str = include_str!("../../config/catalog.yaml");

/// An operator with the demo's files as their own.
fn operator() -> Operator {
    let operator = Operator::of(env!("CARGO_BIN_EXE_light"));
    operator.writes_demo_facts();
    operator.writes(
        "scripts/playbooks/demo.rhai",
        include_str!("../../scripts/playbooks/demo.rhai"),
    );
    operator
}

#[test]
fn a_table_of_prices_changes_the_catalogue_and_the_one_before_is_kept() {
    let operator = operator();
    let table = "SKU;Farbe;Preis;Lager\ndesk-lamp;black;44,90;12\ncable-tray;;27,00;0\n";
    operator.writes("goods.csv", table);
    let how = [
        "catalog",
        "import",
        "goods.csv",
        "--delimiter",
        ";",
        "--decimal-comma",
        "--column",
        "id=SKU",
        "--column",
        "variant=Farbe",
        "--column",
        "price=Preis",
        "--column",
        "stock=Lager",
    ];
    let dry = operator
        .runs(&[&how[..], &["--dry-run"]].concat(), "")
        .well()
        .stdout();
    insta::assert_snapshot!(dry, @r#"
    goods.csv: 2 rows, 25 products
    ~ desk-lamp/black: price: 49.90 EUR -> 44.90 EUR
    ~ desk-lamp/black: stock: 34 -> 12
    ~ cable-tray: stock: 38 -> 0
    nothing is written
    "#);
    assert_eq!(read(&operator, "config/catalog.yaml"), CATALOG);

    drop(operator.runs(&how, "").well());
    assert_eq!(read(&operator, "config/catalog.yaml.before"), CATALOG);
    let answer = operator
        .runs(&["chat"], "How much is the Halo desk lamp in black?\n")
        .well()
        .stdout();
    assert!(answer.contains("44.90 EUR"), "{answer}");
    let check = operator.runs(&["check"], "").well().stdout();
    assert!(check.contains("no problems found"), "{check}");

    let again = operator.runs(&how, "").well().stdout();
    assert!(
        again.contains("nothing differs\nnothing is written"),
        "{again}"
    );
    let back = operator
        .runs(&["catalog", "diff", "config/catalog.yaml.before"], "")
        .well()
        .stdout();
    assert!(
        back.contains("~ desk-lamp/black: price: 44.90 EUR -> 49.90 EUR"),
        "{back}"
    );
}

#[test]
fn a_table_that_cannot_be_right_changes_nothing_and_names_its_lines() {
    let operator = operator();
    operator.writes("goods.csv", "id,price,colour\ndesk-lmap,1,\nfootrest,-3,\n");
    let ran = operator.runs(&["catalog", "import", "goods.csv"], "");
    assert_ne!(ran.code(), 0);
    insta::assert_snapshot!(ran.stderr(), @r#"
    goods.csv:1:1: colour: `colour` is nothing that a column holds
      hint: known: id, variant, name, variant_name, aliases, category, description, picture, price, currency, stock, min_quantity; say what it holds with --column FIELD=NAME, or leave it out with --ignore NAME

    error: 1 error, 0 warnings found
    "#);
    operator.writes("goods.csv", "id,price\ndesk-lmap,1\nfootrest,-3\n");
    let ran = operator.runs(&["catalog", "import", "goods.csv", "--json"], "");
    insta::assert_snapshot!(ran.stderr(), @r#"
    goods.csv:2:1: stock: `desk-lmap` is new, and what is new needs a `stock`
      hint: did you mean `desk-lamp`? if not, say how many there are, or `always` for what is never used up

    goods.csv:3:1: price: `-3` is not an amount
      hint: write digits with a point for decimals, such as 49.90; say --decimal-comma where they are written with a comma

    error: 2 errors, 0 warnings found
    "#);
    assert_eq!(read(&operator, "config/catalog.yaml"), CATALOG);
}

#[test]
fn a_catalogue_tells_what_is_in_it() {
    let operator = operator();
    let told = operator.runs(&["catalog", "check"], "").well().stdout();
    assert!(told.contains("25 products in 44 variants"), "{told}");
    let demo = Operator::of(env!("CARGO_BIN_EXE_light"));
    let told = demo
        .runs(&["catalog", "check", "--json"], "")
        .well()
        .stdout();
    let told: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(told["currencies"], serde_json::json!(["EUR"]));
    let import = demo.runs(&["catalog", "import", "nowhere.csv"], "");
    assert!(
        import.stderr().contains("nowhere.csv cannot be read"),
        "{}",
        import.stderr()
    );
}

fn read(operator: &Operator, file: &str) -> String {
    std::fs::read_to_string(operator.folder().join(file)).expect("a file")
}

#[test]
fn the_examples_of_the_page_about_catalogues_are_right() {
    const PAGE: &str = include_str!("../../docs/catalog.md");
    let blocks: Vec<&str> = PAGE
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    let [prices, more, goods] = blocks[..] else {
        panic!("{} blocks", blocks.len())
    };
    let (taxes, bundle) = more.split_once("products:\n").expect("products");
    let catalog = format!(
        "company: {{name: Shop, about: {{en: A shop.}}}}\ncurrency: EUR\n\
         categories: [{{id: lighting, name: {{en: Lighting}}}}]\n{taxes}{prices}{bundle}  \
         - {{id: shade, name: {{en: Shade}}, category: lighting, description: {{en: A shade.}}, \
         price: 5, stock: 9}}\n"
    );
    let operator = operator();
    operator.writes("new.yaml", &catalog);
    let told = operator
        .runs(&["catalog", "check", "new.yaml"], "")
        .well()
        .stdout();
    assert!(told.contains("currencies: EUR, USD"), "{told}");
    operator.writes("config/consultant.yaml", goods);
    let shown = operator.runs(&["config", "show"], "").well().stdout();
    assert!(shown.contains("every_minutes: 15"), "{shown}");
    assert!(
        !shown.contains("shop.example"),
        "an address may hold a key: {shown}"
    );
}
