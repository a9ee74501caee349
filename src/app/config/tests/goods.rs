//! Where goods come from, as an operator says it, rightly and wrongly.

use super::*;

/// A company of one's own with these lines about goods.
fn with(goods: &str) -> World {
    World::new()
        .file("config/catalog.yaml", "")
        .file("config/faq.yaml", "")
        .file("scripts/playbooks/demo.rhai", "")
        .config(format!("goods: {{{goods}}}\n"))
}

#[track_caller]
fn check(goods: &str, key: &str, expect: &str) {
    let problems = with(goods).problems();
    assert!(
        problems.contains(key) && problems.contains(expect),
        "{problems}"
    );
}

#[test]
fn a_table_beside_the_configuration_is_read_as_it_is_written() {
    let world = with("table: erp.csv, delimiter: ';', columns: [price=Preis], decimal_comma: true");
    let config = world.loaded();
    let CompanyFiles::Files { goods, .. } = config.company else {
        panic!("the demo company")
    };
    let goods = goods.unwrap();
    assert_eq!(goods.path, world.work().join("config/erp.csv"));
    let GoodsForm::Table {
        delimiter,
        settings,
    } = goods.form
    else {
        panic!("a catalogue")
    };
    assert_eq!((delimiter, settings.decimal_comma), (b';', true));
    assert_eq!(settings.columns["price"], "Preis");
    assert!(config.goods.is_none(), "nothing is fetched");
}

#[test]
fn what_is_fetched_is_kept_with_the_data_in_its_own_form() {
    for (goods, file) in [
        ("url: 'https://shop.example/goods?format=csv'", "goods.csv"),
        ("url: 'https://shop.example/catalog.yaml?v=1'", "goods.yaml"),
        ("sqlite: erp.db, query: SELECT 1 AS id", "goods.csv"),
    ] {
        let feed = with(goods).loaded().goods.unwrap();
        assert!(
            feed.file.path.ends_with(file),
            "{goods}: {:?}",
            feed.file.path
        );
        assert_eq!(feed.every_minutes, 15);
    }
}

#[test]
fn what_contradicts_itself_or_lacks_its_half_is_named() {
    check(
        "table: a.csv, url: 'https://shop.example/a.csv'",
        "goods.url",
        "not the only place",
    );
    check("sqlite: erp.db", "goods.query", "is not set");
    check("query: SELECT 1", "goods.sqlite", "is not set");
    check(
        "bearer_token: abc",
        "goods.bearer_token",
        "nothing is fetched",
    );
    check(
        "url: 'ftp://shop.example/a.csv'",
        "goods.url",
        "is no address",
    );
    check(
        "url: 'https://ann:secret@shop.example/a.csv'",
        "goods.url",
        "is no address",
    );
    check(
        "table: a.csv, delimiter: and",
        "goods.delimiter",
        "nothing that parts",
    );
    check(
        "table: a.csv, columns: [Preis]",
        "goods.columns",
        "without what it holds",
    );
    check("table: a.csv, every_minutes: 0", "goods.every_minutes", "1");
}
