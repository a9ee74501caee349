//! Numbers that are no amounts of money: days, sizes, weights, years, times of day. Each must stand
//! in the catalogue or the FAQ with the same unit; how long something takes or holds must be about
//! the same service too, or "14 days to return it" would promise a repair within 14 days.

use std::collections::{BTreeSet, HashMap};

use rust_decimal::Decimal;

use super::{Basis, Evidence, Reading, facts::Stated, names::NamedVariant, topic};
use crate::extract::{Kind, Token, numbers, sentence_around};

/// Units by what they are called, folded; they are compared by their places here.
const UNITS: [&[&str]; 24] = [
    &["minute", "minutes", "min", "mins", "分钟"],
    &["hour", "hours", "hr", "hrs", "小时"],
    &["day", "days", "天", "日", "工作日"],
    &["week", "weeks", "周", "星期"],
    &["month", "months", "个月", "月"],
    &["year", "years", "yr", "yrs", "年"],
    &["clock", "am", "pm", "点"],
    &["mm", "millimeter", "millimeters", "millimetres", "毫米"],
    &[
        "cm",
        "centimeter",
        "centimeters",
        "centimetre",
        "centimetres",
        "厘米",
        "公分",
    ],
    &["m", "meter", "meters", "metre", "metres", "米"],
    &["km", "kilometer", "kilometers", "kilometres", "公里"],
    &["inch", "inches", "英寸"],
    &["ft", "foot", "feet", "英尺"],
    &[
        "kg",
        "kilo",
        "kilos",
        "kilogram",
        "kilograms",
        "公斤",
        "千克",
    ],
    &["g", "gram", "grams", "克"],
    &["lb", "lbs", "pound", "pounds", "磅"],
    &["w", "watt", "watts", "瓦"],
    &["v", "volt", "volts", "伏"],
    &["kelvin"],
    &["lm", "lumen", "lumens", "流明"],
    &["hz", "hertz"],
    &["%", "percent"],
    &["piece", "pieces", "pcs", "件"],
    &["person", "people", "persons", "人"],
];

/// How many of them are about time.
const OF_TIME: usize = 7;

/// Numbers up to this one in words say nothing by themselves: "one of our lamps", "两款".
const SMALL: u32 = 12;

/// Tokens after a number within which what is counted stands: "2 oak lamps".
const REACH: usize = 3;

/// What may stand between a number and its unit.
const BETWEEN: &[&str] = &[
    "o", "'", "working", "business", "calendar", "full", "whole", "more", "个", "-",
];

/// What joins the two ends of a range.
const RANGE: &[&str] = &["to", "or", "and", "-", "至", "到", "by"];

/// A number with its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Figure {
    pub(super) value: Decimal,
    /// Its place in [`UNITS`]; `None` where it has none of them.
    pub(super) unit: Option<usize>,
    pub(super) from: usize,
    pub(super) to: usize,
    /// Whether it is written in digits.
    digits: bool,
}

/// A figure that the company states: what it is about, and of which product.
#[derive(Clone, Debug)]
struct Described {
    stated: Stated,
    product: Option<usize>,
}

/// All figures that the company states.
#[derive(Debug, Default)]
pub(super) struct Figures(HashMap<(Decimal, Option<usize>), Vec<Described>>);

impl Figures {
    /// Takes every figure of a text as a fact. `about` are the subjects of the question that it
    /// answers, `product` the product that it describes.
    pub(super) fn read(
        &mut self,
        tokens: &[Token],
        (about, basis): (&BTreeSet<String>, &Basis),
        product: Option<usize>,
    ) {
        for figure in figures(tokens) {
            let (start, end) = sentence_around(tokens, figure.from, figure.to);
            let mut topics = topic::topics(&tokens[start..end]);
            topics.extend(about.iter().cloned());
            let stated = Stated {
                about: topics,
                basis: basis.clone(),
            };
            let key = (figure.value, figure.unit);
            let described = Described { stated, product };
            self.0.entry(key).or_default().push(described);
        }
    }

