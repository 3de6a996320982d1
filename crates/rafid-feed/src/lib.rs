//! Reads RSS, Atom, JSON Feed, news sitemaps and plain pages, however badly they are published:
//! bytes and hints in, a [`Feed`] and its [`Warning`](model::Warning)s out. Arabic first.
//!
//! ```
//! use rafid_feed::{Document, ReadHints, read_feed};
//!
//! // A wrong charset label, bare ampersands, a date in words, no end tags.
//! let document = Document {
//!     bytes: "<rss><channel><title>أخبار السنديان</title>\
//!             <item><title>افتتاح مكتبة & معرض</title><link>/news?id=7&page=1&utm_source=rss</link>\
//!             <pubDate>الإثنين 23 نوفمبر 2026 10:00</pubDate>"
//!         .into(),
//!     content_type: Some("text/xml; charset=iso-8859-1".to_owned()),
//!     url: Some("https://news.example/rss".parse()?),
//! };
//! let hints = ReadHints { timezone: Some("Asia/Riyadh"), ..ReadHints::default() };
//!
//! let parsed = read_feed(&document, hints)?;
//! let entry = &parsed.feed.entries[0];
//! assert_eq!(entry.title.as_str(), "افتتاح مكتبة & معرض");
//! assert_eq!(entry.link.as_deref(), Some("https://news.example/news?id=7&page=1"));
//! assert_eq!(entry.published_at, Some("2026-11-23T07:00:00Z".parse()?));
//! assert!(parsed.feed.warnings.iter().any(|warning| warning.code == "wrong-charset"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it understands
//!
//! | input | read by |
//! | --- | --- |
//! | RSS 0.90 to 2.0, Atom 0.3 and 1.0, CDF, JSON Feed 1.0 and 1.1, news sitemaps | [`read_feed`] |
//! | a page without a feed, by CSS selectors ([`ReadHints::page`]) | [`read_feed`] |
//! | an article's page: its text, authors, date and picture | [`read_article`], [`read_article_of_entry`] |
//! | a page that names its feed | [`discover`] |
//! | a page that names its icons | [`site_icons`] |
//! | subscription lists (OPML) | [`opml`] |
//! | `robots.txt` | [`robots`] |
//!
//! [`json_output`] writes what was read as JSON (with [`entry_json`]), [`warning_advice`] says what a publisher should do.
//!
//! # How a feed is read
//!
//! Four stages, which [`pipeline`] runs one after another:
//!
//! | stage | turns |
//! | --- | --- |
//! | [`decode`] | bytes → text, whatever a label says about the charset |
//! | [`repair`] | text → a document that the `rss` and `atom_syndication` crates accept |
//! | [`parse`] | the repaired document → the publisher's own words ([`RawFeed`](model::RawFeed)) |
//! | [`normalize`] | the publisher's words → [`Feed`]: addresses absolute, dates instants, markup safe |
//!
//! A document can fail ([`ReadError`]); an entry cannot: what can be kept is kept, and a warning says
//! what was repaired. A document that is cut in the middle yields the entries before the cut.
//!
//! # What it never does
//!
//! - It opens no file and no socket and reads no clock, environment variable or random number: the
//!   time of reading is [`ReadHints::read_at`], and time zones are compiled in. The same bytes and
//!   hints give the same result on every machine.
//! - It keeps no state between calls and writes no log.
//! - It follows no link: fetching is the caller's work.
//! - It never guesses in a publisher's field: `None` means that the publisher does not say.
//!
//! [`url::Url`] and [`jiff::Timestamp`] are part of the interface: `url` 2 and `jiff` 0.2.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod arabic;
pub mod dates;
pub mod decode;
pub mod discover;
pub mod entry_json;
pub mod extract;
pub mod hash;
pub mod json_output;
pub mod markup;
pub mod model;
pub mod normalize;
pub mod opml;
pub mod parse;
pub mod pipeline;
pub mod repair;
pub mod robots;
pub mod site_icons;
mod text_rules;
pub mod warning_advice;
pub mod word_forms;

pub use model::{Document, Entry, Feed, ReadHints};
pub use pipeline::{
    ArticleError, ParsedFeed, ReadError, read_article, read_article_of_entry, read_feed,
    read_feed_with_raw_values,
};
pub use text_rules::TEXT_RULES;

/// The example of the package's page is compiled and run, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
