//! The nouns of the river, floor 0: they import std and plain value crates only, and nothing
//! serialises them (disk and public formats have shapes of their own).

mod article;
mod clock;
mod date_order;
mod document;
mod entry;
mod health;
mod labels;
mod life;
mod listed;
mod notice;
mod output;
mod pace;
mod page;
mod pages;
mod public_url;
mod publication;
mod raw;
mod site_name;
mod source;
mod story;
mod subscription;
mod system_clock;
mod text;
mod warning;

pub use article::{
    Article, ArticleEvidence, ArticleSelectors, Attribution, BlockKind, LeftOut,
    PublishedAttribution, RawArticle, RawBlock,
};
pub use clock::{BadClock, ClockOffset, ClockSetting, ClockState, ClockVerdict, Sighting};
pub use date_order::DateOrder;
pub use document::{Canonical, CharsetEvidence, DecodedText, Document, Format, Repaired};
pub use entry::{
    Enclosure, Entry, EntryId, EntryWords, Feed, Identity, IdentityRung, Image, Origin, Person,
    Point,
};
pub use health::{
    Dates, Finding, Frozen, Health, Hijacked, Letters, Refusal, Refuser, Sample, Stuck, Usual,
    Voice,
};
pub use labels::{BreakingSetting, LabelSettings};
pub use life::{Found, Life, Likeness, Lost, Silence};
pub use listed::{Assignment, Fingerprint, Known, KnownEntry, ListedEntry};
pub use notice::Notice;
pub use output::{Output, Rules};
pub use pace::{
    Adopted, Failure, FeedCard, Freshness, Moved, Pace, PollReason, PollState, Retention,
    Validators,
};
pub use page::PageSelectors;
pub use pages::{
    AwaitedPage, EntryPage, PageTally, PageText, PageTrouble, Pages, RepeatMark, Repeats,
};
pub use public_url::PublicUrl;
pub use publication::{
    AlsoTold, Coding, ContentPolicy, PerSource, Publication, Rendition, Scope, SourceCard, Stories,
    StoryCard,
};
pub use raw::{
    RawCategory, RawEnclosure, RawEntry, RawFeed, RawImage, RawLink, RawOrigin, RawPace, RawPerson,
    RawText, TextKind,
};
pub use site_name::SiteName;
pub use source::{BadIdentifier, Category, Location, Source, SourceId, slug_of};
pub use story::{DayOfTerms, StoryAssignment, StoryMethod, Telling, Told};
pub use subscription::{Asked, Mode, Offer, Secret, Standing, Subscription};
pub use system_clock::{ClockDoubt, DoubtKind, SystemClock};
pub use text::{Direction, Language, PlainText, SafeHtml};
pub use warning::{Place, Stage, Warning};
