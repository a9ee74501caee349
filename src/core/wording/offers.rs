//! What is said about an offer: its goods, its price, the rule behind it, and until when.

use jiff::civil::Date;

use super::{full_name, money, prices::total, stock};
use crate::{Because, Catalog, Language, OfferLine, OfferQuote, Variant};

/// `3 × Arc Lamp (Brass): 159.30 EUR in all (10% off from 5 pieces; 177 EUR without it).`
pub fn quote_offer(
    language: Language,
    catalog: &Catalog,
    lines: &[OfferLine<'_>],
    quote: &OfferQuote<'_>,
) -> String {
    let goods = goods(language, lines);
    let products = lines.iter().map(|line| line.product);
    let total = total(language, catalog, products, quote.total);
    let Some(because) = quote.because else {
        return match language {
            Language::ZH => format!("{goods}：共 {total}。"),
            _ => format!("{goods}: {total} in all."),
        };
    };
    let (full, rule) = (money(language, quote.full), because.name().get(language));
    let until = until(language, because);
    match language {
        Language::ZH => format!("{goods}：共 {total}（{rule}；{until}原价 {full}）。"),
        _ => format!("{goods}: {total} in all ({rule}; {until}{full} without it)."),
    }
}

/// Until when a reduced price holds, where that is limited.
fn until(language: Language, because: Because<'_>) -> String {
    let Because::Promotion(promotion) = because else {
        return String::new();
    };
    promotion.until.map_or_else(String::new, |day| {
        let day = date(language, day);
        match language {
            Language::ZH => format!("有效期至 {day}；"),
            _ => format!("until {day}; "),
        }
    })
}

/// A day as a customer reads it: `1 December 2026`, `2026年12月1日`.
pub fn date(language: Language, day: Date) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let (year, month, day) = (day.year(), day.month(), day.day());
    if language == Language::ZH {
        return format!("{year}年{month}月{day}日");
    }
    let month = usize::try_from(month - 1).ok();
    let month = month.and_then(|at| MONTHS.get(at));
    format!("{day} {} {year}", month.unwrap_or(&""))
}

/// `2 × Arc Lamp (Brass), 1 × Standing Desk`
fn goods(language: Language, lines: &[OfferLine<'_>]) -> String {
    let goods: Vec<String> = lines
        .iter()
        .map(|line| {
            let name = full_name(language, line.product, line.variant);
            format!("{} × {name}", line.quantity)
        })
        .collect();
    goods.join(comma(language))
}

/// `Arc Lamp (Brass), Standing Desk`
pub fn names_of_offer(language: Language, lines: &[OfferLine<'_>]) -> String {
    let names: Vec<String> = lines
        .iter()
        .map(|line| full_name(language, line.product, line.variant))
        .collect();
    names.join(comma(language))
}

/// Whether all of it can ship now; of several goods, those that cannot are named.
pub fn stock_of_offer(language: Language, lines: &[OfferLine<'_>]) -> String {
    if let [line] = lines {
        return stock(language, line.variant.stock_pieces, line.quantity);
    }
    let short: Vec<String> = lines
        .iter()
        .filter(|line| line.variant.stock_pieces < line.quantity)
        .map(|line| full_name(language, line.product, line.variant))
        .collect();
    let uncounted = |line: &OfferLine<'_>| line.variant.stock_pieces == Variant::UNCOUNTED;
    if lines.iter().all(uncounted) {
        return String::new();
    }
    match (language, short.is_empty()) {
        (Language::ZH, true) => "均有现货。".to_owned(),
        (Language::ZH, false) => format!("{}目前现货不足。", short.join("、")),
        (_, true) => "All of it is in stock.".to_owned(),
        (_, false) => format!("Not enough in stock at the moment: {}.", short.join(", ")),
    }
}

fn comma(language: Language) -> &'static str {
    if language == Language::ZH {
        "、"
    } else {
        ", "
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_without_guessing_which_number_is_the_month() {
        let day = Date::constant(2026, 12, 1);
        assert_eq!(date(Language::EN, day), "1 December 2026");
        assert_eq!(date(Language::ZH, day), "2026年12月1日");
    }
}
