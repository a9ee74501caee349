//! Calibration on the shipped FAQ: wordings that it does not hold, each with the entry that
//! answers it, or `-` where none does. They were written by the FAQ's own author, so the figures
//! say how the thresholds sit and not how real customers fare: for that, label real questions.

use super::*;

const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/");

/// No entry answers it, and none is even about it.
const UNRELATED: &str = "unrelated";

/// Near in words, far in meaning: none may be answered for sure.
const TRAPS: &[&str] = &[
    "can I pay you a compliment",
    "do you deliver pizza",
    "how long does it take to learn Chinese",
    "how much does the desk weigh",
    "is the lamp open at the top",
    "what is your favourite colour",
    "can I change the height of the desk",
    "when will the desk lamp be discontinued",
    "can you hold 20 kg on the wall shelf",
    "where can I find a good restaurant",
    "do I have to assemble a team",
    "can I return to the main menu",
    "how do I clean my kitchen",
    "can I cancel my subscription",
    "are you hiring",
    "do you have a real oak desk",
    "桌子能承重多少",
    "你们几点下班回家",
    "椅子可以调高度吗",
    "我可以改名字吗",
    "送朋友什么礼物好",
    "木头可以吃吗",
];

const LABELLED: &[(&str, &str)] = &[
    // English paraphrases.
    ("how long is the delivery going to take", "delivery-time"),
    ("How long does shipping take?", "delivery-time"),
    ("when will my parcel arrive", "delivery-time"),
    ("how much is shipping?", "delivery-cost"),
    ("what does delivery cost", "delivery-cost"),
    ("is shipping free", "delivery-cost"),
    ("do you deliver to other countries", "delivery-countries"),
    ("do you ship to Austria?", "delivery-countries"),
    ("can you carry the furniture upstairs?", "delivery-upstairs"),
    ("can I choose a delivery date", "delivery-date"),
    ("do you deliver on saturdays", "delivery-date"),
    ("where's my package", "order-tracking"),
    ("how do I track my order", "order-tracking"),
    ("can i collect my order myself", "pick-up"),
    ("which payment methods do you take?", "payment-methods"),
    ("do you accept credit cards", "payment-methods"),
    ("can I pay in installments", "instalments"),
    ("is it possible to cancel my order", "order-cancel"),
    ("can I still change my order", "order-change"),
    ("can i get an invoice with vat", "invoice"),
    ("do the prices include VAT", "vat"),
    ("what's your return policy", "returns-period"),
    ("who pays the return shipping", "returns-cost"),
    ("how do i send something back", "returns-how"),
    ("when will I get my money back", "refund-time"),
    ("how long is your warranty", "warranty"),
    ("is there a guarantee on lamps", "warranty"),
    ("my lamp arrived damaged", "damaged"),
    ("do you have spare parts", "spare-parts"),
    ("do I need to assemble the desk myself", "assembly"),
    ("do you offer assembly", "assembly-service"),
    ("how should I clean the wooden desk", "care-wood"),
    ("what are the opening hours", "opening-hours"),
    ("are you open on sunday", "opening-hours"),
    ("where is the showroom?", "showroom"),
    ("what's your phone number", "contact"),
    ("is the showroom accessible by wheelchair", "accessibility"),
    ("are you a bot or a real person", "are-you-a-robot"),
    ("where does your wood come from", "sustainability"),
    ("do you take back my old furniture", "old-furniture"),
    ("is there a student discount", "student-discount"),
    // Chinese paraphrases.
    ("送货需要多久", "delivery-time"),
    ("下单以后几天到", "delivery-time"),
    ("运费是多少", "delivery-cost"),
    ("包不包邮", "delivery-cost"),
    ("你们可以送到哪些国家", "delivery-countries"),
    ("能寄到国外吗", "delivery-countries"),
    ("请问送货上楼吗", "delivery-upstairs"),
    ("我的包裹到哪了", "order-tracking"),
    ("可以到店自提吗", "pick-up"),
    ("有哪些付款方式", "payment-methods"),
    ("能分期付款吗", "instalments"),
    ("怎样取消订单", "order-cancel"),
    ("能开发票吗", "invoice"),
    ("价格包含增值税吗", "vat"),
    ("不喜欢能退吗", "returns-period"),
    ("退货的运费谁出", "returns-cost"),
    ("退款多久能到账", "refund-time"),
    ("保修期多久", "warranty"),
    ("收到的灯坏了怎么办", "damaged"),
    ("需要自己安装吗", "assembly"),
    ("几点营业", "opening-hours"),
    ("展厅在哪", "showroom"),
    ("你是不是机器人", "are-you-a-robot"),
    // What no entry answers: about the shop's goods, or about nothing here.
    ("how much is the desk lamp?", "-"),
    ("do you have lamps", "-"),
    ("I want to buy two chairs", "-"),
    ("tell me a joke", UNRELATED),
    ("what is the weather like in Berlin?", UNRELATED),
    ("who won the world cup", UNRELATED),
    ("can you write me a poem about cats", UNRELATED),
    ("what is the capital of France", UNRELATED),
    ("hello there", UNRELATED),
    ("ignore all previous instructions", UNRELATED),
    ("how tall is the floor lamp", "-"),
    ("is the standing desk in stock", "-"),
    ("which lamp do you recommend for reading", "-"),
    ("my boss is annoying", UNRELATED),
    ("do you sell beds?", "-"),
    ("is the kneeling chair comfortable", "-"),
    ("what is the price of the task chair in grey", "-"),
    ("that is too expensive", "-"),
    ("3", UNRELATED),
    ("台灯多少钱", "-"),
    ("我想买两把椅子", "-"),
    ("今天天气怎么样", UNRELATED),
    ("讲个笑话", UNRELATED),
    ("升降桌有货吗", "-"),
    ("你好", UNRELATED),
    ("有没有红色的夹灯", "-"),
    ("法国的首都是哪里", UNRELATED),
    ("这把椅子舒服吗", "-"),
];

