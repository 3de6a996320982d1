//! A text that is no feed → the feed that stands in it as a whole, wrapped by a program that took it for a
//! string or for a text to show.
//!
//! | wrapper | certain if |
//! | --- | --- |
//! | a JSON string | the string begins like markup or like a JSON Feed |
//! | references (`&lt;rss …&gt;`) | the text begins and ends like a feed |
//! | the same in the `pre` of a page | nothing else on the page is shown |
//! | words before a JSON Feed, or the call of a script around it | few words, and nothing behind it |

use super::entities::Entities;
use super::namespaces::split_prefix;
use super::tokens::{XmlToken, XmlTokens};

/// The beginnings and ends of feeds as escaped texts; `>` need not be escaped.
const ESCAPED_ROOTS: [(&str, &str); 3] =
    [("&lt;rss", "&lt;/rss"), ("&lt;feed", "&lt;/feed"), ("&lt;rdf:RDF", "&lt;/rdf:RDF")];
/// Bytes before a JSON Feed: a few warnings of a server's program.
const MOST_BYTES_BEFORE_JSON: usize = 4 * 1024;
/// An escaped XML declaration.
const ESCAPED_DECLARATION: &str = "&lt;?xml";
/// Elements of a page whose text is not shown, sorted.
const HIDDEN_ELEMENTS: [&str; 5] = ["head", "noscript", "script", "style", "title"];

/// The feed in a JSON string; `None`: the text is no such string.
pub(super) fn document_in_json_string(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.starts_with('"') {
        return None;
    }
    let inside: String = serde_json::from_str(text).ok()?;
    inside.trim_start().starts_with(['<', '{']).then_some(inside)
}

/// The feed that is escaped as a whole, and where it begins; `None`: no feed is.
pub(super) fn escaped_document(text: &str) -> Option<(String, usize)> {
    let (at, words) = if text.trim_start().starts_with("&lt;") {
        (text.len() - text.trim_start().len(), text)
    } else {
        only_preformatted_text(text)?
    };
    let words = words.trim();
    let begins = |start: &str| words.starts_with(start);
    let is_feed = ESCAPED_ROOTS.iter().any(|(start, end)| {
        (begins(start) || begins(ESCAPED_DECLARATION) && words.contains(start))
            && words
                .strip_suffix("&gt;")
                .or_else(|| words.strip_suffix('>'))
                .is_some_and(|words| words.trim_end().ends_with(end))
    });
    is_feed.then(|| (Entities::default().resolve(words).into_owned(), at))
}

/// The JSON Feed that ends a text, with blanks for what precedes it; `None`: the text does not end with one.
pub(super) fn json_feed_behind_words(text: &str) -> Option<String> {
    let marker = text.find("jsonfeed.org")?;
    let end = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ';' | ')'));
    let before = text.get(..marker.min(text.floor_char_boundary(MOST_BYTES_BEFORE_JSON)))?;
    let begins = |at: usize| text[at + 1..].trim_start().starts_with('"');
    let (at, _) = before.match_indices('{').find(|(at, _)| begins(*at))?;
    let (words, rest) = end.split_at_checked(at)?;
    let is_page = ["<html", "<!doctype", "<script"]
        .iter()
        .any(|tag| words.to_ascii_lowercase().contains(tag));
    if is_page || !rest.ends_with('}') {
        return None;
    }
    let blank = |c: char| if c == '\n' { c } else { ' ' };
    Some(words.chars().map(blank).chain(rest.chars()).collect())
}

