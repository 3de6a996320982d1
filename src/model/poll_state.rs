//! What is remembered of the polls of a source: `PollState`, and what it is made of.

use jiff::Timestamp;
use rafid_feed::model::{DateOrder, PollHints, Stage, Validators};

use crate::model::{ClockState, FeedHistory, HubOffer, SourceHealth};

/// What an answer's headers allow: in seconds from the answer. `None`: nothing said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Freshness {
    /// RFC 9111 freshness lifetime minus age (`max-age`, else `Expires`).
    pub fresh_seconds: Option<u64>,
    /// `Retry-After`, as seconds.
    pub retry_after_seconds: Option<u64>,
    /// How far the server's clock (`Date` and `Age`) is ahead of ours; `None`: it does not say.
    pub clock_ahead_seconds: Option<i64>,
}

/// How much of each source is kept: `keep` and `keep_entries` of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// How long an entry is kept after it was listed; `None`: forever.
    pub keep_seconds: Option<u64>,
    /// Entries that are kept of one source at most.
    pub entries: usize,
}

impl Retention {
    /// Whether this keeps more than `before` did; `None`: unknown, so it may.
    pub fn has_grown_since(self, before: Option<Self>) -> bool {
        let Some(before) = before else { return true };
        let seconds = |keep: Option<u64>| keep.unwrap_or(u64::MAX);
        self.entries > before.entries || seconds(self.keep_seconds) > seconds(before.keep_seconds)
    }
}

/// Why the next poll is when it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PollReason {
    /// Never polled, or just added.
    New,
    /// The feed's own rhythm.
    Rhythm,
    /// The operator's `every`.
    Operator,
    /// `Cache-Control` or `Expires`.
    CacheControl,
    /// RSS `ttl`.
    Ttl,
    /// `sy:updatePeriod`.
    UpdatePeriod,
    /// `skipHours` or `skipDays`.
    Skip,
    /// `Retry-After`.
    RetryAfter,
    /// Backing off after failures.
    Backoff,
    /// 410 Gone: asked only rarely.
    Gone,
    /// Our own network seems to be down.
    NetworkDown,
    /// Hubs push what is new.
    Push,
}

impl PollReason {
    /// A stable kebab-case word for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Rhythm => "rhythm",
            Self::Operator => "operator",
            Self::CacheControl => "cache-control",
            Self::Ttl => "ttl",
            Self::UpdatePeriod => "update-period",
            Self::Skip => "skip",
            Self::RetryAfter => "retry-after",
            Self::Backoff => "backoff",
            Self::Gone => "gone",
            Self::NetworkDown => "network-down",
            Self::Push => "push",
        }
    }
}

/// A failure to poll or to understand, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where it failed.
    pub stage: Stage,
    /// What was found and what was expected, credentials removed.
    pub message: String,
    /// When.
    pub at: Timestamp,
}

/// A permanent redirect (301, 308) that the address which is asked answers with. It is told to the
/// operator, and adopted only once it has held for days: one poisoned redirect must not move a source
/// for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingRedirect {
    /// Where the chain of permanent redirects leads.
    pub to: String,
    /// When it was first seen without a break since.
    pub since: Timestamp,
    /// How many polls in a row saw it.
    pub seen_count: u32,
    /// Whether the first feed that was read there had an entry that was known before. `None`: none was
    /// read there yet, or nothing was known then.
    pub same_feed: Option<bool>,
}

/// The address that a source is asked at instead of the configured one, as that one has permanently
/// redirected there for long. It is given up when the operator changes the configured address, or when
/// there has been no feed for long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptedRedirect {
    /// The configured address then.
    pub from: String,
    /// The address that is asked.
    pub to: String,
    /// When the redirect was first seen.
    pub since: Timestamp,
    /// When it was adopted.
    pub at: Timestamp,
}

