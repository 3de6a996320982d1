//! A `Publication` → the page for people: Arabic, right to left, no script, no images from other sites.
//!
//! The template escapes all text; addresses come from normalization (`http` and `https` only) and are
//! percent-encoded by `href`. Links within the site are paths below the public base, so that the page works
//! under any host name.

use std::fmt::Display;

use askama::Template;
use jiff::Timestamp;
use rafid_feed::model::Language;

use super::arabic_wording::SOURCES;
use super::local_clock::LocalClock;
use super::masthead::{MastheadView, SiteFrame, density_query, held_by_scope, render_masthead};
use super::most_reported::MostReported;
use super::page_entry::render_article;
use super::page_moment::PageMoment;
use super::page_pictures::PagePictures;
use super::shown_entry::{EntrySettings, shown_entries};
use super::{href, root_path, site_address, style_version, summary, xml_text};
use crate::model::{ArchiveAddress, PageDensity, Publication, Scope};

/// The media type of this output.
pub const MEDIA_TYPE: &str = "text/html; charset=utf-8";

/// What a page shows besides the publication.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageView {
    /// What all pages show of the site.
    pub frame: SiteFrame,
    /// The cursor of this page; `None`: it is the first page.
    pub before: Option<String>,
    /// The cursor of the next newer page; `None`: it is the first page.
    pub newer: Option<String>,
    /// The cursor of the next older page; `None`: this is the last page.
    pub older: Option<String>,
    /// The number of this page among the files of its folder, from 1.
    pub number: usize,
    /// The clock for the times on the page.
    pub clock: LocalClock,
    /// The moment that the page speaks of; `None`: it is read at any time, and says nothing about now.
    pub moment: Option<PageMoment>,
    /// When a source was polled last; `None`: not known, or of no interest for this page.
    pub polled_at: Option<Timestamp>,
    /// How much it shows of each entry.
    pub density: PageDensity,
    /// The number of the last arrival, for the link to what is new; 0: there is no such link.
    pub position: u64,
    /// What arrived since a number of the journal, if that is what the page shows.
    pub since: Option<SinceView>,
    /// The stories that the most sources report; `None`: the page has no such list.
    pub most_reported: Option<MostReported>,
    /// What the page says about its source; `None`: it is of several, or nothing is known.
    pub source: Option<SourceNote>,
    /// The pictures that it shows.
    pub pictures: PagePictures,
}

/// The length of a publisher's description in characters.
const DESCRIPTION_CHARACTERS: usize = 300;

/// What the page of a source says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceNote {
    /// What the publisher says about it; `None`: nothing.
    pub description: Option<String>,
    /// The language of the feed; `None`: not known.
    pub language: Option<Language>,
    /// The publisher's site; `None`: not known.
    pub address: Option<String>,
    /// Its state in a word.
    pub state: &'static str,
}

/// A page of what is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SinceView {
    /// Whether everything that is new can be shown.
    pub is_complete: bool,
}

#[derive(Template)]
#[template(path = "page.html")]
struct OutputPage<'a, T: Display> {
    title: String,
    site: String,
    site_base: String,
    description: String,
    root: String,
    here: String,
    base: String,
    canonical: Option<String>,
    /// What search engines may do with the page; `None`: list it.
    robots: Option<&'static str>,
    style_version: String,
    masthead: String,
    /// The heading, unless it is the site's name.
    heading: Option<String>,
    /// The number of the sources; `None`: it is the page of one.
    sources: Option<String>,
    /// The publisher's own description.
    about: Option<String>,
    about_language: Option<&'a str>,
    publisher: Option<String>,
    state: Option<&'static str>,
    /// What happened when, in words, as an instant and in the site's clock.
    times: Vec<(&'static str, String, String)>,
    days: Vec<DayView<'a, T>>,
    clock: String,
    note: Option<String>,
    empty: &'static str,
    /// The words and the relation of the link to the first page; `None`: it is this page.
    first_link: Option<(&'static str, &'static str)>,
    is_compact: bool,
    /// What an address has after it to keep the view.
    query: &'static str,
    /// The other view and its address.
    other_density: Option<(&'static str, String)>,
    /// The next newer page, if that is not the first one.
    newer: Option<String>,
    older: Option<String>,
    archive: Option<String>,
    since: Option<String>,
    most_reported: Option<&'a MostReported>,
    is_folder: bool,
    /// `None`: readers may not see the state of the sources.
    status_path: Option<&'static str>,
}

/// The entries of one day.
struct DayView<'a, T> {
    heading: String,
    /// Their `article` elements.
    articles: &'a [T],
}

