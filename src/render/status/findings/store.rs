//! The state of the store → its JSON and the sentences about it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::render::english_wording::relative_time;
use crate::render::local_clock::LocalClock;

/// The state of the store.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StoreStatus {
    /// Why what is written now will be lost (its folder was deleted or replaced); `None`: it will not.
    pub error: Option<String>,
    /// Broken databases that were set aside, oldest first, until an operator deletes them or moves them away.
    pub set_aside: Vec<SetAsideStatus>,
}

/// A broken database that was set aside; a new one was started then.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SetAsideStatus {
    /// Its folder's name, in the store's folder.
    pub name: String,
    /// When; `None`: its name does not show it.
    pub at: Option<Timestamp>,
    /// How much of it is in the new one: `all`, `most` (all but what could not be read anywhere), `nothing`;
    /// `None`: unknown.
    pub restored: Option<String>,
}

impl SetAsideStatus {
    /// When, for the page.
    pub fn time_in_arabic(&self, clock: &LocalClock) -> String {
        self.at.map_or_else(|| "وقت غير معلوم".to_owned(), |at| clock.format_instant(at))
    }

    /// How much of it is in the new one, for the page.
    pub fn restored_in_arabic(&self) -> &'static str {
        match self.restored.as_deref() {
            Some("all") => "واستُعيد كل ما فيه في مخزن جديد، فلم يضع شيء",
            Some("most") => "واستُعيد في مخزن جديد كل ما أمكنت قراءته، وضاع القليل",
            _ => "وبدأ مخزن جديد",
        }
    }

    /// For the terminal, with what ends the message.
    pub fn in_english(&self, now: Timestamp) -> String {
        format!(
            "the database was broken and set aside ({}) as {} in the store's folder; {}\n  move or \
             delete that folder to end this message",
            relative_time(self.at, now),
            self.name,
            match self.restored.as_deref() {
                Some("all") => "everything in it was restored",
                Some("most") => "what could be read was restored, and some was lost",
                _ => "a new one was started",
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_databases_in_words() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let aside = |at: Option<Timestamp>| SetAsideStatus {
            name: "db.broken-1".to_owned(),
            at,
            restored: None,
        };
        let line = aside(Some(now)).in_english(now);
        assert!(
            line.contains("set aside (0 s ago) as db.broken-1 in the store's folder"),
            "{line}"
        );
        assert_eq!(aside(None).time_in_arabic(&LocalClock::default()), "وقت غير معلوم");
        let time = aside(Some(now)).time_in_arabic(&LocalClock::default());
        assert!(time.contains("1970"), "{time}");
    }
}
