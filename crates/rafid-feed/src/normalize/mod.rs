//! A feed as published → a normalized feed: `RawFeed` → `Feed`. Never fails; a value that cannot be
//! kept gives a warning, and a repeated error is one warning with a count.
//!
//! | file | what it turns into what |
//! | --- | --- |
//! | `feed` | a feed's header; the order of all steps |
//! | `feed_context` | the values that all entries share; links by relation; dates |
//! | `entry_header` `build_entry` `entry_texts` | the values of every entry that all others need; one entry, built from the readings below; its texts |
//! | `identity` | all entries of a document → how each is recognized |
//! | `categories` `category_values` `site_names` | all entries' categories → the meaningful ones; the names of the site |
//! | `language` | claims and words → language and direction |
//! | `people` `enclosures` `images` `geo` `poll_hints` | authors and categories; enclosures; pictures; a point; hints about polling |
//! | `episode` | what an entry says of itself as an episode of a podcast → an `Episode` |
//! | `text` | a text → one line; with `markup_detection` (is it markup?), `escaped_letters` (letters written as escapes of another format), `encoded_words` (as words of mail), `line` (the characters of a line), `bidi` |
//! | `html` | a text → sanitized HTML; with `half_escaped` (parts escaped once too often), `rewrite` (markup → simple markup in linear time), `simple_html` (the simplest markup → what the sanitizer makes of it), `slim_markup` (a very long markup → what is shown of it), `plain_text` (a text without markup → paragraphs, lines and links) |
//! | `read_more` | an entry's text → without the link to the full article and the like |
//! | `elements` `attributes` `pictures` `decorations` `nesting` `escape` | the parts of `rewrite` apart from `crate::markup`: known elements and attributes, pictures and those that only decorate or lead to a form for sharing, nesting, writing |
//! | `raw_values` | links, dates and categories as written, to explain a result |
//! | `article_text` | an article as its page has it → one that is safe to show |
//! | `absolute_url` `link` `link_form` | an address → absolute; without trackers; a form for comparing |
//! | `warning_collector` | findings → warnings |

mod absolute_url;
mod article_text;
mod attributes;
mod bidi;
mod build_entry;
mod categories;
mod category_values;
mod clock_offset;
mod decorations;
mod elements;
mod enclosures;
mod encoded_words;
mod entry_header;
mod entry_texts;
mod episode;
mod escape;
mod escaped_letters;
mod feed;
mod feed_context;
mod geo;
mod half_escaped;
mod html;
mod identity;
mod images;
mod language;
mod line;
mod link;
mod link_form;
mod markup_detection;
mod nesting;
mod people;
mod pictures;
mod plain_text;
mod poll_hints;
mod raw_values;
mod read_more;
mod rewrite;
mod simple_html;
mod site_names;
mod slim_markup;
mod text;
mod warning_collector;

use jiff::Timestamp;
use url::Url;

use super::model::{CategorySettings, ClockSetting, DateOrder, Language};

pub use article_text::normalize_article;
pub use clock_offset::{ClockEvidence, correction_warning, shift_entry_dates};
pub use feed::normalize;
pub use line::to_line;
pub use link_form::link_form;
pub use raw_values::raw_entry_values;

/// What is known about a feed apart from its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SourceHints<'a> {
    /// The document's final address; `None`: unknown (standard input).
    pub url: Option<&'a Url>,
    /// The operator's name for it; `None`: no setting.
    pub name: Option<&'a str>,
    /// The operator's setting for its categories and its «عاجل»; `None`: no setting.
    pub labels: Option<&'a CategorySettings>,
    /// The operator's setting for the language of entries that state none; `None`: no setting.
    pub language: Option<&'a Language>,
    /// The order of day and month that earlier documents showed; `None`: unknown.
    pub date_order: Option<DateOrder>,
    /// The zone of dates without one: an IANA name or a fixed offset; `None`: UTC.
    pub timezone: Option<&'a str>,
    /// `Wall`: the zones that dates name are ignored. The other settings have no effect here.
    pub clock: ClockSetting,
    /// When the document was read, for relative dates («منذ ساعتين»); `None`: unknown, and such
    /// dates are not read.
    pub read_at: Option<Timestamp>,
}
