//! A `PollState` ↔ the fields of its record. Texts are borrowed, as in the record of an entry.

use rafid_feed::model::{DateOrder, PollHints, Stage, Validators};
use serde::{Deserialize, Serialize};

use super::additions::{append_additions, read_additions};
use super::clock_state::ClockStateV1;
use super::feed_history::{FeedHistoryParts, FeedHistoryV1};
use super::field_bytes::to_field_bytes;
use super::redirects::RedirectsV1;
use super::retention::FreshnessAndRetentionV1;
use super::source_health::SourceHealthV1;
use super::{RecordError, check_version, instant_of, optional_instant, optional_milliseconds};
use crate::model::{
    Failure, FeedAddress, FeedInfo, LastDocument, LastPoll, MoveSign, PendingRedirect, PollReason,
    PollSchedule, PollState, SourceHealth,
};

/// The version that is written and read.
pub(crate) const VERSION: u8 = 5;
/// The length of most poll states.
const USUAL_BYTES: usize = 1_024;

#[derive(Serialize, Deserialize)]
struct PollStateV5<'a> {
    #[serde(borrow)]
    validators: Option<ValidatorsV1<'a>>,
    body_hash: Option<[u8; 16]>,
    config_hash: [u8; 16],
    polled_ms: Option<i64>,
    succeeded_ms: Option<i64>,
    changed_ms: Option<i64>,
    due_ms: i64,
    reason: u8,
    failures: u32,
    failure: Option<FailureV1<'a>>,
    pending_redirect: Option<PendingRedirectV1<'a>>,
    poll_hints: PollHintsV1,
    feed_info: FeedInfoV1<'a>,
    recent_ms: Vec<i64>,
    status: u16,
    warnings_count: u32,
    warnings: Vec<&'a str>,
    entries_count: u32,
    #[serde(borrow)]
    clock: ClockStateV1<'a>,
    redirects: RedirectsV1<'a>,
    date_order: Option<u8>,
    history: FeedHistoryV1<'a>,
    #[serde(borrow)]
    health: SourceHealthV1<'a>,
    retention: FreshnessAndRetentionV1,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ValidatorsV1<'a> {
    etag: Option<&'a [u8]>,
    last_modified: Option<&'a [u8]>,
    url: &'a str,
}

#[derive(Serialize, Deserialize)]
struct FailureV1<'a> {
    stage: u8,
    message: &'a str,
    at_ms: i64,
}

#[derive(Serialize, Deserialize)]
struct PendingRedirectV1<'a> {
    to: &'a str,
    since_ms: i64,
    seen_count: u32,
}

#[derive(Serialize, Deserialize)]
struct PollHintsV1 {
    ttl_seconds: Option<u64>,
    skip_hours: u32,
    skip_days: u8,
    update_seconds: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct FeedInfoV1<'a> {
    title: Option<&'a str>,
    site: Option<&'a str>,
    language: Option<&'a str>,
    rights: Option<&'a str>,
    image: Option<&'a str>,
    updated_ms: Option<i64>,
}

/// The fields of a poll state's record.
pub(crate) fn encode(state: &PollState) -> Result<Vec<u8>, RecordError> {
    let fields = PollStateV5 {
        validators: state.document.validators.as_ref().map(ValidatorsV1::of),
        body_hash: state.document.body_hash,
        config_hash: state.document.config_hash,
        polled_ms: optional_milliseconds(state.last_poll.polled_at),
        succeeded_ms: optional_milliseconds(state.last_poll.succeeded_at),
        changed_ms: optional_milliseconds(state.schedule.changed_at),
        due_ms: state.schedule.due_at.as_millisecond(),
        reason: reason_code(state.schedule.reason),
        failures: state.last_poll.failures,
        failure: state.last_poll.failure.as_ref().map(FailureV1::of),
        pending_redirect: state.address.pending_redirect.as_ref().map(PendingRedirectV1::of),
        poll_hints: PollHintsV1::of(&state.schedule.poll_hints),
        feed_info: FeedInfoV1::of(&state.document.feed_info),
        recent_ms: state.schedule.recent.iter().map(|at| at.as_millisecond()).collect(),
        status: state.last_poll.status,
        warnings_count: state.document.warnings_count,
        warnings: state.document.warnings.iter().map(String::as_str).collect(),
        entries_count: state.document.entries_count,
        clock: ClockStateV1::of(&state.health.clock),
        redirects: RedirectsV1::of(state),
        date_order: state.document.date_order.map(order_code),
        history: FeedHistoryV1::of(state),
        health: SourceHealthV1::of(&state.health),
        retention: FreshnessAndRetentionV1::of(state),
    };
    let pending = state.address.pending_redirect.as_ref();
    let additions = StateAdditions {
        description: state.document.feed_info.description.as_deref(),
        move_sign: sign_code(pending.map_or(MoveSign::Redirect, |it| it.sign)),
    };
    Ok(append_additions(&additions, to_field_bytes(&fields, USUAL_BYTES)?)?)
}

