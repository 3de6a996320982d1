//! An entry → its `article` element on a page.

use askama::Template;
use rafid_feed::arabic::MatchKey;
use rafid_feed::model::Entry;

use super::arabic_wording::MINUTES;
use super::breaking_label::BreakingLabel;
use super::most_reported::LARGE_STORY;
use super::page_pictures::PictureView;
use super::rss::attribution_names;
use super::shown_entry::ShownEntry;
use super::{href, other_tellings, root_path, site_address, summary, text_direction, xml_text};
use crate::model::PageDensity;

/// The length of the text under a headline, in characters: about three lines of a wide page (what large
/// outlets tolerate in links; the audit advises at most 300).
const TEASER_CHARACTERS: usize = 280;
/// The length of the words for a picture, in characters: screen readers read them out before the text.
const ALT_CHARACTERS: usize = 200;
/// The number of other sources that a page names for an entry.
const NAMES: usize = 5;

#[derive(Template)]
#[template(path = "entry.html")]
struct EntryArticle {
    label: BreakingLabel,
    link: Option<String>,
    lang: Option<String>,
    dir: &'static str,
    /// The direction of the headline and of the text under it, where it is another.
    title_dir: Option<&'static str>,
    teaser_dir: Option<&'static str>,
    /// Whether many sources report its event.
    is_large: bool,
    lead: Option<PictureView>,
    /// What is in the lead picture, for those who do not see it; empty: nothing that the headline does not say.
    lead_words: String,
    icon: Option<PictureView>,
    teaser: Option<String>,
    source: String,
    source_href: String,
    /// The origins of its text.
    origins: Vec<String>,
    datetime: String,
    /// The day and time in full.
    full_time: String,
    time: String,
    also: Option<OtherTellingsView>,
}

/// The other sources that report an entry's event.
struct OtherTellingsView {
    others: String,
    href: String,
    names: Vec<String>,
    has_more: bool,
}

/// The element as text.
pub fn render_article(shown: &ShownEntry<'_>) -> String {
    let ShownEntry { listed, story, settings, .. } = *shown;
    let (info, clock) = (shown.source_info(), &settings.clock);
    let root = root_path(&settings.base);
    let entry = &listed.entry;
    let title = summary::entry_headline(entry);
    let name = info.map_or(listed.source.as_str(), |info| info.name.as_str());
    let is_compact = settings.density == PageDensity::Compact;
    let teaser = summary::plain_summary(entry, TEASER_CHARACTERS);
    let teaser = teaser.filter(|_| !entry.title.is_empty() && !is_compact);
    let lead = shown.lead.filter(|_| !is_compact);
    let dir = entry.direction.as_str();
    let teaser_dir =
        teaser.as_deref().and_then(|text| text_direction::differing_direction(text, dir));
    let source = site_address::path_segment(listed.source.as_str());
    let article = EntryArticle {
        title_dir: text_direction::differing_direction(&title, dir),
        lead_words: lead.map(|_| picture_words(entry, &title)).unwrap_or_default(),
        label: BreakingLabel::from_entry(listed, info, title),
        link: entry.link.as_deref().map(href::encode_href),
        lang: entry.language.as_ref().map(ToString::to_string),
        dir,
        is_large: story
            .is_some_and(|story| other_tellings::source_count(listed, story) >= LARGE_STORY),
        teaser,
        teaser_dir,
        lead: lead.map(|copy| PictureView::new(&root, copy)),
        icon: shown.icon.map(|copy| PictureView::new(&root, copy)),
        source: xml_text::xml_line(name),
        source_href: format!("{root}source/{source}/"),
        origins: attribution_names(entry),
        datetime: xml_text::rfc_3339(listed.listed_at),
        full_time: clock.format_in_full(listed.listed_at),
        time: time_in_words(shown),
        also: story.map(|story| {
            let names = other_tellings::other_names(story);
            OtherTellingsView {
                others: clock.digits(&other_tellings::others_line(listed, story)),
                href: other_tellings::story_page_address(&root, story, settings.is_folder),
                has_more: names.len() > NAMES,
                names: names.into_iter().take(if is_compact { 0 } else { NAMES }).collect(),
            }
        }),
    };
    // Writing into a `String` cannot fail, and the template calls nothing else.
    article.render().unwrap_or_default()
}

/// The publisher's words for the lead picture, if they say something: not the headline once more, and not the name of a
/// file.
fn picture_words(entry: &Entry, headline: &str) -> String {
    let words = entry.image.as_ref().and_then(|image| image.alt.as_ref());
    let words = words.map(|words| xml_text::xml_line(words.as_str())).unwrap_or_default();
    let says_nothing =
        words.split_whitespace().nth(1).is_none() || MatchKey::of(&words) == MatchKey::of(headline);
    if says_nothing { String::new() } else { summary::shorten(words.trim(), ALT_CHARACTERS) }
}

