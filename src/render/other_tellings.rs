//! A story → the other sources that report it: the list at the end of an entry, and the page with every
//! source's version.

use std::collections::BTreeSet;

use askama::Template;
use jiff::Timestamp;

use super::arabic_wording::{self, PluralForms};
use super::breaking_label::BreakingLabel;
use super::local_clock::LocalClock;
use super::masthead::{MastheadView, SiteFrame, render_masthead};
use super::shown_entry::ShownEntry;
use super::{href, root_path, site_address, style_version, summary, xml_text};
use crate::model::{OtherTelling, SourceId, SourceInfo, StoredEntry, StorySummary};

/// Other sources.
const OTHER_SOURCES: PluralForms = PluralForms {
    zero: "المصدر نفسه",
    one: "مصدر آخر",
    two: "مصدران آخران",
    few: "مصادر أخرى",
    many: "مصدرًا آخر",
    other: "مصدر آخر",
};
/// The length of an entry's text on the page of a story, in characters: enough to see how the versions
/// differ.
const PREVIEW_CHARACTERS: usize = 600;

/// The number of other sources that report an entry's story, in words: «3 مصادر أخرى».
pub(super) fn others_line(listed: &StoredEntry, story: &StorySummary) -> String {
    arabic_wording::count_in_words(source_count(listed, story) as u64 - 1, &OTHER_SOURCES)
}

/// The number of sources that report an entry's story, its own included: at least one.
pub(super) fn source_count(listed: &StoredEntry, story: &StorySummary) -> usize {
    let others = story.others.iter().map(|other| &other.source);
    let sources: BTreeSet<&SourceId> = others.chain([&listed.source]).collect();
    sources.len()
}

/// The names of the other sources, without duplicates.
pub(super) fn other_names(story: &StorySummary) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for other in &story.others {
        let name = xml_text::xml_line(&other.name);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The address of a story's page; in an exported site it is the first page of a folder of its own.
pub(super) fn story_page_address(base: &str, story: &StorySummary, is_folder: bool) -> String {
    format!("{base}story/{}{}", story.id, if is_folder { "/" } else { "" })
}

/// The published text of an entry in its direction box, followed by the list of the story's other entries.
/// `None`: there is nothing to publish.
pub(super) fn entry_body(shown: &ShownEntry<'_>) -> Option<String> {
    let entry = &shown.listed.entry;
    let body = summary::entry_content(entry, shown.settings.content)
        .map(|html| xml_text::in_direction_box(&html, entry));
    let list = shown.story.map(|story| other_tellings_list(shown, story));
    match (body, list) {
        (body, None) => body,
        (body, Some(list)) => Some(body.unwrap_or_default() + &list),
    }
}

fn other_tellings_list(shown: &ShownEntry<'_>, story: &StorySummary) -> String {
    let items: String = story.others.iter().map(list_item).collect();
    let address = story_page_address(&shown.settings.base, story, shown.settings.is_folder);
    let address = xml_text::escape_html(&xml_text::xml_line(&address));
    xml_text::xml_text(&format!(
        "<div dir=\"rtl\" lang=\"ar\"><p>رواه أيضًا {}:</p><ul>{items}</ul>\
         <p><a href=\"{address}\">الروايات كلها</a></p></div>",
        others_line(shown.listed, story)
    ))
}

fn list_item(other: &OtherTelling) -> String {
    let name = xml_text::escape_html(&xml_text::xml_line(&other.name));
    let title = xml_text::escape_html(&xml_text::xml_line(other.title.as_str()));
    let title = if title.is_empty() { "(بلا عنوان)".to_owned() } else { title };
    let linked = match other.link.as_deref() {
        Some(link) => {
            format!("<a href=\"{}\">{title}</a>", xml_text::escape_html(&href::encode_href(link)))
        }
        None => title,
    };
    format!("<li><bdi>{name}</bdi>: <bdi>{linked}</bdi></li>")
}

/// A story with all of its entries, ready for its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryView {
    /// What all pages show of the site.
    pub frame: SiteFrame,
    /// The entries in the order of their arrival, with their sources; at least one.
    pub tellings: Vec<(StoredEntry, SourceInfo)>,
    /// For each entry, whether its text is that of an earlier one.
    pub is_same_text: Vec<bool>,
    /// The clock for the times on the page.
    pub clock: LocalClock,
}

