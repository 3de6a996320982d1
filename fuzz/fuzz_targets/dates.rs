//! Any text is read as a date from 1970 on, or not at all.
#![no_main]

#[path = "../checks.rs"]
mod checks;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: (bool, &str)| checks::check_date(data.0, data.1));