/// The whole page as text; well-formed for any publication.
pub fn render_html(publication: &Publication, view: &PageView) -> String {
    let settings = EntrySettings::of_page(publication, view.clock.clone(), view.density);
    let shown = shown_entries(publication, &settings)
        .map(|shown| shown.at_moment(view.moment).with_pictures(&view.pictures));
    let articles: Vec<String> = shown.map(|shown| render_article(&shown)).collect();
    join_articles(publication, view, &articles)
}

/// The whole page, from the `article` elements of its entries.
pub fn join_articles<T: Display>(
    publication: &Publication,
    view: &PageView,
    articles: &[T],
) -> String {
    let root = root_path(&publication.base);
    let base = site_address::output_file_address(publication, "");
    let here = format!("{root}{}", publication.folder);
    let archive_page = publication.archive.page;
    let is_first = view.before.is_none() && view.since.is_none() && archive_page.is_none();
    let archive = publication
        .archive
        .previous
        .filter(|_| archive_page.is_none())
        .map(|page| archive_address(publication, &root, page));
    let source = view.source.as_ref();
    let page = OutputPage {
        title: xml_text::xml_line(&publication.title),
        site: xml_text::xml_line(&view.frame.title),
        site_base: xml_text::xml_line(&publication.base),
        description: xml_text::xml_line(&publication.description),
        canonical: canonical_address(publication, view),
        robots: publication.is_private.then_some("noindex"),
        style_version: style_version(),
        masthead: page_masthead(publication, view, archive.as_deref()),
        heading: page_heading(publication, view),
        sources: (!matches!(publication.scope, Scope::Source(_)))
            .then(|| view.clock.count(publication.sources.len() as u64, &SOURCES)),
        about_language: source.and_then(|source| Some(source.language.as_ref()?.as_str())),
        about: source.and_then(|source| described(source.description.as_deref()?)),
        publisher: source.and_then(|source| Some(href::encode_href(source.address.as_deref()?))),
        state: source.map(|source| source.state),
        times: if is_first { page_times(publication, view) } else { Vec::new() },
        days: split_days(publication, view, articles),
        clock: view.clock.name().to_owned(),
        note: page_note(publication, view),
        empty: empty_page_text(view),
        first_link: (!is_first).then(|| first_page_link(publication, view)),
        is_compact: view.density == PageDensity::Compact,
        query: density_query(view.density),
        other_density: other_density(publication, view, &here),
        newer: newer_address(publication, view, &root),
        archive,
        since: (view.position > 0 && !publication.is_folder)
            .then(|| format!("{here}?after={}", view.position)),
        most_reported: view.most_reported.as_ref().filter(|_| is_first),
        older: older_address(publication, view, &root),
        is_folder: publication.is_folder,
        status_path: (!view.frame.hides_status).then_some("status"),
        base,
        here,
        root,
    };
    // Writing into a `String` cannot fail, and the template calls nothing else.
    page.render().unwrap_or_default()
}

/// A publisher's description on one line, not too long.
fn described(words: &str) -> Option<String> {
    let line = xml_text::xml_line(words);
    Some(summary::shorten(line.trim(), DESCRIPTION_CHARACTERS)).filter(|line| !line.is_empty())
}

fn page_masthead(publication: &Publication, view: &PageView, archive: Option<&str>) -> String {
    let scope = &publication.scope;
    let own_feeds =
        (*scope != Scope::All).then(|| (held_by_scope(scope), publication.folder.clone()));
    let head = MastheadView {
        is_heading: *scope == Scope::All,
        scope: Some(scope),
        words: "",
        own_feeds,
        archive,
        density: view.density,
    };
    render_masthead(&view.frame, &head)
}

