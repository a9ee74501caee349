//! Reading a GGUF file without trusting it, and writing it again as `Q8_0`.
//!
//! candle reads lengths from the file and allocates what they say, so a damaged header could ask
//! for all memory: the header is walked first, with every length checked against the file's size.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, Write},
    path::Path,
};

use candle_core::{
    Device,
    quantized::{
        GgmlDType, QTensor,
        gguf_file::{self, Content, Value},
    },
};

use crate::{WeightsError, fetch::Progress, files::write_whole};

/// What `general.file_type` says of a file that is mostly `Q8_0`.
const FILE_TYPE_Q8_0: u32 = 7;
/// Nested arrays do not occur; this many levels are read at most.
const ARRAY_LEVELS: u8 = 4;
const STRING: u32 = 8;
const ARRAY: u32 = 9;

/// Opens a GGUF file and reads its header.
pub(crate) fn open(path: &Path) -> Result<(BufReader<File>, Content), WeightsError> {
    let file = File::open(path).map_err(|e| WeightsError::io("cannot open", path, e))?;
    let bytes = file
        .metadata()
        .map_err(|e| WeightsError::io("cannot read", path, e))?
        .len();
    let mut reader = BufReader::new(file);
    Header {
        reader: &mut reader,
        left: bytes,
    }
    .walk()
    .map_err(|e| WeightsError::gguf(path, &e))?;
    reader
        .rewind()
        .map_err(|e| WeightsError::io("cannot read", path, e))?;
    let content = Content::read(&mut reader).map_err(|e| WeightsError::gguf(path, &e))?;
    check_extent(&content, bytes).map_err(|e| WeightsError::gguf(path, &e))?;
    Ok((reader, content))
}

/// Checks that a file is a whole GGUF file. Do this before an engine opens a file from outside:
/// engines believe its lengths, and one that is too large ends the process.
pub fn check_gguf(path: &Path) -> Result<(), WeightsError> {
    open(path).map(drop)
}

/// Writes the model of `source` to `target` with its matrices as `Q8_0`, its vectors (norms) as
/// f32, and its metadata kept. The target exists afterwards only if all went well.
pub fn requantise(
    source: &Path,
    target: &Path,
    progress: Progress<'_>,
) -> Result<(), WeightsError> {
    let (mut reader, content) = open(source)?;
    let mut names: Vec<&String> = content.tensor_infos.keys().collect();
    names.sort();
    let mut tensors = Vec::with_capacity(names.len());
    for (done, name) in (1_u64..).zip(&names) {
        let tensor = content
            .tensor(&mut reader, name, &Device::Cpu)
            .and_then(as_q8_0)
            .map_err(|e| WeightsError::gguf(source, &format!("{name}: {e}")))?;
        tensors.push((name.as_str(), tensor));
        progress("requantise", done, names.len() as u64);
    }
    let metadata = metadata_for_q8_0(&content);
    write_whole(target, |file| write(target, file, &metadata, &tensors))
}

fn write(
    path: &Path,
    file: &mut File,
    metadata: &[(String, Value)],
    tensors: &[(&str, QTensor)],
) -> Result<(), WeightsError> {
    let metadata: Vec<_> = metadata.iter().map(|(k, v)| (k.as_str(), v)).collect();
    let tensors: Vec<_> = tensors.iter().map(|(name, t)| (*name, t)).collect();
    let mut out = BufWriter::new(file);
    gguf_file::write(&mut out, &metadata, &tensors).map_err(|e| WeightsError::gguf(path, &e))?;
    out.flush()
        .map_err(|e| WeightsError::io("cannot write", path, e))
}

/// A matrix becomes `Q8_0` unless its rows do not fill whole blocks; a vector becomes f32.
fn as_q8_0(tensor: QTensor) -> candle_core::Result<QTensor> {
    let row = tensor.shape().dims().last().copied().unwrap_or_default();
    let fits = tensor.rank() > 1 && row > 0 && row % GgmlDType::Q8_0.block_size() == 0;
    let wanted = if fits {
        GgmlDType::Q8_0
    } else {
        GgmlDType::F32
    };
    if tensor.dtype() == wanted {
        return Ok(tensor);
    }
    QTensor::quantize(&tensor.dequantize(&Device::Cpu)?, wanted)
}

/// The source's metadata, sorted so that the same source gives the same bytes.
fn metadata_for_q8_0(content: &Content) -> Vec<(String, Value)> {
    let mut metadata: Vec<_> = content
        .metadata
        .iter()
        // The writer aligns to 32 bytes whatever the source did.
        .filter(|(key, _)| !matches!(key.as_str(), "general.file_type" | "general.alignment"))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    metadata.push(("general.file_type".into(), Value::U32(FILE_TYPE_Q8_0)));
    metadata.sort_by(|a, b| a.0.cmp(&b.0));
    metadata
}

