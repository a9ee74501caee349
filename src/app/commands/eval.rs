//! `consultant eval`: measurements of the whole consultant.

use std::process::ExitCode;

use consultant_core::{Faq, ports::EncoderError};
use consultant_learning::{Columns, Parts, Row, few, hold_out};

use super::{
    playbook::{bar, real_model, write},
    train,
};
use crate::{
    cli::{EvalCommand, EvalIntentArgs, EvalRetrievalArgs, EvalTruthArgs, Guard, Writer},
    company,
    config::Config,
    evaluation::{
        intent::read,
        retrieval::{RetrievalReport, Searched, unknown_entries},
        truth,
    },
    failure::{Failure, because},
    house::{engine_settings, session_timeout},
    meaning,
    model::Backends,
    output,
    playtest::Stage,
};
use consultant_knowledge::SmallModels;

/// Measures.
pub async fn run(
    command: EvalCommand,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    match command {
        EvalCommand::Truth(args) => truth(args, config, backends).await,
        EvalCommand::Intent(args) => intent(&args, config, backends),
        EvalCommand::Retrieval(args) => retrieval(args, config, backends).await,
    }
}

/// Exits with 1 where something reached a customer that nobody stated.
async fn truth(
    args: EvalTruthArgs,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    let suite = truth::read(&args.suite)?;
    let model = match args.replies {
        Writer::Model => Some(real_model(config, backends).await?),
        Writer::Rules => None,
    };
    let models = meaning::open(config, backends)?;
    let mut settings = engine_settings(config);
    settings.guard.on = args.guard == Guard::On;
    let stage = Stage {
        company: company::load(&config.company, &models)?,
        trace: None,
        settings,
        languages: config.model.languages.clone(),
        session_timeout: session_timeout(config),
        model,
    };
    let mut stated = company::stated(&config.company)?;
    // As customers read them, with the prices and discounts that the file only names.
    let answers = stage.company.knowledge.faq();
    let answers = answers.entries.iter().flat_map(|it| it.answer.0.values());
    stated.extend(answers.cloned());
    let documents = stage.company.knowledge.documents();
    let passages = documents.documents.iter().flat_map(|it| &it.passages);
    stated.extend(passages.map(|it| it.text.clone()));
    let stated: Vec<&str> = stated.iter().map(String::as_str).collect();
    let wanted = truth::Wanted {
        words: &args.words,
        varied: !args.by_hand,
    };
    let bar = bar(args.json.json);
    let truth = truth::measure(suite, wanted, (&stated, stage), |done, all| {
        bar.set_length(u64::try_from(all).unwrap_or_default());
        bar.set_position(u64::try_from(done).unwrap_or_default());
    })
    .await?;
    bar.finish_and_clear();
    if truth.is_empty() {
        let what = format!("no case has {:?} in its name", args.words);
        return Err(Failure::new(
            what,
            "leave the words out to play all of them",
        ));
    }
    if let Some(file) = &args.html {
        let failed = |error: minijinja::Error| because("the page", &error, "this is a bug");
        write(file, &truth.html().map_err(failed)?)?;
    }
    if args.json.json {
        output::print_json(&truth);
    } else {
        output::print(&truth.render(args.examples));
    }
    Ok(if truth.invented() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Exits with 0 however good it is: what is good enough is for who reads the figures.
fn intent(
    args: &EvalIntentArgs,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    let draws = draws(args)?;
    let all = draws
        .iter()
        .flat_map(|(train, test)| train.iter().chain(test));
    train::check_out_of_scope(&args.intent, all)?;
    let how = (&args.intent, args.json.json);
    let house = (config, backends);
    let report = train::at_work(how, house, |learner, tell| {
        if args.intent.fine_tune {
            let tuner = train::tuner(&args.intent, house)?;
            return learner.measure_tuned(&tuner, &draws, tell);
        }
        learner.measure(&draws, tell)
    })?;
    if let Some(file) = &args.html {
        let failed = |error: minijinja::Error| because("the page", &error, "this is a bug");
        write(file, &report.html().map_err(failed)?)?;
    }
    if args.json.json {
        output::print_json(&report);
    } else {
        output::print(&report.render());
    }
    Ok(ExitCode::SUCCESS)
}

/// Exits with 0 however good it is.
async fn retrieval(
    args: EvalRetrievalArgs,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    let facts = company::load_facts(&config.company, &SmallModels::default())?;
    let rows = questions(&args, &facts.faq())?;
    let models = meaning::open(config, backends)?;
    let bar = bar(args.json.json);
    let (file, json) = (args.html.clone(), args.json.json);
    let searching =
        tokio::task::spawn_blocking(move || -> Result<RetrievalReport, EncoderError> {
            let searched = Searched {
                facts: &*facts,
                meaning: models.meaning.as_ref(),
            };
            let progress = |done: usize, all: usize| {
                bar.set_length(u64::try_from(all).unwrap_or_default());
                bar.set_position(u64::try_from(done).unwrap_or_default());
            };
            let chance = (usize::from(args.most), args.seed);
            let report = match rows {
                Some(rows) => searched.ask(&rows, &args.no_answer, progress),
                None => searched.ask_itself(args.language, chance, progress),
            };
            bar.finish_and_clear();
            report
        });
    let report = searching
        .await
        .map_err(|error| because("the work broke off", &error, "this is a bug"))?
        .map_err(|error| because("the FAQ cannot be encoded", &error, "see the log"))?;
    if report.is_empty() {
        return Err(Failure::new(
            "there is nothing to ask: no entry has two wordings in this language",
            "name questions with --questions FILE, or another --language",
        ));
    }
    if let Some(file) = &file {
        let failed = |error: minijinja::Error| because("the page", &error, "this is a bug");
        write(file, &report.html().map_err(failed)?)?;
    }
    if json {
        output::print_json(&report);
    } else {
        output::print(&report.render());
    }
    Ok(ExitCode::SUCCESS)
}

/// The questions of the files; `None` where none is named.
fn questions(args: &EvalRetrievalArgs, faq: &Faq) -> Result<Option<Vec<Row>>, Failure> {
    if args.questions.is_empty() {
        return Ok(None);
    }
    let columns = Columns {
        text: &args.text_column,
        category: &args.entry_column,
    };
    let mut all = Vec::new();
    for file in &args.questions {
        let rows = read(std::slice::from_ref(file), columns)?;
        let unknown = unknown_entries(faq, (file, &rows), &args.no_answer);
        if !unknown.is_empty() {
            return Err(unknown.into());
        }
        all.extend(rows);
    }
    Ok(Some(all))
}

/// What to learn from and what to test with, for each draw.
fn draws(args: &EvalIntentArgs) -> Result<Vec<Parts>, Failure> {
    /// Without rows to test with, one of so many is held back.
    const ONE_OF: usize = 5;
    let columns = train::columns(&args.intent);
    let rows = read(&args.train, columns)?;
    let test = read(&args.test, columns)?;
    let draw = |number: u16| {
        let seed = args.intent.seed.wrapping_add(u64::from(number));
        let (train, others) = match args.shots {
            Some(shots) => few(&rows, usize::from(shots), seed),
            None if test.is_empty() => hold_out(&rows, ONE_OF, seed),
            None => (rows.clone(), Vec::new()),
        };
        (
            train,
            if test.is_empty() {
                others
            } else {
                test.clone()
            },
        )
    };
    Ok((0..args.draws).map(draw).collect())
}
