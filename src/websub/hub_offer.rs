//! `Link` headers and a feed → the topic and the hubs (W3C WebSub section 4). The headers take precedence
//! over the document.

use rafid_feed::model::Feed;
use url::Url;

use crate::model::HubOffer;

/// The maximum number of links read from one header.
const MAX_LINKS: usize = 32;
/// The maximum number of hubs kept.
const MAX_HUBS: usize = 8;
/// A longer address is not sent to a hub.
const MAX_ADDRESS_BYTES: usize = 2048;

/// The offer of `url`, the address that responded with these `Link` headers and this feed. `None`: no hub is
/// named. Without a `self` link the address itself is the topic.
pub fn find_hub_offer(links: &[String], feed: &Feed, url: &Url) -> Option<HubOffer> {
    let offered: Vec<(String, &str)> =
        links.iter().flat_map(|header| parse_link_header(header, url)).collect();
    let with_relation = |expected: &'static str| {
        let is_match = move |relation: &&str| relation.eq_ignore_ascii_case(expected);
        offered
            .iter()
            .filter(move |(_, relations)| relations.split_ascii_whitespace().any(|r| is_match(&r)))
            .map(|(address, _)| address.clone())
    };
    let mut hubs: Vec<String> = with_relation("hub").take(MAX_HUBS).collect();
    if hubs.is_empty() {
        hubs = feed
            .hubs
            .iter()
            .filter_map(|hub| resolve_http_address(hub, url))
            .take(MAX_HUBS)
            .collect();
    }
    if hubs.is_empty() {
        return None;
    }
    let topic = with_relation("self")
        .next()
        .or_else(|| resolve_http_address(feed.self_link.as_deref()?, url));
    Some(HubOffer { topic: topic.or_else(|| resolve_http_address(url.as_str(), url))?, hubs })
}

/// An address that may be requested, or named to a hub.
fn resolve_http_address(address: &str, base: &Url) -> Option<String> {
    let url = base.join(address.trim()).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let is_plain = url.username().is_empty() && url.password().is_none();
    (is_web && is_plain && url.as_str().len() <= MAX_ADDRESS_BYTES).then(|| url.into())
}

/// The addresses of a `Link` header with their relations (RFC 8288 section 3), absolute.
fn parse_link_header<'a>(header: &'a str, base: &Url) -> Vec<(String, &'a str)> {
    let mut links = Vec::new();
    let mut rest = header;
    while let Some((_, opened)) = rest.split_once('<')
        && let Some((address, after)) = opened.split_once('>')
        && links.len() < MAX_LINKS
    {
        let (parameters, next) = after.split_at(end_of_link(after));
        rest = next;
        if let (Some(address), Some(relations)) =
            (resolve_http_address(address, base), rel_value(parameters))
        {
            links.push((address, relations));
        }
    }
    links
}

/// Where a link's parameters end: at the next comma outside quotes.
fn end_of_link(parameters: &str) -> usize {
    let mut is_quoted = false;
    for (at, byte) in parameters.bytes().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => return at,
            _ => {}
        }
    }
    parameters.len()
}

/// The value of the first `rel`.
fn rel_value(parameters: &str) -> Option<&str> {
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("rel").then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use rafid_feed::model::Document;
    use rafid_feed::model::ReadHints;
    use rafid_feed::pipeline;

    use super::*;

    const HUB: &str = r#"<link rel="hub" href="https://hub.example/doc"/>"#;
    const SELF: &str = r#"<link rel="self" href="/self"/>"#;

    fn check(headers: &[&str], links: &str, expected: Option<(&str, &[&str])>) {
        let url = Url::parse("https://a.example/feed").unwrap();
        let text = format!(
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>x</title>{links}<entry><id>1</id>\
             <title>y</title></entry></feed>"
        );
        let bytes = text.into_bytes();
        let document = Document { bytes, content_type: None, url: Some(url.clone()) };
        let feed = pipeline::read_feed(&document, ReadHints::default()).unwrap().feed;
        let headers: Vec<String> = headers.iter().map(|&header| header.to_owned()).collect();
        let found = find_hub_offer(&headers, &feed, &url);
        let found = found.as_ref().map(|offer| (offer.topic.as_str(), offer.hubs.clone()));
        let expected = expected.map(|(topic, hubs)| (topic, hubs.iter().map(ToString::to_string)));
        assert_eq!(found, expected.map(|(t, hubs)| (t, hubs.collect())), "{headers:?} {links}");
    }

    #[test]
    fn the_document_names_its_hub() {
        let hub: &[&str] = &["https://hub.example/doc"];
        check(&[], "", None);
        check(&[], SELF, None);
        check(&[], &format!("{HUB}{SELF}"), Some(("https://a.example/self", hub)));
        check(&[], HUB, Some(("https://a.example/feed", hub)));
    }

    #[test]
    fn headers_count_before_the_document() {
        let hub: &[&str] = &["https://hub.example/"];
        let both = format!("{HUB}{SELF}");
        check(&["<https://hub.example/>; rel=hub"], &both, Some(("https://a.example/self", hub)));
        check(
            &["<https://hub.example/>; rel=\"hub\", </t>; title=\"a, b\"; REL=\"self\""],
            &both,
            Some(("https://a.example/t", hub)),
        );
        check(
            &["</x>; rel=alternate, </h>; rel=\"hub self\"", "<http://b.example/>; rel=hub"],
            "",
            Some(("https://a.example/h", &["https://a.example/h", "http://b.example/"])),
        );
    }

    #[test]
    fn invalid_hubs_are_skipped() {
        for header in [
            "",
            "<",
            "<https://hub.example/>",
            "<https://hub.example/>; rel",
            "<ftp://hub.example/>; rel=hub",
            "<https://me:word@hub.example/>; rel=hub",
            "<https://hub.example/>; rel=hubs",
            "https://hub.example/; rel=hub",
        ] {
            check(&[header], "", None);
        }
        let long = format!("<https://hub.example/{}>; rel=hub", "x".repeat(2048));
        check(&[&long], "", None);
        let many = "<https://hub.example/>; rel=x, ".repeat(40);
        check(&[&format!("{many}<https://hub.example/>; rel=hub")], "", None);
    }
}
