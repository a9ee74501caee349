//! What the product itself says to customers, in every language that it has reviewed texts for.
//!
//! One small function a message. English is the fallback of every other language; a company's
//! own texts live in playbooks and the FAQ, never here.

mod attachments;
mod buttons;
mod desk;
mod documents;
mod follow_ups;
mod offers;
mod prices;
mod slots;
mod waiting;

use crate::{Catalog, Command, Discount, Language, Money, Product, Unsupported, Variant};

pub use attachments::{
    kept_for_a_person, no_room, not_received, place_kept, too_large, wrong_type,
};
pub use buttons::{
    answer_the_edit, details_button, edit_noticed, old_button, order_button, person_button,
    wants_a_person, wants_details, wants_to_order,
};
pub use desk::{
    are_in, back_to_the_bot, belongs_to, closed, commands, customer_began_anew, customer_left,
    desk_buttons, handed_back, has_it, is_away, is_erased, is_in, joined, no_answer_yet,
    no_command, no_conversation, nobody_of_this_name, nobody_waits, not_allowed, not_changed,
    nothing_suggested, nothing_to_propose, proposed, sent_what, sorted, suggestion_sent,
    sure_to_erase, was_closed, was_edited, why_so,
};
pub use documents::quoted;
pub use follow_ups::{beside_declining, declined, how_to_decline, snooze_button, snoozed};
pub use offers::{date, names_of_offer, quote_offer, stock_of_offer};
pub use prices::{contains, price, price_for_prompt, quote, variant_price};
pub use slots::{is_meant, not_accepted, not_understood};
pub use waiting::{
    desk_is_away, leave_a_message, minutes_in_words, next_team_asked, nobody_came, nobody_is_in,
    offer_a_call, passed_on, people_are_back, put_off, snoozed_until_now, still_waits, usual_wait,
    was_waited_in_vain,
};

/// Whether a language has reviewed texts of its own here.
pub fn is_reviewed(language: Language) -> bool {
    matches!(language, Language::EN | Language::ZH)
}

/// The AI disclosure at first contact.
pub fn disclosure(language: Language, company: &str) -> String {
    match language {
        Language::ZH => format!("您好！我是 {company} 的 AI 助手（不是真人）。"),
        _ => format!("Hello! I am the AI assistant of {company} (not a person)."),
    }
}

/// The answer to `/help`.
pub fn help(language: Language, company: &str) -> String {
    match language {
        Language::ZH => format!(
            "我是 {company} 的 AI 助手，可以回答商品、价格、库存和配送等问题。\n\
             直接输入您的问题即可；想找真人请说“人工”。\n\
             /start 重新问候，/reset 忘记这次对话。"
        ),
        _ => format!(
            "I am the AI assistant of {company}. Ask me about products, prices, stock, delivery \
             and returns.\nJust write your question; say \"person\" to reach one.\n\
             /start greets again, /reset forgets this conversation."
        ),
    }
}

/// What a menu says about a command.
pub fn command_description(language: Language, command: Command) -> &'static str {
    match (language, command) {
        (Language::ZH, Command::Start) => "开始对话",
        (Language::ZH, Command::Help) => "我能做什么",
        (Language::ZH, Command::Reset) => "忘记这次对话",
        (_, Command::Start) => "Begin the conversation",
        (_, Command::Help) => "What I can do",
        (_, Command::Reset) => "Forget this conversation",
    }
}

/// The answer to `/reset`.
pub fn forgotten(language: Language) -> &'static str {
    match language {
        Language::ZH => "好的，这次对话我已经忘记了。我们重新开始吧：您需要什么？",
        _ => "Done: I have forgotten this conversation. What can I do for you?",
    }
}

/// The answer to a message without words.
pub fn empty(language: Language) -> &'static str {
    match language {
        Language::ZH => "我没有看到文字。请告诉我您想了解什么？",
        _ => "I received a message without words. What would you like to know?",
    }
}

/// The answer to emoji only.
pub fn emoji_only(language: Language) -> &'static str {
    match language {
        Language::ZH => "😊 有什么可以帮您？比如问问价格、库存或配送。",
        _ => "😊 How can I help? You can ask about prices, stock or delivery, for example.",
    }
}

/// A note before the answer to a message that was cut.
pub fn only_the_beginning(language: Language) -> &'static str {
    match language {
        Language::ZH => "您的消息很长，我只读了开头部分。",
        _ => "Your message was very long, so I read only its beginning.",
    }
}

/// The honest line for what cannot be read yet.
pub fn unsupported(language: Language, what: Unsupported) -> String {
    let (zh, en) = unsupported_name(what);
    match language {
        Language::ZH => format!("抱歉，我还看不懂{zh}。请用文字告诉我，或者说“人工”找真人。"),
        _ => format!(
            "Sorry, I cannot read {en} yet. Please write it as text, or say \"person\" to reach one."
        ),
    }
}

