//! The nouns of the program, floor 0: they import std, plain value crates and the nouns of
//! `rafid_feed`. Nothing serializes them: disk and public formats have their own types.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod arrival;
mod category;
mod clock_state;
mod date_style;
mod entry_id;
mod export_filter;
mod followed_redirect;
mod full_text_state;
mod news_history;
mod notice;
mod output;
mod output_token;
mod page_density;
mod password_hash;
mod picture;
mod poll_failure;
mod poll_state;
mod polling_pause;
mod public_url;
mod publication;
mod recently_used;
mod rediscovered_feed;
mod remote_list;
mod search_order;
mod search_period;
mod seen_index;
mod site_name;
mod source;
mod source_health;
mod source_id;
mod source_list;
mod status_order;
mod stored_entry;
mod story;
mod subscription;
mod system_clock;
mod visibility;

pub use arrival::{
    ArchiveAddress, ArchiveLinks, ArchivePage, ArchivePageKind, Arrival, ArrivalKind, ScopeKey,
};
pub use category::Category;
pub use clock_state::{ClockObservation, ClockState, ClockVerdict};
pub use date_style::{DateStyle, Digits, MonthNames, WeekStart};
pub use entry_id::EntryId;
pub use export_filter::ExportFilter;
pub use followed_redirect::FollowedRedirect;
pub use full_text_state::{FullTextError, FullTextState, FullTextStats, PageText, PendingPage};
pub use news_history::{NewsHistory, Silence};
pub use notice::Notice;
pub use output::{Output, OutputAccess, PublishRules};
pub use output_token::OutputToken;
pub use page_density::PageDensity;
pub use password_hash::{PasswordHash, SiteUser};
pub use picture::{PictureId, PictureOwner, PictureRole, Thumbnail};
pub use poll_failure::{FailureKind, PollFailure};
pub use poll_state::{
    AdoptedRedirect, Failure, FeedAddress, FeedInfo, Freshness, LastDocument, LastPoll, MoveSign,
    PendingRedirect, PollReason, PollSchedule, PollState, Retention,
};
pub use polling_pause::{PauseReason, PollingPause};
pub use public_url::PublicUrl;
pub use publication::{
    Coding, ContentPolicy, FeedMark, OtherTelling, PerSource, Publication, Rendition, Scope,
    SourceInfo, StoryDisplay, StorySummary,
};
pub use recently_used::RecentlyUsed;
pub use rediscovered_feed::{Likeness, LostFeed, RediscoveredFeed};
pub use remote_list::{
    ListCopy, ListProblem, ListProblemKind, ListedFeed, RemoteList, SkippedFeed, StoredList,
};
pub use search_order::SearchOrder;
pub use search_period::SearchPeriod;
pub use seen_index::{RememberedEntry, SeenIndex};
pub use site_name::SiteName;
pub use source::{Location, Source};
pub use source_health::{
    AccessDenied, Baseline, DateHistory, DeniedBy, EntryProfile, Finding, FrozenDates,
    HijackFinding, LetterCounts, SourceHealth, StuckDates, WritingProfile,
};
pub use source_id::{IdentifierError, SourceId, make_slug};
pub use source_list::SourceList;
pub use status_order::StatusOrder;
pub use stored_entry::{EntryStatus, Fingerprint, ObservedEntry, SeenEntry, StoredEntry};
pub use story::{
    DailyTermCounts, StoryArrival, StoryAssignment, StoryInput, StoryMethod, StoryRecord,
    StoryVectorsChoice,
};
pub use subscription::{
    HubMode, HubOffer, PendingRequest, Secret, Subscription, SubscriptionState,
};
pub use system_clock::{ClockDoubt, ClockDoubtKind, SystemClock};
pub use visibility::Visibility;
