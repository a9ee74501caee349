//! The tokens of [`crate::extract`] for what is no amount: digits end at every separator and every
//! space, so `1.12.2026` is three numbers with marks between them.

use rust_decimal::Decimal;

use crate::extract::{self, Folded, Kind, Token, is_han};

/// Cuts a text into tokens.
pub(super) fn pieces(text: &str) -> Vec<Token> {
    extract::cut(text, |folded| {
        let length = length(folded);
        (kind(&folded[..length]), length)
    })
}

/// The tokens of [`crate::extract`], where numbers are whole, in the same simple characters.
pub(super) fn with_numbers(text: &str) -> Vec<Token> {
    let mut tokens = extract::tokens(text);
    for token in &mut tokens {
        if let Kind::Han(c) = &mut token.kind {
            *c = simple(*c);
        }
    }
    tokens
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !is_han(c)
}

/// How many characters the next piece takes: at least one.
fn length(rest: &[Folded]) -> usize {
    let run = |is: fn(char) -> bool| rest.iter().take_while(|f| is(f.c)).count();
    run(|c| c.is_ascii_digit()).max(run(is_letter)).max(1)
}

fn kind(chars: &[Folded]) -> Kind {
    let text = || chars.iter().map(|f| f.c).collect::<String>();
    match chars.first().map(|f| f.c) {
        None | Some('\n') => Kind::Line,
        Some(c) if c.is_ascii_digit() => Kind::Number(Decimal::from_str_exact(&text()).ok()),
        Some(c) if is_han(c) => Kind::Han(simple(c)),
        Some(c) if is_letter(c) => Kind::Word(text()),
        Some(c) => Kind::Mark(c),
    }
}

/// Traditional characters of dates and amounts, in their simple form.
fn simple(c: char) -> char {
    match c {
        '後' => '后',
        '週' => '周',
        '號' => '号',
        '個' => '个',
        '禮' => '礼',
        '過' => '过',
        '這' => '这',
        '內' => '内',
        '預' => '预',
        '約' => '约',
        '張' => '张',
        '間' => '间',
        '從' => '从',
        '選' => '选',
        '團' => '团',
        '隊' => '队',
        '員' => '员',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let pieces: Vec<&str> = pieces(text)
            .into_iter()
            .filter_map(|piece| text.get(piece.at))
            .collect();
        assert_eq!(pieces.join("|"), expect);
    }

    #[test]
    fn digits_end_at_every_separator() {
        check("1.12.2026", "1|.|12|.|2026");
        check("1 000 seats", "1|000|seats");
        check("12月1日 or Dec 1st", "12|月|1|日|or|Dec|1|st");
        check("", "");
    }
}
