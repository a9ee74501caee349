//! PDFs that are made on the spot, right ones and hostile ones.

use std::fmt::Write;

use super::*;

/// A PDF of these objects, numbered from 1; the first is the catalogue.
fn pdf(objects: &[String], more: &str) -> Vec<u8> {
    let mut text = "%PDF-1.7\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(objects) {
        places.push(text.len());
        write!(text, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    let xref = text.len();
    write!(text, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).unwrap();
    for place in places {
        writeln!(text, "{place:010} 00000 n ").unwrap();
    }
    let size = objects.len() + 1;
    write!(
        text,
        "trailer\n<< /Size {size} /Root 1 0 R {more} >>\nstartxref\n{xref}\n%%EOF\n"
    )
    .unwrap();
    text.into_bytes()
}

fn stream(content: &str) -> String {
    format!(
        "<< /Length {} >>\nstream\n{content}\nendstream",
        content.len()
    )
}

/// Objects of a PDF with these contents of pages.
fn objects(pages: &[String]) -> Vec<String> {
    let numbers = (0..pages.len()).map(|at| format!("{} 0 R", 4 + 2 * at));
    let kids = numbers.collect::<Vec<_>>().join(" ");
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", pages.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    for (at, content) in pages.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {} 0 R \
             /Resources << /Font << /F 3 0 R >> >> >>",
            5 + 2 * at
        ));
        objects.push(stream(content));
    }
    objects
}

/// Draws lines of text, each with its size and how far below the top of the page it stands.
fn lines(lines: &[(&str, u32, u32)]) -> String {
    let draw = |(text, size, down): &(&str, u32, u32)| {
        format!("BT /F {size} Tf 50 {} Td ({text}) Tj ET\n", 800 - down)
    };
    lines.iter().map(draw).collect()
}

fn read(bytes: &[u8]) -> String {
    let parsed = parse(bytes).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let lines = parsed.blocks.iter().map(|block| {
        let at = block.at.map_or_else(String::new, |it| it.to_string());
        format!("{at} [{}] {}\n", block.headings.join(" > "), block.text)
    });
    format!("title {:?}\n{}", parsed.title, lines.collect::<String>())
}

#[test]
fn pages_are_read_under_what_is_set_large() {
    let page = |number: u32, text: &str| {
        lines(&[
            ("Lumen and Loft", 9, 20),
            (text, 11, 100),
            ("is said here and goes on in a second line.", 11, 113),
            (&format!("Page {number}"), 9, 780),
        ])
    };
    let first = lines(&[
        ("Lumen and Loft", 9, 20),
        ("Terms of sale", 24, 60),
        ("Returns", 14, 100),
        ("You can send everything back with-", 11, 120),
        ("in 45 days, \\(unused\\), and we pay for it.", 11, 133),
        ("Opening hours", 14, 180),
        ("Monday to Friday 9-18", 11, 200),
        ("Saturday by appointment, as always in this house", 11, 213),
        ("Page 1", 9, 780),
    ]);
    let pages = [
        first,
        page(2, "What stands on page two"),
        page(3, "The third one"),
    ];
    insta::assert_snapshot!(read(&pdf(&objects(&pages), "")));
}

#[track_caller]
fn refused(bytes: &[u8], expect: &str) {
    let wrong = parse(bytes).expect_err("a refusal");
    assert!(wrong.message.contains(expect), "{wrong:?}");
    assert!(!wrong.hint.is_empty());
}

#[test]
fn one_with_a_password_says_so() {
    let hex = "ab".repeat(32);
    let encrypt =
        format!("<< /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <{hex}> /U <{hex}> >>");
    let mut objects = objects(&[lines(&[("Secret", 11, 100)])]);
    objects.push(encrypt);
    let number = objects.len();
    let more = format!("/Encrypt {number} 0 R /ID [<00112233> <00112233>]");
    refused(
        &pdf(&objects, &more),
        "is encrypted, and opens with a password",
    );
}

#[test]
fn one_without_text_says_whether_it_was_scanned() {
    let picture = "q 500 0 0 700 50 50 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \u{7f} EI Q";
    refused(&pdf(&objects(&[picture.to_owned()]), ""), "it was scanned");
    refused(&pdf(&objects(&[String::new()]), ""), "has no text");
}

#[test]
fn what_is_broken_or_hostile_is_refused_and_never_panics() {
    refused(b"%PDF-1.7\nnothing of the kind", "is a broken PDF");
    refused(
        &pdf(&objects(&vec![String::new(); MOST_PAGES + 1]), ""),
        "at most 500",
    );
    let whole = pdf(&objects(&[lines(&[("Text", 11, 100)])]), "");
    for end in (9..whole.len()).step_by(7) {
        parse(&whole[..end]).ok();
    }
    // A page that contains itself, a form that draws itself, numbers that are none.
    for (from, to) in [
        ("/Kids [4 0 R]", "/Kids [2 0 R 2 0 R]"),
        ("/Resources <<", "/Resources << /XObject << /X 5 0 R >>"),
        ("(Text) Tj", "(Text) Tj /X Do"),
        ("11 Tf", "1e999 Tf"),
        ("50 700 Td", "NaN 99999999999999999999 Td"),
    ] {
        let text = String::from_utf8(whole.clone()).unwrap();
        assert!(text.contains(from), "{from}");
        parse(text.replace(from, to).as_bytes()).ok();
    }
}
