//! A folder of documents over time, and what must not be read of one.

use std::fs;

use tempfile::TempDir;

use super::*;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn documents(shelf: &Shelf) -> Documents {
    Documents {
        documents: shelf.read.iter().map(|(it, _)| Arc::clone(it)).collect(),
        hash: String::new(),
    }
}

fn keys(shelf: &Shelf) -> Vec<&str> {
    shelf.read.iter().map(|(it, _)| it.key.as_str()).collect()
}

#[track_caller]
fn told(shelf: &Shelf, expect: &[(&str, &str)]) {
    assert_eq!(shelf.problems.len(), expect.len(), "{:#?}", shelf.problems);
    for (problem, (file, message)) in shelf.problems.iter().zip(expect) {
        assert!(problem.file.ends_with(file), "{problem}");
        assert!(problem.to_string().contains(message), "{problem}");
    }
}

#[test]
fn documents_are_found_in_their_order_with_what_stands_beside_them() {
    let folder = folder(&[
        ("b.txt", "Text.\n"),
        ("a/deep.md", "# Deep\n\nText.\n"),
        ("zones.csv", "a,b\n1,2\n"),
        ("zones.csv.yaml", "title: Zones\n"),
        (".hidden.md", "No."),
        ("~$b.txt", "No."),
    ]);
    let shelf = read(folder.path(), &Documents::default());
    told(&shelf, &[]);
    assert_eq!(keys(&shelf), ["a/deep.md", "b.txt", "zones.csv"]);
    assert_eq!(shelf.read[2].0.title, "Zones");
    let mut files = files_in(folder.path());
    files.sort();
    assert_eq!(files.len(), 4);
}

#[test]
fn one_that_breaks_says_what_it_said_before_and_hides_no_other() {
    let folder = folder(&[("a.txt", "First.\n"), ("b.txt", "Other.\n")]);
    let before = documents(&read(folder.path(), &Documents::default()));
    fs::write(folder.path().join("a.txt"), b"M\xfcller").unwrap();
    fs::write(folder.path().join("b.txt"), "Changed.\n").unwrap();
    fs::write(folder.path().join("c.csv"), "a,b\n1\n").unwrap();
    let shelf = read(folder.path(), &before);
    told(
        &shelf,
        &[("a.txt", "not in UTF-8"), ("c.csv", "1 values in line 2")],
    );
    let texts: Vec<&str> = shelf
        .read
        .iter()
        .map(|(it, _)| it.passages[0].text.as_str())
        .collect();
    assert_eq!(texts, ["First.", "Changed."]);
    // Without anything before there is nothing to go on with.
    assert_eq!(keys(&read(folder.path(), &Documents::default())), ["b.txt"]);
    fs::remove_file(folder.path().join("a.txt")).unwrap();
    assert_eq!(keys(&read(folder.path(), &before)), ["b.txt"]);
}

#[test]
fn what_has_not_changed_is_not_read_again() {
    let folder = folder(&[("a.txt", "First.\n"), ("b.txt", "Other.\n")]);
    let before = documents(&read(folder.path(), &Documents::default()));
    fs::write(folder.path().join("b.txt.yaml"), "title: Another\n").unwrap();
    let after = documents(&read(folder.path(), &before));
    assert!(Arc::ptr_eq(&before.documents[0], &after.documents[0]));
    assert_eq!(after.documents[1].title, "Another");
}

#[test]
fn what_is_no_document_is_named() {
    let folder = folder(&[
        ("a.docx", "x"),
        ("alone.pdf.yaml", "title: A\n"),
        ("a/b/c/d/e/f.md", "Text."),
        ("tricks\u{202e}fdp.exe", "x"),
    ]);
    let shelf = read(folder.path(), &Documents::default());
    told(
        &shelf,
        &[
            ("/e", "lies too deep"),
            ("a.docx", "its ending is none of those"),
            ("alone.pdf.yaml", "beside no document"),
            ("tricks\\u{202e}fdp.exe", "its ending is none of those"),
        ],
    );
}