/// The age of an entry, or its time of day: its day is in the heading.
fn time_in_words(shown: &ShownEntry<'_>) -> String {
    let clock = &shown.settings.clock;
    match shown.age_in_minutes {
        Some(0) => "قبل قليل".to_owned(),
        Some(minutes) => format!("قبل {}", clock.count(u64::from(minutes), &MINUTES)),
        None => clock.format_time(shown.listed.listed_at),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rafid_feed::model::{Image, PlainText};

    use super::*;
    use crate::model::{PictureId, PictureRole, Thumbnail};
    use crate::render::local_clock::LocalClock;
    use crate::render::page_moment::PageMoment;
    use crate::render::page_pictures::PagePictures;
    use crate::render::sample;
    use crate::render::shown_entry::EntrySettings;

    #[test]
    fn the_publishers_words_for_a_picture_are_kept_if_they_say_something() {
        let plain = |words: &str| PlainText::from_trusted(words.to_owned());
        let image = |alt: &str| Image {
            url: "https://a.example/1.jpg".to_owned(),
            width: None,
            height: None,
            credit: None,
            alt: Some(plain(alt)),
        };
        let mut entry = sample::publication().entries[0].entry.clone();
        assert_eq!(picture_words(&entry, "افتتاح المكتبة"), "");
        for (alt, expected) in [
            ("الوزير يقصّ\nالشريط", "الوزير يقصّ الشريط"),
            ("IMG_2041.jpg", ""),
            ("افتتاح المكتبه.", ""),
            ("", ""),
        ] {
            entry.image = Some(image(alt));
            assert_eq!(picture_words(&entry, "افتتاح المكتبة"), expected, "{alt}");
        }
        entry.image = Some(image(&"كلمة ".repeat(90)));
        assert!(picture_words(&entry, "").chars().count() <= ALT_CHARACTERS + 1);
    }

    #[test]
    fn pictures_have_a_size_and_only_headlines_alone_have_none() {
        let publication = sample::publication();
        let copy = |role| {
            let id = PictureId::for_address(role, "https://a.example/1.jpg");
            Thumbnail { id, width: 408, height: 272, version: 0 }
        };
        let listed = &publication.entries[0];
        let (lead, icon) = (copy(PictureRole::Lead), copy(PictureRole::Icon));
        let icon = Thumbnail { version: 0xa5, ..icon };
        let pictures = PagePictures {
            leads: BTreeMap::from([(listed.id, lead)]),
            icons: BTreeMap::from([(listed.source.clone(), icon)]),
        };
        let render = |at: usize, density: PageDensity| {
            let settings = EntrySettings::of_page(&publication, LocalClock::default(), density);
            let entry = &publication.entries[at];
            let shown = ShownEntry::of_entry(&publication, &settings, entry);
            render_article(&shown.with_pictures(&pictures))
        };
        let article = render(0, PageDensity::Normal);
        let expected = format!(
            "<img class=\"lead\" src=\"/picture/{}\" width=\"408\" height=\"272\" alt=\"\" loading=\"lazy\"",
            lead.id
        );
        assert!(article.contains(&expected), "{article}");
        assert!(article.starts_with("<article class=\"pictured\" "), "{article}");
        let icon = format!("<img class=\"icon\" src=\"/picture/{}?v=000000a5\"", icon.id);
        assert!(article.contains(&icon), "{article}");
        let compact = render(0, PageDensity::Compact);
        assert!(compact.contains(&icon) && !compact.contains("lead"), "{compact}");
        assert!(!compact.contains("class=\"pictured\""), "{compact}");
        let other = render(1, PageDensity::Normal);
        assert!(!other.contains("<img"), "of another source: {other}");
    }

    #[test]
    fn a_large_story_and_its_age() {
        let mut publication = sample::publication();
        sample::join_story(&mut publication, 0, &["x1", "x2"]);
        let render = |density: PageDensity, now: &str| {
            let settings = EntrySettings::of_page(&publication, LocalClock::default(), density);
            let shown = ShownEntry::of_entry(&publication, &settings, &publication.entries[0]);
            render_article(&shown.at_moment(Some(PageMoment::for_page(now.parse().unwrap(), 300))))
        };
        let article = render(PageDensity::Normal, "2026-11-24T05:22:00Z");
        for expected in [
            "<article class=\"large\" lang=\"ar\" dir=\"rtl\">",
            "title=\"الثلاثاء 24 نوفمبر 2026، 05:02 بالتوقيت العالمي\">قبل 20 دقيقة</time>",
            "نشرته أيضًا جهتان أخريان</a><span class=\"names\"><bdi>صحيفة x1 &#38; &#60;i&#62;</bdi>، ",
            "<p class=\"teaser\">",
        ] {
            assert!(article.contains(expected), "{expected} in {article}");
        }
        let compact = render(PageDensity::Compact, "2026-11-24T05:02:00Z");
        assert!(
            compact.contains(">قبل قليل</time>") && compact.contains("جهتان أخريان"),
            "{compact}"
        );
        assert!(!compact.contains("teaser") && !compact.contains("names"), "{compact}");
        assert!(render(PageDensity::Normal, "2026-11-24T09:00:00Z").contains(">05:02</time>"));
    }

    #[test]
    fn an_english_title_of_an_arabic_text_has_its_own_direction() {
        let mut publication = sample::publication();
        let entry = &mut sample::entry_mut(&mut publication, 0).entry;
        entry.title = PlainText::from_trusted("Super Erase 2".to_owned());
        let density = PageDensity::Normal;
        let settings = EntrySettings::of_page(&publication, LocalClock::default(), density);
        let shown = ShownEntry::of_entry(&publication, &settings, &publication.entries[0]);
        let article = render_article(&shown);
        assert!(article.contains(" dir=\"rtl\">\n<h3 dir=\"ltr\">"), "{article}");
        assert!(article.contains("<p class=\"teaser\">"), "{article}");
        let body = other_tellings::entry_body(&shown).unwrap();
        assert!(body.starts_with("<div dir=\"rtl\""), "{body}");
    }
}
