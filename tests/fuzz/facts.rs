//! Fuzz target: a catalogue, reviewed answers and what a customer says; see [`yaml`].
#![no_main]

mod yaml;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| yaml::try_facts(bytes));
