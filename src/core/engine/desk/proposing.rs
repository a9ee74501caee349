//! An agent's answer that is worth keeping: it is proposed for the reviewed answers, with the question
//! that it answers. Nobody reads it as such before somebody has reviewed it.

use crate::{Happening, LedgerEvent, MessageId, Speaker, desk::Right, wording};

use super::Work;

/// The newest question of the customer's, and what people answered to it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Exchange {
    question: String,
    answer: String,
}

impl Work<'_> {
    /// Proposes the newest answer; with the question in these words, where the agent has better ones.
    pub(super) fn propose(&mut self, question: Option<String>) {
        if !self.may(Right::Reply) {
            return;
        }
        let mut exchange = newest_exchange(&self.ledger);
        if let Some(question) = question {
            exchange.question = question;
        }
        let Exchange { question, answer } = exchange;
        if answer.is_empty() || question.is_empty() {
            return self.tell_desk(wording::nothing_to_propose(self.language));
        }
        let is_same = |event: &LedgerEvent| {
            matches!(&event.what, Happening::AnswerProposed { question: q, answer: a, .. }
                if *q == question && *a == answer)
        };
        let is_known = self.ledger.iter().any(is_same);
        self.tell_desk_verbatim(wording::proposed(self.language, &question, &answer));
        if !is_known {
            self.happenings.push(Happening::AnswerProposed {
                by: self.agent.id.clone(),
                question,
                answer,
                language: self.session.language,
                agreed: self.desks.customers_agreed,
            });
        }
    }
}

/// The last words of people, as they read now, and the customer's words before them. Each in several
/// messages is one: people write as they speak.
fn newest_exchange(ledger: &[LedgerEvent]) -> Exchange {
    let lines = as_they_read_now(ledger);
    let mut newest = lines.iter().rev().peekable();
    let mut run = |speaker: Speaker| {
        while newest.next_if(|it| it.speaker != speaker).is_some() {}
        let mut words = Vec::new();
        while let Some(line) = newest.next_if(|it| it.speaker == speaker) {
            words.push(line.text);
        }
        words.reverse();
        words.join("\n")
    };
    let answer = run(Speaker::Agent);
    let question = run(Speaker::Customer);
    Exchange { question, answer }
}

/// A line of the dialogue.
struct Line<'a> {
    speaker: Speaker,
    text: &'a str,
    /// Which message of an agent it is.
    message: Option<&'a MessageId>,
}

/// What a message of an agent's reads now; nothing where it is none, or was taken back.
pub(super) fn reads_now(ledger: &[LedgerEvent], message: &MessageId) -> Option<String> {
    let lines = as_they_read_now(ledger);
    let line = lines.iter().find(|it| it.message == Some(message));
    line.map(|it| it.text.to_owned())
}

fn as_they_read_now(ledger: &[LedgerEvent]) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    for event in ledger {
        let mut add = |speaker, text, message| {
            lines.push(Line {
                speaker,
                text,
                message,
            });
        };
        match &event.what {
            Happening::Heard { said, .. } => add(Speaker::Customer, said, None),
            Happening::Answered { said, replied, .. } => {
                add(Speaker::Customer, said, None);
                add(Speaker::Bot, replied, None);
            }
            Happening::AgentSaid { said, message, .. } => {
                add(Speaker::Agent, said, message.as_ref());
            }
            Happening::AgentCorrected { said, message, .. } => {
                let of = |line: &&mut Line<'_>| line.message == Some(message);
                if let Some(line) = lines.iter_mut().find(of) {
                    line.text = said;
                }
            }
            _ => {}
        }
    }
    lines.retain(|line| !line.text.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use crate::{Language, PlaybookVersion};

    use super::*;

    fn heard(said: &str) -> Happening {
        Happening::Heard {
            inbound: Vec::new(),
            said: said.to_owned(),
        }
    }

    fn wrote(message: &str, said: &str) -> Happening {
        Happening::AgentSaid {
            by: "mia".into(),
            said: said.to_owned(),
            message: Some(message.into()),
        }
    }

    fn corrected(message: &str, said: &str) -> Happening {
        Happening::AgentCorrected {
            by: "mia".into(),
            said: said.to_owned(),
            message: message.into(),
        }
    }

    fn answered(said: &str, replied: &str) -> Happening {
        Happening::Answered {
            inbound: Vec::new(),
            said: said.to_owned(),
            replied: replied.to_owned(),
            sources: Vec::new(),
            language: Language::EN,
            playbook: PlaybookVersion::from("demo"),
            trace: None,
        }
    }

    #[track_caller]
    fn check(happenings: Vec<Happening>, question: &str, answer: &str) {
        let at = Timestamp::UNIX_EPOCH;
        let ledger = happenings.into_iter().map(|what| LedgerEvent { at, what });
        let ledger: Vec<LedgerEvent> = ledger.collect();
        let expect = Exchange {
            question: question.to_owned(),
            answer: answer.to_owned(),
        };
        assert_eq!(newest_exchange(&ledger), expect);
    }

    #[test]
    fn words_in_several_messages_are_one_question_and_one_answer() {
        check(
            vec![
                heard("hello"),
                wrote("1", "Hi!"),
                heard("is it heavy?"),
                heard("the Halo, I mean"),
                wrote("2", "2 kg,"),
                wrote("3", "with its foot."),
                heard("thanks"),
            ],
            "is it heavy?\nthe Halo, I mean",
            "2 kg,\nwith its foot.",
        );
    }

    #[test]
    fn what_was_changed_or_taken_back_is_proposed_as_it_reads_now() {
        check(
            vec![
                answered("is it heavy?", "I have passed that on."),
                wrote("1", "3 kg"),
                wrote("2", "oops"),
                corrected("1", "2 kg"),
                corrected("2", ""),
            ],
            "is it heavy?",
            "2 kg",
        );
    }

    #[test]
    fn where_nobody_answered_or_nobody_asked_there_is_nothing() {
        check(vec![answered("hi", "Hello!")], "", "");
        check(vec![wrote("1", "Are you there?")], "", "Are you there?");
    }
}
