//! A repaired document can be parsed: the strict parsers see canonical documents only.
#![no_main]

#[path = "../checks.rs"]
mod checks;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: (bool, &str)| checks::check_parse(data.0, data.1));
