//! The last failure of a source → its JSON and the sentence about it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::render::english_wording::relative_time;

/// A failure of a source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceError {
    /// The stage that failed (a stable word).
    pub stage: String,
    /// What was found and what was expected.
    pub message: String,
    /// When.
    pub at: Timestamp,
}

impl SourceError {
    /// For the terminal; `failures` counts them since the last success, `url` is the source's address.
    pub fn in_english(&self, failures: u32, url: &str, now: Timestamp) -> String {
        let count = match failures {
            1 => "1 failure".to_owned(),
            count => format!("{count} failures in a row"),
        };
        let at = relative_time(Some(self.at), now);
        format!("{count}, the last {at}\n  {}: {}\n  {url}", self.stage, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_counted() {
        let at = Timestamp::from_second(1_000_000).unwrap();
        let error = SourceError { stage: "fetch".to_owned(), message: "no answer".to_owned(), at };
        let url = "https://a.example/";
        let rest = "the last 0 s ago\n  fetch: no answer\n  https://a.example/";
        assert_eq!(error.in_english(1, url, at), format!("1 failure, {rest}"));
        assert_eq!(error.in_english(2, url, at), format!("2 failures in a row, {rest}"));
    }
}
