//! Any bytes become text that a feed may contain, or an error.
#![no_main]

#[path = "../checks.rs"]
mod checks;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: (Option<u8>, &[u8])| checks::check_decode(data.0, data.1));