    fn of(&self, figure: &Figure) -> &[Described] {
        let known = self.0.get(&(figure.value, figure.unit));
        known.map_or(&[], Vec::as_slice)
    }
}

/// The figures of a sentence that nothing holds, as they stand there.
pub(super) fn unheld(reading: &Reading<'_>) -> Vec<String> {
    let figures = own(reading);
    let figures =
        figures.filter(|it| !says_nothing(reading.own(), it) && basis(reading, it).is_none());
    figures
        .map(|figure| reading.text_of(figure.from, figure.to))
        .collect()
}

/// Those of them that are about time.
pub(super) fn unheld_times(reading: &Reading<'_>) -> Vec<Figure> {
    let of_time = |it: &Figure| it.unit.is_some_and(|unit| unit < OF_TIME);
    own(reading)
        .filter(|it| of_time(it) && basis(reading, it).is_none())
        .collect()
}

/// The figures of a sentence, each with what it rests on.
pub(super) fn evidence(reading: &Reading<'_>) -> Vec<Evidence> {
    let figures = own(reading).filter(|it| !says_nothing(reading.own(), it));
    let evidence = figures.filter_map(|figure| {
        Some(Evidence {
            claim: reading.text_of(figure.from, figure.to),
            rests_on: basis(reading, &figure)?,
        })
    });
    evidence.collect()
}

/// The figures that are no amounts and count no lines.
fn own<'a>(reading: &'a Reading<'_>) -> impl Iterator<Item = Figure> + 'a {
    let own = reading.own();
    let figures = figures(own).into_iter();
    figures.filter(|it| !reading.is_claimed(it.from) && !is_marker(reading, it.from))
}

/// Whether it only counts what follows: "one of our lamps". "Yours for ten" and "two left" do not.
fn says_nothing(tokens: &[Token], figure: &Figure) -> bool {
    let word = |at: Option<usize>| at.and_then(|at| tokens.get(at)).and_then(Token::word);
    let next = word(Some(figure.to));
    let is_a_price =
        matches!(word(figure.from.checked_sub(1)), Some("for" | "at")) && next.is_none();
    let counts = next != Some("left") && !is_a_price;
    figure.unit.is_none()
        && !figure.digits
        && figure.value <= Decimal::from(SMALL)
        && figure.value.is_integer()
        && counts
}

fn basis(reading: &Reading<'_>, figure: &Figure) -> Option<Basis> {
    let customer = || is_the_customers(reading, figure).then_some(Basis::Customer);
    stated(reading, figure)
        .or_else(|| is_stock(reading, figure).then_some(Basis::Stock))
        .or_else(customer)
}

fn stated(reading: &Reading<'_>, figure: &Figure) -> Option<Basis> {
    let of_time = figure.unit.is_some_and(|unit| unit < OF_TIME);
    let about = topic::topics(reading.own());
    let mut described = reading.facts.base.figures.of(figure).iter();
    let described = described.find(|it| match it.product {
        _ if of_time => topic::agree(&about, &it.stated.about),
        Some(product) if !reading.mentions.is_empty() => reading.names(product),
        _ => true,
    })?;
    Some(described.stated.basis.clone())
}

/// The number of pieces that a named product has.
fn is_stock(reading: &Reading<'_>, figure: &Figure) -> bool {
    let pieces = |variant: &NamedVariant| Decimal::from(variant.stock_pieces) == figure.value;
    figure.unit.is_none_or(|unit| UNITS[unit][0] == "piece")
        && reading.variants_named().iter().any(|it| pieces(it))
}

