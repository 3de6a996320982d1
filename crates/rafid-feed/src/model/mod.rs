//! The nouns of a document: as published (`Raw…`) and as normalized. They depend on std and plain
//! value crates only, and they are not serializable.

mod article;
mod category_settings;
mod clock_setting;
mod date_order;
mod document;
mod entry;
mod entry_page;
mod episode;
mod page_selectors;
mod person;
mod poll_hints;
mod raw;
mod read_hints;
mod repaired;
mod repeated_blocks;
mod text;
mod validators;
mod warning;

pub use article::{
    Article, ArticleEvidence, ArticleSelectors, Attribution, BlockKind, PublishedAttribution,
    RawArticle, RawBlock, RemovedBlock,
};
pub use category_settings::{BreakingSetting, CategorySettings};
pub use clock_setting::{ClockOffset, ClockSetting, ClockSettingError};
pub use date_order::DateOrder;
pub use document::{CharsetEvidence, DecodedText, Document, Format};
pub use entry::{
    CopiedFrom, Enclosure, Entry, Feed, GeoPoint, Identity, IdentityKind, Image, RawEntryValues,
};
pub use entry_page::EntryPage;
pub use episode::{Chapter, ChapterFile, Episode, EpisodeKind, Participant, Transcript};
pub use page_selectors::PageSelectors;
pub use person::Person;
pub use poll_hints::PollHints;
pub use raw::{
    RawCategory, RawChapter, RawEnclosure, RawEntry, RawEpisode, RawFeed, RawImage, RawLink,
    RawOrigin, RawParticipant, RawPerson, RawPollHints, RawText, RawTranscript, TextKind,
};
pub use read_hints::ReadHints;
pub use repaired::{CanonicalFormat, RepairedDocument};
pub use repeated_blocks::{RepeatedBlock, RepeatedBlocks};
pub use text::{Direction, Language, PlainText, SafeHtml};
pub use validators::Validators;
pub use warning::{Stage, TextPosition, Warning};
