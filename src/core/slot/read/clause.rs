//! The text behind its lead-in: "Ann Lee" of "my name is Ann Lee and my number is …".
//!
//! Where it ends is a matter of care: a dot may belong to a title ("Dr. Ann Lee"), an "and" to a
//! name ("Smith and Sons"), a 和 too (王和平).

/// Marks that end a clause; a dot does only where it ends a sentence.
const ENDS: [char; 11] = [',', ';', '!', '?', '\n', '。', '，', '；', '！', '？', '、'];
/// Words before a dot that do not end a sentence with it.
const ABBREVIATIONS: [&str; 20] = [
    "dr", "mr", "mrs", "ms", "mx", "prof", "st", "jr", "sr", "inc", "ltd", "co", "corp", "bros",
    "rev", "fr", "ing", "dipl", "hr", "mt",
];
/// Words that begin a new clause behind "and", though with a capital.
const SUBJECTS: [&str; 6] = ["i", "my", "our", "we", "the", "please"];
/// What begins a new clause behind 和.
const HAN_SUBJECTS: [&str; 8] = ["我", "他", "她", "电话", "手机", "邮箱", "号码", "微信"];
/// So many digits in a row are no house number.
const LONG_NUMBER: usize = 5;

/// Whether some words that lead a text in are said.
pub(super) fn is_said(text: &str, words: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    (0..letters.len()).any(|at| lead_end(&letters, at, words).is_some())
}

/// What follows some words, to the end of the clause or the first of `stops` (places in bytes where
/// something else begins); empty if they are said and nothing that could be meant follows. `None`
/// if they are not said.
pub(super) fn after(text: &str, words: &str, stops: &[usize]) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    let (from, negated) = (0..letters.len()).find_map(|at| lead_end(&letters, at, words))?;
    if negated {
        return Some(String::new());
    }
    let places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
    let stops_at = |at: usize| places.get(at).is_some_and(|place| stops.contains(place));
    let to = (from..letters.len()).find(|&at| stops_at(at) || ends(&letters, at));
    let clause: String = letters
        .get(from..to.unwrap_or(letters.len()))?
        .iter()
        .collect();
    let clause = clause.trim_matches(|it: char| it.is_whitespace() || it == ':' || it == '：');
    let first = clause.split_whitespace().next().unwrap_or_default();
    let denied = first.eq_ignore_ascii_case("not");
    Some(if denied { "" } else { clause }.to_owned())
}

/// The place behind the words if they stand here, and whether `n't` follows right behind them.
fn lead_end(letters: &[char], at: usize, words: &str) -> Option<(usize, bool)> {
    let wanted: Vec<char> = words.chars().flat_map(char::to_lowercase).collect();
    let here = letters.iter().skip(at).flat_map(|it| it.to_lowercase());
    let same = here.take(wanted.len()).eq(wanted.iter().copied());
    let before = at.checked_sub(1).and_then(|before| letters.get(before));
    if !same || before.is_some_and(char::is_ascii_alphanumeric) {
        return None;
    }
    let to = at + words.chars().count();
    let next = letters.get(to).filter(|it| it.is_alphabetic());
    let runs_on = next.is_some() && wanted.last().is_some_and(char::is_ascii_alphabetic);
    let rest = word_at(letters, to);
    let apostrophe = matches!(letters.get(to + 1), Some('\'' | '’'));
    let negated = rest == "nt" || rest == "n" && apostrophe;
    (negated || !runs_on || is_han(next)).then_some((to, negated))
}

/// A wording in Latin letters may stand right before Han characters.
fn is_han(letter: Option<&char>) -> bool {
    letter.is_some_and(|letter| !letter.is_lowercase() && !letter.is_uppercase())
}

/// Whether the clause ends at a letter.
fn ends(letters: &[char], at: usize) -> bool {
    let letter = |at: usize| letters.get(at).copied().unwrap_or(' ');
    match letter(at) {
        c if ENDS.contains(&c) => true,
        '.' => ends_sentence(letters, at),
        '+' => letter(at + 1).is_ascii_digit(),
        '和' => {
            let rest: String = letters.iter().skip(at + 1).take(2).collect();
            let spaced = letter(at + 1).is_whitespace();
            spaced || HAN_SUBJECTS.iter().any(|it| rest.starts_with(it))
        }
        c if c.is_ascii_digit() => {
            let row = letters.iter().skip(at).take_while(|it| it.is_ascii_digit());
            row.count() >= LONG_NUMBER
        }
        c if c.is_whitespace() => begins_clause(letters, at + 1),
        _ => false,
    }
}

/// Whether a dot ends a sentence: behind a word that is no abbreviation and no initial.
fn ends_sentence(letters: &[char], dot: usize) -> bool {
    let next = letters.get(dot + 1).copied().unwrap_or(' ');
    let from = letters.iter().take(dot).rposition(|it| !it.is_alphabetic());
    let word = word_at(letters, from.map_or(0, |before| before + 1));
    let initial = word.chars().count() == 1 && word.is_ascii();
    let short = initial || ABBREVIATIONS.contains(&word.as_str());
    !next.is_ascii_alphanumeric() && !short
}

/// Whether "and" or "but" stands here and a new clause follows: not within "Smith and Sons".
fn begins_clause(letters: &[char], at: usize) -> bool {
    let space = letters.get(at + 3).is_some_and(|it| it.is_whitespace());
    let next = word_at(letters, at + 4);
    let capital = letters.get(at + 4).is_some_and(|it| it.is_uppercase());
    let name = capital && !SUBJECTS.contains(&next.as_str());
    match word_at(letters, at).as_str() {
        "but" => space,
        "and" => space && !name,
        _ => false,
    }
}

/// The letters from here on, in small ones.
fn word_at(letters: &[char], at: usize) -> String {
    let word = letters.iter().skip(at).take_while(|it| it.is_alphabetic());
    word.flat_map(|it| it.to_lowercase()).collect()
}
