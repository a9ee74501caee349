//! Looking over a folder in Hugging Face form before an engine opens it, so that what is missing or
//! cut off is told by the name of its file.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};

use crate::WeightsError;

const CONFIG: &str = "config.json";
/// What may hold the tokenizer; the second is Mistral's own form.
const TOKENIZERS: [&str; 2] = ["tokenizer.json", TEKKEN];
const TEKKEN: &str = "tekken.json";
const TEMPLATES: [&str; 2] = ["chat_template.jinja", "chat_template.json"];
const TOKENIZER_CONFIG: &str = "tokenizer_config.json";
const INDEX: &str = "model.safetensors.index.json";
/// Weights in older forms, which are left to the engine.
const OLDER_FORMS: [&str; 3] = ["bin", "pt", "pth"];

/// The longest header of a safetensors file, as its format says.
const HEADER_BYTES: u64 = 100_000_000;
/// The key of a safetensors header that names no tensor.
const METADATA: &str = "__metadata__";

/// Checks that a folder holds a whole model for chats: its config, tokenizer, chat template and
/// weights. Whether an engine knows its architecture is not looked at.
pub fn check_folder(folder: &Path) -> Result<(), WeightsError> {
    read_json(&one_of(folder, &[CONFIG])?)?;
    check_tokenizer(&one_of(folder, &TOKENIZERS)?)?;
    check_chat_template(folder)?;
    check_weights(folder)
}

/// Checks that a tokenizer is of a form that the engine reads: it ends in a panic over another.
pub fn check_tokenizer(path: &Path) -> Result<(), WeightsError> {
    let tokenizer = read_json(path)?;
    let of_mistral = path.file_name().is_some_and(|name| name == TEKKEN);
    let added = tokenizer.get("added_tokens").is_some_and(Value::is_array);
    let vocabulary = tokenizer.get("model").and_then(|it| it.get("vocab"));
    if of_mistral || (added && vocabulary.is_some_and(Value::is_object)) {
        return Ok(());
    }
    Err(unusable(
        path,
        "it lacks `added_tokens`, or `model.vocab` is no map of tokens to numbers",
    ))
}

/// The first of these files that is there.
fn one_of(folder: &Path, names: &[&str]) -> Result<PathBuf, WeightsError> {
    let mut paths = names.iter().map(|name| folder.join(name));
    paths.find(|path| path.is_file()).ok_or_else(|| {
        let usual = names.first().copied().unwrap_or_default();
        unusable(&folder.join(usual), "it is missing")
    })
}

fn check_chat_template(folder: &Path) -> Result<(), WeightsError> {
    let config = folder.join(TOKENIZER_CONFIG);
    let within = config.is_file() && read_json(&config)?.contains_key("chat_template");
    if within || one_of(folder, &TEMPLATES).is_ok() {
        return Ok(());
    }
    Err(unusable(
        &config,
        "there is no chat template in it, nor a file chat_template.jinja beside it; \
         name a model that was made for chats",
    ))
}

