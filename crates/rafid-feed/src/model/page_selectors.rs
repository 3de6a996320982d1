//! CSS selectors for the entries of a page that has no feed.

/// The operator's selectors for one page (Selectors Level 4, as far as the `scraper` crate supports
/// them). All except `entry` search within an entry; the entry itself may match, too.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageSelectors {
    /// The elements that are entries.
    pub entry: String,
    /// The title; `None`: the text of the link.
    pub title: Option<String>,
    /// The link, or an element with a link in it; `None`: the first `a` with an address.
    pub link: Option<String>,
    /// The date: its `datetime`, else its `content`, else its text. `None`: entries have no date.
    pub date: Option<String>,
    /// The short text, as HTML; `None`: entries have none.
    pub summary: Option<String>,
    /// The picture, or an element with a picture in it; `None`: entries have none.
    pub image: Option<String>,
}

impl PageSelectors {
    /// The configuration keys with their values, in a fixed order.
    pub fn all(&self) -> [(&'static str, Option<&str>); 6] {
        [
            ("entry", Some(self.entry.as_str())),
            ("title", self.title.as_deref()),
            ("link", self.link.as_deref()),
            ("date", self.date.as_deref()),
            ("summary", self.summary.as_deref()),
            ("image", self.image.as_deref()),
        ]
    }
}
