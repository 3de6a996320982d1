//! The page of an article, or a plain text: the result is plain text, or HTML of the allow-list.
#![no_main]

#[path = "../checks.rs"]
mod checks;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| checks::check_extract(data));
