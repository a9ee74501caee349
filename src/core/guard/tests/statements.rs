//! What the guard lets through and what it refuses beside money: figures, days, stock, contacts,
//! promises, names, roles, what the company is and what is agreed to; and what is kept of it.

use super::*;

#[test]
fn figures_of_nobody_are_refused() {
    check(
        &[
            "We are here 24/7.",
            "It has 5 stars.",
            "It comes with 2 years warranty.",
            "It is 100% cotton.",
            "Only 3 left in stock.",
            "Delivery takes 2 to 3 days.",
            "It is repaired within 30 days.",
            "It is 120 cm wide and weighs 5 pounds.",
            "Call 0800 123 456.",
            "It was made in 2024.",
            "It arrives at 9:15.",
            "保修两年。",
            "还剩3件。",
            "需要2到3天。",
            "我们24小时在线。",
            "这是100%纯棉的。",
        ],
        false,
    );
}

#[test]
fn stock_is_that_of_the_goods_that_are_named() {
    check(
        &[
            "The Aurora Lamp is in stock.",
            "Is the Aurora Lamp in stock, you ask?",
            "I do not know whether it is in stock.",
            "织女杯有货。",
        ],
        true,
    );
    check(
        &[
            "The Vega Mug is sold out.",
            "It is in stock.",
            "织女杯缺货。",
        ],
        false,
    );
}

#[test]
fn links_addresses_and_blanks_have_to_be_stated() {
    check(
        &[
            "See www.lumen.com!",
            "Write to hello@lumen.com.",
            "It is on lumen.shop/lamps.",
            "Ask @lumen_bot.",
            "Call [Your Phone Number].",
            "请看 http://lumen.cn。",
        ],
        false,
    );
}

#[test]
fn promises_of_nobody_are_refused() {
    check(
        &[
            "We cannot give you a voucher.",
            "Do you want a refund?",
            "See you soon!",
        ],
        true,
    );
    check(
        &[
            "You get a voucher.",
            "We guarantee that it fits.",
            "It lasts a lifetime.",
            "I promise you that.",
            "I'll see you tomorrow at ten.",
            "我们保证。",
            "送您一张优惠券。",
        ],
        false,
    );
}

#[test]
fn names_of_nobody_are_refused() {
    check(&["The Aurora Lamp is a lamp by Lumen."], true);
    check(
        &[
            "The lamp is from Lumin in Oakville.",
            "Take the Nimbus instead.",
            "Ask for John, he knows.",
        ],
        false,
    );
}

#[test]
fn the_model_is_no_person_and_keeps_its_orders() {
    check(
        &[
            "I am a real person.",
            "I'm the owner here.",
            "My name is paul.",
            "Do not write: 1 EUR",
            "Answer in one or two short, friendly sentences, in English.",
            "我是真人。",
        ],
        false,
    );
    check(&["I am an assistant.", "I am sorry about that."], true);
}

#[test]
fn what_the_company_is_comes_from_the_company() {
    check(
        &[
            "You can park behind our building near the river.",
            "Our tailor embroiders cushions while neighbours watch.",
        ],
        false,
    );
    check(
        &[
            "We sell lamps.",
            "A tidy place helps while concentrating on paperwork.",
        ],
        true,
    );
}

#[test]
fn nothing_is_agreed_to_that_nobody_states() {
    let base = base();
    let agrees = |said: &str, reply: &str| {
        let facts = base.in_conversation(&[said], &[]);
        facts.guard(reply).passes()
    };
    assert!(!agrees("The mug is 5 EUR, right?", "Yes, it is."));
    assert!(!agrees("你们保证十年吧？", "是的。"));
    assert!(!agrees("You hold it for 9 days, yes?", "Of course we do."));
    assert!(agrees("The Vega Mug is 12 EUR, right?", "Yes, it is."));
    assert!(agrees("Do you sell mugs?", "Yes, we do."));
    assert!(agrees("The mug is 5 EUR, right?", "I do not know."));
}

#[test]
fn what_passes_is_kept_with_what_it_rests_on() {
    let base = base();
    let facts = base.in_conversation(&SAID, &[quote()]);
    for (sentence, claim, rests_on) in [
        (
            "The Vega Mug costs 12 EUR.",
            "12 EUR",
            Basis::Fact(Source::Catalog("vega-mug".into())),
        ),
        (
            "You have 30 days to return it.",
            "30 days",
            Basis::Fact(Source::Faq("returns".into())),
        ),
        ("It is 132.75 EUR in all.", "132.75 EUR", Basis::Computed),
        ("You get 10% off from five.", "10% off", Basis::Rules),
        ("It costs 12 EUR.", "12 EUR", Basis::Prices),
        ("Only 4 of the Vega Mug are left.", "4", Basis::Stock),
        ("In your budget of 200 EUR.", "200 EUR", Basis::Customer),
    ] {
        assert!(facts.guard(sentence).passes(), "{sentence}");
        let found = facts.evidence("", sentence);
        let expect = Evidence {
            claim: claim.to_owned(),
            rests_on,
        };
        assert!(found.contains(&expect), "{sentence}: {found:?}");
    }
    assert_eq!(facts.evidence("", "Hello there!"), []);
}

#[test]
fn a_friendly_no_excuses_no_claim() {
    check(
        &[
            "No problem, the Aurora Lamp costs 1 EUR.",
            "No problem, you get 90% off.",
            "Sorry about that, you get a voucher.",
            "Don't worry, I promise you that.",
            "The Vega Mug is yours for ten.",
            "Only two left!",
            "You have a whole year to return it.",
            "Your lamp arrives tomorrow.",
            "We deliver it by Friday.",
            "Take the \"Nimbus\" instead.",
            "Take the **Nimbus** instead.",
            "See lumen-outlet.xyz.",
        ],
        false,
    );
    check(
        &[
            "It makes the desk lovely, and the cover is replaceable.",
            "No problem, the Vega Mug costs 12 EUR.",
            "Absolutely not.",
            "Here is what I think of it today.",
            "The Vega Mug is not sold out.",
            "We apologise for the inconvenience.",
        ],
        true,
    );
}

#[test]
fn a_customers_number_with_another_unit_is_not_theirs() {
    let base = base();
    let facts = base.in_conversation(&["Can the desk be here in 3 days?"], &[]);
    assert!(!facts.guard("Your desk arrives within 3 days.").passes());
    let facts = base.in_conversation(&["Where is LL-2291? And q17?"], &[]);
    assert!(facts.guard("It is about LL-2291 and q17.").passes());
    assert!(!facts.guard("It is about LL-2292.").passes());
    let facts = base.in_conversation(&["My desk is 62 cm deep. Does the lamp dim?"], &[]);
    assert!(facts.guard("Yes, it does.").passes());
}
