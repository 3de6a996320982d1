//! Every entry as published → the values that must be known of all entries before one is built: title,
//! link, dates.

use jiff::Timestamp;
use url::Url;

use super::feed_context::{self, FeedContext};
use super::html::SanitizeBudget;
use super::identity::IdentityInputs;
use super::warning_collector::{WarningCollector, quoted};
use super::{absolute_url, escaped_letters, line, link, text};
use crate::model::{PlainText, RawEntry};

/// The values of all entries that must be known before any of them is built.
pub(super) struct EntryHeader {
    /// The index of the entry in the document, from 0.
    pub(super) index: usize,
    /// The base of its relative addresses, if the entry has one of its own.
    own_base: Option<Url>,
    /// The title.
    pub(super) title: PlainText,
    /// The link, canonical.
    pub(super) link: Option<String>,
    pub(super) published_at: Option<Timestamp>,
    pub(super) updated_at: Option<Timestamp>,
}

/// The state that changes while the entries of a feed are read.
#[derive(Default)]
pub(super) struct NormalizeState {
    /// The remaining work for sanitizing.
    pub(super) budget: SanitizeBudget,
    /// The warnings so far.
    pub(super) warnings: WarningCollector,
}

impl EntryHeader {
    /// Reads the header of the entry at `index`.
    pub(super) fn from_raw(
        index: usize,
        raw: &RawEntry,
        context: &FeedContext,
        warnings: &mut WarningCollector,
    ) -> Self {
        let own_base = raw
            .base
            .as_deref()
            .and_then(|base| absolute_url::join_base(context.base.as_ref(), Some(base)));
        let base = own_base.as_ref().or(context.base.as_ref());
        let (mut title, is_escaped_twice) =
            raw.title.as_ref().map(text::to_plain_text_with_escaping).unwrap_or_default();
        if is_escaped_twice {
            warnings.add("escaped-twice", Some(index), || {
                "a title was escaped once too often: it is read once more".to_owned()
            });
        }
        title = without_escapes(title, Some(index), warnings);
        let guid = raw.guid.as_deref().filter(|_| guid_may_be_link(raw));
        if raw.title.as_ref().is_some_and(|raw| line::is_truncated(&title, &raw.value)) {
            warnings.add("title-cut", Some(index), || {
                format!(
                    "a title is longer than {} characters: its beginning is kept",
                    line::MOST_CHARACTERS
                )
            });
        }
        // A guid that leads to the entry is absolute; a relative one could be any word.
        let language = raw.language.as_deref().or(context.stated_language.as_deref());
        let link = feed_context::page_link(&raw.links, language, base)
            .or_else(|| link::canonical_link(guid?, None));
        if link.is_none()
            && let Some(written) = feed_context::raw_page_link(&raw.links, language, base)
            && absolute_url::is_no_address(written)
        {
            warnings.add("unusable-link", Some(index), || {
                format!("the link {} is no address of a page: left out", quoted(written))
            });
        }
        let published_at = context.read_date(raw.published.as_deref(), Some(index), warnings);
        let updated_at = context.read_date(raw.updated.as_deref(), Some(index), warnings);
        Self { index, own_base, title, link, published_at, updated_at }
    }

    /// The base of its relative addresses.
    pub(super) fn base<'a>(&'a self, context: &'a FeedContext) -> Option<&'a Url> {
        self.own_base.as_ref().or(context.base.as_ref())
    }

    /// The values that distinguish the entry from others.
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

/// The title of an entry or feed with its letters, where they are written as escapes of another format.
pub(super) fn without_escapes(
    title: PlainText,
    entry: Option<usize>,
    warnings: &mut WarningCollector,
) -> PlainText {
    let Some((letters, escapes)) = escaped_letters::undo_escapes(title.as_str()) else {
        return title;
    };
    warnings.add("escaped-letters", entry, || {
        format!("the letters of a title are written as {escapes}: they are read")
    });
    line::to_line(&letters)
}

/// RSS 2.0: a guid is an address unless `isPermaLink` says otherwise.
fn guid_may_be_link(raw: &RawEntry) -> bool {
    raw.guid_is_permalink != Some(false)
}
