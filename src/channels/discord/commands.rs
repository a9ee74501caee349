//! The slash commands as Discord's menus show them. All the wording of this channel is here.

use consultant_core::Command;
use serenity::all::{CommandType, CreateCommand};

/// What Discord's menus show for each command, in English and in Chinese (Discord's locales).
pub(super) fn all() -> Vec<CreateCommand> {
    Command::ALL.into_iter().map(menu_entry).collect()
}

fn menu_entry(command: Command) -> CreateCommand {
    let [english, simplified, traditional] = match command {
        Command::Start => [
            "Say hello to the sales consultant",
            "和销售顾问打个招呼",
            "和銷售顧問打個招呼",
        ],
        Command::Help => ["What I can do for you", "我能帮您做什么", "我能幫您做什麼"],
        Command::Reset => [
            "Forget this conversation and begin anew",
            "忘记这次对话，重新开始",
            "忘記這次對話，重新開始",
        ],
    };
    CreateCommand::new(command.name())
        .kind(CommandType::ChatInput)
        .description(english)
        .description_localized("zh-CN", simplified)
        .description_localized("zh-TW", traditional)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_fits_discords_menu() {
        let commands = serde_json::to_value(all()).unwrap();
        for (entry, command) in commands.as_array().unwrap().iter().zip(Command::ALL) {
            assert_eq!(entry["name"], command.name());
            let texts = entry["description_localizations"]
                .as_object()
                .unwrap()
                .values();
            for text in texts.chain([&entry["description"]]) {
                assert!((1..=100).contains(&text.as_str().unwrap().chars().count()));
            }
        }
    }
}
