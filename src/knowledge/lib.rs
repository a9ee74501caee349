//! Catalogue and FAQ loading, retrieval, language and intent.
//!
//! Plain computation from texts to values: the caller reads the files. A manager's mistake is a
//! list of [`Problem`]s, each with its place; a customer's text always means *something*, and
//! looking for what never fails. Start reading at [`ShopKnowledge`].

mod offered;
mod shop;

mod difference;
mod import;
mod load;
mod problem;
mod yaml;

mod documents;

mod head;
mod intent;
mod language;
mod mention;
mod phrase;
mod quantity;
mod retrieve;
mod text;
mod written;

pub use difference::{Difference, differences};
pub use documents::{
    Block, DocumentKind, Gathered, MOST_DOCUMENTS, MOST_PASSAGES, NotRead, Outcome, Parse, Parsed,
    RawDocument, ReadDocument, gather, hash_of_document, parse_document, read_document, shown,
};
pub use head::{
    IntentHead, Judged, Labelled, NotAHead, NotTrained, Trained, Training, held_back, train,
    train_again,
};
pub use import::{ImportSettings, Table, TableRow, import};
pub use intent::TrainedIntents;
pub use load::{
    Category, LoadedCatalog, doubts_about_faq, load_catalog, load_catalog_with_categories,
    load_desks, load_faq,
};
pub use problem::Problem;
pub use shop::{Examined, Meaning, NamedText, ShopKnowledge, SmallModels, examine};
pub use written::write_catalog;
