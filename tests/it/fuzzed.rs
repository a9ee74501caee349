//! Inputs that fuzzing found interesting, or that broke something once: each goes again through
//! what the fuzz targets do (`make fuzz`), in every run of the tests.

#[path = "../fuzz/document.rs"]
mod document;
#[path = "../fuzz/script.rs"]
mod script;
#[path = "../fuzz/yaml.rs"]
mod yaml;

use std::{fs, path::Path};

/// Tries every kept input of a target, on a thread with the stack of a server's worker.
#[track_caller]
fn check(target: &str, attempt: fn(&[u8])) {
    const STACK_BYTES: usize = 2 * 1024 * 1024;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/kept");
    let mut tried = 0;
    for entry in fs::read_dir(folder.join(target)).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let attempt = thread.spawn(move || attempt(&bytes)).unwrap();
        assert!(attempt.join().is_ok(), "{} breaks", path.display());
        tried += 1;
    }
    assert!(tried > 0, "nothing is kept for {target}");
}

#[test]
fn kept_playbooks_break_nothing() {
    check("playbook", script::try_script);
}

#[test]
fn kept_facts_break_nothing() {
    check("facts", yaml::try_facts);
}

#[test]
fn kept_documents_break_nothing() {
    check("documents", document::try_document);
}

#[test]
fn bytes_that_are_no_text_break_nothing() {
    for bytes in [&b"\xff\xfe"[..], b"", b"\n%%\n", b"fn \xf0\x9f"] {
        script::try_script(bytes);
        yaml::try_facts(bytes);
        document::try_document(bytes);
    }
}
