//! Subscriptions ↔ their records, one for each callback. They stand apart from what polls commit: what
//! is lost of them in a cut of power is asked for again.

use super::Store;
use super::changes::Changes;
use super::disk::envelope::{Packing, seal};
use super::disk::subscription;
use super::error::{StoreError, reading};
use super::{keys, values};
use crate::feed::model::{Secret, Subscription};

impl Store {
    /// All subscriptions. One that cannot be read is passed over and told in the log: its pushes will be
    /// refused, and its source is subscribed again.
    ///
    /// # Errors
    /// `Database`.
    pub fn subscriptions(&self) -> Result<Vec<Subscription>, StoreError> {
        self.reading(|tree| {
            let mut found = Vec::new();
            for item in tree.scan_prefix(keys::subscriptions()) {
                let (key, value) = item.map_err(reading)?;
                match values::subscription(tree, &key, &value) {
                    Ok(subscription) => found.push(subscription),
                    Err(error @ StoreError::Database { .. }) => return Err(error),
                    Err(error) => tracing::warn!(%error, "a subscription is passed over"),
                }
            }
            Ok(found)
        })
    }

    /// Keeps a subscription in place of the one with the same token. Not flushed.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn keep_subscription(&self, it: &Subscription) -> Result<(), StoreError> {
        let key = keys::subscription(&it.token);
        self.writing(|tree| {
            let sealed = subscription::encode(it)
                .and_then(|fields| seal(subscription::VERSION, "", &fields, Packing::WhereShorter))
                .map_err(|error| StoreError::unencodable(&key, error))?;
            let mut changes = Changes::new(tree);
            changes.put(&key, sealed)?;
            self.apply(changes)
        })
    }

    /// Forgets the subscription with this token, if there is one. Not flushed.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn forget_subscription(&self, token: &Secret) -> Result<(), StoreError> {
        self.writing(|tree| {
            let mut changes = Changes::new(tree);
            changes.remove(&keys::subscription(token))?;
            self.apply(changes)
        })
    }
}
