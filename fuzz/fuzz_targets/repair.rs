//! Any text becomes a canonical document, or an error that says why not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rafid_feed::repair::repair;

fuzz_target!(|text: &str| {
    if let Err(error) = repair(text) {
        assert!(!error.to_string().is_empty());
    }
});
