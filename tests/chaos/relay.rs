//! What came of a conversation with people, judged: what the customer said was heard, by the bot or at
//! the desk, once and in order; what agents said reached that customer, once and in order; notes
//! stayed inside; and the bot was silent while a person had the conversation.

use std::collections::BTreeSet;

use consultant_core::{Happening, Language, Owner, wording};
use serde::Serialize;

use super::{
    talk::{Became, SECRET, Spoken, reworded},
    verdict::Excuses,
};

/// Before what a customer said, at the desk.
const CUSTOMER: &str = "👤";

/// What the customer reads when a person takes the conversation.
const IS_THERE: &str = "is with you now";

/// What was found in one conversation with people, or in many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Relayed {
    pub(super) talks: usize,
    /// How often a person took a conversation.
    pub(super) takeovers: usize,
    /// What customers said, and of that what went to people.
    pub(super) asked: usize,
    pub(super) shown_to_people: usize,
    /// What agents said to customers, and the notes that they left.
    pub(super) said: usize,
    pub(super) notes: usize,
    /// Messages that came once more because the platform cannot tell a repeated send.
    pub(super) doubles_explained: usize,
    /// Everything that is not as it should be.
    pub(super) wrong: Vec<String>,
}

/// All that is known of a conversation with people.
pub(super) struct Evidence<'a> {
    pub(super) spoken: &'a Spoken,
    /// What the customer sees.
    pub(super) seen: &'a [String],
    /// What people read.
    pub(super) at_desk: &'a [String],
    pub(super) happened: &'a [Happening],
    /// The places that lead to the conversation.
    pub(super) addresses: &'a [String],
    pub(super) customer: Excuses,
    pub(super) desk: Excuses,
}

impl Relayed {
    /// Adds another's.
    pub(super) fn add(&mut self, other: &Self) {
        self.talks += other.talks;
        self.takeovers += other.takeovers;
        self.asked += other.asked;
        self.shown_to_people += other.shown_to_people;
        self.said += other.said;
        self.notes += other.notes;
        self.doubles_explained += other.doubles_explained;
        self.wrong.extend(other.wrong.iter().cloned());
    }
}

/// Judges one conversation.
pub(super) fn judge(evidence: &Evidence<'_>) -> Relayed {
    let mut judge = Judge {
        evidence,
        doubles: 0,
        doubles_at_desk: 0,
        found: Relayed {
            talks: 1,
            asked: evidence.spoken.asked.len(),
            said: evidence.spoken.said.len(),
            notes: evidence.spoken.notes,
            ..Relayed::default()
        },
    };
    judge.words_of_agents();
    judge.order_of_agents();
    judge.words_of_the_customer();
    judge.order_at_desk();
    judge.who_spoke();
    judge.doubles();
    judge.found
}

/// What customers see that is not of their own conversation, or for nobody outside.
pub(super) fn misdirected(customer: usize, seen: &[String]) -> Vec<String> {
    let own = [format!("ask{customer}x"), format!("say{customer}x")];
    let is_of_a_talk = |word: &&str| {
        let number = word
            .strip_prefix("ask")
            .or_else(|| word.strip_prefix("say"));
        let number = number.and_then(|it| it.split_once('x'));
        number.is_some_and(|(talk, _)| talk.parse::<usize>().is_ok())
    };
    let words = seen.iter().flat_map(|text| text.split_whitespace());
    let strange = words.filter(|word| {
        *word == SECRET || (is_of_a_talk(word) && !own.iter().any(|it| word.starts_with(it)))
    });
    let told = strange.map(|word| format!("customer {customer} reads {word}"));
    told.collect()
}

struct Judge<'a> {
    evidence: &'a Evidence<'a>,
    doubles: usize,
    doubles_at_desk: usize,
    found: Relayed,
}

