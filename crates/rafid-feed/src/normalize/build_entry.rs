//! One entry as published → a normalized entry.

use url::Url;

use super::entry_header::{EntryHeader, NormalizeState};
use super::entry_texts::EntryTexts;
use super::feed_context::{self, FeedContext};
use super::{absolute_url, enclosures, episode, geo, images, people, text};
use crate::model::{CopiedFrom, Entry, Identity, RawEntry, RawOrigin};

/// Builds an entry. An entry without any content is kept, too, because the document has it.
pub(super) fn build_entry(
    raw: &mut RawEntry,
    header: EntryHeader,
    identity: Identity,
    context: &FeedContext,
    state: &mut NormalizeState,
) -> Entry {
    let texts = EntryTexts::from_raw(raw, &header, context, state);
    let page = header.link.as_deref().filter(|_| header.base(context).is_none());
    let page = page.and_then(|page| Url::parse(page).ok());
    let base = header.base(context).or(page.as_ref());
    let enclosures = enclosures::normalize_enclosures(&raw.enclosures, base);
    let (image, more_images) =
        images::images_of_entry(&raw.images, &enclosures, texts.picture, base);
    let has_text = texts.summary.is_some() || texts.content.is_some() || !header.title.is_empty();
    if !has_text && header.link.is_none() && enclosures.is_empty() && image.is_none() {
        state.warnings.add("empty-entry", Some(header.index), || {
            "an entry without title, link, text and file: there is nothing to show".to_owned()
        });
    }
    let own_authors = people::normalize_authors(&raw.authors, base);
    let web = |address: &Option<String>| absolute_url::absolute_web_url(address.as_deref()?, base);
    let linked =
        |relation: &str| feed_context::links_with_relation(&raw.links, relation, base).next();
    Entry {
        identity,
        guid: raw.guid.take().map(trimmed),
        authors: if own_authors.is_empty() { context.authors.clone() } else { own_authors },
        contributors: people::normalize_authors(&raw.contributors, base),
        categories: people::normalize_categories(&raw.categories),
        origin: raw.origin.as_ref().and_then(|origin| origin_of(origin, base)),
        rights: text::plain_text_of_words(raw.rights.as_deref()),
        licence: linked("license"),
        comments: web(&raw.comments),
        comments_feed: web(&raw.comments_feed),
        comments_count: raw.comments_count.as_deref().and_then(|n| n.trim().parse().ok()),
        via: linked("via"),
        point: raw.place.as_deref().and_then(geo::parse_point),
        episode: raw.episode.as_ref().and_then(|raw| episode::normalize_episode(raw, base)),
        page: None,
        language: texts.language,
        direction: texts.direction,
        summary: texts.summary,
        content: texts.content,
        enclosures,
        image,
        more_images,
        title: header.title,
        link: header.link,
        published_at: header.published_at,
        updated_at: header.updated_at,
    }
}

/// The words without white space around them; not copied when there is nothing to trim.
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
