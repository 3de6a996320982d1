//! The result of a poll or a push, and what the store knows → the commit and the report. It loads the stored
//! entries that a decision needs; `decide` makes the decision.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rafid_feed::model::Feed;
use rafid_feed::pipeline::ParsedFeed;

use super::poll_result::{PollBody, PollResult};
use super::update_report::{UpdateReport, finish_update};
use crate::decide::basis::{DecisionBasis, NetworkStatus};
use crate::decide::decided_feed::DecidedFeed;
use crate::decide::poll::{self, ChangedDocument, DocumentExtent, ObservedBody, PollObservation};
use crate::decide::prepared_entries::PreparedEntries;
use crate::decide::push;
use crate::decide::schedule::Bounds;
use crate::fetch;
use crate::model::{EntryId, PollState, Retention, SeenEntry, SeenIndex, Source, StoredEntry};
use crate::store::Commit;

/// What the store knows and which settings are in force.
pub struct DecideInput<'a> {
    /// The known entries of the source.
    pub known: &'a SeenIndex,
    /// What was computed of the document's entries where they were read.
    pub prepared: &'a PreparedEntries,
    /// Loads an entry as it is stored; `None`: it was pruned.
    pub earlier: &'a dyn Fn(&SeenEntry) -> Option<StoredEntry>,
    /// The operator's bounds on polling.
    pub bounds: Bounds,
    /// Hash of the source's configuration during the poll.
    pub config_hash: [u8; 16],
    /// How many entries of each source are kept.
    pub retention: Retention,
    /// Whether our own network works.
    pub network: NetworkStatus,
    /// The interval after a poll that finds nothing new while hubs push. `None`: they do not push.
    pub push_interval: Option<Duration>,
}

type StoredEntries = BTreeMap<EntryId, StoredEntry>;

impl DecideInput<'_> {
    fn decide_feed(
        &self,
        source: &Source,
        feed: Feed,
        now: Timestamp,
    ) -> (DecidedFeed, StoredEntries) {
        let feed = DecidedFeed::new(source, feed, self.prepared, self.known, now);
        let needed = feed.entries_to_load(self.known);
        let stored =
            needed.iter().filter_map(self.earlier).map(|entry| (entry.id, entry)).collect();
        (feed, stored)
    }

    fn basis<'b>(&'b self, stored: &'b StoredEntries) -> DecisionBasis<'b> {
        DecisionBasis {
            known: self.known,
            stored,
            bounds: self.bounds,
            config_hash: self.config_hash,
            retention: self.retention,
            network: self.network,
            push_interval: self.push_interval,
        }
    }
}

/// Decides what a poll means: the commit, and the report about it. Only one thread calls it, for one update
/// after another.
pub fn decide_poll(
    source: &Arc<Source>,
    result: PollResult,
    state: PollState,
    input: &DecideInput<'_>,
    now: Timestamp,
) -> (Commit, UpdateReport) {
    let PollResult { body, status, freshness, hops, rediscovery } = result;
    let extent =
        if status == fetch::IM_USED { DocumentExtent::DeltaFeed } else { DocumentExtent::FullFeed };
    let mut stored = StoredEntries::new();
    let body = match body {
        PollBody::Changed { reading, validators, body_hash, offer, held: _ } => {
            let feed;
            (feed, stored) = input.decide_feed(source, reading.feed, now);
            let read = ChangedDocument { feed, validators, body_hash, offer, extent };
            ObservedBody::Changed(Box::new(read))
        }
        PollBody::NotModified { validators } => ObservedBody::NotModified { validators },
        PollBody::SameBody { validators } => ObservedBody::SameBody { validators },
        PollBody::Failed(error) => ObservedBody::Failed { failure: error.to_failure(), extent },
    };
    let observed = PollObservation { body, status, freshness, redirects: hops, rediscovery };
    let decision = poll::decide_poll(source, observed, state, &input.basis(&stored), now);
    finish_update(source, decision)
}

/// Decides what a push means: the commit, and the report about it.
pub fn decide_push(
    source: &Arc<Source>,
    reading: ParsedFeed,
    state: PollState,
    input: &DecideInput<'_>,
    now: Timestamp,
) -> (Commit, UpdateReport) {
    let (feed, stored) = input.decide_feed(source, reading.feed, now);
    let decision = push::decide_push(source, feed, state, &input.basis(&stored), now);
    finish_update(source, decision)
}
