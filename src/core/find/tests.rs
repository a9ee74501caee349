//! What holds of every finder, for any text.

use proptest::prelude::*;

use super::*;
use crate::Currency;

/// Texts that look like what is looked for.
const LIKELY: &str = "([0-9]{1,9}|[ .,:/+#%()@-]|＠|€|EUR|k|a|may|Dec|1st|second|of|in|days|next|week|Monday|end|month|the|between|and|to|seats|dozen|not|x\\.com|DE89|tel|[一二两三十千万月日号年周下个后天底元到几第半不要预算团队]| ){0,30}";

#[track_caller]
fn check_all<T>(text: &str, found: &[Found<T>]) {
    let mut last = 0;
    for one in found {
        assert_eq!(
            text.get(one.range.clone()),
            Some(one.text.as_str()),
            "{text}"
        );
        assert!(!one.text.is_empty(), "{text}");
        assert!(one.range.start >= last, "out of order: {text}");
        last = one.range.start;
    }
}

fn find_everything(text: &str) {
    let today = jiff::civil::date(2026, 11, 25);
    for today in [today, jiff::civil::Date::MIN, jiff::civil::Date::MAX] {
        check_all(text, &dates(text, today));
    }
    check_all(text, &emails(text));
    check_all(text, &phones(text));
    check_all(text, &numbers(text));
    check_all(text, &counted(text, &["seats", "个", text]));
    check_all(text, &amounts(text, Currency::EUR));
    let day = jiff::civil::date(2026, 11, 25);
    let free = free_numbers(text, day, &["seats", "预算"]);
    check_all(text, &free);
    check_all(text, &answering(text, free.clone(), false));
    check_all(text, &answering(text, free, true));
    says(text, "seats");
    says("seats", text);
    check_all(
        text,
        &choices(
            text,
            [("team", "团队"), ("month", "the month"), ("all", text)],
        ),
    );
}

proptest! {
    #![proptest_config(crate::proptests::config())]

    #[test]
    fn any_text_is_read_without_panic_and_ranges_fit(text in any::<String>()) {
        find_everything(&text);
    }

    #[test]
    fn likely_text_is_read_without_panic_and_ranges_fit(text in LIKELY) {
        find_everything(&text);
    }

    #[test]
    fn every_date_is_found_again(days in -20_000_i64..20_000) {
        let today = jiff::civil::date(2026, 11, 25);
        let day = today.checked_add(jiff::Span::new().days(days)).unwrap();
        let (year, month, number) = (day.year(), day.month(), day.day());
        for text in [
            day.to_string(),
            day.strftime("%-d %B %Y").to_string(),
            day.strftime("%b %d, %Y").to_string(),
            day.strftime("on %d.%m.%Y.").to_string(),
            format!("{year}年{month}月{number}日"),
        ] {
            let found: Vec<_> = dates(&text, today).into_iter().map(|found| found.value).collect();
            prop_assert_eq!(found, [day], "{}", text);
        }
    }

    #[test]
    fn every_plain_address_is_found_again(address in "[a-z][a-z0-9]{0,9}(\\.[a-z0-9]{1,5})?@[a-z][a-z0-9]{0,9}\\.(com|de|cn)") {
        let text = format!("my mail: {address}, thanks");
        let found: Vec<String> = emails(&text).into_iter().map(|found| found.value).collect();
        prop_assert_eq!(found, [address]);
    }

    #[test]
    fn every_chinese_mobile_is_found_again(number in "1[3-9][0-9]{9}") {
        let text = format!("我的手机是{number}，谢谢");
        let found: Vec<String> = phones(&text).into_iter().map(|found| found.value).collect();
        prop_assert_eq!(found, [number]);
    }
}
