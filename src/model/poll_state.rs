//! `PollState`: what is stored about a source between two polls, and its parts.

use jiff::Timestamp;
use rafid_feed::model::{DateOrder, PollHints, Stage, Validators};

use crate::model::{HubOffer, LostFeed, SourceHealth};

/// What a response's headers allow, in seconds from the response. `None`: the header is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Freshness {
    /// RFC 9111 freshness lifetime minus age (`max-age`, else `Expires`).
    pub fresh_seconds: Option<u64>,
    /// `Retry-After`, as seconds.
    pub retry_after_seconds: Option<u64>,
    /// How far the server's clock (`Date` and `Age`) is ahead of ours; `None`: the headers do not say.
    pub clock_ahead_seconds: Option<i64>,
}

/// How many entries of each source are kept: `keep` and `keep_entries` of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// How long an entry is kept after it is listed; `None`: without limit.
    pub keep_seconds: Option<u64>,
    /// The most entries that are kept of one source.
    pub entries: usize,
}

impl Retention {
    /// Whether this keeps more than `before`, where `None` is unknown and therefore may be less.
    pub fn has_grown_since(self, before: Option<Self>) -> bool {
        let Some(before) = before else { return true };
        let seconds = |keep: Option<u64>| keep.unwrap_or(u64::MAX);
        self.entries > before.entries || seconds(self.keep_seconds) > seconds(before.keep_seconds)
    }
}

/// Why the next poll is scheduled for its time.
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
    /// 410 Gone: polled only rarely.
    Gone,
    /// Our own network seems to be down.
    NetworkDown,
    /// Hubs push new entries, so polls are rare.
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

/// A failed poll, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The stage that failed.
    pub stage: Stage,
    /// What was found and what was expected, without credentials.
    pub message: String,
    /// When it failed.
    pub at: Timestamp,
}

/// How a move of a feed is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MoveSign {
    /// The polled address redirects permanently.
    #[default]
    Redirect,
    /// The document says so (`itunes:new-feed-url`).
    Statement,
    /// The document has said so for days: the next poll requests the new address.
    Trial,
}

/// A permanent redirect (301, 308) from the polled address, or a move that the document states. It is reported to
/// the operator and adopted only after it has lasted for days: one poisoned redirect must not move a source
/// permanently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingRedirect {
    /// The last address of the redirect chain.
    pub to: String,
    /// The first poll of the unbroken series that saw it.
    pub since: Timestamp,
    /// The number of polls in that series.
    pub seen_count: u32,
    /// Whether the first feed that was read there had an entry that was already known. `None`: no feed
    /// was read there yet, or no entry was known then.
    pub same_feed: Option<bool>,
    /// How it is known.
    pub sign: MoveSign,
}

/// The address that is polled instead of the configured one, because that one has redirected there
/// permanently for days. It is dropped when the operator changes the configured address, or when it has
/// served no feed for days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptedRedirect {
    /// The configured address at that time.
    pub from: String,
    /// The polled address.
    pub to: String,
    /// When the redirect was first seen.
    pub since: Timestamp,
    /// When it was adopted.
    pub at: Timestamp,
}

/// Everything that is stored about a source between two polls. It is committed together with the entries of
/// the same poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollState {
    /// What the last document contained, and what allows the next poll to reuse it.
    pub document: LastDocument,
    /// When the next poll is due, and what that depends on.
    pub schedule: PollSchedule,
    /// How the last poll went.
    pub last_poll: LastPoll,
    /// Where the feed is.
    pub address: FeedAddress,
    /// What its documents show over time.
    pub health: SourceHealth,
}

