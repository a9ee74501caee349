//! Discord, Telegram, the terminal, and a desk in terminals.
//!
//! Each channel turns a platform's updates into `Inbound`s and carries texts back. Only here is it
//! known what a Telegram chat id is: to everybody else a place is an opaque text.

mod error;
mod file_type;
mod naming;
mod upload;

pub mod discord;
pub mod telegram;
pub mod terminal;
pub mod terminal_desk;

pub use error::ChannelError;
