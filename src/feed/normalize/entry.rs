//! One entry in the publisher's own words → an entry as we believe it.

use jiff::Timestamp;
use url::Url;

use super::around::{self, Around};
use super::html::Allowance;
use super::identity::Clues;
use super::notes::Notes;
use super::texts::Texts;
use super::{address, files, line, link, people, place, text};
use crate::feed::model::{Entry, Identity, Origin, PlainText, RawEntry, RawOrigin};

/// What must be known of all entries before one of them is believed.
pub(super) struct Head {
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
pub(super) struct Desk {
    /// What the feed may still spend on sanitising.
    pub(super) allowance: Allowance,
    /// What there is to say.
    pub(super) notes: Notes,
}

impl Head {
    /// Reads the entry that stands `index` entries behind the first.
    pub(super) fn of(index: usize, raw: &RawEntry, around: &Around, notes: &mut Notes) -> Self {
        let said = raw.base.as_deref();
        let own_base = said.and_then(|said| address::joined(around.base.as_ref(), Some(said)));
        let base = own_base.as_ref().or(around.base.as_ref());
        let (title, is_escaped_twice) = raw.title.as_ref().map(text::read).unwrap_or_default();
        if is_escaped_twice {
            notes.add("escaped-twice", Some(index), || {
                "a title was escaped once too often: it is read once more".to_owned()
            });
        }
        let guid = raw.guid.as_deref().filter(|_| may_be_link(raw));
        if raw.title.as_ref().is_some_and(|said| line::is_cut(&title, &said.value)) {
            notes.add("title-cut", Some(index), || {
                format!(
                    "a title is longer than {} characters: its beginning is kept",
                    line::MOST_CHARACTERS
                )
            });
        }
        // A guid that leads to the entry is absolute, or it would be everybody's word.
        let link = around::page(&raw.links, base).or_else(|| link::canonical(guid?, None));
        let published_at = around.instant(raw.published.as_deref(), Some(index), notes);
        let updated_at = around.instant(raw.updated.as_deref(), Some(index), notes);
        Self { index, own_base, title, link, published_at, updated_at }
    }

    /// Where its relative addresses stand.
    pub(super) fn base<'a>(&'a self, around: &'a Around) -> Option<&'a Url> {
        self.own_base.as_ref().or(around.base.as_ref())
    }

    /// What tells the entry from others.
    pub(super) fn clues<'a>(&'a self, raw: &'a RawEntry) -> Clues<'a> {
        Clues {
            guid: raw.guid.as_deref().map(str::trim).filter(|guid| !guid.is_empty()),
            guid_may_be_link: may_be_link(raw),
            link: self.link.as_deref(),
            title: self.title.as_str(),
            published_at: around::lasting(raw.published.as_deref(), self.published_at),
            raw,
        }
    }
}

/// RSS 2.0: a guid is an address unless `isPermaLink` says that it is none.
fn may_be_link(raw: &RawEntry) -> bool {
    raw.guid_is_permalink != Some(false)
}

/// Believes an entry. One that says nothing at all is kept, too: the document has it.
pub(super) fn believe(
    raw: &mut RawEntry,
    head: Head,
    identity: Identity,
    around: &Around,
    desk: &mut Desk,
) -> Entry {
    let texts = Texts::of(raw, &head, around, desk);
    let base = head.base(around);
    let enclosures = files::enclosures(&raw.enclosures, base);
    let image = files::best_image(&raw.images, base)
        .or_else(|| files::image_among(&enclosures))
        .or(texts.picture);
    let has_text = texts.summary.is_some() || texts.content.is_some() || !head.title.is_empty();
    if !has_text && head.link.is_none() && enclosures.is_empty() && image.is_none() {
        desk.notes.add("empty-entry", Some(head.index), || {
            "an entry without title, link, text and file: nobody can be shown it".to_owned()
        });
    }
    let own_authors = people::authors(&raw.authors, base);
    let web = |said: &Option<String>| address::web(said.as_deref()?, base);
    let linked = |relation: &str| around::links(&raw.links, relation, base).next();
    Entry {
        identity,
        guid: raw.guid.take().map(trimmed),
        authors: if own_authors.is_empty() { around.authors.clone() } else { own_authors },
        categories: people::categories(&raw.categories),
        origin: raw.origin.as_ref().and_then(|origin| origin_of(origin, base)),
        rights: text::of_words(raw.rights.as_deref()),
        licence: linked("license"),
        comments: web(&raw.comments),
        comments_feed: web(&raw.comments_feed),
        comments_count: raw.comments_count.as_deref().and_then(|n| n.trim().parse().ok()),
        via: linked("via"),
        point: raw.place.as_deref().and_then(place::of),
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

fn origin_of(raw: &RawOrigin, base: Option<&Url>) -> Option<Origin> {
    let title = text::of_words(raw.title.as_deref());
    let url = raw.url.as_deref().and_then(|url| address::web(url, base));
    (title.is_some() || url.is_some()).then_some(Origin { title, url })
}

#[cfg(test)]
mod tests;
