//! What an entry has from its own page.

use super::article::PublishedAttribution;
use super::validators::Validators;

/// What an entry has from its own page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryPage {
    /// Whether the entry's `content` is the page's text; else it is the feed's own, which was better.
    pub is_text: bool,
    /// Whom the text is taken from, in the page's words.
    pub attributions: Vec<PublishedAttribution>,
    /// To ask the page again with; `None`: it gave none.
    pub validators: Option<Validators>,
}