fn unsupported_name(what: Unsupported) -> (&'static str, &'static str) {
    match what {
        Unsupported::Sticker => ("表情贴纸", "stickers"),
        Unsupported::Picture => ("图片", "pictures"),
        Unsupported::Voice => ("语音", "voice messages"),
        Unsupported::Video => ("视频", "videos"),
        Unsupported::File => ("文件", "files"),
        Unsupported::Location => ("位置", "locations"),
        Unsupported::Poll => ("投票", "polls"),
        Unsupported::Contact => ("名片", "contact cards"),
        Unsupported::Other => ("这类消息", "this kind of message"),
    }
}

/// The answer to a message whose turn failed again and again.
pub fn could_not_answer(language: Language) -> &'static str {
    match language {
        Language::ZH => "抱歉，我没能回答您的消息。请换个说法再试一次，或者说“人工”找真人。",
        _ => {
            "I am sorry, I could not answer your message. Please try again in other words, or say \
             \"person\" to reach one."
        }
    }
}

/// The answer to a command or a pressed button that could not be kept.
pub fn send_it_again(language: Language) -> &'static str {
    match language {
        Language::ZH => "抱歉，我没能收到。请再发送一次。",
        _ => "I am sorry, this did not reach me. Please send it again.",
    }
}

/// The honest line to someone who writes faster than anyone can be answered.
pub fn too_fast(language: Language) -> &'static str {
    match language {
        Language::ZH => "消息有点多，请给我一点时间，我会一起回答。",
        _ => "You write faster than I can answer. One moment: I will answer all of it together.",
    }
}

/// The honest line to someone who has to wait because many others write.
pub fn many_at_once(language: Language) -> &'static str {
    match language {
        Language::ZH => "现在咨询的人比较多，轮到您时我会马上回答。",
        _ => "Many people are writing to me just now. I will answer as soon as it is your turn.",
    }
}

/// The apology when the model failed. A person is called at the same time.
pub fn apology(language: Language) -> &'static str {
    match language {
        Language::ZH => "抱歉，我现在无法回答这个问题。我已经通知同事，他们会尽快回复您。",
        _ => {
            "I am sorry, I cannot answer that right now. I have told a colleague, who will get \
             back to you."
        }
    }
}

/// Shown while the model's queue is full.
pub fn one_moment(language: Language) -> &'static str {
    match language {
        Language::ZH => "请稍等……",
        _ => "One moment, please …",
    }
}

/// Said when no fact answers the question and no free text may be written.
pub fn unsure(language: Language) -> &'static str {
    match language {
        Language::ZH => {
            "这个问题我没有可靠的答案，不想随便猜。您可以换个说法，或者说“人工”，我请同事来回答。"
        }
        _ => {
            "I have no reliable answer to that, and I would rather not guess. You can ask in \
             other words, or say \"person\" and I will call a colleague."
        }
    }
}

/// A reviewed answer that probably fits, with the question that it answers.
pub fn if_you_mean(language: Language, question: &str, answer: &str) -> String {
    match language {
        Language::ZH => format!("如果您想问“{question}”：\n{answer}"),
        _ => format!("If you mean \"{question}\":\n{answer}"),
    }
}

/// Asks which of these questions was meant; each has its number already.
pub fn ask_back(language: Language, questions: &[&str]) -> String {
    let questions = questions.join("\n");
    match language {
        Language::ZH => format!("您想问的是哪一个？\n{questions}\n也可以换个说法再问一次。"),
        _ => format!(
            "Which of these would you like to know?\n{questions}\nOr ask me in other words."
        ),
    }
}

/// Said with an escalation that the engine itself decided.
pub fn colleague_called(language: Language) -> &'static str {
    match language {
        Language::ZH => "我已经请同事来帮您，请稍候。",
        _ => "I have asked a colleague to help you.",
    }
}

/// An amount as a customer reads it: `29 EUR`, `29.50 EUR`; in Chinese `29 欧元`.
pub fn money(language: Language, money: Money) -> String {
    let text = money.to_string();
    let named = match (language, money.currency.code()) {
        (Language::ZH, "EUR") => Some("欧元"),
        (Language::ZH, "USD") => Some("美元"),
        (Language::ZH, "GBP") => Some("英镑"),
        (Language::ZH, "CNY") => Some("元"),
        _ => None,
    };
    match (named, text.rsplit_once(' ')) {
        (Some(name), Some((amount, _))) => format!("{amount} {name}"),
        _ => text,
    }
}

/// `Arc Lamp in Brass`, or the product's name where it has one variant only.
pub fn full_name(language: Language, product: &Product, variant: &Variant) -> String {
    let name = product.name.get(language);
    let variant = variant.name.get(language);
    match (variant.is_empty(), language) {
        (true, _) => name.to_owned(),
        (false, Language::ZH) => format!("{name}（{variant}）"),
        (false, _) => format!("{name} ({variant})"),
    }
}

