//! A document → what is understood of it, off the async threads.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::OwnedSemaphorePermit;

use super::{Hands, UpdateError};
use crate::daemon::fetch::{self, LARGE_BYTES};
use crate::feed::model::{DateOrder, Document, Location, Source, Warning};
use crate::feed::pipeline::{self, Hints, Reading};

/// Reading is CPU work: off the async threads, and a panic harms this update only.
pub(super) async fn read_apart(
    hands: &Hands,
    document: Document,
    source: Arc<Source>,
    date_order: Option<DateOrder>,
    now: Timestamp,
) -> Result<(Box<Reading>, Option<Arc<OwnedSemaphorePermit>>), UpdateError> {
    let is_large = may_be_large(&document);
    let now = written_at(&source, now).await;
    let read = move || {
        let hints = Hints { date_order, read_at: Some(now), ..Hints::of(&source) };
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

/// When what a document says of "an hour ago" was so: of a file, when it was written.
async fn written_at(source: &Source, now: Timestamp) -> Timestamp {
    match &source.location {
        Location::File(path) => fetch::written_at(path).await.map_or(now, |at| at.min(now)),
        Location::Web(_) => now,
    }
}

/// Whether reading may take much memory: what is packed inside is unpacked only then.
pub(super) fn may_be_large(document: &Document) -> bool {
    let bytes = document.bytes.as_slice();
    bytes.len() > LARGE_BYTES || matches!(bytes, [0x1f, 0x8b, ..] | [0x78, ..])
}

/// Whether a document ends before its end though the answer was whole: what fails behind it may be
/// whole again under the same validators, and a 304 would hide the rest. A body that comes like that a
/// second time is how its publisher writes it, and its validators are believed then (`Again`).
pub(super) fn ends_early(reading: &Reading) -> bool {
    let is_cut = |warning: &Warning| matches!(warning.code, "document-cut" | "packed-cut");
    reading.feed.warnings.iter().any(is_cut)
}
