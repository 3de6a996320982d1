//! The tag of a picture → the address of the picture; pictures that show nothing are dropped.
//!
//! Pages with lazy loading put the address into an attribute of their own and an empty picture into
//! `src`; feeds copy them unchanged. Tracking pixels are recognized by their size, their host or
//! their name.

use std::borrow::Cow;

use memchr::memchr3;
use url::Url;

use super::{absolute_url, attributes};
use crate::markup::MarkupTag;
use crate::model::Image;

/// The attributes in which lazy loading keeps the address, the most likely first (lazysizes,
/// `WordPress` plugins, the scripts before them).
const LAZY_ATTRIBUTES: &[&str] =
    &["data-src", "data-lazy-src", "data-original", "data-orig-file", "data-echo", "data-url"];

/// Lists of addresses for several sizes (HTML Living Standard, section 4.8.4.2.1); the first
/// address is used.
const SET_ATTRIBUTES: &[&str] = &["data-srcset", "data-lazy-srcset", "srcset"];

/// Parts of a file name that mark a placeholder for the real picture.
const PLACEHOLDERS: &[&str] = &[
    "1x1",
    "blank",
    "grey.gif",
    "lazy",
    "loader",
    "loading",
    "pixel",
    "placeholder",
    "spacer",
    "transparent",
];

/// Names of files that show nothing, sorted: files that scripts and page builders ship.
const EMPTY_FILES: &[&str] = &[
    "1x1.gif",
    "1x1.png",
    "blank.gif",
    "blank.png",
    "clear.gif",
    "pixel.gif",
    "pixel.png",
    "spacer.gif",
    "spacer.png",
    "transparent.gif",
    "transparent.png",
];

/// Hosts (including their subdomains) with the prefix of the path that only counts readers or
/// serves advertising, sorted. Rows: services with that purpose by their own description, and the
/// tracking addresses of `FeedBurner`, `WordPress.com`, Blogger, Medium and Facebook, as they occur
/// in feeds.
const COUNTER_HOSTS: &[(&str, &str)] = &[
    ("amazon-adsystem.com", "/"),
    ("api.flattr.com", "/"),
    ("blogger.googleusercontent.com", "/tracker/"),
    ("buysellads.com", "/"),
    ("counter.yadro.ru", "/"),
    ("doubleclick.net", "/"),
    ("facebook.com", "/tr/"),
    ("facebook.com", "/tr?"),
    ("feedproxy.google.com", "/~"),
    ("feeds.feedburner.com", "/~"),
    ("feeds.wordpress.com", "/1.0/"),
    ("feedsportal.com", "/"),
    ("google-analytics.com", "/"),
    ("googlesyndication.com", "/"),
    ("googletagmanager.com", "/"),
    ("mc.yandex.ru", "/watch/"),
    ("medium.com", "/_/stat"),
    ("pheedo.com", "/"),
    ("pixel.wp.com", "/"),
    ("quantserve.com", "/"),
    ("scorecardresearch.com", "/"),
    ("statcounter.com", "/"),
    ("stats.wordpress.com", "/"),
    ("stats.wp.com", "/"),
    ("top-fwz1.mail.ru", "/"),
];

/// The picture of a tag; `None`: it has no address, or shows nothing.
pub(super) fn picture_of_tag(tag: &MarkupTag, base: Option<&Url>) -> Option<Image> {
    let width = attributes::attribute_value(tag, "width")
        .and_then(|width| attributes::parse_pixels(&width));
    let height = attributes::attribute_value(tag, "height")
        .and_then(|height| attributes::parse_pixels(&height));
    if is_tiny(width, height)
        || attributes::attribute_value(tag, "style").is_some_and(|s| is_hidden(&s))
    {
        return None;
    }
    let url = absolute_url::absolute_web_url(&written_address(tag)?, base)?;
    (!is_counter(&url)).then(|| Image { width, height, ..Image::of_url(url) })
}

/// Whether a size is that of a tracking pixel.
pub(super) fn is_tiny(width: Option<u32>, height: Option<u32>) -> bool {
    [width, height].into_iter().flatten().any(|pixels| pixels <= 1)
}

/// Whether an absolute address only counts readers, serves advertising or shows nothing.
pub(super) fn is_counter(address: &str) -> bool {
    split_host(address).is_some_and(|(host, path)| {
        is_at_any(host, path, COUNTER_HOSTS)
            || EMPTY_FILES.binary_search(&file_name(path).as_str()).is_ok()
    })
}

/// Whether an absolute address is at one of the hosts or a subdomain, below the prefix of its path.
pub(super) fn is_below_any(address: &str, places: &[(&str, &str)]) -> bool {
    split_host(address).is_some_and(|(host, path)| is_at_any(host, path, places))
}

fn is_at_any(host: &str, path: &str, places: &[(&str, &str)]) -> bool {
    let host = host.as_bytes();
    places.iter().any(|(known, start)| {
        let known = known.as_bytes();
        host.len().checked_sub(known.len()).is_some_and(|before| {
            let (outer, own) = host.split_at(before);
            own.eq_ignore_ascii_case(known)
                && (outer.is_empty() || outer.ends_with(b"."))
                && path.starts_with(start)
        })
    })
}

/// The host of an absolute address, and what follows it.
fn split_host(address: &str) -> Option<(&str, &str)> {
    let (_, after) = address.split_once("://")?;
    let end = memchr3(b'/', b'?', b'#', after.as_bytes());
    Some(after.split_at(end.unwrap_or(after.len())))
}

