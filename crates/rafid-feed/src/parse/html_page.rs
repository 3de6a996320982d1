//! An HTML page → the publisher's own words, by the operator's CSS selectors.
//!
//! What the selectors match is taken as written: addresses are not resolved and nothing is checked. The
//! page's `<title>`, description, `<html lang dir>` and `<base href>` become the feed's.

use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::{ParseError, non_blank};
use crate::markup::{linearize, markup_to_text, parse_selector};
use crate::model::{
    Format, PageSelectors, RawEntry, RawFeed, RawImage, RawLink, RawText, Stage, TextKind, Warning,
};

/// Entries of one page, at most; front pages have a hundred or two.
const MOST_ENTRIES: usize = 1_000;
/// Where pictures that load lazily have their address, in order of preference; `src` comes last.
const PICTURE_ATTRIBUTES: [&str; 5] =
    ["data-src", "data-lazy-src", "data-original", "src", "content"];

/// Why a text is not a selector; `None`: it is one (Selectors Level 4, the stable part).
pub fn selector_error(text: &str) -> Option<&'static str> {
    parse_selector(text).err()
}

/// Reads a page by selectors. `url` is the page's own address, for the feed's link.
///
/// # Errors
/// When no element is an entry, or no entry has a title or a link: the page is not built as the selectors
/// expect. Or when a selector is invalid.
pub(crate) fn parse_page(
    text: &str,
    selectors: &PageSelectors,
    url: Option<&Url>,
) -> Result<RawFeed, ParseError> {
    let fields = CompiledSelectors::compile(selectors)?;
    let page = linearize(text);
    let html = Html::parse_document(&page.html);
    let mut feed = page_feed(&html, url);
    if page.dropped_count > 0 {
        let detail = "elements that stand too deep, or are too many, are passed over";
        feed.warnings
            .push(Warning::new(Stage::Parse, "page-too-large", detail).times(page.dropped_count));
    }
    let matches_count = push_entries(&html, &fields, &mut feed);
    if matches_count == 0 {
        let elements_count = html.root_element().descendent_elements().count();
        return Err(ParseError::NothingMatches {
            elements_count,
            selector: selectors.entry.clone(),
        });
    }
    if feed.entries.is_empty() {
        return Err(ParseError::NoTitleOrLink { matches_count, selector: selectors.entry.clone() });
    }
    Ok(feed)
}

/// The selectors, parsed.
struct CompiledSelectors {
    entry: Selector,
    title: Option<Selector>,
    link: Option<Selector>,
    date: Option<Selector>,
    summary: Option<Selector>,
    image: Option<Selector>,
}

impl CompiledSelectors {
    fn compile(selectors: &PageSelectors) -> Result<Self, ParseError> {
        let parsed = |text: &String| {
            parse_selector(text)
                .map_err(|reason| ParseError::Selector { selector: text.clone(), reason })
        };
        let some = |text: &Option<String>| text.as_ref().map(parsed).transpose();
        Ok(Self {
            entry: parsed(&selectors.entry)?,
            title: some(&selectors.title)?,
            link: some(&selectors.link)?,
            date: some(&selectors.date)?,
            summary: some(&selectors.summary)?,
            image: some(&selectors.image)?,
        })
    }
}

/// What the page states about itself.
fn page_feed(html: &Html, url: Option<&Url>) -> RawFeed {
    let root = html.root_element();
    let mut feed = RawFeed {
        format: Some(Format::Page),
        language: root.attr("lang").and_then(non_blank),
        direction: root.attr("dir").and_then(non_blank),
        links: url.map(|url| raw_link(url.as_str().to_owned())).into_iter().collect(),
        ..RawFeed::default()
    };
    for element in root.descendent_elements() {
        match element.value().name() {
            "title" if feed.title.is_none() => feed.title = plain_text(element),
            "base" if feed.base.is_none() => feed.base = element.attr("href").and_then(non_blank),
            "meta" if feed.subtitle.is_none() && element.attr("name") == Some("description") => {
                let value = element.attr("content").and_then(non_blank);
                feed.subtitle = value.map(|value| raw_text(value, TextKind::Text));
            }
            _ => {}
        }
    }
    feed
}

/// Adds the entries to the feed; returns how many elements match.
fn push_entries(html: &Html, fields: &CompiledSelectors, feed: &mut RawFeed) -> usize {
    let mut matches_count = 0;
    let mut last: Option<ElementRef<'_>> = None;
    let (mut silent_count, mut nested_count, mut late_count) = (0, 0, 0);
    for element in html.select(&fields.entry) {
        matches_count += 1;
        // In document order, a nested element follows the one that contains it.
        if last.is_some_and(|last| element.ancestors().any(|outer| outer.id() == last.id())) {
            nested_count += 1;
            continue;
        }
        last = Some(element);
        if feed.entries.len() == MOST_ENTRIES {
            late_count += 1;
            continue;
        }
        let entry = raw_entry(element, fields);
        if entry.title.is_none() && entry.links.is_empty() {
            silent_count += 1;
        } else {
            feed.entries.push(entry);
        }
    }
    let found = [
        ("entry-without-words", silent_count, "an entry holds neither a title nor a link"),
        ("entry-in-entry", nested_count, "an entry that stands in another is passed over"),
        ("entries-dropped", late_count, "the page has too many entries"),
    ];
    for (code, count, detail) in found.into_iter().filter(|(_, count, _)| *count > 0) {
        feed.warnings.push(Warning::new(Stage::Parse, code, detail).times(count));
    }
    matches_count
}

