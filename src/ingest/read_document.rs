//! A document → the feed in it, read off the async threads.

use std::sync::Arc;

use jiff::Timestamp;
use rafid_feed::model::{DateOrder, Document, ReadHints, Warning};
use rafid_feed::pipeline::{self, ParsedFeed};
use tokio::sync::OwnedSemaphorePermit;

use super::resources::PollResources;
use super::update_error::UpdateError;
use crate::fetch::{self, LARGE_BYTES};
use crate::model::{Location, Source};

/// Reads a document. This is CPU work, so it runs off the async threads; a panic harms only this update.
pub(super) async fn read_document(
    resources: &PollResources,
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
        resources.large.run(read).await.map(|(read, permit)| (read, Some(permit)))
    } else {
        // The semaphore is never closed.
        let _permit = resources.readers.acquire().await.map_err(|_| UpdateError::Defect)?;
        tokio::task::spawn_blocking(read).await.ok().map(|read| (read, None))
    };
    let (read, permit) = reading.ok_or(UpdateError::Defect)?;
    Ok((read.map_err(UpdateError::Read)?, permit))
}

/// The time that "an hour ago" in a document refers to: for a file, when it was written.
async fn document_time(source: &Source, now: Timestamp) -> Timestamp {
    match &source.location {
        Location::File(path) => fetch::file_modified_at(path).await.map_or(now, |at| at.min(now)),
        Location::Web(_) => now,
    }
}

/// Whether reading may take much memory: a compressed document is decompressed only while it is read.
pub(super) fn may_be_large(document: &Document) -> bool {
    let bytes = document.bytes.as_slice();
    bytes.len() > LARGE_BYTES || matches!(bytes, [0x1f, 0x8b, ..] | [0x78, ..])
}

/// Whether a document is truncated although the response was complete: the server may serve the complete
/// document later with the same validators, and a 304 would hide the rest. If the same body comes a second
/// time, its publisher writes it like that, and its validators are used (`SameBody`).
pub(super) fn is_truncated(reading: &ParsedFeed) -> bool {
    let is_cut = |warning: &Warning| matches!(warning.code, "document-cut" | "packed-cut");
    reading.feed.warnings.iter().any(is_cut)
}
