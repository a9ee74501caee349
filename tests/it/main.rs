//! The one binary of integration tests. Each area is a module; what they share is the library.
//!
//! `#[cfg(test)]` changes nothing here but for clippy, which thereby lets helpers unwrap and panic
//! as tests may.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod docker;
mod doctor;

#[cfg(test)]
mod store;

#[cfg(test)]
mod discord;
#[cfg(test)]
mod telegram;

#[cfg(test)]
mod clients;

#[cfg(test)]
mod check;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod eval;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod fuzzed;
#[cfg(test)]
mod playtest;
#[cfg(test)]
mod releases;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod simulate;
#[cfg(test)]
mod starters;
#[cfg(test)]
mod goods;
#[cfg(test)]
mod health;
#[cfg(test)]
mod prices;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod tuned;
#[cfg(test)]
mod tutorial;

#[cfg(test)]
mod bursts;
#[cfg(test)]
mod conversations;
#[cfg(test)]
mod deliveries;
#[cfg(test)]
mod deals;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod desk_live;
#[cfg(test)]
mod desk_round;
#[cfg(test)]
mod desk_report;
#[cfg(test)]
mod desk_rules;
#[cfg(test)]
mod desk_teams;
#[cfg(test)]
mod desk_discord;
#[cfg(unix)]
#[cfg(test)]
mod terminal_desk;
#[cfg(test)]
mod interleaved;

#[cfg(test)]
mod meant;
#[cfg(test)]
mod media_readers;
#[cfg(test)]
mod unheard;

#[cfg(test)]
mod catalogs;
#[cfg(test)]
mod chaos;

#[cfg(test)]
mod heavy;
#[cfg(test)]
mod heavy_intents;
#[cfg(test)]
mod suggested;
#[cfg(test)]
mod trained;
#[cfg(test)]
mod heavy_retrieval;
#[cfg(test)]
mod heavy_model;
#[cfg(test)]
mod heavy_stop;
