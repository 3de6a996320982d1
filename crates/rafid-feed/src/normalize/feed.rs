//! A feed as published → a normalized feed: its header, and the order of the steps for its entries.
//!
//! The steps: first the context that all entries share (`feed_context`), then the header of every
//! entry, then the identities, which need all headers, then each entry as a whole, and last the
//! categories, which need all entries.

use super::entry_header::{self, EntryHeader, NormalizeState};
use super::feed_context::{self, FeedContext};
use super::identity::IdentityInputs;
use super::site_names::SiteNames;
use super::warning_collector::{WarningCollector, quoted};
use super::{
    SourceHints, absolute_url, build_entry, categories, identity, images, language, people,
    poll_hints, text,
};
use crate::model::{Entry, Feed, Format, Language, Person, PlainText, RawFeed};

/// The most entries of one document that are kept: an archive of ten a day for more than a year.
const MOST_ENTRIES: usize = 5_000;
/// The most hubs of a feed; two are common.
const MOST_HUBS: usize = 8;
/// The number of entries whose titles help to find the language and direction of a feed.
const TITLES_LOOKED_AT: usize = 20;

/// Normalizes a feed: absolute addresses, dates as instants, titles as lines of text, sanitized
/// texts; every entry has an identity that is unique in this document.
///
/// The warnings of the parser come first. At most 5,000 entries are kept, the first ones in
/// document order; a warning counts the others. Takes linear time for any input.
pub fn normalize(mut raw: RawFeed, hints: &SourceHints<'_>) -> Feed {
    let mut state = NormalizeState::default();
    let mut warnings = std::mem::take(&mut raw.warnings);
    let dropped = raw.entries.len().saturating_sub(MOST_ENTRIES);
    raw.entries.truncate(MOST_ENTRIES);
    let mut context = FeedContext::from_feed(&raw, hints);
    let mut headers = Vec::with_capacity(raw.entries.len());
    for (index, entry) in raw.entries.iter().enumerate() {
        headers.push(EntryHeader::from_raw(index, entry, &context, &mut state.warnings));
    }
    let title = raw.title.as_ref().map(text::to_plain_text).filter(|title| !title.is_empty());
    let title = title.map(|it| entry_header::without_escapes(it, None, &mut state.warnings));
    let titles = joined_titles(title.as_ref(), &headers);
    context.language = decide_feed_language(&raw, &titles, &context, &mut state.warnings);
    context.direction = language::claimed_direction(&[raw.direction.as_deref()]);
    context.authors = inherited_authors(&raw, &context);
    let inputs: Vec<_> = headers
        .iter()
        .zip(&raw.entries)
        .map(|(header, entry)| header.identity_inputs(entry))
        .collect();
    let names = SiteNames::collect(title.as_ref(), context.site.as_deref(), hints);
    warn_repeated_ids(&inputs, &mut state.warnings);
    let identities = identity::decide_identities(&inputs, context.site.as_deref(), &names);
    let mut entries: Vec<Entry> = Vec::with_capacity(headers.len());
    for ((raw, header), identity) in raw.entries.iter_mut().zip(headers).zip(identities) {
        entries.push(build_entry::build_entry(raw, header, identity, &context, &mut state));
    }
    categories::drop_meaningless_categories(
        &mut entries,
        &names,
        hints.labels,
        &mut state.warnings,
    );
    categories::warn_overused_breaking(&entries, hints.labels, &mut state.warnings);
    if dropped > 0 {
        let detail = format!("more than {MOST_ENTRIES} entries: the last ones are left out");
        state.warnings.add_many("entries-dropped", dropped, detail);
    }
    let mut feed = build_feed_header(&raw, &context, &titles, &mut state.warnings);
    warnings.extend(state.warnings.into_warnings());
    feed.title = title;
    feed.entries = entries;
    feed.warnings = warnings;
    feed
}

/// The feed without its entries.
fn build_feed_header(
    raw: &RawFeed,
    context: &FeedContext,
    titles: &str,
    warnings: &mut WarningCollector,
) -> Feed {
    let base = context.base.as_ref();
    let linked =
        |relation: &str| feed_context::links_with_relation(&raw.links, relation, base).next();
    let mut hubs: Vec<String> = Vec::new();
    for hub in feed_context::links_with_relation(&raw.links, "hub", base) {
        if hubs.len() < MOST_HUBS && !hubs.contains(&hub) {
            hubs.push(hub);
        }
    }
    let updated_at = context.read_date(raw.updated.as_deref(), None, warnings);
    Feed {
        title: None,
        subtitle: raw.subtitle.as_ref().map(text::to_plain_text).filter(|line| !line.is_empty()),
        site: context.site.clone(),
        self_link: linked("self"),
        hubs,
        next: linked("next"),
        language: context.language.clone(),
        direction: context.direction.unwrap_or_else(|| {
            language::direction_by_words(titles, String::new, context.language.as_ref())
        }),
        image: images::best_image(&raw.images, base),
        authors: people::normalize_authors(&raw.authors, base),
        categories: people::normalize_categories(&raw.categories),
        rights: text::plain_text_of_words(raw.rights.as_deref()),
        licence: linked("license"),
        generator: text::plain_text_of_words(raw.generator.as_deref()),
        moved_to: raw.moved_to.as_deref().and_then(|to| absolute_url::absolute_web_url(to, base)),
        podcast_guid: text::plain_text_of_words(raw.podcast_guid.as_deref())
            .map(|guid| guid.as_str().to_owned()),
        updated_at: updated_at
            .or_else(|| context.read_date(raw.published.as_deref(), None, warnings)),
        date_order: context.date_order(),
        poll_hints: poll_hints::normalize_poll_hints(&raw.poll_hints),
        entries: Vec::new(),
        warnings: Vec::new(),
    }
}

/// Reports ids that several entries share.
fn warn_repeated_ids(inputs: &[IdentityInputs], warnings: &mut WarningCollector) {
    for index in identity::repeated_guids(inputs) {
        let guid = inputs.get(index).and_then(|inputs| inputs.guid).unwrap_or_default();
        warnings.add("repeated-id", Some(index), || {
            format!("the id {} is that of an earlier entry, too", quoted(guid))
        });
    }
}

/// The titles that stand for the words of the feed.
fn joined_titles(title: Option<&PlainText>, headers: &[EntryHeader]) -> String {
    let entries = headers.iter().take(TITLES_LOOKED_AT).map(|header| &header.title);
    let titles: Vec<&str> = title.into_iter().chain(entries).map(PlainText::as_str).collect();
    titles.join(" ")
}

fn decide_feed_language(
    raw: &RawFeed,
    titles: &str,
    context: &FeedContext,
    warnings: &mut WarningCollector,
) -> Option<Language> {
    let of_title = raw.title.as_ref().and_then(|title| title.language.as_deref());
    let claims = [raw.language.as_deref(), of_title];
    let decision = language::decide_language(&claims, None, context.hint, || titles.to_owned());
    if let (Some(claim), Some(instead)) = (&decision.refuted, &decision.language) {
        warnings.add("language-mismatch", None, || {
            format!("the language is said to be {claim}, the titles are Arabic: taken as {instead}")
        });
    }
    decision.language
}

/// RFC 4287 section 4.2.1 and JSON Feed 1.1 let a feed's authors stand for those of its entries;
/// the editors of RSS are not authors of entries.
fn inherited_authors(raw: &RawFeed, context: &FeedContext) -> Vec<Person> {
    match raw.format {
        Some(Format::Atom | Format::Atom03 | Format::JsonFeed) => {
            people::normalize_authors(&raw.authors, context.base.as_ref())
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
