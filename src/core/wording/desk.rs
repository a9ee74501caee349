//! What customers are told of the people who answer, and what these are told at their desk.

use jiff::ZonedDateTime;

use crate::{Language, Priority, Unsupported, desk::WhyNot};

/// To a customer whose conversation a person takes.
pub fn joined(language: Language, name: Option<&str>, company: &str) -> String {
    match (language, name) {
        (Language::ZH, Some(name)) => format!("{company} 的 {name} 现在为您服务。"),
        (Language::ZH, None) => format!("{company} 的同事现在为您服务。"),
        (_, Some(name)) => format!("{name} from {company} is with you now."),
        (_, None) => format!("A colleague from {company} is with you now."),
    }
}

/// To a customer whom the bot answers again.
pub fn back_to_the_bot(language: Language) -> &'static str {
    match language {
        Language::ZH => "同事已将对话交还给我（AI 助手）。还有什么可以帮您？",
        _ => {
            "My colleague has handed the conversation back to me, the AI assistant. What else can I \
             do for you?"
        }
    }
}

/// To a customer whose conversation a person ends.
pub fn closed(language: Language) -> &'static str {
    match language {
        Language::ZH => "这次对话已结束。有需要随时再发消息给我。",
        _ => "This conversation is closed. Just write again whenever you need something.",
    }
}

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

/// At the desk: that the bot goes on because nobody came.
pub fn was_given_up(language: Language) -> &'static str {
    match language {
        Language::ZH => "没有人接手：机器人已向客户致歉并继续回复。要接手请用 /take。",
        _ => "Nobody took it: the bot has apologised and goes on answering. /take still takes it.",
    }
}

/// At the desk: who has the conversation now.
pub fn has_it(language: Language, name: &str) -> String {
    match language {
        Language::ZH => format!("{name} 接手了这次对话，机器人不再回复。"),
        _ => format!("{name} has the conversation now; the bot is silent."),
    }
}

/// At the desk: that the conversation is somebody else's, and the words went out all the same.
pub fn belongs_to(language: Language, name: &str) -> String {
    match language {
        Language::ZH => format!("这次对话由 {name} 负责；您的话也已发给客户。要接手请用 /take。"),
        _ => format!(
            "{name} has this conversation; your words went to the customer as well. /take to take it \
             over."
        ),
    }
}

/// At the desk: that the bot answers again.
pub fn handed_back(language: Language, name: &str) -> String {
    match language {
        Language::ZH => format!("{name} 已交还给机器人。"),
        _ => format!("{name} gave the conversation back to the bot."),
    }
}

/// At the desk: that it was ended.
pub fn was_closed(language: Language, name: &str) -> String {
    match language {
        Language::ZH => format!("{name} 结束了这次对话。客户再来消息时由机器人回复。"),
        _ => format!(
            "{name} closed the conversation. If the customer writes again, the bot answers."
        ),
    }
}

/// At the desk: how soon, and who.
pub fn sorted(language: Language, priority: Priority, team: Option<&str>) -> String {
    let priority = Priority::NAMES.iter().find(|(it, _)| *it == priority);
    let priority = priority.map_or("", |(_, name)| name);
    match (language, team) {
        (Language::ZH, Some(team)) => format!("优先级 {priority}，团队 {team}。"),
        (Language::ZH, None) => format!("优先级 {priority}。"),
        (_, Some(team)) => format!("Priority {priority}, team {team}."),
        (_, None) => format!("Priority {priority}."),
    }
}

/// At the desk: that an edit changes nothing for the customer.
pub fn not_changed(language: Language) -> &'static str {
    match language {
        Language::ZH => "这条消息没有发给客户，或已太久，修改不会生效；请重新写一条。",
        _ => {
            "The customer does not have this message, or has had it for too long: the edit changes \
             nothing. Write it anew."
        }
    }
}

/// At the desk: that nobody waits for a person.
pub fn nobody_waits(language: Language) -> &'static str {
    match language {
        Language::ZH => "目前没有人在等待：对话由机器人负责。",
        _ => "Nobody waits for a person here: the bot has the conversation.",
    }
}

/// At the desk: to somebody who may not do what they tried.
pub fn not_allowed(language: Language) -> &'static str {
    match language {
        Language::ZH => "您没有这个权限；运营者可以在配置的 desk.agents 里添加。",
        _ => {
            "You may not do that here. Whoever runs the bot can allow it in desk.agents of the config."
        }
    }
}