/// Checks that every tensor lies within the file.
fn check_extent(content: &Content, file_bytes: u64) -> Result<(), String> {
    // In one order, so that a damaged file is always told in the same words.
    let tensors: BTreeMap<_, _> = content.tensor_infos.iter().collect();
    for (name, info) in tensors {
        let blocks = info.shape.elem_count() / info.ggml_dtype.block_size();
        let bytes = (blocks as u64).checked_mul(info.ggml_dtype.type_size() as u64);
        let end = bytes
            .and_then(|bytes| bytes.checked_add(info.offset))
            .and_then(|end| end.checked_add(content.tensor_data_offset));
        if end.is_none_or(|end| end > file_bytes) {
            return Err(format!("it is cut off: {name} ends behind its last byte"));
        }
    }
    Ok(())
}

/// A walk over the header that allocates nothing and believes no length.
struct Header<'a, R> {
    reader: &'a mut R,
    left: u64,
}

impl<R: Read> Header<'_, R> {
    fn walk(&mut self) -> io::Result<()> {
        if self.take::<4>()? != *b"GGUF" {
            return Err(bad("it does not begin with `GGUF`"));
        }
        let version = self.u32()?;
        if !(2..=3).contains(&version) {
            return Err(bad(format!("its version is {version}; 2 and 3 are known")));
        }
        let (tensors, entries) = (self.u64()?, self.u64()?);
        for _ in 0..entries {
            self.skip_string()?;
            let kind = self.u32()?;
            self.skip_value(kind, ARRAY_LEVELS)?;
        }
        for _ in 0..tensors {
            self.skip_tensor()?;
        }
        Ok(())
    }

    fn skip_tensor(&mut self) -> io::Result<()> {
        self.skip_string()?;
        let dimensions = self.u32()?;
        let mut elements = 1_u64;
        for _ in 0..dimensions {
            elements = elements
                .checked_mul(self.u64()?)
                .filter(|n| i64::try_from(*n).is_ok())
                .ok_or_else(|| bad("a tensor has more elements than any memory holds"))?;
        }
        // The type and the offset.
        self.skip(4 + 8)
    }

    fn skip_value(&mut self, kind: u32, levels: u8) -> io::Result<()> {
        match kind {
            STRING => self.skip_string(),
            ARRAY if levels == 0 => Err(bad("arrays are nested too deeply")),
            ARRAY => {
                let (kind, count) = (self.u32()?, self.u64()?);
                // Every element takes at least one byte.
                if count > self.left {
                    return Err(cut_off());
                }
                (0..count).try_for_each(|_| self.skip_value(kind, levels - 1))
            }
            0 | 1 | 7 => self.skip(1),
            2 | 3 => self.skip(2),
            4..=6 => self.skip(4),
            10..=12 => self.skip(8),
            _ => Err(bad(format!("it has a value of the unknown type {kind}"))),
        }
    }

    fn skip_string(&mut self) -> io::Result<()> {
        let bytes = self.u64()?;
        self.skip(bytes)
    }

    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        if bytes > self.left {
            return Err(cut_off());
        }
        let skipped = io::copy(&mut self.reader.by_ref().take(bytes), &mut io::sink())?;
        self.left -= skipped;
        if skipped < bytes {
            Err(cut_off())
        } else {
            Ok(())
        }
    }

    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes).map_err(|_| cut_off())?;
        self.left = self.left.saturating_sub(N as u64);
        Ok(bytes)
    }

    fn u32(&mut self) -> io::Result<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> io::Result<u64> {
        self.take().map(u64::from_le_bytes)
    }
}

