//! The commands that look after what is kept: dead letters, the store, a customer's conversations.

use std::path::PathBuf;

use clap::Subcommand;
use consultant_core::InboundKey;

use super::JsonArgs;

/// What to do with dead letters.
#[derive(Debug, Subcommand)]
pub enum InboxCommand {
    /// List them, with the reason.
    List(JsonArgs),
    /// Print one whole, as JSON. It holds what the customer said.
    Show {
        /// Its key, as `list` shows it.
        key: InboundKey,
    },
    /// Put some back into the inbox: a running `serve` answers them within seconds.
    Retry {
        /// Their keys.
        #[arg(required = true)]
        keys: Vec<InboundKey>,
        /// How to tell.
        #[command(flatten)]
        args: JsonArgs,
    },
    /// Forget some for good.
    Drop {
        /// Their keys.
        #[arg(required = true)]
        keys: Vec<InboundKey>,
        /// How to tell.
        #[command(flatten)]
        args: JsonArgs,
    },
}

/// What to do with the store.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Read everything, customers' files too, and name what is damaged, missing or left over.
    ///
    /// Exits with 1 if there is any. Changes nothing. A file that arrives while this runs may be
    /// named as left over: look again.
    Verify(JsonArgs),
    /// Write everything, customers' files too, into one file, from which any kind of store can be
    /// restored.
    ///
    /// Each conversation is taken whole, also while `serve` runs. What cannot be read is named and
    /// left out, and then the exit code is 1.
    Backup {
        /// A file that is not there yet.
        file: PathBuf,
        /// How to tell.
        #[command(flatten)]
        args: JsonArgs,
    },
    /// Read a backup into the configured store, which must be empty, and customers' files into
    /// `data_dir`.
    Restore {
        /// The file.
        file: PathBuf,
        /// How to tell.
        #[command(flatten)]
        args: JsonArgs,
    },
    /// Copy everything into another store, which must be empty. Stop `serve` before.
    ///
    /// Customers' files stay where they are, in `data_dir`. What cannot be read is left out and
    /// named, and the exit code is 1 then.
    #[command(after_help = "\
Examples:
  consultant store migrate --to redis://127.0.0.1:6379
  CONSULTANT__STORE__URL=redis://127.0.0.1:6379 consultant store migrate --to sqlite:new.sqlite")]
    Migrate {
        /// Where to, as store.url would say it: `sqlite:PATH` (a relative path lies in `data_dir`)
        /// or `redis://…`.
        #[arg(long, value_name = "URL")]
        to: String,
        /// How to tell.
        #[command(flatten)]
        args: JsonArgs,
    },
}

/// What to do for a customer.
#[derive(Debug, Subcommand)]
pub enum CustomerCommand {
    /// List conversations with their addresses.
    ///
    /// A customer has a conversation in each place: a private chat, a group, a topic. Give the
    /// platform's number of the customer to find those whose address names it.
    #[command(after_help = "\
Examples:
  consultant customer list
  consultant customer list 7")]
    List {
        /// Only conversations in whose address this stands: a customer, a chat, a thread.
        who: Option<String>,
        /// How to tell.
        #[command(flatten)]
        args: JsonArgs,
    },
    /// Hand out all that is kept of conversations, as JSON, and with `--to` their files too.
    Export {
        /// Ids of conversations, or addresses such as `telegram:7`.
        #[arg(required = true)]
        who: Vec<String>,
        /// A folder that is not there yet, for `customer.json` and the folder `files`; without it
        /// the JSON goes to standard output, and files are only named.
        #[arg(long, value_name = "FOLDER")]
        to: Option<PathBuf>,
    },
    /// Forget conversations: session, inbox, outbox, timers, ledger, files, and the bookmarks of
    /// places that are theirs alone.
    Erase {
        /// Ids of conversations, or addresses such as `telegram:7`.
        #[arg(required = true)]
        who: Vec<String>,
        /// Do it; without this, only what would be erased is shown.
        #[arg(long)]
        yes: bool,
        /// How to tell.
        #[command(flatten)]
        args: JsonArgs,
    },
}
