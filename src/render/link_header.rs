//! A folder of an output → the value of its `Link` header (RFC 8288): the address of the resource itself
//! (`rel="self"`), those of its page and other formats (`rel="alternate"`), and those of its archive (RFC 5005
//! section 4). With it, WebSub subscribers and readers that have only the address of a page find the feed
//! without parsing the page.

use super::{atom, json_feed, rss, site_address, xml_text};
use crate::model::ArchiveLinks;

/// The files in the folder of an output, and their media types.
const FILES: [(&str, &str); 4] = [
    ("", "text/html"),
    (rss::FILE, "application/rss+xml"),
    (atom::FILE, "application/atom+xml"),
    (json_feed::FILE, "application/feed+json"),
];

/// Proxies accept 4 KiB for all headers of a response (nginx: `proxy_buffer_size`); the addresses of a long
/// query would leave no room for the others.
const MAX_HEADER_BYTES: usize = 2_000;

/// The header for the file `own_file` in a folder below the base address; `own_file` is `None` for a page that is not
/// one of the folder's files (an older page, or one with a query). No header if it would be too long.
pub fn link_header(
    (base, folder): (&str, &str),
    own_file: Option<&str>,
    archive: &ArchiveLinks,
) -> Option<String> {
    let mut links = Vec::new();
    let page_folder = archive.page.map(site_address::archive_folder).unwrap_or_default();
    for (file, media_type) in FILES {
        let address = xml_text::xml_line(&format!("{base}{folder}{page_folder}{file}"));
        let is_omitted_page = own_file.is_none() && file.is_empty();
        if own_file == Some(file) {
            links.insert(0, format!("<{address}>; rel=\"self\"; type=\"{media_type}\""));
        } else if !is_omitted_page {
            links.push(format!("<{address}>; rel=\"alternate\"; type=\"{media_type}\""));
        }
    }
    let own_type = own_file.and_then(|own| FILES.iter().find(|(file, _)| *file == own));
    if let Some((file, media_type)) = own_type {
        let current = archive.page.map(|_| ("current", String::new()));
        let page =
            |relation, page: Option<_>| Some((relation, site_address::archive_folder(page?)));
        let (older, newer) =
            (page("prev-archive", archive.previous), page("next-archive", archive.next));
        for (relation, page_folder) in [current, older, newer].into_iter().flatten() {
            let address = xml_text::xml_line(&format!("{base}{folder}{page_folder}{file}"));
            links.push(format!("<{address}>; rel=\"{relation}\"; type=\"{media_type}\""));
        }
    }
    Some(links.join(", ")).filter(|header| header.len() <= MAX_HEADER_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ArchiveAddress;

    #[test]
    fn every_format_names_itself_and_the_others() {
        let location = ("https://news.example/below/", "source/one/");
        for (own_file, media_type) in FILES {
            let header = link_header(location, Some(own_file), &ArchiveLinks::default()).unwrap();
            let itself = format!(
                "<https://news.example/below/source/one/{own_file}>; rel=\"self\"; type=\"{media_type}\", <"
            );
            assert!(header.starts_with(&itself), "{header}");
            assert_eq!(header.matches("rel=\"alternate\"").count(), 3, "{header}");
        }
        let older = link_header(location, None, &ArchiveLinks::default()).unwrap();
        assert!(!older.contains("self") && !older.contains("text/html"), "{older}");
        assert_eq!(older.matches("rel=\"alternate\"").count(), 3, "{older}");
        let long = format!("search/{}/", "a".repeat(600));
        let none = ArchiveLinks::default();
        assert_eq!(link_header(("https://news.example/", &long), None, &none), None);
    }

    #[test]
    fn an_archive_page_names_its_neighbors() {
        let page = |number| Some(ArchiveAddress { rules: None, number });
        let location = ("https://news.example/", "source/one/");
        let archive = ArchiveLinks { page: page(7), previous: page(6), next: page(8) };
        let header = link_header(location, Some("atom.xml"), &archive).unwrap();
        let link = |path: &str, rel: &str| {
            format!(
                "<https://news.example/source/one/{path}atom.xml>; rel=\"{rel}\"; \
                 type=\"application/atom+xml\""
            )
        };
        for expected in [
            link("archive/7/", "self"),
            link("", "current"),
            link("archive/6/", "prev-archive"),
            link("archive/8/", "next-archive"),
        ] {
            assert!(header.contains(&expected), "{expected} in {header}");
        }
        let head = ArchiveLinks { previous: page(8), ..ArchiveLinks::default() };
        let header = link_header(location, Some("atom.xml"), &head).unwrap();
        assert!(header.contains(&link("archive/8/", "prev-archive")), "{header}");
        assert!(!header.contains("current") && !header.contains("next-archive"), "{header}");
    }
}
