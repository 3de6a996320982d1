//! A `Publication` → finished text, one file per output.
//!
//! | file | output |
//! | --- | --- |
//! | `rss` | RSS 2.0 with `source`, `dc:creator`, `atom:link` |
//! | `atom` | Atom 1.0 (RFC 4287) with `atom:source` |
//! | `json_feed` | JSON Feed 1.1 with the extension `_rafid` |
//! | `html` | the page for people |
//! | `page_entry` | an entry on that page |
//! | `masthead` | the head of every page: search, subscription, menu |
//! | `most_reported` | the stories that the most sources report |
//! | `feed_guide_page` | the page for a person who opened the address of a feed |
//! | `other_tellings` | the other sources that report an entry's event |
//! | `story_page` | the page of a story |
//! | `sources_page` | the sources for readers, by category |
//! | `search_page` | the results of a search, as a page and as JSON |
//! | `link_header` | the `Link` header of an output |
//! | `web_manifest` | the name and icon of the site for the home screen of a telephone |
//! | `notice_page` | the page of an error |
//! | `status` | the state of the sources for the operator: as JSON and as a page |
//!
//! Shared by them: `shown_entry` (what a document shows of one entry), `xml_text` (text that every format can carry), `text_direction` (the direction of a title or a text), `href` (addresses of publishers),
//! `site_address` (our own addresses), `summary` (how much of an entry is published), `arabic_wording`
//! (counted nouns), `local_clock` (days and times in the site's zone and style), `hijri_date` (the second calendar),
//! `page_moment` (what a page may say about now), `page_pictures` (the pictures that a page shows),
//! `media_rss` (images and files), `episode_elements` (podcasts), `feed_elements` (elements of both feeds in XML),
//! `breaking_label` (breaking news, and
//! categories of entries).
//! Rendering cannot fail and decides nothing about entries: the output has exactly the entries of the
//! publication, in their order.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod arabic_wording;
pub mod atom;
pub mod breaking_label;
pub mod english_wording;
mod episode_elements;
mod feed_elements;
pub mod feed_guide_page;
mod hijri_date;
mod href;
pub mod html;
pub mod json_feed;
pub mod link_header;
pub mod local_clock;
pub mod masthead;
mod media_rss;
pub mod most_reported;
pub mod notice_page;
pub mod other_tellings;
pub mod page_entry;
pub mod page_moment;
pub mod page_pictures;
pub mod rss;
pub mod search_page;
pub mod shown_entry;
mod site_address;
pub mod sources_page;
pub mod status;
pub mod story_page;
pub mod summary;
mod text_direction;
pub mod web_manifest;
mod xml_text;

#[cfg(test)]
mod sample;

/// The name that outputs give as their generator.
const GENERATOR: &str = concat!("Rafid ", env!("CARGO_PKG_VERSION"));

/// The stylesheet of all pages. Its hash is in its address, so that it may be cached without limit.
pub const STYLE: &str = include_str!("../../templates/style.css");

/// A file that is the same in every output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaticAsset {
    /// Its name below the base.
    pub file: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
}

/// The files that pages and feeds refer to, besides news. The bitmaps are `icon.svg` at 512 pixels and at 16,
/// 32 and 48.
pub const ASSETS: [StaticAsset; 4] = [
    StaticAsset {
        file: "style.css",
        media_type: "text/css; charset=utf-8",
        bytes: STYLE.as_bytes(),
    },
    StaticAsset {
        file: "icon.svg",
        media_type: "image/svg+xml",
        bytes: include_bytes!("../../templates/icon.svg"),
    },
    StaticAsset {
        file: ICON,
        media_type: "image/png",
        bytes: include_bytes!("../../templates/icon.png"),
    },
    StaticAsset {
        file: FAVICON,
        media_type: "image/vnd.microsoft.icon",
        bytes: include_bytes!("../../templates/favicon.ico"),
    },
];

/// The square icon of 512 pixels.
const ICON: &str = "icon.png";
/// The small icon.
const FAVICON: &str = "favicon.ico";

/// What crawlers should not visit: endless search results, and pages that change every second. Crawlers
/// request a file of this name only at the root of a host, so that the paths are those of a site without a
/// prefix.
pub const ROBOTS: StaticAsset = StaticAsset {
    file: "robots.txt",
    media_type: "text/plain; charset=utf-8",
    bytes: b"User-agent: *\n\
             Disallow: /search\n\
             Disallow: /status\n\
             Disallow: /metrics\n\
             Disallow: /healthz\n\
             Disallow: /readyz\n\
             Disallow: /explain.json\n\
             Disallow: /filter.json\n\
             Disallow: /websub/\n",
};

/// The version of the stylesheet in its address on pages (`style.css?v=…`): 8 bytes of its hash in hex, as
/// `http` computes it.
fn style_version() -> String {
    rafid_feed::hash::short_hex(STYLE, 16)
}

/// An entry's address in outputs: percent-encoded, without user-info.
pub fn output_address(written: &str) -> String {
    href::encode_href(written)
}

/// One word as a segment of a path below the base, percent-encoded.
pub fn path_segment(word: &str) -> String {
    site_address::path_segment(word)
}

/// The path part of the public base address: `https://news.example/rafid/` → `/rafid/`. Links of pages start
/// with it, so that they also work under another host name.
pub fn root_path(base: &str) -> String {
    url::Url::parse(base).map_or_else(|_| "/".to_owned(), |base| base.path().to_owned())
}