/// What came after format 2 of the store.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct StateAdditions<'a> {
    #[serde(borrow)]
    description: Option<&'a str>,
    move_sign: u8,
}

/// Codes on disk are fixed here and never change.
fn sign_code(sign: MoveSign) -> u8 {
    match sign {
        MoveSign::Redirect => 0,
        MoveSign::Statement => 1,
        MoveSign::Trial => 2,
    }
}

fn sign_of(code: u8) -> Result<MoveSign, RecordError> {
    let signs = [MoveSign::Redirect, MoveSign::Statement, MoveSign::Trial];
    signs.into_iter().find(|sign| sign_code(*sign) == code).ok_or(RecordError::Field("move"))
}

/// The poll state of a record.
pub(crate) fn decode(version: u8, fields: &[u8]) -> Result<PollState, RecordError> {
    check_version(VERSION, version)?;
    let (known, rest) = postcard::take_from_bytes::<PollStateV5<'_>>(fields)?;
    let mut state = known.into_state()?;
    let additions: StateAdditions<'_> = read_additions(rest)?;
    state.document.feed_info.description = additions.description.map(str::to_owned);
    if let Some(pending) = &mut state.address.pending_redirect {
        pending.sign = sign_of(additions.move_sign)?;
    }
    Ok(state)
}

impl PollStateV5<'_> {
    fn into_state(self) -> Result<PollState, RecordError> {
        let FeedHistoryParts { news, article_keys, lost, hub_offer } = self.history.into_parts()?;
        let (freshness, retention) = self.retention.into_model();
        let same_feed = self.redirects.same_feed;
        let recent = self.recent_ms.into_iter().map(|at| instant_of(at, "recent"));
        let clock = self.clock.into_clock()?;
        Ok(PollState {
            document: LastDocument {
                validators: self.validators.map(ValidatorsV1::into_validators),
                body_hash: self.body_hash,
                config_hash: self.config_hash,
                retention,
                date_order: self.date_order.map(order_of).transpose()?,
                feed_info: self.feed_info.into_feed_info()?,
                entries_count: self.entries_count,
                warnings_count: self.warnings_count,
                warnings: self.warnings.into_iter().map(str::to_owned).collect(),
            },
            schedule: PollSchedule {
                due_at: instant_of(self.due_ms, "due_at")?,
                reason: reason_of(self.reason)?,
                poll_hints: self.poll_hints.into_poll_hints(),
                freshness,
                recent: recent.collect::<Result<_, _>>()?,
                changed_at: optional_instant(self.changed_ms, "changed_at")?,
            },
            last_poll: LastPoll {
                polled_at: optional_instant(self.polled_ms, "polled_at")?,
                succeeded_at: optional_instant(self.succeeded_ms, "succeeded_at")?,
                status: self.status,
                failures: self.failures,
                failure: self.failure.map(FailureV1::into_failure).transpose()?,
            },
            address: FeedAddress {
                adopted_redirect: self.redirects.into_adopted_redirect()?,
                pending_redirect: self
                    .pending_redirect
                    .map(|pending| pending.into_pending_redirect(same_feed))
                    .transpose()?,
                lost,
                hub_offer,
            },
            health: SourceHealth { clock, news, article_keys, ..self.health.into_health()? },
        })
    }
}

impl<'a> ValidatorsV1<'a> {
    pub(super) fn of(validators: &'a Validators) -> Self {
        Self {
            etag: validators.etag.as_deref(),
            last_modified: validators.last_modified.as_deref(),
            url: &validators.url,
        }
    }

    pub(super) fn into_validators(self) -> Validators {
        Validators {
            etag: self.etag.map(<[u8]>::to_vec),
            last_modified: self.last_modified.map(<[u8]>::to_vec),
            url: self.url.to_owned(),
        }
    }
}

impl<'a> FailureV1<'a> {
    fn of(failure: &'a Failure) -> Self {
        Self {
            stage: stage_code(failure.stage),
            message: &failure.message,
            at_ms: failure.at.as_millisecond(),
        }
    }

    fn into_failure(self) -> Result<Failure, RecordError> {
        let at = instant_of(self.at_ms, "failure")?;
        Ok(Failure { stage: stage_of(self.stage)?, message: self.message.to_owned(), at })
    }
}

