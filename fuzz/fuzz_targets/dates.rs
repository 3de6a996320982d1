//! Words of any kind are a date from 1970 on, or none.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rafid_feed::dates;

fuzz_target!(|data: (bool, &str)| {
    let (is_local, words) = data;
    let zone = is_local.then(|| dates::zone("Asia/Baghdad")).flatten();
    if let Some(instant) = dates::read(words, zone.as_ref()) {
        assert!(instant.as_second() >= 0, "{words:?}: {instant}");
    }
    let _ = dates::told(words);
    let _ = dates::usage(&[], &[words, "03/04/2024"], zone.as_ref(), None);
});
