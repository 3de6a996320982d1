//! Which stored entries an export contains.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::model::SourceId;

/// Which stored entries an export contains. All conditions must hold; the default holds for every entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ExportFilter {
    /// First seen at this time or later; `None`: at any time.
    pub since: Option<Timestamp>,
    /// First seen before this time; `None`: at any time.
    pub until: Option<Timestamp>,
    /// Of one of these sources; empty: of any source, configured or not.
    pub sources: BTreeSet<SourceId>,
    /// Found by this query, as written; `None`: any entry.
    pub query: Option<String>,
}
