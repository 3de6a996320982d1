//! The whole pipeline: the result is plain text, or HTML of the allow-list.
#![no_main]

#[path = "../checks.rs"]
mod checks;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: (bool, &[u8])| checks::check_normalize(data.0, data.1));