fn check_weights(folder: &Path) -> Result<(), WeightsError> {
    let index = folder.join(INDEX);
    if index.is_file() {
        let index = read_json(&index)?;
        let map = index.get("weight_map").and_then(Value::as_object);
        let parts = map.into_iter().flat_map(Map::values);
        for part in parts.filter_map(Value::as_str) {
            let part = folder.join(part);
            if !part.is_file() {
                return Err(unusable(&part, "it is missing"));
            }
        }
    }
    let files = files(folder)?;
    let ends = |end: &'static str| {
        let files = files.iter();
        files.filter(move |file| file.extension().is_some_and(|it| it == end))
    };
    for file in ends("safetensors") {
        check_safetensors(file)?;
    }
    let none = ends("safetensors").next().is_none()
        && OLDER_FORMS.iter().all(|end| ends(end).next().is_none());
    if none {
        let usual = folder.join("model.safetensors");
        return Err(unusable(&usual, "it is missing"));
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, WeightsError> {
    let cannot = |error| WeightsError::io("cannot list", folder, error);
    let entries = fs::read_dir(folder).map_err(cannot)?;
    let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(cannot)?;
    // In one order, so that a damaged folder is always told in the same words.
    paths.sort();
    Ok(paths)
}

/// Checks that a safetensors file reaches exactly as far as its header says.
fn check_safetensors(path: &Path) -> Result<(), WeightsError> {
    let cannot = |error| WeightsError::io("cannot read", path, error);
    let mut file = File::open(path).map_err(cannot)?;
    let bytes = file.metadata().map_err(cannot)?.len();
    let mut length = [0; 8];
    if bytes < 8 {
        return Err(unusable(path, "it is cut off"));
    }
    file.read_exact(&mut length).map_err(cannot)?;
    let length = u64::from_le_bytes(length);
    if length > HEADER_BYTES {
        return Err(unusable(path, "it is no safetensors file"));
    }
    let Some(data) = bytes.checked_sub(8 + length) else {
        return Err(unusable(path, "it is cut off"));
    };
    let mut header = Vec::new();
    file.take(length).read_to_end(&mut header).map_err(cannot)?;
    let end = end_of_tensors(&header).ok_or_else(|| unusable(path, "it is no safetensors file"))?;
    if end == data {
        return Ok(());
    }
    let told = format!("its tensors take {end} bytes and it has {data}: it was cut off or damaged");
    Err(unusable(path, &told))
}

/// Where the last tensor ends, counted from the end of the header.
fn end_of_tensors(header: &[u8]) -> Option<u64> {
    let header: Map<String, Value> = serde_json::from_slice(header).ok()?;
    let tensors = header.iter().filter(|(name, _)| *name != METADATA);
    let ends = tensors.map(|(_, tensor)| tensor.get("data_offsets")?.get(1)?.as_u64());
    let ends: Option<Vec<u64>> = ends.collect();
    ends?.into_iter().max()
}

fn read_json(path: &Path) -> Result<Map<String, Value>, WeightsError> {
    let text = fs::read(path).map_err(|error| WeightsError::io("cannot read", path, error))?;
    serde_json::from_slice(&text)
        .map_err(|error| unusable(path, &format!("it is no JSON object: {error}")))
}

fn unusable(path: &Path, reason: &str) -> WeightsError {
    WeightsError::Folder {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tempfile::TempDir;

    use super::*;

    /// A safetensors file of one tensor of four numbers.
    fn safetensors() -> Vec<u8> {
        let header = json!({
            METADATA: { "format": "pt" },
            "weight": { "dtype": "F32", "shape": [4], "data_offsets": [0, 16] },
        })
        .to_string();
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.into_bytes());
        bytes.extend([0; 16]);
        bytes
    }

    fn whole() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
        write("config.json", b"{}");
        write(
            "tokenizer.json",
            br#"{"added_tokens":[],"model":{"vocab":{"a":0}}}"#,
        );
        write(TOKENIZER_CONFIG, br#"{"chat_template":"{{ messages }}"}"#);
        write("model.safetensors", &safetensors());
        folder
    }

    /// What is told of a whole folder in which a file has another content, or none.
    #[track_caller]
    fn check_told(file: &str, content: Option<&[u8]>, reason: &str) {
        let folder = whole();
        let path = folder.path().join(file);
        match content {
            Some(content) => fs::write(&path, content).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let told = check_folder(folder.path()).unwrap_err().to_string();
        assert!(told.contains(file), "{told}");
        assert!(told.contains(reason), "{told}");
    }

    #[test]
    fn a_whole_folder_is_accepted_in_each_of_its_forms() {
        let folder = whole();
        check_folder(folder.path()).unwrap();
        let file = |name: &str| folder.path().join(name);
        fs::write(file(TOKENIZER_CONFIG), "{}").unwrap();
        fs::write(file("chat_template.jinja"), "{{ messages }}").unwrap();
        check_folder(folder.path()).unwrap();
        fs::rename(file("tokenizer.json"), file("tekken.json")).unwrap();
        check_folder(folder.path()).unwrap();
        fs::rename(file("model.safetensors"), file("pytorch_model.bin")).unwrap();
        check_folder(folder.path()).unwrap();
    }

    #[test]
    fn what_is_missing_is_named() {
        check_told("config.json", None, "missing");
        check_told("tokenizer.json", None, "missing");
        check_told("model.safetensors", None, "missing");
        check_told(TOKENIZER_CONFIG, None, "no chat template");
        check_told(TOKENIZER_CONFIG, Some(b"{}"), "no chat template");
    }

    #[test]
    fn what_is_damaged_is_named() {
        check_told("config.json", Some(b"{"), "no JSON object");
        check_told("tokenizer.json", Some(b"[]"), "no JSON object");
        check_told("tokenizer.json", Some(b"{}"), "added_tokens");
        let list = br#"{"added_tokens":[],"model":{"vocab":[["a",-1.5]]}}"#;
        check_told("tokenizer.json", Some(list), "model.vocab");
        check_told(TOKENIZER_CONFIG, Some(b"<html>"), "no JSON object");
        check_told(
            "model.safetensors",
            Some(b"<html></html>"),
            "no safetensors",
        );
        let header_of_nothing = [8_u64.to_le_bytes(), *b"{\"a\":{}}"].concat();
        check_told(
            "model.safetensors",
            Some(&header_of_nothing),
            "no safetensors",
        );
    }

    #[test]
    fn weights_that_were_cut_off_anywhere_or_grew_are_named() {
        let whole = safetensors();
        for kept in [0, 7, 8, 40, whole.len() - 16, whole.len() - 1] {
            check_told("model.safetensors", Some(&whole[..kept]), "cut off");
        }
        let grown = [whole, vec![0]].concat();
        check_told("model.safetensors", Some(&grown), "damaged");
    }

    #[test]
    fn a_part_that_the_index_names_must_be_there() {
        let folder = whole();
        let index = json!({ "weight_map": { "weight": "model-00002-of-00002.safetensors" } });
        fs::write(folder.path().join(INDEX), index.to_string()).unwrap();
        let told = check_folder(folder.path()).unwrap_err().to_string();
        assert!(told.contains("model-00002-of-00002.safetensors"), "{told}");
        let part = folder.path().join("model-00002-of-00002.safetensors");
        fs::write(part, safetensors()).unwrap();
        check_folder(folder.path()).unwrap();
    }
}