impl Judge<'_> {
    fn is_wrong(&mut self, what: String) {
        self.found.wrong.push(what);
    }

    /// What agents said is read once, as it was changed last.
    fn words_of_agents(&mut self) {
        for said in &self.evidence.spoken.said {
            let seen = &self.evidence.seen;
            let named = seen.iter().filter(|it| reads(it, &said.name)).count();
            let anew = reworded(&said.name);
            let reworded = seen.iter().filter(|it| **it == anew).count();
            let unheard = self.evidence.desk.changes_unheard;
            // What came twice by no fault of ours is changed once.
            let excused = self.evidence.customer.doubles;
            let is_right = match said.became {
                Became::Same => named > 0 && reworded == 0,
                Became::Reworded => reworded > 0 || (named > 0 && unheard),
                Became::Note => named <= excused || unheard,
            };
            // Whoever writes where nothing leads to a customer is told so.
            let leads = self
                .evidence
                .addresses
                .iter()
                .any(|it| leads_to(it, &said.room));
            if !is_right && leads {
                let (name, became) = (&said.name, said.became);
                self.is_wrong(format!(
                    "{name} ({became:?}) is seen {named} times, {reworded} anew"
                ));
            }
            let wanted = usize::from(said.became != Became::Note || unheard);
            self.doubles += named.saturating_sub(wanted);
        }
    }

    /// What is changed before it was delivered, as after a crash, comes where the change comes.
    fn order_of_agents(&mut self) {
        let said = self.evidence.spoken.said.iter();
        let places = said
            .filter(|it| it.became == Became::Same)
            .filter_map(|it| {
                let seen = &self.evidence.seen;
                seen.iter().position(|text| reads(text, &it.name))
            });
        let late = inversions(&places.collect::<Vec<_>>());
        if late > self.evidence.desk.misorders {
            self.is_wrong(format!("{late} words of agents stand behind later ones"));
        }
    }

    /// What the customer said was taken up once; by the bot, who answered unless a person came in
    /// between, or by people.
    fn words_of_the_customer(&mut self) {
        for name in &self.evidence.spoken.asked {
            let taken_up = self.taken_up(name);
            let [only] = taken_up[..] else {
                self.is_wrong(format!("{name} was taken up {} times", taken_up.len()));
                continue;
            };
            let copies = self.copies(name);
            self.doubles_at_desk += copies.saturating_sub(1);
            self.found.shown_to_people += usize::from(copies > 0);
            let at_desk = self.evidence.at_desk.iter().any(|it| reads(it, name));
            let answered = self.answers_to(name);
            if answered > 1 {
                self.is_wrong(format!("{name} is answered in {answered} messages"));
            }
            let is_right = match only {
                TakenUp::ByPeople => copies > 0 && answered == 0,
                TakenUp::WhileWaiting => at_desk,
                TakenUp::ByBot { then_a_person } => answered > 0 || then_a_person,
            };
            if !is_right {
                self.is_wrong(format!(
                    "{name} was taken up {only:?}, answered {answered} times, shown {copies} times"
                ));
            }
        }
    }

    /// How many messages answer it; the same one once more is counted with the doubles.
    fn answers_to(&self, name: &str) -> usize {
        let seen = self.evidence.seen.iter();
        let answers: BTreeSet<&String> = seen.filter(|it| reads(it, name)).collect();
        answers.len()
    }

    fn copies(&self, name: &str) -> usize {
        let at_desk = self.evidence.at_desk.iter();
        at_desk.filter(|text| is_copy(text, name)).count()
    }

    /// How the conversation took up what has this name.
    fn taken_up(&self, name: &str) -> Vec<TakenUp> {
        let happened = self.evidence.happened;
        let mut owner = Owner::Bot;
        let mut found = Vec::new();
        for (number, event) in happened.iter().enumerate() {
            match event {
                Happening::Owned { owner: next, .. } => owner = next.clone(),
                Happening::Heard { said, .. } if reads(said, name) => {
                    found.push(TakenUp::ByPeople);
                }
                Happening::Answered { said, .. } if reads(said, name) => {
                    let later = happened.iter().skip(number);
                    let then_a_person = later.into_iter().any(is_takeover);
                    found.push(match owner {
                        Owner::Waiting { .. } => TakenUp::WhileWaiting,
                        _ => TakenUp::ByBot { then_a_person },
                    });
                }
                _ => {}
            }
        }
        found
    }

    fn order_at_desk(&mut self) {
        let asked = &self.evidence.spoken.asked;
        let at_desk = self.evidence.at_desk;
        let places = asked
            .iter()
            .filter_map(|name| at_desk.iter().position(|text| is_copy(text, name)));
        let late = inversions(&places.collect::<Vec<_>>());
        if late > self.evidence.customer.misorders {
            self.is_wrong(format!(
                "{late} words of the customer stand behind later ones"
            ));
        }
    }

    /// From the word that a person is there until the word that they are not, only agents speak.
    fn who_spoke(&mut self) {
        let (mut by_a_person, mut joined) = (false, 0);
        let said = &self.evidence.spoken.said;
        for text in self.evidence.seen {
            let own = said.iter().find(|it| reads(text, &it.name));
            let (is_said, is_late) = (
                own.is_some(),
                own.is_some_and(|it| it.became != Became::Same),
            );
            if text.contains(IS_THERE) {
                by_a_person = true;
                joined += 1;
            } else if is_end(text) {
                by_a_person = false;
            } else if by_a_person && !is_said {
                self.found
                    .wrong
                    .push(format!("said over a person: {text:?}"));
            } else if is_said && !by_a_person && !is_late {
                self.found
                    .wrong
                    .push(format!("said before a person was there: {text:?}"));
            }
        }
        let takeovers = self.evidence.happened.iter().filter(|it| is_takeover(it));
        self.found.takeovers = takeovers.count();
        let takeovers = self.found.takeovers;
        if joined < takeovers {
            self.is_wrong(format!(
                "{takeovers} took over, and the customer was told {joined} times"
            ));
        }
        self.doubles += joined.saturating_sub(takeovers);
    }

    fn doubles(&mut self) {
        let asked = &self.evidence.spoken.asked;
        let is_answer = |text: &&String| asked.iter().any(|name| reads(text, name));
        let answers: Vec<&String> = self.evidence.seen.iter().filter(is_answer).collect();
        let distinct: BTreeSet<&&String> = answers.iter().collect();
        self.doubles += answers.len() - distinct.len();
        let sides = [
            ("the customer", self.doubles, self.evidence.customer.doubles),
            ("the desk", self.doubles_at_desk, self.evidence.desk.doubles),
        ];
        for (who, doubles, excused) in sides {
            self.found.doubles_explained += doubles.min(excused);
            if doubles > excused {
                self.is_wrong(format!(
                    "{who} reads {doubles} messages twice, {excused} excused"
                ));
            }
        }
    }
}

