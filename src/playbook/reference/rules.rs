//! The rules that stand beside a playbook: escalation rules, FAQ rules, and what the latter look at.

use super::{On, Section, function, written::written};

const SUBJECT: On = On("Exchange");

pub(super) const ESCALATION: Section = Section {
    title: "Escalation rules",
    intro: "`scripts/escalation.rhai` says when a colleague is needed although the playbook called \
            none. It sees the same `turn` as `reply`, and has fewer words: the actions `say`, \
            `escalate` and `hand_off`, and to look things up `product`, `has_product`, `products_in`, \
            `categories`, `money`, `item`, `quote`, `faq`, `has_faq`, `date` and `local`. Modules of \
            `scripts/lib` that it imports have these words only. It is asked with every message that \
            the playbook answers, once, before the reply is composed; what the guard and the model \
            make of a reply it does not see yet. Where it fails, the customer gets the playbook's \
            reply, and the log tells the line.",
    entries: &[written(
        &["escalation(turn: Turn) -> Action | Array | ()"],
        "Whether a colleague is needed: `()` where none is, `escalate(…)`, or `hand_off(…)`, which \
         also tells the customer; or a list with one `escalate` and up to four `say`. It comes behind \
         the playbook's own reply. While its reason is why a colleague was called last, nothing \
         happens; and where the playbook itself calls somebody in the same turn, the customer is told \
         by the playbook alone.",
        r#"fn escalation(turn) {
    if turn.says(["ridiculous", "fed up", "荒唐", "受够了"]) {
        return hand_off("sounds angry", #{ en: "I am sorry. A colleague will write to you here." }, #{ priority: "urgent" });
    }
    if turn.asked_times >= 3 && turn.missing.len > 0 {
        return escalate(`asked three times for ${turn.awaiting}`, #{ team: "sales" });
    }
}"#,
    )],
};

pub(super) const FAQ: Section = Section {
    title: "FAQ rules",
    intro: "`scripts/faq.rhai` says which answers are worth a place in the FAQ. It sees one recorded \
            `exchange` and has one word, `draft`. What gathers exchanges comes with a later release: \
            until then these rules are checked, tested (`faq_rules` in `scripts/tests/*.yaml`) and \
            kept with each version, and nothing is drafted.",
    entries: &[
        written(
            &["faq_draft(exchange: Exchange) -> Draft | ()"],
            "Whether a question with its answer becomes an entry of the FAQ: a draft, or `()`. The \
             same exchange always gives the same draft.",
            r#"fn faq_draft(exchange) {
    if exchange.asked_times < 3 || !exchange.by_person || exchange.has_price {
        return;
    }
    draft(#{ tags: ["delivery"], review: true })
}"#,
        ),
        function(
            &["draft() -> Draft", "draft(how: Map) -> Draft"],
            "A draft for the FAQ. `how` may say another `question` and `answer` than the exchange has, \
             `tags` for whoever reviews it, and `review`: `true`, or `false` where a colleague's answer \
             needs no second look.",
            &[
                "a draft has no `tag`; did you mean `tags`?",
                "the answer of a draft is empty",
                "an answer that no person gave is read by one first: leave `review: false` out",
                "an exchange makes at most 16 drafts",
            ],
            r#"draft(#{ question: "Do you deliver on Saturdays?", answer: exchange.answer, tags: ["delivery"] })"#,
        ),
    ],
};

pub(super) const EXCHANGE: Section = Section {
    title: "The exchange",
    intro: "`faq_draft(exchange)` gets everything that it may know in `exchange`. It is read only.",
    entries: &[
        SUBJECT.property(
            &["question -> String"],
            "What the customer asked, its first 4096 characters.",
            r"if exchange.question.len < 200 { return draft(); }",
        ),
        SUBJECT.method(
            &["says(words: String | Array) -> bool"],
            "Whether the question has one of these wordings: whole words in languages with spaces, \
             anywhere in others, in capitals or not.",
            &["the words to look for are a list of names in quotes"],
            r#"if exchange.says(["invoice", "发票"]) { return draft(#{ tags: ["invoice"] }); }"#,
        ),
        SUBJECT.property(
            &["answer -> String"],
            "What was answered, its first 4096 characters.",
            r"if exchange.answer.len > 1000 { return; }",
        ),
        SUBJECT.property(
            &["language -> String"],
            "The language of both, such as `en` or `zh`.",
            r#"if exchange.language == "zh" { return draft(#{ tags: ["chinese"] }); }"#,
        ),
        SUBJECT.property(
            &["asked_times -> int"],
            "How often it was asked, in these or similar words; at least 1.",
            r"if exchange.asked_times >= 3 { return draft(); }",
        ),
        SUBJECT.property(
            &["source -> String"],
            "Where the answer came from: `person`, `model`, `faq`, `catalog`, `playbook`, or `wording` \
             (a text of the product itself).",
            r#"if exchange.source == "model" && exchange.asked_times >= 10 { return draft(); }"#,
        ),
        SUBJECT.property(
            &["by_person -> bool"],
            "Whether a colleague wrote the answer.",
            r"if exchange.by_person { return draft(#{ review: false }); }",
        ),
        SUBJECT.property(
            &["nearest -> Map | ()"],
            "The entry of the FAQ that fits the question best, with its `id` and `score` (0 to 1; from \
             0.6 it is given as it stands), or `()`.",
            r"if exchange.nearest == () || exchange.nearest.score < 0.6 { return draft(); }",
        ),
        SUBJECT.property(
            &["has_price -> bool"],
            "Whether the answer names an amount of money, which may change tomorrow.",
            r"if exchange.has_price { return; }",
        ),
        SUBJECT.property(
            &["has_contact -> bool"],
            "Whether an e-mail address or a phone number stands in either.",
            r"if exchange.has_contact { return; }",
        ),
    ],
};
