//! Fuzz target: a playbook with its module and what a customer says; see [`script`].
#![no_main]

mod script;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| script::try_script(bytes));
