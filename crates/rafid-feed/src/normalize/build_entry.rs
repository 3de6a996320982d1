//! One entry in the publisher's own words → an entry as we believe it.

use jiff::Timestamp;
use url::Url;

use super::entry_texts::EntryTexts;
use super::feed_context::{self, FeedContext};
use super::html::SanitizeBudget;
use super::identity::IdentityInputs;
use super::warning_collector::WarningCollector;
use super::{absolute_url, enclosures, geo, line, link, people, text};
use crate::model::{CopiedFrom, Entry, Identity, PlainText, RawEntry, RawOrigin};

/// What must be known of all entries before one of them is believed.
pub(super) struct EntryHeader {
    /// Where the entry stands in the document, from 0.
    pub(super) index: usize,
    /// Where its relative addresses stand, when it says so itself.
    own_base: Option<Url>,
    /// The title.
    pub(super) title: PlainText,
    /// The link, canonical.
    pub(super) link: Option<String>,
    published_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

/// What is spent and noted while the entries of a feed are read.
#[derive(Default)]
pub(super) struct NormalizeState {
    /// What the feed may still spend on sanitising.
    pub(super) budget: SanitizeBudget,
    /// What there is to say.
    pub(super) warnings: WarningCollector,
}

impl EntryHeader {
    /// Reads the entry that stands `index` entries behind the first.
    pub(super) fn from_raw(
        index: usize,
        raw: &RawEntry,
        around: &FeedContext,
        notes: &mut WarningCollector,
    ) -> Self {
        let said = raw.base.as_deref();
        let own_base =
            said.and_then(|said| absolute_url::join_base(around.base.as_ref(), Some(said)));
        let base = own_base.as_ref().or(around.base.as_ref());
        let (title, is_escaped_twice) =
            raw.title.as_ref().map(text::to_plain_text_with_escaping).unwrap_or_default();
        if is_escaped_twice {
            notes.add("escaped-twice", Some(index), || {
                "a title was escaped once too often: it is read once more".to_owned()
            });
        }
        let guid = raw.guid.as_deref().filter(|_| guid_may_be_link(raw));
        if raw.title.as_ref().is_some_and(|said| line::is_truncated(&title, &said.value)) {
            notes.add("title-cut", Some(index), || {
                format!(
                    "a title is longer than {} characters: its beginning is kept",
                    line::MOST_CHARACTERS
                )
            });
        }
        // A guid that leads to the entry is absolute, or it would be everybody's word.
        let link =
            feed_context::page_link(&raw.links, base).or_else(|| link::canonical_link(guid?, None));
        let published_at = around.read_date(raw.published.as_deref(), Some(index), notes);
        let updated_at = around.read_date(raw.updated.as_deref(), Some(index), notes);
        Self { index, own_base, title, link, published_at, updated_at }
    }

    /// Where its relative addresses stand.
    pub(super) fn base<'a>(&'a self, around: &'a FeedContext) -> Option<&'a Url> {
        self.own_base.as_ref().or(around.base.as_ref())
    }

    /// What tells the entry from others.
    pub(super) fn identity_inputs<'a>(&'a self, raw: &'a RawEntry) -> IdentityInputs<'a> {
        IdentityInputs {
            guid: raw.guid.as_deref().map(str::trim).filter(|guid| !guid.is_empty()),
            guid_may_be_link: guid_may_be_link(raw),
            link: self.link.as_deref(),
            title: self.title.as_str(),
            published_at: feed_context::stable_instant(raw.published.as_deref(), self.published_at),
            raw,
        }
    }
}

/// RSS 2.0: a guid is an address unless `isPermaLink` says that it is none.
fn guid_may_be_link(raw: &RawEntry) -> bool {
    raw.guid_is_permalink != Some(false)
}

/// Believes an entry. One that says nothing at all is kept, too: the document has it.
pub(super) fn build_entry(
    raw: &mut RawEntry,
    head: EntryHeader,
    identity: Identity,
    around: &FeedContext,
    desk: &mut NormalizeState,
) -> Entry {
    let texts = EntryTexts::from_raw(raw, &head, around, desk);
    let base = head.base(around);
    let enclosures = enclosures::normalize_enclosures(&raw.enclosures, base);
    let image = enclosures::best_image(&raw.images, base)
        .or_else(|| enclosures::image_among(&enclosures))
        .or(texts.picture);
    let has_text = texts.summary.is_some() || texts.content.is_some() || !head.title.is_empty();
    if !has_text && head.link.is_none() && enclosures.is_empty() && image.is_none() {
        desk.warnings.add("empty-entry", Some(head.index), || {
            "an entry without title, link, text and file: nobody can be shown it".to_owned()
        });
    }
    let own_authors = people::normalize_authors(&raw.authors, base);
    let web = |said: &Option<String>| absolute_url::absolute_web_url(said.as_deref()?, base);
    let linked =
        |relation: &str| feed_context::links_with_relation(&raw.links, relation, base).next();
    Entry {
        identity,
        guid: raw.guid.take().map(trimmed),
        authors: if own_authors.is_empty() { around.authors.clone() } else { own_authors },
        categories: people::normalize_categories(&raw.categories),
        origin: raw.origin.as_ref().and_then(|origin| origin_of(origin, base)),
        rights: text::plain_text_of_words(raw.rights.as_deref()),
        licence: linked("license"),
        comments: web(&raw.comments),
        comments_feed: web(&raw.comments_feed),
        comments_count: raw.comments_count.as_deref().and_then(|n| n.trim().parse().ok()),
        via: linked("via"),
        point: raw.place.as_deref().and_then(geo::parse_point),
        page: None,
        language: texts.language,
        direction: texts.direction,
        summary: texts.summary,
        content: texts.content,
        enclosures,
        image,
        title: head.title,
        link: head.link,
        published_at: head.published_at,
        updated_at: head.updated_at,
    }
}

/// The words without white space around them, in their own place where there is none.
fn trimmed(words: String) -> String {
    if words.trim().len() == words.len() { words } else { words.trim().to_owned() }
}

fn origin_of(raw: &RawOrigin, base: Option<&Url>) -> Option<CopiedFrom> {
    let title = text::plain_text_of_words(raw.title.as_deref());
    let url = raw.url.as_deref().and_then(|url| absolute_url::absolute_web_url(url, base));
    (title.is_some() || url.is_some()).then_some(CopiedFrom { title, url })
}

#[cfg(test)]
mod tests;
