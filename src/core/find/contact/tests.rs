//! Which addresses and numbers are left out.

use super::*;

#[track_caller]
fn check(text: &str, expect: &str) {
    let found = emails(text).into_iter().chain(phones(text));
    let found: Vec<String> = found.map(|found| found.value).collect();
    assert_eq!(found.join(" "), expect, "{text}");
}

#[test]
fn what_is_not_to_be_used_is_not_found() {
    for (text, expect) in [
        (
            "Do not use ann@old.example, write to ann@new.example",
            "ann@new.example",
        ),
        ("Please don't write to ann@old.example any more", ""),
        (
            "It is not ann@old.example but ann@new.example",
            "ann@new.example",
        ),
        (
            "不要用ann@old.example，用ann@new.example",
            "ann@new.example",
        ),
        ("ann@old.example不用了", ""),
        ("ann@old.example does not work", ""),
        ("don\u{2019}t call me on +1 202 555 0123", ""),
        ("not +1 202 555 0123 but +1 202 555 0199", "+12025550199"),
        ("别发到ann@old.example", ""),
    ] {
        check(text, expect);
    }
}

#[test]
fn a_denial_of_something_else_leaves_an_address_alone() {
    for (text, expect) in [
        ("I don't have a phone so ann@example.com", "ann@example.com"),
        ("No, ann@example.com", "ann@example.com"),
        ("I do not mind a call, +1 202 555 0123", "+12025550123"),
        ("Can't you call me on +1 202 555 0123", "+12025550123"),
        ("ann@example.com works", "ann@example.com"),
        ("a@x.de or b@y.de", "a@x.de b@y.de"),
    ] {
        check(text, expect);
    }
}
