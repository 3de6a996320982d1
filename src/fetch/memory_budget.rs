//! Large documents → a few in memory at a time, from their first mebibyte until they are stored.
//!
//! Hundreds of polls may run at once. Nearly all of them fetch little; a large document waits for memory,
//! without using its request's time, so that many together need no more memory than a few.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A longer document is large: one feed in a hundred is, and reading takes six times its bytes.
pub const LARGE_BYTES: usize = 1024 * 1024;
/// Large documents in memory: one that is read (90 MB for the largest), and one that arrives meanwhile.
const MAX_LARGE_DOCS: usize = 2;

/// The permits for large documents.
#[derive(Debug, Clone)]
pub(super) struct LargeDocBudget(Arc<Semaphore>);

/// The permit for one document; given back when all copies are dropped.
#[derive(Debug, Clone, Default)]
pub struct LargeDocPermit {
    /// `None`: the document is not large.
    permit: Option<Arc<OwnedSemaphorePermit>>,
}

/// The permit is no property of the document.
impl PartialEq for LargeDocPermit {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for LargeDocPermit {}

impl LargeDocPermit {
    /// Whether the document is large.
    pub fn is_large(&self) -> bool {
        self.permit.is_some()
    }
}

impl Default for LargeDocBudget {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_LARGE_DOCS)))
    }
}

impl LargeDocBudget {
    /// Waits for the permit for a large document.
    pub(super) async fn acquire(&self) -> LargeDocPermit {
        // The semaphore is never closed.
        let permit = Arc::clone(&self.0).acquire_owned().await.ok().map(Arc::new);
        LargeDocPermit { permit }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_permit_is_given_back_with_the_last_copy() {
        let budget = LargeDocBudget::default();
        let mut taken: Vec<LargeDocPermit> =
            (0..MAX_LARGE_DOCS).map(|_| budget.acquire().now_or_never().unwrap()).collect();
        assert!(budget.acquire().now_or_never().is_none());
        let copy = taken.pop().unwrap();
        assert!(copy.is_large() && !LargeDocPermit::default().is_large());
        drop(copy.clone());
        assert!(budget.acquire().now_or_never().is_none());
        drop(copy);
        assert!(budget.acquire().now_or_never().is_some());
    }
}
