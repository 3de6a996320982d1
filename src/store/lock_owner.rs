//! The process that has a store open ↔ the note that it leaves in the store's folder: lines of `name value`.

use std::fmt;

use jiff::Timestamp;

/// The process that has a store open, as it wrote it down. `None` in a field: the note does not contain it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LockOwner {
    /// Its process id.
    pub pid: Option<u32>,
    /// The address that it serves.
    pub serves: Option<String>,
    /// When it opened the store.
    pub since: Option<Timestamp>,
}

impl fmt::Display for LockOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "process {pid}")?,
            None => f.write_str("another process")?,
        }
        if let Some(address) = &self.serves {
            write!(f, ", which serves {address},")?;
        }
        if let Some(since) = self.since {
            write!(f, " since {}", since.strftime("%Y-%m-%d %H:%M:%S UTC"))?;
        }
        Ok(())
    }
}

impl LockOwner {
    pub(super) fn to_note(&self) -> String {
        let lines = [
            self.pid.map(|pid| format!("pid {pid}\n")),
            self.since.map(|since| format!("since {since}\n")),
            self.serves.as_ref().map(|address| format!("serves {address}\n")),
        ];
        lines.into_iter().flatten().collect()
    }

    /// Parses a note. Unreadable values are left out.
    pub(super) fn from_note(note: &str) -> Self {
        let value_of = |name: &str| {
            note.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).map(str::trim)
        };
        Self {
            pid: value_of("pid").and_then(|pid| pid.parse().ok()),
            serves: value_of("serves").map(str::to_owned),
            since: value_of("since").and_then(|since| since.parse().ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_round_trips_and_an_incomplete_one_has_fewer_fields() {
        let whole = LockOwner {
            pid: Some(4711),
            serves: Some("http://127.0.0.1:8080".into()),
            since: Timestamp::from_second(1_795_000_000).ok(),
        };
        assert_eq!(LockOwner::from_note(&whole.to_note()), whole);
        assert_eq!(LockOwner::from_note(&LockOwner::default().to_note()), LockOwner::default());
        assert_eq!(LockOwner::from_note("pid x\nsince yesterday\npi").pid, None);
        assert_eq!(LockOwner::from_note("pid 12\nsince 20").pid, Some(12));
    }

    #[test]
    fn the_owner_is_described_in_words() {
        let check = |note: &str, expected: &str| {
            assert_eq!(LockOwner::from_note(note).to_string(), expected);
        };
        check("", "another process");
        check("pid 12", "process 12");
        check(
            "pid 12\nsince 2026-11-23T10:00:00Z\nserves http://[::1]:80\n",
            "process 12, which serves http://[::1]:80, since 2026-11-23 10:00:00 UTC",
        );
    }
}
