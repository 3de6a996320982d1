//! Any text becomes a canonical document, or an error that says why not.
#![no_main]

#[path = "../checks.rs"]
mod checks;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| checks::check_repair(data));