#[derive(Template)]
#[template(path = "story.html")]
struct StoryPage {
    title: String,
    lang: Option<String>,
    dir: &'static str,
    site: String,
    root: String,
    base: String,
    /// The address of the page.
    address: String,
    style_version: String,
    masthead: String,
    sources: String,
    tellings: Vec<TellingView>,
    clock: String,
    is_folder: bool,
}

struct TellingView {
    label: BreakingLabel,
    link: Option<String>,
    lang: Option<String>,
    dir: &'static str,
    text: Option<String>,
    source: String,
    source_href: String,
    datetime: String,
    full_time: String,
    time: String,
    /// The remark that this entry is the first.
    first: Option<&'static str>,
    is_same_text: bool,
}

/// The page of a story: every entry with its source and time, side by side.
pub fn render_story_page(view: &StoryView) -> String {
    let root = root_path(&view.frame.base);
    let sources: BTreeSet<&SourceId> =
        view.tellings.iter().map(|(listed, _)| &listed.source).collect();
    let (first, word) = first_telling(view);
    let tellings: Vec<TellingView> = view
        .tellings
        .iter()
        .enumerate()
        .map(|(index, (listed, info))| {
            let is_same_text = view.is_same_text.get(index).copied().unwrap_or_default();
            let entry = &listed.entry;
            TellingView {
                label: BreakingLabel::from_entry(
                    listed,
                    Some(info),
                    summary::entry_headline(entry),
                ),
                link: entry.link.as_deref().map(href::encode_href),
                lang: entry.language.as_ref().map(ToString::to_string),
                dir: entry.direction.as_str(),
                text: summary::plain_summary(entry, PREVIEW_CHARACTERS),
                source: xml_text::xml_line(&info.name),
                source_href: format!(
                    "{root}source/{}/",
                    site_address::path_segment(listed.source.as_str())
                ),
                datetime: xml_text::rfc_3339(listed.listed_at),
                full_time: view.clock.format_in_full(listed.listed_at),
                time: view.clock.format_instant(listed.listed_at),
                first: (index == first).then_some(word),
                is_same_text,
            }
        })
        .collect();
    let first = view.tellings.first().map(|(first, _)| first);
    let page = StoryPage {
        title: first.map_or_else(String::new, |first| summary::entry_headline(&first.entry)),
        lang: first.and_then(|first| Some(first.entry.language.as_ref()?.to_string())),
        dir: first.map_or("auto", |first| first.entry.direction.as_str()),
        site: xml_text::xml_line(&view.frame.title),
        base: xml_text::xml_line(&view.frame.base),
        address: first.map_or_else(String::new, |first| story_address(&view.frame, first)),
        style_version: style_version(),
        masthead: render_masthead(&view.frame, &MastheadView::default()),
        sources: view.clock.count(sources.len() as u64, &arabic_wording::SOURCES),
        clock: view.clock.name().to_owned(),
        is_folder: view.frame.is_folder,
        tellings,
        root,
    };
    // Writing into a `String` cannot fail, and the template calls nothing else.
    page.render().unwrap_or_default()
}

/// The whole address of the page of the story that begins with an entry.
fn story_address(frame: &SiteFrame, first: &StoredEntry) -> String {
    let end = if frame.is_folder { "/" } else { "" };
    xml_text::xml_line(&format!("{}story/{}{end}", frame.base, first.id))
}

