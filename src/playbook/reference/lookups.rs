//! The functions that look something up.

use super::{Section, function};

pub(super) const LOOK_UPS: Section = Section {
    title: "Looking things up",
    intro: "These change nothing. They need a turn: call them inside `reply`, not in a function \
            that declares something.",
    entries: &[
        function(
            &["product(id: String) -> Product"],
            "A product of the catalogue.",
            &["the catalogue has no product `dekk`; did you mean `desk`?"],
            r#"[say(`The desk costs ${money(product("desk").lowest_price)}.`)]"#,
        ),
        function(
            &["has_product(id: String | ()) -> bool"],
            "Whether the catalogue has this product; an empty slot is none.",
            &[],
            r#"if has_product(turn.slots.product) {
    [offer(turn.slots.product)]
} else {
    [set("product", "desk"), answer()]
}"#,
        ),
        function(
            &["products_in(category: String) -> Array"],
            "The products of a category, in the order of the catalogue; empty if there is none.",
            &[],
            r#"let lamps = "";
for lamp in products_in("lighting") { lamps += "\n- " + lamp.name; }
[say("We have these lamps:" + lamps)]"#,
        ),
        function(
            &["categories() -> Array"],
            "The ids of the catalogue's categories, in the order of the file.",
            &[],
            r#"if turn.category in categories() { [set("category", turn.category), answer()] } else { [answer()] }"#,
        ),
        function(
            &["money(amount: decimal | int) -> String"],
            "An amount as customers read it: `29.50 EUR`.",
            &[],
            r#"[say(`That would be ${money(product("desk-lamp").lowest_price * 2)}.`)]"#,
        ),
        function(
            &["quote(what: Item | Product | String | Array) -> Quote"],
            "What an offer of this would come to, for a rule to look at.",
            &["as those of `offer`"],
            r#"let deal = quote([item("desk"), item("desk-lamp", 3)]);
if deal.saved > 0 { [say(`You save ${money(deal.saved)}.`)] } else { [answer()] }"#,
        ),
        function(
            &["faq(id: String) -> Map"],
            "A reviewed answer in the customer's language: `id`, `question`, `answer`.",
            &["the FAQ has no entry `retuns`; did you mean `returns`?"],
            r#"[say(`Before you decide: ${faq("returns").answer}`)]"#,
        ),
        function(
            &["has_faq(id: String) -> bool"],
            "Whether the FAQ has this entry.",
            &[],
            r#"if has_faq("returns") { [answer_from("returns")] } else { [answer()] }"#,
        ),
        function(
            &["date(day: String) -> Date"],
            "A day, to compare with `turn.today` or to keep in a slot.",
            &["a date is a day such as `\"2026-12-31\"` (year, month, day), not `31.12.2026`"],
            r#"if turn.today < date("2026-12-18") {
    [say(#{ en: "It arrives before Christmas." })]
} else {
    [answer()]
}"#,
        ),
        function(
            &["local(text: Text) -> String"],
            "A text in the customer's language, to put into another one.",
            &["the text has no English"],
            r#"let name = local(#{ en: "the showroom", zh: "展厅" });
[say(`${name}: Main Street 1`)]"#,
        ),
        function(
            &["pick(list: Array) -> ?"],
            "One of several, by a chance that is the same whenever the turn is repeated.",
            &["`pick` needs a list that is not empty"],
            r#"[say(pick([#{ en: "Gladly!" }, #{ en: "Of course!" }]))]"#,
        ),
        function(
            &["chance(percent: int) -> bool"],
            "`true` in so many of a hundred turns, and the same whenever the turn is repeated: for \
             trying one wording against another.",
            &["`chance` takes 0 to 100 percent, not 101"],
            r#"let words = if chance(50) { #{ en: "Shall I arrange it?" } } else { #{ en: "Would you like it?" } };
[say(words), set("wording", words.en)]"#,
        ),
    ],
};