/// Who took up what a customer said.
#[derive(Clone, Copy, Debug)]
enum TakenUp {
    /// A person had the conversation.
    ByPeople,
    /// The bot, while a person was called.
    WhileWaiting,
    /// The bot; and whether a person came later.
    ByBot { then_a_person: bool },
}

/// Whether people read in it what the customer said under this name, and nothing else.
fn is_copy(text: &str, name: &str) -> bool {
    let words = text.strip_prefix(CUSTOMER).map(str::trim_start);
    words.is_some_and(|it| !it.contains('\n') && it.split(' ').next() == Some(name))
}

fn is_takeover(event: &Happening) -> bool {
    let Happening::Owned { owner, .. } = event else {
        return false;
    };
    owner.is_person()
}

/// Whether the bot says it, and neither an agent nor the house about one.
pub(super) fn is_of_the_bot(text: &str) -> bool {
    !text.starts_with("say") && !is_end(text) && !text.contains(IS_THERE)
}

/// Whether the customer is told that a person is not there any more.
fn is_end(text: &str) -> bool {
    text == wording::back_to_the_bot(Language::EN) || text == wording::closed(Language::EN)
}

fn reads(text: &str, name: &str) -> bool {
    text.split_whitespace().any(|word| word == name)
}

/// Whether an address of a conversation is this room; Discord's rooms are named without their desk.
fn leads_to(address: &str, room: &str) -> bool {
    let thread = address
        .strip_prefix("discord:")
        .and_then(|it| it.split_once('#'));
    address == room || thread.is_some_and(|(_, thread)| room == format!("discord:{thread}"))
}

