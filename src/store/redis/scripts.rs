//! The Lua scripts, and how one is called.

use std::sync::LazyLock;

use ::redis::{Cmd, Script, ToRedisArgs};

static ACCEPT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("accept.lua")));
static COMMIT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("commit.lua")));
static RECORD: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("record.lua")));
static UNLIST: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("unlist.lua")));

/// A pipeline that makes every script known to a server that has (re)started.
pub(super) fn load_all() -> ::redis::Pipeline {
    let mut pipeline = ::redis::pipe();
    for source in [
        include_str!("accept.lua"),
        include_str!("commit.lua"),
        include_str!("record.lua"),
        include_str!("unlist.lua"),
    ] {
        pipeline.cmd("SCRIPT").arg("LOAD").arg(source).ignore();
    }
    pipeline
}

/// A call of a script by its hash.
pub(super) struct Call {
    script: &'static Script,
    keys: Vec<String>,
    arguments: Vec<Vec<u8>>,
}

impl Call {
    pub(super) fn accept() -> Self {
        Self::new(&ACCEPT)
    }

    pub(super) fn commit() -> Self {
        Self::new(&COMMIT)
    }

    pub(super) fn record() -> Self {
        Self::new(&RECORD)
    }

    pub(super) fn unlist() -> Self {
        Self::new(&UNLIST)
    }

    fn new(script: &'static Script) -> Self {
        Self {
            script,
            keys: Vec::new(),
            arguments: Vec::new(),
        }
    }

    pub(super) fn key(mut self, key: impl Into<String>) -> Self {
        self.keys.push(key.into());
        self
    }

    pub(super) fn arg(mut self, argument: impl ToRedisArgs) -> Self {
        self.arguments.extend(argument.to_redis_args());
        self
    }

    /// The command, to be put into a pipeline.
    pub(super) fn command(&self) -> Cmd {
        let mut command = ::redis::cmd("EVALSHA");
        command.arg(self.script.get_hash()).arg(self.keys.len());
        for key in &self.keys {
            command.arg(key);
        }
        for argument in &self.arguments {
            command.arg(argument.as_slice());
        }
        command
    }
}
