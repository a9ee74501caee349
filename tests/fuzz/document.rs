//! A document of any format, made of any bytes: read, gathered and asked. Whatever it is, nothing
//! panics, every problem has a line, and nothing that cannot be seen is left in it.

use std::sync::Arc;

use consultant_core::{Audience, ports::Knowledge};
use consultant_knowledge::{
    DocumentKind, Outcome, RawDocument, ShopKnowledge, gather, parse_document, read_document,
};
use jiff::civil::date;

const CATALOG: &str = "company: {name: S, about: {en: We sell.}}\ncurrency: EUR\n\
    categories:\n  - {id: lighting, name: {en: Lighting}}\nproducts:\n  - id: lamp\n    \
    category: lighting\n    name: {en: Halo lamp}\n    description: {en: A lamp.}\n    price: 49\n    \
    stock: 3\n";
const FAQ: &str = "entries:\n  - {id: a, questions: {en: [Who are you?]}, answer: {en: A shop.}}\n";

/// Does with an input all that is done with a document. Its first byte tells the format.
pub(crate) fn try_document(bytes: &[u8]) {
    let (format, bytes) = bytes.split_first().unwrap_or((&0, &[]));
    let endings = DocumentKind::ENDINGS;
    let (ending, _) = endings[usize::from(*format) % endings.len()];
    let path = format!("a.{ending}");
    let raw = RawDocument {
        path: &path,
        file: &path,
        bytes,
        beside: None,
    };
    let read = read_document(raw, &parse_document);
    for problem in &read.problems {
        assert!(
            !problem.message.is_empty() && problem.line > 0,
            "{problem:?}"
        );
    }
    let Outcome::Read(document) = read.outcome else {
        return;
    };
    for passage in &document.passages {
        let hidden = |it: char| it.is_control() && it != '\n' || it == '\u{202e}';
        assert!(!passage.text.contains(hidden), "{passage:?}");
    }
    let asked = document.passages[0].text.clone();
    let shop = ShopKnowledge::load(("c.yaml", CATALOG), ("f.yaml", FAQ)).expect("a shop");
    let gathered = gather(vec![(Arc::new(document), path)], &shop.catalog());
    let shop = shop.with_documents(Arc::new(gathered.documents));
    let found = shop.understand(&asked, None, &Audience::on(date(2026, 12, 1)));
    let scores = found.passages.iter().map(|hit| hit.score);
    assert!(scores.into_iter().all(|it| (0.0..=1.0).contains(&it)));
}
