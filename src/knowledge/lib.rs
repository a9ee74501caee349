//! Catalogue and FAQ loading, retrieval, language and intent.
