//! What is a date and what is none, in English and Chinese. Today is Wednesday, 2026-11-25.

use jiff::civil::{Date, date};

use super::{
    dates,
    page::{LONGEST_NUMBER, Page},
};
use crate::find::pieces::pieces;

#[track_caller]
fn check_on(today: Date, text: &str, expect: &str) {
    let found: Vec<String> = dates(text, today)
        .into_iter()
        .map(|found| found.value.to_string())
        .collect();
    assert_eq!(found.join(" "), expect, "{text}");
}

#[track_caller]
fn check(text: &str, expect: &str) {
    check_on(date(2026, 11, 25), text, expect);
}

#[test]
fn dates_in_numbers_are_found() {
    for (text, expect) in [
        ("2026-12-01", "2026-12-01"),
        ("by 2026-12-01.", "2026-12-01"),
        ("2026/12/1", "2026-12-01"),
        ("2026.12.01", "2026-12-01"),
        ("2026-12-01T10:00", "2026-12-01"),
        ("1.12.2026", "2026-12-01"),
        ("am 01.12.2026, please", "2026-12-01"),
        ("1.12.26", "2026-12-01"),
        ("25/12/2026", "2026-12-25"),
        ("12/25/2026", "2026-12-25"),
        ("12.25.2026", "2026-12-25"),
        ("5/5/2027", "2027-05-05"),
        ("２０２６－１２－０１", "2026-12-01"),
        ("from 2026-12-01 to 2026-12-05", "2026-12-01 2026-12-05"),
    ] {
        check(text, expect);
    }
}

#[test]
fn numbers_that_are_no_date_or_two_dates_are_not_found() {
    for text in [
        "12/1/2026",
        "01-12-2026",
        "30.2.2026",
        "2026-02-30",
        "2026-13-01",
        "24/7",
        "1/2",
        "1.12",
        "10.10.10.10",
        "192.168.1.1",
        "version 1.2.3",
        "v2026-12-01",
        "order #2026-12-01",
        "2026-12-01-7",
        "1,12,2026",
        "€1.12.2026",
        "5000",
        "2026",
        "",
    ] {
        check(text, "");
    }
}

#[test]
fn english_dates_are_found() {
    for (text, expect) in [
        ("1 December 2026", "2026-12-01"),
        ("1st of December", "2026-12-01"),
        ("the first of December", "2026-12-01"),
        ("December the 1st", "2026-12-01"),
        ("Dec 1st", "2026-12-01"),
        ("Dec. 1st, 2027", "2027-12-01"),
        ("december 1, 2026 at noon", "2026-12-01"),
        ("Dec 1,2026", "2026-12-01"),
        ("1dec", "2026-12-01"),
        ("DEC 24", "2026-12-24"),
        ("25 November", "2026-11-25"),
        ("24 November", "2027-11-24"),
        ("3 May", "2027-05-03"),
        ("May 3rd works", "2027-05-03"),
        ("3 may", "2027-05-03"),
        ("the twenty-first of May", "2027-05-21"),
        ("March 5", "2027-03-05"),
        ("29 February", "2028-02-29"),
        ("Tuesday, 1 December", "2026-12-01"),
        ("December 1st (Tuesday)", "2026-12-01"),
        ("Friday, 1 December", "2026-11-27 2026-12-01"),
        ("1 December or 8 December", "2026-12-01 2026-12-08"),
        ("the 5th of next month", "2026-12-05"),
    ] {
        check(text, expect);
    }
}

#[test]
fn english_words_that_are_no_dates_are_not_found() {
    for text in [
        "may I ask something?",
        "you may first ask",
        "First may I ask",
        "only 5 may come",
        "I need 5. May I order?",
        "we march on",
        "a second one",
        "one second please",
        "30 February",
        "30 February 2027",
        "December 2026",
        "in December",
        "Dec 45",
        "in May 24/7",
        "December 20%",
        "December 20 EUR",
        "the A1 December edition",
        "every Friday",
        "Black Friday",
        "the sun sat on the wed",
        "this sun is hot",
        "not on Friday",
        "not tomorrow",
        "in a day or two",
        "in 2-3 weeks",
        "two or three weeks ago",
        "in 1.5 months",
        "in 99999999999999999999 days",
        "within budget",
        "middle of next month",
        "late next week",
        "in 5 minutes",
        "on the 15th floor",
        "the 15th",
        "the 21st century",
    ] {
        check(text, "");
    }
}

