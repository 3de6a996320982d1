//! A document → what is understood of it, off the async threads.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::{Hands, UpdateError};
use crate::daemon::fetch::LARGE_BYTES;
use crate::feed::model::{DateOrder, Document, Source};
use crate::feed::pipeline::{self, Hints, Reading};

/// Reading is CPU work: off the async threads, and a panic harms this update only.
pub(super) async fn read_apart(
    hands: &Hands,
    document: Document,
    source: Arc<Source>,
    date_order: Option<DateOrder>,
) -> Result<(Box<Reading>, Option<Arc<OwnedSemaphorePermit>>), UpdateError> {
    let is_large = may_be_large(&document);
    let read = move || {
        let hints = Hints { date_order, ..Hints::of(&source) };
        pipeline::read(&document, hints).map(Box::new)
    };
    let reading = if is_large {
        hands.large.run(read).await.map(|(read, turn)| (read, Some(turn)))
    } else {
        // The semaphore is never closed.
        let _turn = hands.readers.acquire().await.map_err(|_| UpdateError::Defect)?;
        tokio::task::spawn_blocking(read).await.ok().map(|read| (read, None))
    };
    let (read, turn) = reading.ok_or(UpdateError::Defect)?;
    Ok((read.map_err(UpdateError::Read)?, turn))
}

/// Whether reading may take much memory: what is packed inside is unpacked only then.
fn may_be_large(document: &Document) -> bool {
    let bytes = document.bytes.as_slice();
    bytes.len() > LARGE_BYTES || matches!(bytes, [0x1f, 0x8b, ..] | [0x78, ..])
}