/// The text of the page's `pre`, if that is all that the page shows, and where it begins.
fn only_preformatted_text(text: &str) -> Option<(usize, &str)> {
    let mut found = None;
    let mut is_open = false;
    let mut hidden: Option<&str> = None;
    for (at, token) in XmlTokens::new(text) {
        match token {
            XmlToken::Start { name, closed: false, .. } => {
                let local = split_prefix(name).1.to_ascii_lowercase();
                is_open = local == "pre";
                if hidden.is_none() && HIDDEN_ELEMENTS.binary_search(&local.as_str()).is_ok() {
                    hidden = Some(name);
                }
            }
            XmlToken::End(name) => {
                is_open = false;
                hidden = hidden.filter(|open| !open.eq_ignore_ascii_case(name));
            }
            XmlToken::Text(words) if !words.trim().is_empty() && hidden.is_none() => {
                if !is_open || found.is_some() {
                    return None;
                }
                found = Some((at, words));
            }
            XmlToken::Cdata(_) => return None,
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const ESCAPED: &str = "&lt;?xml version=\"1.0\"?&gt;&lt;rss&gt;&lt;channel&gt;&lt;title&gt;\
                           أ &amp;amp; ب&lt;/title&gt;&lt;/channel&gt;&lt;/rss&gt;";
    const PLAIN: &str =
        "<?xml version=\"1.0\"?><rss><channel><title>أ &amp; ب</title></channel></rss>";

    #[test]
    fn a_feed_in_a_json_string_is_found() {
        let wrapped = serde_json::to_string(PLAIN).unwrap();
        assert_eq!(document_in_json_string(&format!(" {wrapped}\n")).as_deref(), Some(PLAIN));
        for other in ["\"words\"", "\"<rss>", PLAIN, "{}"] {
            assert_eq!(document_in_json_string(other), None, "{other}");
        }
    }

    #[test]
    fn a_json_feed_behind_words_is_found() {
        let feed = "{ \"version\": \"https://jsonfeed.org/version/1.1\", \"items\": []}";
        let check = |before: &str, after: &str| {
            let text = [before, feed, after].concat();
            let found = json_feed_behind_words(&text)?;
            assert_eq!(found.trim(), feed);
            assert_eq!(
                found.find('{').map(|at| found[..at].chars().count()),
                Some(before.chars().count())
            );
            assert_eq!(found.matches('\n').count(), before.matches('\n').count());
            Some(())
        };
        assert!(check("<br />\n<b>تحذير</b>: x {$y} in <b>a.php</b>\n", "\n").is_some());
        assert!(check("callback(", ");\n").is_some());
        for (before, after) in [
            ("<html><script>x = ", ""),
            ("<p>", "</p>"),
            (&" ".repeat(MOST_BYTES_BEFORE_JSON), ""),
            ("{\"a\": 1} ", " x"),
        ] {
            assert_eq!(check(before, after), None, "{before}");
        }
        assert_eq!(json_feed_behind_words("words about jsonfeed.org"), None);
    }

    #[test]
    fn a_feed_that_is_escaped_as_a_whole_is_found() {
        let found = |text: &str| escaped_document(text).map(|(document, _)| document);
        assert_eq!(found(&format!("\n{ESCAPED}\n")).as_deref(), Some(PLAIN));
        let page = format!(
            "<html><head><title>x</title><style>b {{}}</style></head><body><pre class=x>\n{ESCAPED}</pre></body></html>"
        );
        assert_eq!(found(&page).as_deref(), Some(PLAIN));
        assert_eq!(found(&ESCAPED.replace("&gt;", ">")).as_deref(), Some(PLAIN));
        let (_, at) = escaped_document(&page).unwrap();
        assert!(page[at..].trim_start().starts_with("&lt;?xml"));
        for other in [
            format!("<html><p>مثال:</p><pre>{ESCAPED}</pre>"),
            format!("<pre>{ESCAPED}</pre><p>شرح"),
            format!("<p>{ESCAPED}</p>"),
            format!("<pre>{ESCAPED}</pre><pre>{ESCAPED}</pre>"),
            "<pre>&lt;rss&gt;</pre>".to_owned(),
            "&lt;html&gt;&lt;/html&gt;".to_owned(),
            "&lt;rss&gt;&lt;/rss".to_owned(),
            String::new(),
        ] {
            assert_eq!(found(&other), None, "{other}");
        }
        assert!(HIDDEN_ELEMENTS.is_sorted());
    }
}
