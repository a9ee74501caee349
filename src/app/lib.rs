//! The roof: composition, configuration, commands and supervision.
//!
//! Start reading at [`commands`]: each file is one verb of the command line. [`house`] puts a
//! serving process together; [`dispatcher`] and [`deliverer`] carry messages in and out.

pub mod cli;
pub mod commands;

pub mod config;
pub mod company;
mod documents;
pub mod starters;
pub mod model;
pub mod meaning;
mod places;
pub mod playtest;
pub mod release;
mod trained_intents;
pub mod trial;
pub mod erasure;
pub mod evaluation;
mod explain;

pub mod archive;
pub mod house;
pub mod dispatcher;
pub mod deliverer;
pub mod desks;
mod desk_drafts;
mod desk_report;
pub mod supervisor;
pub mod goods;
pub mod health;

pub mod clock;
pub mod diagnostics;
pub mod failure;
mod log;
pub mod output;
pub mod telemetry;
pub mod timekeeper;
mod webhook;