/// At the desk: that a command is none.
pub fn no_command(language: Language, word: &str, why: WhyNot) -> String {
    let (zh, en) = match why {
        WhyNot::NoSuchCommand => ("没有这个命令", "is no command"),
        WhyNot::WantsMore => ("后面还缺内容", "wants something behind it"),
        WhyNot::Odd => ("后面的内容无法识别", "does not take that"),
    };
    match language {
        Language::ZH => format!("{word} {zh}；没有发给客户。{}", commands(language)),
        _ => format!("{word} {en}; nothing was sent. {}", commands(language)),
    }
}

/// At the desk: that nobody of this name is there.
pub fn nobody_of_this_name(language: Language, name: &str, known: &[&str]) -> String {
    let known = known.join(", ");
    match language {
        Language::ZH => format!("没有“{name}”。可用的有：{known}。"),
        _ => format!("There is no \"{name}\". There are: {known}."),
    }
}

/// At the desk: what can be said.
pub fn commands(language: Language) -> &'static str {
    match language {
        Language::ZH => {
            "直接写就是回复客户；// 开头是内部备注。/take 接手，/back [备注] 交还机器人，/close 结束，\
             /priority low|normal|high|urgent，/team 团队，/to 同事，/why 机器人为何这样回答。"
        }
        _ => {
            "What you write goes to the customer; // begins a note that stays here. /take takes the \
             conversation, /back [note] gives it to the bot, /close ends it, /priority \
             low|normal|high|urgent, /team NAME, /to COLLEAGUE, /why tells why the bot answered so."
        }
    }
}

/// At the desk: that the bot has answered nothing that could be told.
pub fn no_answer_yet(language: Language) -> &'static str {
    match language {
        Language::ZH => "机器人在这次对话中还没有回答过。",
        _ => "The bot has answered nothing in this conversation yet.",
    }
}

/// At the desk: what the bot's last reply rests on.
pub fn why_so(language: Language, intent: Option<&str>, sources: &[String]) -> String {
    let sources = sources.join(", ");
    match (language, intent) {
        (Language::ZH, Some(intent)) => format!("上一条回复：理解为 {intent}，依据 {sources}。"),
        (Language::ZH, None) => format!("上一条回复依据 {sources}。"),
        (_, Some(intent)) => format!("The last reply: understood as {intent}, rests on {sources}."),
        (_, None) => format!("The last reply rests on {sources}."),
    }
}

/// At the desk: that a customer sent what nobody here can carry over.
pub fn sent_what(language: Language, what: Unsupported) -> String {
    let (zh, en) = super::unsupported_name(what);
    match language {
        Language::ZH => format!("（发来了{zh}，无法转交）"),
        _ => format!("(sent {en}, which cannot be passed on)"),
    }
}

/// At the desk: in a room that belongs to no conversation.
pub fn no_conversation(language: Language) -> &'static str {
    match language {
        Language::ZH => "这里不属于任何客户对话，写的内容不会发给任何人。",
        _ => {
            "This room belongs to no customer's conversation: nothing that is written here goes anywhere."
        }
    }
}

/// At the desk: that a customer's message was changed, before its new words.
pub fn was_edited(language: Language) -> &'static str {
    match language {
        Language::ZH => "（已修改）",
        _ => "(edited)",
    }
}

/// At the desk: that the customer blocked the bot or left.
pub fn customer_left(language: Language) -> &'static str {
    match language {
        Language::ZH => "客户离开了或屏蔽了机器人，消息已无法送达。",
        _ => "The customer left or blocked the bot: nothing reaches them any more.",
    }
}

/// At the desk: that the customer had the conversation forgotten.
pub fn customer_began_anew(language: Language) -> &'static str {
    match language {
        Language::ZH => "客户用 /reset 让机器人忘记了这次对话；您仍在负责。",
        _ => "The customer had the bot forget this conversation (/reset). It is still yours.",
    }
}

/// The buttons of a room's card: take, hand back, close, why.
pub fn desk_buttons(language: Language) -> [&'static str; 4] {
    match language {
        Language::ZH => ["接手", "交还机器人", "结束", "为何这样答"],
        _ => ["Take", "Back to the bot", "Close", "Why?"],
    }
}
