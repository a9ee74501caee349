//! `consultant playbook record`: a talk in the terminal, or one that is kept, becomes a test.

use std::{
    fs::{self, OpenOptions},
    io::{self, IsTerminal, Write},
    path::Path,
    process::ExitCode,
};

use consultant_core::{ChannelName, ports::Clock};
use tokio::io::BufReader;

use crate::{
    cli::PlaybookRecordArgs,
    clock::SystemClock,
    commands::{chat::read_line, customer::conversations, store::unreadable},
    company,
    config::Config,
    failure::{Failure, because},
    house::{engine_settings, open_kept_store, session_timeout},
    meaning,
    model::{self, Backends},
    output, places,
    playtest::{self, Recording, Stage, Tests},
};

/// Talks until standard input ends, writes the talk down and plays it once.
pub(super) async fn run(
    args: PlaybookRecordArgs,
    config: &Config,
    backends: &dyn Backends,
) -> Result<ExitCode, Failure> {
    if let Some(file) = args
        .out
        .as_deref()
        .filter(|file| file.exists() && !args.force)
    {
        return Err(already_there(file));
    }
    let stage = stage(config, backends).await?;
    let recording = match &args.conversation {
        Some(who) => kept(who, &stage, config).await?,
        None => talk(&stage).await?,
    };
    if recording.is_empty() {
        return Err(Failure::usage(
            "nothing was said, so nothing is written",
            "write what a customer says, a line each, and end with Ctrl-D",
        ));
    }
    let text = recording.text(args.name.as_deref());
    let text = text.map_err(|error| because("the talk cannot be written down", &error, ""))?;
    let name = args.out.as_deref().map(|file| file.display().to_string());
    match &args.out {
        Some(file) => keep(file, args.force, &text)?,
        None => output::print(&text),
    }
    play_again(name.as_deref().unwrap_or("the test"), &text, stage).await
}

async fn stage(config: &Config, backends: &dyn Backends) -> Result<Stage, Failure> {
    let models = meaning::open(config, backends)?;
    let company = company::load(&config.company, &models)?;
    let model = match model::choose(config)? {
        Some(choice) => Some(backends.load(choice).await?.model),
        None => None,
    };
    Ok(Stage {
        company,
        trace: None,
        settings: engine_settings(config),
        languages: config.model.languages.clone(),
        session_timeout: session_timeout(config),
        model,
    })
}

/// What the customer of a kept conversation did, done again.
async fn kept(who: &String, stage: &Stage, config: &Config) -> Result<Recording, Failure> {
    let store = open_kept_store(config).await?;
    let found = conversations(&*store, std::slice::from_ref(who)).await?;
    let mut ledger = Vec::new();
    let mut channel = ChannelName::Telegram;
    for id in found {
        let happened = store.ledger(id).await.map_err(unreadable)?;
        let addresses = store.addresses(id).await.map_err(unreadable)?;
        let place = places::of_customer(&addresses, &happened);
        channel = place.map_or(channel, |it| it.channel);
        ledger.extend(happened);
    }
    let begun = ledger
        .first()
        .map_or_else(|| SystemClock.now(), |event| event.at);
    let mut recording = Recording::new(stage, begun, channel);
    for why in recording.hears_again(&ledger).await {
        output::note(&format!("not done, and not written: {why}\n"));
    }
    Ok(recording)
}

/// What is said to the customer goes to standard error, because standard output is for the test.
async fn talk(stage: &Stage) -> Result<Recording, Failure> {
    let mut recording = Recording::new(stage, SystemClock.now(), ChannelName::Telegram);
    let person = io::stdin().is_terminal();
    if person {
        output::note(
            "Talk as a customer. `/press LABEL` presses a button, `/after 24h` lets time \
                      pass; Ctrl-D ends and writes the test.\n",
        );
    }
    let mut lines = BufReader::new(tokio::io::stdin());
    loop {
        if person {
            output::note("\nyou> ");
        }
        let line = read_line(&mut lines).await;
        let line = line.map_err(|error| because("standard input", &error, ""))?;
        let Some(line) = line else {
            return Ok(recording);
        };
        if line.trim().is_empty() {
            continue;
        }
        match recording.hears(&line).await {
            Ok(said) => output::note(&format!("{said}\n\n")),
            Err(why) => output::note(&format!("not done, and not written: {why}\n\n")),
        }
    }
}

fn keep(file: &Path, force: bool, text: &str) -> Result<(), Failure> {
    let written = write(file, force, text);
    written.map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            return already_there(file);
        }
        let what = format!("{} cannot be written", file.display());
        let hint = "name a file in a folder that you may write to";
        because(&what, &error, hint)
    })
}

fn write(file: &Path, force: bool, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options
        .write(true)
        .truncate(force)
        .create(force)
        .create_new(!force);
    options.open(file)?.write_all(text.as_bytes())
}

fn already_there(file: &Path) -> Failure {
    Failure::usage(
        format!("{} is there already", file.display()),
        "name another file, or write over it with --force",
    )
}

/// A test that does not pass as it was written is told at once, while it is known why.
async fn play_again(name: &str, text: &str, stage: Stage) -> Result<ExitCode, Failure> {
    let stage = Stage {
        model: None,
        ..stage
    };
    let report = playtest::run(Tests::Text(name, text), "", stage).await?;
    if report.failed() == 0 {
        output::note("written; it passes `consultant playbook test`\n");
        return Ok(ExitCode::SUCCESS);
    }
    output::note(&report.render());
    Err(Failure::new(
        "the talk comes out otherwise when it is played again",
        "mend what is told above in the file, or leave it out of `expect`",
    ))
}
