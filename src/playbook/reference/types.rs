//! The values that a turn and the look-ups hand out, with what they have and can do.

use super::{On, Section};

const PRODUCT: On = On("Product");
const VARIANT: On = On("Variant");
const QUOTE: On = On("Quote");
const SLOTS: On = On("Slots");
const CUSTOMER: On = On("Customer");
const DATE: On = On("Date");
const TIME: On = On("Time");

pub(super) const GOODS: Section = Section {
    title: "Products, variants, quotes, slots, customers",
    intro: "Prices are exact decimals: compare and add them, and write them with `money(…)`.",
    entries: &[
        PRODUCT.property(
            &["id -> String"],
            "Its id in the catalogue.",
            r#"if turn.products.len > 0 { return [set("product", turn.products[0].id), answer()]; }"#,
        ),
        PRODUCT.property(
            &["name -> String"],
            "Its name in the customer's language.",
            r#"[say(`You mean ${product("desk").name}?`)]"#,
        ),
        PRODUCT.method(
            &["name(language: String) -> String"],
            "Its name in a language.",
            &["`english` is not a language code"],
            r#"[escalate(`wants the ${product("desk").name("en")}`), answer()]"#,
        ),
        PRODUCT.property(
            &["description -> String"],
            "Its description in the customer's language.",
            r#"[say(product("desk").description)]"#,
        ),
        PRODUCT.property(
            &["category -> String"],
            "The id of its category.",
            r#"[set("category", product("desk").category), answer()]"#,
        ),
        PRODUCT.property(
            &["variants -> Array"],
            "Its variants, in the order of the catalogue.",
            r#"[say(`It comes in ${product("desk-lamp").variants.len} colours.`)]"#,
        ),
        PRODUCT.property(
            &["variant -> Variant | ()"],
            "The variant that the message names, or `()`.",
            r#"if turn.products.len > 0 && turn.products[0].variant == () { return [ask("colour", #{ en: "Which colour?" })]; }"#,
        ),
        PRODUCT.property(
            &["stock -> int"],
            "How many pieces are there, of all variants together; more than anybody orders where the \
             catalogue says `stock: always`.",
            r#"if product("desk").stock < 5 { return [say(#{ en: "Only a few are left." }), answer()]; }"#,
        ),
        PRODUCT.property(
            &["lowest_price -> decimal"],
            "The price of its cheapest variant.",
            r#"[say(`From ${money(product("desk-lamp").lowest_price)}.`)]"#,
        ),
        PRODUCT.property(
            &["highest_price -> decimal"],
            "The price of its dearest variant.",
            r#"[say(`At most ${money(product("desk-lamp").highest_price)}.`)]"#,
        ),
        PRODUCT.property(
            &["confidence -> float"],
            "How sure it is that the message means this product: 0 to 1.",
            "if turn.products.len > 0 && turn.products[0].confidence < 0.7 {
    return [say(`Do you mean ${turn.products[0].name}?`)];
}",
        ),
        VARIANT.property(
            &["id -> String"],
            "Its id in the catalogue.",
            r#"[set("variant", product("desk-lamp").variants[0].id), answer()]"#,
        ),
        VARIANT.property(
            &["name -> String"],
            "Its name in the customer's language; empty where the product has only one.",
            r#"[say(`In ${product("desk-lamp").variants[0].name}?`)]"#,
        ),
        VARIANT.method(
            &["name(language: String) -> String"],
            "Its name in a language.",
            &["`english` is not a language code"],
            r#"[tag(product("desk-lamp").variants[0].name("en")), answer()]"#,
        ),
        VARIANT.property(
            &["price -> decimal"],
            "The price of one piece.",
            r#"[say(`Two cost ${money(product("desk-lamp").variants[0].price * 2)}.`)]"#,
        ),
        VARIANT.property(
            &["stock -> int"],
            "How many pieces are there; more than anybody orders where the catalogue says \
             `stock: always`.",
            r#"let black = product("desk-lamp").variants[1];
if black.stock == 0 { return [say(`${black.name} is sold out.`)]; }"#,
        ),
        QUOTE.property(
            &["full -> decimal"],
            "The price before any reduction.",
            r#"[say(`Without the promotion: ${money(quote(item("desk", 2)).full)}.`)]"#,
        ),
        QUOTE.property(
            &["total -> decimal"],
            "What the customer pays.",
            r#"if quote(item("desk", 5)).total > 1000 { return [escalate("large order"), answer()]; }"#,
        ),
        QUOTE.property(
            &["saved -> decimal"],
            "How much the best promotion or discount takes off.",
            r#"[say(`You save ${money(quote(item("desk-lamp", 3)).saved)}.`)]"#,
        ),
        QUOTE.property(
            &["promotion -> String | ()"],
            "The id of the promotion that lowers the price, or `()`.",
            r#"if quote(item("desk-lamp", 3)).promotion == "three" { return [tag("three"), answer()]; }"#,
        ),
        SLOTS.operator(
            &["[](name: String) -> ?"],
            "What a slot holds, or `()`: `turn.slots[\"seats\"]` is `turn.slots.seats`.",
            r#"for name in ["seats", "email"] { if turn.slots[name] == () { return [ask(name)]; } }"#,
        ),
        SLOTS.method(
            &["contains(name: String) -> bool"],
            "Whether a slot is known; also `\"seats\" in turn.slots`.",
            &[],
            r#"if "seats" in turn.slots { return [answer()]; }"#,
        ),
        CUSTOMER.property(
            &["channel -> String"],
            "Where they write: `telegram`, `discord`, `terminal`.",
            r#"if turn.customer.channel == "telegram" { return [tag("telegram"), answer()]; }"#,
        ),
        CUSTOMER.property(
            &["group -> String | ()"],
            "The group of the catalogue that they are served as, or `()`: as a member, or by `serve_as`.",
            r#"if turn.customer.group == () { return [answer(), tag("retail")]; }"#,
        ),
        CUSTOMER.property(
            &["region -> String | ()"],
            "The region of the catalogue that they are served in, or `()`.",
            r#"if turn.customer.region == () { return [say(#{ en: "Where do you live?" })]; }"#,
        ),
        CUSTOMER.property(
            &["since -> Date"],
            "The day on which they first wrote.",
            r#"if turn.customer.since.days_until(turn.today) > 365 { return [say(#{ en: "A year with us!" })]; }"#,
        ),
        CUSTOMER.property(
            &["returning -> bool"],
            "Whether they come back after 12 hours or more without a word.",
            r#"if turn.customer.returning { return [say(#{ en: "Good to see you again." })]; }"#,
        ),
    ],
};