#[test]
fn english_days_are_counted_from_today() {
    for (text, expect) in [
        ("today", "2026-11-25"),
        ("Tomorrow morning", "2026-11-26"),
        ("tommorow", "2026-11-26"),
        ("the day after tomorrow", "2026-11-27"),
        ("yesterday", "2026-11-24"),
        ("the day before yesterday", "2026-11-23"),
        ("today or tomorrow", "2026-11-25 2026-11-26"),
        ("why not tomorrow?", "2026-11-26"),
        ("in 3 days", "2026-11-28"),
        ("in two weeks", "2026-12-09"),
        ("in a month", "2026-12-25"),
        ("in a fortnight", "2026-12-09"),
        ("in one year", "2027-11-25"),
        ("3 days from now", "2026-11-28"),
        ("a week from tomorrow", "2026-12-03"),
        ("a week from Friday", "2026-12-04"),
        ("a week on Monday", "2026-12-07"),
        ("Monday week", "2026-12-07"),
        ("30 days from 1 December", "2026-12-31"),
        ("by the 15th", "2026-12-15"),
        ("on the 30th, please", "2026-11-30"),
        ("two weeks ago", "2026-11-11"),
        ("next Monday", "2026-11-30"),
        ("next mon", "2026-11-30"),
        ("on Friday", "2026-11-27"),
        ("on fri", "2026-11-27"),
        ("Wednesday", "2026-12-02"),
        ("this Wednesday", "2026-11-25"),
        ("last Friday", "2026-11-20"),
        ("Friday next week", "2026-12-04"),
        ("next week on Friday", "2026-12-04"),
        ("next week", "2026-11-30"),
        ("the week after next", "2026-12-07"),
        ("next month", "2026-12-01"),
        ("next year", "2027-01-01"),
        ("end of the month", "2026-11-30"),
        ("at month's end", "2026-11-30"),
        ("end of next month", "2026-12-31"),
        ("end of the week", "2026-11-29"),
        ("by the end of February", "2027-02-28"),
        ("end of the year", "2026-12-31"),
    ] {
        check(text, expect);
    }
}

#[test]
fn chinese_dates_are_found() {
    for (text, expect) in [
        ("12月1日", "2026-12-01"),
        ("2026年12月1日", "2026-12-01"),
        ("二〇二六年十二月一日", "2026-12-01"),
        ("12月1号可以吗", "2026-12-01"),
        ("12 月 1 號", "2026-12-01"),
        ("１２月１日", "2026-12-01"),
        ("十二月二十五号", "2026-12-25"),
        ("明年3月5日", "2027-03-05"),
        ("我们12月25，谢谢", "2026-12-25"),
        ("11月24日", "2027-11-24"),
        ("12月1日（星期二）", "2026-12-01"),
        ("今天", "2026-11-25"),
        ("明天下午", "2026-11-26"),
        ("后天", "2026-11-27"),
        ("後天", "2026-11-27"),
        ("大后天", "2026-11-28"),
        ("昨天", "2026-11-24"),
        ("前天", "2026-11-23"),
        ("3天后", "2026-11-28"),
        ("三天以后", "2026-11-28"),
        ("过两天", "2026-11-27"),
        ("两周后", "2026-12-09"),
        ("两个星期之后", "2026-12-09"),
        ("一个月后", "2026-12-25"),
        ("5天前", "2026-11-20"),
        ("下周一", "2026-11-30"),
        ("下个星期三", "2026-12-02"),
        ("下周五", "2026-12-04"),
        ("下下周二", "2026-12-08"),
        ("这周五", "2026-11-27"),
        ("本周一", "2026-11-23"),
        ("上周三", "2026-11-18"),
        ("周五", "2026-11-27"),
        ("星期天", "2026-11-29"),
        ("礼拜三", "2026-12-02"),
        ("下周", "2026-11-30"),
        ("下週", "2026-11-30"),
        ("下个月", "2026-12-01"),
        ("下个月5号", "2026-12-05"),
        ("下月底", "2026-12-31"),
        ("月底", "2026-11-30"),
        ("月底之前", "2026-11-30"),
        ("2月底", "2027-02-28"),
        ("年底", "2026-12-31"),
        ("明年年底", "2027-12-31"),
        ("明天或者后天", "2026-11-26 2026-11-27"),
        ("26年12月1日", "2026-12-01"),
        ("15号之前", "2026-12-15"),
        ("30号下午", "2026-11-30"),
    ] {
        check(text, expect);
    }
}

#[test]
fn chinese_words_that_are_no_dates_are_not_found() {
    for text in [
        "2月30日",
        "13月1日",
        "12月25个席位",
        "2026年12月",
        "三月",
        "两周一次",
        "两星期一次",
        "每周五",
        "每个星期一",
        "每月底",
        "下周末",
        "下个月中旬",
        "两三天后",
        "3月后",
        "不要周五",
        "不是明天",
        "以后天天用",
        "超过3天",
        "5天",
        "第三天后",
        "今年",
        "明后天",
        "每年12月1日",
        "1850年12月1日",
        "三号桌",
        "15号",
        "第3号下午",
        "这周",
    ] {
        check(text, "");
    }
}

