//! The Lua scripts, and how one is called.

use std::sync::LazyLock;

use ::redis::{Cmd, Script, ToRedisArgs};

/// Every script: the function that begins a call of it, and its source.
macro_rules! scripts {
    ($($name:ident: $source:expr;)*) => {
        const SOURCES: &[&str] = &[$($source),*];

        impl Call {
            $(
                pub(super) fn $name() -> Self {
                    static SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new($source));
                    Self::new(&SCRIPT)
                }
            )*
        }
    };
}

scripts! {
    accept: include_str!("accept.lua");
    bury: concat!(include_str!("step.lua"), include_str!("bury.lua"));
    commit: concat!(include_str!("step.lua"), include_str!("commit.lua"));
    discard: include_str!("drop.lua");
    erase: include_str!("erase.lua");
    fail: include_str!("fail.lua");
    fire: include_str!("fire.lua");
    forget: include_str!("forget.lua");
    import: include_str!("import.lua");
    readdress: include_str!("readdress.lua");
    record: include_str!("record.lua");
    revive: include_str!("revive.lua");
    unlist: include_str!("unlist.lua");
}

/// A pipeline that makes every script known to a server that has (re)started.
pub(super) fn load_all() -> ::redis::Pipeline {
    let mut pipeline = ::redis::pipe();
    for source in SOURCES {
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

    pub(super) fn keys(mut self, keys: impl IntoIterator<Item = String>) -> Self {
        self.keys.extend(keys);
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
