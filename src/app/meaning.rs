//! The sentence encoder in the house: which one serves, what keeps its vectors, and how it works
//! without holding up others.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::UNIX_EPOCH,
};

use consultant_core::ports::{Encoder, EncoderError};
use consultant_knowledge::{Meaning, SmallModels};
use consultant_store::{VectorFile, VectorFileError};
use consultant_weights::{MANIFEST_FILE, verify};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::{
    config::{Config, EncoderMode},
    failure::{Failure, because},
    log,
    model::{Backends, encoder_folder, encoder_name},
    trained_intents,
};

/// Messages of customers whose vectors are remembered.
const REMEMBERED: usize = 512;

/// Texts that are encoded and kept together: a start that is stopped keeps what it has.
const KEPT_AT_ONCE: usize = 256;

/// The folder of the encoder that the config asks for, as far as it can be told without loading it;
/// `None` where words have to do.
pub fn folder(config: &Config) -> Result<Option<PathBuf>, Failure> {
    let named = config.encoder.path.clone();
    let is_named = named.is_some();
    let folder = named.unwrap_or_else(|| encoder_folder(&config.models_dir));
    let wanted = match config.encoder.mode {
        EncoderMode::Never => false,
        EncoderMode::Auto => is_named || folder.is_dir(),
        EncoderMode::Always => true,
    };
    if wanted {
        let way_out = "run `consultant model fetch`, or set encoder.mode: never to understand \
                       customers by their words alone";
        check(&folder, way_out)?;
    }
    Ok(wanted.then_some(folder))
}

/// The small models that the config asks for, those that find and those that tell what is wanted.
pub fn open(config: &Config, backends: &dyn Backends) -> Result<SmallModels, Failure> {
    let meaning = by_meaning(config, backends)?;
    let encoder = meaning.as_ref().map(|it| it.of_messages.name());
    let trained = trained_intents::open(&config.intents, encoder)?;
    let moods = trained_intents::open_moods(&config.intents, encoder)?;
    Ok(SmallModels {
        meaning,
        trained,
        moods,
    })
}

/// What finds answers by their meaning, as the config says; `None` where words have to do.
fn by_meaning(config: &Config, backends: &dyn Backends) -> Result<Option<Meaning>, Failure> {
    let Some(folder) = folder(config)? else {
        if config.encoder.mode == EncoderMode::Auto {
            log::without_encoder();
        }
        return Ok(None);
    };
    let folder = folder.as_path();
    let encoder = backends.encoder(&encoder_name(folder), folder)?;
    let kept = folder.with_added_extension("vectors.sqlite");
    Ok(Some(Meaning {
        of_texts: Arc::new(Kept::new(Arc::clone(&encoder), folder, &kept)),
        of_messages: Arc::new(Remembering::new(encoder)),
        languages: config.encoder.languages.clone(),
    }))
}

/// An encoder in memory, checked first.
pub fn load(
    folder: &Path,
    backends: &dyn Backends,
    way_out: &str,
) -> Result<Arc<dyn Encoder>, Failure> {
    check(folder, way_out)?;
    backends.encoder(&encoder_name(folder), folder)
}

/// Whether there is an encoder. One that was fetched is verified: a damaged file would make vectors
/// that mean nothing.
pub(crate) fn check(folder: &Path, way_out: &str) -> Result<(), Failure> {
    if !folder.is_dir() {
        return Err(Failure::new(
            format!("there is no sentence encoder in {}", folder.display()),
            way_out,
        ));
    }
    if folder.join(MANIFEST_FILE).is_file() {
        verify(folder).map_err(|error| {
            let hint = "run `consultant model fetch`: it makes a damaged one anew";
            because("the sentence encoder cannot be used", &error, hint)
        })?;
    }
    Ok(())
}

/// An encoder whose vectors are kept in a file. Where the file cannot be used, it works without.
struct Kept {
    encoder: Arc<dyn Encoder>,
    /// The encoder, told from others of its name.
    who: String,
    file: Option<Mutex<VectorFile>>,
    /// Where it is.
    path: PathBuf,
}

impl Kept {
    fn new(encoder: Arc<dyn Encoder>, folder: &Path, kept: &Path) -> Self {
        let file = VectorFile::open(kept);
        let file = file
            .map_err(|error| log::vectors_not_kept(kept, &error))
            .ok();
        Self {
            who: format!("{} {}", encoder.name(), content(folder)),
            encoder,
            file: file.map(Mutex::new),
            path: kept.to_owned(),
        }
    }

    fn known<'a>(
        &self,
        texts: &HashSet<&'a str>,
    ) -> Result<HashMap<&'a str, Vec<f32>>, VectorFileError> {
        let Some(file) = &self.file else {
            return Ok(HashMap::new());
        };
        let file = file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = HashMap::new();
        for text in texts {
            if let Some(vector) = file.get(&self.who, text)?
                && vector.len() == self.encoder.dimensions()
            {
                known.insert(*text, vector);
            }
        }
        Ok(known)
    }

    fn keep<'a>(&self, new: impl IntoIterator<Item = (&'a str, &'a [f32])>) {
        if let Some(file) = &self.file {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = file.put(&self.who, new) {
                log::vectors_not_kept(&self.path, &error);
            }
        }
    }
}

/// What tells the files of an encoder from others that had their place.
fn content(folder: &Path) -> String {
    let about = |name: &str| {
        let about = fs::metadata(folder.join(name)).ok()?;
        let changed = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(format!("{}:{}", about.len(), changed.as_millis()))
    };
    let files = ["model.safetensors", "tokenizer.json", "config.json"];
    let files = files.map(|name| about(name).unwrap_or_default());
    files.join(" ")
}

