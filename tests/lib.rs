//! The harness: stateful doubles of both platforms over real sockets, the contract suites that
//! every implementation of a port must pass, the real servers that they need, and the world that
//! puts a whole house between them.

pub mod discord;
pub mod telegram;
mod wire;
mod lean;
pub mod watch;

pub mod redis;
pub mod contract;

pub mod binary;
pub mod client;
pub mod interleave;
pub mod office;
pub mod room;
pub mod scripted;
pub mod step_store;
#[cfg(unix)]
pub mod terminal;
pub mod tiny;
pub mod tiny_encoder;
pub mod wall;
pub mod world;
