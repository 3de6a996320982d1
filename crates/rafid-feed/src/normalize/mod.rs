//! The publisher's words → what we believe: `RawFeed` → `Feed`. Never fails; what cannot be kept is
//! a warning, and a flood of one sin is one warning with a count.
//!
//! | file | what it turns into what |
//! | --- | --- |
//! | `feed` | a feed's head; the order of all steps |
//! | `around` | what is said once for all entries; links by relation; dates |
//! | `entry` `texts` | one entry, put together from the readings below; its texts |
//! | `identity` | all entries of a reading → how each is known again |
//! | `topics` `junk` `site_names` | all entries' categories → those that name something; what the site is called |
//! | `language` | claims and words → language and direction |
//! | `people` `files` `place` `pace` | authors and categories; enclosures and pictures; a point; wishes about polling |
//! | `text` | a text → one line; by `signs` (is it markup?), `line` (what may stand in a line), `bidi` |
//! | `html` | a text → sanitised HTML; by `half_escaped` (parts escaped once too often), `rewrite` (markup → tame markup in linear time) |
//! | `ending` | an entry's text → without the link to the rest of it and its like |
//! | `elements` `attributes` `pictures` `tree` `escape` | what `rewrite` is made of beside `feed::markup`: what is known, nesting, writing |
//! | `words` | where and when in the publisher's own words, for explaining |
//! | `article` | an article's page in its own words → one that may be shown |
//! | `address` `link` `compare` | an address → absolute; without trackers; a form to compare by |
//! | `notes` | findings → warnings |

mod absolute_url;
mod article_text;
mod attributes;
mod bidi;
mod build_entry;
mod categories;
mod category_values;
mod clock_offset;
mod elements;
mod enclosures;
mod entry_texts;
mod escape;
mod feed;
mod feed_context;
mod geo;
mod half_escaped;
mod html;
mod identity;
mod language;
mod line;
mod link;
mod link_form;
mod markup_detection;
mod nesting;
mod people;
mod pictures;
mod poll_hints;
mod raw_values;
mod read_more;
mod rewrite;
mod site_names;
mod text;
mod warning_collector;

use jiff::Timestamp;
use url::Url;

use super::model::{CategorySettings, ClockSetting, DateOrder, Language};

pub use article_text::normalize_article;
pub use clock_offset::{ClockEvidence, correction_warning, shift_entry_dates};
pub use feed::normalize;
pub use link_form::link_form;
pub use raw_values::raw_entry_values;

/// What is known of a feed beside its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SourceHints<'a> {
    /// The document's final address; `None`: unknown (standard input).
    pub url: Option<&'a Url>,
    /// The operator's name for it; `None`: none.
    pub name: Option<&'a str>,
    /// The operator's word about its categories and its «عاجل»; `None`: none.
    pub labels: Option<&'a CategorySettings>,
    /// The operator's word about the language of entries that do not say; `None`: none.
    pub language: Option<&'a Language>,
    /// The order of day and month that earlier documents told; `None`: none did.
    pub date_order: Option<DateOrder>,
    /// The zone of dates without one: an IANA name or a fixed offset; `None`: UTC.
    pub timezone: Option<&'a str>,
    /// `Wall`: the zones that dates name are passed over; what else it says is not applied here.
    pub clock: ClockSetting,
    /// When the document was read, for dates told from then («منذ ساعتين»); `None`: unknown, and such
    /// dates cannot be read.
    pub read_at: Option<Timestamp>,
}
