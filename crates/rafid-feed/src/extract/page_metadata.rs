//! A page → what it states about itself and its article: title, site, author, date, picture.
//!
//! | value | order of evidence |
//! | --- | --- |
//! | title | `og:title`, the only `<h1>`, the headline of the structured data, `<title>`; the site's name at its end is removed |
//! | site | `og:site_name`, the publisher of the structured data, `application-name` |
//! | author | structured data, `<meta name=author>`, `rel=author`, an element of class `author` or `byline` |
//! | summary | `og:description`, `<meta name=description>`, `twitter:description`, structured data |
//! | date | structured data, `article:published_time` and the like, the first `<time datetime>` |
//! | picture | `og:image`, `twitter:image`, structured data |

use scraper::{ElementRef, Html};

use super::blocks::collapse_spaces;
use super::structured_data::StructuredData;
use crate::arabic::MatchKey;
use crate::markup::markup_to_text;

/// The metadata of a page.
#[derive(Debug, Default)]
pub(super) struct PageMetadata {
    pub(super) title: Option<String>,
    pub(super) site_name: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) byline: Option<String>,
    pub(super) published: Option<String>,
    pub(super) language: Option<String>,
    pub(super) direction: Option<String>,
    pub(super) image: Option<String>,
}

/// Names in `<meta>` of the date of publication, best first.
const DATE_META_NAMES: &[&str] = &[
    "article:published_time",
    "datepublished",
    "og:published_time",
    "publishdate",
    "pubdate",
    "dc.date",
    "dc.date.issued",
    "date",
    "article:modified_time",
];
/// Names in `<meta>` of a summary, best first.
const SUMMARY_META_NAMES: &[&str] = &["og:description", "description", "twitter:description"];
/// Words of a byline, at most: a longer text is not a name.
const BYLINE_WORDS: usize = 8;
/// Separators between a title and the site's name.
const SEPARATORS: &[&str] = &[" | ", " :: ", " - ", " – ", " — ", " » ", " • "];
/// Words before an author's name.
const BYLINE_PREFIXES: &[&str] = &["بواسطة", "بقلم", "كتب", "كتبت", "إعداد", "الكاتب", "By"];

/// Values that were collected from the elements.
#[derive(Default)]
struct CollectedElements {
    metas: Vec<(String, String)>,
    headings: Vec<String>,
    document_title: Option<String>,
    byline: Option<String>,
    time: Option<String>,
}

impl CollectedElements {
    fn meta(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|searched| {
            let found = self.metas.iter().find(|(name, _)| name == searched);
            found.map(|(_, content)| content.clone())
        })
    }
}

/// Reads the metadata of a page.
pub(super) fn read_metadata(html: &Html, data: &StructuredData) -> PageMetadata {
    let root = html.root_element();
    let mut found = CollectedElements::default();
    root.descendent_elements().for_each(|element| collect_element(element, &mut found));
    let site_name = found
        .meta(&["og:site_name"])
        .or_else(|| data.publisher.clone())
        .or_else(|| found.meta(&["application-name"]));
    let attribute = |name: &str| root.attr(name).map(str::trim).filter(|value| !value.is_empty());
    PageMetadata {
        title: choose_title(&found, data, site_name.as_deref()),
        summary: found.meta(SUMMARY_META_NAMES).or_else(|| data.description.clone()),
        byline: data
            .author
            .clone()
            .or_else(|| found.meta(&["author"]))
            .or(found.byline.clone())
            .and_then(|value| clean_byline(&value)),
        published: data
            .published
            .clone()
            .or_else(|| found.meta(DATE_META_NAMES))
            .or(found.time.clone()),
        image: found.meta(&["og:image", "twitter:image"]).or_else(|| data.image.clone()),
        language: attribute("lang").map(str::to_owned).or_else(|| data.language.clone()),
        direction: attribute("dir").map(str::to_owned),
        site_name,
    }
}

fn collect_element(element: ElementRef<'_>, found: &mut CollectedElements) {
    match element.value().name() {
        "title" if found.document_title.is_none() => {
            found.document_title = text_of_element(element);
        }
        "h1" => found.headings.extend(text_of_element(element)),
        "time" if found.time.is_none() => {
            found.time = element.attr("datetime").map(|value| value.trim().to_owned());
        }
        "meta" => {
            let name = element.attr("property").or_else(|| element.attr("name"));
            let name = name.or_else(|| element.attr("itemprop"));
            let content =
                element.attr("content").map(collapse_spaces).filter(|value| !value.is_empty());
            if let (Some(name), Some(content)) = (name, content) {
                found.metas.push((name.trim().to_ascii_lowercase(), content));
            }
        }
        _ if found.byline.is_none() && is_byline(element) => {
            found.byline = text_of_element(element);
        }
        _ => {}
    }
}

fn is_byline(element: ElementRef<'_>) -> bool {
    let class = element.attr("class").unwrap_or_default().to_ascii_lowercase();
    element.attr("rel") == Some("author")
        || element.attr("itemprop") == Some("author")
        || ["author", "byline"].iter().any(|mark| class.contains(mark))
}

