//! What the entry's own page adds to an entry.

use super::article::PublishedAttribution;
use super::validators::Validators;

/// What the entry's own page adds to an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryPage {
    /// Whether `content` is the page's text; otherwise it is the feed's text, which was better.
    pub is_text: bool,
    /// The sources that the text credits, as the page names them.
    pub attributions: Vec<PublishedAttribution>,
    /// The validators for the next request of the page; `None`: the server sent none.
    pub validators: Option<Validators>,
}
