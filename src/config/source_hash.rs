//! A source and its settings → a hash of everything that a reading of its document depends on.

use std::sync::LazyLock;

use super::hash_part::{HashPart, HashedSource, SourceDigest};
use super::settings::Config;
use super::source_keys::SOURCE;
use crate::model::{Location, Source};

/// The parts of the hash in their order.
static ORDERED_PARTS: LazyLock<Vec<&'static HashPart>> = LazyLock::new(|| {
    let mut parts: Vec<&HashPart> =
        SOURCE.keys.iter().filter_map(|row| row.hash.as_ref()).collect();
    parts.sort_unstable_by_key(|part| part.order);
    parts
});

impl Config {
    /// A hash of everything that decides how a document of `source` is fetched or understood: when
    /// it changes, what a publisher said about the old document (validators) is worth nothing.
    ///
    /// Each row of the table of keys says what its key adds to it, if anything.
    pub fn source_hash(&self, source: &Source) -> [u8; 16] {
        let hashed = HashedSource { source, user_agent: self.user_agent(source) };
        let mut digest = SourceDigest::new();
        for part in &*ORDERED_PARTS {
            (part.add)(&hashed, &mut digest);
        }
        digest.finish()
    }

    /// The `User-Agent` that is sent for `source`: its own, else that of `[polling]`. `None`: the
    /// program's own. A file is read without one.
    fn user_agent<'a>(&'a self, source: &'a Source) -> Option<&'a str> {
        match source.location {
            Location::Web(_) => source.user_agent.as_deref().or(self.polling.user_agent.as_deref()),
            Location::File(_) => None,
        }
    }
}
