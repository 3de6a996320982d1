//! A document → what is understood of it, off the async threads.

use std::sync::Arc;

use jiff::Timestamp;
use rafid_feed::model::{DateOrder, Document, ReadHints, Warning};
use rafid_feed::pipeline::{self, ParsedFeed};
use tokio::sync::OwnedSemaphorePermit;

use super::{PollResources, UpdateError};
use crate::fetch::{self, LARGE_BYTES};
use crate::model::{Location, Source};

/// Reading is CPU work: off the async threads, and a panic harms this update only.
pub(super) async fn read_document(
    hands: &PollResources,
    document: Document,
    source: Arc<Source>,
    date_order: Option<DateOrder>,
    now: Timestamp,
) -> Result<(Box<ParsedFeed>, Option<Arc<OwnedSemaphorePermit>>), UpdateError> {
    let is_large = may_be_large(&document);
    let now = document_time(&source, now).await;
    let read = move || {
        let hints = ReadHints { date_order, read_at: Some(now), ..source.read_hints() };
        pipeline::read_feed(&document, hints).map(Box::new)
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
async fn document_time(source: &Source, now: Timestamp) -> Timestamp {
    match &source.location {
        Location::File(path) => fetch::file_modified_at(path).await.map_or(now, |at| at.min(now)),
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
/// second time is how its publisher writes it, and its validators are believed then (`Repetition`).
pub(super) fn is_truncated(reading: &ParsedFeed) -> bool {
    let is_cut = |warning: &Warning| matches!(warning.code, "document-cut" | "packed-cut");
    reading.feed.warnings.iter().any(is_cut)
}
