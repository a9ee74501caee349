//! What Telegram's command menu says, per language.

use consultant_core::Command;

/// The menus: the language code (none for everybody else) and each command's description.
pub(super) const MENUS: [Option<&str>; 2] = [None, Some("zh")];

/// A command's line in the menu.
pub(super) fn description(command: Command, language: Option<&str>) -> &'static str {
    match (command, language) {
        (Command::Start, Some("zh")) => "开始对话",
        (Command::Help, Some("zh")) => "我能帮您做什么",
        (Command::Reset, Some("zh")) => "忘记此前的对话，重新开始",
        (Command::Start, _) => "Begin the conversation",
        (Command::Help, _) => "What I can do for you",
        (Command::Reset, _) => "Forget this conversation and begin anew",
    }
}