fn raw_entry(element: ElementRef<'_>, fields: &CompiledSelectors) -> RawEntry {
    let place = match &fields.link {
        Some(selector) => matching_elements(element, selector).find_map(address_in),
        None => address_in(element),
    };
    let title = match (&fields.title, place) {
        (Some(selector), _) => matching_elements(element, selector).find_map(plain_text),
        (None, Some((holder, _))) => plain_text(holder),
        (None, None) => None,
    };
    let all = |selector: &Option<Selector>| -> Vec<ElementRef<'_>> {
        selector.iter().flat_map(|selector| matching_elements(element, selector)).collect()
    };
    let summary = all(&fields.summary).into_iter().find_map(|found| non_blank(&found.inner_html()));
    let image = all(&fields.image).into_iter().find_map(picture_in);
    RawEntry {
        title,
        links: place.map(|(_, href)| raw_link(href.to_owned())).into_iter().collect(),
        published: all(&fields.date).into_iter().find_map(date_of),
        summary: summary.map(|html| raw_text(html, TextKind::Html)),
        images: image.map(|url| RawImage { url, ..RawImage::default() }).into_iter().collect(),
        language: element.attr("lang").and_then(non_blank),
        direction: element.attr("dir").and_then(non_blank),
        ..RawEntry::default()
    }
}

/// The entry itself if it matches, then the matching elements in it.
fn matching_elements<'a>(
    entry: ElementRef<'a>,
    selector: &Selector,
) -> impl Iterator<Item = ElementRef<'a>> {
    let own = selector.matches_with_scope(&entry, Some(entry)).then_some(entry);
    own.into_iter().chain(entry.select(selector))
}

/// The first link with an address in an element, itself included; and the address.
fn address_in(element: ElementRef<'_>) -> Option<(ElementRef<'_>, &str)> {
    element.descendent_elements().find_map(|found| {
        let href = found.attr("href")?.trim();
        let is_link = matches!(found.value().name(), "a" | "area" | "link");
        let leads = !href.is_empty() && !href.starts_with('#') && !is_script(href);
        (is_link && leads).then_some((found, href))
    })
}

fn is_script(href: &str) -> bool {
    href.get(.."javascript:".len()).is_some_and(|s| s.eq_ignore_ascii_case("javascript:"))
}

/// The address of the first picture in an element, itself included; `data:` placeholders are ignored.
fn picture_in(element: ElementRef<'_>) -> Option<String> {
    let pictures = element.descendent_elements();
    pictures.filter(|found| matches!(found.value().name(), "img" | "meta")).find_map(|found| {
        let addresses = PICTURE_ATTRIBUTES.iter().filter_map(|name| non_blank(found.attr(name)?));
        addresses.into_iter().find(|url| !url.starts_with("data:"))
    })
}

/// A date as the element states it for machines, else as people read it.
fn date_of(element: ElementRef<'_>) -> Option<String> {
    let machine =
        ["datetime", "content"].into_iter().find_map(|name| non_blank(element.attr(name)?));
    machine.or_else(|| text_on_one_line(element))
}

fn plain_text(element: ElementRef<'_>) -> Option<RawText> {
    Some(raw_text(text_on_one_line(element)?, TextKind::Text))
}

/// The text of an element on one line: a line break and the end of a block separate words, as on the page.
fn text_on_one_line(element: ElementRef<'_>) -> Option<String> {
    non_blank(&markup_to_text(&element.inner_html()))
}

fn raw_text(value: String, kind: TextKind) -> RawText {
    RawText { value, kind, ..RawText::default() }
}

