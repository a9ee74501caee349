//! A text that is read for dates, and the questions that all readers ask of it.

use jiff::{Span, civil::Date};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::extract::{Kind, Token, chinese_digit, currency_at, number_at};

/// A text in tokens, and the day on which it is read.
pub(super) struct Page<'a> {
    text: &'a str,
    /// The tokens.
    pub(super) tokens: &'a [Token],
    /// The day of reading.
    pub(super) today: Date,
    /// What [`Page::number`] says of each token.
    numbers: Vec<Option<Number>>,
}

/// The value of a number, and the token behind it.
type Number = (Option<Decimal>, usize);

/// What a reader understood.
pub(super) struct Read {
    /// The date; `None` if it is none, or too vague, but its words must not be read again.
    pub(super) date: Option<Date>,
    /// The token after the last.
    pub(super) to: usize,
    /// Whether it is no more than the name of a day, which may stand beside its date.
    pub(super) weekday: bool,
}

impl Read {
    /// A date.
    pub(super) fn date(date: Option<Date>, to: usize) -> Self {
        Self {
            date,
            to,
            weekday: false,
        }
    }

    /// The name of a day.
    pub(super) fn weekday(date: Option<Date>, to: usize) -> Self {
        Self {
            date,
            to,
            weekday: true,
        }
    }

    /// Words that give no date.
    pub(super) fn nothing(to: usize) -> Self {
        Self::date(None, to)
    }
}

/// A span of the calendar.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    Day,
    Week,
    Month,
    Year,
}

/// No customer means a day further away than this, in any unit.
const MAX_COUNT: i64 = 1_000;

/// No number of a date has more tokens, and none is looked for further: a row of numerals that runs
/// on is walked from each of its tokens, and must not be walked to its end each time.
pub(super) const LONGEST_NUMBER: usize = 24;

impl<'a> Page<'a> {
    pub(super) fn new(text: &'a str, tokens: &'a [Token], today: Date) -> Self {
        Self {
            text,
            tokens,
            today,
            numbers: (0..tokens.len())
                .map(|at| short_number(tokens, at))
                .collect(),
        }
    }

