//! What a turn knows.

use super::{On, Section};

const TURN: On = On("Turn");

pub(super) const MESSAGE: Section = Section {
    title: "The turn: the message",
    intro: "`reply(turn)` gets everything that it may know in `turn`. It is read only.",
    entries: &[
        TURN.property(
            &["text -> String"],
            "The message, its first 4096 characters; empty for `/start`.",
            r#"if turn.text.len > 500 { return [say(#{ en: "Let me read that." }), answer()]; }"#,
        ),
        TURN.method(
            &["says(words: String | Array) -> bool"],
            "Whether the message has one of these wordings: whole words in languages with spaces, \
             anywhere in others, in capitals or not.",
            &["the words to look for are a list of names in quotes"],
            r#"if turn.says(["invoice", "发票"]) { return [tag("invoice"), answer()]; }"#,
        ),
        TURN.property(
            &["language -> String"],
            "The customer's language, such as `en` or `zh`.",
            r#"if turn.language == "zh" { return [tag("chinese"), answer()]; }"#,
        ),
        TURN.property(
            &["intent -> String"],
            "What is wanted: `greet`, `goodbye`, `thanks`, `yes`, `no`, `price`, `browse`, \
             `features`, `stock`, `delivery`, `after_sales`, `discount`, `order`, `person`, \
             `complaint` or `other`.",
            r#"if turn.intent in ["price", "stock"] { return [answer()]; }"#,
        ),
        TURN.property(
            &["confidence -> float"],
            "How sure the intent is: 0 to 1.",
            r#"if turn.intent == "complaint" && turn.confidence > 0.8 {
    return hand_off("complaint", #{ en: "I am sorry. A colleague will take care of it." });
}"#,
        ),
        TURN.property(
            &["trained_intent -> String | ()"],
            "The category that your own trained intents take the message for where they are sure \
             enough, or `()`: any name that stands in the rows of `consultant train intent`.",
            r#"if turn.trained_intent == "installation" { return [tag("installation"), answer()]; }"#,
        ),
        TURN.property(
            &["guard_refused -> int"],
            "For escalation rules, which are asked a second time once the model has written: how many of \
             its drafts for this turn the guard refused. 0 before that, and where the model was not asked.",
            r#"if turn.guard_refused > 1 {
    return hand_off("no safe answer", #{ en: "A colleague will answer you here." });
}"#,
        ),
        TURN.property(
            &["model_failed -> bool"],
            "For escalation rules: whether the model could not write for this turn. `false` before it was \
             asked.",
            r#"if turn.model_failed { return [escalate("the model failed")]; }"#,
        ),
        TURN.property(
            &["model_confidence -> float | ()"],
            "For escalation rules: how sure the model was of what it wrote for this turn, 0 to 1: the \
             geometric mean of its tokens' probabilities. `()` before it was asked, and where it wrote \
             nothing.",
            r#"if turn.model_confidence != () && turn.model_confidence < 0.4 {
    return [escalate("the model was not sure")];
}"#,
        ),
        TURN.property(
            &["unread_files -> int"],
            "How many of the files and places of this message became no words. Where a message has no \
             words beside them, only the escalation rules are asked.",
            r#"if turn.unread_files > 0 && turn.text == "" {
    return [escalate("a file could not be read")];
}"#,
        ),
        TURN.property(
            &["colleague_note -> String | ()"],
            "What a colleague who handed the conversation back wrote behind `/back`, until the bot has \
             answered, or `()`. Customers and the model never see it.",
            r#"if turn.colleague_note != () && turn.colleague_note.contains("vip") { return [tag("vip"), answer()]; }"#,
        ),
        TURN.property(
            &["mood -> String | ()"],
            "The mood that the message shows, where `intents.moods` names what was learned and it is \
             sure enough, or `()`: `angry`, `sad` or `calm` with the rows of `config/moods-*.csv`.",
            r#"if turn.mood == "angry" {
    return hand_off("sounds angry", #{ en: "I am sorry. A colleague will write to you here." });
}"#,
        ),
        TURN.property(
            &["products -> Array"],
            "The products that the message names, best first. Each knows the variant that was named \
             (`variant`) and how sure that is (`confidence`).",
            "if turn.products.len > 0 { return [offer(turn.products[0], turn.products[0].variant, turn.quantity)]; }",
        ),
        TURN.property(
            &["category -> String | ()"],
            "The category that the message names where it names no single product, or `()`.",
            r#"if turn.category != () { return [set("category", turn.category), answer()]; }"#,
        ),
        TURN.property(
            &["quantity -> int | ()"],
            "How many pieces the message asks for, or `()`.",
            r#"if turn.quantity != () && turn.quantity >= 50 { return [tag("large"), answer()]; }"#,
        ),
        TURN.property(
            &["number -> int | decimal | ()"],
            "The first number in the message, whatever it counts, or `()`.",
            r#"if turn.awaiting == "floor" && turn.number != () { return [set("floor", turn.number), answer()]; }"#,
        ),
        TURN.property(
            &["faq -> Array"],
            "Reviewed answers that may fit, best first, three at the most: each has `id` and `score` \
             (0 to 1; from 0.6 the answer is given as it stands).",
            "if turn.faq.len > 0 && turn.faq[0].score >= 0.6 { return [answer_from(turn.faq[0].id)]; }",
        ),
        TURN.property(
            &["history -> Array"],
            "The newest lines before this message, oldest first: each has `speaker` (`customer`, \
             `bot` or `agent`) and `text`.",
            r#"let said = 0;
for line in turn.history { if line.speaker == "customer" { said += 1; } }
if said > 5 { return [tag("talkative"), answer()]; }"#,
        ),
        TURN.property(
            &["first_contact -> bool"],
            "Whether this is the first message, or `/start`.",
            r#"if turn.first_contact { return [say(#{ en: "Welcome!" })]; }"#,
        ),
        TURN.property(
            &["turns -> int"],
            "How many messages were answered before.",
            r#"if turn.turns > 20 { return [tag("long"), answer()]; }"#,
        ),
    ],
};