/// What the last document contained, and what allows the next poll to reuse it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastDocument {
    /// For the next conditional request.
    pub validators: Option<Validators>,
    /// Hash of the last body that was read (16 bytes): an equal body is not read again.
    pub body_hash: Option<[u8; 16]>,
    /// Hash of the source's configuration when the body was read: after a change, the next poll
    /// requests the whole document.
    pub config_hash: [u8; 16],
    /// The retention when the last complete document was read: when it grows, the next poll requests
    /// the whole document again. `None`: an earlier version read it.
    pub retention: Option<Retention>,
    /// The order of day and month in the source's dates, for documents that leave it ambiguous.
    pub date_order: Option<DateOrder>,
    /// The publisher's title, page, language and rights.
    pub feed_info: FeedInfo,
    /// The number of its entries.
    pub entries_count: u32,
    /// The number of warnings about it.
    pub warnings_count: u32,
    /// The first few warnings, one line each.
    pub warnings: Vec<String>,
}

/// When the next poll is due, and what that depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollSchedule {
    /// When the next poll is due.
    pub due_at: Timestamp,
    /// Why it is due then.
    pub reason: PollReason,
    /// The polling hints of the last document that was read.
    pub poll_hints: PollHints,
    /// How long the last good response stays fresh, to reschedule when the operator's interval
    /// changes; `None`: unknown, as an earlier version polled.
    pub freshness: Option<Freshness>,
    /// Publication dates of the newest entries, newest first, at most 32, for the rhythm.
    pub recent: Vec<Timestamp>,
    /// The last time that an entry was new or changed.
    pub changed_at: Option<Timestamp>,
}

/// How the last poll went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LastPoll {
    /// The last time that a request was sent.
    pub polled_at: Option<Timestamp>,
    /// The last time that a poll succeeded (200 with a feed, or 304).
    pub succeeded_at: Option<Timestamp>,
    /// The last HTTP status; 0: there was none.
    pub status: u16,
    /// Failures since the last success.
    pub failures: u32,
    /// The last failure; `None` once a poll succeeded.
    pub failure: Option<Failure>,
}

/// Where a feed is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedAddress {
    /// What is polled instead of the configured address; `None`: the configured address is polled.
    pub adopted_redirect: Option<AdoptedRedirect>,
    /// The permanent redirect of the polled address; `None`: it does not redirect permanently.
    pub pending_redirect: Option<PendingRedirect>,
    /// The feed is gone from its address. `None`: it is there, as far as is known.
    pub lost: Option<LostFeed>,
    /// The hubs in its last complete document; `None`: there are no hubs.
    pub hub_offer: Option<HubOffer>,
}

impl PollState {
    /// The state of a source that was never polled: it is due at once.
    pub fn new(config_hash: [u8; 16], now: Timestamp) -> Self {
        Self {
            document: LastDocument {
                validators: None,
                body_hash: None,
                config_hash,
                retention: None,
                date_order: None,
                feed_info: FeedInfo::default(),
                entries_count: 0,
                warnings_count: 0,
                warnings: Vec::new(),
            },
            schedule: PollSchedule {
                due_at: now,
                reason: PollReason::New,
                poll_hints: PollHints::default(),
                freshness: None,
                recent: Vec::new(),
                changed_at: None,
            },
            last_poll: LastPoll::default(),
            address: FeedAddress::default(),
            health: SourceHealth::default(),
        }
    }

    /// The order of day and month, if it was learned with these settings.
    pub fn learned_date_order(&self, config_hash: [u8; 16]) -> Option<DateOrder> {
        self.document.date_order.filter(|_| self.document.config_hash == config_hash)
    }
}

/// What a feed says about itself, for the outputs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedInfo {
    /// The publisher's title.
    pub title: Option<String>,
    /// What the publisher says about the feed, as plain text; its start, if it is long. `None`: nothing.
    pub description: Option<String>,
    /// The publisher's site.
    pub site: Option<String>,
    /// The language tag.
    pub language: Option<String>,
    /// The rights statement.
    pub rights: Option<String>,
    /// The address of the publisher's picture.
    pub image: Option<String>,
    /// The time of the last change, as the publisher claims it.
    pub updated_at: Option<Timestamp>,
}