#[test]
fn a_folder_that_is_not_there_holds_nothing_and_one_that_is_gone_what_it_held() {
    let folder = folder(&[("a.txt", "Text.\n")]);
    let nowhere = folder.path().join("nowhere");
    told(&read(&nowhere, &Documents::default()), &[]);
    let before = documents(&read(folder.path(), &Documents::default()));
    let gone = read(&nowhere, &before);
    told(&gone, &[("nowhere", "cannot be read")]);
    assert_eq!(keys(&gone), ["a.txt"]);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_out_is_not_followed() {
    use std::os::unix::fs::symlink;
    let outside = folder(&[("secret.txt", "Secret.\n")]);
    let folder = folder(&[("a.txt", "Inside.\n")]);
    let link = |to: &Path, name: &str| symlink(to, folder.path().join(name)).unwrap();
    link(&outside.path().join("secret.txt"), "b.txt");
    link(outside.path(), "c");
    link(folder.path(), "d");
    link(&folder.path().join("a.txt"), "e.txt");
    link(Path::new("/dev/zero"), "f.txt");
    link(Path::new("/nowhere/at/all"), "g.txt");
    let mut shelf = read(folder.path(), &Documents::default());
    shelf.problems.sort_by(|a, b| a.file.cmp(&b.file));
    told(
        &shelf,
        &[
            ("b.txt", "leads out"),
            ("/c", "leads out"),
            ("/d", "a link to a folder"),
            ("f.txt", "leads out"),
            ("g.txt", "cannot be read"),
        ],
    );
    assert_eq!(keys(&shelf), ["a.txt", "e.txt"]);
}

/// The keys of the documents of a folder with these files, and how many problems there are.
fn shelf_of(files: &[(&str, &str)]) -> (Vec<String>, usize) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let shelf = read(folder.path(), &Documents::default());
    let keys = shelf.read.iter().map(|(it, _)| it.key.to_string());
    (keys.collect(), shelf.problems.len())
}

#[test]
fn a_document_whose_limits_cannot_be_read_is_told_to_nobody() {
    let text = "# Margins\n\nWe give resellers 40 percent.\n";
    let large = format!("groups: [wholesale]\n#{}\n", "x".repeat(1 << 16));
    for (name, about) in [
        ("m.md.yml", "groups: [wholesale]\n"),
        ("m.md.YAML", "groups: [wholesale]\n"),
        ("m.md.yaml", "grups: [wholesale]\n"),
        ("m.md.yaml", large.as_str()),
    ] {
        let (keys, problems) = shelf_of(&[("m.md", text), (name, about)]);
        assert!(keys.is_empty() && problems > 0, "{name}: {keys:?}");
    }
    assert_eq!(shelf_of(&[("m.md", text)]).0, ["m.md"]);
}

#[test]
fn limits_below_an_empty_line_count_in_every_file_of_text() {
    let text = "\n---\ngroups: [wholesale]\n---\nWe give resellers 40 percent.\n";
    for name in ["m.md", "m.txt"] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), text).unwrap();
        let shelf = read(folder.path(), &Documents::default());
        let (document, _) = &shelf.read[0];
        assert_eq!(document.scope.groups, ["wholesale"], "{name}");
    }
}

#[test]
fn who_narrows_a_document_and_slips_does_not_have_it_told_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("m.md");
    fs::write(&file, "We give resellers 40 percent.\n").unwrap();
    let first = read(folder.path(), &Documents::default()).read;
    let before = Documents {
        documents: first.into_iter().map(|(it, _)| it).collect(),
        hash: String::new(),
    };
    assert_eq!(before.documents.len(), 1);
    fs::write(
        &file,
        "---\ngrups: [x]\n---\nWe give resellers 40 percent.\n",
    )
    .unwrap();
    assert!(read(folder.path(), &before).read.is_empty());
}
