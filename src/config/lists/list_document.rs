//! A document → the feeds that it names: OPML, or a text with an address on each line. A bad line harms only itself; a
//! document that ends early, or that is something else, is refused as a whole: its feeds would be taken for all.
//!
//! | line of a text | meaning |
//! | --- | --- |
//! | `https://news.example/feed` | a feed |
//! | `https://news.example/feed مثال` | a feed with its name |
//! | `# …`, blank | nothing |

use rafid_feed::decode::{self, DecodeError};
use rafid_feed::model::Document;
use rafid_feed::normalize::to_line;
use rafid_feed::opml::{self, OpmlError, Outline, SubscriptionList};

use crate::model::{ListProblemKind, SkippedFeed};

/// A longer list is no choice of a person, and each of its feeds is polled.
const MAX_LIST_FEEDS: usize = 10_000;
/// Entries that are no feeds, of which the copy keeps a note.
const MAX_SKIPPED: usize = 100;

/// What a document names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ListContent {
    /// Its feeds, in its order; at least one.
    pub(super) outlines: Vec<Outline>,
    /// What is in it besides, at most `MAX_SKIPPED`.
    pub(super) skipped: Vec<SkippedFeed>,
}

/// Why a document is no list that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ListReadError {
    /// Its bytes are no text.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It is OPML and cannot be read.
    #[error(transparent)]
    Opml(#[from] OpmlError),
    /// It breaks in the middle.
    #[error("the OPML ends before its end, after {0} feeds")]
    Cut(usize),
    /// It is something else.
    #[error("this is no list of feeds: expected OPML, or an address on each line")]
    NoList,
    /// It names no feed.
    #[error("it names no feed")]
    Empty,
    /// It names too many.
    #[error("it names {0} feeds: expected at most {MAX_LIST_FEEDS}")]
    TooLong(usize),
}

impl ListReadError {
    /// The kind of problem that it is.
    pub(super) fn kind(&self) -> ListProblemKind {
        match self {
            Self::Empty | Self::Decode(DecodeError::Empty) => ListProblemKind::Empty,
            Self::TooLong(_) | Self::Opml(OpmlError::TooLong) => ListProblemKind::TooLong,
            _ => ListProblemKind::Unreadable,
        }
    }
}

/// Reads a list.
pub(super) fn read_list_document(document: &Document) -> Result<ListContent, ListReadError> {
    let text = decode::decode(document, None)?.text;
    let content = if text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']).starts_with('<') {
        read_outlines(&text)?
    } else {
        read_lines(&text)?
    };
    match content.outlines.len() {
        0 => Err(ListReadError::Empty),
        1..=MAX_LIST_FEEDS => Ok(content),
        count => Err(ListReadError::TooLong(count)),
    }
}

fn read_outlines(text: &str) -> Result<ListContent, ListReadError> {
    let SubscriptionList { outlines, skipped, is_complete } = opml::read_opml(text)?;
    if !is_complete {
        return Err(ListReadError::Cut(outlines.len()));
    }
    let skipped = skipped.into_iter().take(MAX_SKIPPED);
    let plain = |text: &str| to_line(text).as_str().to_owned();
    let skipped = skipped.map(|it| SkippedFeed {
        line: it.line,
        title: plain(&it.title),
        reason: plain(&it.reason),
    });
    Ok(ListContent { outlines, skipped: skipped.collect() })
}

/// Other texts hold addresses, too: most of the lines must begin with one.
fn read_lines(text: &str) -> Result<ListContent, ListReadError> {
    let mut content = ListContent::default();
    let mut others = 0_usize;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_matches(['\u{FEFF}', ' ', '\t']);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (address, title) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        if let Some(url) = opml::web_address(address) {
            let title = title.trim().to_owned();
            content.outlines.push(Outline { title, url, ..Outline::default() });
            continue;
        }
        others += 1;
        if content.skipped.len() < MAX_SKIPPED {
            let reason = "expected an http or https address".to_owned();
            content.skipped.push(SkippedFeed { line: index + 1, title: String::new(), reason });
        }
    }
    if others > content.outlines.len() { Err(ListReadError::NoList) } else { Ok(content) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ListContent, ListReadError> {
        let document = Document { bytes: text.as_bytes().to_vec(), ..Document::default() };
        read_list_document(&document)
    }

    fn opml_of(count: usize) -> String {
        let outlines = (0..count).map(|n| format!("<outline xmlUrl='https://a.example/{n}'/>\n"));
        format!("<opml><body>{}</body></opml>", outlines.collect::<String>())
    }

    #[test]
    fn bad_entries_are_skipped_with_their_lines() {
        let text = "\u{FEFF}# قائمة\n\nhttps://a.example/feed صحيفة  مثال\r\nlocalhost\nfeed://b.example/rss\n";
        let content = read(text).unwrap();
        let feeds: Vec<_> =
            content.outlines.iter().map(|it| (it.url.as_str(), it.title.as_str())).collect();
        assert_eq!(
            feeds,
            [("https://a.example/feed", "صحيفة  مثال"), ("http://b.example/rss", "")]
        );
        assert_eq!((content.skipped.len(), content.skipped[0].line), (1, 4));
        let text = "<opml>\n<body>\n<outline text='x' xmlUrl='exec:rm'/>\n<outline xmlUrl='https://a.example/'/>\n</body></opml>";
        let content = read(text).unwrap();
        assert_eq!((content.outlines.len(), content.skipped[0].line), (1, 3));
        assert_eq!(content.skipped[0].title, "x");
    }

    #[test]
    fn what_is_no_whole_list_is_refused() {
        let kind = |text: &str| read(text).unwrap_err().kind();
        let whole = opml_of(4);
        for (text, expected) in [
            ("Service unavailable, see https://status.example/", ListProblemKind::Unreadable),
            ("https://a.example/\none\ntwo", ListProblemKind::Unreadable),
            ("<html><body>login</body></html>", ListProblemKind::Unreadable),
            (&whole[..whole.len() - 20], ListProblemKind::Unreadable),
            ("<opml></opml>", ListProblemKind::Empty),
            ("", ListProblemKind::Empty),
            ("# nothing\n", ListProblemKind::Empty),
            (&opml_of(MAX_LIST_FEEDS + 1), ListProblemKind::TooLong),
        ] {
            assert_eq!(kind(text), expected, "{:?}", text.get(..40));
        }
        assert_eq!(read(&opml_of(MAX_LIST_FEEDS)).unwrap().outlines.len(), MAX_LIST_FEEDS);
        let bad = "<outline xmlUrl='exec:x'/>".repeat(MAX_SKIPPED + 5);
        let content = read(&format!("<opml>{bad}<outline xmlUrl='https://a.example/'/></opml>"));
        assert_eq!(content.unwrap().skipped.len(), MAX_SKIPPED);
    }

    #[test]
    fn entities_do_not_grow() {
        let bomb = "<!DOCTYPE x [<!ENTITY a 'https://a.example/'><!ENTITY b '&a;&a;&a;'>]>\
                    <opml><body><outline xmlUrl='&b;'/><outline xmlUrl='https://c.example/'/></body></opml>";
        let content = read(bomb).unwrap();
        assert_eq!(content.outlines.len(), 1, "{content:?}");
    }
}