fn clean_byline(value: &str) -> Option<String> {
    let mut name = value.trim();
    for by in BYLINE_PREFIXES {
        let rest = name.strip_prefix(by).map(str::trim_start);
        if let Some(rest) = rest.filter(|rest| !rest.is_empty()) {
            name = rest.trim_start_matches(':').trim_start();
            break;
        }
    }
    let is_name = (1..=BYLINE_WORDS).contains(&name.split_whitespace().count())
        && !name.starts_with("http")
        && name.chars().any(char::is_alphabetic);
    is_name.then(|| name.to_owned())
}

fn choose_title(
    found: &CollectedElements,
    data: &StructuredData,
    site_name: Option<&str>,
) -> Option<String> {
    let only_heading = match found.headings.as_slice() {
        // The logo of some sites is a heading.
        [only] if !is_name_of_site(only, site_name, found.document_title.as_deref()) => {
            Some(only.clone())
        }
        _ => None,
    };
    let value = found
        .meta(&["og:title", "twitter:title"])
        .or_else(|| only_heading.clone())
        .or_else(|| data.headline.clone())
        .or_else(|| found.document_title.clone())
        .or_else(|| found.headings.first().cloned())?;
    let value = collapse_spaces(&htmlize::unescape(value));
    Some(without_site(&value, site_name, &found.headings).to_owned())
}

/// Whether a heading is the name of the site, which stands after the title of the document.
fn is_name_of_site(heading: &str, site_name: Option<&str>, document_title: Option<&str>) -> bool {
    let key = MatchKey::of(heading);
    let mut separators = SEPARATORS.iter();
    let is_tail = |title: &str| {
        let cut = separators.find_map(|separator| title.rsplit_once(separator));
        cut.is_some_and(|(_, tail)| MatchKey::of(tail) == key)
    };
    site_name.is_some_and(|name| MatchKey::of(name) == key) || document_title.is_some_and(is_tail)
}

/// The title without the site's name after it: a tail that is the name, or everything after a separator
/// when the text before it is a heading of the page.
fn without_site<'a>(title: &'a str, site_name: Option<&str>, headings: &[String]) -> &'a str {
    let cut = SEPARATORS.iter().filter_map(|separator| title.rsplit_once(separator));
    let Some((before, tail)) = cut.max_by_key(|(before, _)| before.len()) else { return title };
    let tail_key = MatchKey::of(tail);
    let is_name = site_name.map(MatchKey::of).is_some_and(|name| {
        name == tail_key
            || memchr::memmem::find(tail_key.as_bytes(), name.as_bytes()).is_some()
            || memchr::memmem::find(name.as_bytes(), tail_key.as_bytes()).is_some()
    });
    let before_key = MatchKey::of(before);
    let is_heading = headings.iter().any(|heading| MatchKey::of(heading) == before_key);
    if (is_name && !tail_key.is_empty()) || is_heading || is_site_word(tail) {
        before.trim_end()
    } else {
        title
    }
}

/// Words that begin the name of a newspaper or a site.
const SITE_WORDS: &[&str] =
    &["صحيفة", "جريدة", "موقع", "وكالة", "قناة", "شبكة", "بوابة", "مجلة", "اخبار", "أخبار"];

fn is_site_word(tail: &str) -> bool {
    let mut words = tail.split_whitespace();
    let first = words.next().map(MatchKey::of);
    let is_first = SITE_WORDS.iter().any(|word| Some(MatchKey::of(word)) == first);
    is_first && words.count() <= 4
}

fn text_of_element(element: ElementRef<'_>) -> Option<String> {
    let text = collapse_spaces(&markup_to_text(&element.inner_html()));
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(html: &str) -> PageMetadata {
        read_metadata(&Html::parse_document(html), &StructuredData::default())
    }

    #[test]
    fn titles_lose_the_name_of_the_site() {
        let check = |html: &str, expected: &str| {
            assert_eq!(head(html).title.as_deref(), Some(expected), "{html}");
        };
        check("<title>خبر أول | صحيفة الغد</title>", "خبر أول");
        check("<title>خبر - أول</title>", "خبر - أول");
        check("<title>خبر - أول</title><h1>خبر</h1><h1>x</h1>", "خبر");
        check("<title>ا - الغد</title><meta property=og:site_name content='الغد'>", "ا");
        check("<title>x</title><h1>خبر</h1>", "خبر");
        check("<title>خبر أول | جريدة الغد</title><h1>جريدة الغد</h1>", "خبر أول");
        check("<title>x</title><h1>خبر<br>ثان <b>أ</b>ب</h1>", "خبر ثان أب");
        check("<meta property='og:title' content='أ &amp;quot;ب&amp;quot;'><h1>ج</h1>", "أ \"ب\"");
    }

    #[test]
    fn authors_dates_and_pictures() {
        let found = head(
            "<html lang=ar dir=rtl><div class=post-author>بواسطة <a>هيئة التحرير</a></div>\
             <time datetime=2026-11-25T08:00:00Z>أمس</time><meta property=og:image content=/x.jpg>",
        );
        assert_eq!(found.byline.as_deref(), Some("هيئة التحرير"));
        assert_eq!(found.published.as_deref(), Some("2026-11-25T08:00:00Z"));
        assert_eq!(found.image.as_deref(), Some("/x.jpg"));
        assert_eq!(
            (found.language.as_deref(), found.direction.as_deref()),
            (Some("ar"), Some("rtl"))
        );
        assert_eq!(head("<p class=author>https://x.example/").byline, None);
    }
}
