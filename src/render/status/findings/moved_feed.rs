//! A permanent redirect of a source → its JSON and the sentence about it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{AdoptedRedirect, PendingRedirect};
use crate::render::english_wording::relative_time;

/// A permanent redirect of a source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MovedStatus {
    /// Where it leads.
    pub to: String,
    /// When it was first seen.
    pub since: Timestamp,
    /// Since when the source is requested there instead of at its configured address; `None`: it is not.
    pub adopted_at: Option<Timestamp>,
}

impl MovedStatus {
    /// For the log, when the new address is adopted.
    pub const LOG_BEGIN: &str = "moved: the new address is polled; change its url";
    /// For the log, when the adoption is undone.
    pub const LOG_END: &str = "the configured url is polled again";

    /// A redirect that is followed from the start.
    pub fn from_adopted(adopted: &AdoptedRedirect) -> Self {
        Self { to: adopted.to.clone(), since: adopted.since, adopted_at: Some(adopted.at) }
    }

    /// A redirect that was seen and is not adopted.
    pub fn from_pending(pending: &PendingRedirect) -> Self {
        Self { to: pending.to.clone(), since: pending.since, adopted_at: None }
    }

    /// For the terminal.
    pub fn in_english(&self, now: Timestamp) -> String {
        let adopted = match self.adopted_at {
            Some(at) => format!(" and is requested there (since {})", relative_time(Some(at), now)),
            None => String::new(),
        };
        format!("moved permanently to {}{adopted}; change its url in the configuration", self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_in_english() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let check = |adopted_at: Option<&str>, expected: &str| {
            let moved = MovedStatus {
                to: "https://b.example/".to_owned(),
                since: "1970-01-02T00:00:00Z".parse().unwrap(),
                adopted_at: adopted_at.map(|at| at.parse().unwrap()),
            };
            assert_eq!(moved.in_english(now), expected);
        };
        let seen = "moved permanently to https://b.example/; change its url in the configuration";
        check(None, seen);
        let adopted = "moved permanently to https://b.example/ and is requested there (since 2 d \
                       ago); change its url in the configuration";
        check(Some("1970-01-10T13:46:40Z"), adopted);
    }
}