pub(super) const KNOWN: Section = Section {
    title: "The turn: what is known",
    intro: "Slots and stages.",
    entries: &[
        TURN.property(
            &["stage -> String"],
            "The stage of the sale.",
            r#"if turn.stage == "offer" && turn.intent == "yes" { return [answer()]; }"#,
        ),
        TURN.method(
            &["can_go(stage: String) -> bool"],
            "Whether `goto(stage)` would work now: it may follow, and all that it needs is known.",
            &["there is no stage `ofer`; did you mean `offer`?"],
            r#"if turn.can_go("offer") { return [goto("offer"), offer("desk")]; }"#,
        ),
        TURN.method(
            &["missing_for(stage: String) -> Array"],
            "The names of the slots that a stage needs and that are not known.",
            &["there is no stage `ofer`; did you mean `offer`?"],
            r#"let missing = turn.missing_for("offer");
if missing.len > 0 { return [ask(missing[0])]; }"#,
        ),
        TURN.property(
            &["slots -> Slots"],
            "What is remembered: `turn.slots.NAME`, or `()` where it is not known. What this message \
             says is in it already.",
            r#"if turn.slots.seats != () && turn.slots.seats > 100 { return [tag("large"), answer()]; }"#,
        ),
        TURN.property(
            &["awaiting -> String | ()"],
            "The slot that the last reply asked for, or `()`.",
            r#"if turn.awaiting == "seats" && "seats" in turn.filled { return [say(#{ en: "Thank you!" })]; }"#,
        ),
        TURN.property(
            &["asked_times -> int"],
            "How often in a row that slot was asked for.",
            r#"if turn.asked_times >= 3 { return hand_off("does not answer", #{ en: "A colleague will help." }); }"#,
        ),
        TURN.property(
            &["missing -> Array"],
            "The names of required slots that are not known, in the order of `slots()`.",
            "if turn.missing.len > 0 { return [ask_missing()]; }",
        ),
        TURN.property(
            &["filled -> Array"],
            "The names of the slots that this message filled in.",
            r#"if "email" in turn.filled { return [score(10, "left an address"), answer()]; }"#,
        ),
        TURN.property(
            &["refused -> String | ()"],
            "The slot for which this message had a value that is not accepted, or `()`.",
            "if turn.refused != () { return [ask(turn.refused)]; }",
        ),
    ],
};