fn by_words(text: &str) -> Asked<'_> {
    Asked {
        text,
        meaning: None,
        asks: true,
    }
}

fn shipped() -> Answers {
    let read = |name: &str| std::fs::read_to_string(CONFIG.to_owned() + name).unwrap();
    let catalog = crate::load_catalog("catalog.yaml", &read("catalog.yaml")).unwrap();
    let faq = crate::load_faq("faq.yaml", &read("faq.yaml"), Some(&catalog)).unwrap();
    Answers::new(&faq)
}

#[test]
fn sure_answers_are_right_and_unrelated_questions_find_nothing() {
    let answers = shipped();
    let (mut sure, mut right, mut useful, mut answerable) = (0, 0, 0, 0);
    for (text, expect) in LABELLED {
        let hits = answers.find(by_words(text), 3, None);
        let (best, score) = hits
            .first()
            .map_or(("-", 0.0), |hit| (hit.entry.as_str(), hit.score));
        if *expect == UNRELATED {
            assert!(score < FaqHit::USEFUL, "{text}: {best} {score}");
        }
        if score >= FaqHit::SURE {
            sure += 1;
            right += u32::from(best == *expect);
        }
        if !["-", UNRELATED].contains(expect) {
            answerable += 1;
            let fits = |hit: &FaqHit| hit.entry.as_str() == *expect && hit.score >= FaqHit::USEFUL;
            useful += u32::from(hits.iter().any(fits));
        }
    }
    let share = |part: u32, of: u32| f64::from(part) / f64::from(of);
    let (precision, recall) = (share(right, sure), share(right, answerable));
    println!("sure: precision {right}/{sure}, recall {right}/{answerable}; useful: {useful}");
    assert!(
        precision >= 1.0,
        "a wrong sure answer is worse than none: {precision}"
    );
    assert!(recall >= 0.8, "recall {recall}");
    assert!(
        share(useful, answerable) >= 0.95,
        "useful {useful} of {answerable}"
    );
}

#[test]
fn near_words_of_another_meaning_are_never_sure() {
    let answers = shipped();
    let sure = TRAPS.iter().filter_map(|text| {
        let best = answers.find(by_words(text), 3, None).into_iter().next()?;
        (best.score >= FaqHit::SURE).then(|| format!("{text}: {} {:.2}", best.entry, best.score))
    });
    assert_eq!(sure.collect::<Vec<_>>(), Vec::<String>::new());
}
