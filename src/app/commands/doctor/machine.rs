//! What the machine has: processor, memory, graphics, tools.

use std::{fs, path::Path, process::Command};

use super::Finding;

/// Everything about the machine.
pub(super) fn findings(accelerators: &[&'static str]) -> Vec<Finding> {
    vec![
        processor(),
        memory(),
        graphics(accelerators),
        pip(),
        redis_server(),
    ]
}

fn processor() -> Finding {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let features = processor_features();
    let found = format!("{cores} cores, {}", features.join(" "));
    if cfg!(target_arch = "x86_64") && !features.contains(&"avx2") {
        return Finding::note(
            "processor",
            found,
            "this build or this processor has no AVX2, so the model is slow; build with \
             `-C target-cpu=native` on the machine that runs it",
        );
    }
    Finding::good("processor", found)
}

/// What this program was built for: candle chooses its kernels at compile time.
fn processor_features() -> Vec<&'static str> {
    [
        ("avx2", cfg!(target_feature = "avx2")),
        ("fma", cfg!(target_feature = "fma")),
        ("f16c", cfg!(target_feature = "f16c")),
        ("avx512f", cfg!(target_feature = "avx512f")),
        ("neon", cfg!(target_feature = "neon")),
    ]
    .into_iter()
    .filter_map(|(name, built)| built.then_some(name))
    .collect()
}

fn memory() -> Finding {
    const LEAST_MEGABYTES: u64 = 1_500;
    let Some(megabytes) = available_megabytes() else {
        return Finding::note(
            "memory",
            "unknown on this system",
            "the default model needs 1 GB",
        );
    };
    let found = format!("{megabytes} MB available");
    if megabytes < LEAST_MEGABYTES {
        return Finding::note("memory", found, "the default model needs about 1 GB");
    }
    Finding::good("memory", found)
}

fn available_megabytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_whitespace()
        .next()?
        .parse::<u64>()
        .ok()
        .map(|kilobytes| kilobytes / 1024)
}

fn graphics(accelerators: &[&'static str]) -> Finding {
    let present = Path::new("/dev/nvidia0").exists() || cfg!(target_os = "macos");
    let built = if accelerators.is_empty() {
        "none built in".to_owned()
    } else {
        accelerators.join(", ")
    };
    match (present, accelerators.is_empty()) {
        (true, true) => Finding::note(
            "graphics",
            format!("a graphics processor is here; {built}"),
            "build with `cargo build --release --features cuda` (or `metal`) to use it",
        ),
        (true, false) => Finding::good("graphics", built),
        (false, true) => Finding::good("graphics", "none here; the model runs on the processor"),
        (false, false) => Finding::note(
            "graphics",
            format!("{built} built in, but no graphics processor was found"),
            "the model runs on the processor",
        ),
    }
}

fn pip() -> Finding {
    let found = ["pip3", "pip"].iter().find_map(|name| version(name));
    match found {
        Some(version) => Finding::good("pip", version),
        None => Finding::note(
            "pip",
            "not found",
            "`consultant model fetch` needs it (Debian: apt-get install python3-pip), or a wheel \
             by `--from`",
        ),
    }
}

fn redis_server() -> Finding {
    match version("redis-server") {
        Some(version) => Finding::good("redis", version),
        None => Finding::note(
            "redis",
            "no redis-server on this machine",
            "not needed with the embedded store; a server elsewhere is used by store.url",
        ),
    }
}

/// The first line that `name --version` prints.
fn version(name: &str) -> Option<String> {
    let output = Command::new(name).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output
        .status
        .success()
        .then(|| text.lines().next().unwrap_or_default().to_owned())
}