pub(super) const DAYS: Section = Section {
    title: "Days and times",
    intro: "In a text, a day reads `2026-12-31` and a time `13:05`; for customers, use `written()`.",
    entries: &[
        DATE.property(
            &["year -> int"],
            "The year, `2026`.",
            "if turn.today.year > 2026 { return [answer()]; }",
        ),
        DATE.property(
            &["month -> int"],
            "The month, 1 to 12.",
            r#"if turn.today.month == 12 { return [say(#{ en: "Happy holidays!" })]; }"#,
        ),
        DATE.property(
            &["day -> int"],
            "The day of the month, 1 to 31.",
            "if turn.today.day == 1 { return [answer()]; }",
        ),
        DATE.property(
            &["weekday -> String"],
            "`monday` to `sunday`.",
            r#"if turn.today.weekday in ["saturday", "sunday"] { return [say(#{ en: "Enjoy the weekend!" })]; }"#,
        ),
        DATE.method(
            &["plus_days(days: int) -> Date"],
            "The day so many days later, or earlier for a number below zero.",
            &["a day and so many days are no date"],
            "[say(`It arrives by ${turn.today.plus_days(4).written()}.`)]",
        ),
        DATE.method(
            &["days_until(other: Date) -> int"],
            "How many days it is until another day; below zero if that has passed.",
            &[],
            r#"[say(`${turn.today.days_until(date("2026-12-24"))} days to Christmas.`)]"#,
        ),
        DATE.method(
            &["written() -> String", "written(language: String) -> String"],
            "As a customer reads it, in their language or in the one named: `1 December 2026`.",
            &["`english` is not a language code"],
            r#"[say(#{ en: `Until ${date("2026-12-01").written("en")}`, zh: `到 ${date("2026-12-01").written("zh")}` })]"#,
        ),
        DATE.method(
            &["to_string() -> String"],
            "`2026-12-31`; what a day becomes in a text.",
            &[],
            "[escalate(`call on ${turn.today.plus_days(1)}`), answer()]",
        ),
        DATE.operator(
            &["==(other: Date) -> bool"],
            "Whether it is the same day.",
            r#"if turn.today == date("2026-12-25") { return [say(#{ en: "Merry Christmas!" })]; }"#,
        ),
        DATE.operator(
            &["!=(other: Date) -> bool"],
            "Whether it is another day.",
            r#"if turn.today != date("2026-12-25") { return [answer()]; }"#,
        ),
        DATE.operator(
            &["<(other: Date) -> bool"],
            "Whether it comes before the other day.",
            r#"if turn.today < date("2026-12-18") { return [answer()]; }"#,
        ),
        DATE.operator(
            &["<=(other: Date) -> bool"],
            "Whether it is not after the other day.",
            r#"if turn.today <= date("2026-12-18") { return [answer()]; }"#,
        ),
        DATE.operator(
            &[">(other: Date) -> bool"],
            "Whether it comes after the other day.",
            r#"if turn.today > date("2026-12-18") { return [answer()]; }"#,
        ),
        DATE.operator(
            &[">=(other: Date) -> bool"],
            "Whether it is not before the other day.",
            r#"if turn.today >= date("2026-12-18") { return [answer()]; }"#,
        ),
        TIME.property(
            &["date -> Date"],
            "The day.",
            r#"if turn.now.date == date("2026-11-27") { return [answer()]; }"#,
        ),
        TIME.property(
            &["hour -> int"],
            "The hour, 0 to 23.",
            r#"if turn.now.hour >= 18 { return [say(#{ en: "Good evening!" })]; }"#,
        ),
        TIME.property(
            &["minute -> int"],
            "The minute, 0 to 59.",
            r#"if turn.now.hour == 17 && turn.now.minute > 45 { return [say(#{ en: "We close soon." })]; }"#,
        ),
        TIME.property(
            &["weekday -> String"],
            "`monday` to `sunday`.",
            r#"if turn.now.weekday == "friday" { return [answer()]; }"#,
        ),
        TIME.method(
            &["minutes_until(other: Time) -> int"],
            "How many minutes it is until another time; below zero if that has passed.",
            &[],
            r#"if turn.opens_at != () {
    return [say(#{ en: "I will remind you when we open." }), remind(turn.now.minutes_until(turn.opens_at), #{ en: "We are open now." })];
}"#,
        ),
        TIME.method(
            &["to_string() -> String"],
            "`13:05`; what a time becomes in a text.",
            &[],
            "[say(`It is ${turn.now} here.`)]",
        ),
    ],
};