/// The index of the first entry, and the remark about it. If all entries have reliable dates, the first
/// publisher is known; otherwise it is the entry that reached us first.
fn first_telling(view: &StoryView) -> (usize, &'static str) {
    let published_at = |(listed, info): &(StoredEntry, SourceInfo)| {
        listed.entry.published_at.filter(|_| info.are_dates_sure)
    };
    let dates: Option<Vec<Timestamp>> = view.tellings.iter().map(published_at).collect();
    let mut order: Vec<(Timestamp, usize)> =
        dates.into_iter().flatten().enumerate().map(|(index, at)| (at, index)).collect();
    order.sort_unstable();
    match order[..] {
        [(first, index), (second, _), ..] if first < second => (index, "أول من رواه"),
        _ => (0, "أول ما وصلنا"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::Publication;
    use crate::render::sample;
    use crate::render::shown_entry::EntrySettings;
    use rafid_feed::model::PlainText;

    fn body_of(publication: &Publication, listed: &StoredEntry) -> String {
        let (settings, listed) = (EntrySettings::of_feed(publication), Arc::new(listed.clone()));
        entry_body(&ShownEntry::of_entry(publication, &settings, &listed)).unwrap()
    }

    fn story_of(publication: &mut Publication, sources: &[&str]) -> StoredEntry {
        sample::join_story(publication, 0, sources);
        StoredEntry::clone(&publication.entries[0])
    }

    #[test]
    fn other_entries_follow_the_text() {
        let mut publication = sample::publication();
        let first = story_of(&mut publication, &["x1", "x2", "x2"]);
        let body = body_of(&publication, &first);
        let expected = "<p>رواه أيضًا مصدران آخران:</p><ul><li><bdi>صحيفة x1 &amp; &lt;i&gt;</bdi>: \
                        <bdi><a href=\"https://other.example/?a=1&amp;b=2\">خبر &lt;آخر&gt;</a></bdi></li>";
        assert!(body.contains(expected), "{body}");
        assert!(
            body.ends_with(&format!("story/{}\">الروايات كلها</a></p></div>", first.id)),
            "{body}"
        );
        assert_eq!(other_names(&publication.stories[&first.id]).len(), 2, "each once");
    }

    #[test]
    fn sources_are_counted_in_arabic() {
        let check = |sources: &[&str], expected: &str| {
            let mut publication = sample::publication();
            let first = story_of(&mut publication, sources);
            assert_eq!(others_line(&first, &publication.stories[&first.id]), expected);
        };
        check(&["x1"], "مصدر آخر");
        check(&["x1", "x2", "x3"], "3 مصادر أخرى");
        let many: Vec<String> = (0..11).map(|n| format!("x{n}")).collect();
        check(&many.iter().map(String::as_str).collect::<Vec<_>>(), "11 مصدرًا آخر");
        let body = sample::publication().entries[0].source.clone();
        check(&[body.as_str()], "المصدر نفسه");
    }

    #[test]
    fn the_page_shows_every_entry() {
        let mut publication = sample::publication();
        sample::entry_mut(&mut publication, 1).entry.title =
            PlainText::from_trusted("URGENT: harbour closed".to_owned());
        let tellings: Vec<_> = publication.entries[..2]
            .iter()
            .map(|listed| {
                let info = &publication.sources[&listed.source];
                (StoredEntry::clone(listed), SourceInfo::clone(info))
            })
            .collect();
        let view = StoryView {
            frame: sample::frame(),
            tellings,
            is_same_text: vec![false, true],
            clock: LocalClock::default(),
        };
        let mut english = view.clone();
        english.tellings.reverse();
        let english = render_story_page(&english);
        assert!(english.contains("<h1 lang=\"en\" dir=\"ltr\">URGENT: harbour"), "{english}");
        let page = render_story_page(&view);
        for expected in ["<html lang=\"ar\" dir=\"rtl\">", "أول من رواه", "النص نفسه"]
        {
            assert!(page.contains(expected), "{expected} in {page}");
        }
        assert!(page.contains("/status"), "{page}");
        assert_eq!(page.matches("<article").count(), 2);
        assert!(
            page.contains("<h1 lang=\"ar\" dir=\"rtl\">أسعار") && !page.contains("class=\"wide\"")
        );
        let title = "<bdi class=\"breaking\">URGENT</bdi>: harbour closed</a></h2>";
        assert!(page.contains(title) && page.matches("class=\"breaking\"").count() == 1, "{page}");
        assert!(!page.contains("<script"));
    }

    #[test]
    fn the_first_publisher_is_named_only_by_reliable_dates() {
        let publication = sample::publication();
        let entry_at = |index: usize| {
            let listed = &publication.entries[index];
            let info = &publication.sources[&listed.source];
            (StoredEntry::clone(listed), SourceInfo::clone(info))
        };
        let mut view = StoryView {
            frame: SiteFrame { is_folder: true, ..sample::frame() },
            tellings: vec![entry_at(0), entry_at(1)],
            is_same_text: vec![false, false],
            clock: LocalClock::default(),
        };
        assert_eq!(first_telling(&view), (1, "أول من رواه"), "it is dated earlier");
        assert!(!render_story_page(&view).contains("/status"), "a folder has no status");
        view.tellings[0].1.are_dates_sure = false;
        assert_eq!(first_telling(&view), (0, "أول ما وصلنا"), "a clock is suspect");
        view.tellings = vec![entry_at(0), entry_at(1)];
        view.tellings[1].0.entry.published_at = None;
        assert_eq!(first_telling(&view), (0, "أول ما وصلنا"), "one says nothing");
        view.tellings[1].0.entry.published_at = view.tellings[0].0.entry.published_at;
        assert_eq!(first_telling(&view), (0, "أول ما وصلنا"), "both at once");
    }
}
