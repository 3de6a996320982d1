//! A feed in the publisher's own words → a feed as we believe it: its head, and the order in which
//! its entries are read.
//!
//! First what is said once for all (`around`), then the head of every entry, then the identities,
//! which need all of them, then each entry as a whole; last, what is dropped by comparing all of them.

use super::build_entry::{self, EntryHeader, NormalizeState};
use super::feed_context::{self, FeedContext};
use super::site_names::SiteNames;
use super::warning_collector::WarningCollector;
use super::{SourceHints, categories, enclosures, identity, language, people, poll_hints, text};
use crate::model::{Entry, Feed, Format, Language, Person, PlainText, RawFeed};

/// Entries of one reading that are kept, at most: an archive of ten a day for more than a year.
const MOST_ENTRIES: usize = 5_000;
/// Hubs of a feed, at most; two are common.
const MOST_HUBS: usize = 8;
/// Entries whose titles tell the language and direction of a feed.
const TITLES_LOOKED_AT: usize = 20;

/// Believes what can be believed of a feed. Addresses come out absolute, dates as instants, titles as
/// lines of text, texts sanitised; every entry has an identity that is unique in this reading.
///
/// Warnings of the parser are carried over first. At most 5,000 entries are kept, the first ones in
/// document order; what is left out is a warning. Takes linear time, whatever stands in the feed.
pub fn normalize(mut raw: RawFeed, hints: &SourceHints<'_>) -> Feed {
    let mut desk = NormalizeState::default();
    let mut warnings = std::mem::take(&mut raw.warnings);
    let dropped = raw.entries.len().saturating_sub(MOST_ENTRIES);
    raw.entries.truncate(MOST_ENTRIES);
    let mut around = FeedContext::from_feed(&raw, hints);
    let mut heads = Vec::with_capacity(raw.entries.len());
    for (index, entry) in raw.entries.iter().enumerate() {
        heads.push(EntryHeader::from_raw(index, entry, &around, &mut desk.warnings));
    }
    let title = raw.title.as_ref().map(text::to_plain_text).filter(|title| !title.is_empty());
    let titles = joined_titles(title.as_ref(), &heads);
    around.language = decide_feed_language(&raw, &titles, &around, &mut desk.warnings);
    around.direction = language::claimed_direction(&[raw.direction.as_deref()]);
    around.authors = inherited_authors(&raw, &around);
    let clues: Vec<_> =
        heads.iter().zip(&raw.entries).map(|(head, entry)| head.identity_inputs(entry)).collect();
    let names = SiteNames::collect(title.as_ref(), around.site.as_deref(), hints);
    let identities = identity::decide_identities(&clues, around.site.as_deref(), &names);
    let mut entries: Vec<Entry> = Vec::with_capacity(heads.len());
    for ((raw, head), identity) in raw.entries.iter_mut().zip(heads).zip(identities) {
        entries.push(build_entry::build_entry(raw, head, identity, &around, &mut desk));
    }
    categories::drop_meaningless_categories(&mut entries, &names, hints.labels, &mut desk.warnings);
    categories::warn_overused_breaking(&entries, hints.labels, &mut desk.warnings);
    if dropped > 0 {
        let detail = format!("more than {MOST_ENTRIES} entries: the last ones are left out");
        desk.warnings.add_many("entries-dropped", dropped, detail);
    }
    let mut feed = build_feed_header(&raw, &around, &titles, &mut desk.warnings);
    warnings.extend(desk.warnings.into_warnings());
    feed.title = title;
    feed.entries = entries;
    feed.warnings = warnings;
    feed
}

/// The feed without its entries.
fn build_feed_header(
    raw: &RawFeed,
    around: &FeedContext,
    titles: &str,
    notes: &mut WarningCollector,
) -> Feed {
    let base = around.base.as_ref();
    let linked =
        |relation: &str| feed_context::links_with_relation(&raw.links, relation, base).next();
    let mut hubs: Vec<String> = Vec::new();
    for hub in feed_context::links_with_relation(&raw.links, "hub", base) {
        if hubs.len() < MOST_HUBS && !hubs.contains(&hub) {
            hubs.push(hub);
        }
    }
    let updated_at = around.read_date(raw.updated.as_deref(), None, notes);
    Feed {
        title: None,
        subtitle: raw.subtitle.as_ref().map(text::to_plain_text).filter(|line| !line.is_empty()),
        site: around.site.clone(),
        self_link: linked("self"),
        hubs,
        next: linked("next"),
        language: around.language.clone(),
        direction: around.direction.unwrap_or_else(|| {
            language::direction_by_words(titles, String::new, around.language.as_ref())
        }),
        image: enclosures::best_image(&raw.images, base),
        rights: text::plain_text_of_words(raw.rights.as_deref()),
        licence: linked("license"),
        generator: text::plain_text_of_words(raw.generator.as_deref()),
        updated_at: updated_at.or_else(|| around.read_date(raw.published.as_deref(), None, notes)),
        date_order: around.date_order(),
        poll_hints: poll_hints::normalize_poll_hints(&raw.poll_hints),
        entries: Vec::new(),
        warnings: Vec::new(),
    }
}

/// The titles that stand for the feed's words.
fn joined_titles(title: Option<&PlainText>, heads: &[EntryHeader]) -> String {
    let entries = heads.iter().take(TITLES_LOOKED_AT).map(|head| &head.title);
    let titles: Vec<&str> = title.into_iter().chain(entries).map(PlainText::as_str).collect();
    titles.join(" ")
}

fn decide_feed_language(
    raw: &RawFeed,
    titles: &str,
    around: &FeedContext,
    notes: &mut WarningCollector,
) -> Option<Language> {
    let of_title = raw.title.as_ref().and_then(|title| title.language.as_deref());
    let claims = [raw.language.as_deref(), of_title];
    let believed = language::decide_language(&claims, None, around.hint, || titles.to_owned());
    if let (Some(claim), Some(instead)) = (&believed.refuted, &believed.language) {
        notes.add("language-mismatch", None, || {
            format!("the language is said to be {claim}, the titles are Arabic: taken as {instead}")
        });
    }
    believed.language
}

/// RFC 4287 section 4.2.1 and JSON Feed 1.1 let a feed's authors stand for its entries'; the editors
/// of RSS are nobody's authors.
fn inherited_authors(raw: &RawFeed, around: &FeedContext) -> Vec<Person> {
    match raw.format {
        Some(Format::Atom | Format::Atom03 | Format::JsonFeed) => {
            people::normalize_authors(&raw.authors, around.base.as_ref())
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