impl Encoder for Kept {
    fn name(&self) -> &str {
        self.encoder.name()
    }

    fn dimensions(&self) -> usize {
        self.encoder.dimensions()
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncoderError> {
        let wanted: HashSet<&str> = texts.iter().copied().collect();
        let known = self.known(&wanted);
        let mut known = known.unwrap_or_else(|error| {
            log::vectors_not_kept(&self.path, &error);
            HashMap::new()
        });
        let missing: Vec<&str> = wanted
            .into_iter()
            .filter(|it| !known.contains_key(it))
            .collect();
        for some in missing.chunks(KEPT_AT_ONCE) {
            let made = aside(|| self.encoder.encode(some))?;
            let new = some.iter().copied().zip(&made);
            self.keep(new.map(|(text, vector)| (text, vector.as_slice())));
            known.extend(some.iter().copied().zip(made));
        }
        let vectors = texts
            .iter()
            .map(|text| known.get(text).cloned().unwrap_or_default());
        Ok(vectors.collect())
    }
}

/// An encoder that remembers the last messages: many customers say "hello". Nothing of them is
/// written anywhere.
struct Remembering {
    encoder: Arc<dyn Encoder>,
    last: Mutex<HashMap<String, Vec<f32>>>,
    /// Whether it failed the last time, which is told once.
    failing: AtomicBool,
}

impl Remembering {
    fn new(encoder: Arc<dyn Encoder>) -> Self {
        Self {
            encoder,
            last: Mutex::default(),
            failing: AtomicBool::new(false),
        }
    }

    fn last(&self) -> std::sync::MutexGuard<'_, HashMap<String, Vec<f32>>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn encode_one(&self, text: &str) -> Result<Vec<f32>, EncoderError> {
        if let Some(vector) = self.last().get(text) {
            return Ok(vector.clone());
        }
        let vector = aside(|| self.encoder.encode(&[text]));
        let was_failing = self.failing.swap(vector.is_err(), Ordering::Relaxed);
        if let (Err(error), false) = (&vector, was_failing) {
            log::message_not_encoded(error);
        }
        let vector = vector?;
        let vector = vector.into_iter().next().unwrap_or_default();
        let mut last = self.last();
        if last.len() >= REMEMBERED {
            last.clear();
        }
        last.insert(text.to_owned(), vector.clone());
        Ok(vector)
    }
}

impl Encoder for Remembering {
    fn name(&self) -> &str {
        self.encoder.name()
    }

    fn dimensions(&self) -> usize {
        self.encoder.dimensions()
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncoderError> {
        texts.iter().map(|text| self.encode_one(text)).collect()
    }
}

/// Computing, where nobody waits for this thread.
pub(crate) fn aside<T>(work: impl FnOnce() -> T) -> T {
    let several = Handle::try_current()
        .is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
    if several {
        tokio::task::block_in_place(work)
    } else {
        work()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    /// Makes a vector of a text's length, and counts how many it made.
    #[derive(Default)]
    struct Counting(AtomicUsize);

    impl Encoder for Counting {
        fn name(&self) -> &'static str {
            "counting"
        }

        fn dimensions(&self) -> usize {
            1
        }

        fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncoderError> {
            self.0.fetch_add(texts.len(), Ordering::Relaxed);
            let length = |text: &&str| u16::try_from(text.len()).map_or(0.0, f32::from);
            Ok(texts.iter().map(|text| vec![length(text)]).collect())
        }
    }

    fn made(counting: &Counting) -> usize {
        counting.0.load(Ordering::Relaxed)
    }

    #[test]
    fn texts_are_encoded_once_and_come_back_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vectors.sqlite");
        let counting = Arc::new(Counting::default());
        for _ in 0..2 {
            let encoder = Arc::clone(&counting) as Arc<dyn Encoder>;
            let kept = Kept::new(encoder, folder.path(), &file);
            let vectors = kept.encode(&["one", "three", "one", ""]).unwrap();
            assert_eq!(vectors, [[3.0], [5.0], [3.0], [0.0]]);
        }
        assert_eq!(made(&counting), 3);
    }

    #[test]
    fn another_encoder_in_the_same_place_is_not_taken_for_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vectors.sqlite");
        let counting = Arc::new(Counting::default());
        for weights in ["old", "newer"] {
            fs::write(folder.path().join("model.safetensors"), weights).unwrap();
            let encoder = Arc::clone(&counting) as Arc<dyn Encoder>;
            let kept = Kept::new(encoder, folder.path(), &file);
            kept.encode(&["one"]).unwrap();
        }
        assert_eq!(made(&counting), 2);
    }

    #[test]
    fn without_a_file_it_works_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let counting = Arc::new(Counting::default());
        let nowhere = folder.path().join("nowhere/vectors.sqlite");
        let kept = Kept::new(counting, folder.path(), &nowhere);
        assert_eq!(kept.encode(&["four"]).unwrap(), [[4.0]]);
    }

    #[test]
    fn a_message_is_remembered_and_many_are_forgotten() {
        let counting = Arc::new(Counting::default());
        let remembering = Remembering::new(Arc::clone(&counting) as Arc<dyn Encoder>);
        remembering.encode(&["hi", "hi"]).unwrap();
        assert_eq!(made(&counting), 1);
        for number in 0..=REMEMBERED {
            remembering.encode(&[&number.to_string()]).unwrap();
        }
        assert!(remembering.last().len() <= REMEMBERED);
    }
}
