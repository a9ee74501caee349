//! What a playbook consists of: the functions that the engine calls, and the lines that those
//! which declare something return.

use super::{Entry, Kind, On, Section, function};

const STAGE: On = On("Stage");
const SLOT: On = On("Slot");
const PROMOTION: On = On("Promotion");

/// A function that the script itself has.
pub(super) const fn written(
    signature: &'static [&'static str; 1],
    what: &'static str,
    example: &'static str,
) -> Entry {
    Entry {
        kind: Kind::Written,
        ..function(signature, what, &[], example)
    }
}

pub(super) const FUNCTIONS: Section = Section {
    title: "The functions of a playbook",
    intro: "These you write yourself, and the engine calls them. `stages` and `reply` must be \
            there. The others declare something, once, without a turn: nothing in them may depend \
            on a customer. Each may declare at most 200 lines.",
    entries: &[
        written(
            &["reply(turn: Turn) -> Array"],
            "Answers one message: returns the actions to carry out, in order, 1 to 32 of them. The \
             same turn always gets the same answer.",
            r#"fn reply(turn) {
    if turn.intent == "person" {
        return hand_off("The customer asks for a person", #{ en: "A colleague will write to you." });
    }
    [answer()]
}"#,
        ),
        written(
            &["stages() -> Array"],
            "Lists the steps of a sale. A conversation begins in the first one.",
            r#"fn stages() {
    [
        stage("greet", ["offer"]),
        stage("offer", ["close"]).needs(["seats"]),
        stage("close", []).last().won(),
    ]
}"#,
        ),
        written(
            &["migrate(from: String, session: Turn) -> Array"],
            "Takes a conversation over that began with another version, at its next message. \
             Returns what to change, with `goto`, `set`, `score`, `tag`, `untag` and `serve_as`, or `()` to \
             leave the conversation with its own version, as all are without this function. `from` \
             is that version; `session` knows what `turn` knows. Asked once for each conversation of \
             an older version, by the one that serves everybody, not while it is on trial; where it fails, or leaves a stage that this version does not have, the conversation \
             goes on as it was.",
            r#"fn stages() { [stage("greet", ["offer"]), stage("offer", [])] }
fn migrate(from, session) {
    if session.stage == "quote" { [goto("offer"), tag(`from ${from}`)] } else { () }
}"#,
        ),
        written(
            &["slots() -> Array"],
            "Lists the facts that you are after. What a message says about them is filled in before \
             `reply` runs, in any order and in the customer's own words.",
            r#"fn slots() {
    [
        slot("seats", "quantity").required().words(["seats"]).ask(#{ en: "How many seats?" }),
        slot("budget", "money").words(["budget"]),
    ]
}"#,
        ),
        written(
            &["promotions() -> Array"],
            "Lists rules that lower the price of an offer. Of all promotions and discounts that \
             apply, the customer gets the best one, never the sum.",
            r#"fn promotions() {
    [promotion("three", #{ en: "10% off from 3 lamps" }).percent(10).on("desk-lamp").min_pieces(3)]
}"#,
        ),
        written(
            &["objections() -> Array"],
            "Lists what customers have against buying, and what is said to it.",
            r#"fn objections() {
    [objection("price", ["too expensive"], [
        #{ en: "It lasts for ten years." },
        #{ en: "There is a smaller one." },
    ])]
}"#,
        ),
        written(
            &["small_talk() -> Array"],
            "Lists what people talk about that has nothing to do with buying.",
            r#"fn small_talk() {
    [topic("weather", ["weather"], #{ en: "I cannot see outside. May I show you a lamp?" })]
}"#,
        ),
        written(
            &["upsells() -> Array"],
            "Lists which product goes with which.",
            r#"fn upsells() {
    [goes_with("desk", "desk-lamp", #{ en: "A lamp goes well with it." })]
}"#,
        ),
    ],
};

pub(super) const STAGES: Section = Section {
    title: "Stages",
    intro: "Lines of `stages()`.",
    entries: &[
        function(
            &["stage(name: String, next: Array) -> Stage"],
            "A step of the sale, and the names of those that may come next. To stay in a stage is \
             always allowed.",
            &[
                "there are two stages of one name",
                "a stage leads to one that is not declared",
            ],
            r#"fn stages() { [stage("greet", ["close"]), stage("close", [])] }"#,
        ),
        STAGE.method(
            &["needs(slots: Array) -> Stage"],
            "The stage begins only when these slots are known. Ask `turn.can_go(…)` before you go \
             there.",
            &["the stage needs a slot that `slots` does not declare"],
            r#"fn stages() { [stage("greet", ["offer"]), stage("offer", []).needs(["seats"])] }"#,
        ),
        STAGE.method(
            &["last() -> Stage"],
            "Says that a sale is meant to end here.",
            &[],
            r#"fn stages() { [stage("greet", ["close"]), stage("close", []).last()] }"#,
        ),
        STAGE.method(
            &["won() -> Stage"],
            "Says that reaching this stage is a deal. `consultant playbook results` counts a \
             conversation's first one, and compares versions by it.",
            &["the first stage is one, so that every conversation would be a deal"],
            r#"fn stages() { [stage("greet", ["close"]), stage("close", []).last().won()] }"#,
        ),
    ],
};

pub(super) const SLOTS: Section = Section {
    title: "Slots",
    intro: "Lines of `slots()`. A slot is a fact with a kind. What was asked for is read \
            generously: `25` answers \"How many seats?\". What was not asked for must say what it \
            is: `25 seats`.",
    entries: &[
        function(
            &["slot(name: String, kind: String) -> Slot"],
            "A fact to find out. The kind is `text`, `number`, `money` (in the catalogue's \
             currency), `date`, `choice`, `email`, `phone` or `quantity` (whole, at least 1). The \
             name has letters, digits and `_`.",
            &[
                "there is no kind of slot `quantty`; did you mean `quantity`?",
                "`my slot` cannot name a slot: use letters, digits and `_`",
                "there are two slots of one name",
            ],
            r#"fn slots() { [slot("email", "email"), slot("seats", "quantity").words(["seats"])] }"#,
        ),
        SLOT.method(
            &["required() -> Slot"],
            "The sale cannot do without it: it counts in `turn.missing`, and `ask_missing()` asks \
             for it.",
            &["the slot is required and nobody can ask for it"],
            r#"fn slots() { [slot("seats", "quantity").required().ask(#{ en: "How many seats?" })] }"#,
        ),
        SLOT.method(
            &["ask(text: Text) -> Slot"],
            "The question with which it is asked for.",
            &["the text has no English"],
            r#"fn slots() { [slot("email", "email").ask(#{ en: "Where can we write to you?", zh: "您的邮箱是？" })] }"#,
        ),
        SLOT.method(
            &["again(text: Text) -> Slot"],
            "The question after an answer that was not understood; otherwise the first one is asked \
             again with a kind word before it.",
            &["the text has no English"],
            r#"fn slots() { [slot("budget", "money").ask("What is your budget?").again("Roughly, what is your budget?")] }"#,
        ),
        SLOT.method(
            &["words(words: Array) -> Slot"],
            "Words by which a message says that this slot is meant, in any language: `25 seats`, \
             `my name is Ann`.",
            &["the words of a slot are a list of names in quotes"],
            r#"fn slots() { [slot("name", "text").words(["my name is", "我叫"]), slot("seats", "quantity").words(["seats"])] }"#,
        ),
        SLOT.method(
            &["options(options: Array) -> Slot"],
            "What can be chosen, for a slot of the kind `choice`: ids in quotes, or `option(…)`.",
            &[
                "the slot is a choice without options",
                "the slot has options and is no choice",
            ],
            r#"fn slots() { [slot("plan", "choice").options(["team", option("business", ["Business", "企业版"])])] }"#,
        ),
        function(
            &["option(id: String, words: Array) -> Option"],
            "Something to choose, with all that customers call it. The slot then holds the id.",
            &["one of the words of an option is empty"],
            r#"fn slots() { [slot("size", "choice").options([option("s", ["small", "小号"]), option("l", ["large", "大号"])])] }"#,
        ),
        SLOT.method(
            &["between(least: number, most: number) -> Slot"],
            "The smallest and the largest number that is accepted.",
            &["`between(5, 1)` begins with the smaller number", "the slot has limits of a number and is none"],
            r#"fn slots() { [slot("seats", "quantity").between(1, 500)] }"#,
        ),
        SLOT.method(
            &["at_least(least: number) -> Slot"],
            "The smallest number that is accepted.",
            &["the slot has limits of a number and is none"],
            r#"fn slots() { [slot("budget", "money").at_least(100)] }"#,
        ),
        SLOT.method(
            &["at_most(most: number) -> Slot"],
            "The largest number that is accepted.",
            &["the slot has limits of a number and is none"],
            r#"fn slots() { [slot("seats", "quantity").at_most(500)] }"#,
        ),
        SLOT.method(
            &["not_past() -> Slot"],
            "A day before today is not accepted.",
            &[],
            r#"fn slots() { [slot("start", "date").not_past().ask("From when?")] }"#,
        ),
        SLOT.method(
            &["longest(characters: int) -> Slot"],
            "The most characters of a text that are accepted: 1 to 1000, otherwise 200.",
            &["the longest text of a slot has 1 to 1000 characters"],
            r#"fn slots() { [slot("engraving", "text").longest(30).ask("What shall we engrave?")] }"#,
        ),
    ],
};

pub(super) const PROMOTIONS: Section = Section {
    title: "Promotions",
    intro: "Lines of `promotions()`. A promotion takes a percentage or an amount off; all its \
            conditions must hold. Without `on`, `in_category` and `bundle` it lowers everything.",
    entries: &[
        function(
            &["promotion(id: String, name: Text) -> Promotion"],
            "A rule that lowers a price. The name is what customers read beside the price.",
            &[
                "the promotion takes nothing off",
                "there are two promotions of one id",
            ],
            r#"fn promotions() { [promotion("ten", #{ en: "10% off everything" }).percent(10)] }"#,
        ),
        PROMOTION.method(
            &["percent(percent: number) -> Promotion"],
            "How many percent it takes off: more than 0, at most 100.",
            &["a promotion takes off more than 0 and at most 100 percent, not 120"],
            r#"fn promotions() { [promotion("half", #{ en: "12.5% off desks" }).percent(12.5).on("desk")] }"#,
        ),
        PROMOTION.method(
            &["amount_off(amount: number) -> Promotion"],
            "Which amount it takes off, in the catalogue's currency; never more than the price.",
            &["a promotion takes off more than nothing, with two decimals at the most"],
            r#"fn promotions() { [promotion("set", #{ en: "The set is cheaper" }).amount_off(30).bundle(["desk", "desk-lamp"])] }"#,
        ),
        PROMOTION.method(
            &["on(products: String | Array) -> Promotion"],
            "Only these products get cheaper: one id, or a list.",
            &["the products of a promotion are a list of names in quotes"],
            r#"fn promotions() { [promotion("lamps", #{ en: "5% off lamps" }).percent(5).on(["desk-lamp"])] }"#,
        ),
        PROMOTION.method(
            &["in_category(categories: String | Array) -> Promotion"],
            "Only products of these categories get cheaper: one id, or a list.",
            &["the categories of a promotion are a list of names in quotes"],
            r#"fn promotions() { [promotion("light", #{ en: "5% off lighting" }).percent(5).in_category("lighting")] }"#,
        ),
        PROMOTION.method(
            &["bundle(products: String | Array) -> Promotion"],
            "Holds where all these products are in the offer; it then lowers them, unless `on` or \
             `in_category` says what.",
            &["the products of a bundle are a list of names in quotes"],
            r#"fn promotions() { [promotion("office", #{ en: "Home office bundle" }).percent(10).bundle(["desk", "desk-lamp"])] }"#,
        ),
        PROMOTION.method(
            &["min_pieces(pieces: int) -> Promotion"],
            "Holds from so many pieces of what it lowers.",
            &["`min_pieces` is at least 1"],
            r#"fn promotions() { [promotion("five", #{ en: "10% off from 5" }).percent(10).min_pieces(5)] }"#,
        ),
        PROMOTION.method(
            &["starts(day: String) -> Promotion"],
            "The first day on which it holds, in the company's time zone.",
            &["the first day of a promotion is a day such as `\"2026-12-31\"` (year, month, day)"],
            r#"fn promotions() { [promotion("friday", #{ en: "Black Friday" }).percent(15).starts("2026-11-27").ends("2026-11-30")] }"#,
        ),
        PROMOTION.method(
            &["ends(day: String) -> Promotion"],
            "The last day on which it holds; the customer reads it beside the price.",
            &[
                "the last day of a promotion is a day such as `\"2026-12-31\"` (year, month, day)",
                "the promotion ends before it starts",
            ],
            r#"fn promotions() { [promotion("winter", #{ en: "Winter sale" }).percent(15).ends("2026-12-31")] }"#,
        ),
    ],
};

pub(super) const ANSWERS: Section = Section {
    title: "Objections, small talk, upsells",
    intro: "Lines of `objections()`, `small_talk()` and `upsells()`. Words are found as whole words \
            in languages with spaces and anywhere in others, in capitals or not.",
    entries: &[
        function(
            &[
                "objection(id: String, words: Array, answer: Text) -> Objection",
                "objection(id: String, words: Array, answers: Array) -> Objection",
            ],
            "What customers have against buying, the words by which it is known, and what is said: \
             of a list, the first text the first time, the second the second time, and the last \
             from then on. `reply` finds it in `turn.objection`.",
            &["an objection has words to know it by and at least one answer"],
            r#"fn objections() { [objection("price", ["too expensive", "太贵"], #{ en: "It lasts for ten years." })] }"#,
        ),
        function(
            &["topic(id: String, words: Array, answer: Text) -> Topic"],
            "Something that people talk about, and what to say to it. `reply` finds it in \
             `turn.small_talk`.",
            &["a topic has words to know it by"],
            r#"fn small_talk() { [topic("bot", ["are you a robot"], #{ en: "I am. May I help?" })] }"#,
        ),
        function(
            &["goes_with(product: String, other: String, text: Text) -> Upsell"],
            "To whoever buys the first product, the other one may be suggested with this text; see \
             `upsells_for(…)`.",
            &["the text has no English"],
            r#"fn upsells() { [goes_with("desk", "desk-lamp", #{ en: "A lamp goes well with it." })] }"#,
        ),
    ],
};
