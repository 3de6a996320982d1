//! Text → a flat canonical document that the strict parsers accept, and beside it what they would drop.
//! Each repair is reported as a warning with its position.
//!
//! | file | turns |
//! | --- | --- |
//! | `sniff` | the beginning of a text → what kind of document it is |
//! | `sitemap` | a sitemap → whether it lists news, and its publication; an index → the sitemaps in it |
//! | `tokens` | text → loose tokens; nothing is an error |
//! | `entities` | references → characters |
//! | `namespaces`, `element_roles` | element names → their purpose |
//! | `walk` | tokens → fields, by a stack with the grammar of feeds |
//! | `whole_elements` | text → which of its elements have all their end tags |
//! | `wrapped_document` | a text that is no feed → the feed that stands in it as a string, or escaped |
//! | `escaped_cdata` | a text between escaped marks of CDATA → the text |
//! | `text_element`, `text_pieces`, `container_fields`, `attributes`, `base64` | texts; people, pictures and origins; attributes |
//! | `feed_fields` | candidates → the best of each |
//! | `canonical_writer` | fields → the canonical document, and what is kept beside it |
//! | `repairs` | repairs → warnings |
//!
//! One pass, linear in the length of the text; nesting is limited before the crates read the document.

mod attributes;
mod base64;
mod canonical_writer;
mod container_fields;
mod element_roles;
mod entities;
mod escaped_cdata;
mod feed_fields;
mod namespaces;
mod repairs;
mod sitemap;
mod sniff;
mod text_element;
mod text_pieces;
mod tokens;
mod walk;
mod whole_elements;
mod wrapped_document;

use super::model::{
    CanonicalFormat, Format, RawFeed, RepairedDocument, Stage, TextPosition, Warning,
};
use canonical_writer::CanonicalWriter;
use namespaces::{Namespace, NamespaceScopes};
use sniff::DocumentStart;
use walk::FeedWalk;

/// Why a text is not a feed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RepairError {
    /// It is an HTML page.
    #[error("this is an HTML page and no feed; the page may name its feed")]
    HtmlPage,
    /// It is OPML.
    #[error("this is a subscription list (OPML) and no feed")]
    SubscriptionList,
    /// It is a sitemap that lists pages and no news.
    #[error("this is a sitemap without news (no <news:news> stands in it) and no feed")]
    SitemapWithoutNews,
    /// It is an index of sitemaps; the web addresses in it, as many as are shown.
    #[error("this is an index of sitemaps and no feed; {}", sitemap::describe_sitemaps(.0))]
    SitemapIndex(Vec<String>),
    /// It is XML of another kind; the name of its first element.
    #[error("no feed begins with <{0}>: expected rss, rdf:RDF, feed or JSON")]
    UnknownRoot(String),
    /// It contains no markup.
    #[error("there is no markup: expected a feed in XML or JSON")]
    NoMarkup,
    /// The root is one that feeds have, but it contains nothing of a feed; the root's name.
    #[error("nothing of a feed stands in <{0}>")]
    NoFeedElements(&'static str),
}

/// Repairs a whole text.
///
/// # Errors
/// When the text is not a feed: each [`RepairError`] says what it is instead.
pub fn repair(text: &str) -> Result<RepairedDocument, RepairError> {
    if let Some(inside) = wrapped_document::document_in_json_string(text)
        && let Ok(repaired) = repair_document(&inside)
    {
        return Ok(unwrapped(repaired, "a JSON string", text, 0));
    }
    let error = match repair_document(text) {
        Err(
            error @ (RepairError::HtmlPage | RepairError::UnknownRoot(_) | RepairError::NoMarkup),
        ) => error,
        other => return other,
    };
    if let Some(body) = wrapped_document::json_feed_behind_words(text) {
        return Ok(json_behind_words(&body, text));
    }
    let Some((inside, at)) = wrapped_document::escaped_document(text) else { return Err(error) };
    let repaired = repair_document(&inside).map_err(|_| error)?;
    Ok(unwrapped(repaired, "an escaped text", text, at))
}

