//! The newest entries, of which no source takes more than its share while others have news of the same
//! day → so that a flood of one does not push the others out.
//!
//! What is left free is filled with the newest of the rest: where nobody else has news, a source may
//! have it all, and news of today never gives way to what another wrote last month.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::{LatestQuery, Store, StoreError};
use crate::model::{EntryId, StoredEntry};

/// A source's share of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FairShare {
    /// Entries of a source that come first. Sources that `LatestQuery::caps` names have that many instead.
    pub entries: usize,
    /// Only what stands this close to the newest entry counts for a share.
    pub within: SignedDuration,
}

impl Store {
    /// As `newest`, by shares: never more than is asked for, newest first, and never beyond the caps
    /// of `wanted`.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn latest_by_fair_share(
        &self,
        wanted: &LatestQuery<'_>,
        share: FairShare,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let per_source = wanted.per_source.map_or(share.entries, |most| most.min(share.entries));
        let mut found =
            self.latest_entries(&LatestQuery { per_source: Some(per_source), ..*wanted })?;
        let since = found.first().and_then(|first| first.listed_at.checked_sub(share.within).ok());
        found.retain(|listed| since.is_none_or(|since| listed.listed_at >= since));
        let free = wanted.limit.saturating_sub(found.len());
        if free == 0 {
            return Ok(found);
        }
        let taken: BTreeSet<EntryId> = found.iter().map(|listed| listed.id).collect();
        let rest =
            self.latest_entries(wanted)?.into_iter().filter(|listed| !taken.contains(&listed.id));
        found.extend(rest.take(free));
        found.sort_by_key(|listed| std::cmp::Reverse((listed.listed_at, listed.id)));
        Ok(found)
    }
}
