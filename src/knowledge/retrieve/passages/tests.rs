//! Which passages are found by their words, and which of them are sure.

use std::sync::Arc;

use consultant_core::Place;

use super::*;

fn passage(heading: &str, text: &str) -> Passage {
    Passage {
        place: Place {
            headings: vec![heading.to_owned()],
            at: None,
        },
        text: text.to_owned(),
        is_withheld: false,
    }
}

fn document(key: &str, title: &str, language: Language, passages: Vec<Passage>) -> Arc<Document> {
    Arc::new(Document {
        key: key.into(),
        title: title.to_owned(),
        language,
        scope: consultant_core::Scope::default(),
        passages,
        hash: String::new(),
    })
}

fn documents() -> Documents {
    let english = vec![
        passage(
            "Time",
            "You have 45 days to send goods back. They have to be unused.",
        ),
        passage(
            "Costs",
            "We pay the postage of everything that is sent back within Europe.",
        ),
        passage(
            "Furniture",
            "Large furniture is collected at home by our own van on weekdays.",
        ),
        passage(
            "Refunds",
            "The money is refunded to the card that paid, within a week.",
        ),
    ];
    let chinese = vec![
        passage("时间", "收到商品后四十五天内可以退货，商品须未使用。"),
        passage("运费", "退货的邮费由我们承担。"),
        passage("退款", "退款会在七天内退回原支付账户。"),
    ];
    let mut secret = passage("Secret", "The secret password of the vault is swordfish.");
    secret.is_withheld = true;
    Documents {
        documents: vec![
            document("en.md", "Returns", Language::EN, english),
            document("zh.md", "退货", Language::ZH, chinese),
            document("x.md", "Vault", Language::EN, vec![secret]),
        ],
        hash: String::new(),
    }
}

/// What is found: documents with headings, `!` where it is sure.
fn found(text: &str, asks: bool) -> Vec<String> {
    let documents = documents();
    let asked = Asked {
        text,
        meaning: None,
        asks,
    };
    let passages = Passages::new(&documents);
    let hits = passages.find(asked, &documents, None, |_| true).into_iter();
    hits.map(|hit| {
        assert!((0.0..=1.0).contains(&hit.score), "{hit:?}");
        let sure = if hit.score >= PassageHit::SURE {
            "!"
        } else {
            ""
        };
        format!("{} {}{sure}", hit.document, hit.place)
    })
    .collect()
}

#[track_caller]
fn best(text: &str, expect: &str) {
    let found = found(text, true);
    assert_eq!(
        found.first().map_or("", String::as_str),
        expect,
        "{text}: {found:?}"
    );
}

#[test]
fn a_passage_with_the_words_of_a_question_is_sure() {
    best("who pays the postage within europe?", "en.md Costs!");
    best("is large furniture collected?", "en.md Furniture!");
    best("退货的邮费谁承担", "zh.md 运费!");
    best("退款几天退回", "zh.md 退款!");
}

#[test]
fn a_topic_alone_is_not_sure() {
    best("furniture?", "en.md Furniture");
    best("do you sell large elephants", "en.md Furniture");
    best("returns", "en.md Time");
    best("what is the weather like", "");
    best("", "");
}

#[test]
fn what_asks_nothing_is_sure_only_where_all_of_it_stands_there() {
    assert_eq!(
        found("large furniture collected", false)[0],
        "en.md Furniture!"
    );
    assert_eq!(
        found("i paid by card for a large lamp", false)[0],
        "en.md Refunds"
    );
}

#[test]
fn what_is_withheld_is_never_found() {
    let told = found("what is the secret password of the vault swordfish?", true);
    assert!(told.iter().all(|it| !it.starts_with("x.md")), "{told:?}");
}

#[test]
fn a_hit_tells_its_best_sentence() {
    let documents = documents();
    let asked = Asked {
        text: "have they to be unused?",
        meaning: None,
        asks: true,
    };
    let hits = Passages::new(&documents).find(asked, &documents, None, |_| true);
    assert_eq!((hits[0].passage, hits[0].sentence), (0, 1));
    let nobody = Passages::new(&documents).find(asked, &documents, None, |_| false);
    assert!(nobody.is_empty());
}