/// A document that stood in another one: the places of its warnings are not those of the whole.
fn unwrapped(
    mut repaired: RepairedDocument,
    wrapper: &str,
    text: &str,
    at: usize,
) -> RepairedDocument {
    for warning in &mut repaired.warnings {
        warning.position = None;
    }
    let detail = format!("the feed stands in {wrapper}: it is read");
    let warning = Warning::new(Stage::Repair, "wrapped-document", detail);
    repaired.warnings.insert(0, warning.at(TextPosition::at_byte(text, at)));
    repaired
}

fn repair_document(text: &str) -> Result<RepairedDocument, RepairError> {
    let (format, root_at, doctype, repairs) = match sniff::sniff(text)? {
        DocumentStart::Json => return Ok(pass_json_through(text)),
        DocumentStart::Xml { format, root_at, doctype, repairs } => {
            (format, root_at, doctype, repairs)
        }
    };
    let canonical = match format {
        Format::Atom | Format::Atom03 => CanonicalFormat::Atom,
        _ => CanonicalFormat::Rss,
    };
    let is_sitemap = format == Format::NewsSitemap;
    if is_sitemap && !sitemap::is_news_sitemap(text, root_at) {
        return Err(RepairError::SitemapWithoutNews);
    }
    let scopes = if is_sitemap {
        NamespaceScopes::with_default(Namespace::Sitemap)
    } else {
        NamespaceScopes::default()
    };
    let writer = CanonicalWriter::new(canonical, text.get(root_at..).unwrap_or_default());
    let mut result = FeedWalk::new(writer, scopes, doctype, repairs).run(text, root_at);
    let is_empty = result.writer.entries_count() == 0;
    // RDF is the root of other documents, too.
    let has_rss_namespace =
        || text.contains("purl.org/rss/1.0") || text.contains("netscape.com/rdf/simple");
    if is_empty && !result.is_feed && format == Format::Rdf && !has_rss_namespace() {
        return Err(RepairError::NoFeedElements("RDF"));
    }
    if is_sitemap {
        sitemap::set_publication(text, root_at, &mut result.feed);
    }
    let (body, feed, entries) = result.writer.finish(format, result.feed);
    let warnings = result.repairs.into_warnings(text);
    Ok(RepairedDocument { format, canonical, body, feed, entries, warnings })
}

/// A JSON Feed behind words that do not belong to it, which `body` has blanks for.
fn json_behind_words(body: &str, text: &str) -> RepairedDocument {
    let mut repaired = pass_json_through(body);
    let at = text.len() - text.trim_start().len();
    let warning = Warning::new(
        Stage::Repair,
        "text-before-root",
        "what stands before the JSON is passed over",
    );
    repaired.warnings.push(warning.at(TextPosition::at_byte(text, at)));
    repaired
}

