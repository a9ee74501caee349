//! What customers who wait for a person are told, and the desk that they wait for.

use jiff::ZonedDateTime;

use crate::{Language, desk::InVain};

/// To a customer who waits for a person and says something that no fact answers.
pub fn passed_on(language: Language) -> &'static str {
    match language {
        Language::ZH => "已转告同事，他们会在这里回复您。",
        _ => "I have passed that on. A colleague will answer you here.",
    }
}

/// To a customer who waits for a person while nobody is there: when somebody is.
pub fn people_are_back(language: Language, opening: &ZonedDateTime) -> String {
    let day = super::date(language, opening.date());
    let time = opening.strftime("%H:%M");
    match language {
        Language::ZH => format!("同事现在不在，{day} {time} 起会有人回复您。您的消息我们会保留。"),
        _ => format!(
            "Nobody is in at the moment; my colleagues are back on {day} at {time}. Your message is \
             kept for them."
        ),
    }
}

/// To a customer who waits for a person while everybody who could come is away.
pub fn nobody_is_in(language: Language, back_in_minutes: Option<i64>) -> String {
    let length = back_in_minutes.map(|minutes| minutes_in_words(language, minutes));
    match (language, length) {
        (Language::ZH, Some(length)) => format!(
            "同事们现在都不在座位上，大约 {length}后有人回来。您可以先写下想说的，我们会保留，同事会在这里回复您。"
        ),
        (Language::ZH, None) => {
            "同事们现在都不在座位上。您可以先写下想说的，我们会保留，同事会在这里回复您。"
                .to_owned()
        }
        (_, Some(length)) => format!(
            "None of my colleagues is at their desk right now; the first is back in about {length}. \
             Write here what they should know: it is kept, and they answer here."
        ),
        (_, None) => {
            "None of my colleagues is at their desk right now. Write here what they should \
             know: it is kept, and they answer here."
                .to_owned()
        }
    }
}

/// To a customer who waits for a person: how long others waited lately.
pub fn usual_wait(language: Language, minutes: u32) -> String {
    let length = minutes_in_words(language, i64::from(minutes));
    match language {
        Language::ZH => format!("最近通常 {length}之内有人接手。"),
        _ => format!("Lately somebody was there within {length}, most of the time."),
    }
}

/// A length of time as people say it: hours from two on, days from two on.
pub fn minutes_in_words(language: Language, minutes: i64) -> String {
    let (number, (one, many), zh) = match minutes {
        ..120 => (minutes, ("minute", "minutes"), "分钟"),
        120..2880 => ((minutes + 30) / 60, ("hour", "hours"), "小时"),
        _ => ((minutes + 720) / 1440, ("day", "days"), "天"),
    };
    match language {
        Language::ZH => format!("{number} {zh}"),
        _ if number == 1 => format!("{number} {one}"),
        _ => format!("{number} {many}"),
    }
}

/// To a customer who waits for a person while the desk cannot be reached.
pub fn desk_is_away(language: Language) -> &'static str {
    match language {
        Language::ZH => {
            "抱歉，我暂时联系不上同事。您的消息已保留，一旦恢复就会转给他们；这期间我会尽力解答。"
        }
        _ => {
            "I am sorry: I cannot reach my colleagues at the moment. What you wrote is kept and goes to \
             them as soon as I can. Until then I answer what I can."
        }
    }
}

/// To a customer who waited in vain and can leave a message.
pub fn leave_a_message(language: Language) -> &'static str {
    match language {
        Language::ZH => {
            "很抱歉让您久等，目前没有同事能接手。请写下您的问题和同事需要知道的内容，我们会保留，有人回来后会在这里\
             回复您。"
        }
        _ => {
            "I am sorry: none of my colleagues could come so far. Write here what you need and what \
             they should know: it is kept, and they answer you here as soon as they can."
        }
    }
}

/// To a customer who waited in vain and can be called.
pub fn offer_a_call(language: Language) -> &'static str {
    match language {
        Language::ZH => {
            "很抱歉让您久等，目前没有同事能接手。如果您愿意，请写下电话号码和方便的时间，同事会给您回电；也可以\
             继续在这里留言。"
        }
        _ => {
            "I am sorry: none of my colleagues could come so far. If you like, write a telephone \
             number and when it suits you, and a colleague calls you back. You can also leave a \
             message here."
        }
    }
}

/// To a customer who waited in vain.
pub fn nobody_came(language: Language) -> &'static str {
    match language {
        Language::ZH => {
            "很抱歉，目前没有同事能接手。我先继续为您服务，您的问题已记录，同事看到后仍可在这里回复您。"
        }
        _ => {
            "I am sorry: none of my colleagues could come so far. I go on helping you as well as I \
             can. What you wrote is kept, and a colleague can still answer you here."
        }
    }
}

/// At the desk: that nobody has taken it yet.
pub fn still_waits(language: Language, minutes: i64) -> String {
    match language {
        Language::ZH => format!("⏰ 客户已等待 {minutes} 分钟，还没有人接手。"),
        _ => format!(
            "⏰ The customer has been waiting for {minutes} minutes, and nobody has taken it."
        ),
    }
}

/// At the desk: that nobody came, and what the customer was told.
pub fn was_waited_in_vain(language: Language, then: InVain) -> &'static str {
    match (language, then) {
        (Language::ZH, InVain::Bot) => {
            "没有人接手：机器人已向客户致歉并继续回复。要接手请用 /take。"
        }
        (Language::ZH, InVain::Message) => "没有人接手：已向客户致歉并请其留言。要接手请用 /take。",
        (Language::ZH, InVain::Callback) => {
            "没有人接手：已向客户致歉并提出回电。要接手请用 /take。"
        }
        (_, InVain::Bot) => {
            "Nobody took it: the bot has apologised and goes on answering. /take still takes it."
        }
        (_, InVain::Message) => {
            "Nobody took it: the customer was asked to leave a message here. /take takes it."
        }
        (_, InVain::Callback) => {
            "Nobody took it: the customer was offered to be called back. /take takes it."
        }
    }
}

/// At the desk: that another team is asked.
pub fn next_team_asked(language: Language, before: Option<&str>, next: &str) -> String {
    let before = before.unwrap_or_default();
    match language {
        Language::ZH => format!("⏰ 团队 {before} 没有人接手，现在转给团队 {next}。"),
        _ => format!("⏰ Nobody of the team {before} took it: the team {next} is asked now."),
    }
}

/// At the desk: that it was put off.
pub fn put_off(language: Language, minutes: u32) -> String {
    let length = minutes_in_words(language, i64::from(minutes));
    match language {
        Language::ZH => format!("已推迟：{length}后在这里提醒。"),
        _ => format!("Put off: I remind you here in {length}."),
    }
}

/// At the desk: that it was put off until now.
pub fn snoozed_until_now(language: Language) -> &'static str {
    match language {
        Language::ZH => "⏰ 推迟的时间到了：请再看看这次对话。",
        _ => "⏰ This was put off until now: please look at it again.",
    }
}
