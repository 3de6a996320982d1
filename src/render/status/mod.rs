//! What the operator wants to know → `/status.json`, the page `/status` and the sentences of `rafid status`.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `status_report` | the typed report: the daemon writes it as JSON, `rafid status` reads it back |
//! | `source_status` | the part of one source, and which state it is in |
//! | `findings` | one file per finding: its JSON, its Arabic and its English sentence |
//! | `poll_reason` | why a source is polled next when it is, in words |
//! | `status_page` | the page |
//!
//! The report answers the operator's first questions: does it work, what fails, since when, and what happens
//! next. It holds no secret: addresses come without credentials.

mod findings;
mod poll_reason;
mod source_status;
mod status_page;
mod status_report;

pub use findings::{
    ClockStatus, DUPLICATE_FEED_LOG, FoundStatus, FrozenStatus, FullTextStatus, HijackedStatus,
    ListProblemStatus, ListStatus, LostStatus, MovedStatus, PageError, PollingPauseStatus,
    PushStatus, RefusedStatus, SearchStatus, SetAsideStatus, SilentStatus, SourceError,
    StoreStatus, SystemClockStatus,
};
pub use source_status::{SourceState, SourceStatus, findings_in_english};
pub use status_page::{StatusView, render_status_page};
pub use status_report::{
    InstanceStatus, MEDIA_TYPE, SCHEMA_VERSION, StatusReport, StatusTotals, status_json,
};