/// The name of the output without that of the site; `None`: it is the site itself.
fn page_heading(publication: &Publication, view: &PageView) -> Option<String> {
    let title = publication.title.strip_suffix(view.frame.title.as_str());
    let name = title.and_then(|it| it.strip_suffix(" — ")).unwrap_or(&publication.title);
    (publication.scope != Scope::All).then(|| xml_text::xml_line(name))
}

/// The address under which search engines list the page: that of the first page or of the page of the archive. A
/// private page has none.
fn canonical_address(publication: &Publication, view: &PageView) -> Option<String> {
    if publication.is_private {
        return None;
    }
    match publication.archive.page {
        Some(page) => Some(site_address::archive_file_address(publication, page, "")),
        None if view.before.is_none() => Some(site_address::output_file_address(publication, "")),
        None => None,
    }
}

/// When the newest entry was listed and when a source was polled last: two things.
fn page_times(publication: &Publication, view: &PageView) -> Vec<(&'static str, String, String)> {
    let newest = publication.entries.first().map(|listed| listed.listed_at);
    let times = [("أحدث خبر", newest), ("آخر تفقّد للمصادر", view.polled_at)];
    let moment = view.moment.map(PageMoment::instant);
    let shown = times.into_iter().filter_map(|(words, at)| Some((words, at?)));
    shown
        .map(|(words, at)| (words, xml_text::rfc_3339(at), view.clock.format_since(at, moment)))
        .collect()
}

/// The entries by the day of their listing.
fn split_days<'a, T>(
    publication: &Publication,
    view: &PageView,
    articles: &'a [T],
) -> Vec<DayView<'a, T>> {
    let moment = view.moment.map(PageMoment::instant);
    let day_of = |listed_at| view.clock.date_of(listed_at);
    let mut rest = articles;
    let days =
        publication.entries.chunk_by(|one, next| day_of(one.listed_at) == day_of(next.listed_at));
    let mut views = Vec::new();
    for day in days {
        let Some((own, others)) = rest.split_at_checked(day.len()) else { break };
        let heading = day.first().map(|first| view.clock.format_day(first.listed_at, moment));
        views.push(DayView { heading: heading.unwrap_or_default(), articles: own });
        rest = others;
    }
    views
}

/// The link to the other density; a folder of files has one.
fn other_density(
    publication: &Publication,
    view: &PageView,
    here: &str,
) -> Option<(&'static str, String)> {
    if publication.is_folder || view.since.is_some() || publication.archive.page.is_some() {
        return None;
    }
    let (words, other) = match view.density {
        PageDensity::Normal => ("عناوين فقط", PageDensity::Compact),
        PageDensity::Compact => ("عناوين وملخصات", PageDensity::Normal),
    };
    let query = match (&view.before, density_query(other)) {
        (Some(before), "") => format!("?before={}", site_address::path_segment(before)),
        (Some(before), query) => format!("{query}&before={}", site_address::path_segment(before)),
        (None, query) => query.to_owned(),
    };
    Some((words, format!("{here}{query}")))
}

/// What kind of page it is, if it is not one of the newest entries.
fn page_note(publication: &Publication, view: &PageView) -> Option<String> {
    match (publication.archive.page, view.since) {
        (Some(page), _) => {
            let number = view.clock.digits(&page.number);
            Some(format!("الأرشيف، الصفحة {number}"))
        }
        (_, Some(_)) => Some("الجديد منذ زيارتك".to_owned()),
        _ => None,
    }
}

/// What a page without entries says instead.
fn empty_page_text(view: &PageView) -> &'static str {
    match view.since {
        None => "لا أخبار هنا بعد. تصل الأخبار تباعًا بعد قراءة المصادر؛ عُد بعد دقائق.",
        Some(SinceView { is_complete: true }) => "لم يصل جديد منذ زيارتك.",
        Some(SinceView { is_complete: false }) => {
            "وصل منذ زيارتك أكثر مما تتسع له صفحة واحدة، أو مضى عليها وقت طويل. ستجد كل ما فاتك في أحدث الأخبار وفي الأرشيف."
        }
    }
}

