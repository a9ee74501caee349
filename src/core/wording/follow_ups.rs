//! What belongs to follow-ups: how to decline them, and by which words.

use crate::Language;

/// Under a follow-up.
pub fn how_to_decline(language: Language) -> &'static str {
    match language {
        Language::ZH => "（不想再收到提醒？回复“退订”即可。）",
        _ => "(No more reminders? Just reply STOP.)",
    }
}

/// The answer to the word that declines follow-ups.
pub fn declined(language: Language) -> &'static str {
    match language {
        Language::ZH => "好的，我不会再主动提醒您。有需要随时找我。",
        _ => "All right, I will send you no more reminders. I am here whenever you write.",
    }
}

/// Whether a text is nothing but the word that declines follow-ups, in any language.
pub fn declines_follow_ups(text: &str) -> bool {
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
    let bare = text.trim().trim_end_matches(['.', '!', '。', '！']);
    WORDS.contains(&bare.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_bare_word_declines() {
        for text in ["STOP", " stop. ", "退订", "停止！", "/stop"] {
            assert!(declines_follow_ups(text), "{text}");
        }
        for text in [
            "stop by tomorrow",
            "where is the bus stop?",
            "",
            "请停止发货",
        ] {
            assert!(!declines_follow_ups(text), "{text}");
        }
    }
}
