//! What agents proposed for the reviewed answers: for review, as entries of an FAQ, and as rows to
//! train with. All of it is as it was said: nothing is made anonymous here, and nothing is published.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::File,
    io::{self, Write},
    path::Path,
};

use consultant_core::{AgentId, ConversationId, Happening, Language, LedgerEvent};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// An answer that an agent proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Draft {
    /// The same for the same question, answer and language.
    pub(crate) id: String,
    pub(crate) question: String,
    pub(crate) answer: String,
    pub(crate) language: Language,
    /// Who proposed it.
    pub(crate) by: AgentId,
    pub(crate) at: Timestamp,
    /// In which conversation: where to look, and whose erasure erases it too.
    pub(crate) conversation: ConversationId,
    /// Whether the company stated that its customers agreed to being learned from.
    pub(crate) customer_agreed: bool,
}

/// The drafts of a conversation, oldest first.
pub(crate) fn of(conversation: ConversationId, ledger: &[LedgerEvent]) -> Vec<Draft> {
    let drafts = ledger.iter().filter_map(|event| match &event.what {
        Happening::AnswerProposed {
            by,
            question,
            answer,
            language,
            agreed,
        } => Some(Draft {
            id: id(question, answer, *language),
            question: question.clone(),
            answer: answer.clone(),
            language: *language,
            by: by.clone(),
            at: event.at,
            conversation,
            customer_agreed: *agreed,
        }),
        _ => None,
    });
    drafts.collect()
}

/// `draft-` and the beginning of a hash.
fn id(question: &str, answer: &str, language: Language) -> String {
    const BYTES: usize = 5;
    let text = format!("{language}\n{question}\n{answer}");
    let hash = Sha256::digest(text.as_bytes());
    let mut id = "draft-".to_owned();
    for byte in hash.iter().take(BYTES) {
        write!(id, "{byte:02x}").ok();
    }
    id
}

/// How `faq.yaml` has them.
#[derive(Serialize)]
struct Faq<'a> {
    entries: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    questions: BTreeMap<String, Vec<&'a str>>,
    answer: BTreeMap<String, &'a str>,
}

const FAQ_HEAD: &str = "\
# Answers that colleagues proposed at the desk, in the form of config/faq.yaml. None of them is used
# before you review it: make it true for every customer, take out what is about one person, write it
# in every language, add wordings, give it an id of its own, and move it into your faq.yaml. Then
# `consultant check`.

";

/// Writes the drafts as entries of an FAQ into a new file; the same draft once.
pub(crate) fn write_faq(file: &Path, drafts: &[Draft]) -> io::Result<()> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for draft in drafts {
        if entries.iter().any(|it| it.id == draft.id) {
            continue;
        }
        let language = draft.language.code().to_owned();
        entries.push(Entry {
            id: &draft.id,
            questions: [(language.clone(), vec![draft.question.as_str()])].into(),
            answer: [(language, draft.answer.as_str())].into(),
        });
    }
    let yaml = serde_yaml::to_string(&Faq { entries }).map_err(io::Error::other)?;
    let mut file = File::create_new(file)?;
    file.write_all(FAQ_HEAD.as_bytes())?;
    file.write_all(yaml.as_bytes())
}

/// A row to train with, in the form of a chat.
#[derive(Serialize)]
struct Row<'a> {
    messages: [Message<'a>; 2],
    language: Language,
    /// Somebody has to look at it first.
    reviewed: bool,
    consent: bool,
    source: Source<'a>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct Source<'a> {
    kind: &'static str,
    conversation: ConversationId,
    agent: &'a AgentId,
    at: Timestamp,
    draft: &'a str,
}

/// Writes the drafts as rows to train with into a new file, one JSON object a line.
pub(crate) fn write_rows(file: &Path, drafts: &[Draft]) -> io::Result<()> {
    let mut file = io::BufWriter::new(File::create_new(file)?);
    for draft in drafts {
        let message = |role, content| Message { role, content };
        let row = Row {
            messages: [
                message("user", &draft.question),
                message("assistant", &draft.answer),
            ],
            language: draft.language,
            reviewed: false,
            consent: draft.customer_agreed,
            source: Source {
                kind: "agent",
                conversation: draft.conversation,
                agent: &draft.by,
                at: draft.at,
                draft: &draft.id,
            },
        };
        serde_json::to_writer(&mut file, &row)?;
        file.write_all(b"\n")?;
    }
    file.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drafts() -> Vec<Draft> {
        let proposed = |question: &str, answer: &str, by: &str| LedgerEvent {
            at: Timestamp::UNIX_EPOCH,
            what: Happening::AnswerProposed {
                by: by.into(),
                question: question.to_owned(),
                answer: answer.to_owned(),
                language: Language::EN,
                agreed: true,
            },
        };
        let ledger = [
            proposed("Is it: heavy?", "2 kg,\nwith its \"foot\".", "mia"),
            proposed("Is it: heavy?", "2 kg,\nwith its \"foot\".", "tom"),
        ];
        of(ConversationId(uuid::Uuid::nil()), &ledger)
    }

    #[test]
    fn drafts_become_entries_that_an_faq_may_have() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("drafts.yaml");
        write_faq(&file, &drafts()).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let faq = consultant_knowledge::load_faq("drafts.yaml", &text, None).unwrap();
        assert_eq!(faq.entries.len(), 1);
        let entry = &faq.entries[0];
        assert_eq!(entry.questions[&Language::EN], ["Is it: heavy?"]);
        assert_eq!(entry.answer.get(Language::EN), "2 kg,\nwith its \"foot\".");
        let again = write_faq(&file, &drafts()).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn drafts_become_rows_with_consent_and_source() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rows.jsonl");
        write_rows(&file, &drafts()).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let row = text.lines().last().unwrap();
        insta::assert_snapshot!(row, @r#"{"messages":[{"role":"user","content":"Is it: heavy?"},{"role":"assistant","content":"2 kg,\nwith its \"foot\"."}],"language":"en","reviewed":false,"consent":true,"source":{"kind":"agent","conversation":"00000000-0000-0000-0000-000000000000","agent":"tom","at":"1970-01-01T00:00:00Z","draft":"draft-aa6c91b6e0"}}"#);
    }
}