#[test]
fn days_that_are_ruled_out_are_not_found() {
    for text in [
        "I can't come on Friday",
        "I cant do Friday",
        "I can\u{2019}t make it on Friday",
        "I won't be there next Friday",
        "we are not free on 1 December",
        "I'm unable to come tomorrow",
        "Friday doesn't work for me",
        "Friday does not work",
        "Friday is not possible",
        "Friday isn't good",
        "Friday morning won't work",
        "1 December is impossible",
        "any day but Friday",
        "周五不行",
        "周五我没空",
        "周五下午不行",
        "12月1日不可以",
        "我不能周五来",
    ] {
        check(text, "");
    }
    check("I can't come on Friday, but Monday works", "2026-11-30");
    check("Friday doesn't work, Monday does", "2026-11-30");
    check("I can't on Thursday and Friday is fine", "2026-11-27");
    check("周五不行，下周一可以", "2026-11-30");
}

#[test]
fn a_denial_of_something_else_leaves_the_day_alone() {
    for (text, expect) in [
        ("Can't we meet on Friday?", "2026-11-27"),
        ("I can't wait until Friday", "2026-11-27"),
        ("not before Friday", "2026-11-27"),
        ("no later than 1 December", "2026-12-01"),
        ("I'm not sure, Friday", "2026-11-27"),
        ("my brakes do not work. Friday?", "2026-11-27"),
        ("Friday works", "2026-11-27"),
        ("why not on Friday?", "2026-11-27"),
        ("no problem, Friday", "2026-11-27"),
        ("周五不行吗？", "2026-11-27"),
        ("不晚于周五", "2026-11-27"),
    ] {
        check(text, expect);
    }
}

#[test]
fn what_was_last_year_is_past() {
    for (text, expect) in [
        ("Last year on 3 March you repaired my brakes", "2025-03-03"),
        ("Last year you repaired it on March 3rd", "2025-03-03"),
        ("on 3 March last year", "2025-03-03"),
        ("3 March of last year", "2025-03-03"),
        ("Last year was hard. We start on 3 March", "2027-03-03"),
        ("bought last year and due on 3 March", "2027-03-03"),
        ("last year, on 3 March 2025", "2025-03-03"),
        ("去年3月3日修过", "2025-03-03"),
        ("去年的3月3日", "2025-03-03"),
        ("去年你们3月3日修过", "2025-03-03"),
    ] {
        check(text, expect);
    }
}

#[test]
fn a_number_is_looked_for_no_further_than_a_date_needs() {
    // The row is walked from each of its tokens, so each walk must end.
    let row = |length: usize| ["一二三四", "two "].map(|numeral| numeral.repeat(length));
    for text in row(500) {
        let tokens = pieces(&text);
        let page = Page::new(&text, &tokens, date(2026, 11, 25));
        let walked = (0..tokens.len()).filter_map(|at| Some(page.number(at)?.1 - at));
        assert!(walked.max().unwrap_or(0) <= LONGEST_NUMBER);
        assert_eq!(page.number(0), None);
    }
    check(
        &format!("{}，12月1日", "一二三四".repeat(500)),
        "2026-12-01",
    );
}

#[test]
fn the_turn_of_the_year_and_leap_days_are_counted_right() {
    let silvester = date(2027, 12, 31);
    check_on(silvester, "tomorrow", "2028-01-01");
    check_on(silvester, "next month", "2028-01-01");
    check_on(silvester, "end of the month", "2027-12-31");
    check_on(silvester, "29 February", "2028-02-29");
    check_on(date(2027, 1, 31), "in a month", "2027-02-28");
    check_on(date(2026, 11, 29), "next week", "2026-11-30");
    check_on(date(2026, 11, 30), "next Monday", "2026-12-07");
    check_on(
        Date::MAX,
        "tomorrow, in 3 weeks, next month, 下周一, 月底",
        "9999-12-31",
    );
    check_on(Date::MIN, "yesterday, last Friday, 上周三", "");
}

#[test]
fn the_words_of_a_date_are_kept_as_they_stand() {
    let found = dates("on  Dec. 1st, 2026 please", date(2026, 11, 25));
    let words: Vec<&str> = found.iter().map(|found| found.text.as_str()).collect();
    assert_eq!(words, ["Dec. 1st, 2026"]);
    let found = dates("We start on 1 Feb. Is that ok?", date(2026, 11, 25));
    assert_eq!(found[0].text, "1 Feb");
    let found = dates("1 Dec. 2026", date(2026, 11, 25));
    assert_eq!(found[0].text, "1 Dec. 2026");
    let found = dates("我们下个星期三见", date(2026, 11, 25));
    assert_eq!(found[0].text, "下个星期三");
}
