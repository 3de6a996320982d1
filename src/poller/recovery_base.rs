//! The store and the time → a base of the store, when one is due: the dump from which, with the commit log, a
//! damaged database is restored.

use jiff::Timestamp;

use crate::store::{Store, StoreError};

/// Creates a base if one is due. A base that cannot be written (a full disk) is tried again later: the
/// earlier one and the whole log stay.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn create_base_if_due(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    match store.create_base_if_due(now) {
        Err(error @ (StoreError::Files { .. } | StoreError::DiskFull { .. })) => {
            tracing::warn!(%error, "no base could be written; the commit log grows until one is");
            Ok(())
        }
        done => done.map(drop),
    }
}
