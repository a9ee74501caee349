//! The trained intents of the house: which files serve, and whether they fit the encoder that serves.

use std::{
    fs,
    path::{Path, PathBuf},
};

use consultant_knowledge::{IntentHead, TrainedIntents};

use crate::{
    config::Intents,
    failure::{Failure, because},
};

/// Larger files are no heads: thousands of categories have some megabytes.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// What is wanted, as far as the config names files that were learned. `encoder` is the name of the
/// encoder that serves, if one does.
pub(crate) fn open(intents: &Intents, encoder: Option<&str>) -> Result<TrainedIntents, Failure> {
    let heads = heads(("intents.trained", &intents.trained), encoder)?;
    Ok(TrainedIntents::new(heads, intents.least_confidence))
}

/// The moods that customers are in, as far as the config names files that were learned.
pub(crate) fn open_moods(
    intents: &Intents,
    encoder: Option<&str>,
) -> Result<TrainedIntents, Failure> {
    let heads = heads(("intents.moods", &intents.moods), encoder)?;
    Ok(TrainedIntents::new(heads, intents.least_mood_confidence))
}

fn heads(
    (key, files): (&str, &[PathBuf]),
    encoder: Option<&str>,
) -> Result<Vec<IntentHead>, Failure> {
    let heads = files.iter().map(|file| {
        let head = read(key, file)?;
        check(file, &head, encoder)?;
        Ok(head)
    });
    heads.collect()
}

fn read(key: &str, file: &Path) -> Result<IntentHead, Failure> {
    let what = format!("{} cannot be used for {key}", file.display());
    let way_out = "name a file that `consultant train intent` wrote";
    let size = fs::metadata(file).map_err(|error| because(&what, &error, way_out))?;
    if !size.is_file() || size.len() > MAX_FILE_BYTES {
        let why = format!("{what}: it is no file, or larger than 256 MB");
        return Err(Failure::new(why, way_out));
    }
    let bytes = fs::read(file).map_err(|error| because(&what, &error, way_out))?;
    IntentHead::from_bytes(&bytes).map_err(|error| because(&what, &error, way_out))
}

/// A head takes the vectors of the encoder that it learned with, and no others.
fn check(file: &Path, head: &IntentHead, serves: Option<&str>) -> Result<(), Failure> {
    let Some(learned_with) = head.encoder() else {
        return Ok(());
    };
    let serves = match serves {
        Some(serves) if serves == learned_with => return Ok(()),
        Some(serves) => format!("`{serves}` serves"),
        None => "none serves".to_owned(),
    };
    Err(Failure::new(
        format!(
            "{} was learned with the sentence encoder `{learned_with}`, and {serves}",
            file.display()
        ),
        "set encoder.path to the encoder that it was learned with (`consultant model fetch` fetches \
         the default one), learn it anew, or with --words-only",
    ))
}

#[cfg(test)]
mod tests {
    use consultant_knowledge::{Labelled, Training, train};

    use super::*;

    /// A file of a head that learned with this encoder.
    fn file(folder: &Path, encoder: Option<&str>) -> PathBuf {
        let vector: &[f32] = if encoder.is_some() { &[1.0] } else { &[] };
        let examples = [("how much", "price"), ("where is it", "delivery")];
        let examples = examples.map(|(text, label)| Labelled {
            text,
            vector,
            label,
            judges: true,
        });
        let training = Training {
            encoder: encoder.map(str::to_owned),
            ..Training::default()
        };
        let head = train(&examples, &training).unwrap().head;
        let file = folder.join("head.safetensors");
        fs::write(&file, head.to_bytes().unwrap()).unwrap();
        file
    }

    /// What is said where this file is to serve beside this encoder; nothing where it does.
    fn said(file: PathBuf, encoder: Option<&str>) -> String {
        let intents = Intents {
            trained: vec![file],
            least_confidence: 0.5,
            moods: Vec::new(),
            least_mood_confidence: 0.5,
        };
        let opened = open(&intents, encoder);
        opened.map_or_else(|failure| failure.message, |_| String::new())
    }

    #[test]
    fn a_head_serves_beside_the_encoder_that_it_learned_with_or_without_one() {
        let folder = tempfile::tempdir().unwrap();
        let with = file(folder.path(), Some("mini"));
        assert_eq!(said(with.clone(), Some("mini")), "");
        let other = said(with.clone(), Some("maxi"));
        assert!(other.contains("`mini`, and `maxi` serves"), "{other}");
        let none = said(with, None);
        assert!(none.contains("`mini`, and none serves"), "{none}");
        let words = file(folder.path(), None);
        assert_eq!(said(words.clone(), None), "");
        assert_eq!(said(words, Some("mini")), "");
    }

    #[test]
    fn what_is_no_head_is_told_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let gone = said(folder.path().join("gone"), None);
        assert!(
            gone.contains("gone cannot be used for intents.trained"),
            "{gone}"
        );
        let text = folder.path().join("text");
        fs::write(&text, "text,category").unwrap();
        let text = said(text, None);
        assert!(text.contains("text cannot be used"), "{text}");
        let is_folder = said(folder.path().to_owned(), None);
        assert!(is_folder.contains("it is no file"), "{is_folder}");
    }
}
