//! A read failure of an open store → why it must be opened again, and whether it is closed by then.

use std::sync::{Arc, OnceLock, Weak};

use super::Store;
use super::store_error::StoreError;

/// The first damage that was found while a store was open.
#[derive(Debug, Default)]
pub(super) struct DamageNote(OnceLock<String>);

impl DamageNote {
    /// Something could not be read. The first failure counts.
    pub(super) fn record(&self, error: &StoreError) {
        self.0.get_or_init(|| error.to_string());
    }
}

/// Exists as long as a store is open.
#[derive(Debug, Default)]
pub(super) struct OpenToken(Arc<()>);

/// Reports when a store is closed: its files are free then, and the same process can open it again.
#[derive(Debug)]
pub struct ClosingWatch(Weak<()>);

impl ClosingWatch {
    /// Whether the last handle of the store is gone.
    pub fn is_closed(&self) -> bool {
        self.0.strong_count() == 0
    }
}

impl Store {
    /// Why the store must be opened again: something on disk differs from what was written. `None`: no damage was
    /// found so far.
    pub fn damage(&self) -> Option<&str> {
        self.0.damage.0.get().map(String::as_str)
    }

    /// Reports when this store is closed, without keeping it open.
    pub fn closing_watch(&self) -> ClosingWatch {
        ClosingWatch(Arc::downgrade(&self.0.open.0))
    }
}
