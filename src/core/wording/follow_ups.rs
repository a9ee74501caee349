//! What belongs to follow-ups and reminders: how to put them off or decline them, and by which words.

use crate::Language;

/// Under a follow-up.
pub fn how_to_decline(language: Language) -> &'static str {
    match language {
        Language::ZH => "（不想再收到提醒？回复“退订”即可。）",
        _ => "(No more reminders? Just reply STOP.)",
    }
}

/// On the button that puts a reminder off.
pub fn snooze_button(language: Language) -> &'static str {
    match language {
        Language::ZH => "明天再提醒我",
        _ => "Remind me tomorrow",
    }
}

/// The answer to [`snooze_button`].
pub fn snoozed(language: Language) -> &'static str {
    match language {
        Language::ZH => "好的，明天这个时候我再提醒您。",
        _ => "All right, I will remind you tomorrow at this time.",
    }
}

/// The answer to the word that declines follow-ups.
pub fn declined(language: Language) -> &'static str {
    match language {
        Language::ZH => "好的，我不会再主动提醒您。有需要随时找我。",
        _ => "All right, I will send you no more reminders. I am here whenever you write.",
    }
}

/// What else is said beside a line that declines follow-ups; `None` when no line does.
pub fn beside_declining(text: &str) -> Option<String> {
    let rest: Vec<&str> = text.lines().filter(|line| !declines(line)).collect();
    (rest.len() < text.lines().count()).then(|| rest.join("\n"))
}

/// Whether a line is nothing but the word that declines follow-ups, in any language.
fn declines(line: &str) -> bool {
    const WORDS: [&str; 8] = [
        "stop",
        "/stop",
        "unsubscribe",
        "opt out",
        "退订",
        "退訂",
        "停止",
        "停止提醒",
    ];
    let bare = line.trim().trim_end_matches(['.', '!', '。', '！']);
    WORDS.contains(&bare.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_bare_word_declines() {
        for text in ["STOP", " stop. ", "退订", "停止！", "/stop"] {
            assert_eq!(beside_declining(text).as_deref(), Some(""), "{text}");
        }
        for text in [
            "stop by tomorrow",
            "where is the bus stop?",
            "",
            "请停止发货",
        ] {
            assert_eq!(beside_declining(text), None, "{text}");
        }
    }

    #[test]
    fn a_burst_may_decline_and_ask() {
        let rest = beside_declining("thanks\nSTOP\nhow much is the lamp?");
        assert_eq!(rest.as_deref(), Some("thanks\nhow much is the lamp?"));
    }
}
