//! The publisher's words → what we believe: `RawFeed` → `Feed`. Never fails; what cannot be kept is
//! a warning, and a flood of one sin is one warning with a count.
//!
//! | file | what it turns into what |
//! | --- | --- |
//! | `feed` | a feed's head; the order of all steps |
//! | `around` | what is said once for all entries; links by relation; dates |
//! | `entry` `texts` | one entry, put together from the readings below; its texts |
//! | `identity` | all entries of a reading → how each is known again |
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

mod address;
mod around;
mod article;
mod attributes;
mod bidi;
mod compare;
mod elements;
mod ending;
mod entry;
mod escape;
mod feed;
mod files;
mod half_escaped;
mod html;
mod identity;
mod language;
mod line;
mod link;
mod notes;
mod pace;
mod people;
mod pictures;
mod place;
mod rewrite;
mod signs;
mod text;
mod texts;
mod tree;
mod words;

use jiff::Timestamp;
use url::Url;

use super::model::{ClockSetting, DateOrder, Language};

pub use article::article;
pub use compare::form as link_form;
pub use feed::normalize;
pub use words::words_of;

/// What is known of a feed beside its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SourceHints<'a> {
    /// The document's final address; `None`: unknown (standard input).
    pub url: Option<&'a Url>,
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
