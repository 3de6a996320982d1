//! A story → the page with every source's version, side by side.

use std::collections::BTreeSet;

use askama::Template;
use jiff::Timestamp;

use super::arabic_wording::SOURCES;
use super::breaking_label::BreakingLabel;
use super::local_clock::LocalClock;
use super::masthead::{MastheadView, SiteFrame, render_masthead};
use super::page_pictures::PictureView;
use super::{href, root_path, site_address, style_version, summary, text_direction, xml_text};
use crate::model::{SourceId, SourceInfo, StoredEntry, Thumbnail};

/// The length of an entry's text on the page of a story, in characters: enough to see how the versions
/// differ.
const PREVIEW_CHARACTERS: usize = 600;

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
    /// The copy of the first picture, for those who link to the page; `None`: there is no copy.
    pub picture: Option<Thumbnail>,
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
    has_status: bool,
    picture: Option<PictureView>,
}

struct TellingView {
    label: BreakingLabel,
    link: Option<String>,
    lang: Option<String>,
    dir: &'static str,
    /// The direction of the headline and of the text, where it is another.
    title_dir: Option<&'static str>,
    text_dir: Option<&'static str>,
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
            let dir = entry.direction.as_str();
            let headline = summary::entry_headline(entry);
            let text = summary::plain_summary(entry, PREVIEW_CHARACTERS);
            TellingView {
                title_dir: text_direction::differing_direction(&headline, dir),
                text_dir: text
                    .as_deref()
                    .and_then(|text| text_direction::differing_direction(text, dir)),
                text,
                label: BreakingLabel::from_entry(listed, Some(info), headline),
                link: entry.link.as_deref().map(href::encode_href),
                lang: entry.language.as_ref().map(ToString::to_string),
                dir,
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
    let title = first.map_or_else(String::new, |first| summary::entry_headline(&first.entry));
    let page = StoryPage {
        dir: first.map_or("auto", |first| text_direction::direction_of_line(&title, &first.entry)),
        title,
        lang: first.and_then(|first| Some(first.entry.language.as_ref()?.to_string())),
        site: xml_text::xml_line(&view.frame.title),
        base: xml_text::xml_line(&view.frame.base),
        address: first.map_or_else(String::new, |first| story_address(&view.frame, first)),
        style_version: style_version(),
        masthead: render_masthead(&view.frame, &MastheadView::default()),
        sources: view.clock.count(sources.len() as u64, &SOURCES),
        clock: view.clock.name().to_owned(),
        is_folder: view.frame.is_folder,
        has_status: !view.frame.hides_status,
        tellings,
        // Other sites need the whole address.
        picture: view.picture.map(|copy| PictureView::new(&view.frame.base, copy)),
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
        [(first, index), (second, _), ..] if first < second => (index, "السبّاق إليه"),
        _ => (0, "أول ما وصلنا"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PictureId, PictureRole};
    use crate::render::sample;
    use rafid_feed::model::PlainText;

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
            picture: None,
        };
        let mut english = view.clone();
        english.tellings.reverse();
        let english = render_story_page(&english);
        assert!(english.contains("<h1 lang=\"en\" dir=\"ltr\">URGENT: harbour"), "{english}");
        let page = render_story_page(&view);
        for expected in ["<html lang=\"ar\" dir=\"rtl\">", "السبّاق إليه", "النص نفسه"]
        {
            assert!(page.contains(expected), "{expected} in {page}");
        }
        assert!(page.contains("/status"), "{page}");
        let image = "<meta property=\"og:image\" content=\"https://news.example/";
        assert!(page.contains(&format!("{image}icon.png\">")), "{page}");
        let id = PictureId::for_address(PictureRole::Lead, "https://a.example/1.jpg");
        let picture = Some(Thumbnail { id, width: 408, height: 272, version: 0 });
        let with_picture = render_story_page(&StoryView { picture, ..view.clone() });
        assert!(with_picture.contains(&format!("{image}picture/{id}\">")), "{with_picture}");
        assert!(with_picture.contains("og:image:width\" content=\"408\""), "{with_picture}");
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
            picture: None,
        };
        assert_eq!(first_telling(&view), (1, "السبّاق إليه"), "it is dated earlier");
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
