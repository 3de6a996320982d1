//! What is wrong with a source or with the program → for each finding its JSON, its Arabic sentence (the page)
//! and its English sentences (`rafid status`, the log), all in one file.
//!
//! | file | finding | key in `/status.json` | counted as |
//! | --- | --- | --- | --- |
//! | `failed_poll` | the last poll failed | `last_error` | `totals.failing`, `rafid_sources_failing` |
//! | `hijack` | somebody else seems to write it | `hijacked` | `totals.hijacked` |
//! | `silence` | nothing new for unusually long, or an empty feed | `silent` | `totals.silent` |
//! | `frozen_dates` | the dates of its entries carry no information | `frozen_dates` | |
//! | `refusal` | it refuses our requests | `refused` | |
//! | `duplicate_feeds` | an earlier source is the same feed | `same_as` | |
//! | `lost_feed` | its feed is gone from its address | `lost` | |
//! | `moved_feed` | it redirects permanently | `moved` | |
//! | `publisher_clock` | its publisher's clock is off | `clock` | |
//! | `push_subscription` | its subscription at a hub, and what is wrong with it | `push` | |
//! | `full_text` | the pages of its entries, and what is wrong with them | `full_text` | |
//! | `polling_pause` | no source is polled, because nothing could be stored | `polling_paused` | `rafid_polling_paused` |
//! | `list_status` | a list of feeds that is kept elsewhere cannot be used | `lists` | `rafid_lists_failing` |
//! | `search_index` | the search index fails or is being built | `search` | `rafid_search_failing` |
//! | `store` | the store is lost, or a broken database was set aside | `store` | |
//! | `system_clock` | the clock of this machine is doubted | `system_clock` | |
//!
//! The Arabic sentences with links (`failed_poll`, `duplicate_feeds`, `moved_feed`) are in `templates/status.html`.
//! `source_status` decides which finding is the most severe.

mod duplicate_feeds;
mod failed_poll;
mod frozen_dates;
mod full_text;
mod hijack;
mod list_status;
mod lost_feed;
mod moved_feed;
mod polling_pause;
mod publisher_clock;
mod push_subscription;
mod refusal;
mod search_index;
mod silence;
mod store;
mod system_clock;

pub use duplicate_feeds::DUPLICATE_FEED_LOG;
pub(super) use duplicate_feeds::duplicate_feed_in_english;
pub use failed_poll::SourceError;
pub use frozen_dates::FrozenStatus;
pub use full_text::{FullTextStatus, PageError};
pub use hijack::HijackedStatus;
pub use list_status::{ListProblemStatus, ListStatus};
pub use lost_feed::{FoundStatus, LostStatus};
pub use moved_feed::MovedStatus;
pub use polling_pause::PollingPauseStatus;
pub use publisher_clock::ClockStatus;
pub use push_subscription::PushStatus;
pub use refusal::RefusedStatus;
pub use search_index::SearchStatus;
pub use silence::SilentStatus;
pub use store::{SetAsideStatus, StoreStatus};
pub use system_clock::SystemClockStatus;