/// A number that the customer wrote: how many of what they want, or repeated in a question, a
/// refusal, a budget.
fn is_the_customers(reading: &Reading<'_>, figure: &Figure) -> bool {
    let said = (figure.value, figure.unit);
    if !reading.facts.customer_figures.contains(&said) {
        return false;
    }
    let counts = figure.unit.is_none()
        && figure.value.is_integer()
        && reading.names_within(figure.to, REACH);
    counts || is_in_a_name(reading.own(), figure.from) || reading.echoes(figure.from, figure.to)
}

/// Whether a number is part of a name: of an order (`LL-2291`), of a question (`q17`).
fn is_in_a_name(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let joins = before.is_some_and(|it| it.word().is_some() || it.is_mark('-'));
    joins && tokens.get(at).is_some_and(|it| !it.spaced)
}

/// `1.` and `2)` at the beginning of a line count its lines.
fn is_marker(reading: &Reading<'_>, at: usize) -> bool {
    let tokens = reading.own();
    reading.begins_line(at)
        && tokens
            .get(at + 1)
            .is_some_and(|it| matches!(it.kind, Kind::Mark('.' | ')')))
}

/// Every figure of a text. Of a range, both ends have its unit.
pub(super) fn figures(tokens: &[Token]) -> Vec<Figure> {
    let mut figures: Vec<Figure> = Vec::new();
    for number in numbers(tokens) {
        let (unit, to) = unit_behind(tokens, number.to).unzip();
        let value = number.value.unwrap_or(Decimal::MAX).normalize();
        let figure = Figure {
            value,
            unit,
            from: number.from,
            to: to.unwrap_or(number.to),
            digits: matches!(tokens[number.from].kind, Kind::Number(_)),
        };
        figures.push(figure);
    }
    for at in (1..figures.len()).rev() {
        if figures[at - 1].unit.is_none() && joins(tokens, figures[at - 1].to, figures[at].from) {
            figures[at - 1].unit = figures[at].unit;
        }
    }
    figures.extend(whole_units(tokens));
    figures
}

/// "A week", "half a year": one of a unit of time, or a part of it.
fn whole_units(tokens: &[Token]) -> Vec<Figure> {
    let one = (0..tokens.len()).filter(|&at| matches!(tokens[at].word(), Some("a" | "an")));
    let figures = one.filter_map(|at| {
        let (unit, to) = unit_behind(tokens, at + 1)?;
        (unit < OF_TIME).then_some(Figure {
            value: Decimal::ONE,
            unit: Some(unit),
            from: at,
            to,
            digits: false,
        })
    });
    figures.collect()
}

/// Whether nothing but what joins a range stands between.
fn joins(tokens: &[Token], from: usize, to: usize) -> bool {
    (1..=2).contains(&to.saturating_sub(from))
        && tokens[from..to]
            .iter()
            .all(|token| RANGE.contains(&spelt(token).as_str()))
}

/// The unit behind a number, and where it ends.
fn unit_behind(tokens: &[Token], at: usize) -> Option<(usize, usize)> {
    let mut at = at;
    while tokens
        .get(at)
        .is_some_and(|it| BETWEEN.contains(&spelt(it).as_str()))
        && unit_at(tokens, at).is_none()
    {
        at += 1;
    }
    unit_at(tokens, at)
}

/// The unit at a token, the longest of those that stand there.
fn unit_at(tokens: &[Token], at: usize) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize)> = None;
    for (unit, names) in UNITS.iter().enumerate() {
        for name in *names {
            let length = if name.is_ascii() {
                1
            } else {
                name.chars().count()
            };
            let Some(there) = tokens.get(at..at + length) else {
                continue;
            };
            let there: String = there.iter().map(spelt).collect();
            if there == *name && best.is_none_or(|(_, to)| to < at + length) {
                best = Some((unit, at + length));
            }
        }
    }
    best
}

fn spelt(token: &Token) -> String {
    match &token.kind {
        Kind::Word(word) => word.clone(),
        Kind::Han(c) | Kind::Mark(c) => c.to_string(),
        Kind::Number(_) | Kind::Line => String::new(),
    }
}
