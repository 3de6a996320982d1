//! A page and its title → the element of its headline.
//!
//! | order | element |
//! | --- | --- |
//! | 1 | the first `<h1>` or `<h2>` that begins or ends with the title |
//! | 2 | the first smaller heading, or element with `title` or `headline` in its class, that is the title or a part of at least four words at its beginning or end; without a link |
//! | 3 | the only `<h1>` |
//! | 4 | the first element of another name whose words are exactly the title: old pages have no headings |
//! | 5 | as 2, around a link: blogs link to the page itself, and so do lists of the newest articles |

use scraper::{ElementRef, Html};

use crate::arabic::MatchKey;
use crate::markup::markup_to_text;

/// Words of a part of the title that shows which heading is meant.
const PART_WORDS: usize = 4;
/// Elements that contain the title and show it to no reader, or as a link to the page itself.
const NO_HEADLINES: [&str; 6] = ["a", "head", "option", "script", "style", "title"];

/// The headline; `None`: the page has no element that is surely one.
pub(super) fn find_headline<'a>(html: &'a Html, title: Option<&str>) -> Option<ElementRef<'a>> {
    let title = title.map(MatchKey::of).filter(|key| !key.is_empty());
    let elements: Vec<ElementRef<'a>> = html.root_element().descendent_elements().collect();
    let is_large = |element: &&ElementRef<'_>| matches!(element.value().name(), "h1" | "h2");
    let large: Vec<&ElementRef<'a>> = elements.iter().filter(is_large).collect();
    let mut first = large.iter().filter(|heading| heading.value().name() == "h1");
    let only = first.next().filter(|_| first.next().is_none());
    let Some(title) = title else { return only.map(|heading| **heading) };
    let holds_title = |heading: &&&ElementRef<'_>| {
        let key = key_of(***heading);
        key.begins_with(&title) || key.as_bytes().ends_with(title.as_bytes())
    };
    let small = |is_linked: bool| {
        elements.iter().find(|element| {
            is_small_headline(**element, &title) && holds_link(**element) == is_linked
        })
    };
    let exact = || elements.iter().find(|element| is_bare_headline(**element, &title));
    let found = large.iter().find(holds_title).copied();
    found.or_else(|| small(false)).or(only.copied()).or_else(exact).or_else(|| small(true)).copied()
}

fn key_of(element: ElementRef<'_>) -> MatchKey {
    MatchKey::of(&markup_to_text(&element.inner_html()))
}

fn holds_link(element: ElementRef<'_>) -> bool {
    element.descendent_elements().any(|inner| inner.value().name() == "a")
}

fn is_small_headline(element: ElementRef<'_>, title: &MatchKey) -> bool {
    let is_marked = || {
        let mut classes = element.value().classes().map(str::to_ascii_lowercase);
        classes.any(|class| class.contains("title") || class.contains("headline"))
    };
    let is_heading = matches!(element.value().name(), "h3" | "h4") || is_marked();
    if !is_heading || !can_be_headline(element, title) {
        return false;
    }
    let key = key_of(element);
    key == *title
        || (key.word_count() >= PART_WORDS
            && (title.begins_with(&key) || title.as_bytes().ends_with(key.as_bytes())))
}

fn is_bare_headline(element: ElementRef<'_>, title: &MatchKey) -> bool {
    title.word_count() >= PART_WORDS
        && can_be_headline(element, title)
        && !holds_link(element)
        && key_of(element) == *title
}

/// Whether an element is in no link, and its text about as long as a title.
fn can_be_headline(element: ElementRef<'_>, title: &MatchKey) -> bool {
    // Vowels and marks, which a key does not have, double a text at most.
    let most = 3 * title.as_bytes().len();
    let mut length = 0;
    let is_short = element.text().all(|text| {
        length += text.trim().len();
        length <= most
    });
    let is_hidden = |element: ElementRef<'_>| NO_HEADLINES.contains(&element.value().name());
    is_short
        && length > 0
        && !is_hidden(element)
        && !element.ancestors().filter_map(ElementRef::wrap).any(is_hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TITLE: &str = "مكتبة عامة تفتح أبوابها في حي الزيتون";

    /// Checks the name and the id of the headline.
    fn check(inside: &str, title: &str, expected: Option<&str>) {
        let html = Html::parse_document(&format!("<title>{TITLE}</title><body>{inside}"));
        let found = find_headline(&html, Some(title));
        assert_eq!(found.and_then(|element| element.attr("id")), expected, "{inside}");
    }

    #[test]
    fn headlines_are_found_in_order() {
        check(&format!("<h1 id=a>صحيفة</h1><h2 id=b>{TITLE}</h2>"), TITLE, Some("b"));
        check(&format!("<h1 id=a>صحيفة</h1><h3 id=b>{TITLE}</h3>"), TITLE, Some("b"));
        check(&format!("<h3><a id=a>{TITLE}</a></h3><h1 id=b>صحيفة</h1>"), TITLE, Some("b"));
        check(&format!("<h3 id=a>{TITLE}</h3>"), &format!("مدونة البحر: {TITLE}"), Some("a"));
        check(&format!("<div class=post-title id=a>{TITLE}</div>"), TITLE, Some("a"));
        check("<h3 id=a>مكتبة عامة</h3>", TITLE, None);
        check(&format!("<td><font><b id=a>{TITLE}</b></font></td>"), TITLE, None);
        check(&format!("<p>x</p><b id=a>{TITLE}</b>"), TITLE, Some("a"));
        check(&format!("<a id=a>{TITLE}</a><option id=b>{TITLE}</option>"), TITLE, None);
        check("<h1 id=a>صحيفة</h1><h1 id=b>أخرى</h1>", TITLE, None);
        check(&format!("<h3 id=a><a href=/x>{TITLE}</a></h3>"), TITLE, Some("a"));
    }
}