pub(super) const SALE: Section = Section {
    title: "The turn: the customer and the sale",
    intro: "Who writes, how warm they are, and what stands in the way.",
    entries: &[
        TURN.property(
            &["customer -> Customer"],
            "Who writes; see `customer.channel`.",
            r#"if turn.customer.returning { return [say(#{ en: "Welcome back!" })]; }"#,
        ),
        TURN.property(
            &["objection -> Map | ()"],
            "The objection that the message raises, or `()`: its `id`, how many `times` it was raised \
             before, and the `answer` to give this time.",
            "if turn.objection != () { return [say(turn.objection.answer)]; }",
        ),
        TURN.property(
            &["small_talk -> Map | ()"],
            "The topic of `small_talk()` that the message begins, or `()`: its `id` and its `answer`.",
            "if turn.small_talk != () { return [say(turn.small_talk.answer)]; }",
        ),
        TURN.property(
            &["promotions -> Array"],
            "The ids of the promotions that hold today.",
            r#"if "winter" in turn.promotions { return [say(#{ en: "It is our winter sale." }), answer()]; }"#,
        ),
        TURN.property(
            &["score -> int"],
            "The lead score: the sum of all points.",
            r#"if turn.score >= 50 && !turn.escalated { return [answer(), escalate("hot lead")]; }"#,
        ),
        TURN.property(
            &["reasons -> Array"],
            "What the points of the score are for.",
            r#"if !("asked for an offer" in turn.reasons) { return [score(20, "asked for an offer"), answer()]; }"#,
        ),
        TURN.property(
            &["tags -> Array"],
            "The tags of the conversation.",
            r#"if "school" in turn.tags { return [say(#{ en: "Schools pay by invoice." })]; }"#,
        ),
        TURN.property(
            &["escalated -> bool"],
            "Whether a colleague was called already.",
            r#"if turn.escalated { return [say(#{ en: "A colleague will write to you here." })]; }"#,
        ),
        TURN.property(
            &["escalated_for -> String | ()"],
            "Why a colleague was called last, or `()`.",
            r#"if turn.escalated_for == "complaint" { return [say(#{ en: "A colleague takes care of it." })]; }"#,
        ),
        TURN.property(
            &["unanswered -> int"],
            "How many messages in a row before this one found no answer. After two, a colleague is \
             called by the product itself.",
            r#"if turn.unanswered > 0 { return [say(#{ en: "Let me try once more." }), answer()]; }"#,
        ),
        TURN.property(
            &["reachable -> bool"],
            "Whether the customer can be written to later; not in a terminal.",
            r#"if turn.reachable { return [answer(), follow_up(60, #{ en: "Any questions left?" })]; }"#,
        ),
        TURN.property(
            &["summary -> String"],
            "One line for colleagues: stage, what is known, score, tags, and the last words.",
            r#"if turn.intent == "person" { return [escalate(turn.summary), say(#{ en: "Of course." })]; }"#,
        ),
    ],
};

pub(super) const TIME: Section = Section {
    title: "The turn: day and hours",
    intro: "In the company's own time zone, which `company.hours` of the catalogue says with the \
            opening times; without it, UTC. A playbook has no clock: the turn says when it is.",
    entries: &[
        TURN.property(
            &["now -> Time"],
            "When the message came.",
            r#"if turn.now.hour < 12 { return [say(#{ en: "Good morning!" })]; }"#,
        ),
        TURN.property(
            &["today -> Date"],
            "The day.",
            r#"if turn.today == date("2026-11-27") { return [say(#{ en: "Happy Black Friday!" })]; }"#,
        ),
        TURN.property(
            &["open -> bool"],
            "Whether somebody is there; always `true` where no opening times are known.",
            r#"if !turn.open { return [say(#{ en: "We are closed, but I am here." })]; }"#,
        ),
        TURN.method(
            &["open_on(day: Date) -> bool"],
            "Whether somebody is there on a day; always `true` where no opening times are known.",
            &[],
            r#"if !turn.open_on(turn.today.plus_days(1)) { return [say(#{ en: "We are closed tomorrow." })]; }"#,
        ),
        TURN.property(
            &["opens_at -> Time | ()"],
            "When somebody comes next, or `()` where no opening times are known.",
            "if turn.opens_at != () { return [say(`We open on ${turn.opens_at.date.written()} at ${turn.opens_at}.`)]; }",
        ),
        TURN.property(
            &["hours_known -> bool"],
            "Whether the catalogue has opening times.",
            r#"if turn.hours_known && !turn.open { return [answer_from("returns")]; }"#,
        ),
    ],
};