/// Everything remembered about a source between two polls. Kept whole in the store, committed
/// together with the entries of the same poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollState {
    /// To ask again with.
    pub validators: Option<Validators>,
    /// Hash of the last body that was read (blake3, 16 bytes): the same body is no change.
    pub body_hash: Option<[u8; 16]>,
    /// Hash of the source's configuration that the body was read with: when it changes, the next
    /// poll asks without validators.
    pub config_hash: [u8; 16],
    /// Last time that anybody was asked.
    pub polled_at: Option<Timestamp>,
    /// Last time that the answer was good (200 with a feed, or 304).
    pub succeeded_at: Option<Timestamp>,
    /// Last time that an entry was new or changed.
    pub changed_at: Option<Timestamp>,
    /// When to ask next.
    pub due_at: Timestamp,
    /// Why then.
    pub reason: PollReason,
    /// Failures since the last success.
    pub failures: u32,
    /// The last failure; `None` once a poll succeeded.
    pub failure: Option<Failure>,
    /// Where the address that is asked permanently redirects to; `None`: it does not.
    pub pending_redirect: Option<PendingRedirect>,
    /// What is asked instead of the configured address; `None`: that one is asked.
    pub adopted_redirect: Option<AdoptedRedirect>,
    /// What the document allowed when it was last read.
    pub poll_hints: PollHints,
    /// The publisher's title, page, language and rights when last read, for the outputs.
    pub feed_info: FeedInfo,
    /// Publication instants of the newest entries, newest first, at most 32, for the rhythm.
    pub recent: Vec<Timestamp>,
    /// What its readings showed of the publisher's clock.
    pub clock: ClockState,
    /// Last HTTP status; 0: none.
    pub status: u16,
    /// How many warnings the last reading gave, and the first few of them as text.
    pub warnings_count: u32,
    /// The first few warnings, one line each.
    pub warnings: Vec<String>,
    /// Entries in the feed when last read.
    pub entries_count: u32,
    /// The order of day and month that documents of the source told, for those that do not.
    pub date_order: Option<DateOrder>,
    /// Its news, its newest entries, and that it is gone.
    pub history: FeedHistory,
    /// The hubs that its last whole document named; `None`: none.
    pub hub_offer: Option<HubOffer>,
    /// How it writes, what its dates did, and that it refuses us.
    pub health: SourceHealth,
    /// How long the last good answer stays fresh, for planning again when the operator's interval
    /// changes; `None`: not known, as an earlier version polled.
    pub freshness: Option<Freshness>,
    /// What was kept of a source when its last whole document was read: when more is to be kept, the
    /// next poll requests the whole document again. `None`: an earlier version read it.
    pub retention: Option<Retention>,
}

impl PollState {
    /// The state of a source that was never polled: due at once.
    pub fn new(config_hash: [u8; 16], now: Timestamp) -> Self {
        Self {
            validators: None,
            body_hash: None,
            config_hash,
            polled_at: None,
            succeeded_at: None,
            changed_at: None,
            due_at: now,
            reason: PollReason::New,
            failures: 0,
            failure: None,
            pending_redirect: None,
            adopted_redirect: None,
            poll_hints: PollHints::default(),
            feed_info: FeedInfo::default(),
            recent: Vec::new(),
            clock: ClockState::default(),
            status: 0,
            warnings_count: 0,
            warnings: Vec::new(),
            entries_count: 0,
            date_order: None,
            history: FeedHistory::default(),
            hub_offer: None,
            health: SourceHealth::default(),
            freshness: None,
            retention: None,
        }
    }

    /// The order of day and month, if it was learnt under these settings.
    pub fn learned_date_order(&self, config_hash: [u8; 16]) -> Option<DateOrder> {
        self.date_order.filter(|_| self.config_hash == config_hash)
    }
}

/// What an output says about a source beside the operator's words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedInfo {
    /// The publisher's title.
    pub title: Option<String>,
    /// The publisher's page.
    pub site: Option<String>,
    /// The language tag.
    pub language: Option<String>,
    /// Rights.
    pub rights: Option<String>,
    /// The publisher's picture.
    pub image: Option<String>,
    /// The publisher's claim of the last change.
    pub updated_at: Option<Timestamp>,
}
