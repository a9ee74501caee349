//! Discord, Telegram and the terminal.
