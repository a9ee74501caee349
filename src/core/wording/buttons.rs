//! What stands on buttons, and what pressing them says for the customer.

use crate::Language;

/// The offer to answer an answered message anew, as it was edited.
pub fn edit_noticed(language: Language) -> &'static str {
    match language {
        Language::ZH => "我看到您修改了上一条消息。要我按新的内容再回答一次吗？",
        _ => "I see that you changed your message. Shall I answer the new version?",
    }
}

/// On the button under [`edit_noticed`].
pub fn answer_the_edit(language: Language) -> &'static str {
    match language {
        Language::ZH => "按新内容回答",
        _ => "Answer the new version",
    }
}

/// The answer to a button of another time.
pub fn old_button(language: Language) -> &'static str {
    match language {
        Language::ZH => "这个按钮已经失效了。请直接告诉我您需要什么？",
        _ => "That button no longer works. Just tell me what you need.",
    }
}

/// What pressing "order" says for the customer.
pub fn wants_to_order(language: Language, name: &str) -> String {
    match language {
        Language::ZH => format!("我要买{name}"),
        _ => format!("I'd like to order the {name}"),
    }
}

/// What pressing "details" says for the customer.
pub fn wants_details(language: Language, name: &str) -> String {
    match language {
        Language::ZH => format!("介绍一下{name}"),
        _ => format!("Tell me more about the {name}"),
    }
}

/// What pressing "person" says for the customer.
pub fn wants_a_person(language: Language) -> &'static str {
    match language {
        Language::ZH => "人工",
        _ => "person",
    }
}

/// On the button that orders.
pub fn order_button(language: Language) -> &'static str {
    match language {
        Language::ZH => "我要买",
        _ => "Order",
    }
}

/// On the button that asks for more.
pub fn details_button(language: Language) -> &'static str {
    match language {
        Language::ZH => "了解更多",
        _ => "Tell me more",
    }
}

/// On the button that calls a person.
pub fn person_button(language: Language) -> &'static str {
    match language {
        Language::ZH => "找真人",
        _ => "Ask a person",
    }
}