fn bad(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

fn cut_off() -> io::Error {
    bad("it is cut off")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;
    use crate::fixture;

    #[test]
    fn requantising_keeps_the_weights_within_the_error_of_q8_0() {
        let folder = tempfile::tempdir().unwrap();
        let source = fixture::gguf(folder.path());
        let target = folder.path().join("q8.gguf");
        requantise(&source, &target, &mut |_, _, _| ()).unwrap();

        let (mut before, from) = open(&source).unwrap();
        let (mut after, to) = open(&target).unwrap();
        assert_eq!(from.tensor_infos.len(), to.tensor_infos.len());
        for (name, info) in &from.tensor_infos {
            let old = from.tensor(&mut before, name, &Device::Cpu).unwrap();
            let new = to.tensor(&mut after, name, &Device::Cpu).unwrap();
            assert_eq!(new.shape(), &info.shape, "{name}");
            check_close(name, &old, &new);
        }
    }

    /// `Q8_0` keeps 127 steps to each side, so it errs by half a step of the largest weight, and a
    /// little more because the size of the step is kept as f16.
    #[track_caller]
    fn check_close(name: &str, old: &QTensor, new: &QTensor) {
        let numbers = |tensor: &QTensor| {
            let flat = tensor.dequantize(&Device::Cpu).unwrap();
            flat.flatten_all().unwrap().to_vec1::<f32>().unwrap()
        };
        let (old_numbers, new_numbers) = (numbers(old), numbers(new));
        if old.rank() == 1 {
            assert_eq!(new.dtype(), GgmlDType::F32, "{name}");
            assert_eq!(old_numbers, new_numbers, "{name}");
            return;
        }
        assert_eq!(new.dtype(), GgmlDType::Q8_0, "{name}");
        for (a, b) in old_numbers.chunks(32).zip(new_numbers.chunks(32)) {
            let largest = a.iter().fold(0_f32, |m, x| m.max(x.abs()));
            for (x, y) in a.iter().zip(b) {
                assert!(
                    (x - y).abs() <= largest / 127.0 * 0.57,
                    "{name}: {x} became {y}"
                );
            }
        }
    }

    #[test]
    fn the_metadata_is_kept_and_tells_the_new_type() {
        let folder = tempfile::tempdir().unwrap();
        let source = fixture::gguf(folder.path());
        let target = folder.path().join("q8.gguf");
        requantise(&source, &target, &mut |_, _, _| ()).unwrap();
        let (_, from) = open(&source).unwrap();
        let (_, to) = open(&target).unwrap();
        for (key, value) in &from.metadata {
            let now = format!("{:?}", to.metadata[key]);
            match key.as_str() {
                "general.file_type" => assert_eq!(now, "U32(7)"),
                _ => assert_eq!(now, format!("{value:?}"), "{key}"),
            }
        }
    }

    #[test]
    fn the_same_source_gives_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let source = fixture::gguf(folder.path());
        let write = |name: &str| {
            let target = folder.path().join(name);
            requantise(&source, &target, &mut |_, _, _| ()).unwrap();
            fs::read(target).unwrap()
        };
        assert!(write("a.gguf") == write("b.gguf"));
    }

    #[track_caller]
    fn check_refused(bytes: &[u8], says: &str) {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("bad.gguf");
        fs::write(&source, bytes).unwrap();
        let target = folder.path().join("out.gguf");
        let error = requantise(&source, &target, &mut |_, _, _| ()).unwrap_err();
        assert_eq!(
            check_gguf(&source).unwrap_err().to_string(),
            error.to_string()
        );
        assert!(error.to_string().contains("bad.gguf"), "{error}");
        assert!(error.to_string().contains(says), "{error}");
        assert!(!target.exists());
    }

    #[test]
    fn what_is_no_gguf_is_refused() {
        check_refused(b"", "cut off");
        check_refused(b"PK\x03\x04 a zip archive", "does not begin with `GGUF`");
        check_refused(b"GGUF\x09\x00\x00\x00", "its version is 9");
    }

    #[test]
    fn a_length_beyond_the_file_is_refused_before_memory_is_asked_for() {
        let mut bytes = b"GGUF\x03\x00\x00\x00".to_vec();
        bytes.extend(0_u64.to_le_bytes());
        bytes.extend(1_u64.to_le_bytes());
        bytes.extend(u64::MAX.to_le_bytes());
        check_refused(&bytes, "cut off");
    }

    #[test]
    fn a_file_that_was_cut_off_anywhere_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let whole = fs::read(fixture::gguf(folder.path())).unwrap();
        for kept in [4, 8, 30, 200, whole.len() / 2, whole.len() - 64] {
            check_refused(&whole[..kept], "cut off");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_damaged_header_is_an_error_or_a_model_but_never_a_crash(
            at in 0_usize..1_500, to in any::<u8>()
        ) {
            let folder = tempfile::tempdir().unwrap();
            let source = fixture::gguf(folder.path());
            let mut bytes = fs::read(&source).unwrap();
            bytes[at] = to;
            fs::write(&source, bytes).unwrap();
            let target = folder.path().join("o.gguf");
            let converted = requantise(&source, &target, &mut |_, _, _| ());
            prop_assert_eq!(converted.is_ok(), target.exists());
        }
    }
}