impl<'a> PendingRedirectV1<'a> {
    fn of(pending_redirect: &'a PendingRedirect) -> Self {
        let since_ms = pending_redirect.since.as_millisecond();
        Self { to: &pending_redirect.to, since_ms, seen_count: pending_redirect.seen_count }
    }

    fn into_pending_redirect(
        self,
        same_feed: Option<bool>,
    ) -> Result<PendingRedirect, RecordError> {
        let since = instant_of(self.since_ms, "pending_redirect")?;
        Ok(PendingRedirect {
            to: self.to.to_owned(),
            since,
            seen_count: self.seen_count,
            same_feed,
            sign: MoveSign::Redirect,
        })
    }
}

impl PollHintsV1 {
    fn of(poll_hints: &PollHints) -> Self {
        Self {
            ttl_seconds: poll_hints.ttl_seconds,
            skip_hours: poll_hints.skip_hours,
            skip_days: poll_hints.skip_days,
            update_seconds: poll_hints.update_seconds,
        }
    }

    fn into_poll_hints(self) -> PollHints {
        PollHints {
            ttl_seconds: self.ttl_seconds,
            skip_hours: self.skip_hours,
            skip_days: self.skip_days,
            update_seconds: self.update_seconds,
        }
    }
}

impl<'a> FeedInfoV1<'a> {
    fn of(feed_info: &'a FeedInfo) -> Self {
        Self {
            title: feed_info.title.as_deref(),
            site: feed_info.site.as_deref(),
            language: feed_info.language.as_deref(),
            rights: feed_info.rights.as_deref(),
            image: feed_info.image.as_deref(),
            updated_ms: optional_milliseconds(feed_info.updated_at),
        }
    }

    fn into_feed_info(self) -> Result<FeedInfo, RecordError> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok(FeedInfo {
            title: owned(self.title),
            description: None,
            site: owned(self.site),
            language: owned(self.language),
            rights: owned(self.rights),
            image: owned(self.image),
            updated_at: optional_instant(self.updated_ms, "feed_info")?,
        })
    }
}

/// Codes on disk are fixed here and never change, whatever the order of the enum.
pub(crate) fn reason_code(reason: PollReason) -> u8 {
    match reason {
        PollReason::New => 0,
        PollReason::Rhythm => 1,
        PollReason::Operator => 2,
        PollReason::CacheControl => 3,
        PollReason::Ttl => 4,
        PollReason::UpdatePeriod => 5,
        PollReason::Skip => 6,
        PollReason::RetryAfter => 7,
        PollReason::Backoff => 8,
        PollReason::Gone => 9,
        PollReason::NetworkDown => 10,
        PollReason::Push => 11,
    }
}

/// The reason with a code.
pub(crate) fn reason_of(code: u8) -> Result<PollReason, RecordError> {
    Ok(match code {
        0 => PollReason::New,
        1 => PollReason::Rhythm,
        2 => PollReason::Operator,
        3 => PollReason::CacheControl,
        4 => PollReason::Ttl,
        5 => PollReason::UpdatePeriod,
        6 => PollReason::Skip,
        7 => PollReason::RetryAfter,
        8 => PollReason::Backoff,
        9 => PollReason::Gone,
        10 => PollReason::NetworkDown,
        11 => PollReason::Push,
        _ => return Err(RecordError::Field("reason")),
    })
}

fn order_code(order: DateOrder) -> u8 {
    match order {
        DateOrder::DayFirst => 0,
        DateOrder::MonthFirst => 1,
    }
}

fn order_of(code: u8) -> Result<DateOrder, RecordError> {
    Ok(match code {
        0 => DateOrder::DayFirst,
        1 => DateOrder::MonthFirst,
        _ => return Err(RecordError::Field("date_order")),
    })
}

fn stage_code(stage: Stage) -> u8 {
    match stage {
        Stage::Fetch => 0,
        Stage::Decode => 1,
        Stage::Repair => 2,
        Stage::Parse => 3,
        Stage::Normalize => 4,
        Stage::Relate => 5,
        Stage::Store => 6,
    }
}

fn stage_of(code: u8) -> Result<Stage, RecordError> {
    Ok(match code {
        0 => Stage::Fetch,
        1 => Stage::Decode,
        2 => Stage::Repair,
        3 => Stage::Parse,
        4 => Stage::Normalize,
        5 => Stage::Relate,
        6 => Stage::Store,
        _ => return Err(RecordError::Field("stage")),
    })
}
