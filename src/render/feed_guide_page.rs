//! A feed → the page for a person who opened its address in a browser: what a feed is, how to subscribe, and
//! the feed's newest entries.
//!
//! Browsers show a feed as bare text, and no longer apply a stylesheet to it (XSLT is off by default from
//! Chromium 158). The page needs no script: the address is an element that one click selects as a whole
//! (`user-select: all`).

use askama::Template;

use super::arabic_wording::ENTRIES;
use super::breaking_label::BreakingLabel;
use super::local_clock::LocalClock;
use super::masthead::{
    FORMATS, FormatLink, MastheadView, SiteFrame, held_by_scope, render_masthead,
};
use super::{href, root_path, site_address, style_version, summary, text_direction, xml_text};
use crate::model::{Publication, Scope, StoredEntry};

/// The number of entries on the page: enough to recognize the feed, and the rest is one click away.
const SHOWN_ENTRIES: usize = 10;

/// What the page shows besides the publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedGuideView {
    /// What all pages show of the site.
    pub frame: SiteFrame,
    /// The file of the feed that was opened, below the publication's folder.
    pub file: &'static str,
    /// The parameter with which a browser gets the feed itself.
    pub raw_parameter: &'static str,
    /// The clock for the times on the page.
    pub clock: LocalClock,
}

#[derive(Template)]
#[template(path = "feed_guide.html")]
struct FeedGuidePage {
    title: String,
    file: &'static str,
    raw: &'static str,
    root: String,
    here: String,
    base: String,
    style_version: String,
    masthead: String,
    formats: [FormatLink; 3],
    count: String,
    entries: Vec<NewestEntry>,
    clock: String,
}

struct NewestEntry {
    label: BreakingLabel,
    link: Option<String>,
    lang: Option<String>,
    dir: &'static str,
    source: String,
    datetime: String,
    time: String,
}

/// The whole page as text; well-formed for any publication.
pub fn render_feed_guide(publication: &Publication, view: &FeedGuideView) -> String {
    let root = root_path(&publication.base);
    let entries = publication.entries.iter().take(SHOWN_ENTRIES);
    let page = FeedGuidePage {
        title: xml_text::xml_line(&publication.title),
        file: view.file,
        raw: view.raw_parameter,
        here: format!("{root}{}", publication.folder),
        base: site_address::output_file_address(publication, ""),
        style_version: style_version(),
        masthead: guide_masthead(publication, view),
        formats: FORMATS,
        count: view.clock.count(publication.entries.len() as u64, &ENTRIES),
        entries: entries.map(|listed| newest_entry(publication, listed, &view.clock)).collect(),
        clock: view.clock.name().to_owned(),
        root,
    };
    // Writing into a `String` cannot fail, and the template calls nothing else.
    page.render().unwrap_or_default()
}

fn guide_masthead(publication: &Publication, view: &FeedGuideView) -> String {
    // The publication of a search has the folder of its feeds, and the scope of all.
    let held = match publication.scope {
        Scope::All => "نتائج هذا البحث",
        _ => held_by_scope(&publication.scope),
    };
    let has_own = !publication.folder.is_empty();
    let own_feeds = has_own.then(|| (held, publication.folder.clone()));
    render_masthead(&view.frame, &MastheadView { own_feeds, ..MastheadView::default() })
}

fn newest_entry(
    publication: &Publication,
    listed: &StoredEntry,
    clock: &LocalClock,
) -> NewestEntry {
    let entry = &listed.entry;
    let info = publication.sources.get(&listed.source).map(AsRef::as_ref);
    let name = info.map_or(listed.source.as_str(), |info| info.name.as_str());
    let headline = summary::entry_headline(entry);
    NewestEntry {
        dir: text_direction::direction_of_line(&headline, entry),
        label: BreakingLabel::from_entry(listed, info, headline),
        link: entry.link.as_deref().map(href::encode_href),
        lang: entry.language.as_ref().map(ToString::to_string),
        source: xml_text::xml_line(name),
        datetime: xml_text::rfc_3339(listed.listed_at),
        time: clock.format_instant(listed.listed_at),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::render::{atom, json_feed, rss, sample};

    fn view(file: &'static str) -> FeedGuideView {
        let (frame, clock) = (sample::frame(), LocalClock::default());
        FeedGuideView { frame, file, raw_parameter: "raw", clock }
    }

    #[test]
    fn the_address_is_shown_whole_and_every_format_is_linked() {
        let mut publication = sample::publication();
        publication.base = "https://news.example/below/".to_owned();
        publication.folder = "category/%D8%A3/".to_owned();
        for file in [rss::FILE, atom::FILE, json_feed::FILE] {
            let page = render_feed_guide(&publication, &view(file));
            let address = format!("https://news.example/below/category/%D8%A3/{file}");
            for expected in [
                "<!DOCTYPE html>\n<html lang=\"ar\" dir=\"rtl\">",
                &format!("<code class=\"copy\" dir=\"ltr\" lang=\"en\">{address}</code>"),
                &format!("href=\"/below/category/%D8%A3/{file}\" aria-current=\"page\""),
                &format!("href=\"/below/category/%D8%A3/{file}?raw\""),
                "<a href=\"/below/category/%D8%A3/\"><bdi>الرافد</bdi></a>",
                "في الخلاصة الآن 4 أخبار",
                "<bdi>Second News</bdi>",
                "24 نوفمبر 2026، 05:02",
            ] {
                assert!(page.contains(expected), "{expected} in {page}");
            }
            assert_eq!(page.matches("rel=\"alternate\"").count(), 3, "{page}");
            assert_eq!(page.matches("aria-current").count(), 1, "{page}");
            assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        }
    }

    #[test]
    fn a_feed_without_entries_says_so() {
        let mut publication = sample::publication();
        publication.entries.clear();
        let page = render_feed_guide(&publication, &view(rss::FILE));
        assert!(page.contains("لا أخبار فيها بعد") && !page.contains("<time"), "{page}");
    }

    #[test]
    fn only_the_newest_entries_are_shown() {
        let mut publication = sample::publication();
        let entry = publication.entries[0].clone();
        publication.entries = vec![entry; SHOWN_ENTRIES + 1];
        let page = render_feed_guide(&publication, &view(rss::FILE));
        assert_eq!(page.matches("<time").count(), SHOWN_ENTRIES);
        assert!(page.contains("في الخلاصة الآن 11 خبرًا"), "{page}");
    }

    proptest! {
        #[test]
        fn any_text_stays_text(words in sample::any_words()) {
            let page = render_feed_guide(&sample::hostile(&words), &view(atom::FILE));
            prop_assert!(page.ends_with("</html>"), "{}", page);
            prop_assert!(!page.contains("<b>") && !page.contains("<![CDATA["), "{}", page);
        }
    }
}