/// JSON needs no repair: its parser is lenient.
fn pass_json_through(text: &str) -> RepairedDocument {
    RepairedDocument {
        format: Format::JsonFeed,
        canonical: CanonicalFormat::Json,
        body: text.to_owned(),
        feed: RawFeed::default(),
        entries: Vec::new(),
        warnings: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The crates accept every repaired document, with as many entries as were written.
    fn check_accepted(text: &str) -> Result<(), TestCaseError> {
        let Ok(repaired) = repair(text) else { return Ok(()) };
        let count = match repaired.canonical {
            CanonicalFormat::Rss => {
                let channel = rss::Channel::read_from(repaired.body.as_bytes());
                channel.map(|channel| channel.items.len()).map_err(|error| error.to_string())
            }
            CanonicalFormat::Atom => {
                let feed = atom_syndication::Feed::read_from(repaired.body.as_bytes());
                feed.map(|feed| feed.entries.len()).map_err(|error| error.to_string())
            }
            CanonicalFormat::Json => return Ok(()),
        };
        prop_assert_eq!(count, Ok(repaired.entries.len()), "{}", text);
        Ok(())
    }

    fn pieces() -> impl Strategy<Value = String> {
        let words = [
            "<rss>",
            "<channel>",
            "<item>",
            "</item>",
            "<entry>",
            "</entry>",
            "<title>",
            "</title>",
            "<link/>",
            "<link href='a&b'>",
            "<description>",
            "</description>",
            "<b>",
            "</b>",
            "<![CDATA[",
            "]]>",
            "<!--",
            "-->",
            "&amp;",
            "&",
            "&#0;",
            "&nbsp;",
            "<content type='xhtml'><div>",
            "</div></content>",
            "<author><name>",
            "</name>",
            "</author>",
            "<x:y>",
            "</x:y>",
            "خبر",
            "<media:group>",
            "<guid isPermaLink='false'>",
            "</guid>",
            "<source url='u'>",
            "<",
            ">",
            "\"",
            "'",
            "<enclosure url=\"a\"/>",
            "<category term='t'/>",
            "</rss>",
            "<image>",
            "<url>",
            "<loc>",
            "<news:title>",
            "<news:name>",
        ];
        proptest::collection::vec(proptest::sample::select(words.to_vec()), 0..40)
            .prop_map(|pieces| pieces.concat())
    }

    /// Elements of an RSS item as its specification and those of the modules define them.
    fn sound_elements() -> impl Strategy<Value = String> {
        let elements = [
            "<title>أسعار &lt; 10 &amp; «خبر» &#1575;&#x627;</title>",
            "<description><![CDATA[<p>a & b <br> c</p>]]> <![CDATA[x]]></description>",
            "<content:encoded>&lt;p dir=\"rtl\"&gt;نص&lt;/p&gt;</content:encoded>",
            "<link>https://a.example/?a=1&amp;b=2</link>",
            "<guid isPermaLink=\"false\">1</guid>",
            "<pubDate >Mon, 23 Nov 2026 10:00:00 +0300</pubDate >",
            "<enclosure url='https://a.example/1.mp3?a=1&amp;b=\"2' length=\"1\" type=\"audio/mpeg\" />",
            "<dc:creator>سمر</dc:creator><dc:subject/><dc:title>x</dc:title><dc:title>y</dc:title>",
            "<media:group><media:content url=\"a.jpg\" fileSize = \"1\"><media:title>x</media:title>\
             </media:content><media:title>y</media:title></media:group>",
            "<source url=\"https://b.example/feed\">ب</source>",
            "<own:thing own:x='1'>كلام <own:thing>داخله</own:thing></own:thing>",
            "<!-- <item> & < --> <?own <x> ?>",
            "<category domain=\"x\">أخبار</category><category>b</category>",
            "<atom:link rel=\"self\" href=\"https://a.example/\" viewBox=\"0 > 1\"/>",
            "<itunes:image href=\"a.jpg\"></itunes:image><itunes:author>سمر</itunes:author>",
        ];
        let one = proptest::sample::subsequence(elements.to_vec(), 0..=elements.len());
        one.prop_shuffle().prop_map(|elements| format!("<item>{}</item>\n", elements.join("\n")))
    }

    proptest! {
        #[test]
        fn valid_documents_have_no_warning(
            items in proptest::collection::vec(sound_elements(), 0..4),
        ) {
            let items = items.concat();
            let text = format!(
                "<?xml version=\"1.0\" encoding='utf-8' ?>\n<!-- أول --><?xml-stylesheet href='x'?>\n\
                 <rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
                 xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:own=\"urn:own\" \
                 xmlns:media=\"http://search.yahoo.com/mrss/\" xmlns:atom=\"http://www.w3.org/2005/Atom\" \
                 xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\"><channel><title>t</title>\
                 <image><url>a.png</url><title>t</title><link>x</link></image><skipHours><hour>1</hour>\
                 </skipHours><textInput><title>x</title><name>q</name></textInput>\n{items}</channel></rss>\n\
                 <!-- آخر --><?own?>\n"
            );
            prop_assert_eq!(repair(&text).unwrap().warnings, vec![]);
        }

        #[test]
        fn any_pieces_become_a_document_that_the_crates_accept(
            root in proptest::sample::select(vec!["<rss>", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<rdf:RDF>", "<urlset><url><news:news>"]),
            rest in pieces(),
        ) {
            check_accepted(&format!("{root}{rest}"))?;
        }

        #[test]
        fn any_text_becomes_a_document_or_an_error(text in "\\PC{0,200}|[<>/a-z&;\"'= ]{0,200}") {
            check_accepted(&text)?;
            check_accepted(&format!("<rss>{text}"))?;
        }
    }
}
