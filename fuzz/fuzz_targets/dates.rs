//! Any text is read as a date from 1970 on, or not at all.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rafid_feed::dates;

fuzz_target!(|data: (bool, &str)| {
    let (is_local, words) = data;
    let zone = is_local.then(|| dates::parse_zone("Asia/Baghdad")).flatten();
    if let Some(instant) = dates::read_date(words, zone.as_ref()) {
        assert!(instant.as_second() >= 0, "{words:?}: {instant}");
    }
    let _ = dates::order_evidence(words);
    let _ = dates::detect_order(&[], &[words, "03/04/2024"], zone.as_ref(), None);
});