fn raw_link(href: String) -> RawLink {
    RawLink { href, ..RawLink::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str, keys: &[(&str, &str)]) -> Result<RawFeed, ParseError> {
        let value = |name: &str| {
            keys.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        let selectors = PageSelectors {
            entry: value("entry").unwrap_or_else(|| "li".to_owned()),
            title: value("title"),
            link: value("link"),
            date: value("date"),
            summary: value("summary"),
            image: value("image"),
        };
        parse_page(html, &selectors, None)
    }

    fn one(html: &str, keys: &[(&str, &str)]) -> RawEntry {
        let mut feed = read(html, keys).unwrap();
        assert_eq!(feed.entries.len(), 1, "{html}");
        feed.entries.remove(0)
    }

    #[test]
    fn links_and_titles() {
        let check = |html: &str, keys: &[(&str, &str)], title: &str, href: &str| {
            let entry = one(html, keys);
            let title_said = entry.title.map(|title| title.value).unwrap_or_default();
            let href_said = entry.links.first().map(|link| link.href.as_str()).unwrap_or_default();
            assert_eq!((title_said.as_str(), href_said), (title, href), "{html} {keys:?}");
        };
        check("<li><a href=/1> خبر\n <b>أول</b></a>", &[], "خبر أول", "/1");
        check("<li><a href='#top'>^</a><a href=/1>ب", &[], "ب", "/1");
        check("<li><a href='JavaScript:x()'>^</a><a href=/1>ب", &[], "ب", "/1");
        check("<li><h2>أ</h2><a href=/1>المزيد</a>", &[("title", "h2")], "أ", "/1");
        check("<li><a href=/c>ق</a><h2><a href=/1>أ</a></h2>", &[("link", "h2")], "أ", "/1");
        check("<a class=c href=/1><h3>أ</h3></a>", &[("entry", "a.c"), ("title", "h3")], "أ", "/1");
        check("<li><h2>بلا رابط</h2>", &[("title", "h2")], "بلا رابط", "");
        check("<li><h2>دعوة للكتاب<br>تفاصيل</h2>", &[("title", "h2")], "دعوة للكتاب تفاصيل", "");
        let parts = "<li><a href=/1><div>أ</div><div>ب</div>ج<p>د</p>ه<i>و</i></a>";
        check(parts, &[], "أ ب ج د هو", "/1");
        check("<li><h2>أ &amp;amp; ب &lt;ج</h2>", &[("title", "h2")], "أ &amp; ب <ج", "");
        check("<li><h2> </h2><h2>ب</h2><a href=/1></a>", &[("title", "h2")], "ب", "/1");
    }

    #[test]
    fn dates_pictures_and_summaries() {
        let date = |inside: &str| {
            one(&format!("<li><a href=/1>a</a>{inside}"), &[("date", ".d")]).published
        };
        assert_eq!(date("<time class=d datetime=2026-11-24>أمس</time>").unwrap(), "2026-11-24");
        assert_eq!(date("<meta class=d content=2026-11-24>").unwrap(), "2026-11-24");
        assert_eq!(date("<i class=d>24\n نوفمبر 2026</i>").unwrap(), "24 نوفمبر 2026");
        assert_eq!(date("<i class=d> </i>"), None);
        let picture = |inside: &str| {
            let entry = one(&format!("<li><a href=/1>a</a>{inside}"), &[("image", ".i")]);
            entry.images.into_iter().next().map(|image| image.url)
        };
        assert_eq!(picture("<p class=i><img src='data:x' data-src=/a.jpg>").unwrap(), "/a.jpg");
        assert_eq!(picture("<img class=i src=/b.jpg>").unwrap(), "/b.jpg");
        assert_eq!(picture("<p class=i>"), None);
        let entry = one("<li><a href=/1>a</a><p>أ <b>ب</b></p>", &[("summary", "p")]);
        let summary = entry.summary.unwrap();
        assert_eq!((summary.value.as_str(), summary.kind), ("أ <b>ب</b>", TextKind::Html));
    }

    #[test]
    fn the_page_describes_the_feed() {
        let feed = read(
            "<html lang=ar-SA dir=rtl><head><title>صحيفة</title><base href=/ar/>\
             <meta name=description content=وصف></head><body><li><a href=1>a",
            &[],
        )
        .unwrap();
        assert_eq!(feed.title.unwrap().value, "صحيفة");
        assert_eq!(feed.subtitle.unwrap().value, "وصف");
        assert_eq!(
            (feed.language.as_deref(), feed.direction.as_deref(), feed.base.as_deref()),
            (Some("ar-SA"), Some("rtl"), Some("/ar/"))
        );
    }

    #[test]
    fn a_page_that_was_rebuilt_is_an_error() {
        let check = |html: &str, expected: &str| {
            assert_eq!(read(html, &[]).unwrap_err().to_string(), expected, "{html}");
        };
        check(
            "<html><body><p>x",
            "the page was read (4 elements) but the selector `li` matches nothing",
        );
        check(
            "<ul><li>x<li>y",
            "the selector `li` matches 2 elements, and none of them holds a title or a link",
        );
    }

    #[test]
    fn an_entry_in_an_entry_is_skipped() {
        let feed =
            read("<div><a href=1>a</a><div>b</div></div><div><a href=2>c", &[("entry", "div")]);
        let feed = feed.unwrap();
        assert_eq!((feed.entries.len(), feed.warnings[0].code), (2, "entry-in-entry"));
    }

    #[test]
    fn valid_and_invalid_selectors() {
        for good in ["article", "div.a > h2 a[href^='/']", "li:not(.ad)", "p:has(a)", "#x, .y"] {
            assert_eq!(selector_error(good), None, "{good}");
        }
        for bad in ["", "a[", "div >", "a::before", ":hover(", "1a", "!"] {
            assert!(selector_error(bad).is_some(), "{bad}");
        }
    }
}
