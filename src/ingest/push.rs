//! A push as it came → whether it is signed, and what it contains.

use std::sync::Arc;

use jiff::Timestamp;
use rafid_feed::model::{DateOrder, Document, ReadHints};
use rafid_feed::pipeline::{self, ParsedFeed};

use super::resources::PollResources;
use super::update_error::UpdateError;
use crate::model::{Secret, Source};
use crate::websub;

/// A push as it came.
pub struct SignedPush {
    /// Its body, with the address of its topic.
    pub document: Document,
    /// Its header `X-Hub-Signature`; `None`: it has none.
    pub signature: Option<String>,
    /// The key of a valid signature.
    pub secret: Secret,
}

/// The result of reading a push.
#[derive(Debug)]
pub enum PushReadResult {
    /// It does not come from the hub, and is not read.
    Forged,
    /// It comes from the hub, but is not a feed: a poll will find what is new.
    Unreadable(UpdateError),
    /// The part of the feed that it contains.
    Read(Box<ParsedFeed>),
}

/// Verifies and reads a push. Never fails: a failure is a result. `date_order` was learned by polls.
pub async fn read_push(
    resources: &PollResources,
    source: &Arc<Source>,
    push: SignedPush,
    date_order: Option<DateOrder>,
    now: Timestamp,
) -> PushReadResult {
    let source = Arc::clone(source);
    let read = resources.run_blocking(move || {
        let SignedPush { document, signature, secret } = push;
        let is_signed = signature
            .is_some_and(|header| websub::is_signature_valid(&document.bytes, &header, &secret));
        if !is_signed {
            return PushReadResult::Forged;
        }
        let hints = ReadHints { date_order, read_at: Some(now), ..source.read_hints() };
        match pipeline::read_feed(&document, hints) {
            Ok(reading) => PushReadResult::Read(Box::new(reading)),
            Err(error) => PushReadResult::Unreadable(error.into()),
        }
    });
    read.await.unwrap_or(PushReadResult::Unreadable(UpdateError::Defect))
}