/// The address of an archive page for people.
fn archive_address(publication: &Publication, root: &str, page: ArchiveAddress) -> String {
    format!("{root}{}{}", publication.folder, site_address::archive_folder(page))
}

/// The file of an older page, by its number from 2 and the cursor that it starts after.
pub fn older_file(number: usize, cursor: &str) -> String {
    format!("older-{number}-{}.html", site_address::path_segment(cursor))
}

/// Where the older entries are: on the next older page of the archive, or on the page after a cursor.
fn older_address(publication: &Publication, view: &PageView, root: &str) -> Option<String> {
    if publication.archive.page.is_some() {
        return publication.archive.previous.map(|page| archive_address(publication, root, page));
    }
    let cursor = view.older.as_deref()?;
    Some(page_address(publication, view, root, (view.number + 1, cursor)))
}

/// Where the newer entries are: on the next newer page of the archive, or on the page after a cursor. `None`: there are
/// none, or the first page has them.
fn newer_address(publication: &Publication, view: &PageView, root: &str) -> Option<String> {
    if let Some(page) = publication.archive.next {
        return Some(archive_address(publication, root, page));
    }
    let cursor = view.newer.as_deref().filter(|_| !is_next_to_first(publication, view))?;
    Some(page_address(publication, view, root, (view.number.saturating_sub(1), cursor)))
}

/// Whether the next newer page of an older one is the first page. In a folder that is so for the second file, whatever
/// arrived since the first one was written.
fn is_next_to_first(publication: &Publication, view: &PageView) -> bool {
    view.newer.is_none() || (publication.is_folder && view.number <= 2)
}

/// The words and the relation of the link to the first page. Where that is the next newer page, one link is enough.
fn first_page_link(publication: &Publication, view: &PageView) -> (&'static str, &'static str) {
    if view.before.is_some() && is_next_to_first(publication, view) {
        ("الأحدث", "first prev")
    } else {
        ("أحدث الأخبار", "first")
    }
}

