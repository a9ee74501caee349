//! The actions: what `reply` returns.

use super::{Section, function};

pub(super) const TALKING: Section = Section {
    title: "Actions: talking",
    intro: "`reply` returns a list of actions. Each function makes one; those that return `Array` \
            make a list, to be added: `[answer()] + upsells_for(\"desk\")`.",
    entries: &[
        function(
            &["say(text: Text) -> Action"],
            "Says this, word for word, in the customer's language if the text has it, otherwise in \
             English.",
            &["the text has no English", "the text for `en` is empty"],
            r#"[say(#{ en: "You're welcome!", zh: "不客气！" })]"#,
        ),
        function(
            &[
                "ask(slot: String, text: Text) -> Action",
                "ask(slot: String) -> Action",
            ],
            "Asks for a slot; the next turn has `turn.awaiting == slot`. Without a text it asks the \
             question that `slots()` declares, and kindly again where the last answer could not be \
             taken.",
            &[
                "`slots` declares no `seat` to ask for; did you mean `seats`?",
                "how is `plan` asked for? write `slot(\"plan\", …).ask(…)`",
                "`my slot` cannot name a slot: use letters, digits and `_`",
            ],
            r#"[ask("seats"), ask("colour", #{ en: "Black or white?", zh: "黑色还是白色？" })]"#,
        ),
        function(
            &["ask_missing() -> Action"],
            "Asks for the first required slot that is not known.",
            &["nothing is missing: call `ask_missing` where `turn.missing` is not empty"],
            "if turn.missing.len > 0 { [ask_missing()] } else { [answer()] }",
        ),
        function(
            &["answer() -> Action"],
            "Answers the customer's question: from catalogue and FAQ where they can, otherwise in \
             the model's words, under the guard.",
            &[],
            "[answer()]",
        ),
        function(
            &["answer_from(id: String) -> Action"],
            "Gives one reviewed answer of the FAQ, word for word.",
            &["the FAQ has no entry `retuns`; did you mean `returns`?"],
            r#"if turn.says(["refund", "money back"]) { [answer_from("returns")] } else { [answer()] }"#,
        ),
        function(
            &["follow_up(minutes: int, text: Text) -> Action"],
            "Says this later, once, if the customer says nothing until then and has not declined. \
             The engine adds how to decline. Nothing happens where `turn.reachable` is `false`.",
            &["a follow-up comes after 1 to 129600 minutes (90 days)"],
            r#"[answer(), follow_up(24 * 60, #{ en: "Is the offer still of interest?" })]"#,
        ),
        function(
            &["remind(minutes: int, text: Text) -> Action"],
            "Says this later, once, whatever is said until then: for customers who ask for it.",
            &["a reminder comes after 1 to 129600 minutes (90 days)"],
            r#"[
    remind(60, #{ en: "You asked me to remind you. Shall we go on?" }),
    say(#{ en: "Of course, in an hour." }),
]"#,
        ),
    ],
};

pub(super) const SELLING: Section = Section {
    title: "Actions: selling",
    intro: "A price is never written by a playbook: it is computed from the catalogue, its \
            discounts and the promotions of the day, and always exact.",
    entries: &[
        function(
            &[
                "offer(product: Product | String) -> Action",
                "offer(items: Array) -> Action",
                "offer(product: Product | String, variant: Variant | String) -> Action",
                "offer(product: Product | String, quantity: int) -> Action",
                "offer(product: Product | String, variant: Variant | String | (), quantity: int | ()) -> Action",
            ],
            "Offers a product at its computed price, or several together: a list of up to 20 \
             products, ids and `item(…)`. Without a variant it is the first one, without a quantity \
             one piece.",
            &[
                "the catalogue has no product `dekk`; did you mean `desk`?",
                "`desk` has no variant `oak`",
                "`0` is not a number of pieces: it must be whole and at least 1",
                "an offer has 1 to 20 items",
            ],
            r#"[
    offer("desk"),
    offer("desk-lamp", "oak", 2),
    offer([item("desk"), item("desk-lamp", 2)]),
]"#,
        ),
        function(
            &[
                "item(product: Product | String) -> Item",
                "item(product: Product | String, variant: Variant | String) -> Item",
                "item(product: Product | String, quantity: int) -> Item",
                "item(product: Product | String, variant: Variant | String | (), quantity: int | ()) -> Item",
            ],
            "Something to offer together with other things, or to `quote(…)`.",
            &[
                "what is offered is a product or its id in quotes",
                "`0` is not a number of pieces: it must be whole and at least 1",
            ],
            r#"[offer([item("desk"), item("desk-lamp", "oak", 2)])]"#,
        ),
        function(
            &["upsells_for(product: Product | String) -> Array"],
            "Draws attention to the first product that goes with this one, is in stock and is not \
             what the customer has in mind (the slot `product`). A list of one action, or an empty \
             one.",
            &["what is offered is a product or its id in quotes"],
            r#"[offer("desk")] + upsells_for("desk")"#,
        ),
    ],
};