/// Whether a variant can ship now. The number of pieces is said only when it matters, and nothing
/// of what is not counted.
pub fn stock(language: Language, stock_pieces: u32, wanted: u32) -> String {
    match (language, stock_pieces) {
        (_, Variant::UNCOUNTED) => String::new(),
        (Language::ZH, 0) => "目前缺货。".to_owned(),
        (Language::ZH, pieces) if pieces < wanted => format!("目前只有 {pieces} 件现货。"),
        (Language::ZH, _) => "有现货。".to_owned(),
        (_, 0) => "It is out of stock at the moment.".to_owned(),
        (_, pieces) if pieces < wanted => format!("Only {pieces} are in stock at the moment."),
        (_, _) => "It is in stock.".to_owned(),
    }
}

/// Which variants can ship now.
pub fn stock_of_product(language: Language, product: &Product) -> String {
    let uncounted = |it: &Variant| it.stock_pieces == Variant::UNCOUNTED;
    if product.variants.iter().all(uncounted) {
        let name = product.name.get(language);
        return match language {
            Language::ZH => format!("{name}可以订购。"),
            _ => format!("The {name} is available."),
        };
    }
    let [only] = product.variants.as_slice() else {
        return stock_by_variant(language, product);
    };
    let name = product.name.get(language);
    match (language, only.stock_pieces) {
        (Language::ZH, 0) => format!("{name}目前缺货。"),
        (Language::ZH, _) => format!("{name}有现货。"),
        (_, 0) => format!("The {name} is out of stock at the moment."),
        (_, _) => format!("The {name} is in stock."),
    }
}

/// That something is sold which is not counted.
pub fn available(language: Language) -> &'static str {
    match language {
        Language::ZH => "可以订购。",
        _ => "It is available.",
    }
}

fn stock_by_variant(language: Language, product: &Product) -> String {
    let name = product.name.get(language);
    let names = |available: bool| -> Vec<&str> {
        let wanted = product
            .variants
            .iter()
            .filter(|v| (v.stock_pieces > 0) == available);
        wanted.map(|variant| variant.name.get(language)).collect()
    };
    let (here, gone) = (names(true), names(false));
    match (language, here.is_empty(), gone.is_empty()) {
        (Language::ZH, true, _) => format!("{name}目前缺货。"),
        (Language::ZH, _, true) => format!("{name}有现货：{}。", here.join("、")),
        (Language::ZH, ..) => {
            format!(
                "{name}有现货：{}；缺货：{}。",
                here.join("、"),
                gone.join("、")
            )
        }
        (_, true, _) => format!("The {name} is out of stock at the moment."),
        (_, _, true) => format!("The {name} is in stock: {}.", here.join(", ")),
        _ => {
            let (here, gone) = (here.join(", "), gone.join(", "));
            format!("The {name} is in stock: {here}. Out of stock at the moment: {gone}.")
        }
    }
}

/// The discount rules, one a line.
pub fn discounts(language: Language, discounts: &[Discount]) -> String {
    let rules: Vec<String> = discounts
        .iter()
        .map(|discount| format!("- {}", discount.name.get(language)))
        .collect();
    match (language, rules.is_empty()) {
        (Language::ZH, true) => "目前没有折扣活动。".to_owned(),
        (_, true) => "There are no discounts at the moment.".to_owned(),
        (Language::ZH, false) => format!("目前的优惠：\n{}", rules.join("\n")),
        (_, false) => format!("These discounts apply automatically:\n{}", rules.join("\n")),
    }
}

/// A list of products with their lowest prices.
pub fn range<'a>(
    language: Language,
    catalog: &Catalog,
    products: impl IntoIterator<Item = &'a Product>,
) -> String {
    let lines: Vec<String> = products
        .into_iter()
        .map(|product| {
            let (low, high) = product.price_range();
            let price = money(language, catalog.money(low));
            let name = product.name.get(language);
            match (language, low == high) {
                (Language::ZH, true) => format!("- {name}：{price}"),
                (Language::ZH, false) => format!("- {name}：{price}起"),
                (_, true) => format!("- {name}: {price}"),
                (_, false) => format!("- {name}: from {price}"),
            }
        })
        .collect();
    let lead = match language {
        Language::ZH => "我们有：",
        _ => "We have:",
    };
    format!("{lead}\n{}", lines.join("\n"))
}

/// The question when a price was asked and no product named.
pub fn which_product<'a>(
    language: Language,
    examples: impl IntoIterator<Item = &'a Product>,
) -> String {
    let names: Vec<&str> = examples
        .into_iter()
        .map(|product| product.name.get(language))
        .collect();
    match language {
        Language::ZH => format!("您想了解哪件商品？比如：{}。", names.join("、")),
        _ => format!(
            "Which product do you mean? For example: {}.",
            names.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_counted_is_never_out_of_stock_and_never_in_it() {
        assert_eq!(stock(Language::EN, Variant::UNCOUNTED, 500), "");
        assert_eq!(stock(Language::ZH, Variant::UNCOUNTED, 1), "");
        assert_eq!(
            stock(Language::EN, 3, 5),
            "Only 3 are in stock at the moment."
        );
    }
}