/// The address of the page after a cursor, and with this number among the files of its folder.
fn page_address(
    publication: &Publication,
    view: &PageView,
    root: &str,
    (number, cursor): (usize, &str),
) -> String {
    let here = format!("{root}{}", publication.folder);
    let cursor_word = site_address::path_segment(cursor);
    match (publication.is_folder, density_query(view.density)) {
        (true, _) => format!("{here}{}", older_file(number, cursor)),
        (false, "") => format!("{here}?before={cursor_word}"),
        (false, query) => format!("{here}{query}&before={cursor_word}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ArchiveLinks;
    use crate::render::sample;
    use rafid_feed::model::PlainText;

    fn view() -> PageView {
        PageView {
            frame: sample::frame(),
            older: Some("c-1".to_owned()),
            number: 1,
            ..PageView::default()
        }
    }

    #[test]
    fn pages_of_the_archive_lead_to_each_other() {
        let mut publication = sample::publication();
        let page = |number| Some(ArchiveAddress { rules: None, number });
        publication.archive.previous = page(8);
        let first = render_html(&publication, &PageView { position: 17, ..view() });
        assert!(first.contains("<a href=\"/archive/8/\">الأرشيف</a>"), "{first}");
        assert!(first.contains("<a href=\"/?after=17\" rel=\"nofollow\">"), "{first}");
        let archive = ArchiveLinks { page: page(7), previous: page(6), next: page(8) };
        let publication = Publication { archive, ..publication };
        let text = render_html(&publication, &PageView { older: None, ..view() });
        for expected in [
            "الأرشيف، الصفحة 7",
            "<a href=\"/\" rel=\"first\">أحدث الأخبار</a>",
            "<a href=\"/archive/8/\" rel=\"prev\">الأحدث</a>",
            "href=\"/archive/6/\" rel=\"next\"",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
        assert!(!text.contains("?after") && !text.contains("?before"), "{text}");
    }

    #[test]
    fn a_page_of_what_is_new_says_when_it_holds_nothing() {
        let publication = Publication { entries: Vec::new(), ..sample::publication() };
        for (is_complete, expected) in [(true, "لم يصل جديد"), (false, "كل ما فاتك")]
        {
            let since = Some(SinceView { is_complete });
            let text = render_html(&publication, &PageView { since, older: None, ..view() });
            assert!(text.contains(expected) && text.contains("الجديد منذ زيارتك"), "{text}");
            assert!(text.contains(">أحدث الأخبار</a>"), "{text}");
        }
    }

    #[test]
    fn the_page_says_its_language_and_direction() {
        let page = render_html(&sample::publication(), &view());
        for needle in [
            "<html lang=\"ar\" dir=\"rtl\">",
            "<article lang=\"en\" dir=\"ltr\"",
            "<bdi>Second News</bdi>",
            "<h2 class=\"day\"><span>الثلاثاء 24 نوفمبر 2026</span></h2>",
            "title=\"الثلاثاء 24 نوفمبر 2026، 05:02 بالتوقيت العالمي\">05:02</time>",
            "أحدث خبر <time datetime=\"2026-11-24T05:02:00Z\">24 نوفمبر 2026، 05:02</time>",
            "<link rel=\"canonical\" href=\"https://news.example/\">",
            "<h1 class=\"brand\">",
            "datetime=\"2026-11-24T05:02:00Z\"",
            "?before=c-1",
            "href=\"https://news.example/atom.xml\"",
            "3 مصادر",
            "aria-current=\"page\"",
            "<a href=\"/output/syria/\"><bdi>أخبار سوريا</bdi></a>",
        ] {
            assert!(page.contains(needle), "{needle} in {page}");
        }
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("الأحدث"));
        assert_eq!(page.matches("class=\"day\"").count(), 2, "{page}");
        assert!(!page.contains("تفقّد"), "nothing is known of polls");
    }

    #[test]
    fn the_origin_of_a_text_is_beside_its_source() {
        let mut publication = sample::publication();
        assert!(!render_html(&publication, &view()).contains("نقلًا عن"));
        sample::read_page(sample::entry_mut(&mut publication, 0));
        let page = render_html(&publication, &view());
        let expected =
            "<span class=\"origins\" dir=\"rtl\">نقلًا عن <bdi>واس</bdi>، <bdi>رويترز</bdi></span>";
        assert!(page.contains(expected), "{page}");
    }

    #[test]
    fn breaking_news_has_a_label_and_its_title_every_letter() {
        let mut publication = sample::publication();
        let plain = |words: &str| PlainText::from_trusted(words.to_owned());
        sample::entry_mut(&mut publication, 0).entry.title =
            plain("🔴 عاجل | زلزال <يضرب> المدينة");
        sample::entry_mut(&mut publication, 1).entry.categories = vec![plain("Breaking News")];
        sample::entry_mut(&mut publication, 2).entry.title = plain("عاجل الشفاء للمصابين");
        let page = render_html(&publication, &view());
        for expected in [
            "rel=\"noopener\"><bdi class=\"breaking\">🔴 عاجل</bdi> | زلزال &#60;يضرب&#62; المدينة</a>",
            "<bdi class=\"breaking\" lang=\"ar\" dir=\"rtl\">عاجل</bdi> Harbour reopens after",
            "rel=\"noopener\">عاجل الشفاء للمصابين</a>",
        ] {
            assert!(page.contains(expected), "{expected} in {page}");
        }
        assert_eq!(page.matches("class=\"breaking\"").count(), 2);
        for info in std::sync::Arc::make_mut(&mut publication.sources).values_mut() {
            std::sync::Arc::make_mut(info).believes_breaking = false;
        }
        let page = render_html(&publication, &view());
        assert!(!page.contains("class=\"breaking\"") && page.contains("🔴 عاجل | زلزال"));
    }

    #[test]
    fn addresses_are_valid_uris() {
        let mut publication = sample::publication();
        sample::odd_addresses(&mut publication);
        let page = render_html(&publication, &view());
        let escaped = sample::ODD_ADDRESS_ENCODED.replace('&', "&#38;");
        assert!(page.contains(&format!("href=\"{escaped}\"")), "{page}");
        assert!(!page.contains("s3cret"), "{page}");
    }

    #[test]
    fn a_page_of_a_folder_leads_to_files_only() {
        let mut publication = sample::publication();
        publication.is_folder = true;
        let frame = SiteFrame { can_search: false, is_folder: true, ..sample::frame() };
        let page = render_html(&publication, &PageView { frame, ..view() });
        assert!(page.contains("href=\"/older-2-c-1.html\" rel=\"next\""), "{page}");
        for absent in ["before=", "/status", "<form", "density", "/sources\""] {
            assert!(!page.contains(absent), "{absent} in {page}");
        }
    }

    #[test]
    fn text_never_becomes_markup() {
        let page = render_html(&sample::hostile("<script>\"'&\u{1}"), &view());
        assert!(!page.contains("<script") && !page.contains('\u{1}'));
    }

    #[test]
    fn an_empty_page_says_so_and_an_old_page_leads_back() {
        let mut publication = sample::publication();
        publication.entries.clear();
        let mut view = view();
        view.before = Some("x".to_owned());
        view.older = None;
        let page = render_html(&publication, &view);
        assert!(page.contains("لا أخبار هنا بعد"));
        assert!(page.contains(">الأحدث</a>") && !page.contains("الأقدم"));
    }

    #[test]
    fn an_older_page_leads_one_page_on_in_both_directions() {
        let publication = sample::publication();
        let page = |newer: Option<&str>, density| {
            let (before, newer) = (Some("c-0".to_owned()), newer.map(ToOwned::to_owned));
            render_html(&publication, &PageView { before, newer, density, ..view() })
        };
        let second = page(None, PageDensity::Normal);
        assert!(second.contains("<a href=\"/\" rel=\"first prev\">الأحدث</a>"), "{second}");
        assert!(!second.contains("أحدث الأخبار"), "one link to it is enough: {second}");
        let third = page(Some("n-1"), PageDensity::Compact);
        for expected in [
            "<a href=\"/?density=compact\" rel=\"first\">أحدث الأخبار</a>",
            "<a href=\"/?density=compact&#38;before=n-1\" rel=\"prev\">الأحدث</a>",
            "href=\"/?density=compact&#38;before=c-1\" rel=\"next\">الأقدم</a>",
        ] {
            assert!(third.contains(expected), "{expected} in {third}");
        }
        let folder = Publication { is_folder: true, ..publication.clone() };
        for (number, expected) in [
            (3, "<a href=\"/older-2-n-1.html\" rel=\"prev\">"),
            (2, "<a href=\"/\" rel=\"first prev\">"),
        ] {
            let (before, newer) = (Some("c-0".to_owned()), Some("n-1".to_owned()));
            let file = render_html(&folder, &PageView { before, newer, number, ..view() });
            assert!(file.contains(expected), "{expected} in {file}");
        }
    }

    #[test]
    fn a_fresh_page_speaks_of_today_and_of_the_last_poll() {
        let now = "2026-11-24T05:31:00Z".parse().unwrap();
        let moment = Some(PageMoment::for_page(now, 300));
        let polled_at = Some("2026-11-24T05:29:40Z".parse().unwrap());
        let page = render_html(&sample::publication(), &PageView { moment, polled_at, ..view() });
        for expected in [
            "<span>اليوم، الثلاثاء 24 نوفمبر</span>",
            "<span>أمس، الاثنين 23 نوفمبر</span>",
            ">قبل 30 دقيقة</time>",
            "أحدث خبر <time datetime=\"2026-11-24T05:02:00Z\">05:02</time>",
            "آخر تفقّد للمصادر <time datetime=\"2026-11-24T05:29:40Z\">05:29</time>",
        ] {
            assert!(page.contains(expected), "{expected} in {page}");
        }
        let before = Some("c-1".to_owned());
        let older =
            render_html(&sample::publication(), &PageView { before, moment, polled_at, ..view() });
        assert!(!older.contains("أحدث خبر") && older.contains("أمس، "), "{older}");
    }

    #[test]
    fn headlines_alone_are_a_view_that_links_keep() {
        let density = PageDensity::Compact;
        let page = render_html(&sample::publication(), &PageView { density, ..view() });
        for expected in [
            "<main id=\"main\" tabindex=\"-1\" class=\"compact\">",
            "href=\"/category/%D8%A7%D9%82%D8%AA%D8%B5%D8%A7%D8%AF/?density=compact\"",
            "href=\"/?density=compact&#38;before=c-1\" rel=\"next\"",
            "<a href=\"/\" rel=\"nofollow\">عناوين وملخصات</a>",
            "<link rel=\"canonical\" href=\"https://news.example/\">",
        ] {
            assert!(page.contains(expected), "{expected} in {page}");
        }
        assert!(!page.contains("class=\"teaser\""), "{page}");
        let normal = render_html(&sample::publication(), &view());
        assert!(normal.contains("<a href=\"/?density=compact\" rel=\"nofollow\">"), "{normal}");
    }

    #[test]
    fn the_page_of_a_source_names_its_publisher_and_its_state() {
        let mut publication = sample::publication();
        publication.scope = Scope::Source(publication.entries[0].source.clone());
        let address = Some("https://one.example/أ\"b".to_owned());
        let description = Some(format!("أخبار <الأولى>\n{}", "كل يوم ".repeat(60)));
        let source = Some(SourceNote {
            description,
            language: Language::parse("ar-EG"),
            address,
            state: "يعمل",
        });
        let page = render_html(&publication, &PageView { source, ..view() });
        let site = "<a href=\"https://one.example/%D8%A3%22b\" rel=\"noopener\">موقع الناشر</a>";
        let about = "<p class=\"about\" dir=\"auto\" lang=\"ar-EG\">أخبار &#60;الأولى&#62; كل يوم";
        assert!(page.contains(about) && page.contains("كل…</p>"), "{page}");
        assert!(page.contains(site) && page.contains("<span>يعمل</span>"), "{page}");
        assert!(!page.contains("3 مصادر"), "{page}");
    }

    #[test]
    fn a_page_of_an_output_is_headed_by_its_name_alone() {
        let mut publication = sample::publication();
        publication.scope = Scope::Category("اقتصاد".to_owned());
        publication.title = "اقتصاد — الرافد".to_owned();
        publication.folder = "category/x/".to_owned();
        let page = render_html(&publication, &view());
        for expected in [
            "<h1><a href=\"/category/x/\"><bdi>اقتصاد</bdi></a></h1>",
            "<p class=\"brand\">",
            "تصلك أخبار هذا القسم",
            ">https://news.example/category/x/atom.xml</code>",
        ] {
            assert!(page.contains(expected), "{expected} in {page}");
        }
    }

    #[test]
    fn a_page_is_light_and_its_first_entry_comes_early() {
        let mut publication = sample::publication();
        let listed = publication.entries[0].clone();
        publication.entries = vec![listed; 40];
        // Different words in every entry, as in news.
        for number in 0..40_u32 {
            let mut words = String::new();
            for place in 0..45_u32 {
                let letters = (number * 7_919 + place * 104_729) % 9_973;
                words.extend(letters.to_string().bytes().map(|digit| {
                    char::from_u32(0x627 + u32::from(digit - b'0') * 2).unwrap_or('ا')
                }));
                words.push(' ');
            }
            let index = usize::try_from(number).unwrap();
            let entry = &mut sample::entry_mut(&mut publication, index).entry;
            entry.title = PlainText::from_trusted(words.chars().take(90).collect());
            entry.summary = Some(rafid_feed::model::SafeHtml::from_trusted(words));
            sample::join_story(&mut publication, index, &["x1", "x2", "x3"]);
        }
        let page = render_html(&publication, &view());
        let first = page.find("<article").unwrap();
        assert!(first < 14 * 1024, "{first} bytes before the first entry");
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(5));
        std::io::Write::write_all(&mut packed, page.as_bytes()).unwrap();
        let packed = packed.finish().unwrap().len();
        assert!(packed < 60 * 1024, "{packed} bytes of {} in gzip", page.len());
    }
}
