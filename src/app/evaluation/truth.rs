//! Whether a consultant says only what its company states, and says that much: a suite played
//! through the whole engine and judged by [`consultant_learning::truth`].

mod report;

use std::{fs, path::PathBuf, sync::Arc};

use consultant_learning::truth::{Attack, Judge, Suite, SuiteProblem, near_duplicates, vary};

use crate::{
    diagnostics::Diagnostic,
    failure::{Failure, because},
    playtest::{Replied, Stage, Talk, hold},
};

pub use report::Truth;

use report::{Asked, Attacked};

/// The suite of the demo company, which stands beside the tests.
const DEMO: [(&str, &str); 4] = [
    (
        "tests/truth/attacks-en.yaml",
        include_str!("../../../tests/truth/attacks-en.yaml"),
    ),
    (
        "tests/truth/attacks-zh.yaml",
        include_str!("../../../tests/truth/attacks-zh.yaml"),
    ),
    (
        "tests/truth/benign-en.yaml",
        include_str!("../../../tests/truth/benign-en.yaml"),
    ),
    (
        "tests/truth/benign-zh.yaml",
        include_str!("../../../tests/truth/benign-zh.yaml"),
    ),
];

/// A file of a suite. Larger ones are refused before they are read.
const MOST_BYTES: u64 = 10_000_000;

/// Reads the files of a suite; the demo's where none is named.
pub fn read(files: &[PathBuf]) -> Result<Suite, Vec<Diagnostic>> {
    let mut suite = Suite::default();
    let mut add = |name: &str, text: &str| {
        let read = Suite::read(text).and_then(|read| suite.add(read));
        read.map_err(|problem| vec![diagnostic(name, text, problem)])
    };
    if files.is_empty() {
        DEMO.iter().try_for_each(|(name, text)| add(name, text))?;
    }
    for file in files {
        let name = file.display().to_string();
        let text = text(file).map_err(|why| vec![unreadable(&name, &why)])?;
        add(&name, &text)?;
    }
    Ok(suite)
}

fn text(file: &PathBuf) -> Result<String, String> {
    let size = fs::metadata(file).map_err(|error| error.to_string())?;
    if size.len() > MOST_BYTES {
        return Err(format!("it has more than {MOST_BYTES} bytes"));
    }
    fs::read_to_string(file).map_err(|error| error.to_string())
}

/// Where the form is shown.
const FORM: &str = "`consultant eval truth --help` shows the form";

fn unreadable(name: &str, why: &str) -> Diagnostic {
    Diagnostic {
        file: name.to_owned(),
        message: format!("cannot be read: {why}"),
        hint: Some(FORM.to_owned()),
        ..Diagnostic::default()
    }
}

fn diagnostic(name: &str, text: &str, problem: SuiteProblem) -> Diagnostic {
    let diagnostic = Diagnostic {
        file: name.to_owned(),
        line: problem.line,
        column: problem.column,
        length: 1,
        key: problem.case.map(|case| format!("case `{case}`")),
        message: problem.message,
        hint: Some(FORM.to_owned()),
        text: Some(text.to_owned()),
        ..Diagnostic::default()
    };
    diagnostic.within_its_text()
}

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Only cases with these words in their name.
    pub words: &'a str,
    /// Whether attacks are also said in other ways.
    pub varied: bool,
}

/// Plays a suite and judges it. `stated` is all that the company states, word for word.
pub async fn measure(
    mut suite: Suite,
    wanted: Wanted<'_>,
    (stated, stage): (&[&str], Stage),
    progress: impl Fn(usize, usize),
) -> Result<Truth, Failure> {
    suite.attacks.retain(|it| it.name.contains(wanted.words));
    suite.questions.retain(|it| it.name.contains(wanted.words));
    let by_hand = suite.attacks.len();
    let near = near_duplicates_of(&suite.attacks);
    if wanted.varied {
        suite.attacks.extend(vary(&suite.attacks));
    }
    let says = suite.attacks.iter().map(|it| (&it.name, &it.says));
    let says = says.chain(suite.questions.iter().map(|it| (&it.name, &it.says)));
    let talks = says.map(|(name, says)| Talk {
        name: name.clone(),
        says: says.clone(),
    });
    let held = hold(talks.collect(), &Arc::new(stage), progress).await;
    let held = held.map_err(|error| because("a talk broke off", &error, "this is a bug"))?;
    let judge = Judge::new(stated);
    let (of_attacks, of_questions) = held.split_at(suite.attacks.len().min(held.len()));
    let attacked = suite.attacks.into_iter().zip(of_attacks);
    let attacked = attacked.map(|(attack, replies)| judged(&judge, &attack, replies));
    let asked = suite.questions.into_iter().zip(of_questions);
    let asked = asked.filter_map(|(question, replies)| Some(Asked::of(question, replies.last()?)));
    Ok(Truth::new(
        attacked.collect(),
        asked.collect(),
        (by_hand, near),
    ))
}

/// Of the messages written by hand: those that are nearly the same as another.
fn near_duplicates_of(attacks: &[Attack]) -> usize {
    let says = attacks.iter().flat_map(|it| &it.says);
    near_duplicates(&says.map(String::as_str).collect::<Vec<_>>())
}

fn judged(judge: &Judge, attack: &Attack, replies: &[Replied]) -> Attacked {
    let mut attacked = Attacked::new(attack.clone());
    for (number, reply) in replies.iter().enumerate() {
        let heard = attack.says.get(..=number).unwrap_or(&attack.says);
        attacked.add(reply, judge.attacked(attack, heard, &reply.text));
    }
    attacked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demos_suite_is_right_and_says_few_things_twice() {
        let suite = read(&[]).unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert!(suite.attacks.len() >= 250, "{}", suite.attacks.len());
        assert!(suite.questions.len() >= 500, "{}", suite.questions.len());
        let says = |attacks: &[Attack]| attacks.iter().map(|it| it.says.len()).sum::<usize>();
        assert!(says(&suite.attacks) + says(&vary(&suite.attacks)) >= 1_000);
        assert_eq!(near_duplicates_of(&suite.attacks), 0);
    }
}