    /// The word at a token.
    pub(super) fn word(&self, at: usize) -> Option<&'a str> {
        self.tokens.get(at)?.word()
    }

    /// The word so many tokens before one.
    pub(super) fn back(&self, at: usize, by: usize) -> Option<&'a str> {
        self.word(at.checked_sub(by)?)
    }

    /// Whether this word stands here.
    pub(super) fn is(&self, at: usize, word: &str) -> bool {
        self.word(at) == Some(word)
    }

    /// The token behind this word if it stands here, else here.
    pub(super) fn skip(&self, at: usize, word: &str) -> usize {
        at + usize::from(self.is(at, word))
    }

    /// The token behind these words, if they stand here.
    pub(super) fn words(&self, at: usize, words: &[&str]) -> Option<usize> {
        let all = (at..).zip(words).all(|(at, word)| self.is(at, word));
        all.then_some(at + words.len())
    }

    /// Whether a mark stands here.
    pub(super) fn is_mark(&self, at: usize, mark: char) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is_mark(mark))
    }

    /// The token behind these Han characters, if they stand here.
    pub(super) fn han(&self, at: usize, text: &str) -> Option<usize> {
        let all = (at..)
            .zip(text.chars())
            .all(|(at, c)| self.han_char(at) == Some(c));
        all.then(|| at + text.chars().count())
    }

    /// The token behind the first of these that stands here.
    pub(super) fn han_any(&self, at: usize, texts: &[&str]) -> Option<usize> {
        texts.iter().find_map(|text| self.han(at, text))
    }

    /// The Han character at a token.
    pub(super) fn han_char(&self, at: usize) -> Option<char> {
        match self.tokens.get(at)?.kind {
            Kind::Han(c) => Some(c),
            _ => None,
        }
    }

    /// Whether one of these Han texts ends right before a token.
    pub(super) fn han_ends(&self, at: usize, texts: &[&str]) -> bool {
        texts.iter().any(|text| {
            let from = at.checked_sub(text.chars().count());
            from.is_some_and(|from| self.han(from, text).is_some())
        })
    }

    /// A number in digits, if it is a small one.
    pub(super) fn digits(&self, at: usize) -> Option<i16> {
        match self.tokens.get(at)?.kind {
            Kind::Number(Some(number)) => number.to_i16(),
            _ => None,
        }
    }

    /// Whether a token follows the one before it without a space.
    pub(super) fn tight(&self, at: usize) -> bool {
        at > 0 && self.tokens.get(at).is_some_and(|token| !token.spaced)
    }

    /// Whether the token's word begins with a capital letter.
    pub(super) fn is_capitalised(&self, at: usize) -> bool {
        let rest = self
            .tokens
            .get(at)
            .and_then(|token| self.text.get(token.at.clone()));
        rest.and_then(|word| word.chars().next())
            .is_some_and(char::is_uppercase)
    }

    /// The number that starts at a token, unless it is longer than a date's can be.
    pub(super) fn number(&self, at: usize) -> Option<Number> {
        *self.numbers.get(at)?
    }

    /// A whole number in digits or words, and the token behind it. Two digits side by side in
    /// Chinese are a guess (两三天: two or three days), which is no number.
    pub(super) fn count(&self, at: usize) -> Option<(i64, usize)> {
        if matches!(self.word(at), Some("a" | "an")) && self.number(at).is_none() {
            return Some((1, at + 1));
        }
        let (value, to) = self.number(at)?;
        let digit = |at: usize| {
            self.han_char(at)
                .is_some_and(|c| chinese_digit(c).is_some())
        };
        let guess = (at + 1..to).any(|at| digit(at) && digit(at - 1));
        let value = value.filter(Decimal::is_integer)?.to_i64()?;
        (!guess && value <= MAX_COUNT).then_some((value, to))
    }

    /// Whether a token is not the first of its number.
    pub(super) fn count_crosses(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.number(before));
        before.is_some_and(|(_, to)| to > at)
    }

    /// Whether a number ends right before a token.
    pub(super) fn count_ends(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.number(before));
        before.is_some_and(|(_, to)| to == at)
    }

    /// A number of a year, in digits of either kind, and the token behind it.
    pub(super) fn year(&self, at: usize) -> Option<(i16, usize)> {
        let (number, to) = self.number(at)?;
        Some((number?.to_i16()?, to))
    }

    /// Whether a number that starts here starts here indeed, and is no part of a longer one, of a
    /// code or of a price.
    pub(super) fn starts_number(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1).filter(|_| self.tight(at)) else {
            return true;
        };
        match self.tokens[before].kind {
            Kind::Word(_) | Kind::Number(_) | Kind::Mark('#' | '@' | '+' | '=' | '\\') => false,
            Kind::Mark('.' | ',' | '/' | '-' | ':' | '\'') => {
                !self.tight(before) || !self.is_number_or_word(before - 1)
            }
            Kind::Mark(_) => currency_at(self.tokens, before).is_none(),
            Kind::Han(_) | Kind::Line => true,
        }
    }

    /// Whether a number that ends before this token ends there indeed.
    pub(super) fn ends_number(&self, at: usize) -> bool {
        let Some(next) = self.tokens.get(at) else {
            return true;
        };
        if next.is_mark('%') || currency_at(self.tokens, at).is_some() {
            return false;
        }
        match &next.kind {
            _ if next.spaced => true,
            // The time of ISO 8601: `2026-12-01T10:00`.
            Kind::Word(word) => word == "t",
            Kind::Number(_) => false,
            Kind::Mark('.' | ',' | '/' | '-' | ':') => {
                !(self.tight(at + 1) && matches!(self.tokens[at + 1].kind, Kind::Number(_)))
            }
            Kind::Mark(_) | Kind::Han(_) | Kind::Line => true,
        }
    }

    fn is_number_or_word(&self, at: usize) -> bool {
        let kind = self.tokens.get(at).map(|token| &token.kind);
        matches!(kind, Some(Kind::Number(_) | Kind::Word(_)))
    }

    /// So many units from a day.
    pub(super) fn shift(date: Date, count: i64, unit: Unit) -> Option<Date> {
        let span = match unit {
            Unit::Day => Span::new().try_days(count),
            Unit::Week => Span::new().try_weeks(count),
            Unit::Month => Span::new().try_months(count),
            Unit::Year => Span::new().try_years(count),
        };
        date.checked_add(span.ok()?).ok()
    }

    /// The first such day of a month from today on; the 29th of February may be years away.
    pub(super) fn next(&self, month: i8, day: i8) -> Option<Date> {
        (0..=8)
            .filter_map(|years| Date::new(self.today.year().checked_add(years)?, month, day).ok())
            .find(|date| *date >= self.today)
    }

    /// The last day of a month, the next one from today on.
    pub(super) fn next_end(&self, month: i8) -> Option<Date> {
        (0..=1)
            .filter_map(|years| Date::new(self.today.year().checked_add(years)?, month, 1).ok())
            .map(Date::last_of_month)
            .find(|date| *date >= self.today)
    }

    /// The Monday of a week, counted from this one.
    pub(super) fn monday(&self, weeks: i64) -> Option<Date> {
        let since = i64::from(self.today.weekday().to_monday_zero_offset());
        let monday = Self::shift(self.today, -since, Unit::Day)?;
        Self::shift(monday, weeks, Unit::Week)
    }

    /// The first day of a month, counted from this one.
    pub(super) fn first_of_month(&self, months: i64) -> Option<Date> {
        Self::shift(self.today.first_of_month(), months, Unit::Month)
    }
}

fn short_number(tokens: &[Token], at: usize) -> Option<Number> {
    let end = tokens.len().min(at.saturating_add(LONGEST_NUMBER));
    let number = number_at(tokens.get(..end)?, at)?;
    let whole = number.to < end || end == tokens.len();
    whole.then_some((number.value, number.to))
}
