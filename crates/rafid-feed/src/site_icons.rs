//! An HTML page → the icons that it names for its site (`<link rel="icon">`, HTML Living Standard section 4.6.7.8), the
//! most suitable one first.

use url::Url;

use super::discover::{attribute, start_tags};
use super::markup::MarkupTag;

/// A page that names more icons repeats them for other screens.
const MOST_ICONS: usize = 30;
/// The side of an icon that needs no enlarging on any screen, in pixels. The smallest icon of at least this size is the
/// best one: larger ones only have more bytes.
const GOOD_SIDE: u32 = 48;
/// What Apple's icons have, if the page does not say.
const APPLE_SIDE: u32 = 180;
/// What other icons have, if the page does not say.
const USUAL_SIDE: u32 = 32;

/// The addresses of the icons that a page names, the most suitable first, without repeats. Drawings (SVG) are left out.
pub fn icons_in(html: &str, base: &Url) -> Vec<Url> {
    let mut base = base.clone();
    let mut found: Vec<(u32, Url)> = Vec::new();
    for tag in start_tags(html) {
        if tag.name.eq_ignore_ascii_case("base") {
            if let Some(url) = attribute(&tag, "href").and_then(|href| base.join(href.trim()).ok())
            {
                base = url;
            }
        } else if tag.name.eq_ignore_ascii_case("link")
            && let Some((side, url)) = named_icon(&tag, &base)
            && found.iter().all(|(_, other)| *other != url)
        {
            found.push((side, url));
            if found.len() == MOST_ICONS {
                break;
            }
        }
    }
    // Of equal ones the page's order decides.
    found.sort_by_key(|(side, _)| {
        let is_small = *side < GOOD_SIDE;
        (is_small, if is_small { GOOD_SIDE - side } else { side - GOOD_SIDE })
    });
    found.into_iter().map(|(_, url)| url).collect()
}

/// The side in pixels and the address of the icon that an element names.
fn named_icon(tag: &MarkupTag<'_>, base: &Url) -> Option<(u32, Url)> {
    let relation = attribute(tag, "rel")?;
    let has =
        |word: &str| relation.split_ascii_whitespace().any(|it| it.eq_ignore_ascii_case(word));
    let is_apples = has("apple-touch-icon") || has("apple-touch-icon-precomposed");
    if !is_apples && !has("icon") {
        return None;
    }
    let url = base.join(attribute(tag, "href")?.trim()).ok()?;
    let media_type = attribute(tag, "type").unwrap_or_default().to_ascii_lowercase();
    let is_drawing =
        media_type.contains("svg") || url.path().to_ascii_lowercase().ends_with(".svg");
    if is_drawing || !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let stated = attribute(tag, "sizes").and_then(|sizes| largest_side(&sizes));
    let side = stated.unwrap_or(if is_apples { APPLE_SIDE } else { USUAL_SIDE });
    Some((side, url))
}

/// The side of the largest of the sizes in a value such as `16x16 32x32`.
fn largest_side(sizes: &str) -> Option<u32> {
    let shorter = sizes.split_ascii_whitespace().filter_map(|size| {
        let (width, height) = size.split_once(['x', 'X'])?;
        Some(width.parse::<u32>().ok()?.min(height.parse().ok()?))
    });
    shorter.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &[&str]) {
        let found = icons_in(html, &Url::parse("https://news.example/ar/").unwrap());
        assert_eq!(found.iter().map(Url::as_str).collect::<Vec<_>>(), expected, "{html}");
    }

    #[test]
    fn the_smallest_sharp_icon_comes_first() {
        check(
            "<link rel=icon href=/16.png sizes=16x16><link rel='icon' href=/512.png sizes=512X512>\
             <link rel='shortcut icon' href=/unknown.ico><link rel=icon href=/64.png sizes='32x32 64x64'>\
             <link rel=apple-touch-icon href=/touch.png><link rel=icon href=/any.png sizes=any>",
            &[
                "https://news.example/64.png",
                "https://news.example/touch.png",
                "https://news.example/512.png",
                "https://news.example/unknown.ico",
                "https://news.example/any.png",
                "https://news.example/16.png",
            ],
        );
    }

    #[test]
    fn addresses_are_those_of_the_page() {
        check(
            "<base href='https://cdn.example/x/'><LINK REL='Shortcut Icon' HREF=' a.ico?v=1&amp;w=2 '>",
            &["https://cdn.example/x/a.ico?v=1&w=2"],
        );
        check(
            "<link rel=icon href=a.png><link rel=apple-touch-icon-precomposed href=b.png sizes=57x57>",
            &["https://news.example/ar/b.png", "https://news.example/ar/a.png"],
        );
        check("<link rel=icon href=/a><link rel='x icon' href=/a>", &["https://news.example/a"]);
        check("<link rel=icon href=/cut.png", &["https://news.example/cut.png"]);
    }

    #[test]
    fn other_links_and_drawings_are_no_icons() {
        for html in [
            "<link rel=mask-icon href=/a.png>",
            "<link rel=stylesheet href=/a.png>",
            "<link rel=icon href=/a.SVG>",
            "<link rel=icon type=image/svg+xml href=/a>",
            "<link rel=icon href='data:image/png;base64,AA'>",
            "<link rel=icon href='javascript:x'>",
            "<link rel=icon>",
            "<!-- <link rel=icon href=/a.png> -->",
            "<a rel=icon href=/a.png>",
        ] {
            check(html, &[]);
        }
        let many: Vec<String> =
            (0..40).map(|number| format!("<link rel=icon href=/{number}.png>")).collect();
        assert_eq!(
            icons_in(&many.concat(), &Url::parse("https://a.example/").unwrap()).len(),
            MOST_ICONS
        );
    }

    proptest::proptest! {
        #[test]
        fn no_page_causes_a_panic(html in "[<>!a-z='\" /0-9x-]{0,200}|\\PC{0,100}") {
            let _ = icons_in(&html, &Url::parse("https://a.example/").unwrap());
        }
    }
}
