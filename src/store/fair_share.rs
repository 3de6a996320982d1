//! The newest entries, of which no source takes more than its share while others have news of the same day →
//! so that a flood from one source does not displace the others.
//!
//! Free places are filled with the newest of the remaining entries. A source may fill the whole feed when no
//! other source has news, and today's news never gives way to another source's entries of last month.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;

use super::{LatestQuery, Store, StoreError};
use crate::model::{EntryId, StoredEntry};

/// The share of each source in one result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FairShare {
    /// The number of entries of a source that come first. Sources named in `LatestQuery::caps` have that
    /// number instead.
    pub entries: usize,
    /// Only entries this close to the newest one count for a share.
    pub within: SignedDuration,
}

impl Store {
    /// Like `latest_shared`, with fair shares: at most `limit` entries, newest first, and within the caps of
    /// the query.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn latest_by_fair_share(
        &self,
        query: &LatestQuery<'_>,
        share: FairShare,
    ) -> Result<Vec<Arc<StoredEntry>>, StoreError> {
        let per_source = query.per_source.map_or(share.entries, |most| most.min(share.entries));
        let mut found =
            self.latest_shared(&LatestQuery { per_source: Some(per_source), ..*query })?;
        let since = found.first().and_then(|first| first.listed_at.checked_sub(share.within).ok());
        found.retain(|listed| since.is_none_or(|since| listed.listed_at >= since));
        let free = query.limit.saturating_sub(found.len());
        if free == 0 {
            return Ok(found);
        }
        let used: BTreeSet<EntryId> = found.iter().map(|listed| listed.id).collect();
        let rest =
            self.latest_shared(query)?.into_iter().filter(|listed| !used.contains(&listed.id));
        found.extend(rest.take(free));
        found.sort_by_key(|listed| std::cmp::Reverse((listed.listed_at, listed.id)));
        Ok(found)
    }
}
