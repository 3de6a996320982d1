//! A folder of an output → the value of its `Link` header (RFC 8288): the address of the resource itself
//! (`rel="self"`), and those of its page and other formats (`rel="alternate"`). With it, WebSub subscribers
//! and readers that have only the address of a page find the feed without parsing the page.

use super::{atom, json_feed, rss, xml_text};

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
pub fn link_header((base, folder): (&str, &str), own_file: Option<&str>) -> Option<String> {
    let mut links = Vec::new();
    for (file, media_type) in FILES {
        let address = xml_text::xml_line(&format!("{base}{folder}{file}"));
        let is_omitted_page = own_file.is_none() && file.is_empty();
        if own_file == Some(file) {
            links.insert(0, format!("<{address}>; rel=\"self\"; type=\"{media_type}\""));
        } else if !is_omitted_page {
            links.push(format!("<{address}>; rel=\"alternate\"; type=\"{media_type}\""));
        }
    }
    Some(links.join(", ")).filter(|header| header.len() <= MAX_HEADER_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_names_itself_and_the_others() {
        let location = ("https://news.example/below/", "source/one/");
        for (own_file, media_type) in FILES {
            let header = link_header(location, Some(own_file)).unwrap();
            let itself = format!(
                "<https://news.example/below/source/one/{own_file}>; rel=\"self\"; type=\"{media_type}\", <"
            );
            assert!(header.starts_with(&itself), "{header}");
            assert_eq!(header.matches("rel=\"alternate\"").count(), 3, "{header}");
        }
        let older = link_header(location, None).unwrap();
        assert!(!older.contains("self") && !older.contains("text/html"), "{older}");
        assert_eq!(older.matches("rel=\"alternate\"").count(), 3, "{older}");
        let long = format!("search/{}/", "a".repeat(600));
        assert_eq!(link_header(("https://news.example/", &long), None), None);
    }
}
