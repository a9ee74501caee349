//! What customers are told of the people who answer, and what these are told at their desk.

use crate::{Language, Priority, Unsupported, desk::WhyNot};

use super::minutes_in_words;

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

/// At the desk: that somebody is away.
pub fn is_away(language: Language, name: &str, for_minutes: Option<u32>) -> String {
    let length = for_minutes.map(|minutes| minutes_in_words(language, i64::from(minutes)));
    match (language, length) {
        (Language::ZH, Some(length)) => format!("{name} 离开 {length}。"),
        (Language::ZH, None) => format!("{name} 离开了，回来请发 /in。"),
        (_, Some(length)) => format!("{name} is away for {length}."),
        (_, None) => format!("{name} is away until they write /in."),
    }
}

/// At the desk: that somebody is in again.
pub fn is_in(language: Language, name: &str) -> String {
    match language {
        Language::ZH => format!("{name} 回来了。"),
        _ => format!("{name} is in."),
    }
}

/// At the desk: who is in now.
pub fn are_in(language: Language, names: &[&str]) -> String {
    match (language, names) {
        (Language::ZH, []) => "现在没有人在：等待的客户会得知这一点。".to_owned(),
        (Language::ZH, names) => format!("现在在的有：{}。", names.join("、")),
        (_, []) => "Nobody is in now, and customers who need a person are told so.".to_owned(),
        (_, names) => format!("In now: {}.", names.join(", ")),
    }
}

/// At the desk: that an answer is proposed for the reviewed ones.
pub fn proposed(language: Language, question: &str, answer: &str) -> String {
    match language {
        Language::ZH => format!("已提交待审核的问答：\n问：{question}\n答：{answer}"),
        _ => format!("Proposed for review:\nQ: {question}\nA: {answer}"),
    }
}

/// At the desk: whether all is really to be forgotten.
pub fn sure_to_erase(language: Language) -> &'static str {
    match language {
        Language::ZH => "这会永久删除这位客户的全部对话记录和文件，无法恢复。确定请发 /erase yes。",
        _ => {
            "This forgets all that is kept of this customer's conversation, files too, for ever. If \
             you are sure, write /erase yes."
        }
    }
}

/// At the desk: that all is forgotten in a moment.
pub fn is_erased(language: Language) -> &'static str {
    match language {
        Language::ZH => "几秒后会全部删除。平台上的这个话题请您自己删除，它不受机器人控制。",
        _ => {
            "All of it is forgotten in a few seconds. What stands in this room is the platform's: \
             delete the room yourself."
        }
    }
}

/// At the desk: that the suggested reply went to the customer.
pub fn suggestion_sent(language: Language, text: &str) -> String {
    match language {
        Language::ZH => format!("已发给客户：{text}"),
        _ => format!("Sent to the customer: {text}"),
    }
}

/// At the desk: that the card suggests nothing, or no more.
pub fn nothing_suggested(language: Language) -> &'static str {
    match language {
        Language::ZH => "没有建议的回复，或者已经发送过了。",
        _ => "No reply is suggested here, or it was sent already.",
    }
}

/// At the desk: that there is no answer to propose.
pub fn nothing_to_propose(language: Language) -> &'static str {
    match language {
        Language::ZH => {
            "没有可提交的问答：要先有客户的问题和同事的回答。也可以自己写问题：/faq 问题。"
        }
        _ => {
            "There is nothing to propose yet: it takes a customer's question and a person's answer. \
             The question can be written behind it: /faq QUESTION."
        }
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
             /priority low|normal|high|urgent，/team 团队，/to 同事，/snooze 30m 推迟，/away [30m] 离开，/in 回来，/faq [问题] 提交问答待审核，/send 发送建议的回复，/erase 删除客户数据，\
             /why 机器人为何这样回答。"
        }
        _ => {
            "What you write goes to the customer; // begins a note that stays here. /take takes the \
             conversation, /back [note] gives it to the bot, /close ends it, /priority \
             low|normal|high|urgent, /team NAME, /to COLLEAGUE, /snooze 30m reminds you later, /away \
             [30m] and /in say whether you are there, /faq [QUESTION] proposes your answer for the \
             reviewed ones, /send sends what the card suggests, /erase forgets the customer, /why tells why the bot answered so."
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

/// The buttons of a room's card: send what is suggested, take, hand back, close, why.
pub fn desk_buttons(language: Language) -> [&'static str; 5] {
    match language {
        Language::ZH => ["发送建议", "接手", "交还机器人", "结束", "为何这样答"],
        _ => [
            "Send the suggestion",
            "Take",
            "Back to the bot",
            "Close",
            "Why?",
        ],
    }
}
