//! Subscriptions ↔ their records, one for each callback. They are written separately from commits: what a
//! power cut loses of them is requested again.

use sled::Tree;

use super::batch::WriteBatch;
use super::log::{Durability, LogRecord};
use super::records::envelope::{Compression, encode_record};
use super::records::subscription;
use super::store_error::{StoreError, read_error};
use super::{Store, decode, keys};
use crate::model::{Secret, Subscription};

impl Store {
    /// All subscriptions. One that cannot be read is left out and logged: its pushes will be refused, and its
    /// source is subscribed again.
    ///
    /// # Errors
    /// `Database`.
    pub fn subscriptions(&self) -> Result<Vec<Subscription>, StoreError> {
        self.with_read_lock(|tree| {
            let mut found = Vec::new();
            for item in tree.scan_prefix(keys::subscription_prefix()) {
                let (key, value) = item.map_err(read_error)?;
                match decode::decode_subscription(tree, &key, &value) {
                    Ok(subscription) => found.push(subscription),
                    Err(error @ StoreError::Database { .. }) => return Err(error),
                    Err(error) => {
                        tracing::warn!(%error, "a subscription cannot be read and is left out");
                    }
                }
            }
            Ok(found)
        })
    }

    /// Stores a subscription, replacing the one with the same token. Not flushed.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn save_subscription(&self, it: &Subscription) -> Result<(), StoreError> {
        let record = LogRecord::Subscription(Box::new(it.clone()));
        self.write(Durability::Buffered, |_| Ok((vec![record], ())))
    }

    /// Deletes the subscription with this token, if there is one. Not flushed.
    ///
    /// # Errors
    /// As for `commit`.
    pub fn delete_subscription(&self, token: &Secret) -> Result<(), StoreError> {
        let record = LogRecord::SubscriptionDeleted(token.clone());
        self.write(Durability::Buffered, |_| Ok((vec![record], ())))
    }
}

/// Puts a subscription.
pub(super) fn batch_of_subscription<'a>(
    tree: &'a Tree,
    it: &Subscription,
) -> Result<WriteBatch<'a>, StoreError> {
    let key = keys::subscription_key(&it.token);
    let encoded = subscription::encode(it)
        .and_then(|fields| {
            encode_record(subscription::VERSION, "", &fields, Compression::WhereShorter)
        })
        .map_err(|error| StoreError::unencodable(&key, error))?;
    let mut batch = WriteBatch::new(tree);
    batch.put(&key, encoded)?;
    Ok(batch)
}

/// Removes the subscription with this token.
pub(super) fn batch_without_subscription<'a>(
    tree: &'a Tree,
    token: &Secret,
) -> Result<WriteBatch<'a>, StoreError> {
    let mut batch = WriteBatch::new(tree);
    batch.remove(&keys::subscription_key(token))?;
    Ok(batch)
}
