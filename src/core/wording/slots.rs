//! What is said before a question is asked again: kindly, and with what would be understood.

use crate::{Language, Refusal, SlotKind};

use super::date;

/// Why a value that was understood cannot be taken.
pub fn not_accepted(language: Language, refusal: &Refusal) -> String {
    match (language, refusal) {
        (Language::ZH, Refusal::TooSmall(least)) => format!("至少需要 {least}。"),
        (Language::ZH, Refusal::TooLarge(most)) => format!("最多只能是 {most}。"),
        (Language::ZH, Refusal::NotWhole) => "这里需要一个整数。".to_owned(),
        (Language::ZH, Refusal::TooEarly(day)) => {
            format!("日期不能早于 {}。", date(language, *day))
        }
        (Language::ZH, Refusal::TooLong(chars)) => format!("请控制在 {chars} 个字以内。"),
        (Language::ZH, Refusal::OtherCurrency(home)) => format!("请用 {home} 告诉我金额。"),
        (Language::ZH, Refusal::SeveralMeant) => "您提到了不止一个，请选一个。".to_owned(),
        (_, Refusal::TooSmall(least)) => format!("It has to be {least} or more."),
        (_, Refusal::TooLarge(most)) => format!("It can be {most} at the most."),
        (_, Refusal::NotWhole) => "It has to be a whole number.".to_owned(),
        (_, Refusal::TooEarly(day)) => {
            format!("It can be {} at the earliest.", date(language, *day))
        }
        (_, Refusal::TooLong(chars)) => format!("Please keep it under {chars} characters."),
        (_, Refusal::OtherCurrency(home)) => format!("Please give me the amount in {home}."),
        (_, Refusal::SeveralMeant) => "You named more than one; please pick one.".to_owned(),
    }
}

/// Asks whether this value is meant.
pub fn is_meant(language: Language, value: &str) -> String {
    match language {
        Language::ZH => format!("您是说“{value}”吗？"),
        _ => format!("Do you mean {value}?"),
    }
}

/// What would be understood as a value of this kind.
pub const fn not_understood(language: Language, kind: SlotKind) -> &'static str {
    match (language, kind) {
        (Language::ZH, SlotKind::Text) => "抱歉，我没看明白。",
        (Language::ZH, SlotKind::Number) => "抱歉，我没看明白，请告诉我一个数字。",
        (Language::ZH, SlotKind::Quantity) => "抱歉，我没看明白，请告诉我数量，例如 3。",
        (Language::ZH, SlotKind::Money) => "抱歉，我没看明白，请告诉我一个金额。",
        (Language::ZH, SlotKind::Date) => "抱歉，我没看明白，请告诉我日期，例如 12月1日。",
        (Language::ZH, SlotKind::Choice) => "抱歉，我没看明白，请选择其中一个。",
        (Language::ZH, SlotKind::Email) => "抱歉，这不像是邮箱地址。",
        (Language::ZH, SlotKind::Phone) => "抱歉，这不像是电话号码。",
        (_, SlotKind::Text) => "Sorry, I did not get that.",
        (_, SlotKind::Number) => "Sorry, I did not get that: a number would do.",
        (_, SlotKind::Quantity) => "Sorry, I did not get that: a number of pieces would do.",
        (_, SlotKind::Money) => "Sorry, I did not get that: an amount would do.",
        (_, SlotKind::Date) => "Sorry, I did not get that: a day such as 1 December would do.",
        (_, SlotKind::Choice) => "Sorry, I did not get that: please pick one of these.",
        (_, SlotKind::Email) => "Sorry, that does not look like an e-mail address.",
        (_, SlotKind::Phone) => "Sorry, that does not look like a phone number.",
    }
}
