//! What of a text counts when wordings are compared: words without the small ones, each in its
//! plainest form, and pairs and triples of Han characters.

use std::collections::BTreeSet;

use crate::text::{MAX_READ_CHARS, is_han, singular, tokens};

/// Words that carry no topic. `how`, `long`, `when`, `where` do and stay.
const STOP: [&str; 77] = [
    "a", "an", "the", "is", "are", "am", "be", "do", "does", "did", "can", "could", "may", "will",
    "would", "i", "im", "id", "ill", "you", "your", "my", "me", "we", "our", "us", "it", "its",
    "this", "that", "these", "those", "there", "to", "of", "for", "in", "on", "at", "and", "or",
    "if", "with", "from", "by", "as", "what", "whats", "which", "please", "have", "has", "got",
    "get", "any", "some", "so", "hi", "hello", "hey", "thanks", "just", "want", "like", "need",
    "should", "shall", "tell", "know", "not", "yet", "about", "also", "then", "much", "many",
    "how",
];

/// Words that mean the same here.
const SAME: [(&str, &str); 28] = [
    ("shipping", "deliver"),
    ("ship", "deliver"),
    ("shipped", "deliver"),
    ("shipment", "deliver"),
    ("delivery", "deliver"),
    ("delivered", "deliver"),
    ("delivering", "deliver"),
    ("delivery", "deliver"),
    ("cost", "price"),
    ("costs", "price"),
    ("paying", "pay"),
    ("payment", "pay"),
    ("paid", "pay"),
    ("returning", "return"),
    ("returned", "return"),
    ("guarantee", "warranty"),
    ("opening", "open"),
    ("hours", "open"),
    ("assembled", "assemble"),
    ("assembly", "assemble"),
    ("assembling", "assemble"),
    ("parcel", "package"),
    ("colour", "color"),
    ("cancelling", "cancel"),
    ("cancellation", "cancel"),
    ("installments", "instalment"),
    ("installment", "instalment"),
    ("fee", "price"),
];

/// Chinese words that carry no topic; cut out before a text is cut into pieces.
const STOP_ZH: [&str; 23] = [
    "请问",
    "你们",
    "您们",
    "我们",
    "一下",
    "什么",
    "可以",
    "能不能",
    "是否",
    "有没有",
    "的",
    "吗",
    "呢",
    "了",
    "吧",
    "啊",
    "我",
    "你",
    "您",
    "是",
    "有",
    "能",
    "会",
];

/// Words, and pairs and triples of Han characters, each once and in order.
pub(crate) fn features(text: &str) -> BTreeSet<String> {
    let mut text = text.to_owned();
    if text.chars().count() <= MAX_READ_CHARS {
        for stop in STOP_ZH {
            text = text.replace(stop, "");
        }
    }
    let tokens = tokens(&text);
    let mut features = BTreeSet::new();
    for run in tokens.chunk_by(|a, b| a.starts_with(is_han) && b.starts_with(is_han)) {
        if run[0].starts_with(is_han) {
            let sizes = if run.len() == 1 { 1..=1 } else { 2..=3 };
            features.extend(sizes.flat_map(|size| run.windows(size).map(<[String]>::concat)));
        } else if !STOP.contains(&run[0].as_str()) {
            features.insert(stem(&run[0]));
        }
    }
    features
}

fn stem(word: &str) -> String {
    let same = SAME
        .iter()
        .find(|(from, _)| *from == word || *from == singular(word));
    same.map_or_else(|| singular(word).to_owned(), |(_, to)| (*to).to_owned())
}