/// `src`, unless it is missing or a placeholder for the real picture.
fn written_address<'a>(tag: &MarkupTag<'a>) -> Option<Cow<'a, str>> {
    let value_of = |name: &str| {
        attributes::attribute_value(tag, name).filter(|value| !value.trim().is_empty())
    };
    let source = value_of("src");
    if let Some(source) = source.as_ref().filter(|source| !is_placeholder(source)) {
        return Some(source.clone());
    }
    LAZY_ATTRIBUTES
        .iter()
        .find_map(|name| value_of(name).filter(|address| !is_embedded(address)))
        .or_else(|| {
            SET_ATTRIBUTES.iter().find_map(|name| first_of_set(&value_of(name)?).map(Cow::Owned))
        })
        .or(source)
}

fn is_embedded(address: &str) -> bool {
    let start = address.trim_start().get(..5).unwrap_or_default();
    start.eq_ignore_ascii_case("data:") || start.eq_ignore_ascii_case("about")
}

fn is_placeholder(address: &str) -> bool {
    let name = file_name(address);
    is_embedded(address)
        || address.trim() == "#"
        || PLACEHOLDERS.iter().any(|part| name.contains(part))
}

/// The last segment of a path, lower case, without query.
fn file_name(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase()
}

/// The first address of a `srcset`; an address may contain commas, but does not end with one.
fn first_of_set(set: &str) -> Option<String> {
    let first = set.split_whitespace().next()?.trim_end_matches(',');
    (!first.is_empty() && !is_embedded(first)).then(|| first.to_owned())
}

/// Whether a style hides the picture, or makes it as small as a pixel.
fn is_hidden(style: &str) -> bool {
    style.split(';').filter_map(|rule| rule.split_once(':')).any(|(name, value)| {
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_ascii_lowercase());
        match name.as_str() {
            "display" => value.starts_with("none"),
            "width" | "height" => matches!(value.as_str(), "0" | "0px" | "1px"),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markup::{MarkupToken, Scanner};

    fn picture(markup: &str) -> Option<Image> {
        let base = Url::parse("https://a.example/news/").unwrap();
        let Some(MarkupToken::Start(tag)) = Scanner::new(markup).next() else { panic!("{markup}") };
        picture_of_tag(&tag, Some(&base))
    }

    fn check(markup: &str, expected: Option<&str>) {
        assert_eq!(picture(markup).map(|image| image.url).as_deref(), expected, "{markup}");
    }

    #[test]
    fn pictures_have_an_address() {
        check("<img src=/x.jpg>", Some("https://a.example/x.jpg"));
        check(
            "<img src='https://b.example/صورة.jpg?a=1&amp;b=2'>",
            Some("https://b.example/صورة.jpg?a=1&b=2"),
        );
        check("<img>", None);
        check("<img src='javascript:x'>", None);
        check("<img src='data:image/png;base64,AA'>", None);
        let sized = picture("<img src=x.jpg width=640 height='480px'>").unwrap();
        assert_eq!((sized.width, sized.height), (Some(640), Some(480)));
    }

    #[test]
    fn lazy_pictures_are_repaired() {
        let real = Some("https://a.example/news/real.jpg");
        for name in LAZY_ATTRIBUTES {
            check(&format!("<img {name}=real.jpg>"), real);
            check(&format!("<img src='data:image/gif;base64,R0' {name}=real.jpg>"), real);
        }
        for name in SET_ATTRIBUTES {
            check(&format!("<img src='' {name}='real.jpg 1x, other.jpg 2x'>"), real);
            check(&format!("<img {name}='real.jpg, other.jpg 2x'>"), real);
        }
        for part in PLACEHOLDERS {
            check(&format!("<img src='/i/{part}?v=1' data-src=real.jpg>"), real);
        }
        check("<img src=first.jpg data-src=real.jpg>", Some("https://a.example/news/first.jpg"));
        check("<img src=placeholder.jpg>", Some("https://a.example/news/placeholder.jpg"));
        check("<img src=# data-src='data:image/gif;base64,R0' srcset='real.jpg 2x'>", real);
        check(
            "<img srcset='https://a.example/w_1,h_2/x.jpg 300w'>",
            Some("https://a.example/w_1,h_2/x.jpg"),
        );
    }

    #[test]
    fn tracking_pixels_are_not_pictures() {
        for markup in [
            "<img src=x.jpg width=1 height=1>",
            "<img src=x.jpg height=0>",
            "<img src=x.jpg style='display:none'>",
            "<img src=x.jpg style='border:0;width:1px'>",
        ] {
            check(markup, None);
        }
        assert!(EMPTY_FILES.is_sorted() && COUNTER_HOSTS.is_sorted());
        for (host, start) in COUNTER_HOSTS {
            assert!(is_counter(&format!("https://{host}{start}x")), "{host}");
            assert!(is_counter(&format!("http://sub.{}{start}x", host.to_uppercase())), "{host}");
            assert!(!is_counter(&format!("https://not{host}{start}x")), "{host}");
        }
        for file in EMPTY_FILES {
            check(&format!("<img src='/{file}?x=1'>"), None);
        }
        assert!(!is_counter("https://www.facebook.com/travel.jpg"));
        assert!(!is_counter("https://a.example/?u=doubleclick.net/"));
    }
}