pub(super) const KEEPING: Section = Section {
    title: "Actions: the conversation",
    intro: "What your colleagues and later turns will know.",
    entries: &[
        function(
            &["goto(stage: String) -> Action"],
            "Goes to a stage that `stages()` lets follow, once all that it needs is known.",
            &[
                "there is no stage `advice`; did you mean `advise`?",
                "`stages` does not let `close` follow `greet`",
                "the stage `offer` needs `seats`, which is not known; ask `turn.can_go(\"offer\")` before",
            ],
            r#"if turn.can_go("advise") { [goto("advise"), answer()] } else { [answer()] }"#,
        ),
        function(
            &["set(slot: String, value: String | number | bool | Date | ()) -> Action"],
            "Remembers something; `set(slot, ())` forgets it. A declared slot takes its own kind \
             only.",
            &[
                "`seats` is declared to hold a quantity, and `many` is none",
                "a slot keeps a text, a whole number, a decimal, a date, `true`, `false`, or `()` to forget",
            ],
            r#"[set("product", "desk-lamp"), set("gift", true), set("old_wish", ()), answer()]"#,
        ),
        function(
            &["score(points: int, reason: String) -> Action"],
            "Adds points to the lead score, -1000 to 1000. A reason counts once in a conversation.",
            &[
                "a score is at least -1000 and at most 1000",
                "a score has 1 to 1024 bytes: write it for your colleagues",
            ],
            r#"[score(20, "asked for an offer"), offer("desk")]"#,
        ),
        function(
            &["tag(name: String) -> Action"],
            "Puts a tag on the conversation.",
            &["a tag has 1 to 64 characters"],
            r#"[tag("school"), answer()]"#,
        ),
        function(
            &["untag(name: String) -> Action"],
            "Takes a tag off the conversation.",
            &["a tag has 1 to 64 characters"],
            r#"[untag("school"), answer()]"#,
        ),
        function(
            &["serve_as(who: Map) -> Action"],
            "Serves the customer as one of a `group`, in a `region`, in a `currency` from now on: with \
             the goods, prices, discounts and answers that the catalogue and the FAQ have for them. \
             What is not named stays as it is. Groups and regions are those that the catalogue declares.",
            &[
                "the catalogue declares no group `wholsale`; did you mean `wholesale`?",
                "`serve_as` has no `grp`; did you mean `group`?",
            ],
            r#"[serve_as(#{ currency: "EUR" }), answer()]"#,
        ),
        function(
            &[
                "escalate(reason: String) -> Action",
                "escalate(reason: String, how: Map) -> Action",
            ],
            "Calls a colleague; the reason is for your colleagues. `how` may say a `priority` (`low`, \
             `normal`, `high`, `urgent`) and a `team`.",
            &[
                "a reason to escalate has 1 to 1024 bytes: write it for your colleagues",
                "there is no priority `hihg`; did you mean `high`?",
                "an escalation has no `prio`; did you mean `priority`?",
            ],
            r#"[
    say(#{ en: "A colleague will write to you here." }),
    escalate(turn.summary, #{ priority: "high", team: "sales" }),
]"#,
        ),
        function(
            &[
                "hand_off(reason: String, text: Text) -> Array",
                "hand_off(reason: String, text: Text, how: Map) -> Array",
            ],
            "Says the text and calls a colleague: `say` and `escalate` in one list.",
            &["as those of `say` and `escalate`"],
            r#"hand_off("wants a demo", #{ en: "A colleague will write to you here." }, #{ team: "sales" })"#,
        ),
    ],
};
