//! The store and the time → a base of the store, when one is due: the dump from which, with the commit log, a
//! damaged database is restored; and what the store takes on its disk.

use jiff::Timestamp;

use crate::http::{self, Metrics};
use crate::store::{RecoverySpace, Store, StoreError};

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

/// Reports what the store takes on its disk.
///
/// # Errors
/// When the store failed.
pub(super) fn report_space(store: &Store, metrics: &Metrics) -> Result<(), StoreError> {
    let RecoverySpace { log_bytes, base_bytes, base_taken_at } =
        store.recovery_space()?.unwrap_or_default();
    let number = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    metrics.store_database_bytes.set(number(store.disk_bytes()?));
    metrics.store_log_bytes.set(number(log_bytes));
    metrics.store_base_bytes.set(number(base_bytes));
    metrics.store_base_timestamp_seconds.set(http::unix_seconds(base_taken_at));
    metrics.store_set_aside.set(number(store.broken_databases().len() as u64));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreOptions;

    #[test]
    fn what_recovery_takes_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let options = StoreOptions::new(folder.path());
        let (store, metrics) = (Store::open(&options, now).unwrap().store, Metrics::default());
        let values = || {
            report_space(&store, &metrics).unwrap();
            let base = metrics.store_base_timestamp_seconds.get();
            (metrics.store_log_bytes.get() > 0, base, metrics.store_set_aside.get())
        };
        assert_eq!(values(), (false, 0, 0));
        store.ensure_site_name(None).unwrap();
        std::fs::create_dir(folder.path().join("river.broken-20261123T100000Z")).unwrap();
        assert_eq!(values(), (true, 0, 1));
        create_base_if_due(&store, now).unwrap();
        assert_eq!(metrics.store_base_bytes.get(), 0, "the log alone suffices");
    }
}