/// How many stand behind a later one.
fn inversions(places: &[usize]) -> usize {
    let mut newest = 0;
    let late = places.iter().filter(|place| {
        newest = newest.max(**place);
        **place < newest
    });
    late.count()
}

#[cfg(test)]
mod tests {
    use consultant_core::InboundKey;
    use jiff::Timestamp;

    use super::*;

    const NOTICE: &str = "Mia from Chaos is with you now.";

    fn owned(owner: Owner) -> Happening {
        Happening::Owned { owner, by: None }
    }

    fn heard(said: &str) -> Happening {
        Happening::Heard {
            inbound: vec![InboundKey::from("k")],
            said: said.to_owned(),
        }
    }

    fn of_mia() -> Owner {
        Owner::Agent {
            agent: "mia".into(),
            since: Timestamp::UNIX_EPOCH,
        }
    }

    /// What is wrong where Mia has a conversation in which the customer says one thing.
    fn judged(seen: &[&str], at_desk: &[&str], doubles: [usize; 2]) -> Vec<String> {
        let own =
            |texts: &[&str]| -> Vec<String> { texts.iter().copied().map(str::to_owned).collect() };
        let spoken = Spoken {
            asked: vec!["ask1x1".to_owned()],
            ..Spoken::default()
        };
        let excuses = |doubles| Excuses {
            doubles,
            ..Excuses::default()
        };
        let happened = [owned(of_mia()), heard("ask1x1")];
        judge(&Evidence {
            spoken: &spoken,
            seen: &own(seen),
            at_desk: &own(at_desk),
            happened: &happened,
            addresses: &[],
            customer: excuses(doubles[0]),
            desk: excuses(doubles[1]),
        })
        .wrong
    }

    #[test]
    fn what_is_said_to_a_person_is_read_once_and_answered_by_nobody_else() {
        let fine: [String; 0] = [];
        assert_eq!(judged(&[NOTICE], &["👤 ask1x1"], [0, 0]), fine);
        assert_eq!(judged(&[NOTICE], &[], [0, 0]).len(), 1);
        assert_eq!(
            judged(&[NOTICE], &["👤 ask1x1", "👤 ask1x1"], [0, 0]).len(),
            1
        );
        assert_eq!(judged(&[NOTICE], &["👤 ask1x1", "👤 ask1x1"], [0, 1]), fine);
        let over_her = [NOTICE, "You asked: ask1x1"];
        assert_eq!(judged(&over_her, &["👤 ask1x1"], [0, 0]).len(), 2);
        assert_eq!(judged(&[], &["👤 ask1x1"], [0, 0]).len(), 1);
        assert_eq!(judged(&[NOTICE, NOTICE], &["👤 ask1x1"], [0, 0]).len(), 1);
        assert_eq!(judged(&[NOTICE, NOTICE], &["👤 ask1x1"], [1, 0]), fine);
    }

    #[test]
    fn notes_and_words_of_others_are_for_nobody_else() {
        let seen = ["say1x1", "say2x1", "// secret of 1"].map(str::to_owned);
        assert_eq!(misdirected(1, &seen).len(), 2);
        assert_eq!(misdirected(1, &seen[..1]).len(), 0);
    }
}
